package accounts

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

var sizes = map[string][2]int{"80x24": {80, 19}, "40x12": {40, 9}, "200x60": {200, 55}}

// TestRemove: an account goes after a yes, from the list and where its login
// failed.
func TestRemove(t *testing.T) {
	t.Parallel()
	for _, failed := range []bool{false, true} {
		s := screen(tuitest.Env())
		if failed {
			tuitest.Press(s, "t")
			if got := tuitest.Press(s, "x"); got != nil {
				t.Errorf("while it is tested: %+v", got)
			}
			s.Update(kit.Tested{Name: "work", Err: errors.New("refused")})
		}
		want := kit.LoadStands{Query: outbox.Query{States: outbox.Unsent}}
		if diff := cmp.Diff(kit.Intent(want), tuitest.Press(s, "x")); diff != "" {
			t.Fatalf("x (-want +got):\n%s", diff)
		}
		ask, ok := s.Update(kit.StandsLoaded{Query: want.Query}).(kit.Confirm)
		if !ok || ask.Then != (kit.RemoveAccount{Name: "work"}) || !strings.Contains(ask.Title, "work") {
			t.Fatalf("asks %+v", ask)
		}
		if got := s.Update(kit.AccountRemoved{Name: "work"}); got != (kit.LoadAccounts{}) || s.test != nil || !strings.Contains(s.Status().Text, "work is removed") {
			t.Errorf("wants %+v, says %q", got, s.Status().Text)
		}
		s.Update(kit.AccountRemoved{Name: "work", Err: errors.New("no keyring")})
		if st := s.Status(); !st.Trouble || !strings.Contains(st.Text, "no keyring") {
			t.Errorf("says %+v", st)
		}
	}
}

// TestRemoveTellsOfMail: who removes an account hears how much mail of it waits,
// and what becomes of that.
func TestRemoveTellsOfMail(t *testing.T) {
	t.Parallel()
	s := screen(tuitest.Env())
	stands := map[outbox.ID]kit.Stand{1: {Account: "work"}, 2: {Account: "Work"}, 3: {Account: "home"}}
	for _, c := range []struct {
		says string
		msg  kit.StandsLoaded
		at   string
	}{
		{"2 mails of it wait. Each stays in the outbox, and goes out only when another account sends it (b there).", kit.StandsLoaded{Stands: stands}, "home"},
		{"1 mail of it waits; it stays in the outbox", kit.StandsLoaded{Stands: stands}, "down"},
		{"No mail of it waits.", kit.StandsLoaded{}, "home"},
		{"Mail of it that waits stays in the outbox", kit.StandsLoaded{Err: outbox.ErrCorrupt}, "home"},
	} {
		tuitest.Press(s, c.at, "x")
		if ask, _ := s.Update(c.msg).(kit.Confirm); !strings.HasPrefix(ask.Text, c.says) {
			t.Errorf("it asks %q, want %q", ask.Text, c.says)
		}
	}
	tuitest.Press(s, "x", "down")
	if got := s.Update(kit.StandsLoaded{}); got != nil {
		t.Errorf("asks who went on: %+v", got)
	}
}

// TestRemoveTellsOfPassword: only one that is kept here goes.
func TestRemoveTellsOfPassword(t *testing.T) {
	t.Parallel()
	for place, goes := range map[string]bool{
		config.SecretKeyring: true, config.SecretVault: true, config.SecretConfig: true, config.SecretFile: false, config.SecretCommand: false,
	} {
		s := screen(tuitest.Env())
		s.Update(kit.AccountsLoaded{Accounts: []kit.AccountInfo{{Account: config.Account{Name: "work", Secret: place}}}})
		tuitest.Press(s, "x")
		if ask, _ := s.Update(kit.StandsLoaded{}).(kit.Confirm); strings.Contains(ask.Text, "password goes") != goes {
			t.Errorf("%s: it asks %q", place, ask.Text)
		}
	}
}

// TestTestOfNone: where an account that was removed is tested, nothing is offered
// that needs one.
func TestTestOfNone(t *testing.T) {
	t.Parallel()
	s := screen(tuitest.Env())
	s.SetSize(80, 19)
	s.Test("gone")
	s.Update(kit.Tested{Name: "gone", Err: &config.Error{Text: `no account is called "gone"`}})
	if got := footer(s); strings.Contains(got, "edit") || strings.Contains(got, "remove") || !strings.Contains(got, "back") {
		t.Errorf("it offers %s", got)
	}
	if got := tuitest.Press(s, "x"); got != nil {
		t.Errorf("x wants %+v", got)
	}
}

