package sqlite

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// keepAs gives the file at path a second name, or a copy where the file system
// has no links. If something has that name already, "-2" is added to it, or the
// first number that is free: nothing is written over. It returns the name.
func keepAs(path, name string) (string, error) {
	free := name
	for n := 2; ; n++ {
		err := os.Link(path, free)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			err = copyFile(path, free)
		}
		if !errors.Is(err, fs.ErrExist) {
			return free, known(err)
		}
		free = fmt.Sprintf("%s-%d", name, n)
	}
}

// copyFile makes a copy that only the person can read, and that is on the disk
// when it returns.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Sync(), out.Close()); err != nil {
		return errors.Join(err, os.Remove(to))
	}
	return nil
}
