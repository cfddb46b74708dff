package config

import (
	"fmt"
	"io"
	"io/fs"
	"os"

	"sendoff/config/private"
)

// Plain is a password that stands in the file. It prints as stars; Reveal is the
// only way to its text.
type Plain string

// Reveal returns the text itself.
func (p Plain) Reveal() string { return string(p) }

// Format prints stars, whatever the verb.
func (p Plain) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "***") }

// MarshalText gives stars too, so that no encoder shows the password.
func (p Plain) MarshalText() ([]byte, error) { return []byte("***"), nil }

// checkReaders refuses a file with a password in it that others can read.
func (c Config) checkReaders(path string) error {
	info, err := os.Stat(path)
	if err != nil || !private.Open(info) {
		return nil // reading it says what is wrong
	}
	for _, a := range c.Accounts {
		if a.Password != "" {
			return &Error{
				Path: path, Err: fs.ErrPermission,
				Text: "others can read this file, and the password of account " + a.Name + " stands in it",
				Hint: "chmod 600 " + path + ", and better change the password: others may know it",
			}
		}
	}
	return nil
}
