package compose

import (
	"testing"

	"sendoff/config"
	"sendoff/smtp/message"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// TestSealing asserts that one key goes through what can be done, from what is
// usual for the sender on.
func TestSealing(t *testing.T) {
	t.Parallel()
	s := New(tuitest.Env())
	a := config.Account{Name: "work", Address: "alice@example.org", Seal: config.Seal{Sign: true}}
	s.Update(kit.AccountsLoaded{Accounts: []kit.AccountInfo{{Account: a}}, Default: "work"})
	if d := s.Draft(); d.Sign != message.AsUsual || s.Status().Right != "signed" {
		t.Errorf("at first %q, %+v", s.Status().Right, d)
	}
	for _, want := range []struct {
		right         string
		sign, encrypt message.Choice
	}{
		{"encrypted", message.No, message.Yes}, {"signed, encrypted", message.Yes, message.Yes},
		{"", message.No, message.No}, {"signed", message.Yes, message.No},
	} {
		before := s.Revision()
		s.Update(tuitest.Key("alt+s"))
		d := s.Draft()
		if s.Status().Right != want.right || d.Sign != want.sign || d.Encrypt != want.encrypt || s.Revision() == before {
			t.Errorf("%q, sign %q, encrypt %q; want %+v", s.Status().Right, d.Sign, d.Encrypt, want)
		}
	}
	s.Update(kit.DraftLoaded{Fields: message.Draft{Encrypt: message.Yes, Crypto: "smime"}})
	if s.Status().Right != "signed, encrypted" || s.Draft().Crypto != "smime" {
		t.Errorf("a draft has %q, %+v", s.Status().Right, s.Draft())
	}
}
