package dialog

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/widget"
)

// Confirm asks before something that can't be undone. Enter alone never does
// it: the safe answer is the one that is marked at first.
type Confirm struct {
	pen  widget.Pen
	keys keys.Dialog
	ask  kit.Confirm
	no   string
	at   int // the answer that is marked, of answers

	text widget.Pager // what the question is about, where that does not fit
}

// answer is one of those that can be chosen.
type answer struct {
	verb string
	then kit.Intent
}

// answers are those there are, the safe one first.
func (c *Confirm) answers() []answer {
	all := []answer{{c.no, nil}, {c.ask.Yes, c.ask.Then}}
	if c.ask.Other != "" {
		all = append(all, answer{c.ask.Other, c.ask.OtherThen})
	}
	return all
}

// NewConfirm returns the question; no is the word for not doing it.
func NewConfirm(env kit.Env, ask kit.Confirm, no string) *Confirm {
	return &Confirm{pen: pen(env), keys: env.Keys.Dialog, ask: ask, no: no, text: widget.NewPager(env.Keys.List)}
}

func pen(env kit.Env) widget.Pen { return widget.Pen{Styles: env.Styles, Method: env.Cells} }

// Title implements Dialog.
func (c *Confirm) Title() string { return c.ask.Title }

// Update implements Dialog.
func (c *Confirm) Update(msg tea.Msg) (bool, kit.Intent) {
	if click, ok := msg.(tea.MouseClickMsg); ok {
		return c.click(click.X, click.Y)
	}
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		c.text.Update(msg)
		return false, nil
	}
	answers := c.answers()
	switch {
	case c.text.More() && c.text.Update(msg):
	case key.Matches(press, c.keys.Yes):
		return true, c.ask.Then
	case key.Matches(press, c.keys.No, c.keys.Close):
		return true, nil
	case key.Matches(press, c.keys.Press):
		return true, answers[c.at].then
	case key.Matches(press, c.keys.Other) && c.ask.Other != "":
		return true, c.ask.OtherThen
	case key.Matches(press, c.keys.Next):
		c.at = (c.at + 1) % len(answers)
	case key.Matches(press, c.keys.Previous):
		c.at = (c.at + len(answers) - 1) % len(answers)
	}
	return false, nil
}

// click gives the answer that is clicked on.
func (c *Confirm) click(x, y int) (bool, kit.Intent) {
	if y != len(c.text.Rows())+1 {
		return false, nil
	}
	for _, a := range c.answers() {
		width := c.pen.Width(a.verb) + 2
		if x >= 0 && x < width {
			return true, a.then
		}
		x -= width + len(buttonGap)
	}
	return false, nil
}

// buttonGap stands between the answers.
const buttonGap = "  "

// View implements Dialog.
func (c *Confirm) View(width, height int) ([]string, *tea.Cursor) {
	const answers = 2 // rows: they always show
	lines := c.pen.Wrap(c.ask.Text, width)
	c.text.SetLines(lines)
	c.text.SetHeight(max(1, min(len(lines), height-answers)))
	rows := c.text.Rows()
	if above, total := c.text.Position(); above+len(rows) < total {
		rows[len(rows)-1] = c.pen.Dim.Render(c.pen.Glyphs.Ellipsis + " more below")
	}
	rows = append(rows, "")
	button := func(word string, here bool) string {
		if here {
			return c.pen.Here.Render(" " + word + " ")
		}
		return c.pen.Dim.Render(" " + word + " ")
	}
	var buttons []string
	for i, a := range c.answers() {
		buttons = append(buttons, button(a.verb, i == c.at))
	}
	return append(rows, strings.Join(buttons, buttonGap)), nil
}

// Bindings implements Dialog.
func (c *Confirm) Bindings() []key.Binding {
	yes, no := c.keys.Yes, c.keys.No
	yes.SetHelp(yes.Help().Key, c.ask.Yes)
	no.SetHelp(no.Help().Key, c.no)
	if c.ask.Other == "" {
		return []key.Binding{yes, no, c.keys.Next, c.keys.Press}
	}
	other := c.keys.Other
	other.SetHelp(other.Help().Key, c.ask.Other)
	return []key.Binding{yes, other, no, c.keys.Next, c.keys.Press}
}

// Message shows text that does not fit a line.
type Message struct {
	pen   widget.Pen
	keys  keys.Dialog
	title string
	write func(width int) []string
	lines []string // as written for width
	width int
	pager widget.Pager
}

// NewMessage returns a window with text, whose line feeds are kept.
func NewMessage(env kit.Env, title, text string) *Message {
	m := &Message{pen: pen(env), keys: env.Keys.Dialog, title: title, pager: widget.NewPager(env.Keys.List)}
	m.write = func(width int) []string { return m.pen.Wrap(text, width) }
	return m
}

// Title implements Dialog.
func (m *Message) Title() string { return m.title }

// Update implements Dialog.
func (m *Message) Update(msg tea.Msg) (bool, kit.Intent) {
	if m.pager.Update(msg) {
		return false, nil
	}
	press, ok := msg.(tea.KeyPressMsg)
	return ok && key.Matches(press, m.keys.Close, m.keys.Press), nil
}

// View implements Dialog.
func (m *Message) View(width, height int) ([]string, *tea.Cursor) {
	if width != m.width {
		m.lines, m.width = m.write(width), width
		m.pager.SetLines(m.lines)
	}
	m.pager.SetHeight(min(len(m.lines), height))
	rows := m.pager.Rows()
	if m.pager.More() {
		above, total := m.pager.Position()
		if above+len(rows) < total {
			rows[len(rows)-1] = m.pen.Dim.Render(m.pen.Glyphs.Ellipsis + " more below")
		}
	}
	return rows, nil
}

// Bindings implements Dialog.
func (m *Message) Bindings() []key.Binding { return []key.Binding{m.keys.Close} }
