package accounts

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sendoff/config"
	"sendoff/config/discover"
	"sendoff/config/provider"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

func found() discover.Found {
	a := config.Account{Address: "alice@example.org", Host: "mail.example.org", Port: 465, TLS: config.TLSImplicit, User: "alice"}
	b := a
	b.Host, b.Port, b.TLS = "out.hoster.example", 587, config.TLSStart
	return discover.Found{
		Servers: []discover.Server{{Source: discover.SRV, Account: a}, {Source: discover.SRV, Account: b, Outside: true}},
		Steps: []discover.Step{
			{Source: discover.Preset, Asked: "nobody", Text: "example.org is not in the table"},
			{Source: discover.SRV, Asked: "DNS", Text: "mail.example.org:465", Found: true},
		},
	}
}

// looking is the screen while it looks for servers.
func looking(t *testing.T, s *Screen) {
	t.Helper()
	tuitest.Press(s, "n")
	tuitest.Type(s, "alice@example.org")
	want := kit.Discover{Address: "alice@example.org"}
	if got := tuitest.Press(s, "enter"); got != want {
		t.Fatalf("wants %+v", got)
	}
}

func TestWizardGolden(t *testing.T) {
	t.Parallel()
	for name, size := range sizes {
		env := tuitest.Env()
		s := screen(env)
		tuitest.Press(s, "n")
		tuitest.Type(s, "alice@example.org")
		tuitest.Golden(t, "wizard-address-"+name, tuitest.Frame(t, env, s, size[0], size[1]))
		tuitest.Press(s, "enter")
		s.Update(kit.Discovered{Address: "alice@example.org", Found: found()})
		tuitest.Press(s, "down")
		tuitest.Golden(t, "wizard-found-"+name, tuitest.Frame(t, env, s, size[0], size[1]))
		if keys := footer(s); !strings.Contains(keys, "m by hand") {
			t.Errorf("of the keys are seen %q", keys)
		}
	}
}

// TestWizard goes from an address to an account: what was found is in the form,
// and the password is what is left to type.
func TestWizard(t *testing.T) {
	t.Parallel()
	s := screen(tuitest.Env())
	looking(t, s)
	s.Update(kit.Discovered{Address: "alice@example.org", Found: found()})
	if s.Adding() {
		t.Error("keys are text where there is nothing to type")
	}
	tuitest.Press(s, "enter", "enter")
	tuitest.Type(s, "hunter2")
	add, ok := tuitest.Press(s, "ctrl+s").(kit.TryAccount)
	if !ok {
		t.Fatalf("not saved: %s", s.Status().Text)
	}
	want := config.Account{
		Name: "example", Address: "alice@example.org", Host: "mail.example.org", Port: 465, TLS: config.TLSImplicit,
		Auth: config.AuthAuto, User: "alice", Secret: config.SecretAsk,
	}
	if diff := cmp.Diff(want, add.Account); diff != "" || add.Password.Reveal() != "hunter2" {
		t.Error(diff)
	}
}

// TestWizardAsksFirst: a third party is asked on a key of its own, and only
// where it may know more.
func TestWizardAsksFirst(t *testing.T) {
	t.Parallel()
	s := screen(tuitest.Env())
	looking(t, s)
	if got := tuitest.Press(s, "d", "enter"); got != nil {
		t.Errorf("while looking: %+v", got)
	}
	s.Update(kit.Discovered{Address: "other@example.org", Found: found()}) // to an old question
	s.Update(kit.Discovered{Address: "alice@example.org"})
	if !strings.Contains(s.Status().Text, "Mozilla") {
		t.Errorf("status %q", s.Status().Text)
	}
	want := kit.Discover{Address: "alice@example.org", ThirdParty: true}
	if got := tuitest.Press(s, "d"); got != want {
		t.Errorf("wants %+v", got)
	}
	s.Update(kit.Discovered{Address: "alice@example.org"})
	if got := tuitest.Press(s, "d", "enter"); got != nil {
		t.Errorf("asked twice: %+v", got)
	}
	tuitest.Press(s, "esc")
	if !s.Adding() {
		t.Error("the address can't be corrected")
	}
	tuitest.Press(s, "esc")
	if s.wizard != nil {
		t.Error("there is no way out")
	}
	// What can't be used says so, and offers nothing to take.
	looking(t, s)
	s.Update(kit.Discovered{Address: "alice@example.org", Found: discover.Found{WithoutSMTP: "Tuta has no SMTP\x1b[2J."}})
	if frame, _ := s.View(); !strings.Contains(frame, "Tuta has no SMTP") || strings.Contains(frame, "\x1b[2J") || tuitest.Press(s, "enter") != nil || s.form != nil {
		t.Errorf("shown:\n%s", frame)
	}
}

