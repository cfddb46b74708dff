package sqlite_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/message"
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

// TestFull runs out of room at each page that a mail needs.
func TestFull(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "outbox.db")
	s := open(t, path, sqlite.Options{})
	first := put(t, s, "hi")
	pages := int(size(t, path) / 4096)
	full := 0
	for limit := pages; ; limit += 7 {
		small := open(t, path, sqlite.Options{MaxPages: limit})
		id, err := small.Put(t.Context(), outbox.New{
			Account: "home", Recipients: []string{"you@example.org"}, State: outbox.Queued, Write: write(strings.Repeat("x", 600_000)),
		})
		if err == nil {
			if c, err := small.Content(t.Context(), id); err != nil {
				t.Error(err)
			} else if n, err := io.Copy(io.Discard, c); err != nil || n != 600_000 {
				t.Errorf("content has %d octets, %v", n, err)
			}
			break
		}
		full++
		if !errors.Is(err, outbox.ErrFull) {
			t.Fatalf("limit %d: %v, want ErrFull", limit, err)
		}
		items, err := s.List(t.Context(), outbox.Query{})
		if err != nil || len(items) != 1 || items[0].ID != first {
			t.Fatalf("limit %d: the outbox has %v, %v", limit, items, err)
		}
		if err := small.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if full == 0 {
		t.Error("it was never full")
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

// TestFullAtEveryWrite has no room left at whatever is written: that is said, the
// mail is as it was, and the same is done when there is room again.
func TestFullAtEveryWrite(t *testing.T) {
	t.Parallel()
	const several = 40 // mails, so that what little is noted of each takes room
	type scene struct {
		waiting, copied outbox.ID
		draft           outbox.Ref
		claimed         outbox.Claimed
	}
	long := strings.Repeat("long ", 20_000)
	// What changes a row in its place may find room.
	small := []string{"an action", "a schedule", "the point of no return", "a lease", "a notice that is taken", "how far a mail is"}
	for name, write := range map[string]func(ctx context.Context, s *sqlite.Store, of scene) error{
		"a new draft": func(ctx context.Context, s *sqlite.Store, of scene) error {
			_, err := s.SaveDraft(ctx, outbox.Ref{}, message.Draft{Body: long})
			return err
		},
		"a draft": func(ctx context.Context, s *sqlite.Store, of scene) error {
			_, err := s.SaveDraft(ctx, of.draft, message.Draft{Body: long})
			return err
		},
		"the mail of a draft": func(ctx context.Context, s *sqlite.Store, of scene) error {
			_, err := s.Put(ctx, outbox.New{
				Account: "home", State: outbox.Queued, Draft: of.draft, Recipients: []string{"ann@example.org"}, Write: write(long),
			})
			return err
		},
		"an outcome": func(ctx context.Context, s *sqlite.Store, of scene) error {
			return s.Finish(ctx, outbox.Finished{
				Lease: of.claimed.Lease, Attempt: outbox.Attempt{Text: "no", Transcript: long}, Decision: outbox.Decision{Recipients: of.claimed.Item.Recipients},
			})
		},
		"a parking": func(ctx context.Context, s *sqlite.Store, of scene) error {
			return s.Park(ctx, outbox.Parking{Account: "home", Reason: long})
		},
		"an action": func(ctx context.Context, s *sqlite.Store, of scene) error {
			return s.Act(ctx, of.waiting, outbox.Hold)
		},
		"a schedule": func(ctx context.Context, s *sqlite.Store, of scene) error {
			return s.Schedule(ctx, of.waiting, time.Now().Add(time.Hour))
		},
		"the point of no return": func(ctx context.Context, s *sqlite.Store, of scene) error {
			return s.Committing(ctx, of.claimed.Lease)
		},
		"a lease": func(ctx context.Context, s *sqlite.Store, of scene) error {
			return s.Renew(ctx, time.Minute, of.claimed.Lease)
		},
		"a claim": func(ctx context.Context, s *sqlite.Store, _ scene) error {
			claims, err := s.Claim(ctx, outbox.Want{Account: "home", Owner: long + rand.Text(), Lease: time.Minute})
			if err == nil && len(claims) != 1 {
				err = fmt.Errorf("claimed %v", claims)
			}
			return err
		},
		"a part": func(ctx context.Context, s *sqlite.Store, of scene) error {
			r := of.claimed.Item.Recipients[0]
			r.State, r.Text = outbox.RecipientAccepted, long
			return s.Part(ctx, of.claimed.Lease, []outbox.Recipient{r})
		},
		"what is recovered": func(ctx context.Context, s *sqlite.Store, _ scene) error {
			ids, err := s.Recover(ctx)
			if err == nil && len(ids) != several {
				err = fmt.Errorf("recovered %v", ids)
			}
			return err
		},
		"what is held back": func(ctx context.Context, s *sqlite.Store, _ scene) error {
			ids, err := s.HoldBack(ctx, time.Now().Add(-time.Minute))
			if err == nil && len(ids) != several {
				err = fmt.Errorf("held back %v", ids)
			}
			return err
		},
		"what became of a copy": func(ctx context.Context, s *sqlite.Store, of scene) error {
			return s.EndCopy(ctx, of.copied, time.Now().Add(time.Hour), long)
		},
		"an exchange": func(ctx context.Context, s *sqlite.Store, of scene) error {
			ended, begun := s.Exchange(ctx, []outbox.Finished{{
				Lease: of.claimed.Lease, Attempt: outbox.Attempt{Text: "no", Transcript: long}, Decision: outbox.Decision{Recipients: of.claimed.Item.Recipients},
			}}, nil)
			return errors.Join(ended, begun)
		},
		"a notice that is taken": func(ctx context.Context, s *sqlite.Store, _ scene) error {
			n, err := s.TakeNotice(ctx, 0)
			if err == nil {
				err = s.DropNotice(ctx, n)
			}
			return err
		},
		"how far a mail is": func(ctx context.Context, s *sqlite.Store, of scene) error {
			return s.Report(ctx, outbox.Report{Lease: of.claimed.Lease, Progress: outbox.Progress{Octets: 1, Total: 2, At: time.Now()}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			path := filepath.Join(t.TempDir(), "outbox.db")
			s := open(t, path, sqlite.Options{})
			put(t, s, "hi")
			claims, err := s.Claim(ctx, outbox.Want{Account: "home", Owner: "me", Lease: time.Minute})
			if err != nil || len(claims) != 1 {
				t.Fatal(claims, err)
			}
			of := scene{waiting: put(t, s, "hi"), claimed: claims[0]}
			if of.draft, err = s.SaveDraft(ctx, outbox.Ref{}, message.Draft{Body: "short"}); err != nil {
				t.Fatal(err)
			}
			of.copied = endedWithCopy(t, s)
			switch name {
			case "what is held back":
				for range several {
					other(t, s, func(n *outbox.New) { n.State, n.NotBefore = outbox.Scheduled, time.Now().Add(-time.Hour) })
				}
			case "what is recovered":
				for range several {
					other(t, s, func(*outbox.New) {})
				}
				if claims, err := s.Claim(ctx, outbox.Want{Account: "other", Owner: "gone", Max: several}); err != nil || len(claims) != several {
					t.Fatal(claims, err)
				}
			}
			list := func() (items []outbox.Item, copied outbox.Copy) {
				t.Helper()
				items, err := s.List(ctx, outbox.Query{})
				if err != nil {
					t.Fatal(err)
				}
				if copied, err = s.Copy(ctx, of.copied); err != nil {
					t.Fatal(err)
				}
				return items, copied
			}
			before, copied := list()
			full := open(t, path, sqlite.Options{MaxPages: 1}) // as many as there are
			err = write(ctx, full, of)
			if err == nil && !slices.Contains(small, name) {
				t.Error("there was room: the test tests nothing")
			}
			if err == nil {
				return // it took no more room
			}
			if !errors.Is(err, outbox.ErrFull) {
				t.Errorf("%v, want ErrFull", err)
			}
			after, copy := list()
			if diff := cmp.Diff(before, after); diff != "" {
				t.Error("-before +after\n", diff)
			}
			if copy != copied {
				t.Errorf("the copy is %+v, was %+v", copy, copied)
			}
			if err := write(ctx, s, of); err != nil {
				t.Errorf("with room again: %v", err)
			}
		})
	}
}

// other puts a mail of another account in.
func other(t *testing.T, s *sqlite.Store, change func(*outbox.New)) outbox.ID {
	t.Helper()
	n := outbox.New{Account: "other", Recipients: []string{"ann@example.org"}, State: outbox.Queued, Write: write("hi")}
	change(&n)
	id, err := s.Put(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// endedWithCopy puts a mail in that was sent: its copy is not made yet, and
// nobody was told.
func endedWithCopy(t *testing.T, s *sqlite.Store) outbox.ID {
	t.Helper()
	s.KeepNotices()
	id := other(t, s, func(n *outbox.New) { n.Copy = "maildir:sent" })
	claims, err := s.Claim(t.Context(), outbox.Want{Account: "other", Owner: "me", Lease: time.Minute})
	if err != nil || len(claims) != 1 {
		t.Fatal(claims, err)
	}
	claims[0].Item.Recipients[0].State = outbox.RecipientAccepted
	err = s.Finish(t.Context(), outbox.Finished{Lease: claims[0].Lease, Decision: outbox.Decision{Recipients: claims[0].Item.Recipients}})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// TestFullDiskAndLostLease has one outcome come too late and another find no
// room: that no room was left is what matters, for it can be tried again.
func TestFullDiskAndLostLease(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := open(t, filepath.Join(t.TempDir(), "outbox.db"), sqlite.Options{MaxPages: 60})
	put(t, s, "x")
	kept := put(t, s, "x")
	claims, err := s.Claim(ctx, outbox.Want{Account: "home", Owner: "me", Lease: time.Minute, Max: 2})
	if err != nil || len(claims) != 2 {
		t.Fatal(claims, err)
	}
	taken := func(c outbox.Claimed) outbox.Finished {
		c.Item.Recipients[0].State = outbox.RecipientAccepted
		return outbox.Finished{Lease: c.Lease, Decision: outbox.Decision{Recipients: c.Item.Recipients}}
	}
	lost, full := taken(claims[0]), taken(claims[1])
	lost.Lease.N++
	full.Attempt = outbox.Attempt{Text: "ok", Transcript: strings.Repeat("x", 400<<10)}
	if err := s.Finish(ctx, lost, full); !errors.Is(err, outbox.ErrFull) || errors.Is(err, outbox.ErrLeaseLost) {
		t.Errorf("finish: %v", err)
	}
	full.Attempt.Transcript = ""
	if err := s.Finish(ctx, lost, full); !errors.Is(err, outbox.ErrLeaseLost) {
		t.Errorf("finish with room: %v", err)
	}
	if it, err := s.Item(ctx, kept); err != nil || it.State != outbox.Sent {
		t.Errorf("mail is %s, %v", it.State, err)
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
