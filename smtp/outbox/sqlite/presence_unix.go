//go:build unix

package sqlite

import (
	"errors"
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
