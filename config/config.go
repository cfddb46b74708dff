// Package config holds a person's accounts and settings, and the file they
// stand in. It never holds a secret: an account says where its password is.
//
// The file is TOML (https://toml.io/en/v1.0.0):
//
//	default = "work"              # the account to use when none is named
//
//	[[account]]
//	name = "work"                 # what this account is called on the screen
//	address = "alice@example.org" # what mail comes from
//	full-name = "Alice Example"
//	signature = """
//	Alice Example"""
//	reply-to = "office@example.org"
//	bcc = ["archive@example.org"] # who gets a copy of each mail
//	recipients = ["*@example.com"] # whose mail is from here, if nothing else is said
//	catch-all = ["alice.example"] # domains of which any address can be the sender
//	host = "smtp.example.org"
//	tls = "implicit"              # or "starttls", or "none"
//	port = 465                    # 587 without implicit TLS
//	auth = "auto"                 # or "none", or a mechanism
//	user = "alice@example.org"    # the address, if left out
//	secret = "keyring"            # where the password is, see below
//	ca-file = "ca.pem"            # certificates to trust instead of the system's
//	pins = ["sha256//AbC..."]     # or the server's key itself, and no other
//	cleartext = true              # only with tls = "none", to another machine
//	client-cert = "me.pem"        # certificate to show to the server, in PEM form
//	client-key = "me.key"         # its key, if client-cert does not hold that too
//	window = 4                    # mails in commit at once; 0 to suit how many wait
//	proxy = "socks5://localhost:9050" # or "http://host:port"; may have a user@
//	proxy-secret = "keyring"      # where that user's password is, as secret says it
//	proxy-command = ["pass", "show", "proxy"] # for proxy-secret = "command"
//	bind = "192.0.2.7"            # the address of this machine to connect from
//	ehlo-name = "pc.example.org"  # how to introduce this machine to the server
//	sent-copy = "maildir:~/Mail/Sent" # a copy of what was sent; or "mbox:~/mail/sent"
//
// With auth = "external" the client's certificate is the login, and there is no
// password. The ehlo-name is the address connected from, if left out, and tells
// nothing behind a proxy, which resolves the names of servers as well.
//
// A password is in the desktop's "keyring", in the "vault", which is an encrypted
// file of our own, in the environment ("env", see PasswordVariable), in the
// person's head ("ask"), or in one of two other places that are named as well:
//
//	secret = "command"            # the first line that a program prints
//	password-command = ["pass", "show", "mail/work"]
//
//	secret = "credential-file"    # the first line of a file that nobody else can read
//	credential-file = "work"      # in the folder systemd gives; or a path
//
// It can stand in this file itself, as password = "...", if nobody else can read
// the file. Each start warns of that; "sendoff account edit NAME --secret vault"
// moves it.
//
// Below an account there can be others that its mail is from, each with keys of
// the same meaning:
//
//	[[account.identity]]
//	address = "sales@example.org"
//	full-name = "Alice, Sales"
//	reply-to = "sales@example.org"
//	signature = "Sales"
//	markdown = true               # mail is written in markdown, and sent as text and HTML
//	language = "en_GB"            # the dictionary that spelling is checked with
//	bcc = ["crm@example.org"]
//	recipients = ["*@customer.example", "bob@example.net"]
//
// Beside accounts there are tables for the rest, all of which can be left out:
//
//	[compose]
//	check = ["my-checker", "--strict"]  # is shown each mail before it goes, see Compose
//	wrap = 78                     # columns of a row of text on the screen, at most
//	reflow = 72                   # columns of a line of a paragraph that is broken anew
//	editor-headers = true         # the header stands above the text in $EDITOR
//	spelling = "auto"             # or "off", "hunspell", "aspell", "enchant"
//
//	[outbox]
//	undo = "10s"                  # how long mail from the screen can be taken back; 0 for off
//	ask-when-late = "12h"         # ask before mail goes that should have gone so long ago
//	keep = "90d"                  # how long sent mail is kept; 0 for ever
//	after-quit = "deliver"        # send what waits in the background; or "wait"; asked, if left out
//
//	[[hook]]                      # what is done when something became of a mail
//	on = ["failed", "uncertain", "deferred"] # or "sent"; these if left out
//	after = "1h"                  # "deferred" means: put off for so long
//	command = ["mail-news", "--desk"] # run without a shell, with JSON on its standard input
//	notify = true                 # show a notification of the desktop
//	bell = true                   # ring the terminal
//
//	[[rule]]                      # which account a mail goes through, if none is named
//	from = ["*@shop.example"]     # whose mail: an address, "*@domain" or "*@*.domain"
//	to = ["*@customer.example"]   # and to whom; one of the two can be left out
//	account = "work"
//	sender = "sales@example.org"  # if the mail names none; an address of the account
//
// The first rule that matches counts, before what accounts and identities say of
// senders and recipients.
//
//	[theme]
//	name = "high-contrast"        # or auto, light, dark, sixteen, none
//	accent = "#c05000"            # a color of one's own for a role, see Roles
//
//	[theme.dark]                  # only where the terminal's ground is dark; or theme.light
//	accent = "#ffb060"
//
//	[keys]                        # other keys for what the screens do
//	compose.send = ["ctrl+x", "f5"] # "sendoff config keys" lists the actions
//
// An account that logs in by OAuth says who gives the tokens, and the id of the
// client that the person registered there; "sendoff account login" begins it:
//
//	oauth = "microsoft"           # or google, microsoft-personal, fastmail, yandex, mail.ru
//	oauth-client-id = "0a1b2c..."
//	oauth-client-secret = "..."   # where programs are given one; it is no secret then
//	oauth-token-url = "https://auth.example.org/token" # of others, with any word as oauth
//	oauth-auth-url = "https://auth.example.org/authorize"
//	oauth-device-url = "https://auth.example.org/device"
//	oauth-scopes = ["smtp", "offline_access"]
//
// With auth = "xoauth2" or "oauthbearer" and no oauth, what secret gives is the
// token itself, for programs that print one.
//
// Only name, address and host are required. What is not known is refused, with
// its line and column, so that a slip of the pen never becomes a silent default.
package config

