package sandbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// maildir is a folder in the Maildir format: a mail is written to tmp and then
// moved to new, so that a reader never sees half of one.
type maildir struct{ root string }

func openMaildir(root string) (*maildir, error) {
	for _, sub := range []string{"tmp", "new", "cur"} {
		if err := os.MkdirAll(filepath.Join(root, sub), 0o700); err != nil {
			return nil, fmt.Errorf("make a maildir: %w", err)
		}
	}
	return &maildir{root}, nil
}

// create begins a mail. Queue ids are unique, and so are the names.
func (m *maildir) create(name string) (*os.File, error) {
	return os.OpenFile(filepath.Join(m.root, "tmp", name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// deliver ends a mail that create began.
func (m *maildir) deliver(f *os.File) error {
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(m.root, "new", filepath.Base(f.Name())))
}

// discard throws away what create began.
func (m *maildir) discard(f *os.File) error {
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
