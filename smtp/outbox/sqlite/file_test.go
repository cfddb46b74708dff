package sqlite_test

import (
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"sendoff/smtp/outbox"
	"sendoff/smtp/outbox/sqlite"
)

func TestFileModes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no modes on Windows")
	}
	dir := filepath.Join(t.TempDir(), "state", "sendoff")
	path := filepath.Join(dir, "outbox.db")
	s := open(t, path, sqlite.Options{})
	put(t, s, strings.Repeat("x", 1<<20))
	if _, err := s.Claim(t.Context(), outbox.Want{Account: "home", Owner: "me"}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v, %v", info.Mode(), err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 4 {
		t.Errorf("%v, %v: want the outbox, -wal, -shm and an owner's lock", files, err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f.Name(), info.Mode(), err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("after closing: %v, %v", files, err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	open(t, path, sqlite.Options{})
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("an outbox that others could read: %v, %v", info.Mode(), err)
	}
}

// TestSweepSpools opens an outbox next to what killed programs left.
func TestSweepSpools(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a[b]")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	old, young := filepath.Join(dir, "spool-1"), filepath.Join(dir, "spool-2")
	for _, name := range []string{old, young} {
		if err := os.WriteFile(name, []byte("plain mail"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().Add(-24 * time.Hour)
	if err := os.Chtimes(old, yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	open(t, filepath.Join(dir, "outbox.db"), sqlite.Options{})
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old file: %v", err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Errorf("the young one: %v", err)
	}
}

func TestOddPath(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a b?c#d%41&mode=ro")
	put(t, open(t, filepath.Join(dir, "out?box.db"), sqlite.Options{}), "hi")
	if files, err := os.ReadDir(dir); err != nil || len(files) != 3 || files[0].Name() != "out?box.db" {
		t.Errorf("%v, %v", files, err)
	}
}

func TestNotAnOutbox(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]func(t *testing.T) []byte{
		"a few letters": func(*testing.T) []byte { return []byte("hello") },
		"a long text":   func(*testing.T) []byte { return []byte(strings.Repeat("This is my diary.\n", 1000)) },
		"zeros":         func(*testing.T) []byte { return make([]byte, 8192) },
		"another program's database": func(t *testing.T) []byte {
			path := filepath.Join(t.TempDir(), "other.db")
			db, err := sql.Open("sqlite", path)
			if err == nil {
				_, err = db.Exec("CREATE TABLE song (title TEXT)")
			}
			if err == nil {
				err = db.Close()
			}
			if err != nil {
				t.Fatal(err)
			}
			return read(t, path)
		},
		"an outbox cut short":   func(t *testing.T) []byte { b := anOutbox(t); return b[:len(b)/2] },
		"an outbox overwritten": func(t *testing.T) []byte { b := anOutbox(t); copy(b[100:], make([]byte, 4000)); return b },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "outbox.db")
			before := content(t)
			if err := os.WriteFile(path, before, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
			if err == nil {
				_, err = s.List(t.Context(), outbox.Query{})
				_ = s.Close()
			}
			if !errors.Is(err, outbox.ErrCorrupt) {
				t.Errorf("error %v, want ErrCorrupt", err)
			} else if !strings.Contains(err.Error(), "left as it is") {
				t.Errorf("error %q does not say what to do", err)
			}
			if sha256.Sum256(read(t, path)) != sha256.Sum256(before) {
				t.Error("the file was changed")
			}
		})
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// anOutbox returns the file of an outbox with some mail.
func anOutbox(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "outbox.db")
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		put(t, s, strings.Repeat("x", 100_000))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return read(t, path)
}

func TestNewerOutbox(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "outbox.db")
	if err := os.WriteFile(path, anOutbox(t), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err == nil {
		_, err = db.Exec("PRAGMA user_version = 999")
	}
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), path, sqlite.Options{}); !errors.Is(err, outbox.ErrVersion) {
		t.Error(err)
	}
	if got, err := sqlite.Salvage(t.Context(), path, sqlite.Options{}); !errors.Is(err, outbox.ErrVersion) {
		t.Errorf("salvaged: %+v, %v", got, err)
	}
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func TestDeleteGivesRoomBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "outbox.db")
	s := open(t, path, sqlite.Options{})
	put(t, s, "hi")
	id := put(t, s, strings.Repeat("x", 20<<20))
	if err := s.Act(t.Context(), id, outbox.Delete); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if n := size(t, path); n > 1<<20 {
		t.Errorf("the file has %d octets after 20 MB were deleted", n)
	}
}

// TestSweepGivesRoomBack keeps what the index of words takes in step with the
// mails there are.
func TestSweepGivesRoomBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "outbox.db")
	var mu sync.Mutex
	now := time.Now()
	s := open(t, path, sqlite.Options{Clock: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}})
	fill := func(n int, state outbox.State) {
		t.Helper()
		for i := range n {
			var words strings.Builder
			for j := range 300 {
				fmt.Fprintf(&words, "word%d ", i*300+j)
			}
			_, err := s.Put(t.Context(), outbox.New{
				Account: "home", Recipients: []string{"ann@example.org"}, State: state, Text: words.String(),
				Write: func(w io.Writer) error { _, err := io.WriteString(w, words.String()); return err },
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for {
			claims, err := s.Claim(t.Context(), outbox.Want{Account: "home", Owner: "me", Lease: time.Minute, Max: 100})
			if err != nil {
				t.Fatal(err)
			}
			if len(claims) == 0 {
				return
			}
			for _, c := range claims {
				c.Item.Recipients[0].State = outbox.RecipientAccepted
				if err := s.Finish(t.Context(), outbox.Finished{Lease: c.Lease, Decision: outbox.Decision{Recipients: c.Item.Recipients}}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	settled := func() int64 { // the size when nothing is in the log any more
		t.Helper()
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
			t.Fatal(err)
		}
		return size(t, path)
	}
	sweep := func() int64 {
		t.Helper()
		mu.Lock()
		now = now.Add(time.Hour)
		mu.Unlock()
		if _, err := s.Sweep(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		return settled()
	}
	fill(100, outbox.Held)
	before := settled()
	fill(500, outbox.Queued)
	full := settled()
	if after := sweep(); after > before+before/10 || full < 3*before {
		t.Errorf("the file had %d octets, %d with 500 mails more, and has %d without them", before, full, after)
	}
}

// TestOpenWritesNothing: to open an outbox and read it changes nothing, so that
// nobody else is told of news, and costs no wait for the disk.
func TestOpenWritesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "outbox.db")
	watching := open(t, path, sqlite.Options{})
	put(t, watching, "a mail")
	before, err := watching.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	reading := open(t, path, sqlite.Options{})
	if items, err := reading.List(t.Context(), outbox.Query{Limit: 10}); err != nil || len(items) != 1 {
		t.Fatal(items, err)
	}
	if err := reading.Close(); err != nil {
		t.Fatal(err)
	}
	if after, err := watching.Version(t.Context()); err != nil || after != before {
		t.Errorf("the version was %d and is %d, %v", before, after, err)
	}
}

// TestGivesBack: an outbox can give the room of deleted mail back.
func TestGivesBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "outbox.db")
	open(t, path, sqlite.Options{})
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var mode int
	if err := db.QueryRow("PRAGMA auto_vacuum").Scan(&mode); err != nil || mode != 2 {
		t.Errorf("auto_vacuum is %d, %v; want 2, incremental", mode, err)
	}
}
