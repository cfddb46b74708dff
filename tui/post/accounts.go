package post

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"os"
	"runtime"
	"slices"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/address"
	"sendoff/smtp/submit"
	"sendoff/tui/kit"
)

// errSandboxed keeps a sandbox from changing what is the person's own.
var errSandboxed = &config.Error{
	Text: "a sandbox has the one account it comes with",
	Hint: "leave --sandbox away to set up an account",
}

// Accounts lists the accounts, the default's name, and where passwords can be
// kept on this machine.
func (r *Room) Accounts(ctx context.Context) ([]kit.AccountInfo, string, []kit.SecretStore, error) {
	conf, err := r.config()
	if err != nil {
		return nil, "", nil, err
	}
	accounts := make([]kit.AccountInfo, len(conf.Accounts))
	for i, a := range conf.Accounts {
		state := r.secrets.State(ctx, a)
		info := kit.AccountInfo{Account: a, Secret: state.Text, Ready: state.Ready, ProxyReady: true, Takes: r.takes(a)}
		if state.Ready && (keeps(a) || a.OAuth != "") && a.TakesPassword() && r.missing(ctx, a) {
			info.Secret, info.Ready = lacking(a, state), false
		}
		info.Sealed = a.Secret == config.SecretVault && a.TakesPassword() && r.secrets.Vault.Locked(ctx)
		if proxy, ok := a.ProxyLogin(); ok {
			state := r.secrets.State(ctx, proxy)
			if info.ProxyReady = state.Ready; !state.Ready {
				info.Secret += "; for the proxy: " + state.Text
			}
			info.Sealed = info.Sealed || proxy.Secret == config.SecretVault && r.secrets.Vault.Locked(ctx)
		}
		accounts[i] = info
	}
	var stores []kit.SecretStore
	for _, c := range r.secrets.Choices(ctx, "") {
		stores = append(stores, kit.SecretStore{
			Name: c.Name, Title: c.Title, Usable: c.State.Usable(), Why: c.State.Text,
			Passphrase: r.passphrase(ctx, c.Name), Command: c.Command,
		})
	}
	return accounts, conf.Default, stores, nil
}

// missing tells that a place which can be used has no password of an account.
func (r *Room) missing(ctx context.Context, a config.Account) bool {
	_, err := r.secrets.Get(ctx, a)
	return errors.Is(err, secret.ErrNotFound)
}

// lacking says that the place of an account can be used and holds nothing.
func lacking(a config.Account, s secret.State) string {
	if a.OAuth != "" {
		return "nobody is signed in"
	}
	return s.Text + ", no password in it"
}

// passphrase says what a place for passwords wants before it can be used.
func (r *Room) passphrase(ctx context.Context, place string) kit.Passphrase {
	switch {
	case place != config.SecretVault:
		return kit.NoPassphrase
	case !r.secrets.Vault.Exists():
		return kit.NewPassphrase
	case r.secrets.Vault.Locked(ctx):
		return kit.OldPassphrase
	}
	return kit.NoPassphrase
}

// Account returns the account called name, or the default one.
func (r *Room) Account(name string) (config.Account, error) {
	conf, err := r.config()
	if err != nil {
		return config.Account{}, err
	}
	return conf.Account(name)
}

// PlainPasswords names the accounts whose passwords stand in the configuration.
func (r *Room) PlainPasswords() (names []string) {
	conf, _ := r.config() // what is wrong with it is told by what needs it
	for _, a := range conf.Accounts {
		if a.Password != "" {
			names = append(names, a.Name)
		}
	}
	return names
}

// Rules are those that choose an account for a mail, in their order.
func (r *Room) Rules() ([]config.Rule, error) {
	conf, err := r.config()
	return conf.Rules, err
}

// AddAccount stores an account and its password; the first one becomes the
// default.
func (r *Room) AddAccount(ctx context.Context, a config.Account, password secret.Secret) error {
	if err := r.Add(ctx, a, password, false); err != nil {
		return err
	}
	_ = r.resume(ctx, a.Name) // mail of one that was called so before; or in a minute
	return nil
}

