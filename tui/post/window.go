package post

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"sendoff/config/private"
	"sendoff/smtp/outbox"
)

// occupied is the draft that is open in this window. The system ends the lock on a
// file of its own with the program, however that ends.
type occupied struct {
	id     outbox.ID
	unlock func() // nil for none
}

// Occupy notes that a draft is open in this window, in place of the one before; 0
// is none. It tells whether another window of this machine has it open: what both
// write is kept, but apart. Where files can't be locked nothing is known.
func (r *Room) Occupy(id outbox.ID) (elsewhere bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if id != 0 && r.open.id == id && r.open.unlock != nil {
		return false
	}
	file := func(id outbox.ID) string { return filepath.Join(r.home.StateDir, "open-"+id.String()) }
	if r.open.unlock != nil {
		_ = os.Remove(file(r.open.id) + ".lock") // where an open file can be; an empty one does no harm
		r.open.unlock()
	}
	r.open = occupied{id: id}
	if id == 0 {
		return false
	}
	unlock, err := private.LockFor(context.Background(), file(id), "the draft", time.Millisecond)
	if err == nil {
		r.open.unlock = unlock
	}
	return errors.Is(err, private.ErrLocked)
}
