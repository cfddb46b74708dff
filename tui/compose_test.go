package tui

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sendoff/smtp/message"
	"sendoff/tui/kit"
	"sendoff/tui/presend"
)

// TestTemplateIsPicked: the program reads the templates and the composer begins
// with one.
func TestTemplateIsPicked(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.patterns = []kit.Template{{Name: "order", Open: []string{"name"}, Fields: message.Draft{
		To: "bob@example.org", Subject: "Order", Body: "Dear {{name}},",
	}}}
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.press("alt+i")
		d.wait(100 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "To be filled in: name.") {
			t.Fatalf("no template shows:\n%s", s)
		}
		d.press("enter")
		d.typed("Bob")
		d.press("enter")
		d.wait(2 * time.Second)
		if got, n := f.lastDraft(); n != 1 || got.Subject != "Order" || !strings.HasPrefix(got.Body, "Dear Bob,") {
			t.Errorf("%d drafts, %+v", n, got)
		}
	})
}

// TestKeylessMail: that a key is missing is said when it is asked for, and the
// mail goes without encryption only when the person says so.
func TestKeylessMail(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.lack = errors.New("bob@example.org has no key")
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.app.handle(loaded{DraftLoaded: kit.DraftLoaded{Fields: message.Draft{
			To: "bob@example.org", Subject: "Minutes", Body: "Dear Bob,", Focus: "body",
		}}})
		d.press("alt+s", "alt+s")
		d.wait(100 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "bob@example.org has no key") && !strings.Contains(s, "Bob@example.org has no key") {
			t.Fatalf("it is not said:\n%s", s)
		}
		f.findings = []presend.Finding{{Kind: presend.Keys, Text: "bob@example.org has no key", Who: []string{"bob@example.org"}}}
		d.press("ctrl+s")
		d.wait(100 * time.Millisecond)
		d.press("enter")
		d.wait(100 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "send unencrypted") || d.app.here != kit.Compose {
			t.Fatalf("enter sends it:\n%s", s)
		}
		f.findings = nil
		d.press("u")
		d.wait(3 * time.Second)
		if d.app.here != kit.Session || !d.app.composer.Empty() {
			t.Errorf("in clear it does not go:\n%s", d.screen())
		}
	})
}
