package widget

import (
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
// those furthest from the marked one are left out.
func (p Pen) Tabs(width int, tabs []Tab, here int) string {
	from, to := p.window(width, tabs, here)
	var b strings.Builder
	for i := from; i < to; i++ {
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
	from, to := p.window(width, tabs, here)
	for i := from; i < to; i++ {
		if x < p.tabWidth(tabs[i]) {
			return i
		}
		x -= p.tabWidth(tabs[i])
	}
	return -1
}

// window returns which tabs fit, always with the one marked.
func (p Pen) window(width int, tabs []Tab, here int) (from, to int) {
	if here < 0 || here >= len(tabs) {
		here = 0
	}
	if len(tabs) == 0 {
		return 0, 0
	}
	from, to = here, here+1
	used := p.tabWidth(tabs[here])
	for {
		grown := false
		if from > 0 && used+p.tabWidth(tabs[from-1]) <= width {
			from--
			used += p.tabWidth(tabs[from])
			grown = true
		}
		if to < len(tabs) && used+p.tabWidth(tabs[to]) <= width {
			used += p.tabWidth(tabs[to])
			to++
			grown = true
		}
		if !grown {
			return from, to
		}
	}
}
