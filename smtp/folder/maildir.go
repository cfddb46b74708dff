package folder

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// addToMaildir delivers as https://cr.yp.to/proto/maildir.html says: a file in
// tmp, moved when it is whole. It goes to cur at once, with the flag of what was
// read. Its name begins with what follows from the Message-ID and the key, by which it is
// found again, and ends with what no other mail's does: two that share a
// Message-ID and a second are two.
func addToMaildir(dir string, m Mail) (err error) {
	for _, sub := range []string{"tmp", "new", "cur"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return err
		}
	}
	name := fmt.Sprintf("%d.%x.%s", m.Date.Unix(), sha256.Sum256([]byte(m.ID+"\x00"+m.Key)), host())
	for _, sub := range []string{"new", "cur"} {
		entries, err := os.ReadDir(filepath.Join(dir, sub))
		if err != nil {
			return err
		}
		for _, e := range entries {
			if m.Again && strings.HasPrefix(e.Name(), name) {
				return nil
			}
		}
	}
	f, err := os.CreateTemp(filepath.Join(dir, "tmp"), name+".*") // of mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	err = copyLines(f, m.Content, nil)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	cur := filepath.Join(dir, "cur")
	if err := os.Rename(f.Name(), filepath.Join(cur, filepath.Base(f.Name())+flagged)); err != nil {
		return err
	}
	return syncFolder(cur)
}

// host is this machine's name as it can stand in the name of a file.
func host() string {
	name, err := os.Hostname()
	if err != nil {
		return "localhost"
	}
	return strings.NewReplacer("/", `\057`, ":", `\072`).Replace(name)
}

// syncFolder makes a change of names in a folder last.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil // which has no such thing
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
