package post

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"os"
	"slices"

	"sendoff/config"
	"sendoff/config/secret"
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
	parked := r.parked(ctx)
	accounts := make([]kit.AccountInfo, len(conf.Accounts))
	for i, a := range conf.Accounts {
		state := r.secrets.State(ctx, a)
		info := kit.AccountInfo{Account: a, Secret: state.Text, Ready: state.Ready, ProxyReady: true, Takes: r.takes(a), Waits: parked[a.Name]}
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
	return r.Add(ctx, a, password, false)
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
			err = errors.Join(err, r.secrets.Delete(context.WithoutCancel(ctx), a))
		}
		return err
	}
	r.reconsider(ctx, a.Name)
	return nil
}

// reconsider has mail of a name that an account came to, or went from, wait no more
// for what it waited for before.
func (r *Room) reconsider(ctx context.Context, name string) {
	if r.hasOutbox() {
		_ = r.resume(ctx, name) // or a delivery finds out in a minute
	}
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
	a, err := r.Account(name)
	if err != nil {
		return err
	}
	if err := config.Remove(ctx, r.home.ConfigFile(), a.Name); err != nil {
		return err
	}
	r.reconsider(ctx, a.Name)
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
