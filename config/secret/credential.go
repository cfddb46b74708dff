package secret

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sendoff/config/private"
)

// CredentialFile gets passwords from the first line of a file: one that a
// service manager puts into a folder for the program (systemd's
// LoadCredential), or one that nobody but its owner can read.
type CredentialFile struct {
	Folder string // $CREDENTIALS_DIRECTORY, or empty without a service manager
	File   string // a name in Folder, or a path
}

// Get reads the file.
func (c CredentialFile) Get(_ context.Context, account string) (Secret, error) {
	path, err := c.path()
	if err != nil {
		return Secret{}, &Error{
			Account: account,
			Err:     unavailable(err.Error()),
			Hint:    "start the program as a service with LoadCredential=" + clean(c.File) + ":PATH, or write a path",
		}
	}
	s, err := c.read(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return Secret{}, &Error{
			Account: account,
			Err:     notFound("there is no file " + clean(path)),
			Hint:    "write the password into it, for its owner alone to read",
		}
	case err != nil:
		return Secret{}, &Error{
			Account: account,
			Err:     unavailable(clean(path) + ": " + clean(err.Error())),
			Hint:    "it must be a file with the password in its first line, for its owner alone to read (mode 0600)",
		}
	}
	return s, nil
}

// Set fails: nothing here writes a password to a plain file.
func (c CredentialFile) Set(_ context.Context, account string, _ Secret) error {
	return &Error{
		Account: account,
		Err:     unavailable("passwords are read from files, not written to them"),
		Hint:    "write it into the file yourself, for its owner alone to read",
	}
}

// Delete does nothing, since Set keeps nothing.
func (c CredentialFile) Delete(context.Context, string) error { return nil }

// State tells whether the file can be read.
func (c CredentialFile) State(ctx context.Context, account string) State {
	_, err := c.Get(ctx, account)
	var e *Error
	if errors.As(err, &e) {
		return State{Text: "credential file, " + e.Err.Error(), Hint: e.Hint}
	}
	return State{Text: "credential file, ready", Ready: true}
}

func (c CredentialFile) given() bool { return filepath.Base(c.File) == c.File }

func (c CredentialFile) path() (string, error) {
	if !c.given() {
		return c.File, nil
	}
	if c.Folder == "" {
		return "", errors.New("CREDENTIALS_DIRECTORY is not set, and " + clean(c.File) + " is a name in that folder")
	}
	return filepath.Join(c.Folder, c.File), nil
}

func (c CredentialFile) read(path string) (Secret, error) {
	// A pipe or a device could keep us waiting, so the kind comes first.
	info, err := os.Stat(path)
	if err != nil {
		return Secret{}, err
	}
	if !info.Mode().IsRegular() {
		return Secret{}, errors.New("not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return Secret{}, err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return Secret{}, err
	}
	// The folder of a service manager keeps others out itself, and the mode of
	// a file in it says little where access control lists are used.
	if !c.given() && private.Open(info) {
		return Secret{}, fmt.Errorf("others can read it (mode %04o)", info.Mode().Perm())
	}
	text, err := io.ReadAll(io.LimitReader(f, lineLimit+2))
	if err != nil {
		return Secret{}, err
	}
	return firstLine(text)
}
