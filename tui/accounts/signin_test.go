package accounts

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sendoff/config"
	"sendoff/config/discover"
	"sendoff/config/oauth"
	"sendoff/config/provider"
	"sendoff/config/secret"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// stores are places for a desktop: all can be used.
func stores() []kit.SecretStore {
	return []kit.SecretStore{
		{Name: config.SecretKeyring, Title: "keyring", Usable: true},
		{Name: config.SecretVault, Title: "vault", Usable: true},
		{Name: config.SecretCommand, Title: "a program that prints it", Usable: true, Command: []string{"pass", "show", "mail"}},
		{Name: config.SecretFile, Title: "a file that nobody else can read", Usable: true},
	}
}

// at is the screen after a server of some provider was found.
func at(t *testing.T, s discover.Server) *Screen {
	t.Helper()
	screen := New(tuitest.Env())
	screen.SetSize(80, 19)
	screen.Update(kit.AccountsLoaded{Stores: stores()})
	looking(t, screen)
	s.Account = config.Account{Address: "alice@example.org", Host: "smtp.example.org", Port: 465, TLS: config.TLSImplicit, User: "alice@example.org"}
	screen.Update(kit.Discovered{Address: "alice@example.org", Found: discover.Found{Servers: []discover.Server{s}}})
	tuitest.Press(screen, "enter")
	return screen
}

func gmail() discover.Server {
	return discover.Server{Source: discover.Preset, Provider: provider.Provider{
		ID: "gmail", Name: "Gmail", Secret: provider.AppPassword, OAuth: "google", Help: "https://myaccount.example/apppasswords",
	}}
}

func outlook() discover.Server {
	return discover.Server{Source: discover.Preset, NoPassword: true, Provider: provider.Provider{ID: "outlook", Name: "Outlook", Secret: provider.OAuth, OAuth: "microsoft"}}
}

// TestWays: before a password is typed, the way to sign in is chosen among those
// that the provider takes, and each says what it needs.
func TestWays(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		server discover.Server
		ways   []way
		first  string // what the first says
	}{
		"app password":    {gmail(), []way{byPassword, byOAuth, byToken}, "https://myaccount.example/apppasswords"},
		"no password":     {outlook(), []way{byOAuth, byToken}, "It takes no password. You need a client id"},
		"own server":      {discover.Server{Source: discover.SRV}, []way{byPassword, byOAuth, byCertificate, noLogin}, "asked for next"},
		"own, with OAuth": {discover.Server{Source: discover.PACC, Issuer: "https://auth.example.org"}, []way{byPassword, byOAuth, byToken, byCertificate, noLogin}, "asked for next"},
		"separate": {discover.Server{Provider: provider.Provider{ID: "p", Name: "Bridge", Secret: provider.Separate}},
			[]way{byPassword}, "another password"},
	} {
		s := at(t, test.server)
		var got []way
		for _, o := range s.wizard.offers {
			got = append(got, o.way)
		}
		if diff := cmp.Diff(test.ways, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		frame, _ := s.View()
		if !strings.Contains(strings.Join(strings.Fields(frame), " "), test.first) {
			t.Errorf("%s: %q is missing:\n%s", name, test.first, frame)
		}
		if s.Adding() || s.form != nil {
			t.Errorf("%s: there is something to type already", name)
		}
		if tuitest.Press(s, "esc"); s.wizard.offers != nil || !s.wizard.known {
			t.Errorf("%s: esc does not lead back to the servers", name)
		}
	}
}

// choose marks the way n and takes it.
func choose(s *Screen, n int) {
	for range n {
		tuitest.Press(s, "down")
	}
	tuitest.Press(s, "enter")
}

// TestOAuthForm: the client id is asked for with the reason, no password is, and
// after it is saved the person signs in.
func TestOAuthForm(t *testing.T) {
	t.Parallel()
	s := at(t, gmail())
	choose(s, 1)
	if frame, _ := s.View(); strings.Contains(frame, "Password") || !strings.Contains(frame, "Client id") || s.form.at != rowClient {
		t.Errorf("in row %d of\n%s", s.form.at, frame)
	}
	if got := tuitest.Press(s, "ctrl+s"); got != nil || !strings.Contains(s.Status().Text, "only programs that it knows") {
		t.Errorf("wants %+v, says %q", got, s.Status().Text)
	}
	tuitest.Type(s, "my-client")
	add, ok := tuitest.Press(s, "ctrl+s").(kit.AddAccount)
	want := config.Account{
		Name: "example", Address: "alice@example.org", Host: "smtp.example.org", Port: 465, TLS: config.TLSImplicit,
		Auth: config.AuthAuto, User: "alice@example.org", Secret: config.SecretKeyring, OAuth: "google", OAuthClientID: "my-client",
	}
	if diff := cmp.Diff(want, add.Account); !ok || diff != "" || !add.Password.Empty() {
		t.Errorf("%s: %s", s.Status().Text, diff)
	}
	then, ok := s.Update(kit.AccountAdded{Name: "example"}).(kit.Do)
	if !ok || then[len(then)-1] != kit.Intent(kit.SignIn{Account: "example"}) {
		t.Errorf("goes on with %+v", then)
	}
	then, ok = s.Update(kit.SignedIn{Account: "example"}).(kit.Do)
	if !ok || then[len(then)-1] != kit.Intent(kit.TestAccount{Name: "example"}) {
		t.Errorf("after that with %+v", then)
	}
}

