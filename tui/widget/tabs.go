package widget

import (
	"slices"
	"strconv"
	"strings"
)

// Tab is one of several views with, perhaps, a number of things in it.
type Tab struct {
	Title string
	Count int
	Alert bool // the count needs the person
}

func (p Pen) tabWidth(t Tab) int {
	w := p.Width(t.Title) + 2
	if t.Count > 0 {
		w += 1 + len(strconv.Itoa(t.Count))
	}
	return w
}

// Tabs draws tabs with one of them marked. Where they don't fit into width,
// those furthest from the marked one are left out, but rather any than one
// that needs the person.
func (p Pen) Tabs(width int, tabs []Tab, here int) string {
	var b strings.Builder
	for _, i := range p.fitting(width, tabs, here) {
		t := tabs[i]
		count := ""
		if t.Count > 0 {
			count = " " + strconv.Itoa(t.Count)
		}
		switch {
		case i == here:
			b.WriteString(p.Here.Render(" " + t.Title + count + " "))
		case t.Alert && count != "":
			b.WriteString(" " + p.Text.Render(t.Title) + p.Bad.Render(count) + " ")
		default:
			b.WriteString(" " + p.Dim.Render(t.Title+count) + " ")
		}
	}
	return b.String()
}

// TabAt returns the tab that Tabs drew at column x, or -1.
func (p Pen) TabAt(width int, tabs []Tab, here, x int) int {
	for _, i := range p.fitting(width, tabs, here) {
		if x < p.tabWidth(tabs[i]) {
			return i
		}
		x -= p.tabWidth(tabs[i])
	}
	return -1
}

// fitting returns which tabs fit, in their order and always with the one
// marked.
func (p Pen) fitting(width int, tabs []Tab, here int) []int {
	order := make([]int, len(tabs))
	for i := range order {
		order[i] = i
	}
	rank := func(i int) int {
		switch {
		case i == here:
			return -2
		case tabs[i].Alert && tabs[i].Count > 0:
			return -1
		case i < here:
			return here - i
		}
		return i - here
	}
	slices.SortStableFunc(order, func(a, b int) int { return rank(a) - rank(b) })
	used := 0
	order = slices.DeleteFunc(order, func(i int) bool {
		if w := p.tabWidth(tabs[i]); used == 0 || used+w <= width {
			used += w
			return false
		}
		return true
	})
	slices.Sort(order)
	return order
}
