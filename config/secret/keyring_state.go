package secret

import (
	"errors"

	"github.com/zalando/go-keyring"
)

// condition is what the probe finds before the keyring is touched.
type condition string

const (
	ready        condition = "ready"
	locked       condition = "locked"
	noCollection condition = "no collection"
	noService    condition = "no service"
	noBus        condition = "no bus"
	noAnswer     condition = "no answer"
	noSupport    condition = "no support"
)

// elsewhere is what to do where there is no keyring.
const elsewhere = `keep the password elsewhere: secret = "vault", "command", "ask" or "env"`

// describe puts a condition into words.
func (k *Keyring) describe(c condition) State {
	switch c {
	case ready:
		return State{Text: "keyring, ready", Ready: true}
	case locked:
		if k.display {
			return State{
				Text: "keyring, locked",
				Hint: "it will ask for its password in a window of its own",
				Asks: true,
			}
		}
		// The shell reads the password itself, so that it is in no argument
		// list and no history; a line end would become part of it.
		return State{
			Text: "keyring, locked (and no display for its dialog)",
			Hint: `unlock GNOME's in this shell with: read -rs P; printf %s "$P" | ` +
				`gnome-keyring-daemon --replace --daemonize --unlock --components=secrets; unset P`,
		}
	case noCollection:
		return State{
			Text: "keyring, empty (nothing can be stored in it yet)",
			Hint: "make a default keyring in the desktop's password program, or " + elsewhere,
		}
	case noService:
		return State{
			Text: "no keyring here (D-Bus runs, but no program that keeps passwords)",
			Hint: "install gnome-keyring, KWallet or KeePassXC, or " + elsewhere,
		}
	case noBus:
		return State{
			Text: "no keyring here (no D-Bus session)",
			Hint: elsewhere,
		}
	case noAnswer:
		return State{
			Text: "keyring, does not answer",
			Hint: "log out and in again, or " + elsewhere,
		}
	}
	return State{Text: "no keyring on this system", Hint: elsewhere}
}

// refused is the error for a call that is not made.
func refused(account string, c condition, s State) *Error {
	err := unavailable(s.Text)
	if c == locked {
		err = shut(s.Text)
	}
	return &Error{Account: account, Err: err, Hint: s.Hint}
}

// unanswered is the error for a dialog without an answer.
func unanswered(account, what string) *Error {
	return &Error{
		Account: account,
		Err:     shut(what),
		Hint:    "look for it among the windows of the desktop, then try again",
	}
}

// classify turns what a keyring said into an error of ours. The library's
// errors have no types, and their texts come from another program.
func classify(account string, found condition, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return &Error{
			Account: account,
			Err:     notFound("it is not in the keyring"),
			Hint:    "type it when it is asked for, or give it to the account again",
		}
	case errors.Is(err, keyring.ErrSetDataTooBig):
		return &Error{
			Account: account,
			Err:     unavailable("the keyring takes no password of this length"),
			Hint:    elsewhere,
		}
	}
	if found == locked {
		return &Error{
			Account: account,
			Err:     shut("the keyring was not unlocked: " + clean(err.Error())),
			Hint:    "unlock it with the desktop's password program, or " + elsewhere,
		}
	}
	return &Error{
		Account: account,
		Err:     unavailable("the keyring says: " + clean(err.Error())),
		Hint:    elsewhere,
	}
}

// system is the keyring of the system we run on.
type system struct{}

func (system) Set(service, user, password string) error { return keyring.Set(service, user, password) }
func (system) Get(service, user string) (string, error) { return keyring.Get(service, user) }
func (system) Delete(service, user string) error        { return keyring.Delete(service, user) }