// TestWaits: an account whose mail waits is told by its row, in words, and why.
func TestWaits(t *testing.T) {
	t.Parallel()
	for name, size := range sizes {
		env := tuitest.Env()
		s := screen(env)
		all := loaded()
		all.Accounts[1].Waits = "the server refused the login: the server said: 535 5.7.8 no"
		s.Update(all)
		tuitest.Press(s, "down")
		tuitest.Golden(t, "waits-"+name, tuitest.Frame(t, env, s, size[0], size[1]))
	}
}

// TestDefault: an account that is not the default can become it.
func TestDefault(t *testing.T) {
	t.Parallel()
	s := screen(tuitest.Env())
	s.SetSize(200, 19)
	if got := tuitest.Press(s, "f"); got != nil || strings.Contains(footer(s), "make default") {
		t.Errorf("of the default f wants %+v", got)
	}
	if got := tuitest.Press(s, "down", "f"); got != (kit.SetDefault{Name: "home"}) || !strings.Contains(footer(s), "f make default") {
		t.Errorf("f wants %+v", got)
	}
	if got := s.Update(kit.DefaultSet{Name: "home"}); got != (kit.LoadAccounts{}) || !strings.Contains(s.Status().Text, "from home") {
		t.Errorf("wants %+v, says %q", got, s.Status().Text)
	}
	s.Update(kit.DefaultSet{Name: "home", Err: errors.New("the disk is full")})
	if st := s.Status(); !st.Trouble || !strings.Contains(st.Text, "disk is full") {
		t.Errorf("says %+v", st)
	}
}

// TestUnlockOffered: what a passphrase does not mend offers no question for it.
func TestUnlockOffered(t *testing.T) {
	t.Parallel()
	s := screen(tuitest.Env())
	s.accounts[0].Account.Secret, s.accounts[0].Sealed = config.SecretVault, true
	for want, err := range map[bool]error{
		false: &smtp.Error{Class: smtp.ClassLocal, Scope: smtp.ScopeAccount, Err: &os.PathError{Op: "open", Path: "ca.pem", Err: os.ErrNotExist}},
		true:  &smtp.Error{Class: smtp.ClassAuth, Err: secret.VaultLocked("work")},
	} {
		tuitest.Press(s, "t")
		s.Update(kit.Tested{Name: "work", Err: err})
		if got := tuitest.Press(s, "u"); (got != nil) != want || strings.Contains(footer(s), "u unlock") != want {
			t.Errorf("after %v u wants %+v", err, got)
		}
	}
}

func loaded() kit.AccountsLoaded {
	return kit.AccountsLoaded{
		Accounts: []kit.AccountInfo{
			{Account: config.Account{Name: "work", Address: "alice@example.org", Host: "smtp.example.org", Port: 465, TLS: config.TLSImplicit}, Secret: "keyring, ready", Ready: true},
			{Account: config.Account{Name: "home", Address: "alice@home.example", Host: "mail.home.example", Port: 587, TLS: config.TLSStart}, Secret: "asked at each start"},
		},
		Default: "work",
		Stores: []kit.SecretStore{
			{Name: config.SecretKeyring, Title: "keyring", Why: "no keyring here (no D-Bus session)"},
			{Name: config.SecretAsk, Title: "asked at each start", Usable: true},
		},
	}
}

func screen(env kit.Env) *Screen {
	s := New(env)
	s.SetSize(80, 19)
	s.Update(loaded())
	return s
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, size := range sizes {
		env := tuitest.Env()
		s := screen(env)
		tuitest.Golden(t, "list-"+name, tuitest.Frame(t, env, s, size[0], size[1]))
		tuitest.Press(s, "n", "tab", "tab")
		tuitest.Type(s, "alice@example.net")
		tuitest.Press(s, "tab", "tab", "tab")
		tuitest.Golden(t, "form-"+name, tuitest.Frame(t, env, s, size[0], size[1]))
		tuitest.Press(s, "tab", "tab", "tab", "tab", "tab", "tab", "tab")
		tuitest.Type(s, "hunter2")
		tuitest.Press(s, "tab")
		tuitest.Golden(t, "where-"+name, tuitest.Frame(t, env, s, size[0], size[1]))
	}
}

