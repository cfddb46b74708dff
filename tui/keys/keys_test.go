package keys

import (
	"flag"
	"os"
	"slices"
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
	for where, clash := range map[string]func(*Map){ // what shuts and searches may not act as well
		"dialog":      func(m *Map) { m.Dialog.Close.SetKeys("enter") },
		"composer":    func(m *Map) { m.Dialog.Close.SetKeys("ctrl+s") },
		"file picker": func(m *Map) { m.Picker.Hidden.SetKeys("esc") },
		"search":      func(m *Map) { m.Search.All.SetKeys("ctrl+w") },
	} {
		m := Default()
		clash(m)
		if !slices.ContainsFunc(m.Conflicts(), func(c Conflict) bool { return c.Where == where }) {
			t.Errorf("in the %s: %v", where, m.Conflicts())
		}
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

var update = flag.Bool("update", false, "write the reference instead of comparing with it")

// TestReference keeps the document that lists all keys true.
func TestReference(t *testing.T) {
	t.Parallel()
	const path = "../../assets/doc/keys.md"
	want := Default().Reference()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ReplaceAll(string(have), "\r\n", "\n") != want {
		t.Errorf("%s is not what go generate ./tui/keys writes", path)
	}
}

// TestActions: each action has a name of its own, and Set changes its binding.
func TestActions(t *testing.T) {
	t.Parallel()
	m, seen := Default(), map[string]bool{}
	for _, a := range m.Actions() {
		if seen[a.Name] || strings.Count(a.Name, ".") != 1 {
			t.Errorf("an action is called %q", a.Name)
		}
		seen[a.Name] = true
		if a.Name == "compose.send" {
			if err := a.Set([]string{"F5", "Ctrl+X"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := m.Compose.Send; strings.Join(got.Keys(), " ") != "f5 ctrl+x" || got.Help().Key != "F5" || got.Help().Desc != "send" {
		t.Errorf("send is on %v, shown as %v", got.Keys(), got.Help())
	}
}

// TestSetRefuses: what is no key, or is text, is not taken.
func TestSetRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ action, key, want string }{
		{"compose.send", "s", "is text"}, {"global.quit", "space", "is text"}, {"compose.send", "strg+x", "is not a key"},
		{"compose.send", "ctrl+", "is not a key"}, {"outbox.sort", "", "is not a key"}, {"outbox.sort", "f13", "is not a key"},
		{"outbox.sort", "S", ""}, {"compose.browser", "w", ""}, {"global.help-plain", "h", ""}, {"compose.send", "alt+S", ""},
	} {
		for _, a := range Default().Actions() {
			if a.Name != c.action {
				continue
			}
			switch err := a.Set([]string{c.key}); {
			case c.want == "" && err != nil, c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%s on %q: %v", c.action, c.key, err)
			}
		}
	}
}

// TestDoubt: no key that comes along alone may not arrive, and those that may
// not are known.
func TestDoubt(t *testing.T) {
	t.Parallel()
	for _, k := range []string{"ctrl+i", "ctrl+h", "ctrl+b", "ctrl+shift+x", "ctrl+enter", "shift+enter", "ctrl+1", "ctrl+alt+x"} {
		if Doubt(k) == "" {
			t.Errorf("%s is said to arrive", k)
		}
	}
	for _, a := range Default().Actions() {
		if !slices.ContainsFunc(a.Binding.Keys(), func(k string) bool { return Doubt(k) == "" }) {
			t.Errorf("%s has no key that is sure to arrive: %v", a.Name, a.Binding.Keys())
		}
	}
}
