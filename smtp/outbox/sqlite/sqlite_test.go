package sqlite_test

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sendoff/smtp/outbox"
	"sendoff/smtp/outbox/sqlite"
	"sendoff/smtp/outbox/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	dirs := map[string]string{}
	storetest.Run(t, func(t testing.TB, name string, clock func() time.Time) outbox.Store {
		mu.Lock()
		defer mu.Unlock()
		key := t.Name() + "/" + name
		if dirs[key] == "" {
			dirs[key] = t.TempDir()
		}
		return open(t, filepath.Join(dirs[key], "outbox.db"), sqlite.Options{Clock: clock})
	})
}

// open opens a store that is closed at the end of the test.
func open(t testing.TB, path string, opts sqlite.Options) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
