package accounts

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

func many() config.Account {
	return config.Account{
		Name: "work", Address: "alice@example.org", FullName: "Alice Example", Host: "smtp.example.org", Port: 465, TLS: config.TLSImplicit,
		Auth: config.AuthNone, Signature: "Alice\nExample Ltd", CatchAll: []string{"alice.example"}, Language: "en_GB",
		Identities: []config.Identity{
			{Address: "sales@example.org", FullName: "Alice, Sales", Recipients: []string{"*@customer.example"}, Markdown: true},
			{Address: "press@example.org", ReplyTo: "office@example.org", Bcc: []string{"archive@example.org"}, Seal: config.Seal{Sign: true, Key: "ABCD"}},
		},
	}
}

// senders is the page of the identities of an account.
func senders(t *testing.T) *Screen {
	t.Helper()
	s := New(tuitest.Env())
	s.SetSize(80, 19)
	s.Update(kit.AccountsLoaded{Accounts: []kit.AccountInfo{{Account: many(), Ready: true}}})
	if got := tuitest.Press(s, "i"); got != nil || s.senders == nil {
		t.Fatalf("i wants %+v", got)
	}
	return s
}

func TestIdentitiesGolden(t *testing.T) {
	t.Parallel()
	for name, size := range sizes {
		env := tuitest.Env()
		s := senders(t)
		tuitest.Golden(t, "identities-"+name, tuitest.Frame(t, env, s, size[0], size[1]))
		tuitest.Press(s, "enter", "shift+tab", "down")
		tuitest.Golden(t, "identity-"+name, tuitest.Frame(t, env, s, size[0], size[1]))
	}
}

// TestIdentitiesUntouched: an identity that is looked at and saved is as it was.
func TestIdentitiesUntouched(t *testing.T) {
	t.Parallel()
	for n := range 3 {
		s := senders(t)
		for range n {
			tuitest.Press(s, "down")
		}
		got, ok := tuitest.Press(s, "enter", "ctrl+s").(kit.UpdateAccount)
		if diff := cmp.Diff(many(), got.Account); !ok || diff != "" {
			t.Errorf("identity %d: %s: %s", n, s.Status().Text, diff)
		}
	}
}

// TestIdentityAdded fills in every row of a new identity.
func TestIdentityAdded(t *testing.T) {
	t.Parallel()
	s := senders(t)
	tuitest.Press(s, "n")
	if !s.Adding() {
		t.Error("keys are not text")
	}
	if got := tuitest.Press(s, "ctrl+s"); got != nil || !s.Status().Trouble {
		t.Errorf("an empty one wants %+v, %+v", got, s.Status())
	}
	if got := tuitest.Press(s, "esc"); got != nil || s.senders.sheet != nil {
		t.Errorf("esc wants %+v where nothing was typed", got)
	}
	tuitest.Press(s, "n")
	tuitest.Type(s, "club")
	if ask, ok := tuitest.Press(s, "esc").(kit.Confirm); !ok || ask.Then != (kit.DropForm{}) || s.senders.sheet == nil {
		t.Errorf("esc loses what was typed: %+v", ask)
	}
	s.DropForm()
	tuitest.Press(s, "n")
	for _, typed := range []string{"club@example.org", "Alice of the Club", "all@example.org", "a@example.org, b@example.org", "*@club.example"} {
		tuitest.Type(s, typed)
		tuitest.Press(s, "tab")
	}
	tuitest.Press(s, "space", "tab", "space", "space", "space", "tab", "space", "tab")
	tuitest.Type(s, "0xABCD")
	tuitest.Press(s, "tab")
	tuitest.Type(s, "fr")
	tuitest.Press(s, "tab")
	tuitest.Type(s, "Alice\nof the Club\n\n")
	got, ok := tuitest.Press(s, "ctrl+s").(kit.UpdateAccount)
	want := many()
	want.Identities = append(want.Identities, config.Identity{
		Address: "club@example.org", FullName: "Alice of the Club", ReplyTo: "all@example.org", Bcc: []string{"a@example.org", "b@example.org"},
		Recipients: []string{"*@club.example"}, Markdown: true, Language: "fr", Signature: "Alice\nof the Club",
		Seal: config.Seal{Sign: true, Encrypt: true, Crypto: "smime", Key: "0xABCD"},
	})
	if diff := cmp.Diff(want, got.Account); !ok || diff != "" {
		t.Fatalf("%s: %s", s.Status().Text, diff)
	}
	if tuitest.Press(s, "ctrl+s") != nil {
		t.Error("saves twice")
	}
	s.Update(kit.AccountAdded{Name: "work", Err: errors.New("the disk is full")})
	if got := s.Status(); !got.Trouble || !strings.Contains(got.Text, "disk is full") || s.senders.sheet == nil {
		t.Errorf("says %+v", got)
	}
	tuitest.Press(s, "ctrl+s")
	if got := s.Update(kit.AccountAdded{Name: "work"}); got != kit.Intent(kit.LoadAccounts{}) || s.test != nil {
		t.Errorf("goes on with %+v", got)
	}
	s.Update(kit.AccountsLoaded{Accounts: []kit.AccountInfo{{Account: want}}})
	if frame, _ := s.View(); !strings.Contains(frame, "club@example.org") || s.Status().Trouble {
		t.Errorf("not shown:\n%s", frame)
	}
}

// TestIdentityRemoved asks first; the account's own stays.
func TestIdentityRemoved(t *testing.T) {
	t.Parallel()
	s := senders(t)
	if got := tuitest.Press(s, "x"); got != nil {
		t.Errorf("the account's own: %+v", got)
	}
	ask, ok := tuitest.Press(s, "down", "x").(kit.Confirm)
	want := many()
	want.Identities = want.Identities[1:]
	if diff := cmp.Diff(kit.Intent(kit.UpdateAccount{Account: want}), ask.Then, cmpopts.EquateComparable(secret.Secret{})); !ok || diff != "" || !strings.Contains(ask.Title, "sales@example.org") {
		t.Errorf("%+v: %s", ask, diff)
	}
	s.Update(kit.AccountAdded{Name: "work", Err: errors.New("the disk is full")})
	if !s.Status().Trouble {
		t.Errorf("says %+v", s.Status())
	}
	s.Update(kit.AccountsLoaded{}) // another program removed the account
	if s.senders != nil {
		t.Error("shows the identities of no account")
	}
}

// TestIdentityRefused: what the file would refuse is said before it is written.
func TestIdentityRefused(t *testing.T) {
	t.Parallel()
	for row, typed := range map[int]string{
		whoReplyTo: "nobody", whoBcc: "a@example.org, b", whoCatchAll: "nodots", whoRecipients: "@", whoKey: "-x y", whoLanguage: "../en",
	} {
		s := senders(t)
		tuitest.Press(s, "enter")
		s.senders.sheet.set(row, typed)
		if got := tuitest.Press(s, "ctrl+s"); got != nil || !s.Status().Trouble {
			t.Errorf("%q: wants %+v, says %+v", typed, got, s.Status())
		}
	}
	// The second of two with one address.
	s := senders(t)
	tuitest.Press(s, "down", "enter")
	s.senders.sheet.set(whoAddress, "press@example.org")
	if got := tuitest.Press(s, "ctrl+s"); got != nil || !strings.Contains(s.Status().Text, "second identity") {
		t.Errorf("wants %+v, says %+v", got, s.Status())
	}
}
