package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// startView is what a person sees who has no account yet: five lines.
func (m *App) startView() string {
	k := m.env.Keys.Start
	line := func(b key.Binding, what string) string {
		return " " + m.pen.Key.Render(m.pen.PadRight(b.Help().Key, 3)) + " " + what
	}
	lines := []string{
		" " + m.pen.Strong.Render("sendoff writes mail, sends it while you watch, and keeps what became of it."),
		line(k.Add, "add an account"),
		line(k.Sandbox, "look around in the sandbox: nothing real is sent"),
		" " + m.pen.Dim.Render("Accounts and mail are kept in "+text.Clean(m.home)),
		line(m.keys.Help, "help"),
	}
	if m.rehearsal {
		lines[2] = ""
	}
	gap := ""
	if m.body.height >= 12 {
		gap = "\n"
	}
	var out []string
	for i, l := range lines {
		rows := m.pen.Wrap(l, m.width-1)
		if m.pen.Width(l) <= m.width {
			rows = []string{l}
		}
		out = append(out, rows...)
		if i < len(lines)-1 && gap != "" {
			out = append(out, "")
		}
	}
	if gap != "" {
		out = append([]string{""}, out...)
	}
	return m.pen.Page(m.width, m.body.height, strings.Split(strings.Join(out, "\n"), "\n"))
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
	case matches(msg, k.Add):
		cmd := m.show(kit.Accounts)
		m.accounts.Add()
		return cmd
	case matches(msg, k.Sandbox) && !m.rehearsal:
		m.sandbox = true
		return tea.Quit
	case matches(msg, k.Write):
		m.start = false
	}
	return nil
}
