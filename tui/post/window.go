package post

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sendoff/config/private"
	"sendoff/smtp/outbox"
)

// occupied is the draft that is open in this window. The system ends the lock on a
// file of its own with the program, however that ends.
type occupied struct {
	id     outbox.ID
	unlock func() // nil for none
	swept  bool   // what killed windows left is removed
}

// occupyWait is for another window that only looks whether a file was left: that
// has it for microseconds.
const occupyWait = 30 * time.Millisecond

// Occupy notes that a draft is open in this window, in place of the one before; 0
// is none. It tells whether another window of this machine has it open: what both
// write is kept, but apart. Where files can't be locked nothing is known.
func (r *Room) Occupy(id outbox.ID) (elsewhere bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if id != 0 && r.open.id == id && r.open.unlock != nil {
		return false
	}
	if r.open.unlock != nil {
		release(r.openFile(r.open.id), r.open.unlock)
	}
	r.open.id, r.open.unlock = id, nil
	if id == 0 {
		return false
	}
	if !r.open.swept {
		r.open.swept = true
		r.releaseLeft()
	}
	unlock, err := private.LockFor(context.Background(), r.openFile(id), "the draft", occupyWait)
	if err == nil {
		r.open.unlock = unlock
	}
	return errors.Is(err, private.ErrLocked)
}

// openFile is what is locked for an open draft.
func (r *Room) openFile(id outbox.ID) string {
	return filepath.Join(r.home.StateDir, "open-"+id.String())
}

// releaseLeft removes the files of windows that were killed.
func (r *Room) releaseLeft() {
	left, _ := fs.Glob(os.DirFS(r.home.StateDir), "open-*.lock")
	for _, name := range left {
		file := filepath.Join(r.home.StateDir, strings.TrimSuffix(name, ".lock"))
		if unlock, err := private.LockFor(context.Background(), file, "the draft", time.Nanosecond); err == nil {
			release(file, unlock)
		}
	}
}

// release ends a lock and removes its file: while it is locked, so that it is not
// another window's by then, but on Windows, which removes no file that is open, also
// in another window.
func release(file string, unlock func()) {
	err := os.Remove(file + ".lock")
	unlock()
	if err != nil {
		_ = os.Remove(file + ".lock")
	}
}
