package tui

import (
	"fmt"
	"slices"
	"strings"

	"sendoff/config"
	"sendoff/tui/keys"
)

// Bind returns the keys as the person wants them, and in words which of theirs
// may never arrive. Its error is a *config.Error.
func Bind(own []config.Key) (m *keys.Map, doubts []string, err error) {
	m = keys.Default()
	actions := m.Actions()
	for _, k := range own {
		i := slices.IndexFunc(actions, func(a keys.Action) bool { return a.Name == k.Action })
		if i < 0 {
			return nil, nil, k.Fault(fmt.Sprintf("there is no action %q", k.Action), nearAction(k.Action, actions))
		}
		if err := actions[i].Set(k.Keys); err != nil {
			return nil, nil, k.Fault(err.Error(), `write keys as "ctrl+x", "alt+x", "f5", "pgup" or "x"`)
		}
		for _, name := range k.Keys {
			if why := keys.Doubt(name); why != "" {
				doubts = append(doubts, fmt.Sprintf("The key %s for %s may not arrive: %s.", name, k.Action, why))
			}
		}
	}
	for _, c := range m.Conflicts() {
		for _, k := range own {
			if slices.ContainsFunc(k.Keys, func(name string) bool { return strings.EqualFold(name, c.Key) }) {
				return nil, nil, k.Fault(c.String(), "give one of them another key")
			}
		}
	}
	return m, doubts, nil
}

// nearAction is the hint for an action that is none.
func nearAction(name string, actions []keys.Action) string {
	names := make([]string, len(actions))
	for i, a := range actions {
		names[i] = a.Name
	}
	if near, ok := config.Nearest(name, names); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return `"sendoff config keys" lists them`
}
