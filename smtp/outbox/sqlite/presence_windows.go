package sqlite

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// tryLock locks f until it is closed, or fails at once.
func tryLock(f *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	return windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, new(windows.Overlapped))
}

// isLocked tells that tryLock failed because somebody else has the lock.
func isLocked(err error) bool {
	return errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING)
}

// remove closes and removes f, which is locked: an open file can't be removed.
// Nor can one that its owner has opened meanwhile.
func remove(f *os.File) {
	_ = f.Close()
	_ = os.Remove(f.Name())
}

// isOpen tells that SQLite in another process has a file open. There is no
// asking for locks here; but its log can't be replaced then.
func isOpen(string) bool { return false }
