// Package field holds the lines that a header is typed into: plain ones, and
// lists of addresses that show of each recipient whether it can be read. They
// have the editing keys of the body.
package field

import (
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/editor"
	"sendoff/tui/keys"
	"sendoff/tui/text"
	"sendoff/tui/theme"
)

// Line is a line of plain text.
type Line struct {
	*editor.Editor
	styles  *theme.Styles
	cells   *text.Method
	width   int
	focused bool
}

// NewLine returns an empty line.
func NewLine(k keys.Text, styles *theme.Styles, cells *text.Method) *Line {
	return &Line{Editor: editor.NewLine(k, styles, cells), styles: styles, cells: cells, width: 40}
}

// SetWidth tells the columns that View fills.
func (l *Line) SetWidth(width int) {
	l.width = max(1, width)
	l.SetSize(l.width, 1)
}

// Focus tells whether keys go to the line.
func (l *Line) Focus(on bool) { l.focused = on }

// View draws the line: the part around the cursor while it has the focus, else
// its beginning.
func (l *Line) View() string {
	if l.focused {
		return l.Editor.View()
	}
	return truncate(l.styles, l.cells, text.Clean(l.Text()), l.width)
}

// truncate cuts s with the ellipsis that the terminal can show.
func truncate(styles *theme.Styles, cells *text.Method, s string, width int) string {
	if cells.Width(s) <= width {
		return s
	}
	if width < 1 {
		return ""
	}
	return cells.Cut(s, width-1) + styles.Glyphs.Ellipsis
}

// Cursor returns the column of the cursor.
func (l *Line) Cursor() (x int) {
	x, _, _ = l.Editor.Cursor()
	return x
}

// Click moves the cursor to column x.
func (l *Line) Click(x int) { l.Update(tea.MouseClickMsg{X: x, Button: tea.MouseLeft}) }