// TestAdd: an address fills in what it mostly means, the password goes out as
// a secret, and what was added is tested before it is saved.
func TestAdd(t *testing.T) {
	t.Parallel()
	s := screen(tuitest.Env())
	tuitest.Press(s, "n", "tab")
	tuitest.Type(s, "Alice Example")
	tuitest.Press(s, "tab")
	tuitest.Type(s, "alice@example.net")
	tuitest.Press(s, "tab", "tab", "tab", "space", "tab", "tab", "tab", "tab", "tab", "tab", "tab")
	tuitest.Type(s, "hunter2")
	got := tuitest.Press(s, "ctrl+s")
	want := kit.TryAccount{
		Account: config.Account{
			Name: "example", Address: "alice@example.net", FullName: "Alice Example", Host: "smtp.example.net",
			Port: 587, TLS: config.TLSStart, Auth: config.AuthAuto, User: "alice@example.net", Secret: config.SecretAsk,
		},
		Password: secret.New("hunter2"),
	}
	if diff := cmp.Diff(kit.Intent(want), got, cmp.Comparer(func(a, b secret.Secret) bool { return a == b })); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if tuitest.Press(s, "ctrl+s") != nil {
		t.Error("saves twice")
	}
}

// TestAddRefused: what is wrong is said, where the cursor then is, and nothing
// typed goes.
func TestAddRefused(t *testing.T) {
	t.Parallel()
	s := screen(tuitest.Env())
	tuitest.Press(s, "n", "tab")
	if got := tuitest.Press(s, "ctrl+s"); got != nil || !strings.Contains(s.Status().Text, "address is missing") {
		t.Errorf("wants %+v, says %q", got, s.Status().Text)
	}
	tuitest.Type(s, "alice@example.net")
	tuitest.Press(s, "tab")
	trying(t, s)
	s.Update(kit.Tested{Name: "example"})
	s.Update(kit.AccountAdded{Name: "example", Err: errors.New("the disk is full")})
	if got := s.Status(); !got.Trouble || !strings.Contains(got.Text, "disk is full") {
		t.Errorf("says %+v", got)
	}
	if s.form == nil || s.form.value(rowAddress) != "alice@example.net" {
		t.Error("what was typed is gone")
	}
	if ask, ok := tuitest.Press(s, "esc").(kit.Confirm); !ok || ask.Then != (kit.DropForm{}) || s.form == nil {
		t.Errorf("esc wants %+v", ask)
	}
	s.DropForm()
	if s.form != nil {
		t.Error("the form does not close")
	}
}

// TestTest shows the login as it happens, and what went wrong in words.
func TestTest(t *testing.T) {
	t.Parallel()
	env := tuitest.Env()
	s := screen(env)
	if got := tuitest.Press(s, "t"); got != kit.Intent(kit.TestAccount{Name: "work"}) {
		t.Fatalf("t wants %+v", got)
	}
	end := func(stage smtp.Stage, text string, err *smtp.Error) smtp.Event {
		return smtp.Event{Kind: smtp.KindEnd, Stage: stage, Text: text, Err: err, Elapsed: 31 * time.Millisecond, Time: tuitest.Now()}
	}
	refused := &smtp.Error{
		Stage: smtp.StageAuth, Class: smtp.ClassAuth, Scope: smtp.ScopeAccount,
		Reply: smtp.Reply{Code: 535, Enhanced: "5.7.8", Lines: []string{"bad credentials"}},
	}
	s.Update(kit.TestEvents{Name: "work", Events: []smtp.Event{
		end(smtp.StageConnect, "203.0.113.7 port 465", nil), end(smtp.StageAuth, "", refused),
	}})
	s.Update(kit.TestEvents{Name: "other", Events: []smtp.Event{end(smtp.StageResolve, "not ours", nil)}})
	s.Update(kit.Tested{Name: "work", Err: refused})
	frame := tuitest.Frame(t, env, s, 80, 19)
	for _, want := range []string{"✓ connect", "✗ auth", "535 5.7.8 bad credentials", "t again"} {
		if !strings.Contains(frame, want) {
			t.Errorf("%q is missing:\n%s", want, frame)
		}
	}
	if strings.Contains(frame, "not ours") || !s.Status().Trouble {
		t.Errorf("shows another test, or no trouble:\n%s", frame)
	}
}