// TestIssuerForm: an issuer says the rest itself; one that a server named is not
// taken for the person's.
func TestIssuerForm(t *testing.T) {
	t.Parallel()
	s := at(t, discover.Server{Source: discover.PACC, Issuer: "https://auth.example.org"})
	choose(s, 1)
	add, ok := tuitest.Press(s, "ctrl+s").(kit.AddAccount)
	if !ok || add.Issuer != (kit.Issuer{URL: "https://auth.example.org"}) || add.Account.OAuth != "" {
		t.Errorf("%s: %+v", s.Status().Text, add)
	}
	s = at(t, discover.Server{Source: discover.SRV})
	choose(s, 1)
	if s.form.at != rowIssuer {
		t.Errorf("in row %d", s.form.at)
	}
	tuitest.Type(s, "https://login.example.net")
	add, ok = tuitest.Press(s, "ctrl+s").(kit.AddAccount)
	if !ok || add.Issuer != (kit.Issuer{URL: "https://login.example.net", Named: true}) {
		t.Errorf("%s: %+v", s.Status().Text, add)
	}
}

// TestTokenForm: a program that prints tokens is tried before it is kept.
func TestTokenForm(t *testing.T) {
	t.Parallel()
	s := at(t, outlook())
	choose(s, 1)
	if s.form.at != rowProgram {
		t.Errorf("in row %d", s.form.at)
	}
	if got := tuitest.Press(s, "alt+r"); got != nil || !strings.Contains(s.Status().Text, "program is missing") {
		t.Errorf("wants %+v, says %q", got, s.Status().Text)
	}
	tuitest.Type(s, "oama access 'my mail'")
	argv := []string{"oama", "access", "my mail"}
	if diff := cmp.Diff(kit.Intent(kit.TryCommand{Argv: argv}), tuitest.Press(s, "alt+r")); diff != "" {
		t.Error(diff)
	}
	s.Update(kit.CommandTried{Err: &secret.Error{Err: errors.New("oama: no such account\x1b[2J")}})
	if got := s.Status(); !got.Trouble || !strings.Contains(got.Text, "no such account") || strings.Contains(got.Text, "\x1b") {
		t.Errorf("says %+v", got)
	}
	s.Update(kit.CommandTried{})
	if got := s.Status(); got.Trouble || !strings.Contains(got.Text, "It works") {
		t.Errorf("says %+v", got)
	}
	add, ok := tuitest.Press(s, "ctrl+s").(kit.TryAccount)
	if a := add.Account; !ok || a.Auth != config.AuthOAuthBearer || a.Secret != config.SecretCommand || !cmp.Equal(a.PasswordCommand, argv) || a.OAuth != "" {
		t.Errorf("%s: %+v", s.Status().Text, add)
	}
}

// TestCommandKept: a program whose arguments a line can't show stays as it is.
func TestCommandKept(t *testing.T) {
	t.Parallel()
	argv := []string{"sh", "-c", "one\ntwo 'three'"}
	a := config.Account{
		Name: "work", Address: "a@b.example", Host: "h.example", Port: 465, TLS: config.TLSImplicit, Auth: config.AuthAuto, User: "a",
		Secret: config.SecretCommand, PasswordCommand: argv,
	}
	f := editForm(tuitest.Env(), stores(), a)
	if got, ok := f.save().(kit.UpdateAccount); !ok || !cmp.Equal(got.Account, a) {
		t.Errorf("%s: %+v", f.trouble, got)
	}
}

// TestCertificateForm: a certificate is the login, and there is no password.
func TestCertificateForm(t *testing.T) {
	t.Parallel()
	s := at(t, discover.Server{Source: discover.SRV})
	choose(s, 2)
	if got := tuitest.Press(s, "ctrl+s"); got != nil || !strings.Contains(s.Status().Text, "certificate is missing") {
		t.Errorf("wants %+v, says %q", got, s.Status().Text)
	}
	tuitest.Type(s, "/home/a/me.pem")
	add, ok := tuitest.Press(s, "ctrl+s").(kit.TryAccount)
	if a := add.Account; !ok || a.Auth != config.AuthExternal || a.ClientCert != "/home/a/me.pem" || a.Secret != "" || a.User != "" {
		t.Errorf("%s: %+v", s.Status().Text, add)
	}
}

