// Package config holds a person's accounts and settings, and the file they
// stand in. It never holds a secret.
package config

// Config is everything the file says.
type Config struct {
	Default  string // name of the account to use when none is named
	Accounts []Account
}

// Account is one way to submit mail.
type Account struct {
	Name      string
	Address   string // what mail comes from, without a display name
	FullName  string // the display name
	Signature string
	Host      string
	Port      int
	TLS       string // "implicit", "starttls" or "none"
	Auth      string // "auto", "none" or a mechanism's name
	User      string
	Secret    string // where the password is: "keyring", "env" or "ask"
	CAFile    string // certificates to trust in place of the system's
	Cleartext bool   // the person allows a password and mail on a link without TLS
}