// TestGuesses: what the address was taken to mean follows it until the person
// says otherwise, and an address that can't be read is what is wrong first.
func TestGuesses(t *testing.T) {
	t.Parallel()
	s := screen(tuitest.Env())
	tuitest.Press(s, "n", "tab", "tab")
	tuitest.Type(s, "bad@@x")
	tuitest.Press(s, "tab", "ctrl+s")
	if got := s.Status(); !strings.Contains(got.Text, "@") || s.form.at != rowAddress || s.form.value(rowHost) != "" {
		t.Errorf("on row %d it says %+v, and guesses %q", s.form.at, got, s.form.value(rowHost))
	}
	tuitest.Press(s, "ctrl+a", "ctrl+k")
	tuitest.Type(s, "alice@one.example")
	tuitest.Press(s, "tab", "tab", "end", "ctrl+u")
	tuitest.Type(s, "mail.mine.example")
	tuitest.Press(s, "shift+tab", "shift+tab", "ctrl+a", "ctrl+k")
	tuitest.Type(s, "alice@two.example")
	got, _ := tuitest.Press(s, "ctrl+s").(kit.TryAccount)
	if s.form.trouble != "" {
		t.Fatal(s.form.trouble)
	}
	a := got.Account
	if a.Name != "two" || a.User != "alice@two.example" || a.Host != "mail.mine.example" {
		t.Errorf("it is %+v", a)
	}
}

// TestEdit: an account shows as it is; what is not in the form stays.
func TestEdit(t *testing.T) {
	t.Parallel()
	env := tuitest.Env()
	s := screen(env)
	all := loaded()
	all.Accounts[0].Account.Signature, all.Accounts[0].Account.User = "Alice", "alice@example.org"
	all.Accounts[0].Account.Secret, all.Accounts[0].Account.Auth = config.SecretKeyring, config.AuthAuto
	s.Update(all)
	tuitest.Press(s, "enter", "tab")
	tuitest.Golden(t, "edit-80x24", tuitest.Frame(t, env, s, 80, 19))
	tuitest.Press(s, "tab")
	if s.form.at != rowHost {
		t.Errorf("the name of an account that is there is row %d", s.form.at)
	}
	tuitest.Press(s, "ctrl+e", "ctrl+u")
	tuitest.Type(s, "mail.example.org")
	tuitest.Press(s, "tab", "tab", "tab")
	tuitest.Type(s, "/etc/ca.pem")
	tuitest.Press(s, "tab", "tab", "tab", "space", "tab")
	want := all.Accounts[0].Account
	want.Host, want.CAFile, want.Auth = "mail.example.org", "/etc/ca.pem", "scram-sha-256-plus"
	got := tuitest.Press(s, "ctrl+s")
	if diff := cmp.Diff(kit.Intent(kit.UpdateAccount{Account: want}), got, cmp.Comparer(func(a, b secret.Secret) bool { return a == b })); diff != "" {
		t.Errorf("-want +got:\n%s\n%s", diff, s.form.trouble)
	}
	next, ok := s.Update(kit.AccountAdded{Name: "work"}).(kit.Do)
	if !ok || next[len(next)-1] != kit.Intent(kit.TestAccount{Name: "work"}) {
		t.Errorf("goes on with %+v", next)
	}
}

// TestNoLogin: a server without a login wants neither user nor password.
func TestNoLogin(t *testing.T) {
	t.Parallel()
	s := screen(tuitest.Env())
	tuitest.Press(s, "n", "tab", "tab")
	tuitest.Type(s, "alice@example.net")
	tuitest.Press(s, "tab", "tab", "tab", "tab", "tab", "tab", "tab", "left", "tab")
	if s.form.at != rowFullName {
		t.Errorf("after no login comes row %d", s.form.at)
	}
	got, _ := tuitest.Press(s, "ctrl+s").(kit.TryAccount)
	if got.Account.Auth != config.AuthNone || got.Account.User != "" || got.Account.Secret != "" {
		t.Errorf("it is %+v; %s", got.Account, s.form.trouble)
	}
}

