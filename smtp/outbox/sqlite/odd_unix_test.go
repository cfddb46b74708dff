//go:build unix

package sqlite_test

import (
	"bufio"
	"bytes"
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
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

// TestSalvageWithoutSharedMemory salvages where nothing can be written ahead.
func TestSalvageWithoutSharedMemory(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "outbox.db")
	opts := sqlite.WithoutSharedMemory()
	s := open(t, path, opts)
	id := put(t, s, "Subject: x\r\n\r\nhi\r\n")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := sqlite.Salvage(t.Context(), path, opts); err != nil || got.Damaged != "" {
		t.Fatalf("of a whole one: %+v, %v", got, err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, 16), 0); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := sqlite.Salvage(t.Context(), path, opts); err != nil || !slices.Equal(got.Whole, []outbox.ID{id}) {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := open(t, path, opts).Item(t.Context(), id); err != nil {
		t.Error(err)
	}
}

// TestSalvageOfOpen has another program look at the outbox that is salvaged.
func TestSalvageOfOpen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "outbox.db")
	letters(t, path, 3)
	other := exec.Command(os.Args[0])
	other.Env = append(os.Environ(), "OUTBOX_TEST_IDLE="+path)
	other.Stderr = os.Stderr
	in, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Error(line, err)
	}
	behead(t, path)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := sqlite.Salvage(t.Context(), path, sqlite.Options{}); err == nil || !strings.Contains(err.Error(), "has the outbox open") {
		t.Errorf("%+v, %v", got, err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file changed: %v", err)
	}
	if err := in.Close(); err != nil {
		t.Error(err)
	}
	if err := other.Wait(); err != nil {
		t.Error(err)
	}
	behead(t, path) // the other may have mended it at its end
	if got, err := sqlite.Salvage(t.Context(), path, sqlite.Options{}); err != nil || len(got.Whole) != 3 {
		t.Errorf("%+v, %v", got, err)
	}
}
