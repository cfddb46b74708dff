package tui

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/tui/kit"
)

// TestTrial adds an account whose login fails at first: nothing is saved until it
// works, and the form keeps what was typed.
func TestTrial(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.accounts = nil
	f.testErr = &smtp.Error{Stage: smtp.StageAuth, Class: smtp.ClassAuth, Err: errors.New("refused")}
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		typeAccount(d)
		d.press("ctrl+s")
		d.wait(200 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "Nothing is saved yet") || strings.Contains(s, "Password of") {
			t.Fatalf("a failed login shows:\n%s", s)
		}
		if len(f.accounts) != 0 || len(f.given) != 0 || len(f.tried) != 1 || f.tried[0].password != "hunter2" {
			t.Errorf("saved %v and %v after %+v", f.accounts, f.given, f.tried)
		}
		d.press("ctrl+q")
		if s := d.screen(); !strings.Contains(s, "Quit without the new account?") {
			t.Errorf("what was typed would be lost:\n%s", s)
		}
		d.press("esc")
		d.press("esc")
		if s := d.screen(); !strings.Contains(s, "alice@example.org") || !strings.Contains(s, "•••••••") {
			t.Errorf("the form:\n%s", s)
		}
		d.press("ctrl+e")
		d.typed("!")
		f.testErr = nil
		d.press("ctrl+s")
		d.wait(200 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "It works, and is saved") || f.given["example"] != "hunter2!" || len(f.accounts) != 1 {
			t.Errorf("saved %v and %v:\n%s", f.accounts, f.given, s)
		}
		d.press("ctrl+q")
		if s := d.screen(); strings.Contains(s, "Quit without the new account?") {
			t.Errorf("what is saved would be lost:\n%s", s)
		}
	})
}

// TestTrialKept saves an account that does not work, because the person says so.
func TestTrialKept(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.accounts = nil
	f.testErr = errors.New("offline")
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		typeAccount(d)
		d.press("ctrl+s")
		d.wait(200 * time.Millisecond)
		d.press("t")
		d.wait(200 * time.Millisecond)
		if len(f.accounts) != 0 || len(f.tried) != 2 {
			t.Errorf("saved %v after %d tests", f.accounts, len(f.tried))
		}
		d.press("y")
		d.wait(200 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "does not work yet") || f.given["example"] != "hunter2" || len(f.accounts) != 1 {
			t.Errorf("saved %v and %v:\n%s", f.accounts, f.given, s)
		}
	})
}

// TestTrialTrusts puts a key that the person trusts into the account that is not
// saved yet.
func TestTrialTrusts(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.accounts = nil
	f.testErr = &smtp.Error{Stage: smtp.StageTLS, Class: smtp.ClassTLS, Err: &tls.CertificateVerificationError{
		UnverifiedCertificates: []*x509.Certificate{{RawSubjectPublicKeyInfo: []byte("key")}}, Err: x509.UnknownAuthorityError{},
	}}
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		typeAccount(d)
		d.press("ctrl+s")
		d.wait(200 * time.Millisecond)
		d.press("p")
		if s := d.screen(); !strings.Contains(s, "Trust this key") || len(f.accounts) != 0 {
			t.Fatalf("nothing is asked:\n%s", s)
		}
		f.testErr = nil
		d.press("y")
		d.wait(200 * time.Millisecond)
		if s := d.screen(); len(f.accounts) != 1 || len(f.accounts[0].Account.Pins) != 1 || !strings.Contains(s, "is saved") {
			t.Errorf("saved %v:\n%s", f.accounts, s)
		}
	})
}

// TestTrialStopped: who presses esc twice while a server says nothing ends the
// test, and is asked before what was typed is gone.
func TestTrialStopped(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.accounts, f.endless = nil, true
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		typeAccount(d)
		d.press("ctrl+s", "esc", "esc")
		if s := d.screen(); !strings.Contains(s, "Leave without saving?") {
			t.Fatalf("nothing is asked:\n%s", s)
		}
		d.press("esc")
		if s := d.screen(); !strings.Contains(s, "alice@example.org") || !strings.Contains(s, "•••••••") {
			t.Errorf("the form lost what was typed:\n%s", s)
		}
		d.press("esc", "y")
		if s := d.screen(); !strings.Contains(s, "No account yet") {
			t.Errorf("the form does not close:\n%s", s)
		}
		d.press("n", "tab", "esc")
		if s := d.screen(); !strings.Contains(s, "No account yet") {
			t.Errorf("asks where nothing was typed:\n%s", s)
		}
	})
}

// TestTrialUnfit: an account that can't be saved at all is not offered to be saved
// anyway.
func TestTrialUnfit(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.testErr = &kit.UnfitError{Err: errors.New("there is an account example already")}
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		typeAccount(d)
		d.press("ctrl+s")
		d.wait(200 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "There is an account example already") || !strings.Contains(s, "•••••••") || strings.Contains(s, "save anyway") {
			t.Errorf("shows:\n%s", s)
		}
		d.press("y")
		d.wait(200 * time.Millisecond)
		if len(f.accounts) != 1 {
			t.Errorf("saved %v", f.accounts)
		}
	})
}

// typeAccount fills in the form of a new account.
func typeAccount(d *driver) {
	d.press("alt+3", "n", "tab", "tab")
	d.typed("alice@example.org")
	d.toField("Password")
	d.typed("hunter2")
}

// TestTrialAsks asks for a password that was not typed in the form, tests again
// with it, and saves.
func TestTrialAsks(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.accounts = nil
	f.testErr = &secret.Error{Account: "example", Err: secret.ErrNotFound}
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		typeAccount(d)
		d.press("ctrl+u", "ctrl+s")
		d.wait(200 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "Password of example") || len(f.accounts) != 0 {
			t.Fatalf("saved %v; nothing is asked:\n%s", f.accounts, s)
		}
		d.wait(settle) // a question that came by itself takes no keys at once
		d.typed("hunter2")
		d.press("enter")
		d.wait(200 * time.Millisecond)
		if s := d.screen(); len(f.tried) != 2 || len(f.accounts) != 1 || !strings.Contains(s, "is saved") {
			t.Errorf("tried %d times, saved %v:\n%s", len(f.tried), f.accounts, s)
		}
	})
}

// TestQuitFromElsewhere: a form that was left open under another tab is not dropped
// without a word either.
func TestQuitFromElsewhere(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.accounts = nil
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		typeAccount(d)
		d.press("alt+2")
		d.press("ctrl+q")
		if s := d.screen(); d.app.here != kit.Outbox || !strings.Contains(s, "Quit without the new account?") {
			t.Errorf("what was typed would be lost:\n%s", s)
		}
	})
}
