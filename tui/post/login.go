package post

import (
	"context"
	"os"
	"runtime"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/submit"
	"sendoff/tui/kit"
)

// Try connects to the server of an account that is not stored, logs in and out
// again. Its password, and that of its proxy, are as given; those that are empty
// are got as the account says. The error is a *kit.UnfitError if the account could
// not be added, else a *submit.TrialError.
func (r *Room) Try(ctx context.Context, a config.Account, password, proxy secret.Secret, trace func(smtp.Event)) error {
	a, err := r.fresh(a)
	if err != nil {
		return &kit.UnfitError{Err: err}
	}
	sender := r.sender()
	sender.Password = func(ctx context.Context, login config.Account) (secret.Secret, error) {
		given := password
		if login.Name != a.Name {
			given = proxy
		}
		switch {
		case !given.Empty():
			return given, nil
		case keeps(login): // which has nothing of it yet
			return r.secrets.Typed.Get(ctx, login.Name)
		}
		return r.secrets.Get(ctx, login)
	}
	offered, err := sender.Test(ctx, a, trace)
	if err != nil {
		return &submit.TrialError{Err: err}
	}
	r.learn(ctx, a, offered)
	return nil
}

// TestAccount connects to the account's server, logs in and out again. Mail
// that waited for that goes on.
func (r *Room) TestAccount(ctx context.Context, name string, trace func(smtp.Event)) error {
	a, err := r.Account(name)
	if err != nil {
		return err
	}
	offered, err := r.sender().Test(ctx, a, trace)
	if err != nil {
		return err
	}
	r.learn(ctx, a, offered)
	return r.resume(ctx, a.Name)
}

// Examine goes the way to the account's server and tells of each step; an
// empty name is the default's. The server is asked whether it knows addresses,
// if any are named. The error is the first that came up.
func (r *Room) Examine(ctx context.Context, name string, report func(submit.Step), addresses ...string) error {
	a, err := r.Account(name)
	if err != nil {
		return err
	}
	return r.sender().Check(ctx, a, report, addresses...)
}

// Report examines the way to an account's server, as Examine does, and returns
// what can be shown to whoever is asked for help: whole, and with what tells of
// the person masked. The error is that of Examine.
func (r *Room) Report(ctx context.Context, name string, report func(submit.Step), addresses ...string) (whole, masked string, err error) {
	a, err := r.Account(name)
	if err != nil {
		return "", "", err
	}
	said := submit.Report{Program: r.opts.Program, System: runtime.GOOS + "/" + runtime.GOARCH, At: r.opts.Clock(), Account: a}
	said.Err = r.Examine(ctx, a.Name, func(s submit.Step) {
		said.Steps = append(said.Steps, s)
		if report != nil {
			report(s)
		}
	}, addresses...)
	var secrets []string
	proxy, _ := a.ProxyLogin()
	for _, login := range []config.Account{a, proxy} {
		// Only what was used, and so is at hand without a question.
		if password, err := r.shown.Get(ctx, login.Name); err == nil {
			secrets = append(secrets, password.Reveal())
		}
	}
	return said.Text(false, secrets...), said.Text(true, secrets...), said.Err
}

// GivePassword makes the password of an account known until the program ends,
// and lets its mail go on. For an account whose password is in a locked vault
// it is the vault's passphrase.
func (r *Room) GivePassword(ctx context.Context, account string, password secret.Secret) error {
	a, err := r.login(account)
	if err == nil && a.Secret == config.SecretVault && r.secrets.Vault.Locked(ctx) {
		return r.Unlock(ctx, password)
	}
	if err := r.secrets.Typed.Set(ctx, account, password); err != nil {
		return err
	}
	account, _ = config.PasswordOf(account)
	r.renew(account)
	return r.resume(ctx, account)
}

// login finds what a password is got with that goes by a name: an account, or
// the proxy of one.
func (r *Room) login(name string) (config.Account, error) {
	account, proxy := config.PasswordOf(name)
	a, err := r.Account(account)
	if err != nil || !proxy {
		return a, err
	}
	a, _ = a.ProxyLogin()
	return a, nil
}

// RunPasswordCommand has the program that gives the password of an account ask
// the person in a terminal, and makes what it says known until the program ends.
func (r *Room) RunPasswordCommand(ctx context.Context, account string, terminal *os.File) error {
	a, err := r.login(account)
	if err != nil {
		return err
	}
	password, err := askCommand(ctx, a.Name, a.PasswordCommand, terminal)
	if err != nil {
		return err
	}
	return r.GivePassword(ctx, a.Name, password)
}

// TryCommand tells whether a program prints a password, which it may ask the
// person for in a terminal.
func (r *Room) TryCommand(ctx context.Context, argv []string, terminal *os.File) error {
	_, err := askCommand(ctx, "", argv, terminal)
	return err
}

func askCommand(ctx context.Context, account string, argv []string, terminal *os.File) (secret.Secret, error) {
	return secret.Command{
		Argv:     argv,
		Terminal: func() (*os.File, func(), error) { return terminal, func() {}, nil },
	}.Get(ctx, account)
}

// resume lets the mail of an account go on.
func (r *Room) resume(ctx context.Context, account string) error {
	store, err := r.outbox(ctx)
	if err != nil {
		return err
	}
	if err := store.Unpark(ctx, account); err != nil {
		return err
	}
	r.wake()
	return nil
}