// TestPlaces: each place a password can be kept in says what it is like; one
// that can't be used is not offered.
func TestPlaces(t *testing.T) {
	t.Parallel()
	s := screen(tuitest.Env())
	all := loaded()
	all.Stores = append(all.Stores, kit.SecretStore{Name: config.SecretEnv, Title: "an environment variable"})
	s.Update(all)
	tuitest.Press(s, "n", "tab", "tab")
	tuitest.Type(s, "alice@my-mail.example")
	tuitest.Press(s, "tab", "shift+tab", "shift+tab", "shift+tab")
	var said []string
	for range 3 {
		said = append(said, s.Status().Text)
		tuitest.Press(s, "space")
	}
	want := []string{
		"Kept nowhere: sendoff asks you once each time it runs.",
		"You set the variable SENDOFF_PASSWORD_MY_MAIL before sendoff starts.",
		"Kept nowhere: sendoff asks you once each time it runs.",
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	all.Stores[0].Usable = true
	s = New(tuitest.Env())
	s.SetSize(80, 19)
	s.Update(all)
	tuitest.Press(s, "n", "tab", "shift+tab")
	if got := s.Status().Text; !strings.Contains(got, "desktop keeps it") {
		t.Errorf("of a keyring it says %q", got)
	}
}

// TestUnlock: u asks for whatever an account's password waits for.
func TestUnlock(t *testing.T) {
	t.Parallel()
	a := config.Account{Name: "work", Address: "alice@example.org", Host: "smtp.example.org"}
	for name, test := range map[string]struct {
		secret        string
		sealed, ready bool
		want          kit.Intent
	}{
		"vault, locked":   {config.SecretVault, true, false, kit.WantPassword{Account: "work", Vault: true}},
		"vault, unlocked": {config.SecretVault, false, true, nil},
		"ask":             {config.SecretAsk, false, false, kit.WantPassword{Account: "work"}},
		"command":         {config.SecretCommand, false, true, kit.RunPasswordCommand{Account: "work"}},
		"keyring":         {config.SecretKeyring, false, false, nil},
	} {
		a.Secret = test.secret
		s := New(tuitest.Env())
		s.SetSize(80, 19)
		s.Update(kit.AccountsLoaded{Accounts: []kit.AccountInfo{{Account: a, Sealed: test.sealed, Ready: test.ready}}, Default: "work"})
		if diff := cmp.Diff(test.want, tuitest.Press(s, "u")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if shown := s.Bindings()[0].Help().Key == "u"; shown != (test.want != nil) {
			t.Errorf("%s: the key shows: %v", name, shown)
		}
	}
}

// TestLongNames: what is too long is cut with an ellipsis, the columns stay
// below each other, and beside a wide list stands all of it.
func TestLongNames(t *testing.T) {
	t.Parallel()
	for name, size := range map[string][2]int{"80x24": {80, 19}, "40x12": {40, 9}, "120x24": {120, 19}} {
		env := tuitest.Env()
		s := New(env)
		s.Update(kit.AccountsLoaded{Default: "work", Accounts: []kit.AccountInfo{
			{Account: config.Account{
				Name: "the-one-from-the-university-library", Address: "bibliothek.fernleihe@ub.some-university.example", Host: "smtp-authenticated.it.some-university.example", Port: 587, TLS: config.TLSStart,
				User: "ub12345", Secret: config.SecretVault, Pins: []string{"sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}, Proxy: "socks5://token@proxy.some-university.example:1080",
				Identities: []config.Identity{{Address: "office@example.org"}, {Address: "press@example.org"}},
			}, Secret: "vault, unlocked, 12 min left", Ready: true},
			{Account: config.Account{Name: "work", Address: "a@b.example", Host: "h.example", Port: 465, TLS: config.TLSImplicit}, Secret: "asked at each start"},
		}})
		frame := tuitest.Frame(t, env, s, size[0], size[1])
		if strings.Contains(frame, "token") {
			t.Errorf("%s: who goes through the proxy is shown", name)
		}
		tuitest.Golden(t, "long-"+name, frame)
	}
}

// TestGoldensHoldNoSecret: what tests typed as a password is in no picture of the
// screen.
func TestGoldensHoldNoSecret(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.golden")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "hunter2") {
			t.Errorf("%s shows a password", file)
		}
	}
}
