package config

import (
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// fault is what is wrong with one field of an account.
type fault struct{ key, text, hint string }

// Mechanisms returns what Account.Auth can name.
func Mechanisms() []string {
	return []string{
		AuthAuto, "scram-sha-256-plus", "scram-sha-256", "scram-sha-1-plus", "scram-sha-1",
		"plain", "login", "cram-md5", "digest-md5", AuthExternal, AuthXOAuth2, AuthOAuthBearer, AuthNone,
	}
}

// Check tells whether an account that did not come from a file is sound. Its
// error is an *Error without a place.
func (a Account) Check() error {
	if f := check(a); f != nil {
		return &Error{Text: f.text, Hint: f.hint}
	}
	if a.Port < 0 || a.Port > 65535 {
		return &Error{Text: "port must be a whole number from 1 to 65535"}
	}
	return nil
}

// check looks at the fields of an account, complete or not.
func check(a Account) *fault {
	for _, look := range []func(Account) *fault{
		checkName, checkOwnAddress, checkTexts, checkHost, checkTLS, checkLink, checkLogin, checkOAuth, checkIdentities,
	} {
		if f := look(a); f != nil {
			return f
		}
	}
	return nil
}

func checkName(a Account) *fault {
	if a.Name == "" {
		return &fault{"name", "the account has no name", `add name = "..."`}
	}
	odd := strings.IndexFunc(a.Name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.@+", r)
	})
	if odd >= 0 || strings.HasPrefix(a.Name, "-") || utf8.RuneCountInString(a.Name) > 64 {
		return &fault{
			"name", quote(a.Name) + " can't be the name of an account",
			"use up to 64 letters, digits and any of -_.@+, not beginning with -",
		}
	}
	return nil
}

// checkAddress looks for what can be no address at all; the rest of the rules
// is package address's.
func checkAddress(address string) *fault {
	if addressLike(address) {
		return nil
	}
	return &fault{
		"address", quote(address) + " is not a mail address",
		"write it without a name and brackets, as in you@example.org",
	}
}

func checkOwnAddress(a Account) *fault {
	if a.Address == "" {
		return &fault{"address", "the account has no address", `add address = "you@example.org"`}
	}
	return checkAddress(a.Address)
}

func addressLike(address string) bool {
	at := strings.LastIndexByte(address, '@')
	odd := strings.ContainsFunc(address, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>,;\ufffd", r)
	})
	return at > 0 && at < len(address)-1 && !odd
}

// checkTexts keeps control characters out of what ends up in a header or a
// command.
func checkTexts(a Account) *fault {
	for _, line := range [][2]string{
		{"full-name", a.FullName}, {"user", a.User},
		{"ca-file", a.CAFile}, {"client-cert", a.ClientCert}, {"client-key", a.ClientKey}, {"sent-copy", a.SentCopy},
	} {
		if f := checkLine(line[0], line[1]); f != nil {
			return f
		}
	}
	if kind, path := a.copyFolder(); a.SentCopy != "" && (kind == "" || path == "") {
		return &fault{"sent-copy", "sent-copy can't be " + quote(a.SentCopy), `write it as "maildir:~/Mail/Sent" or "mbox:~/mail/sent"`}
	}
	return checkSignature(a.Signature)
}

// copyFolder splits SentCopy into its kind, the colon included, and the path.
func (a Account) copyFolder() (kind, path string) {
	kind, path, found := strings.Cut(a.SentCopy, ":")
	if !found || kind != "maildir" && kind != "mbox" {
		return "", ""
	}
	return kind + ":", path
}

func checkLine(key, text string) *fault {
	if strings.ContainsFunc(text, unicode.IsControl) || !utf8.ValidString(text) {
		return &fault{key, key + " must be one line of plain text", ""}
	}
	return nil
}

func checkSignature(text string) *fault {
	odd := func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\r\n\t", r) }
	if strings.ContainsFunc(text, odd) || !utf8.ValidString(text) {
		return &fault{"signature", "signature must be plain text", ""}
	}
	return nil
}

func checkTLS(a Account) *fault {
	modes := []string{TLSImplicit, TLSStart, TLSNone}
	if a.TLS != "" && !slices.Contains(modes, a.TLS) {
		return &fault{"tls", "tls can't be " + quote(a.TLS), suggest(a.TLS, modes)}
	}
	if a.TLS != TLSNone {
		if a.Cleartext {
			return &fault{"cleartext", "cleartext has no meaning with tls on", `delete it, or write tls = "none"`}
		}
		return checkTrust(a)
	}
	if a.CAFile != "" {
		return &fault{"ca-file", `ca-file has no meaning with tls = "none"`, "delete one of the two"}
	}
	if len(a.Pins) > 0 {
		return &fault{"pins", `pins have no meaning with tls = "none"`, "delete one of the two"}
	}
	if !a.Cleartext && a.Proxy != "" {
		return &fault{
			"proxy", `tls = "none" shows password and mail to the proxy`,
			"delete one of the two, or add cleartext = true if you mean it",
		}
	}
	if !a.Cleartext && !Loopback(a.Host) {
		return &fault{
			"tls", `tls = "none" shows password and mail to everybody on the way to ` + a.Host,
			`use "implicit" or "starttls", or add cleartext = true if you mean it`,
		}
	}
	return nil
}

func checkTrust(a Account) *fault {
	if len(a.Pins) > 0 && a.CAFile != "" {
		return &fault{"pins", "pins and ca-file exclude each other", "with pins, the server's own key is all that counts"}
	}
	for _, pin := range a.Pins {
		coded, ok := strings.CutPrefix(pin, PinPrefix)
		hash, err := base64.StdEncoding.DecodeString(coded)
		if !ok || err != nil || len(hash) != sha256.Size {
			return &fault{
				"pins", quote(pin) + " is not the hash of a key",
				"it must be " + PinPrefix + " and 44 characters of base64",
			}
		}
	}
	return nil
}

