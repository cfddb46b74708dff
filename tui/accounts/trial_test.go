package accounts

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"testing"

	"charm.land/bubbles/v2/key"
	"github.com/charmbracelet/x/ansi"

	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// trying submits the form, as the program does that begins the test then.
func trying(t *testing.T, s *Screen) kit.TryAccount {
	t.Helper()
	want, ok := tuitest.Press(s, "ctrl+s").(kit.TryAccount)
	if !ok {
		t.Fatalf("nothing is tested: %+v", s.Status())
	}
	s.Try(kit.AddAccount(want))
	return want
}

// footer is the last line of the program, which has the key of help too.
func footer(s *Screen) string {
	return ansi.Strip(s.pen.Keys(s.width, s.Bindings(), []key.Binding{s.env.Keys.Global.Help}))
}

// fillIn types a new account and its password.
func fillIn(t *testing.T) *Screen {
	t.Helper()
	s := screen(tuitest.Env())
	tuitest.Press(s, "n", "tab", "tab")
	tuitest.Type(s, "alice@example.net")
	tuitest.Press(s, "tab")
	s.form.set(rowPassword, "hunter2")
	return s
}

// TestTrialWorks: an account whose login works is saved by itself, and both is
// said.
func TestTrialWorks(t *testing.T) {
	t.Parallel()
	s := fillIn(t)
	want := trying(t, s)
	if want.Password != secret.New("hunter2") || s.Adding() || !s.Counting() {
		t.Errorf("asks for %+v", want)
	}
	tuitest.Golden(t, "trial-80x24", tuitest.Frame(t, tuitest.Env(), s, 80, 19))
	if got := tuitest.Press(s, "y"); got != nil {
		t.Errorf("saves before the test is over: %+v", got)
	}
	add, ok := s.Update(kit.Tested{Name: "example"}).(kit.AddAccount)
	if !ok || add.Account.Name != "example" || add.Password != want.Password || !strings.Contains(s.Status().Text, "Saving") {
		t.Errorf("it works, and wants %+v, says %q", add, s.Status().Text)
	}
	if got := tuitest.Press(s, "esc"); got != nil || s.form != nil {
		t.Errorf("can be left while it is saved: %+v", got)
	}
	if got := s.Update(kit.AccountAdded{Name: "example"}); got != (kit.LoadAccounts{}) || s.Status().Text != "It works, and is saved: example can send mail." {
		t.Errorf("wants %+v, says %q", got, s.Status().Text)
	}
	if got := tuitest.Press(s, "t"); got != kit.Intent(kit.TestAccount{Name: "example"}) {
		t.Errorf("after that t wants %+v", got)
	}
}

// TestTrialFails: nothing is saved then, and the form has all that was typed.
func TestTrialFails(t *testing.T) {
	t.Parallel()
	env := tuitest.Env()
	s := fillIn(t)
	want := trying(t, s)
	s.Update(kit.TestEvents{Name: "example", Events: []smtp.Event{{Kind: smtp.KindEnd, Stage: smtp.StageConnect, Text: "192.0.2.7 port 465"}}})
	if got := s.Update(kit.Tested{Name: "example", Typed: true, Err: errors.New("refused")}); got != nil {
		t.Errorf("it fails, and wants %+v", got)
	}
	for name, size := range sizes {
		tuitest.Golden(t, "trial-failed-"+name, tuitest.Frame(t, env, s, size[0], size[1]))
		if keys := footer(s); !strings.Contains(keys, "enter edit") || !strings.Contains(keys, "y save anyway") {
			t.Errorf("of the keys are seen %q", keys)
		}
	}
	if got := tuitest.Press(s, "x"); got != nil {
		t.Errorf("x wants %+v where there is nothing to remove", got)
	}
	again, ok := tuitest.Press(s, "t").(kit.TryAccount)
	if !ok || again.Password != want.Password {
		t.Errorf("t wants %+v", again)
	}
	for _, back := range []string{"e", "esc"} {
		if got := tuitest.Press(s, back); got != nil || s.form == nil || s.test != nil {
			t.Fatalf("%s wants %+v", back, got)
		}
		if f := s.form; f.saving || f.value(rowAddress) != "alice@example.net" || f.rows[rowPassword].line.Text() != "hunter2" {
			t.Errorf("the form lost what was typed: %+v", f.trouble)
		}
		trying(t, s)
		s.Update(kit.Tested{Name: "example", Err: errors.New("refused")})
	}
	add, ok := tuitest.Press(s, "y").(kit.AddAccount)
	if !ok || add.Password != want.Password || add.Account.Name != "example" {
		t.Errorf("to save it anyway wants %+v", add)
	}
	s.Update(kit.AccountAdded{Name: "example"})
	if s.test != nil || s.form != nil || !strings.Contains(s.Status().Text, "example is saved, and does not work yet") {
		t.Errorf("says %q", s.Status().Text)
	}
}