// TestWayChanges: what belongs to one way of signing in goes with it.
func TestWayChanges(t *testing.T) {
	t.Parallel()
	a := config.Account{
		Name: "work", Address: "a@b.example", Host: "h.example", Port: 465, TLS: config.TLSImplicit, Auth: config.AuthXOAuth2, User: "a",
		Secret: config.SecretVault, OAuth: "club", OAuthClientID: "id", OAuthTokenURL: "https://x.example/t", OAuthAuthURL: "https://x.example/a",
		OAuthScopes: []string{"smtp"},
	}
	kept := editForm(tuitest.Env(), stores(), a)
	if got, ok := kept.save().(kit.UpdateAccount); !ok || !cmp.Equal(got.Account, a) || kept.signsIn() {
		t.Errorf("%s: %+v", kept.trouble, got)
	}
	for by := range wayWords {
		f := editForm(tuitest.Env(), stores(), a)
		f.rows[rowWay].at = by
		f.settle()
		f.set(rowCert, "/me.pem")
		f.set(rowPassword, "new one")
		got, ok := f.save().(kit.UpdateAccount)
		if !ok {
			t.Errorf("%s: %s", wayWords[by], f.trouble)
			continue
		}
		if wayOf(got.Account) != way(by) || way(by) != byOAuth && got.Account.OAuthTokenURL != "" {
			t.Errorf("%s: %+v", wayWords[by], got.Account)
		}
	}
}

// signingIn is the screen as an account is signed in.
func signingIn(t *testing.T) *Screen {
	t.Helper()
	s := New(tuitest.Env())
	s.SetSize(80, 19)
	a := config.Account{Name: "work", Address: "a@b.example", Host: "h.example", Port: 465, TLS: config.TLSImplicit, Secret: config.SecretKeyring, OAuth: "club"}
	s.Update(kit.AccountsLoaded{Accounts: []kit.AccountInfo{{Account: a}}, Stores: stores()})
	if got := tuitest.Press(s, "s"); got != kit.Intent(kit.SignIn{Account: "work"}) {
		t.Fatalf("s wants %+v", got)
	}
	return s
}

func device() kit.SignInPrompt {
	return kit.SignInPrompt{Account: "work", Prompt: oauth.Prompt{
		URL: "https://auth.example/device", Code: "WXYZ-ABCD", Expires: time.Date(2026, 11, 18, 14, 45, 0, 0, time.Local),
	}}
}

func redirect() kit.SignInPrompt {
	return kit.SignInPrompt{Account: "work", Prompt: oauth.Prompt{
		URL: "https://auth.example/authorize?access_type=offline&client_id=" + strings.Repeat("0a1b", 30) + "&code_challenge=" + strings.Repeat("Xy", 22) + "&state=end", Port: 4711,
	}}
}

func TestSignInGolden(t *testing.T) {
	t.Parallel()
	for name, size := range sizes {
		env := tuitest.Env()
		s := at(t, gmail())
		tuitest.Golden(t, "ways-"+name, tuitest.Frame(t, env, s, size[0], size[1]))
		choose(s, 1)
		tuitest.Golden(t, "oauth-"+name, tuitest.Frame(t, env, s, size[0], size[1]))
		s = signingIn(t)
		s.Update(device())
		tuitest.Golden(t, "device-"+name, tuitest.Frame(t, env, s, size[0], size[1]))
		s.Update(redirect())
		tuitest.Golden(t, "redirect-"+name, tuitest.Frame(t, env, s, size[0], size[1]))
	}
}