import (
	"errors"
	"strings"
)

// Config is everything the file says, completed with defaults.
type Config struct {
	// Default names the account to use when none is named. Load fills in the
	// first account when the file says nothing; it is empty without accounts.
	Default   string
	Accounts  []Account
	Outbox    Outbox
	Compose   Compose
	Addresses Addresses
	Hooks     []Hook
	Rules     []Rule
	Theme     Theme
	Keys      []Key
}

// Account is one way to submit mail.
type Account struct {
	Name      string
	Address   string // what mail comes from, without a display name
	FullName  string // the display name
	Signature string
	Markdown  bool // mail is written in markdown, if it does not say otherwise

	// Language is the dictionary that spelling is checked with, such as "en_US";
	// empty for the system's language.
	Language string
	Seal     Seal // whether it is signed and encrypted, if it does not say otherwise

	ReplyTo    string     // where answers go; empty for Address
	Bcc        []string   // who gets a copy of each mail
	Recipients []string   // as Identity.Recipients
	CatchAll   []string   // domains of which any address can be the sender
	Identities []Identity // others that mail can be from, see Senders

	Host      string
	Port      int
	TLS       string // "implicit", "starttls" or "none"
	Auth      string // "auto", "none" or a mechanism's name in lower case
	User      string
	Secret    string // where the password is: one of the Secret constants
	CAFile    string // certificates to trust in place of the system's
	Cleartext bool   // the person allows a password and mail on a link without TLS

	// Pins are the server's keys that are trusted, in place of any authority:
	// "sha256//" and the hash of a SubjectPublicKeyInfo in base64.
	Pins []string

	// OAuth says who gives tokens in place of a password: a provider that package
	// oauth knows, or any word with the URLs below. The client is one that the
	// person registered. Secret is where the refresh token is. Without OAuth, an
	// Auth that takes a token has it from Secret as it is.
	OAuth             string
	OAuthClientID     string
	OAuthClientSecret string // of a program that can keep none; some want it all the same
	OAuthAuthURL      string
	OAuthDeviceURL    string
	OAuthTokenURL     string
	OAuthScopes       []string

	Password        Plain    // the password itself, for SecretConfig
	PasswordCommand []string // program and arguments, for SecretCommand
	CredentialFile  string   // path, or name below $CREDENTIALS_DIRECTORY, for SecretFile

	ClientCert string // what this side shows of itself in TLS; empty for nothing
	ClientKey  string // of ClientCert; empty when that holds it

	Window int    // mails past the point of no return at once; 0 to suit the queue
	Proxy  string // URL of one of the Proxy schemes, perhaps with a user; empty for none

	// ProxySecret is where the password of that user is, one of the Secret
	// constants; empty for none. See ProxyLogin.
	ProxySecret  string
	ProxyCommand []string // program and arguments, for SecretCommand

	Bind     string // address of this machine to connect from; empty for any
	EHLOName string // what EHLO says; empty for an address literal
	SentCopy string // folder for copies of what was sent, "maildir:" or "mbox:" and a path; empty for none
}

