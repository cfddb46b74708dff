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
	keys    chipKeys
	styles  *theme.Styles
	cells   *text.Method
	width   int
	shift   int // cells off the left edge
	focused bool
	edit    edit // of the entry that the cursor is in

	look    func(address.Entry) Standing // nil for Valid
	entries []address.Entry              // of the text at revision
	read    uint64
}

// NewAddresses returns an empty list.
func NewAddresses(k keys.Text, styles *theme.Styles, cells *text.Method) *Addresses {
	return &Addresses{line: editor.NewLine(k, styles, cells), keys: newChipKeys(k), styles: styles, cells: cells, width: 40}
}

// Share is editor.Editor's.
func (a *Addresses) Share(other *editor.Editor) { a.line.Share(other) }

// SetWidth tells the columns that View fills.
func (a *Addresses) SetWidth(width int) {
	if width = max(1, width); width != a.width {
		a.width = width
		a.follow()
	}
}

// Focus tells whether keys go to the list.
func (a *Addresses) Focus(on bool) {
	if a.focused != on {
		a.focused, a.edit = on, whole
		a.settle(-1, false, false)
	}
	a.follow()
}

// Text returns the list as it was typed.
func (a *Addresses) Text() string { return a.line.Text() }

// SetText puts a list in the place of the old, with the cursor at its end.
func (a *Addresses) SetText(s string) {
	a.line.SetText(oneLine(s))
	a.line.ToEnd()
	a.edit = whole
	a.refresh()
	a.settle(-1, false, false)
	a.follow()
}

// Empty tells that nothing was typed.
func (a *Addresses) Empty() bool { return strings.TrimSpace(a.line.Text()) == "" }

// Revision grows with every change of the text.
func (a *Addresses) Revision() uint64 { return a.line.Revision() }

// Steps is editor.Editor's.
func (a *Addresses) Steps() int { return a.line.Steps() }

// Pause is editor.Editor's.
func (a *Addresses) Pause() { a.line.Pause() }

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

// Position returns the octets in front of the cursor.
func (a *Addresses) Position() int {
	_, col := a.line.Position()
	return col
}

// Update takes keys and pastes. A pasted list may have its entries in lines.
func (a *Addresses) Update(msg tea.Msg) editor.Result {
	before := a.line.Revision()
	from, typed, result := a.Position(), true, editor.Result{Used: true}
	switch m := msg.(type) {
	case tea.PasteMsg:
		a.insert(oneLine(named(m.Content)))
	case tea.KeyPressMsg:
		if a.pressChip(m) {
			a.refresh()
			a.follow()
			return result
		}
		if _, on := a.at(); on && a.edit == whole && m.Text != "" && !strings.ContainsAny(m.Text, " ,;") {
			a.insert(m.Text)
			break
		}
		typed = m.Text != ""
		result = a.line.Update(msg)
	default:
		result = a.line.Update(msg)
	}
	a.refresh()
	a.settle(from, typed, a.line.Revision() != before)
	a.follow()
	return result
}

func (a *Addresses) selecting() bool {
	from, to := a.line.Selection()
	return from < to
}

func (a *Addresses) refresh() {
	if r := a.line.Revision(); r != a.read {
		a.entries, a.read = address.Split(a.line.Text()), r
	}
}

func (a *Addresses) mark(e address.Entry) (string, *lipgloss.Style) {
	standing := Valid
	switch {
	case e.Err != nil:
		standing = Broken
	case a.look != nil:
		standing = a.look(e)
	}
	style := &a.styles.Good
	switch standing {
	case Broken, Unreachable:
		style = &a.styles.Bad
	case New, Group:
		style = &a.styles.Accent
	}
	return a.styles.Mark(string(standing)) + " ", style
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
func (a *Addresses) Cursor() (x int) { return a.column(a.glyphs()) - a.shift }

// Click moves the cursor to column x, or onto the chip there. A chip that it
// stands on is opened.
func (a *Addresses) Click(x int) {
	at := len(a.Text())
	col := 0
	for _, g := range a.glyphs() {
		if col += g.cells; col > x+a.shift {
			at = g.at
			break
		}
	}
	chosen, on := a.Chosen()
	from := a.Position()
	a.line.SetPosition(0, at)
	if e, ok := a.at(); ok && on && e.Start == chosen.Start {
		a.edit = reopened
	}
	a.settle(from, false, false)
	a.follow()
}