// TestVaultForm asks for the passphrase where the place for the password wants
// one: twice for a new one.
func TestVaultForm(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		wants kit.Passphrase
		typed []string
		want  string // the passphrase; else the trouble
		saved bool
	}{
		{kit.NoPassphrase, nil, "", true},
		{kit.OldPassphrase, []string{"tab", "open"}, "open", true},
		{kit.OldPassphrase, nil, "the passphrase is missing", false},
		{kit.NewPassphrase, []string{"tab", "open", "tab", "opne"}, "these are two different passphrases", false},
		{kit.NewPassphrase, []string{"tab", "open", "tab", "open"}, "open", true},
	} {
		s := New(tuitest.Env())
		s.SetSize(80, 19)
		s.Update(kit.AccountsLoaded{Stores: []kit.SecretStore{{Name: config.SecretVault, Title: "vault", Usable: true, Passphrase: test.wants}}})
		looking(t, s)
		s.Update(kit.Discovered{Address: "alice@example.org", Found: found()})
		tuitest.Press(s, "enter", "enter")
		tuitest.Type(s, "hunter2")
		tuitest.Press(s, "tab")
		for _, typed := range test.typed {
			if typed == "tab" {
				tuitest.Press(s, "tab")
				continue
			}
			tuitest.Type(s, typed)
		}
		if frame, _ := s.View(); strings.Contains(frame, "open") || strings.Contains(frame, "Passphrase") != (test.wants != kit.NoPassphrase) {
			t.Errorf("shown:\n%s", frame)
		}
		got := tuitest.Press(s, "ctrl+s")
		if !test.saved {
			if s.Status().Text != test.want || got != nil {
				t.Errorf("%+v: %q, %+v", test, s.Status().Text, got)
			}
			continue
		}
		add, ok := got.(kit.TryAccount)
		if diff := cmp.Diff(secret.New(test.want), add.Passphrase, cmpopts.EquateComparable(secret.Secret{})); !ok || diff != "" {
			t.Errorf("%+v: %q, %+v", test, s.Status().Text, got)
		}
	}
}

// TestTrust: a certificate that is not trusted is shown before its key is.
func TestTrust(t *testing.T) {
	t.Parallel()
	s := screen(tuitest.Env())
	tuitest.Press(s, "t")
	refused := &tls.CertificateVerificationError{
		UnverifiedCertificates: []*x509.Certificate{{
			DNSNames: []string{"mail.home.example", "\x1b[2J"}, RawSubjectPublicKeyInfo: []byte("key"), Issuer: pkix.Name{CommonName: "Home"},
		}},
		Err: x509.UnknownAuthorityError{},
	}
	s.Update(kit.Tested{Name: "work", Err: &smtp.Error{Stage: smtp.StageTLS, Class: smtp.ClassTLS, Err: refused}})
	if s.Bindings()[0].Help().Key != "p" {
		t.Errorf("bindings %+v", s.Bindings()[0].Help())
	}
	ask, ok := tuitest.Press(s, "p").(kit.Confirm)
	if !ok {
		t.Fatal("nothing is asked")
	}
	for _, want := range []string{"mail.home.example", "signed by Home", "unknown authority", "sha256//"} {
		if !strings.Contains(ask.Text, want) || strings.Contains(ask.Text, "\x1b") {
			t.Errorf("%q is missing, or not clean: %q", want, ask.Text)
		}
	}
	if then, ok := ask.Then.(kit.TrustKey); !ok || then.Account != "work" || !strings.Contains(ask.Text, then.Key) {
		t.Errorf("then %+v", ask.Then)
	}
	if _, ok := s.Update(kit.AccountAdded{Name: "work"}).(kit.Do); !ok || s.test.over {
		t.Error("it is not tested again")
	}
	s.Update(kit.Tested{Name: "work", Err: &smtp.Error{Stage: smtp.StageConnect, Class: smtp.ClassNetwork}})
	if got := tuitest.Press(s, "p"); got != nil {
		t.Errorf("without a certificate: %+v", got)
	}
}

