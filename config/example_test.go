package config

import (
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"sendoff/assets"
)

// TestExampleSaysAll reads the example that the manual shows, which must hold
// every key there is.
func TestExampleSaysAll(t *testing.T) {
	t.Parallel()
	if _, err := Parse(filepath.Join(t.TempDir(), "config.toml"), []byte(assets.Config)); err != nil {
		t.Fatal(err)
	}
	var shown []string
	for _, m := range regexp.MustCompile(`(?m)^\[*([a-z.-]+)(?:\]+$| = )`).FindAllStringSubmatch(assets.Config, -1) {
		shown = append(shown, m[1])
	}
	all := slices.Concat(keysOf(accountFields), keysOf(identityFields), keysOf(outboxFields), keysOf(hookFields), []string{"default"})
	for _, table := range tables {
		all = append(all, table.name)
		all = append(all, table.keys...)
	}
	for _, key := range all {
		if !slices.Contains(shown, key) {
			t.Errorf("the example does not say %s", key)
		}
	}
}
