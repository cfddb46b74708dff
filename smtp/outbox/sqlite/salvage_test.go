package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sendoff/smtp/outbox"
	"sendoff/smtp/outbox/sqlite"
)

// letters makes an outbox of mails in several states and drafts, and returns
// what is in it.
func letters(t *testing.T, path string, n int) (contents map[outbox.ID]string) {
	t.Helper()
	ctx := t.Context()
	s, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	contents = map[outbox.ID]string{}
	for i := range n {
		body := make([]byte, random.IntN(9000))
		for j := range body {
			body[j] = byte('a' + random.IntN(26))
		}
		text := "Subject: x\r\n\r\n" + string(body)
		id, err := s.Put(ctx, outbox.New{
			Account: "home", MessageID: fmt.Sprintf("%d@example.org", i), From: "me@example.org",
			Recipients: []string{fmt.Sprintf("ann%d@example.org", i), "bob@example.org"}, Subject: fmt.Sprintf("Letter %d", i), State: outbox.Queued,
			Fields: fmt.Appendf(nil, `{"subject":"Letter %d","to":"ann%d@example.org","body":"text%d"}`, i, i, i),
			Write:  func(w io.Writer) error { _, err := io.WriteString(w, text); return err },
		})
		if err != nil {
			t.Fatal(err)
		}
		contents[id] = text
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return contents
}

// TestSalvage damages pages at random, and gets out what is left.
func TestSalvage(t *testing.T) {
	t.Parallel()
	const mails = 60
	source := filepath.Join(t.TempDir(), "outbox.db")
	contents := letters(t, source, mails)
	sound, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(3, 4))
	whole, lost := 0, 0
	const rounds = 8
	for round := range rounds {
		path := filepath.Join(t.TempDir(), "outbox.db")
		hurt := bytes.Clone(sound)
		pages := len(hurt) / 4096
		for range 1 + round%3 {
			page := 1 + random.IntN(pages-1) // the first has the list of tables, see TestSalvageHead
			for i := range 4096 {
				hurt[page*4096+i] = byte(random.Uint32())
			}
		}
		if err := os.WriteFile(path, hurt, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := sqlite.Salvage(t.Context(), path, sqlite.Options{})
		if err != nil {
			t.Fatalf("%d damaged pages of %d: %v", round+1, pages, err)
		}
		if got.Damaged == "" {
			continue // only pages that nothing is in
		}
		if kept, err := os.ReadFile(got.Damaged); err != nil || !bytes.Equal(kept, hurt) {
			t.Errorf("the damaged file is not as it was: %v", err)
		}
		checkSalvaged(t, path, got, contents)
		whole += len(got.Whole)
		lost += mails - len(got.Whole) - len(got.Drafts)
	}
	if whole < mails*rounds/2 || lost > mails*rounds/4 {
		t.Errorf("of %d mails %d were saved, and %d lost", mails*rounds, whole, lost)
	}
}

func checkSalvaged(t *testing.T, path string, got sqlite.Salvaged, contents map[outbox.ID]string) {
	t.Helper()
	checkIntegrity(t, path)
	s := open(t, path, sqlite.Options{})
	ctx := t.Context()
	for _, id := range got.Whole {
		it, err := s.Item(ctx, id)
		if err != nil || it.State != outbox.Held || !it.NeedsYou() || len(it.Recipients) != 2 {
			t.Errorf("mail %s: %+v, %v", id, it, err)
			continue
		}
		c, err := s.Content(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(c); err != nil || string(text) != contents[id] {
			t.Errorf("mail %s has %d octets, not %d: %v", id, len(text), len(contents[id]), err)
		}
	}
	for _, id := range got.Drafts {
		if d, err := s.Draft(ctx, id); err != nil || d.Subject != fmt.Sprintf("Letter %d", id-1) {
			t.Errorf("draft %s: %+v, %v", id, d, err)
		}
	}
	all, err := s.List(ctx, outbox.Query{})
	if err != nil || len(all) != len(got.Whole)+len(got.Drafts) {
		t.Errorf("%d mails, %d and %d were told: %v", len(all), len(got.Whole), len(got.Drafts), err)
	}
	if len(got.Whole) == 0 {
		return
	}
	if found, err := s.List(ctx, outbox.Query{Search: fmt.Sprintf("text%d", got.Whole[0]-1)}); err != nil || len(found) == 0 {
		t.Errorf("a saved mail is not found: %v, %v", found, err)
	}
	if err := s.Act(ctx, got.Whole[0], outbox.Release); err != nil {
		t.Error(err)
	}
	next, err := s.Put(ctx, outbox.New{
		Account: "home", Recipients: []string{"a@example.org"}, State: outbox.Held, Write: func(io.Writer) error { return nil },
	})
	if err != nil || contents[next] != "" {
		t.Errorf("the next mail is %s, which was another's number: %v", next, err)
	}
}

// TestSalvageHead loses the first octets of the file, and a mail in the log.
func TestSalvageHead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "outbox.db")
	contents := letters(t, path, 5)
	behead(t, path)
	if _, err := sqlite.Open(t.Context(), path, sqlite.Options{}); !errors.Is(err, outbox.ErrCorrupt) {
		t.Fatalf("opened: %v", err)
	}
	got, err := sqlite.Salvage(t.Context(), path, sqlite.Options{})
	if err != nil || len(got.Whole) != 5 {
		t.Fatalf("%+v, %v", got, err)
	}
	checkSalvaged(t, path, got, contents)
}

