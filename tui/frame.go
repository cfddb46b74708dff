package tui

import (
	"cmp"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/text"
	"sendoff/tui/widget"
)

// Below these the frame has no rules, and says that there is no room.
const (
	compactHeight = 16
	leastWidth    = 20
	leastHeight   = 6
)

// rows is where the screen stands between the lines of the frame.
type rows struct{ top, height, status int }

// titled is a screen with a top line of its own.
type titled interface {
	Title() (left, right string)
}

// layout gives the screen the rows that the frame leaves. It runs after every
// message, since the status may need more of them.
func (m *App) layout() {
	if m.width < leastWidth || m.height < leastHeight {
		return
	}
	b := rows{top: 2, status: len(m.statusRows())}
	if m.height < compactHeight {
		b.top = 1
	}
	b.height = max(1, m.height-2*b.top-b.status)
	if b == m.body {
		return
	}
	m.body = b
	for _, s := range m.screens {
		s.SetSize(m.width, b.height)
	}
}

// View implements tea.Model.
func (m *App) View() tea.View {
	content, cursor := m.draw()
	v := tea.NewView(content)
	v.Cursor = cursor
	v.AltScreen = true
	v.ReportFocus = true
	v.MouseMode = tea.MouseModeCellMotion
	v.WindowTitle = "sendoff" // never foreign text: the renderer writes it raw
	return v
}

func (m *App) draw() (string, *tea.Cursor) {
	switch {
	case m.width == 0:
		return "", nil
	case m.width < leastWidth || m.height < leastHeight:
		return m.pen.Page(m.width, m.height, m.pen.Wrap("more room, please", m.width)), nil
	}
	inside, cursor := m.screens[m.here].View()
	if m.start {
		inside, cursor = m.startView(), nil
	}
	lines := []string{m.topLine()}
	if m.body.top > 1 {
		lines = append(lines, m.pen.Line(m.width))
	}
	lines = append(lines, inside)
	if m.body.top > 1 {
		lines = append(lines, m.pen.Line(m.width))
	}
	lines = append(lines, m.statusRows()...)
	lines = append(lines, m.keyLine())
	page := strings.Join(lines, "\n")
	if cursor != nil {
		moved := *cursor
		moved.Y += m.body.top
		cursor = &moved
	}
	if m.dialogs.Empty() {
		return page, cursor
	}
	return m.dialogs.View(page, m.width, m.height)
}

// topLine says where one is, what waits and which account is in use.
func (m *App) topLine() string {
	if t, ok := m.screens[m.here].(titled); ok {
		left, right := t.Title()
		return m.pen.Ends(m.pen.Truncate(" "+m.pen.Strong.Render(text.Clean(left)), m.width-m.pen.Width(right)-2), m.pen.Dim.Render(right)+" ", m.width)
	}
	list, here := m.tabs()
	left := strings.Repeat(" ", m.tabsAt())
	if m.tabsAt() > 1 {
		left = m.pen.Pad(" "+m.pen.Strong.Render("sendoff"), m.tabsAt())
	}
	return m.pen.Ends(left+m.pen.Tabs(m.tabRoom(), list, here), m.whoAmI(), m.width)
}

// tabsAt is the column in which the tabs begin: behind the name, if there is
// room for it.
func (m *App) tabsAt() int {
	if m.width < 60 {
		return 0
	}
	return 10
}

func (m *App) tabRoom() int { return m.width - m.tabsAt() }

func (m *App) tabs() (list []widget.Tab, here int) {
	waiting, needing := m.waiting()
	list = []widget.Tab{{Title: "Compose"}, {Title: "Outbox", Count: waiting, Alert: needing > 0}, {Title: "Accounts"}}
	for i, name := range tabs {
		if name == m.here {
			here = i
		}
	}
	return list, here
}

// whoAmI names the account that new mail goes through.
func (m *App) whoAmI() string {
	who := cmp.Or(m.inUse(), m.standard)
	for _, a := range m.accountList {
		if a.Account.Name != who && who != "" {
			continue
		}
		name := text.Clean(a.Account.Name)
		if m.rehearsal {
			name = m.pen.Accent.Render("sandbox, nothing is real")
		} else if m.width >= 70 {
			name += "  " + m.pen.Dim.Render(text.Clean(a.Account.Address))
		}
		return name + " "
	}
	return ""
}

// keyLine names the keys that work now; help is always among them.
func (m *App) keyLine() string { return m.pen.Keys(m.keyRoom(), m.bindings(), m.alwaysKeys()) }

// keyRoom is how wide the last line is: where there is room for more keys than a
// person reads, help has them.
func (m *App) keyRoom() int { return min(m.width, 110) }

// alwaysKeys are those that the last line never leaves out.
func (m *App) alwaysKeys() []key.Binding {
	switch {
	case !m.dialogs.Empty():
		return nil
	case m.width >= 60 && !m.start:
		return []key.Binding{m.keys.Palette, m.keys.Help}
	}
	return []key.Binding{m.keys.Help}
}
