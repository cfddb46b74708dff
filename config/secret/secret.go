// Package secret gets passwords from where a person keeps them.
//
// Each account names one place (config.Account.Secret), and no other is tried
// behind the person's back: a password that quietly comes from somewhere else
// is as hard to understand as one that is quietly written somewhere else.
// Nothing here writes a password to a plain file.
//
// None of this stops a program that runs as the same person: whatever the
// place, such a program can read what this one reads.
package secret

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"sendoff/config"
)

// Secret is a password. It prints as stars; Reveal is the only way to its text.
type Secret struct{ text string }

// New makes a Secret of text.
func New(text string) Secret { return Secret{text} }

// Reveal returns the text itself, for the one place that needs it.
func (s Secret) Reveal() string { return s.text }

// Empty tells that there is nothing in it.
func (s Secret) Empty() bool { return s.text == "" }

// Format prints stars, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "***") }

// MarshalText gives stars too, so that no encoder shows the secret.
func (s Secret) MarshalText() ([]byte, error) { return []byte("***"), nil }

// Errors that callers tell apart. ErrNotFound and ErrLocked can be cured by
// the person in a moment; ErrUnavailable asks for another place.
var (
	ErrNotFound    = errors.New("no password is stored")
	ErrUnavailable = errors.New("the password store can't be used")
	ErrLocked      = errors.New("the password store is locked")
)

// ErrSignIn is below the errors for an account that logs in by OAuth, and whose
// person has to sign in, for the first time or again.
var ErrSignIn = errors.New("the provider wants you to sign in")

// Store keeps the passwords of accounts. Its errors are *Error, but for those
// of an ended context. Delete removes what Set kept; there need not be anything.
type Store interface {
	Get(ctx context.Context, account string) (Secret, error)
	Set(ctx context.Context, account string, s Secret) error
	Delete(ctx context.Context, account string) error
}

// Error is trouble with the password of an account. It never holds one.
type Error struct {
	Account string
	Hint    string // what to do about it; may be empty
	Err     error  // over ErrNotFound, ErrUnavailable or ErrLocked
}

// Error tells the trouble and what to do in one line.
func (e *Error) Error() string {
	s := "password of account " + e.Account + ": " + e.Err.Error()
	if _, proxy := config.PasswordOf(e.Account); proxy {
		s = "password of " + config.PasswordOwner(e.Account) + ": " + e.Err.Error()
	}
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KeptError tells that an account was changed, and that its password is still
// where it was, since the new place does not give one.
type KeptError struct {
	Place string // as in config.Account.Secret
	Err   error  // why the new place does not
}

// Error tells both.
func (e *KeptError) Error() string {
	return "the " + e.Place + " keeps the password as well, since its new place does not give it: " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *KeptError) Unwrap() error { return e.Err }

// trouble is an error in words of its own over one of the errors above.
type trouble struct {
	kind error
	text string
}

func (t trouble) Error() string { return t.text }
func (t trouble) Unwrap() error { return t.kind }

// Unavailable is an error over ErrUnavailable, in words of its own.
func Unavailable(text string) error { return unavailable(text) }

func unavailable(text string) error { return trouble{ErrUnavailable, text} }
func notFound(text string) error    { return trouble{ErrNotFound, text} }
func shut(text string) error        { return trouble{ErrLocked, text} }

// State tells whether a place can be used now.
type State struct {
	Text  string // in a few words: "keyring, ready"
	Hint  string // what to do about it; empty if there is nothing to do
	Ready bool   // it gives and takes passwords without asking anybody
	Asks  bool   // it does, after the person answered a question
}

// Usable tells that the place can be tried.
func (s State) Usable() bool { return s.Ready || s.Asks }

// clean makes one harmless line of what another program said.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(ansi.Strip(s), "?"))
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "..."
	}
	return strings.Join(strings.Fields(s), " ")
}
