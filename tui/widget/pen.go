package widget

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"sendoff/tui/text"
	"sendoff/tui/theme"
)

// Pen is what everything is drawn with: the looks, and how the terminal counts
// cells. Both change in place when the terminal tells of itself.
type Pen struct {
	*theme.Styles
	*text.Method
}

// Truncate shortens a line, which may be styled, to width cells, with an
// ellipsis where something is missing.
func (p Pen) Truncate(line string, width int) string {
	switch {
	case p.Width(line) <= width:
		return line
	case width < 1:
		return ""
	}
	return p.Cut(line, width-1) + p.Dim.Render(p.Glyphs.Ellipsis)
}

// Pad cuts or fills a line, which may be styled, to exactly width cells.
func (p Pen) Pad(line string, width int) string {
	line = p.Truncate(line, width)
	return line + strings.Repeat(" ", max(0, width-p.Width(line)))
}

// Ends puts left and right, which may be styled, at the two edges of a line.
// Where they don't fit both, right goes, then left is cut.
func (p Pen) Ends(left, right string, width int) string {
	if gap := width - p.Width(left) - p.Width(right); gap >= 1 {
		return left + strings.Repeat(" ", gap) + right
	}
	return p.Pad(left, width)
}

// Pick draws a row as the selected one: one ground over all of it, so its own
// colors go.
func (p Pen) Pick(row string, width int) string {
	return p.Selected.Render(p.Pad(ansi.Strip(row), width))
}

// Page joins rows into exactly height lines of at most width cells.
func (p Pen) Page(width, height int, rows []string) string {
	page := make([]string, max(height, 0))
	for i := range page {
		if i < len(rows) {
			page[i] = p.Truncate(rows[i], width)
		}
	}
	return strings.Join(page, "\n")
}

// Beside puts rows to the right of others, which have width cells, with a rule
// between the two.
func (p Pen) Beside(height, width int, left, right []string) []string {
	out := make([]string, height)
	bar := " " + p.Rule.Render(p.Glyphs.Side) + " "
	for i := range out {
		if i < len(left) {
			out[i] = left[i]
		}
		out[i] = p.Pad(out[i], width) + bar
		if i < len(right) {
			out[i] += right[i]
		}
	}
	return out
}
