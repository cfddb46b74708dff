package config_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/config"
)

func TestHooks(t *testing.T) {
	t.Parallel()
	got, err := config.Parse("/home/alice/config.toml", []byte(`
[[hook]]
bell = true

[[hook]]
on = ["sent", "deferred"]
after = "2d"
command = ["bin/news", "a b"]
notify = true
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []config.Hook{
		{On: []string{"failed", "uncertain", "deferred"}, After: time.Hour, Bell: true},
		{
			On: []string{"sent", "deferred"}, After: 48 * time.Hour, Notify: true,
			Command: []string{filepath.FromSlash("/home/alice/bin/news"), "a b"},
		},
	}
	if diff := cmp.Diff(want, got.Hooks); diff != "" {
		t.Error("-want +got\n", diff)
	}
	for text, want := range map[string]string{
		`on = ["sent"]`:                                "1:1: the hook does nothing",
		"on = [\"send\"]\nbell = true":                 `2:6: a hook can't be on "send"; did you mean "sent"?`,
		"on = [\"sent\"]\nafter = \"1h\"\nbell = true": `3:9: after has no meaning`,
		`command = [""]`:                               "2:11: command must be",
		"bell = true\ncomand = [\"x\"]":                `3:1: unknown key "comand"; did you mean "command"?`,
	} {
		_, err := config.Parse("c", []byte("[[hook]]\n"+text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