func checkLogin(a Account) *fault {
	if a.Auth != "" && !slices.Contains(Mechanisms(), a.Auth) {
		return &fault{"auth", "auth can't be " + quote(a.Auth), suggest(a.Auth, Mechanisms())}
	}
	if a.Auth == AuthExternal && a.ClientCert == "" {
		return &fault{"auth", `auth = "external" logs in with a certificate`, `add client-cert = "..."`}
	}
	if a.Auth != "" && !a.TakesPassword() {
		for _, f := range []struct {
			key   string
			given bool
		}{
			{"user", a.User != ""},
			{"secret", a.Secret != ""},
			{"password", a.Password != ""},
			{"password-command", len(a.PasswordCommand) > 0},
			{"credential-file", a.CredentialFile != ""},
		} {
			if f.given {
				return &fault{f.key, f.key + " has no meaning with auth = " + quote(a.Auth), "delete one of the two"}
			}
		}
		return nil
	}
	sources := []string{SecretKeyring, SecretVault, SecretCommand, SecretFile, SecretEnv, SecretAsk, SecretConfig}
	if a.Secret != "" && !slices.Contains(sources, a.Secret) {
		return &fault{"secret", "secret can't be " + quote(a.Secret), suggest(a.Secret, sources)}
	}
	return checkSource(a)
}

// checkOAuth looks at how tokens are got.
func checkOAuth(a Account) *fault {
	urls := []struct{ key, value string }{
		{"oauth-auth-url", a.OAuthAuthURL}, {"oauth-device-url", a.OAuthDeviceURL}, {"oauth-token-url", a.OAuthTokenURL},
	}
	if a.OAuth == "" {
		for _, f := range append(urls, struct{ key, value string }{"oauth-client-id", a.OAuthClientID},
			struct{ key, value string }{"oauth-client-secret", a.OAuthClientSecret},
			struct{ key, value string }{"oauth-scopes", strings.Join(a.OAuthScopes, " ")}) {
			if f.value != "" {
				return &fault{f.key, f.key + " has no meaning without oauth", `add oauth = "..."`}
			}
		}
		return nil
	}
	switch a.Auth {
	case "", AuthAuto, AuthXOAuth2, AuthOAuthBearer:
	default:
		return &fault{"auth", "auth = " + quote(a.Auth) + " takes no token", `write "auto", or delete oauth`}
	}
	if a.OAuthClientID == "" {
		return &fault{"oauth", "oauth needs a client id", `register a program with the provider and add oauth-client-id = "..."`}
	}
	if a.Secret == SecretConfig || a.Password != "" || a.Secret != "" && a.Secret != SecretKeyring && a.Secret != SecretVault {
		return &fault{"secret", "tokens can't be kept in " + quote(a.Secret), `write "keyring" or "vault"`}
	}
	for _, f := range urls {
		u, err := url.Parse(f.value)
		if f.value != "" && (err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && !(u.Scheme == "http" && Loopback(u.Hostname()))) {
			return &fault{f.key, f.key + " must be a URL that begins with https://", ""}
		}
	}
	return nil
}

// checkSource looks at what two of the places for passwords need.
func checkSource(a Account) *fault {
	switch {
	case a.Secret == SecretConfig && a.Password == "":
		return &fault{"secret", `secret = "config" means that the password stands here`, `add password = "...", or better write "keyring" or "vault"`}
	case a.Secret != SecretConfig && a.Secret != "" && a.Password != "":
		return &fault{"password", "password has no meaning with secret = " + quote(a.Secret), "delete one of the two"}
	case a.Password != "" && (strings.ContainsFunc(a.Password.Reveal(), unicode.IsControl) || !utf8.ValidString(a.Password.Reveal())):
		return &fault{"password", "password must be one line of plain text", ""}
	case a.Secret == SecretCommand && len(a.PasswordCommand) == 0:
		return &fault{"secret", `secret = "command" needs a command`, `add password-command = ["program", "argument"]`}
	case a.Secret != SecretCommand && len(a.PasswordCommand) > 0:
		return &fault{"password-command", "password-command needs another secret", `write secret = "command"`}
	case a.Secret == SecretFile && a.CredentialFile == "":
		return &fault{"secret", `secret = "credential-file" needs a file`, `add credential-file = "..."`}
	case a.Secret != SecretFile && a.CredentialFile != "":
		return &fault{"credential-file", "credential-file needs another secret", `write secret = "credential-file"`}
	}
	// An argument may have several lines: ["sh", "-c", "..."].
	odd := func(s string) bool { return strings.ContainsRune(s, 0) || !utf8.ValidString(s) }
	if slices.ContainsFunc(a.PasswordCommand, odd) || len(a.PasswordCommand) > 0 && a.PasswordCommand[0] == "" {
		return &fault{"password-command", "password-command must be a program and its arguments, each a text", ""}
	}
	if strings.ContainsFunc(a.CredentialFile, unicode.IsControl) || odd(a.CredentialFile) ||
		a.CredentialFile == "." || a.CredentialFile == ".." {
		return &fault{"credential-file", "credential-file must be a path, or a name", ""}
	}
	return nil
}

// Loopback tells that host is this machine, so that what is said to it leaves
// no trace on any wire.
func Loopback(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.IsLoopback()
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// PasswordVariable names the environment variable with the password of an
// account whose secret is "env": SENDOFF_PASSWORD_, then the name in capitals
// with _ for all that is not a letter or digit of ASCII.
func PasswordVariable(account string) string {
	return "SENDOFF_PASSWORD_" + strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			return r
		}
		return '_'
	}, account)
}
