//go:build unix

package sqlite

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// TestAnnounceDuringSweep has another process look whether the file of an owner
// is a dead one's, just when that owner made it.
func TestAnnounceDuringSweep(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "outbox.db")
	synctest.Test(t, func(t *testing.T) {
		mine, other := &presence{path: path}, &presence{path: path}
		f, err := os.OpenFile(mine.file("me"), os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if err := tryLock(f); err != nil {
			t.Skip("no locks here:", err)
		}
		done := make(chan error, 1)
		go func() { done <- mine.announce("me") }()
		synctest.Wait()
		if err := os.Remove(f.Name()); err != nil {
			t.Error(err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		if err := <-done; err != nil {
			t.Error(err)
		}
		if other.dead("me") {
			t.Error("a living owner counts as dead")
		}
		if err := mine.close(); err != nil {
			t.Error(err)
		}
		if !other.dead("me") {
			t.Error("an owner that left counts as alive")
		}
	})
}