// Add stores an account, as the default if asDefault, and its password where
// the account says. If the password can't be stored, neither is the account.
func (r *Room) Add(ctx context.Context, a config.Account, password secret.Secret, asDefault bool) error {
	a, err := r.fresh(a)
	if err != nil {
		return err
	}
	// The password goes first, since an account without one is of no use.
	if !password.Empty() {
		if err := r.secrets.Set(ctx, a, password); err != nil {
			return err
		}
		// What was typed for an earlier try would go before it.
		if err := r.secrets.Typed.Delete(ctx, a.Name); err != nil {
			return err
		}
	}
	if err := config.Append(ctx, r.home.ConfigFile(), a, asDefault); err != nil {
		if !password.Empty() {
			err = errors.Join(err, r.secrets.Delete(ctx, a))
		}
		return err
	}
	return nil
}

// fresh completes an account that is to be added. Its name must be free: its
// password would else take the place of another account's.
func (r *Room) fresh(a config.Account) (config.Account, error) {
	if r.server != nil {
		return a, errSandboxed
	}
	a = a.Complete()
	conf, err := r.config()
	if err != nil {
		return a, err
	}
	if err := usable(a); err != nil {
		return a, err
	}
	if _, err := conf.Account(a.Name); err == nil {
		return a, &config.Error{Text: "there is an account " + a.Name + " already", Hint: "choose another name"}
	}
	return a, nil
}

// Try connects to the server of an account that is not stored, logs in and out
// again. Its password, and that of its proxy, are as given; those that are empty
// are got as the account says.
func (r *Room) Try(ctx context.Context, a config.Account, password, proxy secret.Secret, trace func(smtp.Event)) error {
	a, err := r.fresh(a)
	if err != nil {
		return err
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
		return err
	}
	r.learn(ctx, a, offered)
	return nil
}

// UpdateAccount changes the account of that name, and its password unless that
// is empty. A password follows its account to another place, if it can be put
// there. It is removed from the old place once the new one has it: until then
// the error is a *secret.KeptError, with the account changed.
func (r *Room) UpdateAccount(ctx context.Context, a config.Account, password secret.Secret) error {
	if r.server != nil {
		return errSandboxed
	}
	a = a.Complete()
	conf, err := r.config()
	if err != nil {
		return err
	}
	before, err := conf.Account(a.Name)
	if err != nil {
		return err
	}
	if err := usable(a); err != nil {
		return err
	}
	if (a.Host != before.Host || a.Port != before.Port) && slices.Equal(a.Pins, before.Pins) {
		a.Pins = nil // they were trusted at that host and port
	}
	moves := before.Secret != a.Secret
	if moves && password.Empty() && (keeps(a) || a.Secret == config.SecretAsk) {
		password, err = r.secrets.Get(ctx, before)
		// Without one there is nothing to carry; it is asked for when needed. A
		// place that fails is in nobody's way if the new one has the password.
		if err != nil && keeps(a) && !errors.Is(err, secret.ErrNotFound) {
			if _, has := r.secrets.Get(ctx, a); has != nil {
				return err
			}
		}
	}
	if !password.Empty() {
		if err := r.secrets.Set(ctx, a, password); err != nil {
			return err
		}
	}
	left, err := r.carryProxy(ctx, before, a)
	if err != nil {
		return err
	}
	if err := config.Update(ctx, r.home.ConfigFile(), a.Name, a); err != nil {
		return err
	}
	if moves || !password.Empty() {
		r.renew(a.Name)
		// What was typed before would go before what the account says now.
		err = r.secrets.Typed.Delete(ctx, a.Name)
	}
	if moves && keeps(before) {
		err = errors.Join(err, r.leave(ctx, before, a))
	}
	if left {
		from, _ := before.ProxyLogin()
		to, has := a.ProxyLogin()
		if !has {
			to.Auth = config.AuthNone
		}
		r.renew(a.Name)
		err = errors.Join(err, r.leave(ctx, from, to))
	}
	return err
}

