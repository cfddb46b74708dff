// Package secret gets passwords from where a person keeps them.
package secret

import (
	"context"
	"errors"
	"fmt"
	"io"
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

// Errors that callers tell apart.
var (
	ErrNotFound    = errors.New("no password is stored")
	ErrUnavailable = errors.New("the password store can't be used")
	ErrLocked      = errors.New("the password store is locked")
)

// Store keeps the passwords of accounts.
type Store interface {
	Get(ctx context.Context, account string) (Secret, error)
	Set(ctx context.Context, account string, s Secret) error
	Delete(ctx context.Context, account string) error
}
