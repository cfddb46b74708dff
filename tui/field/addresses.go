package field

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"sendoff/smtp/address"
	"sendoff/tui/editor"
	"sendoff/tui/keys"
	"sendoff/tui/text"
	"sendoff/tui/theme"
)

// Addresses is a line for a list of mailboxes and groups. In front of each
// entry that the person has left stands a mark: it can be read, or it can't.
type Addresses struct {
	line    *editor.Editor
	styles  *theme.Styles
	cells   *text.Method
	width   int
	shift   int // cells off the left edge
	focused bool

	entries []address.Entry // of the text at revision
	read    uint64
}

// NewAddresses returns an empty list.
func NewAddresses(k keys.Text, styles *theme.Styles, cells *text.Method) *Addresses {
	return &Addresses{line: editor.NewLine(k, styles, cells), styles: styles, cells: cells, width: 40}
}

// Share is editor.Editor's.
func (a *Addresses) Share(other *editor.Editor) { a.line.Share(other) }

// SetWidth tells the columns that View fills.
func (a *Addresses) SetWidth(width int) {
	a.width = max(1, width)
	a.follow()
}

// Focus tells whether keys go to the list.
func (a *Addresses) Focus(on bool) {
	a.focused = on
	a.follow()
}

// Text returns the list as it was typed.
func (a *Addresses) Text() string { return a.line.Text() }

// SetText puts a list in the place of the old, with the cursor at its end.
func (a *Addresses) SetText(s string) {
	a.line.SetText(oneLine(s))
	a.line.ToEnd()
	a.refresh()
}

// Empty tells that nothing was typed.
func (a *Addresses) Empty() bool { return strings.TrimSpace(a.line.Text()) == "" }

// Revision grows with every change of the text.
func (a *Addresses) Revision() uint64 { return a.line.Revision() }

// Entries returns the list, read leniently.
func (a *Addresses) Entries() []address.Entry { return a.entries }

// Problem returns the first entry that can't be read; ok is false if there is
// none. While the list has the focus, the entry that the cursor is in is still
// being typed and no problem, unless all is true.
func (a *Addresses) Problem(all bool) (e address.Entry, ok bool) {
	for _, e := range a.entries {
		if e.Err != nil && (all || !a.typing(e)) {
			return e, true
		}
	}
	return address.Entry{}, false
}

// Select puts the cursor behind an entry.
func (a *Addresses) Select(e address.Entry) {
	a.line.SetPosition(0, e.End)
	a.follow()
}

// Position returns the octets in front of the cursor.
func (a *Addresses) Position() int {
	_, col := a.line.Position()
	return col
}

// Update takes keys and pastes. A pasted list may have its entries in lines.
func (a *Addresses) Update(msg tea.Msg) editor.Result {
	if paste, ok := msg.(tea.PasteMsg); ok {
		msg = tea.PasteMsg{Content: oneLine(paste.Content)}
	}
	result := a.line.Update(msg)
	a.refresh()
	return result
}

// oneLine joins the lines of a list with commas, where there are none.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\r\n") {
		return s
	}
	var out []string
	for _, line := range strings.FieldsFunc(s, func(r rune) bool { return r == '\r' || r == '\n' }) {
		if line = strings.Trim(line, " \t,"); line != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out, ", ")
}

func (a *Addresses) refresh() {
	if r := a.line.Revision(); r != a.read {
		a.entries, a.read = address.Split(a.line.Text()), r
	}
	a.follow()
}

// typing tells that the cursor is in e or at its end.
func (a *Addresses) typing(e address.Entry) bool {
	at := a.Position()
	return a.focused && e.Start <= at && at <= e.End
}

func (a *Addresses) mark(e address.Entry) (string, *lipgloss.Style) {
	if e.Err != nil {
		return a.styles.Mark("rejected") + " ", &a.styles.Bad
	}
	return a.styles.Mark("accepted") + " ", &a.styles.Good
}

// View draws the list: as typed, around the cursor, while it has the focus;
// else one entry after the other, as many as have room, and how many more.
func (a *Addresses) View() string {
	if a.focused {
		return a.typed()
	}
	const gap = "  "
	var b strings.Builder
	room := a.width
	for i, e := range a.entries {
		mark, style := a.mark(e)
		name := text.Clean(a.Text()[e.Start:e.End])
		more := ""
		if left := len(a.entries) - 1 - i; left > 0 {
			more = fmt.Sprintf("%s+%d", gap, left)
		}
		need := a.cells.Width(mark + name)
		if i > 0 && need+len(gap)+len(more) > room {
			left := fmt.Sprintf("%s+%d", gap, len(a.entries)-i)
			b.WriteString(a.styles.Dim.Render(left))
			break
		}
		if i > 0 {
			b.WriteString(gap)
			room -= len(gap)
		} else {
			name = truncate(a.styles, a.cells, name, room-len(more)-a.cells.Width(mark))
		}
		b.WriteString(style.Render(mark))
		if e.Err != nil {
			b.WriteString(style.Render(name))
		} else {
			b.WriteString(name)
		}
		room -= need
	}
	return a.cells.Cut(b.String(), a.width)
}

// Cursor returns the column of the cursor.
func (a *Addresses) Cursor() (x int) { return a.column() - a.shift }

// Click moves the cursor to column x.
func (a *Addresses) Click(x int) {
	at := len(a.Text())
	col := 0
	for _, g := range a.glyphs() {
		if col += g.cells; col > x+a.shift {
			at = g.at
			break
		}
	}
	a.line.SetPosition(0, at)
	a.follow()
}
