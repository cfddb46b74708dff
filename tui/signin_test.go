package tui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"sendoff/config"
)

// TestSignIn signs in with a code that is given up for a browser, whose address
// is pasted: wrong, then right; and the account is tested.
func TestSignIn(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.accounts[0].Account.OAuth, f.accounts[0].Account.Secret = "club", config.SecretKeyring
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		shows := func(words ...string) {
			t.Helper()
			for _, word := range words {
				if s := d.screen(); !strings.Contains(s, word) {
					t.Fatalf("%q is missing:\n%s", word, s)
				}
			}
		}
		d.press("alt+3", "s")
		shows("https://auth.example/device", "WXYZ")
		d.press("alt+r")
		shows("https://auth.example/authorize", "Paste that page's address")
		d.send(tea.PasteMsg{Content: "http://127.0.0.1:4711/?wrong"})
		d.press("enter")
		shows("That is not the address where the browser ended", "auth.example/authorize")
		d.press("ctrl+u")
		d.send(tea.PasteMsg{Content: "http://127.0.0.1:4711/?right"})
		d.press("enter")
		d.wait(200 * time.Millisecond)
		shows("Test of work", "It works")
		// One that is stopped ends, and is heard of no more.
		d.press("esc", "s")
		shows("WXYZ")
		d.press("esc")
		d.wait(time.Second)
		shows("alice@example.org", "s sign in")
		if s := d.screen(); strings.Contains(s, "Sign in to") || strings.Contains(s, "canceled") {
			t.Errorf("it goes on:\n%s", s)
		}
	})
}
