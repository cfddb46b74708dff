package post

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"sendoff/smtp/outbox"
)

// Source reads a mail as it is sent, or a draft as it would be now.
func (r *Room) Source(ctx context.Context, id outbox.ID) (io.ReadCloser, error) {
	store, err := r.outbox(ctx)
	if err != nil {
		return nil, err
	}
	it, err := store.Item(ctx, id)
	if err != nil {
		return nil, err
	}
	if it.State != outbox.Draft {
		return store.Content(ctx, id)
	}
	read, write := io.Pipe()
	go func() { _ = write.CloseWithError(r.Build(ctx, id, write)) }() // always nil
	return read, nil
}

// Excerpt returns the octets of a Source from the one given on, n at most, and
// how many it has in all.
func (r *Room) Excerpt(ctx context.Context, id outbox.ID, from int64, n int) (octets []byte, size int64, err error) {
	source, err := r.Source(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	defer source.Close()
	seeker, quick := source.(io.Seeker)
	if quick {
		if size, err = seeker.Seek(0, io.SeekEnd); err == nil {
			_, err = seeker.Seek(from, io.SeekStart)
		}
	} else {
		size, err = io.CopyN(io.Discard, source, from)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, err
	}
	octets, err = io.ReadAll(io.LimitReader(source, int64(n)))
	if err == nil && !quick {
		size += int64(len(octets))
		rest, failed := io.Copy(io.Discard, source)
		size, err = size+rest, failed
	}
	return octets, size, err
}

// Export writes a Source into a file that must not exist yet, and returns its
// whole path.
func (r *Room) Export(ctx context.Context, id outbox.ID, path string) (string, error) {
	source, err := r.Source(ctx, id)
	if err != nil {
		return "", err
	}
	defer source.Close()
	return r.save(path, source)
}

// SaveText writes a text into a file that must not exist yet, and returns the
// file's whole path.
func (r *Room) SaveText(_ context.Context, path, text string) (string, error) {
	return r.save(path, strings.NewReader(text))
}

func (r *Room) save(path string, from io.Reader) (string, error) {
	path = r.expand(path)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(file, from)
	if err = errors.Join(err, file.Close()); err != nil {
		return "", errors.Join(err, os.Remove(path)) // half of it is none
	}
	return path, nil
}
