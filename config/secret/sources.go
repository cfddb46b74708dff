package secret

import (
	"context"
	"fmt"
	"os"
	"os/exec"

	"sendoff/config"
)

// Place is a Store that can tell its state for an account.
type Place interface {
	Store
	State(ctx context.Context, account string) State
}

// Sources are all the places where passwords of this run can be. A nil place
// can't be used.
type Sources struct {
	Keyring     Place
	Vault       *Vault
	Environment Place
	Ask         Place

	// CredentialFolder is $CREDENTIALS_DIRECTORY, which systemd sets for a
	// service; empty if there is none.
	CredentialFolder string

	// Terminal is as in Command.
	Terminal func() (*os.File, func(), error)

	// Typed holds passwords that the person gave for this run. They go before
	// any other place: who types a password means that one.
	Typed Memory
}

// Get returns the password of a, or nothing if a takes none.
func (s *Sources) Get(ctx context.Context, a config.Account) (Secret, error) {
	if !a.TakesPassword() {
		return Secret{}, nil
	}
	if typed, err := s.Typed.Get(ctx, a.Name); err == nil {
		return typed, nil
	}
	p, err := s.place(a)
	if err != nil {
		return Secret{}, err
	}
	return p.Get(ctx, a.Name)
}

// Set keeps the password of a where a says.
func (s *Sources) Set(ctx context.Context, a config.Account, password Secret) error {
	p, err := s.place(a)
	if err != nil {
		return err
	}
	return p.Set(ctx, a.Name, password)
}

// Delete removes the password of a from where a says, and from memory.
func (s *Sources) Delete(ctx context.Context, a config.Account) error {
	if err := s.Typed.Delete(ctx, a.Name); err != nil {
		return err
	}
	p, err := s.place(a)
	if err != nil {
		return err
	}
	return p.Delete(ctx, a.Name)
}

// State tells whether the password of a can be had now.
func (s *Sources) State(ctx context.Context, a config.Account) State {
	switch a.Auth {
	case config.AuthNone:
		return State{Text: "no login", Ready: true}
	case config.AuthExternal:
		return State{Text: "the client's certificate, no password", Ready: true}
	}
	if _, err := s.Typed.Get(ctx, a.Name); err == nil {
		return State{Text: "typed, known until the end of this run", Ready: true}
	}
	p, err := s.place(a)
	if err != nil {
		return State{Text: a.Secret + ", can't be used here"}
	}
	return p.State(ctx, a.Name)
}

// Choice is a place that a new account could keep its password in.
type Choice struct {
	Name  string // for config.Account.Secret
	Title string
	State State

	// Command is what a password manager that is there is asked with, for
	// config.SecretCommand; empty if none is known.
	Command []string
}

// Choices lists the places for an account's password, best first.
func (s *Sources) Choices(ctx context.Context, account string) []Choice {
	all := []Choice{
		{Name: config.SecretKeyring, Title: "the desktop's keyring"},
		{Name: config.SecretVault, Title: "an encrypted file, opened by a passphrase"},
		{Name: config.SecretCommand, Title: "a program that prints it", Command: manager(account)},
		{Name: config.SecretAsk, Title: "ask me at each start"},
		{Name: config.SecretEnv, Title: "an environment variable"},
		{Name: config.SecretFile, Title: "a file that nobody else can read"},
	}
	for i, c := range all {
		switch c.Name {
		case config.SecretCommand, config.SecretFile: // which one is still to be said
			all[i].State = State{Text: c.Name, Asks: true}
		default:
			all[i].State = s.State(ctx, config.Account{Name: account, Secret: c.Name})
		}
	}
	return all
}

// manager is how the password manager that is there gives the password of an
// account; nil if none is.
func manager(account string) []string {
	entry := "mail"
	if account != "" {
		entry += "/" + account
	}
	for _, argv := range [][]string{
		{"pass", "show", entry}, {"gopass", "show", "-o", entry}, {"rbw", "get", entry}, {"op", "read", "op://" + entry + "/password"},
	} {
		if _, err := exec.LookPath(argv[0]); err == nil {
			return argv
		}
	}
	return nil
}

func (s *Sources) place(a config.Account) (Place, error) {
	var p Place
	switch a.Secret {
	case config.SecretKeyring:
		p = s.Keyring
	case config.SecretVault:
		if s.Vault != nil {
			p = s.Vault
		}
	case config.SecretEnv:
		p = s.Environment
	case config.SecretAsk:
		p = s.Ask
	case config.SecretConfig:
		p = inConfig{a.Password}
	case config.SecretCommand:
		p = Command{Argv: a.PasswordCommand, Terminal: s.Terminal}
	case config.SecretFile:
		p = CredentialFile{Folder: s.CredentialFolder, File: a.CredentialFile}
	}
	if p == nil {
		return nil, &Error{
			Account: a.Name,
			Err:     unavailable(fmt.Sprintf("secret = %q can't be used here", a.Secret)),
		}
	}
	return p, nil
}
