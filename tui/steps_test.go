package tui

import (
	"strings"
	"testing"

	"sendoff/config/discover"
)

// TestDoctor shows the steps of an examination before it tells its end.
func TestDoctor(t *testing.T) {
	t.Parallel()
	drive(t, 80, 24, newFake(), Options{}, func(d *driver) {
		d.press("alt+3", "r")
		s := d.screen()
		for _, want := range []string{"✓ settings", "✗ auth", "check user name and password", "refused", "c copy report"} {
			if !strings.Contains(s, want) {
				t.Errorf("%q is missing:\n%s", want, s)
			}
		}
		d.press("w")
		d.press("enter")
		if s := d.screen(); !strings.Contains(s, "Written to sendoff-report.txt") {
			t.Errorf("not saved:\n%s", s)
		}
		d.press("esc")
		if s := d.screen(); !strings.Contains(s, "i identities") {
			t.Errorf("there is no way back:\n%s", s)
		}
	})
}

// TestDiscoverStops ends a search that the person has seen enough of, and shows
// until then what came of it.
func TestDiscoverStops(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.servers.Steps, f.endless = []discover.Step{{Source: discover.MX, Text: "mail goes to mx.example.org"}}, true
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.press("alt+3", "n")
		d.typed("bob@example.org")
		d.press("enter")
		if s := d.screen(); !strings.Contains(s, "mail goes to mx.example.org") || f.found != "" {
			t.Errorf("while looking:\n%s", s)
		}
		d.press("esc")
		if s := d.screen(); f.found != "bob@example.org" || !strings.Contains(s, "look it up") {
			t.Errorf("not stopped, %q:\n%s", f.found, s)
		}
	})
}