// TestSignIn: the address and the code are copied whole, the address where the
// browser ended is pasted, and the sign-in can be stopped.
func TestSignIn(t *testing.T) {
	t.Parallel()
	s := signingIn(t)
	s.Update(kit.SignInPrompt{Account: "other", Prompt: oauth.Prompt{URL: "https://evil.example"}})
	s.Update(device())
	if got := tuitest.Press(s, "alt+c"); got != kit.Intent(kit.Copy{Text: device().URL}) {
		t.Errorf("alt+c wants %+v", got)
	}
	if got := tuitest.Press(s, "alt+o"); got != kit.Intent(kit.Copy{Text: "WXYZ-ABCD"}) {
		t.Errorf("alt+o wants %+v", got)
	}
	if s.Adding() {
		t.Error("keys are text where there is nothing to type")
	}
	if got := tuitest.Press(s, "alt+r"); got != kit.Intent(kit.SignIn{Account: "work", Browser: true}) {
		t.Errorf("alt+r wants %+v", got)
	}
	s.Update(redirect())
	if got := tuitest.Press(s, "alt+c"); got != kit.Intent(kit.Copy{Text: redirect().URL}) {
		t.Errorf("alt+c wants %+v", got)
	}
	if got := tuitest.Press(s, "enter"); got != nil {
		t.Errorf("nothing was pasted, and it wants %+v", got)
	}
	s.Update(tea.PasteMsg{Content: "http://127.0.0.1:4711/?state=x&code=y"})
	if got := tuitest.Press(s, "enter"); got != kit.Intent(kit.PasteAddress{Text: "http://127.0.0.1:4711/?state=x&code=y"}) {
		t.Errorf("enter wants %+v", got)
	}
	if got := tuitest.Press(s, "enter"); got != nil {
		t.Errorf("twice: %+v", got)
	}
	s.Update(kit.SignInPrompt{Account: "work", Prompt: oauth.Prompt{Port: 4711}})
	if got := s.Status(); !got.Trouble || !strings.Contains(got.Text, "not the address") {
		t.Errorf("says %+v", got)
	}
	if frame, _ := s.View(); !strings.Contains(frame, "auth.example/authorize") {
		t.Errorf("the address is gone:\n%s", frame)
	}
	s.Update(kit.SignedIn{Account: "work", Err: &secret.Error{Account: "work", Err: secret.ErrSignIn, Hint: "again"}})
	if got := s.Status(); !got.Trouble {
		t.Errorf("says %+v", got)
	}
	if got := tuitest.Press(s, "alt+s"); got != kit.Intent(kit.SignIn{Account: "work"}) {
		t.Errorf("alt+s wants %+v", got)
	}
	if got := tuitest.Press(s, "esc"); got != kit.Intent(kit.StopSignIn{}) || s.signIn != nil {
		t.Errorf("esc wants %+v", got)
	}
	if got := s.Update(kit.SignedIn{Account: "work", Err: errors.New("stopped")}); got != nil || s.Status().Trouble {
		t.Errorf("news of one that was stopped: %+v", got)
	}
}

// TestSignInAgain: a test that ends at a token that has expired offers to sign
// in, and a vault is unlocked first.
func TestSignInAgain(t *testing.T) {
	t.Parallel()
	s := signingIn(t)
	tuitest.Press(s, "esc", "t")
	s.Update(kit.Tested{Name: "work", Err: &secret.Error{Account: "work", Err: secret.ErrSignIn}})
	if b := s.Bindings()[0]; !key.Matches(tuitest.Key("s"), b) {
		t.Errorf("offers %+v first", b.Help())
	}
	if got := tuitest.Press(s, "s"); got != kit.Intent(kit.SignIn{Account: "work"}) {
		t.Errorf("s wants %+v", got)
	}
	sealed := config.Account{Name: "safe", Secret: config.SecretVault, OAuth: "club"}
	s = New(tuitest.Env())
	s.SetSize(80, 19)
	s.Update(kit.AccountsLoaded{Accounts: []kit.AccountInfo{{Account: sealed, Sealed: true}}})
	if diff := cmp.Diff(kit.Intent(kit.WantPassword{Account: "safe", Vault: true}), tuitest.Press(s, "s"), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

// TestClick: a click goes to the row that is seen, whether or not all fit, and
// another one changes a choice.
func TestClick(t *testing.T) {
	t.Parallel()
	for _, height := range []int{19, 9} {
		for _, i := range []int{rowFullName, rowTLS, rowWay, rowClient} {
			s := signingIn(t)
			tuitest.Press(s, "esc", "enter", "tab", "tab", "tab", "tab")
			s.SetSize(80, height)
			frame, _ := s.View()
			label := s.form.rows[i].label
			y := slices.IndexFunc(strings.Split(frame, "\n"), func(row string) bool { return strings.HasPrefix(row, " "+label+" ") })
			if y < 0 {
				continue // it is out of sight
			}
			click := tea.MouseClickMsg{X: 20, Y: y, Button: tea.MouseLeft}
			s.Update(click)
			if s.form.rows[i].fixed == "" && s.form.at != i {
				t.Errorf("%d rows: a click on %s goes to row %d", height, label, s.form.at)
			}
		}
	}
	s := signingIn(t)
	tuitest.Press(s, "esc", "enter")
	for range 2 {
		s.Update(tea.MouseClickMsg{X: 20, Y: 2 + rowTLS, Button: tea.MouseLeft})
	}
	if got := s.form.value(rowPort); s.form.rows[rowTLS].at == 0 || got != "587" {
		t.Errorf("security %d, port %s", s.form.rows[rowTLS].at, got)
	}
}
