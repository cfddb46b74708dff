package tui

import (
	"strings"
	"testing"
	"time"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
)

// asking is a fake whose account keeps its password in the person's head.
func asking() *fake {
	f := newFake()
	f.accounts[0].Account.Secret, f.accounts[0].Ready = config.SecretAsk, false
	return f
}

func (d *driver) write() {
	d.app.handle(loaded{DraftLoaded: kit.DraftLoaded{Fields: message.Draft{
		To: "bob@example.org", Subject: "Minutes", Body: "Dear Bob,", Focus: "body",
	}}})
}

// TestPasswordAtOnce: who sends, and lacks a password, is asked before another
// key can mean anything to the screen below.
func TestPasswordAtOnce(t *testing.T) {
	t.Parallel()
	f := asking()
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.write()
		d.send(presses("ctrl+s", "c", "d")...)
		d.wait(50 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "Password of work") || !strings.Contains(s, "••") {
			t.Fatalf("not asked at once:\n%s", s)
		}
		f.hear(outbox.Event{Account: "work", Problem: &secret.Error{Account: "work", Err: secret.ErrNotFound}})
		d.wait(time.Second)
		d.press("enter")
		f.hear(outbox.Event{Account: "work"})
		d.wait(3 * time.Second)
		if f.given["work"] != "cd" || len(f.acted) > 0 {
			t.Errorf("given %q, and %q was done", f.given, f.acted)
		}
		if s := d.screen(); strings.Contains(s, "assword") || strings.Contains(s, "is needed") {
			t.Errorf("asks for what it has:\n%s", s)
		}
	})
}

// TestPasswordForTest: the same for a test, which then begins again.
func TestPasswordForTest(t *testing.T) {
	t.Parallel()
	f := asking()
	f.testErr = &secret.Error{Account: "work", Err: secret.ErrNotFound}
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.press("alt+3")
		d.send(presses("t", "q", "n")...)
		d.wait(100 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "Password of work") || !strings.Contains(s, "••") {
			t.Fatalf("not asked at once:\n%s", s)
		}
		d.press("enter")
		d.wait(200 * time.Millisecond)
		if s := d.screen(); f.given["work"] != "qn" || !strings.Contains(s, "It works") {
			t.Errorf("given %q:\n%s", f.given, s)
		}
	})
}

// TestPasswordForRetry: keys typed before it is known that the retried mail
// lacks one do nothing.
func TestPasswordForRetry(t *testing.T) {
	t.Parallel()
	f := asking()
	f.put(outbox.Item{State: outbox.Failed, Account: "work", Subject: "Photos", Recipients: []outbox.Recipient{{Address: "bob@example.org"}}})
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.press("alt+2")
		d.wait(2 * time.Second)
		d.run(d.app.do(kit.Outbox, kit.Act{ID: 1, Action: kit.Retry}))
		d.press("alt+1")
		if d.app.here != kit.Outbox {
			t.Fatal("a key acted on the screen below")
		}
		f.hear(outbox.Event{Account: "work", Problem: &secret.Error{Account: "work", Err: secret.ErrNotFound}})
		d.wait(100 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "Password of work") {
			t.Errorf("not asked at once:\n%s", s)
		}
	})
}

// TestPasswordRefused: that one was refused is said, also while the question
// waits for a rest.
func TestPasswordRefused(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.put(outbox.Item{State: outbox.Queued, Account: "work"})
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.toBody()
		d.typed("a")
		refused := &smtp.Error{Stage: smtp.StageAuth, Class: smtp.ClassAuth, Reply: smtp.Reply{Code: 535}}
		f.hear(outbox.Event{Account: "work", Problem: refused})
		d.wait(100 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "was refused") {
			t.Errorf("it is not said:\n%s", s)
		}
		d.wait(3 * time.Second)
		if s := d.screen(); !strings.Contains(s, "Password of work") || !strings.Contains(s, "did not take") {
			t.Errorf("the question does not say it:\n%s", s)
		}
	})
}

// TestNothingWaits: with the mail goes what was said about its password.
func TestNothingWaits(t *testing.T) {
	t.Parallel()
	f := newFake()
	id := f.put(outbox.Item{State: outbox.Queued, Account: "work"})
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.toBody()
		d.typed("a")
		f.hear(outbox.Event{Account: "work", Problem: &secret.Error{Account: "work", Err: secret.ErrNotFound}})
		d.wait(100 * time.Millisecond)
		if !strings.Contains(d.screen(), "is needed") {
			t.Fatalf("nothing is said:\n%s", d.screen())
		}
		f.put(outbox.Item{ID: id, State: outbox.Cancelled, Account: "work"})
		for range 10 {
			d.wait(200 * time.Millisecond)
			d.typed("b")
		}
		if s := d.screen(); strings.Contains(s, "is needed") || strings.Contains(s, "Password of") {
			t.Errorf("still said:\n%s", s)
		}
	})
}

// TestEditAccount: what is changed about an account is stored, and tested.
func TestEditAccount(t *testing.T) {
	t.Parallel()
	f := newFake()
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.press("alt+3")
		d.wait(100 * time.Millisecond)
		d.press("enter", "tab", "tab", "end", "ctrl+u")
		d.typed("mail.example.org")
		d.press("ctrl+s")
		d.wait(200 * time.Millisecond)
		if s := d.screen(); f.accounts[0].Account.Host != "mail.example.org" || !strings.Contains(s, "It works") {
			t.Errorf("the server is %s:\n%s", f.accounts[0].Account.Host, s)
		}
	})
}
