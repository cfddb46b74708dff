package accounts

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/config"
	"sendoff/config/provider"
	"sendoff/smtp/submit"
	"sendoff/tui/text"
)

// hint says what the row is for, and of a place for passwords what it is like.
func (f *form) hint() string {
	switch {
	case f.trial != "":
		return f.trial
	case f.at == rowPassword && f.before != "":
		return "Empty leaves it as it is. It never shows."
	case f.at == rowPassword && f.demand() != "":
		return f.demand()
	case f.at != rowSecret:
		return f.rows[f.at].hint
	}
	store := f.place()
	switch {
	case store.Name == "" && f.way() == byOAuth && len(f.all) > 0:
		return "Tokens are kept in the keyring or the encrypted file, and neither can be used here."
	case store.Name == "":
		return "Looking where passwords can be kept on this machine."
	case !choosable(store):
		return "It can't be used now: " + text.Clean(store.Why)
	}
	switch store.Name {
	case config.SecretKeyring:
		return "The desktop keeps it, and sendoff finds it there at each start."
	case config.SecretVault:
		return "An encrypted file on this computer; a passphrase opens it for you alone."
	case config.SecretAsk:
		return "Kept nowhere: sendoff asks you once each time it runs."
	case config.SecretEnv:
		return "You set the variable " + f.variable() + " before sendoff starts."
	case config.SecretConfig:
		return "It stands in config.toml, unencrypted: choose a safer place, and it moves there."
	case config.SecretCommand:
		return "Your password manager prints it each time it is needed. The next row says how."
	}
	return "The first line of a file, or of what systemd gives to a service. The next row says which."
}

// demand is what the provider wants as a password, as far as that is known.
func (f *form) demand() string {
	if f.known == nil {
		f.known, _ = provider.Builtin() // which a test reads too
	}
	p, ok := f.known.Of(config.Account{Address: f.value(rowAddress), Host: f.value(rowHost)})
	if !ok || p.Secret == provider.Password {
		return ""
	}
	return text.Clean(demands[p.Secret] + p.Help)
}

var demands = map[provider.Secret]string{
	provider.AppPassword: "An app password, and no other: ",
	provider.AppWith2FA:  "With two-step login an app password: ",
	provider.Separate:    "Not the password of your account: ",
	provider.OAuth:       "No password is taken here, but OAuth: ",
}

// variable names the environment variable for the account's password.
func (f *form) variable() string { return config.PasswordVariable(f.value(rowName)) }

func (f *form) view(width, height int) ([]string, *tea.Cursor) {
	title := "New account"
	if f.before != "" {
		title = "Account " + text.Clean(f.before)
	}
	return f.sheet.view(title, width, height)
}

// tried says what came of trying the program.
func (f *form) tried(err error) {
	f.trial, f.trouble = "It works: it printed a password. It is not shown, and not kept.", ""
	if err != nil {
		f.trial, f.trouble = "", submit.Explain(err).String()
	}
}

// tries tells that a key has the program run that prints the password.
func (f *form) tries(msg tea.KeyPressMsg) bool {
	return !f.rows[rowProgram].gone && key.Matches(msg, f.keys.Try)
}

func (f *form) bindings() []key.Binding {
	all := f.sheet.bindings()
	if !f.rows[rowProgram].gone && (f.at == rowProgram || f.at == rowSecret) {
		all = slices.Insert(all, 1, f.keys.Try)
	}
	return all
}