// TestSalvageWhole leaves a whole outbox alone, and one that is in use.
func TestSalvageWhole(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "outbox.db")
	letters(t, path, 3)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := sqlite.Salvage(t.Context(), path, sqlite.Options{})
	if err != nil || got.Damaged != "" {
		t.Errorf("%+v, %v", got, err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file changed: %v", err)
	}
	s := open(t, path, sqlite.Options{})
	if c, err := s.Claim(context.Background(), outbox.Want{Account: "home", Owner: "me", Lease: time.Minute}); err != nil || len(c) != 1 {
		t.Fatal(c, err)
	}
	if _, err := sqlite.Salvage(t.Context(), path, sqlite.Options{}); err == nil {
		t.Error("salvaged what is in use")
	}
}

// TestSalvageForms saves outboxes of each form there was, with all that is beside
// the mails.
func TestSalvageForms(t *testing.T) {
	t.Parallel()
	for form := 1; form <= sqlite.Latest(); form++ {
		t.Run(fmt.Sprint(form), func(t *testing.T) {
			t.Parallel()
			path := old(t, form)
			beside(t, path, form)
			behead(t, path)
			got, err := sqlite.Salvage(t.Context(), path, sqlite.Options{})
			if err != nil || !slices.Equal(got.Whole, []outbox.ID{5, 6, 7}) {
				t.Fatalf("%+v, %v", got, err)
			}
			checkIntegrity(t, path)
			s := open(t, path, sqlite.Options{})
			checkMails(t, s)
			checkBeside(t, s, form)
		})
	}
}

// beside adds a mail that failed to an outbox of old, and what that form keeps
// beside the mails.
func beside(t *testing.T, path string, form int) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, row := range []struct {
		since int
		query string
	}{
		{1, `INSERT INTO item (id, state, account, sender, subject, created, updated, problem) VALUES (7, 'failed', 'home', 'me@example.org', 'Bad news', 1, 1, 'no such person')`},
		{1, `INSERT INTO recipient (item, n, address, state) VALUES (7, 0, 'carl@example.org', 'rejected')`},
		{1, `INSERT INTO parking (account, reason, since, until, misses) VALUES ('home', 'refused', 1, 0, 2)`},
		{6, `UPDATE item SET needs = 1 WHERE id = 7`},
		{7, `INSERT INTO notice (n, item, state, at) VALUES (3, 7, 'failed', 1)`},
		{9, `INSERT INTO copy (item, folder, problem) VALUES (5, 'Sent', 'no room')`},
		{10, fmt.Sprintf(`INSERT INTO once (key, at) VALUES ('a key', %d)`, time.Now().UnixMicro())},
	} {
		if form < row.since {
			continue
		}
		if _, err := db.Exec(row.query); err != nil {
			t.Fatal(err)
		}
	}
}

// behead loses the first octets of a file.
func behead(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, 24), 0); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func checkMails(t *testing.T, s *sqlite.Store) {
	t.Helper()
	ctx := t.Context()
	for typed, want := range map[string]outbox.ID{"old news": 5, "ann": 5, "idea": 6, "carl": 7} {
		if items, err := s.List(ctx, outbox.Query{Search: typed}); err != nil || len(items) != 1 || items[0].ID != want {
			t.Errorf("search for %q: %v, %v", typed, items, err)
		}
	}
	needed, err := s.List(ctx, outbox.Query{States: []outbox.State{outbox.NeedsYou}})
	if err != nil || len(needed) != 2 || needed[0].ID != 7 || needed[1].ID != 5 || needed[1].State != outbox.Held {
		t.Errorf("waits for the person: %+v, %v", needed, err)
	}
	if d, err := s.Draft(ctx, 6); err != nil || d.Subject != "Old idea" {
		t.Errorf("draft: %+v, %v", d, err)
	}
	content, err := s.Content(ctx, 5)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(content); err != nil || string(b) != "hello" {
		t.Errorf("content %q, %v", b, err)
	}
}

func checkBeside(t *testing.T, s *sqlite.Store, form int) {
	t.Helper()
	ctx := t.Context()
	if parked, err := s.Parked(ctx); err != nil || len(parked) != 1 || parked[0].Account != "home" || parked[0].Reason != "refused" || parked[0].Misses != 2 {
		t.Errorf("parked: %+v, %v", parked, err)
	}
	if n, err := s.TakeNotice(ctx, time.Hour); form >= 7 && (err != nil || n.ID != 7 || n.State != outbox.Failed) {
		t.Errorf("notice: %+v, %v", n, err)
	}
	if c, err := s.Copy(ctx, 5); form >= 9 && (err != nil || c.Folder != "Sent" || c.Problem != "no room") {
		t.Errorf("copy: %+v, %v", c, err)
	}
	_, err := s.Put(ctx, outbox.New{
		Account: "home", Recipients: []string{"a@example.org"}, State: outbox.Held, Once: "a key", Write: write("x"),
	})
	if form >= 10 != errors.Is(err, outbox.ErrAlready) {
		t.Errorf("put in once more: %v", err)
	}
}

// TestChangedOctets finds content that a disk changed, before it is sent.
func TestChangedOctets(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "outbox.db")
	const mark = "unmistakable"
	text := "Subject: x\r\n\r\n" + mark
	s := open(t, path, sqlite.Options{})
	id := put(t, s, text)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	i := bytes.Index(file, []byte(mark))
	if i < 0 {
		t.Fatal("the content is not in the file")
	}
	file[i] ^= 1
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	s = open(t, path, sqlite.Options{})
	c, err := s.Content(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(c); !errors.Is(err, outbox.ErrCorrupt) {
		t.Errorf("read %q, %v", got, err)
	}
}
