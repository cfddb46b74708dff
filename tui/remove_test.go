package tui

import (
	"strings"
	"testing"
)

// TestRemoveAccount has an account go after a yes, and no other.
func TestRemoveAccount(t *testing.T) {
	t.Parallel()
	f := newFake()
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		before := len(f.accounts)
		d.press("alt+3", "x")
		if s := d.screen(); !strings.Contains(s, "Remove the account "+f.accounts[0].Account.Name) {
			t.Fatalf("not asked:\n%s", s)
		}
		d.press("esc")
		if len(f.accounts) != before {
			t.Fatal("gone without a yes")
		}
		d.press("x", "y")
		if s := d.screen(); len(f.accounts) != before-1 || !strings.Contains(s, "is removed") {
			t.Errorf("%d accounts:\n%s", len(f.accounts), s)
		}
	})
}
