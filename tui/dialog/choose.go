package dialog

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/text"
	"sendoff/tui/widget"
)

// Choose has the person take one of several things, and tells what that means.
type Choose struct {
	pen  widget.Pen
	keys keys.Dialog
	ask  kit.Choose
	list widget.List
}

// NewChoose returns the question.
func NewChoose(env kit.Env, ask kit.Choose) *Choose {
	d := &Choose{pen: pen(env), keys: env.Keys.Dialog, ask: ask, list: widget.NewList(env.Keys.List)}
	d.list.SetLength(len(ask.Options))
	return d
}

// Title implements Dialog.
func (d *Choose) Title() string { return d.ask.Title }

// Update implements Dialog.
func (d *Choose) Update(msg tea.Msg) (bool, kit.Intent) {
	before := d.list.Cursor()
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		switch {
		case key.Matches(msg, d.keys.Close):
			return true, nil
		case key.Matches(msg, d.keys.Press):
			return true, d.ask.Options[before].Then
		case d.list.Update(msg):
		case key.Matches(msg, d.keys.Next):
			d.list.Select((before + 1) % d.list.Length())
		case key.Matches(msg, d.keys.Previous):
			d.list.Select((before + d.list.Length() - 1) % d.list.Length())
		}
	case tea.MouseClickMsg:
		if d.list.Update(msg) && d.list.Cursor() == before {
			return true, d.ask.Options[before].Then
		}
	default:
		d.list.Update(msg)
	}
	return false, nil
}

// View implements Dialog. What it says takes as many rows for each of the
// options, so that nothing moves but the mark.
func (d *Choose) View(width, height int) ([]string, *tea.Cursor) {
	says := make([][]string, len(d.ask.Options))
	most := 0
	for i, o := range d.ask.Options {
		says[i] = d.pen.Wrap(text.Clean(o.Text), width)
		most = max(most, len(says[i]))
	}
	d.list.SetHeight(max(1, min(len(says), height-most-1)))
	rows := d.list.Rows(func(i int, selected bool) string {
		o := d.ask.Options[i]
		row := d.pen.Ends(" "+text.Clean(o.Name), d.pen.Dim.Render(text.Clean(o.Beside))+" ", width)
		if selected {
			return d.pen.Pick(row, width)
		}
		return row
	})
	rows = append(rows, d.pen.Line(width))
	said := says[d.list.Cursor()]
	for i := range most {
		row := ""
		if i < len(said) {
			row = said[i]
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// Bindings implements Dialog.
func (d *Choose) Bindings() []key.Binding {
	yes, no := d.keys.Press, d.keys.Close
	yes.SetHelp(yes.Help().Key, d.ask.Yes)
	no.SetHelp(no.Help().Key, "leave it")
	if d.list.Length() == 1 {
		return []key.Binding{yes, no}
	}
	return []key.Binding{yes, no, d.keys.Next}
}
