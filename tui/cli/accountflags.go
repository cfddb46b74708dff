package cli

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"sendoff/config"
)

// accountFlags are the settings of an account.
func accountFlags(flags *pflag.FlagSet, a *config.Account) {
	flags.StringVar(&a.Address, "address", "", "`ADDRESS` that mail comes from")
	flags.StringVar(&a.FullName, "full-name", "", "your `NAME` as recipients see it")
	writingFlags(flags, &a.ReplyTo, &a.Signature, &a.Markdown, &a.Bcc, &a.Recipients, &a.Seal)
	flags.StringVar(&a.Language, "language", "", "`LANGUAGE` that spelling is checked in, such as en_GB (default the system's)")
	flags.Var(list{&a.CatchAll, ","}, "catch-all", "`DOMAIN` of which any address can be the sender; several apart by commas")
	flags.StringVar(&a.SentCopy, "sent-copy", "", "`FOLDER` for a copy of what was sent: maildir:PATH or mbox:PATH")
	flags.StringVar(&a.Host, "host", "", "`HOST` name of the submission server")
	flags.IntVar(&a.Port, "port", 0, "its port (default 465; 587 with starttls)")
	flags.StringVar(&a.TLS, "tls", "", "implicit, starttls or none (default implicit)")
	among(flags, "tls", config.TLSImplicit, config.TLSStart, config.TLSNone)
	flags.StringVar(&a.Auth, "auth", "", "auto, none, external or a mechanism (default auto)")
	among(flags, "auth", config.Mechanisms()...)
	flags.StringVar(&a.User, "user", "", "name to log in with (default the address)")
	flags.StringVar(&a.Secret, "secret", "", "where the password is: keyring, vault, env, ask, command or credential-file (default keyring)")
	among(flags, "secret", config.SecretKeyring, config.SecretVault, config.SecretAsk, config.SecretEnv, config.SecretCommand, config.SecretFile)
	flags.Var(commandLine{&a.PasswordCommand}, "password-command", "`PROGRAM` with its arguments that prints the password; for --secret command")
	flags.StringVar(&a.CredentialFile, "credential-file", "", "`FILE` with the password, or its name below $CREDENTIALS_DIRECTORY; for --secret credential-file")
	flags.StringVar(&a.OAuth, "oauth", "", "log in by OAuth with tokens of `PROVIDER`: google, microsoft, microsoft-personal, fastmail, yandex or mail.ru; see account login")
	flags.StringVar(&a.OAuthClientID, "oauth-client-id", "", "`ID` of the program that you registered there")
	flags.StringVar(&a.OAuthClientSecret, "oauth-client-secret", "", "what some providers call its secret, which it is not")
	keepSecret(flags, "", "oauth-client-secret")
	flags.StringVar(&a.OAuthTokenURL, "oauth-token-url", "", "`URL` that gives tokens, for other providers")
	flags.StringVar(&a.OAuthAuthURL, "oauth-auth-url", "", "`URL` to sign in at with a browser")
	flags.StringVar(&a.OAuthDeviceURL, "oauth-device-url", "", "`URL` that gives codes to sign in with")
	flags.Var(list{&a.OAuthScopes, ","}, "oauth-scopes", "what the tokens are for, apart by commas")
	flags.StringVar(&a.CAFile, "ca-file", "", "`FILE` with certificates to trust instead of the system's")
	flags.BoolVar(&a.Cleartext, "cleartext", false, "with --tls none, let password and mail go to another machine for everybody to read")
	flags.StringVar(&a.ClientCert, "client-cert", "", "`FILE` with the certificate to show to the server; the login itself with --auth external")
	flags.StringVar(&a.ClientKey, "client-key", "", "`FILE` with its key (default the same)")
	flags.StringVar(&a.Proxy, "proxy", "", "`URL` of a proxy: socks5://host:port or http://host:port")
	keepSecret(flags, "", "proxy") // whose URL may hold a password, though it must not
	flags.StringVar(&a.ProxySecret, "proxy-secret", "", "where the password of the user in --proxy is: keyring, vault, env, ask or command (default there is none)")
	among(flags, "proxy-secret", config.SecretKeyring, config.SecretVault, config.SecretAsk, config.SecretEnv, config.SecretCommand)
	flags.Var(commandLine{&a.ProxyCommand}, "proxy-command", "`PROGRAM` with its arguments that prints it; for --proxy-secret command")
	keepSecret(flags, "", "password-command", "proxy-command") // which may be no more than an echo
	flags.StringVar(&a.Bind, "bind", "", "`ADDRESS` of this machine to connect from")
	flags.StringVar(&a.EHLOName, "ehlo-name", "", "`NAME` to introduce this machine by (default the address connected from)")
	flags.IntVar(&a.Window, "window", 0, "let at most `N` mails be in commit at once (default: as many as suits the queue)")
}

