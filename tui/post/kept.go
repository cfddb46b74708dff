package post

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
)

const (
	// keptFor is how long a kept file stays that no draft needs: a mail that was
	// sent can be edited and sent anew as long.
	keptFor = 7 * 24 * time.Hour

	// showing begins the folders of files that another program shows, and shownFor
	// is how long they stay when this one did not come to remove them.
	showing  = "shown-"
	shownFor = time.Hour
)

// Keep stores what can be read only once, from a pipe or out of another mail,
// as a file to be attached under a name. Forget removes it some day.
//
// It is encrypted, and its path is the key: there is no file at that path, but
// the folder in it is a secret, of which the place on the disk and the key are
// made. So who may read the file is who may read a draft that attaches it. One
// that is to be encrypted makes its files unreadable with it, and any number of
// drafts can share one, also after that.
func (r *Room) Keep(name string, content io.Reader) (path string, err error) {
	var secret [16]byte
	if _, err := io.ReadFull(r.opts.Random, secret[:]); err != nil {
		return "", err
	}
	path = filepath.Join(r.keptFolder(), hex.EncodeToString(secret[:]), message.FileName(name))
	file, key := place(path)
	err = create(file, func(w io.Writer) error {
		_, err := io.Copy(cipher.StreamWriter{S: key, W: w}, content)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("keep %s: %w", message.FileName(name), err)
	}
	return path, nil
}

// create writes a file in a new folder that only the person can read; nothing is
// left of what fails.
func create(path string, write func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		err = errors.Join(write(f), f.Sync(), f.Close())
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(filepath.Dir(path)))
	}
	return nil
}

func (r *Room) keptFolder() string { return filepath.Join(r.home.StateDir, "files") }

// secretFolder finds what may be the folder of a kept file, as its path or as the
// disk has it; behind a separator that may be percent-encoded.
var secretFolder = regexp.MustCompile(`(?:^|[^0-9a-f%]|%[0-9A-Fa-f]{2})([0-9a-f]{16,})`)

// secretFolders are those in a text. The rest of a path in it is not looked at: it
// can be written in many ways.
func secretFolders(text string) (folders []string) {
	for _, m := range secretFolder.FindAllStringSubmatch(text, -1) {
		folders = append(folders, m[1])
	}
	return folders
}

// onDisk is the folder on the disk of the kept file with a secret folder in its
// path.
func onDisk(secret string) string {
	sum := sha256.Sum256([]byte("place of " + secret))
	return hex.EncodeToString(sum[:16])
}

// place tells where the kept file with a path is, if it is one, and what decrypts
// it. Each key is used once.
func place(path string) (file string, key cipher.Stream) {
	folder := filepath.Dir(path)
	secret := filepath.Base(folder)
	if b, err := hex.DecodeString(secret); err != nil || len(b) != 16 {
		return "", nil
	}
	sum := sha256.Sum256([]byte("key of " + secret))
	block, err := aes.NewCipher(sum[:])
	if err != nil {
		return "", nil // there are no keys of another size
	}
	return filepath.Join(filepath.Dir(folder), onDisk(secret), "sealed"), cipher.NewCTR(block, make([]byte, aes.BlockSize))
}

// isKept tells that a path is that of a kept file: another folder may have a name
// that looks like a secret.
func isKept(path string) bool {
	file, _ := place(path)
	if file == "" {
		return false
	}
	_, err := os.Stat(file)
	return err == nil
}

// stat is os.Stat for a file that may be a kept one.
func stat(path string) (fs.FileInfo, error) {
	if isKept(path) {
		path, _ = place(path)
	}
	return os.Stat(path)
}

// read is os.Open for a file that may be a kept one.
func read(path string) (io.ReadCloser, error) {
	if !isKept(path) {
		return os.Open(path)
	}
	file, key := place(path)
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{cipher.StreamReader{S: key, R: f}, f}, nil
}

// hideKept takes the secrets out of the paths of a locked draft that its fields
// have. The files are told by their places instead, also of pictures in the text,
// so that Forget leaves them.
func (r *Room) hideKept(locked, fields message.Draft) message.Draft {
	locked.Attachments = slices.Clone(locked.Attachments)
	for i, path := range locked.Attachments {
		if isKept(path) {
			file, _ := place(path)
			locked.Attachments[i] = filepath.Join(filepath.Dir(file), filepath.Base(path))
		}
	}
	for _, folder := range secretFolders(fields.Body) {
		path := filepath.Join(r.keptFolder(), folder, "picture")
		if file, _ := place(path); isKept(path) && !slices.Contains(locked.Attachments, file) {
			locked.Attachments = append(locked.Attachments, file)
		}
	}
	return locked
}

// show writes a file in clear for another program, until Close.
func (r *Room) show(name string, content io.Reader) (path string, err error) {
	if err := os.MkdirAll(r.keptFolder(), 0o700); err != nil {
		return "", err
	}
	folder, err := os.MkdirTemp(r.keptFolder(), showing)
	if err != nil {
		return "", err
	}
	r.mu.Lock()
	r.inClear = append(r.inClear, folder)
	r.mu.Unlock()
	path = filepath.Join(folder, message.FileName(name))
	return path, create(path, func(w io.Writer) error {
		_, err := io.Copy(w, content)
		return err
	})
}

// hide removes what show wrote.
func (r *Room) hide() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for _, folder := range r.inClear {
		errs = append(errs, os.RemoveAll(folder))
	}
	r.inClear = nil
	return errors.Join(errs...)
}

// Forget removes the kept files that are old and that no draft attaches.
func (r *Room) Forget(ctx context.Context) error {
	entries, err := os.ReadDir(r.keptFolder())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	needed, err := r.needed(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			continue
		}
		age := r.opts.Clock().Sub(info.ModTime())
		if strings.HasPrefix(entry.Name(), showing) {
			if age >= shownFor {
				errs = append(errs, os.RemoveAll(filepath.Join(r.keptFolder(), entry.Name())))
			}
			continue
		}
		if age >= keptFor && !needed[entry.Name()] {
			errs = append(errs, os.RemoveAll(filepath.Join(r.keptFolder(), entry.Name())))
		}
	}
	return errors.Join(errs...)
}

// mayBeWritten are the states in which a mail is, or can come back as, a draft,
// which then needs its files again.
var mayBeWritten = []outbox.State{
	outbox.Draft, outbox.Held, outbox.Scheduled, outbox.Queued, outbox.Sending, outbox.Deferred,
	outbox.Partial, outbox.Failed, outbox.Uncertain, outbox.Cancelled,
}

// needed returns the folders on the disk of the files that are attached to, or
// shown in the texts of, all that may still be written.
func (r *Room) needed(ctx context.Context) (map[string]bool, error) {
	store, err := r.outbox(ctx)
	if err != nil {
		return nil, err
	}
	items, err := store.List(ctx, outbox.Query{States: mayBeWritten})
	if err != nil {
		return nil, err
	}
	folders := map[string]bool{}
	for _, it := range items {
		fields, err := store.Draft(ctx, it.ID)
		if errors.Is(err, outbox.ErrNoDraft) || errors.Is(err, outbox.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, text := range append(slices.Clone(fields.Attachments), fields.Body) {
			for _, folder := range secretFolders(text) {
				folders[folder], folders[onDisk(folder)] = true, true
			}
		}
	}
	return folders, nil
}
