package tui

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// startView is what a person sees who has no account yet: five lines.
func (m *App) startView() string {
	rows, _ := m.startRows()
	return m.pen.Page(m.width, m.body.height, rows)
}

// startRows draws the lines of the first-start view, and names the key that each
// row is about; empty for none.
func (m *App) startRows() (rows, keys []string) {
	k := m.env.Keys.Start
	type line struct {
		key  key.Binding
		what string
		how  lipgloss.Style
	}
	lines := []line{
		{key.Binding{}, "sendoff writes mail, sends it while you watch, and keeps what became of it.", m.pen.Strong},
		{k.Add, "add an account", m.pen.Text},
		{k.Sandbox, "look around in the sandbox: nothing real is sent", m.pen.Text},
		{key.Binding{}, m.keptIn(), m.pen.Dim},
		{m.keys.Help, "help", m.pen.Text},
	}
	if m.rehearsal {
		lines = slices.Delete(lines, 2, 3)
	}
	for _, l := range lines {
		if m.body.height >= 12 {
			rows, keys = append(rows, ""), append(keys, "")
		}
		head, name := " ", ""
		if l.key.Enabled() {
			name = l.key.Keys()[0]
			head += m.pen.Key.Render(m.pen.PadRight(l.key.Help().Key, 3)) + " "
		}
		for _, row := range m.pen.Wrap(l.what, max(10, m.width-m.pen.Width(head)-1)) {
			rows, keys = append(rows, head+l.how.Render(row)), append(keys, name)
			head = strings.Repeat(" ", m.pen.Width(head))
		}
	}
	return rows, keys
}

// keptIn names the folders of what the person will leave here.
func (m *App) keptIn() string {
	if m.settings == "" || m.settings == m.home {
		return "Accounts and mail are kept in " + text.Clean(m.home)
	}
	return "Accounts are kept in " + text.Clean(m.settings) + ", mail in " + text.Clean(m.home)
}

func (m *App) startBindings() []key.Binding {
	k := m.env.Keys.Start
	if m.rehearsal {
		return []key.Binding{k.Add, k.Write}
	}
	return []key.Binding{k.Add, k.Sandbox, k.Write, m.keys.Quit}
}

func (m *App) pressStart(msg tea.KeyPressMsg) tea.Cmd {
	k := m.env.Keys.Start
	switch {
	case key.Matches(msg, k.Add):
		cmd := m.show(kit.Accounts)
		m.accounts.Add()
		return cmd
	case key.Matches(msg, k.Sandbox) && !m.rehearsal:
		m.sandbox = true
		return tea.Quit
	case key.Matches(msg, k.Write):
		m.start = false
	}
	return nil
}
