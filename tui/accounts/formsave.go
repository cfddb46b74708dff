package accounts

import (
	"strconv"
	"strings"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp/address"
	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// save returns what tests the account or stores it, or moves to what is wrong and returns
// nothing.
func (f *form) save() kit.Intent {
	f.trouble = ""
	if f.value(rowAddress) == "" {
		return f.missing(rowAddress)
	}
	if _, err := address.Parse(f.value(rowAddress)); err != nil {
		f.wrong(rowAddress, text.Clean(err.Error()))
		return nil
	}
	for _, row := range []int{rowName, rowHost} {
		if f.rows[row].fixed == "" && f.value(row) == "" {
			return f.missing(row)
		}
	}
	port, err := strconv.Atoi(f.value(rowPort))
	if err != nil {
		f.wrong(rowPort, "the port is a number: 465 for TLS, 587 for STARTTLS")
		return nil
	}
	a := f.base
	a.Name, a.Address, a.FullName = f.value(rowName), f.value(rowAddress), f.value(rowFullName)
	a.Host, a.Port, a.TLS = f.value(rowHost), port, securities[f.rows[rowTLS].at]
	a.CAFile, a.ClientCert, a.ClientKey = f.value(rowCA), f.value(rowCert), f.value(rowKey)
	if a.CAFile == "" && a.Host == f.trusted.Host && a.Port == f.trusted.Port {
		a.Pins = f.trusted.Pins
	}
	if a.TLS != config.TLSNone {
		a.Cleartext = false
	}
	password, ok := f.credentials(&a)
	if !ok {
		return nil
	}
	issuer := f.tokens(&a)
	if f.trouble != "" {
		return nil
	}
	proxy, ok := f.proxy(&a)
	if !ok {
		return nil
	}
	a = a.Complete()
	if err := sound(a, issuer); err != nil {
		f.trouble = text.Clean(err.Error())
		return nil
	}
	f.saving, f.trouble = true, ""
	if f.before != "" {
		return kit.UpdateAccount{Account: a, Password: password, Passphrase: f.passphrase(), Issuer: issuer, Proxy: proxy}
	}
	add := kit.AddAccount{Account: a, Password: password, Passphrase: f.passphrase(), Issuer: issuer, Proxy: proxy}
	if f.way() == byOAuth { // a token is stored before there is anything to test
		return add
	}
	return kit.TryAccount(add)
}

func (f *form) missing(row int) kit.Intent {
	f.wrong(row, strings.ToLower(f.rows[row].label)+" is missing")
	return nil
}

// sound tells whether an account is, as far as it is known before its issuer
// was asked.
func sound(a config.Account, issuer kit.Issuer) error {
	if issuer.URL != "" {
		a.OAuth, a.OAuthClientID = "issuer", "id"
	}
	return a.Check()
}

// credentials puts into a how it logs in, and returns the password, if one was
// typed; or it says in which row what is wrong.
func (f *form) credentials(a *config.Account) (password secret.Secret, ok bool) {
	a.User, a.Secret, a.Password, a.PasswordCommand, a.CredentialFile = "", "", "", nil, ""
	switch f.way() {
	case byCertificate:
		a.Auth = config.AuthExternal
		if a.ClientCert == "" {
			f.missing(rowCert)
			return password, false
		}
		return password, true
	case noLogin:
		a.Auth = config.AuthNone
		return password, true
	case byOAuth:
		if !a.TakesToken() || a.OAuth == "" {
			a.Auth = config.AuthAuto
		}
	default:
		a.Auth = f.auths[f.rows[rowAuth].at]
	}
	if !f.rows[rowPassword].gone {
		password = secret.New(f.rows[rowPassword].line.Text())
	}
	store := f.place()
	unchanged := f.before != "" && f.base.Secret == store.Name
	wrong := func(row int, what string) (secret.Secret, bool) {
		f.wrong(row, what)
		return secret.Secret{}, false
	}
	switch {
	case store.Name == "":
		return wrong(rowSecret, "there is no place for the password")
	case !choosable(store) && !(unchanged && password.Empty()):
		return wrong(rowSecret, store.Title+" can't be used: "+text.Clean(store.Why))
	case password.Empty() && keeps(store.Name) && f.before == "" && f.way() == byPassword:
		return wrong(rowPassword, "the password is missing")
	case !f.rows[rowPassphrase].gone && f.rows[rowPassphrase].line.Empty():
		return wrong(rowPassphrase, "the passphrase is missing")
	case !f.rows[rowAgain].gone && f.rows[rowAgain].line.Text() != f.rows[rowPassphrase].line.Text():
		return wrong(rowAgain, "these are two different passphrases")
	}
	a.User, a.Secret = f.value(rowUser), store.Name
	switch store.Name {
	case config.SecretConfig:
		a.Password = f.base.Password
	case config.SecretCommand:
		if a.PasswordCommand = f.command(); len(a.PasswordCommand) == 0 {
			return wrong(rowProgram, "the program is missing")
		}
	case config.SecretFile:
		if a.CredentialFile = f.value(rowFile); a.CredentialFile == "" {
			return wrong(rowFile, "the file is missing")
		}
	}
	return password, true
}

// proxy puts into a how it goes through its proxy, and returns the password for
// that, if one was typed.
func (f *form) proxy(a *config.Account) (password secret.Secret, ok bool) {
	a.Proxy, a.ProxySecret, a.ProxyCommand = f.value(rowProxy), f.proxyPlace().Name, nil
	if !f.rows[rowProxyPassword].gone {
		password = secret.New(f.rows[rowProxyPassword].line.Text())
	}
	switch {
	case keeps(a.ProxySecret) && password.Empty() && f.base.ProxySecret == "":
		f.wrong(rowProxyPassword, "the password of the proxy is missing")
		return password, false
	case a.ProxySecret == config.SecretCommand:
		if a.ProxyCommand = f.base.ProxyCommand; f.value(rowProxyProgram) != f.proxyProgram {
			a.ProxyCommand = config.SplitCommand(f.value(rowProxyProgram))
		}
		if len(a.ProxyCommand) == 0 {
			f.wrong(rowProxyProgram, "the program is missing")
			return password, false
		}
	}
	return password, true
}

// tokens puts into a who gives its tokens. It returns the issuer that is to be
// asked for the rest, if there is one.
func (f *form) tokens(a *config.Account) (issuer kit.Issuer) {
	from := f.value(rowIssuer)
	if f.way() != byOAuth || from != f.base.OAuth {
		a.OAuth, a.OAuthTokenURL, a.OAuthAuthURL, a.OAuthDeviceURL, a.OAuthScopes = "", "", "", "", nil
	}
	a.OAuthClientID, a.OAuthClientSecret = f.value(rowClient), f.value(rowClientSecret)
	switch {
	case f.way() != byOAuth:
		return issuer
	case from == "":
		f.wrong(rowIssuer, "say who gives the tokens")
	case strings.Contains(from, "://"):
		return kit.Issuer{URL: from, Named: from != f.issuer}
	case a.OAuthClientID == "":
		f.wrong(rowClient, "the client id is missing: "+text.Clean(from)+" lets in only programs that it knows")
	default:
		a.OAuth = from
	}
	return issuer
}