// TestWizardSmall keeps in a small window what a password must not be typed
// without: the page that helps, and a server's whole name.
func TestWizardSmall(t *testing.T) {
	t.Parallel()
	table, err := provider.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range table {
		if p.Help == "" || p.Advice() == "" || p.WithoutSMTP != "" {
			continue
		}
		server := discover.Server{
			Source: discover.MX, Provider: p, Account: p.Account("alice.somebody@" + strings.Repeat("long-", 9) + "name.example"), NoPassword: p.Secret == provider.OAuth,
		}
		s := screen(tuitest.Env())
		s.SetSize(40, 8)
		looking(t, s)
		s.Update(kit.Discovered{Address: "alice@example.org", Found: discover.Found{Servers: []discover.Server{server}}})
		for _, page := range []string{"server", "way to sign in"} {
			frame, _ := s.View()
			squeezed := strings.ReplaceAll(strings.ReplaceAll(frame, "\n ", ""), "\n", "")
			if !strings.Contains(squeezed, p.Help) || !strings.Contains(squeezed, server.Account.Host) {
				t.Errorf("%s, %s:\n%s", p.ID, page, frame)
			}
			tuitest.Press(s, "enter")
		}
	}
}

// TestFormDemands: who fills in a form by hand is told too what the provider wants
// instead of the usual password.
func TestFormDemands(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"alice@gmail.com":   "An app password, and no other: https://myaccount.google.com/apppasswords",
		"alice@disroot.org": "Many providers want",
		"alice@example.org": "Many providers want",
	} {
		s := screen(tuitest.Env())
		tuitest.Press(s, "n")
		tuitest.Type(s, address)
		tuitest.Press(s, "tab")
		for s.form.at != rowPassword {
			tuitest.Press(s, "tab")
		}
		if got := s.Status().Text; !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", address, got)
		}
	}
}

// TestWizardWatched shows each place that was asked as its answer comes, and
// stops when the person has seen enough.
func TestWizardWatched(t *testing.T) {
	t.Parallel()
	s := screen(tuitest.Env())
	looking(t, s)
	for _, step := range []kit.DiscoverStep{
		{Address: "alice@example.org", Step: discover.Step{Source: discover.MX, Text: "mail goes to mx.example.org"}},
		{Address: "other@example.org", Step: discover.Step{Source: discover.SRV, Text: "to an old question"}},
	} {
		s.Update(step)
	}
	if frame, _ := s.View(); !strings.Contains(frame, "mail goes to mx.example.org") || strings.Contains(frame, "old question") {
		t.Errorf("shown:\n%s", frame)
	}
	if got := tuitest.Press(s, "esc"); got != (kit.StopDiscover{}) || s.wizard == nil {
		t.Errorf("wants %+v", got)
	}
	s.Update(kit.Discovered{Address: "alice@example.org", Found: found()})
	if frame, _ := s.View(); strings.Contains(frame, "mail.example.org") {
		t.Errorf("not stopped:\n%s", frame)
	}
}
