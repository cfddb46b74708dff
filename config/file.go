package config

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Load reads the configuration at path. A missing file is an empty
// configuration. Its error is an *Error.
func Load(path string) (Config, error) {
	text, err := read(path)
	if err != nil {
		return Config{}, err
	}
	return Parse(path, text)
}

// read returns the octets of the file, and none if it is missing; never much
// more than the parser would take.
func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, unreadable(path, err)
	}
	return text, nil
}

func unreadable(path string, err error) *Error {
	reason := err.Error()
	var e *fs.PathError
	if errors.As(err, &e) {
		reason = e.Err.Error() // the rest repeats the path
	}
	return &Error{
		Path: path, Err: err,
		Text: "the file can't be read: " + reason,
		Hint: "check what it is, its owner and its rights",
	}
}

// write puts text in the place of the file at path, whole or not at all, for
// the eyes of its owner alone. A link stays a link: people keep their settings
// in folders of their own.
func write(path string, text []byte) error {
	target, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		target, err = path, nil
		if link, linkErr := os.Readlink(path); linkErr == nil { // to a file yet to be made
			if target = link; !filepath.IsAbs(link) {
				target = filepath.Join(filepath.Dir(path), link)
			}
		}
	}
	if err != nil {
		return err
	}
	return replace(target, text)
}

// lockWait is how long an edit waits for another program's edit, which takes
// milliseconds.
const lockWait = 10 * time.Second

var errLocked = errors.New("another program is changing the configuration")

// lock keeps other programs of ours from editing the file at path until
// unlock is called. The lock is on a file beside it, since the file itself is
// replaced by each edit.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, lockWait, errLocked)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		ok, err := tryLock(f)
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		if ok {
			// Closing the file ends the lock, as the end of the program does.
			return func() { _ = f.Close() }, nil
		}
		select {
		case <-ctx.Done():
			_ = f.Close()
			return nil, context.Cause(ctx)
		case <-again.C:
		}
	}
}
