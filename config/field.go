package config

import (
	"slices"
	"strings"
)

// field is one key of a section and where in a T its value goes.
type field[T any] struct {
	key    string
	always bool         // written into a new section even if it is as usual
	of     func(*T) any // a *string, *Plain, *[]string, *int, *bool or *time.Duration
}

// accountFields lists the keys of an account in the order in which a new
// account is written.
var accountFields = []field[Account]{
	{"name", true, func(a *Account) any { return &a.Name }},
	{"address", true, func(a *Account) any { return &a.Address }},
	{"full-name", false, func(a *Account) any { return &a.FullName }},
	{"signature", false, func(a *Account) any { return &a.Signature }},
	{"markdown", false, func(a *Account) any { return &a.Markdown }},
	{"language", false, func(a *Account) any { return &a.Language }},
	{"sign", false, func(a *Account) any { return &a.Seal.Sign }},
	{"encrypt", false, func(a *Account) any { return &a.Seal.Encrypt }},
	{"crypto", false, func(a *Account) any { return &a.Seal.Crypto }},
	{"key", false, func(a *Account) any { return &a.Seal.Key }},
	{"reply-to", false, func(a *Account) any { return &a.ReplyTo }},
	{"bcc", false, func(a *Account) any { return &a.Bcc }},
	{"recipients", false, func(a *Account) any { return &a.Recipients }},
	{"catch-all", false, func(a *Account) any { return &a.CatchAll }},
	{"host", true, func(a *Account) any { return &a.Host }},
	{"port", true, func(a *Account) any { return &a.Port }},
	{"tls", true, func(a *Account) any { return &a.TLS }},
	{"auth", false, func(a *Account) any { return &a.Auth }},
	{"user", false, func(a *Account) any { return &a.User }},
	{"oauth", false, func(a *Account) any { return &a.OAuth }},
	{"oauth-client-id", false, func(a *Account) any { return &a.OAuthClientID }},
	{"oauth-client-secret", false, func(a *Account) any { return &a.OAuthClientSecret }},
	{"oauth-auth-url", false, func(a *Account) any { return &a.OAuthAuthURL }},
	{"oauth-device-url", false, func(a *Account) any { return &a.OAuthDeviceURL }},
	{"oauth-token-url", false, func(a *Account) any { return &a.OAuthTokenURL }},
	{"oauth-scopes", false, func(a *Account) any { return &a.OAuthScopes }},
	{"secret", false, func(a *Account) any { return &a.Secret }},
	{"password", false, func(a *Account) any { return &a.Password }},
	{"password-command", false, func(a *Account) any { return &a.PasswordCommand }},
	{"credential-file", false, func(a *Account) any { return &a.CredentialFile }},
	{"ca-file", false, func(a *Account) any { return &a.CAFile }},
	{"pins", false, func(a *Account) any { return &a.Pins }},
	{"cleartext", false, func(a *Account) any { return &a.Cleartext }},
	{"client-cert", false, func(a *Account) any { return &a.ClientCert }},
	{"client-key", false, func(a *Account) any { return &a.ClientKey }},
	{"window", false, func(a *Account) any { return &a.Window }},
	{"proxy", false, func(a *Account) any { return &a.Proxy }},
	{"proxy-secret", false, func(a *Account) any { return &a.ProxySecret }},
	{"proxy-command", false, func(a *Account) any { return &a.ProxyCommand }},
	{"bind", false, func(a *Account) any { return &a.Bind }},
	{"ehlo-name", false, func(a *Account) any { return &a.EHLOName }},
	{"sent-copy", false, func(a *Account) any { return &a.SentCopy }},
}

// otherNames are what other programs call our keys.
var otherNames = map[string]string{
	"domain":       "ehlo-name",
	"email":        "address",
	"encryption":   "tls",
	"from":         "address",
	"heloname":     "ehlo-name",
	"hostname":     "host",
	"login":        "user",
	"mail":         "address",
	"mechanism":    "auth",
	"name":         "full-name", // in an identity
	"passcmd":      "password-command",
	"passwordeval": "password-command",
	"pin":          "pins",
	"realname":     "full-name",
	"security":     "tls",
	"server":       "host",
	"smtp":         "host",
	"sourceip":     "bind",
	"ssl":          "tls",
	"tlscertfile":  "client-cert",
	"tlskeyfile":   "client-key",
}

func fieldOf[T any](fields []field[T], key string) (field[T], bool) {
	for _, f := range fields {
		if f.key == key {
			return f, true
		}
	}
	return field[T]{}, false
}

func keysOf[T any](fields []field[T]) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.key
	}
	return names
}

// strayKey says what is wrong with a key at the top of the file.
func strayKey(key string) (text, hint string) {
	text = "unknown key " + quote(key)
	if _, ok := fieldOf(accountFields, key); ok {
		return quote(key) + " stands outside of an account", "move it below a line that says [[account]]"
	}
	if key == "account" {
		return text, "write each account below a line that says [[account]]"
	}
	for _, t := range tables {
		if slices.Contains(t.keys, key) {
			return quote(key) + " stands outside of its table", "move it below a line that says " + t.head()
		}
	}
	return text, suggest(key, []string{"default"})
}

// unknownKey says what is wrong with a key of an account that is not one of
// known.
func unknownKey(key string, known []string) (text, hint string) {
	word := strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(key))
	ours, otherName := otherNames[word]
	otherName = otherName && slices.Contains(known, ours)
	switch {
	case otherName:
	case word == "pass", strings.HasSuffix(word, "passwd"), strings.HasSuffix(word, "password"):
		return "a password does not belong in this file",
			`delete it here and say where it is kept with secret = "keyring", "vault", "command", "env" or "ask"`
	case key == "default":
		return `"default" stands inside an account`, "move it above the first [[account]]"
	}
	text = "unknown key " + quote(key)
	if otherName {
		return text, "did you mean " + quote(ours) + "?"
	}
	return text, suggest(key, known)
}
