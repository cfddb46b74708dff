package compose

import (
	"errors"
	"strings"
	"testing"

	"sendoff/config"
	"sendoff/smtp/message"
	"sendoff/smtp/message/seal"
	"sendoff/tui/kit"
	"sendoff/tui/presend"
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
		ask := s.Update(tuitest.Key("alt+s"))
		if _, asks := ask.(kit.CheckKeys); asks != (want.right != "") {
			t.Errorf("%q: it wants %v", want.right, ask)
		}
		d := s.Draft()
		if s.Status().Right != want.right || d.Sign != want.sign || d.Encrypt != want.encrypt || s.Revision() == before {
			t.Errorf("%q, sign %q, encrypt %q; want %+v", s.Status().Right, d.Sign, d.Encrypt, want)
		}
	}
	s.Update(kit.DraftSaved{ID: 1, At: tuitest.Now()})
	for width, right := range map[int]string{40: "signed", 80: "draft saved 14:30  signed"} {
		s.SetSize(width, 12)
		s.status = kit.Status{Text: "It will be signed by gpg."}
		if got := s.Status().Right; got != right {
			t.Errorf("in %d columns %q", width, got)
		}
	}
	s.Update(kit.DraftLoaded{Fields: message.Draft{Encrypt: message.Yes, Crypto: "smime"}})
	if s.Status().Right != "signed, encrypted" || s.Draft().Crypto != "smime" {
		t.Errorf("a draft has %q, %+v", s.Status().Right, s.Draft())
	}
}

// TestKeyless: that there is no key is said when it is to be used, with what
// helps, and again when recipients change; not once it is used no more.
func TestKeyless(t *testing.T) {
	t.Parallel()
	s := begun()
	ask, ok := tuitest.Press(s, "alt+s", "alt+s").(kit.CheckKeys)
	if !ok || ask.Fields.Encrypt != message.Yes {
		t.Fatalf("it wants %+v", ask)
	}
	lack := &seal.KeysError{Kind: seal.PGP, Lacks: []*seal.Lack{{Address: "alice@example.org", Reason: "has no secret key here"}}}
	s.Update(kit.KeysChecked{Err: lack})
	if got := s.Status(); !got.Trouble || !strings.Contains(got.Text, lack.Error()) || !strings.Contains(got.Text, "alt+s until it is neither") {
		t.Errorf("it says %+v", got)
	}
	s.Update(kit.DraftSaved{Err: lack})
	if got := s.Status(); !strings.Contains(got.Text, "NOT SAVED") || !strings.Contains(got.Text, "alt+s until it is neither") {
		t.Errorf("unsaved, it says %+v", got)
	}
	s.Update(kit.DraftSaved{Err: errors.New("no room left")})
	if got := s.Status(); !strings.Contains(got.Text, "NOT SAVED") || strings.Contains(got.Text, "alt+s") {
		t.Errorf("without room, it says %+v", got)
	}
	s.Update(kit.DraftSaved{})
	var asks int
	for _, r := range "bob@x.example, c" {
		if want, ok := tuitest.Press(s, string(r)).(kit.Do); ok {
			if _, ok := want[len(want)-1].(kit.CheckKeys); ok {
				asks++
			}
		}
	}
	if asks != 1 {
		t.Errorf("of one recipient it asked %d times", asks)
	}
	s.Update(kit.KeysChecked{})
	if got := s.Status(); got.Trouble {
		t.Errorf("with the keys it says %+v", got)
	}
	s.Update(kit.KeysChecked{Err: lack})
	tuitest.Press(s, "alt+s", "alt+s")
	if got := s.Status(); got.Trouble || s.sealed() != "" {
		t.Errorf("unsealed it says %+v", got)
	}
}

// TestKeylessSheet: a mail that lacks keys does not go anyway; it goes without
// encryption, or without those who have no key.
func TestKeylessSheet(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		to   string
		sign message.Choice
		who  []string
		key  string
		want message.Draft // To, Sign and Encrypt; without To it does not go
	}{
		"not anyway":   {"bob@x.example, Ann <ann@x.example>", "", []string{"ann@x.example"}, "enter", message.Draft{}},
		"in clear":     {"bob@x.example, ann@x.example", "", []string{"ann@x.example"}, "u", message.Draft{To: "bob@x.example, ann@x.example", Sign: message.No, Encrypt: message.No}},
		"still signed": {"ann@x.example", message.Yes, []string{"ann@x.example"}, "u", message.Draft{To: "ann@x.example", Sign: message.Yes, Encrypt: message.No}},
		"no own key":   {"ann@x.example", message.Yes, nil, "u", message.Draft{To: "ann@x.example", Sign: message.No, Encrypt: message.No}},
		"without them": {"Bob <bob@x.example>, Ann <ann@x.example>", "", []string{"ann@x.example"}, "x", message.Draft{To: "Bob <bob@x.example>, ", Encrypt: message.Yes}},
		"nobody left":  {"ann@x.example", "", []string{"ann@x.example"}, "x", message.Draft{}},
		"in a group":   {"us: ann@x.example, bob@x.example;", "", []string{"ann@x.example"}, "x", message.Draft{}},
	} {
		s := begun()
		s.Update(kit.DraftLoaded{Fields: message.Draft{To: tt.to, Subject: "x", Body: "y", Sign: tt.sign, Encrypt: message.Yes}})
		send, ok := tuitest.Press(s, "ctrl+s").(kit.Send)
		if !ok {
			t.Fatalf("%s: it is not sent: %+v", name, s.Status())
		}
		s.Update(kit.MailChecked{Sure: send, Findings: []presend.Finding{
			{Kind: presend.Keys, Text: "no key", Who: tt.who}, {Kind: presend.Subject, Text: "it has no subject"},
		}})
		for _, b := range s.Bindings() {
			if b.Help().Desc == "send anyway" {
				t.Errorf("%s: it offers to send it anyway", name)
			}
		}
		got, ok := tuitest.Press(s, tt.key).(kit.Send)
		if d := got.Fields; ok != (tt.want.To != "") || d.To != tt.want.To || d.Sign != tt.want.Sign || d.Encrypt != tt.want.Encrypt || got.Sure {
			t.Errorf("%s: it wants %+v", name, got)
		}
		if !ok && s.over == nil {
			t.Errorf("%s: it closes", name)
		}
	}
}