// writingFlags are what an account and its identities both say of their mail.
func writingFlags(flags *pflag.FlagSet, replyTo, signature *string, markdown *bool, bcc, recipients *[]string, seal *config.Seal) {
	flags.StringVar(replyTo, "reply-to", "", "`ADDRESS` that answers go to")
	flags.StringVar(signature, "signature", "", "`TEXT` at the end of each mail")
	flags.BoolVar(markdown, "markdown", false, "mail is written in markdown")
	flags.BoolVar(&seal.Sign, "sign", false, "mail is signed")
	flags.BoolVar(&seal.Encrypt, "encrypt", false, "mail is encrypted to its recipients")
	flags.StringVar(&seal.Crypto, "crypto", "", "`HOW` it is signed and encrypted: pgp, by gpg, or smime, by gpgsm (default pgp)")
	among(flags, "crypto", "pgp", "smime")
	flags.StringVar(&seal.Key, "key", "", "`KEY` of the sender, by fingerprint (default one of the address)")
	flags.Var(list{bcc, ","}, "bcc", "`ADDRESS` that gets a copy of each mail; several apart by commas")
	flags.Var(list{recipients, ","}, "recipients", "`PATTERN` of whose mail is from here, such as *@example.org; several apart by commas")
}

// list is a flag whose value is several texts.
type list struct {
	of    *[]string
	apart string
}

// Set takes the texts apart. A list that is given replaces the one before.
func (l list) Set(text string) error {
	*l.of = nil
	for part := range strings.SplitSeq(text, l.apart) {
		if part = strings.TrimSpace(part); part != "" {
			*l.of = append(*l.of, part)
		}
	}
	return nil
}

func (l list) String() string {
	if l.of == nil {
		return ""
	}
	return strings.Join(*l.of, l.apart)
}

// Type is what a help text would call the value.
func (l list) Type() string { return "list" }

// commandLine is a flag whose value is a program and its arguments.
type commandLine struct{ of *[]string }

// Set takes the line apart, with quotes as a shell has them.
func (c commandLine) Set(line string) error {
	*c.of = config.SplitCommand(line)
	return nil
}

func (c commandLine) String() string {
	if c.of == nil {
		return ""
	}
	return config.JoinCommand(*c.of)
}

// Type is what a help text would call the value.
func (c commandLine) Type() string { return "command" }

// repeat returns what sets the flags once more that were given, over what their
// variables hold by then.
func repeat(flags *pflag.FlagSet) func() error {
	given := map[string]string{}
	flags.Visit(func(f *pflag.Flag) { given[f.Name] = f.Value.String() })
	return func() error {
		for name, value := range given {
			if err := flags.Set(name, value); err != nil {
				return usageError{err}
			}
		}
		return nil
	}
}

// follow lets what was as usual before an edit be as usual after it.
func follow(before, a config.Account) config.Account {
	usual := before
	usual.Port, usual.User = 0, ""
	usual = usual.Complete()
	if a.Port == before.Port && before.Port == usual.Port {
		a.Port = 0
	}
	if a.User == before.User && before.User == usual.User {
		a.User = ""
	}
	if a.Secret != config.SecretCommand && slices.Equal(a.PasswordCommand, before.PasswordCommand) {
		a.PasswordCommand = nil
	}
	if a.Secret != config.SecretFile && a.CredentialFile == before.CredentialFile {
		a.CredentialFile = ""
	}
	if a.Secret != config.SecretConfig {
		a.Password = ""
	}
	if a.ProxySecret != config.SecretCommand && slices.Equal(a.ProxyCommand, before.ProxyCommand) {
		a.ProxyCommand = nil
	}
	if a.Proxy == "" && a.ProxySecret == before.ProxySecret {
		a.ProxySecret = ""
	}
	if !a.TakesPassword() {
		a.User, a.Secret, a.Password = "", "", ""
	}
	return a
}
