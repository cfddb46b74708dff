package post

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
)

// keptFor is how long a kept file stays that no draft needs: a mail that was
// sent can be edited and sent anew as long.
const keptFor = 7 * 24 * time.Hour

// Keep stores what can be read only once, from a pipe or out of another mail,
// as a file to be attached under a name. Forget removes it some day.
func (r *Room) Keep(name string, content io.Reader) (path string, err error) {
	var id [8]byte
	if _, err := io.ReadFull(r.opts.Random, id[:]); err != nil {
		return "", err
	}
	folder := filepath.Join(r.keptFolder(), hex.EncodeToString(id[:]))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	path = filepath.Join(folder, message.FileName(name))
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		_, err = io.Copy(f, content)
		err = errors.Join(err, f.Sync(), f.Close())
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("keep %s: %w", message.FileName(name), err), os.RemoveAll(folder))
	}
	return path, nil
}

func (r *Room) keptFolder() string { return filepath.Join(r.home.StateDir, "files") }

// Forget removes the kept files that are old and that no draft attaches.
func (r *Room) Forget(ctx context.Context) error {
	entries, err := os.ReadDir(r.keptFolder())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	needed, err := r.attachedToDrafts(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, entry := range entries {
		folder := filepath.Join(r.keptFolder(), entry.Name())
		info, err := entry.Info()
		if err != nil || r.opts.Clock().Sub(info.ModTime()) < keptFor {
			continue
		}
		inUse := false
		for _, path := range needed {
			inUse = inUse || strings.HasPrefix(path, folder+string(filepath.Separator))
		}
		if !inUse {
			errs = append(errs, os.RemoveAll(folder))
		}
	}
	return errors.Join(errs...)
}

func (r *Room) attachedToDrafts(ctx context.Context) ([]string, error) {
	store, err := r.outbox(ctx)
	if err != nil {
		return nil, err
	}
	drafts, err := store.List(ctx, outbox.Query{States: []outbox.State{outbox.Draft}})
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, it := range drafts {
		fields, err := store.Draft(ctx, it.ID)
		if err != nil {
			return nil, err
		}
		paths = append(paths, fields.Attachments...)
	}
	return paths, nil
}
