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
	var all []glyph
	col, entry := 0, 0
	for i := 0; i < len(s); {
		for entry < len(a.entries) && a.entries[entry].End <= i {
			entry++
		}
		var style *lipgloss.Style
		if entry < len(a.entries) && a.entries[entry].Start <= i && !a.typing(a.entries[entry]) {
			e := a.entries[entry]
			mark, tone := a.mark(e)
			if e.Start == i {
				g := glyph{s: mark, cells: a.cells.Width(mark), at: i, style: tone}
				all = append(all, g)
				col += g.cells
			}
			if e.Err != nil {
				style = tone
			}
		}
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
func (a *Addresses) column() int {
	at, col := a.Position(), 0
	for _, g := range a.glyphs() {
		if g.at >= at {
			break // an entry with the cursor at its start has no mark
		}
		col += g.cells
	}
	return col
}

// follow scrolls so that the cursor is seen, and the beginning while there is
// no focus.
func (a *Addresses) follow() {
	if !a.focused {
		a.shift = 0
		return
	}
	at, whole := a.column(), 0
	for _, g := range a.glyphs() {
		whole += g.cells
	}
	// Nothing is left empty at the right while there is text off the left.
	a.shift = max(min(a.shift, at, whole-a.width+1), at-a.width+1, 0)
}

// typed draws the part of the line that is seen.
func (a *Addresses) typed() string {
	var b strings.Builder
	col := -a.shift
	for _, g := range a.glyphs() {
		s := g.s
		switch {
		case col+g.cells <= 0:
			col += g.cells
			continue
		case col < 0:
			s = strings.Repeat(" ", col+g.cells) // cut by the left edge
		case col >= a.width:
			return b.String()
		case col+g.cells > a.width:
			s = strings.Repeat(" ", a.width-col)
		}
		if g.style != nil {
			s = g.style.Render(s)
		}
		b.WriteString(s)
		col += g.cells
	}
	return b.String()
}
