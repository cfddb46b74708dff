// Package private keeps files for the eyes of their owner alone: read whole,
// replaced whole or not at all, and by one program at a time.
package private

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Read returns the octets of the file at path, at most one more than limit. It
// refuses what is not a regular file, which could keep us waiting.
func Read(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("not a regular file")}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit+1))
}

// Write puts text in the place of the file at path, whole or not at all, with
// mode 0600. Its folder is made, with 0700, if it is missing. A link stays a
// link: people keep their settings in folders of their own. Two programs must
// not write at once, see Lock.
func Write(path string, text []byte) error {
	target, err := follow(path)
	if err != nil {
		return err
	}
	folder := filepath.Dir(target)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	// The name is always the same, so that a program that was killed here
	// leaves one file at most, which the next one removes.
	beside := target + ".new"
	if err := os.Remove(beside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(beside, target)
	}
	if err != nil {
		return errors.Join(err, os.Remove(beside))
	}
	return syncFolder(folder)
}

// Remove takes the file at path away. A link to it stays, as in Write.
func Remove(path string) error {
	target, err := follow(path)
	if err == nil {
		err = os.Remove(target)
	}
	return err
}

// follow returns the file that a path leads to, which need not be there yet.
func follow(path string) (string, error) {
	target, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return target, err
	}
	link, err := os.Readlink(path)
	switch {
	case err != nil:
		return path, nil
	case filepath.IsAbs(link):
		return link, nil
	}
	return filepath.Join(filepath.Dir(path), link), nil
}

// ErrLocked is below the error of Lock when another program has the lock.
var ErrLocked = errors.New("another program is changing")

// lockWait is how long Lock waits for another program, which takes
// milliseconds.
const lockWait = 10 * time.Second

// Lock keeps other programs of ours from changing the file at path until
// unlock is called. The lock is on a file beside it, since the file itself is
// replaced by each change; who has the lock may remove that one. what names the
// file for a person who waits in vain.
func Lock(ctx context.Context, path, what string) (unlock func(), err error) {
	return LockFor(ctx, path, what, lockWait)
}

// LockFor is Lock where the other program may need longer.
func LockFor(ctx context.Context, path, what string, longest time.Duration) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, longest, fmt.Errorf("%w %s", ErrLocked, what))
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		unlock, err := lock(path + ".lock")
		if unlock != nil || err != nil {
			return unlock, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-again.C:
		}
	}
}

// lock makes a file and locks it. It returns nil if another program has the lock,
// or removed the file before it was locked: the next one makes a file of its own.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	ok, err := tryLock(f)
	if ok {
		ours, failed := f.Stat()
		there, gone := os.Stat(path)
		if failed == nil && gone == nil && os.SameFile(ours, there) {
			// Closing the file ends the lock, as the end of the program does.
			return func() { _ = f.Close() }, nil
		}
	}
	return nil, errors.Join(err, f.Close())
}
