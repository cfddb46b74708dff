package tui

import (
	"context"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/message"
	"sendoff/smtp/message/seal"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
)

// toBody moves from the first field of an empty composer to the text.
func (d *driver) toBody() {
	for range 8 {
		if d.app.composer.Draft().Focus == "body" {
			return
		}
		d.press("tab")
	}
	d.t.Fatalf("the text is not reached by tab:\n%s", d.screen())
}

// toField moves by tab to the field of a form that label names.
func (d *driver) toField(label string) {
	for range 30 {
		rows := strings.Split(d.screen(), "\n")
		if c := d.app.View().Cursor; c != nil && strings.HasPrefix(strings.TrimSpace(rows[c.Y]), label) {
			return
		}
		d.press("tab")
	}
	d.t.Fatalf("the field %s is not reached by tab:\n%s", label, d.screen())
}

// TestPasswordWaitsForRest: a dialog that opens by itself neither takes what
// is being typed nor opens while a person types.
func TestPasswordWaitsForRest(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.put(outbox.Item{State: outbox.Queued, Account: "work"})
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.toBody()
		d.typed("a")
		f.hear(outbox.Event{Account: "work", Problem: &secret.Error{Account: "work", Err: secret.ErrNotFound}})
		for range 20 {
			d.wait(200 * time.Millisecond)
			d.typed("b")
		}
		if s := d.screen(); strings.Contains(s, "Password of") || !strings.Contains(s, "is needed") {
			t.Errorf("opened over typing, or said nothing:\n%s", s)
		}
		d.wait(3 * time.Second)
		if !strings.Contains(d.screen(), "Password of work") {
			t.Fatalf("never asked:\n%s", d.screen())
		}
		d.typed("hunter2")
		if s := d.screen(); strings.Contains(s, "hunter2") || !strings.Contains(s, "•••••••") {
			t.Errorf("the password shows, or was not taken:\n%s", s)
		}
		d.press("enter")
		d.wait(100 * time.Millisecond)
		if f.given["work"] != "hunter2" {
			t.Errorf("given: %q", f.given)
		}
		if got := d.app.composer.Draft().Body; strings.Contains(got, "hunter") {
			t.Errorf("the password went into the mail: %q", got)
		}
	})
}

// TestGrace: keys under way when a dialog opens by itself do not answer it.
func TestGrace(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.put(outbox.Item{State: outbox.Queued, Account: "work"})
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.wait(3 * time.Second)
		f.hear(outbox.Event{Account: "work", Problem: &smtp.Error{Stage: smtp.StageAuth, Class: smtp.ClassAuth, Reply: smtp.Reply{Code: 535}}})
		for range 300 {
			d.wait(10 * time.Millisecond)
			if !d.app.dialogs.Empty() {
				break
			}
		}
		if d.app.dialogs.Empty() {
			t.Fatalf("never asked:\n%s", d.screen())
		}
		d.press("x", "enter", "esc")
		if d.app.dialogs.Empty() || len(f.given) > 0 {
			t.Error("keys under way answered the dialog")
		}
		d.wait(time.Second)
		d.press("esc")
		if !d.app.dialogs.Empty() {
			t.Error("esc does not close it later")
		}
	})
}

// TestStaleAnswers: an answer to an older question changes nothing.
func TestStaleAnswers(t *testing.T) {
	t.Parallel()
	f := newFake()
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		older := d.app.ask("", "draft", time.Second, func(context.Context) tea.Msg {
			return loaded{DraftLoaded: kit.DraftLoaded{ID: 1, Fields: message.Draft{Body: "older"}}}
		})()
		newer := d.app.ask("", "draft", time.Second, func(context.Context) tea.Msg {
			return loaded{DraftLoaded: kit.DraftLoaded{ID: 2, Fields: message.Draft{Body: "newer"}}}
		})()
		d.send(newer, older)
		d.settle()
		if got := d.app.composer.Draft().Body; got != "newer" {
			t.Errorf("the composer has %q", got)
		}
	})
}

// TestFirstStart: without an account the person is told what to do, and n
// leads to an account that is tested at once.
func TestFirstStart(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.accounts = nil
	drive(t, 80, 24, f, Options{Home: "/home/alice/.local/share/sendoff", Settings: "/home/alice/.config/sendoff"}, func(d *driver) {
		for _, want := range []string{"add an account", "sandbox", "/home/alice/.local/share/sendoff", "in /home/alice/.config/sendoff,", "F1"} {
			if !strings.Contains(d.screen(), want) {
				t.Errorf("%q is missing:\n%s", want, d.screen())
			}
		}
		d.press("n")
		d.typed("alice@example.org")
		d.press("enter")
		d.wait(200 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "No server was found") || f.found != "alice@example.org" {
			t.Errorf("the search for servers, of %q:\n%s", f.found, s)
		}
		d.press("m")
		d.typed("Alice Example")
		d.toField("Password")
		d.typed("hunter2")
		if strings.Contains(d.screen(), "hunter2") || !strings.Contains(d.screen(), "smtp.example.org") {
			t.Errorf("the form:\n%s", d.screen())
		}
		d.press("ctrl+s")
		d.wait(200 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "192.0.2.7") || !strings.Contains(s, "It works") {
			t.Errorf("the test does not show:\n%s", s)
		}
		if f.given["example"] != "hunter2" {
			t.Errorf("given: %v", f.given)
		}
		d.press("esc", "alt+1")
		if !strings.Contains(d.screen(), "Alice Example <alice@example.org>") {
			t.Errorf("the composer does not know the account:\n%s", d.screen())
		}
	})
}

// TestProgressIsMerged: a flood of progress reaches the model in few batches.
func TestProgressIsMerged(t *testing.T) {
	t.Parallel()
	f := newFake()
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		batches := 0
		for i := range 1000 {
			f.hear(outbox.Event{ID: 1, Session: &smtp.Event{
				Kind: smtp.KindProgress, Stage: smtp.StageContent, Bytes: int64(i), Total: 1000, Time: time.Now(),
			}})
			time.Sleep(time.Millisecond) // made-up time
			select {
			case msg := <-d.msgs:
				if e, ok := msg.(kit.Events); ok {
					batches++
					if len(e) > 1 {
						t.Errorf("a batch has %d reports of one mail", len(e))
					}
				}
				d.send(msg)
			default:
			}
		}
		if batches == 0 || batches > 21 {
			t.Errorf("%d batches in a second", batches)
		}
	})
}

// TestPassphraseWanted asserts that a mail whose key needs a passphrase is tried
// again with the terminal, and that nothing is saved or typed meanwhile.
func TestPassphraseWanted(t *testing.T) {
	t.Parallel()
	m := newApp(t.Context(), Options{Service: &fake{}, Clock: time.Now}, newPump())
	m.autosave.sending = true
	asks := &seal.Error{Program: "gpg", Reason: seal.MustAsk}
	if cmd := m.afterQueue(queued{draft: m.autosave.draft, err: asks}); cmd == nil || !m.autosave.sending {
		t.Error("it is given up")
	}
	asks.Reason = seal.Canceled
	m.afterQueue(queued{draft: m.autosave.draft, err: asks})
	if status := m.composer.Status(); m.autosave.sending || !strings.Contains(status.Text, "gpg was cancelled") {
		t.Errorf("cancelled, it says %+v", status)
	}
}
