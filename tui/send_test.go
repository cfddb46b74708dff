package tui

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/config/secret"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/presend"
)

// TestSend: the mail replaces its draft, its session shows, and the composer
// is empty afterwards.
func TestSend(t *testing.T) {
	t.Parallel()
	f := newFake()
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.app.handle(loaded{DraftLoaded: kit.DraftLoaded{Fields: message.Draft{
			To: "bob@example.org", Subject: "Minutes", Body: "Dear Bob,", Focus: "body",
		}}})
		d.typed("!")
		d.wait(2 * time.Second)
		if _, n := f.lastDraft(); n != 1 {
			t.Fatalf("%d drafts", n)
		}
		d.press("ctrl+s")
		d.wait(100 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "Minutes") || d.app.here != kit.Session {
			t.Errorf("the session does not show:\n%s", s)
		}
		if _, n := f.lastDraft(); n != 0 {
			t.Errorf("%d drafts are left", n)
		}
		d.wait(3 * time.Second)
		if !d.app.composer.Empty() {
			t.Error("the composer still has the mail")
		}
		if _, n := f.lastDraft(); n != 0 {
			t.Errorf("the mail was saved as a draft again")
		}
	})
}

// TestSendFails: the text is where it was, and why is said.
func TestSendFails(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.queueErr = errors.New("no room left for the outbox")
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.app.handle(loaded{DraftLoaded: kit.DraftLoaded{Fields: message.Draft{
			To: "bob@example.org", Subject: "Minutes", Body: "Dear Bob,",
		}}})
		d.press("ctrl+s")
		d.wait(100 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "o room left") || d.app.composer.Draft().Body != "Dear Bob," {
			t.Errorf("after a failed send:\n%s", s)
		}
	})
}

// TestQuitWithMailInFlight asks, and stays unless told otherwise.
func TestQuitWithMailInFlight(t *testing.T) {
	t.Parallel()
	f := newFake()
	id := f.put(outbox.Item{State: outbox.Sending, Account: "work", Subject: "Photos"})
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		f.hear(outbox.Event{ID: id, State: outbox.Sending})
		d.wait(100 * time.Millisecond)
		d.press("ctrl+c")
		if d.quit || !strings.Contains(d.screen(), "being sent") {
			t.Fatalf("quits without a word:\n%s", d.screen())
		}
		d.press("enter")
		if d.quit || !d.app.dialogs.Empty() {
			t.Error("enter alone quits, or the question stays")
		}
		f.hear(outbox.Event{ID: id, State: outbox.Sent})
		d.wait(100 * time.Millisecond)
		d.press("ctrl+c")
		if !d.quit {
			t.Error("asks though nothing is under way")
		}
	})
}

// TestSendToTheRest: what is edited to be sent again goes to those only whom
// the mail has not reached.
func TestSendToTheRest(t *testing.T) {
	t.Parallel()
	got := kit.Rest(message.Draft{
		To: `Bob <bob@example.org>, "Doe, Jane" <jane@example.org>, broken@@x`, Cc: "carol@b.example, dave@example.org", Bcc: "team: eve@example.org, bob@example.org;",
	}, []outbox.Recipient{
		{Address: "bob@example.org", State: outbox.RecipientAccepted},
		{Address: "jane@example.org", State: outbox.RecipientRejected},
		{Address: "carol@b.example", State: outbox.RecipientUncertain},
		{Address: "dave@example.org", State: outbox.RecipientDeferred},
	})
	want := message.Draft{To: `"Doe, Jane" <jane@example.org>, broken@@x`, Cc: "dave@example.org", Bcc: "eve@example.org"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestParkedAccount: mail whose account waits for a password can be helped
// from where it is seen, also after the question was put off.
func TestParkedAccount(t *testing.T) {
	t.Parallel()
	f := newFake()
	missing := &secret.Error{Account: "work", Err: secret.ErrNotFound}
	f.put(outbox.Item{State: outbox.Queued, Account: "work", Subject: "Minutes"})
	f.testErr = missing
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.press("alt+2")
		f.hear(outbox.Event{Account: "work", Problem: missing})
		d.wait(4 * time.Second)
		if !strings.Contains(d.screen(), "Password of work") {
			t.Fatalf("is not asked for:\n%s", d.screen())
		}
		d.press("esc")
		d.wait(10 * time.Second)
		if s := d.screen(); strings.Contains(s, "Password of work") || !strings.Contains(s, "password is needed") {
			t.Fatalf("asks again, or forgets:\n%s", s)
		}
		d.press("r")
		d.wait(4 * time.Second)
		if s := d.screen(); d.app.here != kit.Accounts || !strings.Contains(s, "Password of work") {
			t.Fatalf("r does not help:\n%s", s)
		}
		d.typed("hunter2")
		d.press("enter")
		d.wait(time.Second)
		if s := d.screen(); !strings.Contains(s, "It works") {
			t.Errorf("is not tested with the password:\n%s", s)
		}
	})
}

// TestSheetBeforeItGoes: what is found is said first; the draft stays as it is
// until the person says yes.
func TestSheetBeforeItGoes(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.findings = []presend.Finding{{Kind: presend.Attachment, Text: "it speaks of an attachment, and nothing is attached"}}
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.write()
		d.press("ctrl+s")
		d.wait(50 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "Before it goes") || !strings.Contains(s, "enter send anyway") || !strings.Contains(s, "It speaks of an attachment") {
			t.Fatalf("it shows\n%s", s)
		}
		d.press("esc")
		if s := d.screen(); !strings.Contains(s, "Dear Bob") {
			t.Fatalf("esc leads to\n%s", s)
		}
		if len(f.items) > 0 {
			t.Errorf("it is queued: %v", f.items)
		}
		d.press("ctrl+s")
		d.wait(50 * time.Millisecond)
		d.press("enter")
		d.wait(50 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "to 1 person") {
			t.Errorf("enter leads to\n%s", s)
		}
	})
}
