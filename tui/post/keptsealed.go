package post

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sendoff/smtp/message"
	"sendoff/smtp/message/seal"
)

// sealed ends the name of a kept file that is encrypted to its author.
const sealed = ".sealed"

// keptFiles returns the files that a draft needs of those that were kept, without
// sealed.
func (r *Room) keptFiles(d message.Draft) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(r.keptFolder(), "*", "*"))
	if err != nil {
		return nil, err
	}
	for i, path := range files {
		files[i] = strings.TrimSuffix(path, sealed)
	}
	needed := append(slices.Clone(d.Attachments), d.Body)
	return slices.DeleteFunc(slices.Compact(files), func(path string) bool {
		return !slices.ContainsFunc(needed, func(text string) bool { return strings.Contains(text, path) })
	}), nil
}

// sealKept encrypts the kept files of a mail that goes out encrypted: they are
// needed no more, unless it is written on.
func (r *Room) sealKept(ctx context.Context, d message.Draft, o seal.Order) error {
	files, err := r.keptFiles(d)
	if err != nil {
		return err
	}
	var errs []error
	for _, path := range files {
		errs = append(errs, replace(path, path+sealed, func(in io.Reader, out io.Writer) error {
			return r.tools(ctx, d.Crypto).LockFile(ctx, in, out, o)
		}))
	}
	return errors.Join(errs...)
}

// openKept is the reverse of sealKept, for a draft that was locked.
func (r *Room) openKept(ctx context.Context, t seal.Tools, d message.Draft) error {
	files, err := r.keptFiles(d)
	if err != nil {
		return err
	}
	var errs []error
	for _, path := range files {
		errs = append(errs, replace(path+sealed, path, func(in io.Reader, out io.Writer) error {
			return t.UnlockFile(ctx, in, out)
		}))
	}
	return errors.Join(errs...)
}

// replace makes a file of another, which is removed when that is on the disk. If
// there is nothing to make it of, it was done before.
func replace(from, to string, change func(in io.Reader, out io.Writer) error) error {
	in, err := os.Open(from)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(filepath.Dir(to)), "new-*") // of mode 0600, and of no draft
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	err = change(in, out)
	if err == nil {
		err = out.Sync()
	}
	if err := errors.Join(err, out.Close()); err != nil {
		return err
	}
	if err := os.Rename(out.Name(), to); err != nil {
		return err
	}
	return os.Remove(from)
}
