package post

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/sandbox"
)

func TestAddAccount(t *testing.T) {
	t.Parallel()
	keyring := &fakeKeyring{}
	r := open(t, Options{Keyring: keyring})
	a := config.Account{Name: "work", Address: "me@example.org", Host: "smtp.example.org"}
	add(t, r, a, "sesame")
	if got, err := keyring.Get(t.Context(), "work"); err != nil || got.Reveal() != "sesame" {
		t.Errorf("the keyring has %q, %v", got.Reveal(), err)
	}
	// A second account of that name must not cost the first its password.
	if err := r.AddAccount(t.Context(), a, secret.New("other")); err == nil {
		t.Error("added a second account of the same name")
	}
	if got, err := keyring.Get(t.Context(), "work"); err != nil || got.Reveal() != "sesame" {
		t.Errorf("the keyring has %q, %v", got.Reveal(), err)
	}
	keyring.broken = &secret.Error{Account: "home", Err: secret.ErrUnavailable}
	a.Name = "home"
	if err := r.AddAccount(t.Context(), a, secret.New("x")); !errors.Is(err, secret.ErrUnavailable) {
		t.Errorf("with a broken keyring: %v", err)
	}
	accounts, standard, stores, err := r.Accounts(t.Context())
	if err != nil || len(accounts) != 1 || standard != "work" || !accounts[0].Ready {
		t.Errorf("Accounts: %+v, default %q, %v", accounts, standard, err)
	}
	if len(stores) != 6 || stores[0].Name != config.SecretKeyring || !stores[0].Usable {
		t.Errorf("stores: %+v", stores)
	}
}

// TestInVault: a vault that was made for an account goes again if that is not added.
func TestInVault(t *testing.T) {
	t.Parallel()
	r := open(t, Options{Keyring: &fakeKeyring{}})
	a := config.Account{Name: "work", Address: "me@example.org", Host: "127.0.0.1", Port: 1, Secret: config.SecretVault}
	a.CAFile = filepath.Join(t.TempDir(), "none.pem")
	err := r.InVault(t.Context(), secret.New("open"), func() error {
		if !r.HasVault() {
			t.Error("there is no vault to store in")
		}
		return r.AddAccount(t.Context(), a, secret.New("sesame"))
	})
	if err == nil || r.HasVault() {
		t.Errorf("%v, and there is a vault: %v", err, r.HasVault())
	}
}

