package tui

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/dialog"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
)

// help shows the keys that work here, by what they are about.
func (m *App) help() {
	groups := []group{onScreens[slices.IndexFunc(onScreens, func(g group) bool { return g.at == m.here })], everywhere}
	if m.typing() {
		groups = append(groups, writing)
	} else {
		groups = append(groups, lists)
	}
	var all []dialog.Command
	var titles []string
	seen := map[string]bool{}
	for _, g := range groups {
		for _, c := range m.commandsOf(g) {
			if c.Obstacle != "" || c.Name != "" && seen[c.Name] || m.start && strings.HasPrefix(c.Name, "compose.") {
				continue
			}
			seen[c.Name] = true
			if c.Where = m.subject(c); m.start && g.at == m.here {
				c.Where = "First start"
			}
			all = append(all, c)
			if !slices.Contains(titles, c.Where) {
				titles = append(titles, c.Where)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b dialog.Command) int {
		return slices.Index(titles, a.Where) - slices.Index(titles, b.Where)
	})
	m.dialogs.Open(dialog.NewHelp(m.env, all))
}

// subject is what a command is about: in the words of the key map, or else where
// it is done. With mails marked, what is done to a mail is done to those.
func (m *App) subject(c dialog.Command) string {
	for _, a := range m.env.Keys.Actions() {
		switch {
		case a.Name != c.Name || a.Subject == "":
		case a.Subject == keys.ThisMail && m.here == kit.Outbox && m.outbox.Marked() > 0:
			return fmt.Sprintf("The marked mails: %d", m.outbox.Marked())
		default:
			return a.Subject
		}
	}
	return c.Where
}

// endTour goes back to where the person was.
type endTour struct {
	kit.Show
	start bool // the first-start view showed
}

// tour leads through the screens, because the person asked for it.
func (m *App) tour() tea.Cmd {
	k := m.env.Keys
	name := func(b key.Binding) string { return b.Help().Key }
	show := func(at kit.Name) kit.Intent { return kit.Show{Screen: at} }
	hints := []dialog.Hint{
		{Title: "Composing", Show: show(kit.Compose), Text: "A mail is written here. " + name(k.Compose.Next) + " goes from field to field, " +
			name(k.Compose.Attach) + " attaches a file, " + name(k.Compose.Send) + " sends it. What you type is kept as you type it."},
		{Title: "Outbox", Show: show(kit.Outbox), Text: "Every mail is here, " + name(k.Global.Outbox) + ": first what needs you, then what waits, then what was sent. " +
			"Letters do something to the one that is selected; the last line of the screen names them."},
		{Title: "Session", Show: show(kit.Session), Text: "While a mail goes out you see each step here, " + name(k.Global.Session) + ", and afterwards who got it and what the server said. " +
			name(k.Session.Transcript) + " shows every line of it."},
		{Title: "Accounts", Show: show(kit.Accounts), Text: "What you send through, " + name(k.Global.Accounts) + ". " + name(k.Accounts.Add) + " adds an account, " +
			name(k.Accounts.Test) + " logs in without sending anything, so that you see whether it works."},
		{Title: "Help", Text: name(k.Global.Help) + " shows the keys that work where you are. " + name(k.Global.Palette) +
			" finds every command by a few letters, and does it; this tour is there too."},
	}
	m.dialogs.Open(dialog.NewTour(m.env, hints, endTour{kit.Show{Screen: m.here}, m.start}))
	m.start = false
	return m.show(kit.Compose)
}