// leave removes a password from its old place, unless that is the only one which
// has it. Who wants to be asked for it from now on knows it.
func (r *Room) leave(ctx context.Context, from, to config.Account) error {
	if to.TakesPassword() && to.Secret != config.SecretAsk && !keeps(to) {
		if _, err := r.secrets.Get(ctx, to); err != nil && !r.missing(ctx, from) {
			return &secret.KeptError{Place: from.Secret, Err: err}
		}
	}
	return r.secrets.Delete(ctx, from)
}

// carryProxy takes the password of an account's proxy along to another place. It
// tells whether there is one left at the old place.
func (r *Room) carryProxy(ctx context.Context, before, a config.Account) (left bool, err error) {
	from, had := before.ProxyLogin()
	to, has := a.ProxyLogin()
	if !had || has && from.Secret == to.Secret {
		return false, nil
	}
	if has && keeps(to) {
		password, err := r.secrets.Get(ctx, from)
		if err == nil {
			err = r.secrets.Set(ctx, to, password)
		}
		if err != nil && !errors.Is(err, secret.ErrNotFound) { // without one it is asked for when needed
			return false, err
		}
	}
	return keeps(from), nil
}

// KeepProxyPassword stores the password of an account's proxy where the account
// says.
func (r *Room) KeepProxyPassword(ctx context.Context, a config.Account, password secret.Secret) error {
	proxy, ok := a.ProxyLogin()
	if r.server != nil || !ok {
		return nil
	}
	if err := r.secrets.Set(ctx, proxy, password); err != nil {
		return err
	}
	r.renew(a.Name)
	return r.secrets.Typed.Delete(ctx, proxy.Name)
}

// keeps tells that the password of an account is in a place that we write.
func keeps(a config.Account) bool {
	return a.Secret == config.SecretKeyring || a.Secret == config.SecretVault
}

// usable tells whether an account can be one, as far as this machine knows.
func usable(a config.Account) error {
	if err := a.Check(); err != nil {
		return err
	}
	if _, err := address.Parse(a.Address); err != nil {
		return &MessageError{err}
	}
	if a.CAFile == "" {
		return nil
	}
	text, err := os.ReadFile(a.CAFile)
	if err != nil {
		return &FileError{a.CAFile, err}
	}
	if !x509.NewCertPool().AppendCertsFromPEM(text) {
		return &config.Error{Text: a.CAFile + " holds no certificate", Hint: "it must hold certificates in PEM form"}
	}
	return nil
}

// SetDefault makes an account the one to use when none is named.
func (r *Room) SetDefault(ctx context.Context, name string) error {
	if r.server != nil {
		return errSandboxed
	}
	return config.SetDefault(ctx, r.home.ConfigFile(), name)
}

// Remove forgets an account, and its password if the keyring or the vault
// holds it.
func (r *Room) Remove(ctx context.Context, name string) error {
	if r.server != nil {
		return errSandboxed
	}
	conf, err := r.config()
	if err != nil {
		return err
	}
	a, err := conf.Account(name)
	if err != nil {
		return err
	}
	if err := config.Remove(ctx, r.home.ConfigFile(), a.Name); err != nil {
		return err
	}
	if proxy, _ := a.ProxyLogin(); keeps(proxy) {
		err = r.secrets.Delete(ctx, proxy)
	}
	if keeps(a) {
		err = errors.Join(err, r.secrets.Delete(ctx, a))
	} else if !r.secrets.Vault.Locked(ctx) { // which may have kept one, see leave
		err = errors.Join(err, r.secrets.Vault.Delete(ctx, a.Name))
	}
	if err != nil {
		return &config.Error{
			Text: "account " + a.Name + " is removed; its password is not: " + cmp.Or(submit.Explain(err).Detail, err.Error()),
			Hint: "if it is still kept where the account said, remove it there",
		}
	}
	return nil
}

// TestAccount connects to the account's server, logs in and out again. Mail
// that waited for that goes on.
func (r *Room) TestAccount(ctx context.Context, name string, trace func(smtp.Event)) error {
	conf, err := r.config()
	if err != nil {
		return err
	}
	a, err := conf.Account(name)
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
	conf, err := r.config()
	if err != nil {
		return err
	}
	a, err := conf.Account(name)
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
