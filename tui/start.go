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
	k := m.env.Keys.Start
	type line struct {
		key  string
		what string
		how  lipgloss.Style
	}
	lines := []line{
		{"", "sendoff writes mail, sends it while you watch, and keeps what became of it.", m.pen.Strong},
		{k.Add.Help().Key, "add an account", m.pen.Text},
		{k.Sandbox.Help().Key, "look around in the sandbox: nothing real is sent", m.pen.Text},
		{"", m.keptIn(), m.pen.Dim},
		{m.keys.Help.Help().Key, "help", m.pen.Text},
	}
	if m.rehearsal {
		lines = slices.Delete(lines, 2, 3)
	}
	var out []string
	for _, l := range lines {
		if m.body.height >= 12 {
			out = append(out, "")
		}
		head := " "
		if l.key != "" {
			head += m.pen.Key.Render(m.pen.PadRight(l.key, 3)) + " "
		}
		for _, row := range m.pen.Wrap(l.what, max(10, m.width-m.pen.Width(head)-1)) {
			out = append(out, head+l.how.Render(row))
			head = strings.Repeat(" ", m.pen.Width(head))
		}
	}
	return m.pen.Page(m.width, m.body.height, out)
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