// TestTrialLeft: who goes back while it is tested stops that, and saves nothing.
func TestTrialLeft(t *testing.T) {
	t.Parallel()
	s := fillIn(t)
	trying(t, s)
	if got := tuitest.Press(s, "esc"); got != (kit.StopTest{}) || s.form == nil {
		t.Errorf("wants %+v", got)
	}
	if got := s.Update(kit.Tested{Name: "example"}); got != nil {
		t.Errorf("one that was stopped wants %+v", got)
	}
	trying(t, s)
	s.Update(kit.Tested{Name: "example", Err: errors.New("refused")})
	if got := s.Test("work"); got != kit.Intent(kit.TestAccount{Name: "work"}) || s.form == nil {
		t.Errorf("another test wants %+v, and loses what was typed: %v", got, s.form == nil)
	}
}

// TestTrialTrust: a key that is trusted is in the account before it is saved.
func TestTrialTrust(t *testing.T) {
	t.Parallel()
	s := fillIn(t)
	trying(t, s)
	refused := &tls.CertificateVerificationError{
		UnverifiedCertificates: []*x509.Certificate{{RawSubjectPublicKeyInfo: []byte("key")}}, Err: x509.UnknownAuthorityError{},
	}
	s.Update(kit.Tested{Name: "example", Err: &smtp.Error{Stage: smtp.StageTLS, Class: smtp.ClassTLS, Err: refused}})
	if keys := s.Bindings(); keys[0].Help().Key != s.keys.Trust.Help().Key {
		t.Errorf("first is %v", keys[0].Help())
	}
	ask, ok := tuitest.Press(s, "p").(kit.Confirm)
	if !ok || !strings.Contains(ask.Title, "smtp.example.net:465") {
		t.Fatalf("asks %+v", ask)
	}
	again, ok := ask.Then.(kit.TryAccount)
	if !ok || len(again.Account.Pins) != 1 || again.Password != secret.New("hunter2") {
		t.Fatalf("goes on with %+v", ask.Then)
	}
	s.Try(kit.AddAccount(again))

	if add, ok := s.Update(kit.Tested{Name: "example"}).(kit.AddAccount); !ok || !slices.Equal(add.Account.Pins, again.Account.Pins) {
		t.Errorf("saves %+v", add)
	}
	s.Update(kit.AccountAdded{Name: "example", Err: errors.New("no room")})

	// Back in the form it is still known, for that server.
	if kept := trying(t, s); !slices.Equal(kept.Account.Pins, again.Account.Pins) {
		t.Errorf("the key is forgotten: %+v", kept.Account)
	}
	s.Update(kit.Tested{Name: "example", Err: errors.New("refused")})
	tuitest.Press(s, "esc")
	s.form.set(rowHost, "other.example.net")
	if elsewhere := trying(t, s); len(elsewhere.Account.Pins) > 0 {
		t.Errorf("the key is trusted for another server: %+v", elsewhere.Account)
	}
	if add, ok := s.Update(kit.Tested{Name: "example"}).(kit.AddAccount); !ok || len(add.Account.Pins) > 0 {
		t.Errorf("saves %+v", add)
	}
}
