package tui

import (
	"strings"
	"testing"

	"sendoff/config"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
)

// TestReassign gives the mail of an account that is gone to one that there is, in
// a large window and in a small one.
func TestReassign(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {40, 12}} {
		f := newFake()
		f.accounts = append(f.accounts, kit.AccountInfo{Account: config.Account{Name: "home", Address: "alice@home.example"}})
		for range 2 {
			f.put(outbox.Item{State: outbox.Queued, Account: "gone", From: "alice@example.org", Subject: "Minutes",
				Recipients: []outbox.Recipient{{Address: "bob@example.org", State: outbox.Pending}}})
		}
		drive(t, size[0], size[1], f, Options{}, func(d *driver) {
			d.press("alt+2", "a", "b")
			whole := func() string { return strings.Join(strings.Fields(strings.ReplaceAll(d.screen(), "│", " ")), " ") }
			for _, want := range []string{"Which account sends 2 mails?", "home", "work may send for it.", "enter send by it"} {
				if !strings.Contains(whole(), want) {
					t.Fatalf("%v: no %q:\n%s", size, want, d.screen())
				}
			}
			d.press("tab", "shift+tab", "down")
			if want := "which is no sender of home"; !strings.Contains(whole(), want) {
				t.Fatalf("%v: no %q:\n%s", size, want, d.screen())
			}
			d.press("enter")
			if !strings.Contains(whole(), "2 mails given to another account.") {
				t.Errorf("%v:\n%s", size, d.screen())
			}
			for id, it := range f.items {
				if it.Account != "home" {
					t.Errorf("mail %s goes through %s", id, it.Account)
				}
			}
			d.press("z")
			for id, it := range f.items {
				if it.Account != "gone" {
					t.Errorf("undone, mail %s goes through %s", id, it.Account)
				}
			}
		})
	}
}
