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
	"slices"
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
	needed, err := r.needed(ctx)
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
		inUse := func(path string) bool { return strings.Contains(path, folder+string(filepath.Separator)) }
		if !slices.ContainsFunc(needed, inUse) {
			errs = append(errs, os.RemoveAll(folder))
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

// needed returns the paths of attachments, and the texts that may show pictures
// by their paths, of all that may still be written.
func (r *Room) needed(ctx context.Context) ([]string, error) {
	store, err := r.outbox(ctx)
	if err != nil {
		return nil, err
	}
	items, err := store.List(ctx, outbox.Query{States: mayBeWritten})
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, it := range items {
		fields, err := store.Draft(ctx, it.ID)
		if errors.Is(err, outbox.ErrNoDraft) || errors.Is(err, outbox.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		texts = append(append(texts, fields.Attachments...), fields.Body)
	}
	return texts, nil
}
