package tui

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/dialog"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
)

// perform presses a key on the screen where it means what the person chose in
// the palette.
type perform struct {
	kit.Press
	name string // of the action; empty for none
	at   kit.Name
}

// hindered is a screen that knows what keeps an action of the key map from
// being done now; the answer is empty if nothing does.
type hindered interface{ Obstacle(keys.Action) string }

// group is a context of the key map as the palette shows it.
type group struct {
	title, context string
	at             kit.Name // the screen it belongs to; empty for all
}

var (
	everywhere = group{"Everywhere", "global", ""}
	writing    = group{"Text", "text", kit.Compose}
	files      = group{"Attachments", "files", kit.Compose}
	lists      = group{"Lists", "list", ""}
	onScreens  = []group{
		{"Composer", "compose", kit.Compose}, {"Outbox", "outbox", kit.Outbox},
		{"Session", "session", kit.Session}, {"Accounts", "accounts", kit.Accounts},
	}
)

// twins are left out of the palette: it is open, and the others have a key that
// works everywhere.
var twins = []string{"global.palette", "global.help-plain", "global.take-back-plain"}

// recently is how many of the commands chosen last come first.
const recently = 3

// palette offers every command: those chosen last, those of this screen, those
// that work everywhere, and those of the other screens.
func (m *App) palette() {
	here := slices.IndexFunc(onScreens, func(g group) bool { return g.at == m.here })
	groups := append([]group{onScreens[here], everywhere}, slices.Delete(slices.Clone(onScreens), here, here+1)...)
	groups = append(groups, files, writing)
	var all []dialog.Command
	seen := map[string]bool{}
	for _, g := range groups {
		for _, c := range m.commandsOf(g) {
			if id := c.Name + " " + c.Desc; !seen[id] && !seen[c.Name] && !slices.Contains(twins, c.Name) {
				seen[id], seen[c.Name] = true, c.Name != ""
				all = append(all, c)
			}
		}
	}
	m.dialogs.Open(dialog.NewPalette(m.env, m.recentFirst(all)))
}

// recentFirst brings the commands that were chosen last to the front.
func (m *App) recentFirst(all []dialog.Command) []dialog.Command {
	rank := func(c dialog.Command) int {
		if i := slices.Index(m.recent, c.Name); i >= 0 && c.Name != "" {
			return i
		}
		return recently
	}
	slices.SortStableFunc(all, func(a, b dialog.Command) int { return rank(a) - rank(b) })
	return all
}

// commandsOf lists what a context has: what the screen offers, in its order and
// its words, and then the rest, as far as it can be done.
func (m *App) commandsOf(g group) []dialog.Command {
	var out []dialog.Command
	add := func(b key.Binding, name, obstacle string) {
		if b.Enabled() {
			where := g.title
			if strings.HasPrefix(name, "start.") {
				where = "First start"
			}
			out = append(out, dialog.Command{
				Where: where, Name: name, Desc: b.Help().Desc, Key: b.Help().Key, Obstacle: obstacle,
				Do: perform{kit.Press{Key: b.Keys()[0]}, name, g.at},
			})
		}
	}
	offered := map[string]bool{}
	if slices.Contains(onScreens, g) {
		for _, b := range m.offeredBy(g.at) {
			name := m.nameOf(b, g.context)
			offered[name] = true
			add(b, name, "")
		}
	}
	for _, a := range m.env.Keys.Actions() {
		if context, _, _ := strings.Cut(a.Name, "."); context != g.context || offered[a.Name] {
			continue
		}
		if g == everywhere {
			add(*a.Binding, a.Name, m.obstacle(a))
			continue
		}
		obstacle := ""
		if s, ok := m.screens[g.at].(hindered); ok && g != lists {
			obstacle = s.Obstacle(a)
		}
		add(*a.Binding, a.Name, obstacle)
	}
	return out
}

// offeredBy is what works on a screen, whether it shows or not.
func (m *App) offeredBy(at kit.Name) []key.Binding {
	if m.start && at == kit.Compose {
		return m.startBindings()
	}
	return m.screens[at].Bindings()
}

// nameOf finds the action that an offered key stands for: in the context first,
// and of those with the same key the one with the same words.
func (m *App) nameOf(b key.Binding, context string) string {
	name, best := "", 0
	for _, a := range m.env.Keys.Actions() {
		if !slices.Equal(a.Binding.Keys(), b.Keys()) {
			continue
		}
		n := 1
		if strings.HasPrefix(a.Name, context+".") {
			n += 2
		}
		if a.Binding.Help().Desc == b.Help().Desc {
			n++
		}
		if n > best {
			name, best = a.Name, n
		}
	}
	return name
}

// obstacle says what keeps an action that works everywhere from being done.
func (m *App) obstacle(a keys.Action) string {
	k := &m.env.Keys.Global
	switch {
	case (a.Binding == &k.HelpPlain || a.Binding == &k.TakeBackPlain) && m.typing():
		return "it is text here"
	case (a.Binding == &k.TakeBack || a.Binding == &k.TakeBackPlain) && !m.leaving():
		return "nothing waits that could be taken back"
	}
	return ""
}

// perform goes where a command is done, and does it.
func (m *App) perform(c perform) tea.Cmd {
	if c.name != "" {
		m.recent = slices.DeleteFunc(m.recent, func(name string) bool { return name == c.name })
		m.recent = slices.Insert(m.recent, 0, c.name)
		m.recent = m.recent[:min(len(m.recent), recently)]
	}
	var cmd tea.Cmd
	if c.at != "" && c.at != m.here {
		cmd = m.show(c.at)
	}
	if first := strings.HasPrefix(c.name, "start.") || strings.HasPrefix(c.name, "global."); c.at == kit.Compose && !first {
		m.start = false
	}
	return tea.Batch(cmd, m.press(keys.Press(c.Key)))
}
