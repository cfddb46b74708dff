package tui

import (
	"path/filepath"
	"strings"
	"testing"

	"sendoff/config"
)

// bind reads a configuration and binds its keys.
func bind(t *testing.T, text string) ([]string, Options, error) {
	t.Helper()
	conf, err := config.Parse(filepath.Join("etc", "config.toml"), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	m, doubts, err := Bind(conf.Keys)
	return doubts, Options{Keys: m, Notice: strings.Join(doubts, " ")}, err
}

// TestBindSaysWhatIsWrong: with the line, and both actions if two want one key.
func TestBindSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"[keys]\ncompose.sned = \"f5\"", `:2:1: there is no action "compose.sned"; did you mean "compose.send"?`},
		{"[keys]\nfly = \"f5\"", `:2:1: there is no action "fly"; "sendoff config keys" lists them`},
		{"[keys]\n\ncompose.send = \"x\"", `:3:1: x is text where compose.send is done; write keys as`},
		{"[keys]\nlist.up = \"super+x\"", `:2:1: "super+x" is not a key; write keys as`},
		{"[keys]\noutbox.sort = \"o\"\ncompose.send = [\"f5\", \"ctrl+k\"]", `:3:1: ctrl+k means both `},
	} {
		_, _, err := bind(t, c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
	}
	_, _, err := bind(t, "[keys]\ncompose.send = \"ctrl+k\"")
	for _, action := range []string{`"send"`, `"cut to end of line"`, "in the composer"} {
		if err == nil || !strings.Contains(err.Error(), action) {
			t.Errorf("the conflict does not tell %s: %v", action, err)
		}
	}
}

// TestOwnKeys: footer, palette and help name the person's keys, the old ones
// do nothing, and a key that may not arrive is told of at the start.
func TestOwnKeys(t *testing.T) {
	t.Parallel()
	doubts, opts, err := bind(t, "[keys]\nglobal.outbox = \"f8\"\ncompose.send = \"f5\"\noutbox.new = \"ctrl+shift+n\"")
	if err != nil || len(doubts) != 1 {
		t.Fatalf("doubts %q, error %v", doubts, err)
	}
	drive(t, 80, 24, newFake(), opts, func(d *driver) {
		if s := d.screen(); !strings.Contains(s, "F5 send") || !strings.Contains(s, "ctrl+shift+n") {
			t.Errorf("the keys are not shown, or the doubt is not:\n%s", s)
		}
		d.press("alt+2")
		if d.app.here != "compose" {
			t.Error("the key that was taken away still works")
		}
		d.press("f8")
		if d.app.here != "outbox" {
			t.Error("the person's key does nothing")
		}
		d.press("f2")
		d.typed("outbox")
		if s := d.screen(); !strings.Contains(s, "F8") {
			t.Errorf("the palette names another key:\n%s", s)
		}
		d.press("enter", "f1")
		if s := d.screen(); !strings.Contains(s, "F8") {
			t.Errorf("help names another key:\n%s", s)
		}
	})
}
