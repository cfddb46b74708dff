package field

import (
	"strings"

	"charm.land/lipgloss/v2"

	"sendoff/tui/text"
)

// glyph is something drawn in a line that is being typed: a cluster of the
// text, or a mark in front of an entry.
type glyph struct {
	s     string
	cells int
	at    int // offset in the text
	style *lipgloss.Style
}

// glyphs lays out the text with its marks.
func (a *Addresses) glyphs() []glyph {
	s := a.Text()
	from, to := a.line.Selection()
	chosen, on := a.Chosen()
	all := make([]glyph, 0, len(s)+len(a.entries))
	col, entry, marked := 0, 0, -1
	var drawn *lipgloss.Style // the entry that i is in
	for i := 0; i < len(s); {
		for entry < len(a.entries) && a.entries[entry].End <= i {
			entry, drawn = entry+1, nil
		}
		if entry < len(a.entries) && entry != marked && a.entries[entry].Start <= i && !a.typing(a.entries[entry]) {
			e := a.entries[entry]
			marked = entry
			mark, tone := a.mark(e)
			switch {
			case on && e.Start == chosen.Start:
				tone, drawn = &a.styles.Selected, &a.styles.Selected
			case e.Err != nil:
				drawn = tone
			}
			if e.Start == i {
				g := glyph{s: mark, cells: a.cells.Width(mark), at: i, style: tone}
				all = append(all, g)
				col += g.cells
			}
		}
		style := drawn
		if from <= i && i < to {
			style = &a.styles.Marked
		}
		cluster, cells := a.cells.Next(s[i:])
		cells = text.Advance(cluster, cells, col)
		all = append(all, glyph{s: a.cells.Shown(cluster, cells), cells: cells, at: i, style: style})
		col += cells
		i += len(cluster)
	}
	return all
}

// column returns the cells in front of the cursor.
func (a *Addresses) column(glyphs []glyph) int {
	at, col := a.Position(), 0
	for _, g := range glyphs {
		if g.at >= at {
			break
		}
		col += g.cells
	}
	return col
}

// follow scrolls so that the cursor is seen, and of a chip as much as there is
// room for; without the focus, the beginning.
func (a *Addresses) follow() {
	if !a.focused {
		a.shift = 0
		return
	}
	glyphs := a.glyphs()
	at, whole, end := a.column(glyphs), 0, 0
	chosen, on := a.Chosen()
	for _, g := range glyphs {
		if whole += g.cells; on && g.at < chosen.End {
			end = whole
		}
	}
	low := at - a.width + 1
	if at < whole {
		low++ // the ellipsis is behind it
	}
	low = max(low, min(at-1, end-a.width+1))
	// Nothing is left empty at the right while there is text off the left.
	a.shift = max(min(a.shift, at-1, whole-a.width+1), low, 0)
}

// typed draws the part of the line that is seen, with an ellipsis where it is
// cut.
func (a *Addresses) typed() string {
	glyphs, whole := a.glyphs(), 0
	for _, g := range glyphs {
		whole += g.cells
	}
	from, to, left, right := a.shift, a.shift+a.width, "", ""
	if ellipsis := a.styles.Dim.Render(a.styles.Glyphs.Ellipsis); a.width > 2 {
		if from > 0 {
			from, left = from+1, ellipsis
		}
		if whole > to {
			to, right = to-1, ellipsis
		}
	}
	var b strings.Builder
	b.WriteString(left)
	col := 0
	for _, g := range glyphs {
		begin, end := col, col+g.cells
		if col = end; end <= from || begin >= to {
			continue
		}
		s := g.s
		if begin < from || end > to {
			s = strings.Repeat(" ", min(end, to)-max(begin, from)) // cut by an edge
		}
		if g.style != nil {
			s = g.style.Render(s)
		}
		b.WriteString(s)
	}
	return b.String() + right
}
