package tui

import (
	"testing"

	"sendoff/config"
	"sendoff/tui/theme"
)

// TestRoles: what the configuration calls a role is one.
func TestRoles(t *testing.T) {
	t.Parallel()
	colors := map[string]string{}
	for _, r := range config.Roles() {
		colors[r] = "1"
	}
	all, err := theme.None().With(colors)
	if err != nil {
		t.Fatal(err)
	}
	one := all.Text
	if want := (theme.Palette{
		Text: one, Dim: one, Rule: one, Strong: one, Label: one, Accent: one, OnAccent: one, Select: one, OnSelect: one,
		Mark: one, OnMark: one, Good: one, Busy: one, Wait: one, Bad: one, Frame: one,
	}); all != want {
		t.Errorf("some role is not set: %v", all)
	}
}
