//go:build unix

package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sendoff/smtp/outbox"
	"sendoff/smtp/outbox/sqlite"
)

// TestWithoutSharedMemory shares an outbox where a write-ahead log can't be
// shared: SQLite falls back to a rollback journal, and all goes on.
func TestWithoutSharedMemory(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "outbox.db")
	first, second := open(t, path, sqlite.WithoutSharedMemory()), open(t, path, sqlite.WithoutSharedMemory())
	ctx := t.Context()
	const each = 10
	var wg sync.WaitGroup
	for _, s := range []*sqlite.Store{first, second} {
		wg.Go(func() {
			for range each {
				put(t, s, "Subject: x\r\n\r\nhi\r\n")
			}
		})
	}
	wg.Wait()
	seen := map[outbox.ID]bool{}
	for len(seen) < 2*each {
		for i, s := range []*sqlite.Store{first, second} {
			claims, err := s.Claim(ctx, outbox.Want{Account: "home", Owner: []string{"one", "two"}[i], Lease: time.Minute})
			if err != nil || len(claims) != 1 || seen[claims[0].Item.ID] {
				t.Fatalf("claimed %+v, %v", claims, err)
			}
			c := claims[0]
			seen[c.Item.ID] = true
			if err := s.Finish(ctx, outbox.Finished{Lease: c.Lease, Decision: outbox.Decision{Recipients: c.Item.Recipients}}); err != nil {
				t.Fatal(err)
			}
			if err := s.Act(ctx, c.Item.ID, outbox.Hold); err != nil {
				t.Fatal(err)
			}
		}
	}
	db, err := sql.Open("sqlite", "file:"+path+"?vfs=unix-dotfile")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var mode string
	if err := db.QueryRow("PRAGMA journal_mode").Scan(&mode); err != nil || mode == "wal" {
		t.Errorf("the journal is of mode %q, %v: the test tests nothing", mode, err)
	}
}
