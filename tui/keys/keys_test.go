package keys

import (
	"strings"
	"testing"

	"charm.land/bubbles/v2/key"
)

func TestNoConflicts(t *testing.T) {
	t.Parallel()
	for _, c := range Default().Conflicts() {
		t.Error(c)
	}
	m := Default()
	m.Compose.Send.SetKeys("ctrl+k")
	if len(m.Conflicts()) != 1 {
		t.Errorf("a clash was not found: %v", m.Conflicts())
	}
}

// TestReachable: every action needs at least one key that a terminal without
// any extension sends, and that tmux and screen leave alone.
func TestReachable(t *testing.T) {
	t.Parallel()
	extended := func(k string) bool {
		switch k {
		case "ctrl+b", "ctrl+a", "ctrl+i", "ctrl+m", "ctrl+[", "ctrl+h":
			return true
		case "shift+tab", "shift+left", "shift+right", "shift+up", "shift+down", "shift+home", "shift+end":
			return false // xterm and all that followed
		case "ctrl+shift+left", "ctrl+shift+right", "ctrl+shift+home", "ctrl+shift+end", "ctrl+left", "ctrl+right":
			return false
		}
		return strings.Contains(k, "shift+")
	}
	for _, s := range Default().Sections() {
		for _, b := range s.Bindings {
			if b.Help().Desc == "" || b.Help().Key == "" {
				t.Errorf("%s: %v says nothing of itself", s.Title, b.Keys())
			}
			if !reachable(b, extended) {
				t.Errorf("%s: %s has no key that every terminal sends: %v", s.Title, b.Help().Desc, b.Keys())
			}
		}
	}
}

func reachable(b key.Binding, extended func(string) bool) bool {
	for _, k := range b.Keys() {
		if !extended(k) {
			return true
		}
	}
	return false
}

// TestPress: every binding is pressed by the key it is named after, which the
// palette relies on.
func TestPress(t *testing.T) {
	t.Parallel()
	for _, s := range Default().Sections() {
		for _, b := range s.Bindings {
			if k := b.Keys()[0]; !key.Matches(Press(k), b) {
				t.Errorf("%s: Press(%q) is %q", s.Title, k, Press(k).String())
			}
		}
	}
}