// How a connection is protected: the values of Account.TLS.
const (
	TLSImplicit = "implicit" // TLS from the first octet (RFC 8314 section 3.3)
	TLSStart    = "starttls" // STARTTLS, required (RFC 3207)
	TLSNone     = "none"
)

// How to log in: values of Account.Auth beside the names of mechanisms.
const (
	AuthAuto = "auto" // the best that the server offers
	AuthNone = "none" // not at all

	AuthExternal = "external" // by Account.ClientCert, without a password

	AuthXOAuth2     = "xoauth2" // by a token, as AuthOAuthBearer
	AuthOAuthBearer = "oauthbearer"
)

// Where a password is: the values of Account.Secret. It is empty when the
// account does not log in.
const (
	SecretKeyring = "keyring" // the desktop's own store
	SecretEnv     = "env"     // an environment variable
	SecretAsk     = "ask"     // asked once for each run of the program
	SecretCommand = "command" // printed by a program
	SecretFile    = "credential-file"
	SecretVault   = "vault"  // our own encrypted file
	SecretConfig  = "config" // Account.Password: the configuration itself
)

// PinPrefix begins each of Account.Pins. It is the form that curl knows.
const PinPrefix = "sha256//"

// ErrNoAccount is below the error for an account that is not there.
var ErrNoAccount = errors.New("no such account")

// Account returns the account called name, or the default one when name is
// empty. Its error is an *Error over ErrNoAccount.
func (c Config) Account(name string) (Account, error) {
	if len(c.Accounts) == 0 {
		return Account{}, &Error{
			Text: "no account is set up",
			Hint: `add one with "sendoff account add"`,
			Err:  ErrNoAccount,
		}
	}
	if name == "" {
		name = c.Default
	}
	for _, a := range c.Accounts {
		if strings.EqualFold(a.Name, name) {
			return a, nil
		}
	}
	near, _ := Nearest(name, c.names())
	return Account{}, &Error{
		Text: "no account is called " + quote(name),
		Hint: suggest(name, c.names()),
		Err:  &NoAccountError{name, near},
	}
}

// NoAccountError is a name that no account has. It is an ErrNoAccount.
type NoAccountError struct {
	Name string
	Near string // the account whose name is much like it; empty for none
}

// Error names neither, for what it is part of does.
func (e *NoAccountError) Error() string { return ErrNoAccount.Error() }

// Is tells that it is an ErrNoAccount.
func (e *NoAccountError) Is(target error) bool { return target == ErrNoAccount }

func (c Config) names() []string {
	names := make([]string, len(c.Accounts))
	for i, a := range c.Accounts {
		names[i] = a.Name
	}
	return names
}

// Complete returns a with a default in every field that was left empty.
func (a Account) Complete() Account {
	if a.TLS == "" {
		a.TLS = TLSImplicit
	}
	if a.Port == 0 {
		a.Port = standardPort(a.TLS)
	}
	if a.Auth == "" {
		a.Auth = AuthAuto
	}
	if !a.TakesPassword() {
		return a
	}
	if a.User == "" {
		a.User = a.Address
	}
	switch {
	case a.Secret != "":
	case a.Password != "":
		a.Secret = SecretConfig
	default:
		a.Secret = SecretKeyring
	}
	return a
}

// TakesToken tells that a logs in with an access token.
func (a Account) TakesToken() bool {
	return a.OAuth != "" || a.Auth == AuthXOAuth2 || a.Auth == AuthOAuthBearer
}

// TakesPassword tells that a logs in with a password, or with a token in its
// place.
func (a Account) TakesPassword() bool { return a.Auth != AuthNone && a.Auth != AuthExternal }

// standardPort is where a submission server listens if nobody says otherwise:
// RFC 8314 section 3.3, RFC 6409 section 3.1.
func standardPort(tls string) int {
	if tls == TLSImplicit {
		return 465
	}
	return 587
}
