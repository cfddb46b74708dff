package dialog

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/editor"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/text"
	"sendoff/tui/widget"
)

// Ask has the person type a line, and tells as they type what it means.
type Ask struct {
	pen  widget.Pen
	keys keys.Dialog
	ask  kit.Ask
	line *editor.Editor
}

// NewAsk returns the question.
func NewAsk(env kit.Env, ask kit.Ask) *Ask {
	line := editor.NewLine(env.Keys.Text, env.Styles, env.Cells)
	line.SetText(ask.Value)
	line.ToEnd()
	return &Ask{pen: pen(env), keys: env.Keys.Dialog, ask: ask, line: line}
}

// Title implements Dialog.
func (d *Ask) Title() string { return d.ask.Title }

// Update implements Dialog.
func (d *Ask) Update(msg tea.Msg) (bool, kit.Intent) {
	if press, ok := msg.(tea.KeyPressMsg); ok {
		switch {
		case key.Matches(press, d.keys.Press):
			if _, ok := d.ask.Hint(d.line.Text()); !ok {
				return false, nil
			}
			return true, d.ask.Then(d.line.Text())
		case key.Matches(press, d.keys.Close):
			return true, nil
		}
	}
	d.line.Update(msg)
	return false, nil
}

// View implements Dialog.
func (d *Ask) View(width, _ int) ([]string, *tea.Cursor) {
	rows := append(d.pen.Wrap(d.ask.Text, width), "")
	d.line.SetSize(width, 1)
	x, _, _ := d.line.Cursor()
	at := len(rows)
	rows = append(rows, d.pen.Pad(d.line.View(), width), d.pen.Line(width))
	words, ok := d.ask.Hint(d.line.Text())
	style := d.pen.Good
	if !ok {
		style = d.pen.Dim
	}
	for _, row := range d.pen.Wrap(text.Clean(words), width) {
		rows = append(rows, style.Render(row))
	}
	return rows, tea.NewCursor(x, at)
}

// Bindings implements Dialog.
func (d *Ask) Bindings() []key.Binding {
	yes, no := d.keys.Press, d.keys.Close
	yes.SetHelp(yes.Help().Key, d.ask.Yes)
	no.SetHelp(no.Help().Key, "leave it")
	return []key.Binding{yes, no}
}