// TestUpdateAccount changes an account; its password goes along.
func TestUpdateAccount(t *testing.T) {
	t.Parallel()
	keyring := &fakeKeyring{}
	r := open(t, Options{Keyring: keyring})
	a := config.Account{Name: "home", Address: "me@example.org", Host: "127.0.0.1", Port: 1, Secret: config.SecretKeyring}
	add(t, r, a, "sesame")
	change := func(a config.Account, password string) config.Account {
		t.Helper()
		if err := r.UpdateAccount(t.Context(), a, secret.New(password)); err != nil {
			t.Fatal(err)
		}
		conf, err := r.config()
		if err != nil {
			t.Fatal(err)
		}
		got, err := conf.Account("home")
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	a.Host, a.Secret = "mail.example.org", config.SecretAsk
	got := change(a, "")
	if got.Host != "mail.example.org" || got.Secret != config.SecretAsk {
		t.Errorf("the account is %+v", got)
	}
	if s, err := r.secrets.Get(t.Context(), got); err != nil || s.Reveal() != "sesame" {
		t.Errorf("the password did not go along: %v", err)
	}
	if _, err := keyring.Get(t.Context(), "home"); !errors.Is(err, secret.ErrNotFound) {
		t.Errorf("the keyring still has it: %v", err)
	}
	if err := r.GivePassword(t.Context(), "home", secret.New("old")); err != nil {
		t.Fatal(err)
	}
	if s, err := r.secrets.Get(t.Context(), change(a, "new")); err != nil || s.Reveal() != "new" {
		t.Errorf("the new password does not count: %v", err)
	}
	// A key is trusted at one host and port.
	a.Pins = []string{config.PinPrefix + "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}
	if got := change(a, ""); len(got.Pins) != 1 {
		t.Errorf("the key was not noted: %+v", got)
	}
	a.FullName = "Me"
	if got := change(a, ""); len(got.Pins) != 1 {
		t.Error("another name costs the key")
	}
	a.Port = 587
	if got := change(a, ""); len(got.Pins) != 0 {
		t.Error("a key goes along to another port")
	}
	a.Pins, a.Auth, a.Secret = nil, config.AuthNone, ""
	if got := change(a, ""); got.Secret != "" || got.User != "" {
		t.Errorf("without a login: %+v", got)
	}
	a.Name = "other"
	if err := r.UpdateAccount(t.Context(), a, secret.Secret{}); !errors.Is(err, config.ErrNoAccount) {
		t.Errorf("an account that is not there: %v", err)
	}
}

// TestPasswordStays moves a password to places that don't have it, or are not
// there: it is not lost on the way.
func TestPasswordStays(t *testing.T) {
	t.Parallel()
	keyring := &fakeKeyring{}
	r := open(t, Options{Keyring: keyring, Environment: secret.NewAsk(nil)})
	file := filepath.Join(t.TempDir(), "password")
	a := config.Account{Name: "home", Address: "me@example.org", Host: "127.0.0.1", Port: 1, Secret: config.SecretKeyring}
	add(t, r, a, "sesame")
	for _, to := range []config.Account{
		{Secret: config.SecretEnv},
		{Secret: config.SecretCommand, PasswordCommand: []string{"false"}},
		{Secret: config.SecretCommand, PasswordCommand: []string{"/nowhere/pass"}},
		{Secret: config.SecretFile, CredentialFile: file},
	} {
		moved := a
		moved.Secret, moved.PasswordCommand, moved.CredentialFile = to.Secret, to.PasswordCommand, to.CredentialFile
		var kept *secret.KeptError
		if err := r.UpdateAccount(t.Context(), moved, secret.Secret{}); !errors.As(err, &kept) || kept.Place != config.SecretKeyring {
			t.Errorf("to %v: %v", to, err)
		}
		if got, err := r.Account("home"); err != nil || got.Secret != to.Secret {
			t.Errorf("to %v: the account says %s, %v", to, got.Secret, err)
		}
		if s, err := keyring.Get(t.Context(), "home"); err != nil || s.Reveal() != "sesame" {
			t.Errorf("to %v: the password is lost, %v", to, err)
		}
		// And back, with nothing to carry.
		moved.Secret, moved.PasswordCommand, moved.CredentialFile = config.SecretKeyring, nil, ""
		if err := r.UpdateAccount(t.Context(), moved, secret.Secret{}); err != nil {
			t.Errorf("back from %v: %v", to, err)
		}
	}
	if err := os.WriteFile(file, []byte("sesame\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a.Secret, a.CredentialFile = config.SecretFile, file
	if err := r.UpdateAccount(t.Context(), a, secret.Secret{}); err != nil {
		t.Error(err)
	}
	if _, err := keyring.Get(t.Context(), "home"); !errors.Is(err, secret.ErrNotFound) {
		t.Errorf("the keyring still has it: %v", err)
	}
}

// TestNoPasswordInIt: a place that can be used and has no password of an account
// is not ready for it.
func TestNoPasswordInIt(t *testing.T) {
	t.Parallel()
	keyring := &fakeKeyring{}
	r := open(t, Options{Keyring: keyring})
	add(t, r, config.Account{Name: "home", Address: "me@example.org", Host: "127.0.0.1", Port: 1, Secret: config.SecretKeyring}, "sesame")
	state := func() (string, bool) {
		all, _, _, err := r.Accounts(t.Context())
		if err != nil || len(all) != 1 {
			t.Fatal(err)
		}
		return all[0].Secret, all[0].Ready
	}
	if text, ready := state(); text != "keyring, ready" || !ready {
		t.Errorf("%q, ready %v", text, ready)
	}
	if err := keyring.Delete(t.Context(), "home"); err != nil {
		t.Fatal(err)
	}
	if text, ready := state(); text != "keyring, ready, no password in it" || ready {
		t.Errorf("%q, ready %v", text, ready)
	}
}

// TestTry logs in with an account that is not stored, and leaves no trace of it;
// its password is as typed, or from where the account says.
func TestTry(t *testing.T) {
	t.Parallel()
	keyring := &fakeKeyring{}
	r := open(t, Options{Keyring: keyring})
	served(t, r, sandbox.Options{User: "me", Password: "sesame"}, config.Account{Name: "other", Address: "me@example.org", Auth: config.AuthNone})
	a, err := r.Account("other")
	if err != nil {
		t.Fatal(err)
	}
	try := func(name, place, password string) error {
		a.Name, a.User, a.Auth, a.Secret, a.PasswordCommand = name, "me", config.AuthAuto, place, nil
		if place == config.SecretCommand {
			a.PasswordCommand = []string{"echo", "sesame"}
		}
		return r.Try(t.Context(), a, secret.New(password), secret.Secret{}, nil)
	}
	var refused *smtp.Error
	if err := try("work", config.SecretKeyring, "wrong"); !errors.As(err, &refused) || refused.Class != smtp.ClassAuth {
		t.Errorf("a wrong password: %v", err)
	}
	if err := try("work", config.SecretKeyring, "sesame"); err != nil {
		t.Errorf("the right one: %v", err)
	}
	if err := try("work", config.SecretCommand, ""); err != nil {
		t.Errorf("one from a program: %v", err)
	}
	if err := try("work", config.SecretVault, ""); !errors.Is(err, secret.ErrNotFound) {
		t.Errorf("none: %v", err)
	}
	if err := try("other", config.SecretKeyring, "sesame"); err == nil {
		t.Error("a name that is taken")
	}
	if _, err := r.Account("work"); !errors.Is(err, config.ErrNoAccount) {
		t.Errorf("the account is stored: %v", err)
	}
	if _, err := keyring.Get(t.Context(), "work"); !errors.Is(err, secret.ErrNotFound) {
		t.Errorf("the password is stored: %v", err)
	}
	// A password that was typed on the way is not kept above the one to be stored.
	if err := r.GivePassword(t.Context(), "work", secret.New("early")); err != nil {
		t.Fatal(err)
	}
	if err := try("work", config.SecretKeyring, "sesame"); err != nil {
		t.Errorf("what was typed before counts: %v", err)
	}
	add(t, r, a, "sesame")
	if got, err := r.secrets.Get(t.Context(), a); err != nil || got.Reveal() != "sesame" {
		t.Errorf("it has %v", err)
	}
}

// TestTryProxy goes through a proxy with a password that is nowhere kept.
func TestTryProxy(t *testing.T) {
	t.Parallel()
	r := open(t, Options{})
	a := config.Account{
		Name: "work", Address: "me@example.org", Host: "127.0.0.1", Port: 1, User: "me", Secret: config.SecretKeyring,
		Proxy: "socks5://me@127.0.0.1:1", ProxySecret: config.SecretKeyring,
	}
	if err := r.Try(t.Context(), a, secret.New("sesame"), secret.Secret{}, nil); !errors.Is(err, secret.ErrNotFound) {
		t.Errorf("without it: %v", err)
	}
	if err := r.Try(t.Context(), a, secret.New("sesame"), secret.New("by way of"), nil); err == nil || errors.Is(err, secret.ErrNotFound) {
		t.Errorf("with it, where nobody listens: %v", err)
	}
}
