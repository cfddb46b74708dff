package secret

import (
	"context"

	"sendoff/config"
)

// inConfig is the configuration, in which a person wrote the password.
type inConfig struct{ password config.Plain }

func (c inConfig) Get(context.Context, string) (Secret, error) { return New(c.password.Reveal()), nil }

// Set fails: nothing here writes a password to a plain file.
func (c inConfig) Set(_ context.Context, account string, _ Secret) error {
	return &Error{
		Account: account,
		Err:     unavailable("passwords are read from the configuration, not written to it"),
		Hint:    "keep it in a safer place: sendoff account edit " + account + " --secret keyring, or vault",
	}
}

// Delete does nothing, since Set keeps nothing.
func (c inConfig) Delete(context.Context, string) error { return nil }

func (c inConfig) State(_ context.Context, account string) State {
	return State{
		Text:  "in config.toml, unencrypted",
		Hint:  "sendoff account edit " + account + " --secret keyring, or vault, moves it",
		Ready: true,
	}
}
