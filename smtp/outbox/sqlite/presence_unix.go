//go:build unix

package sqlite

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// tryLock locks f until it is closed, or fails at once.
func tryLock(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// isLocked tells that tryLock failed because somebody else has the lock.
func isLocked(err error) bool { return errors.Is(err, syscall.EWOULDBLOCK) }

// remove removes and closes f, which is locked. In between nobody else can lock
// it and take it for living.
func remove(f *os.File) {
	_ = os.Remove(f.Name())
	_ = f.Close()
}

// isOpen tells that SQLite in another process has a file open: as long as that
// is so it holds locks on it. Those of this process are not seen, and end.
func isOpen(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	all := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart}
	return syscall.FcntlFlock(f.Fd(), syscall.F_GETLK, &all) == nil && all.Type != syscall.F_UNLCK
}
