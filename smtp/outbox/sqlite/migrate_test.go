package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"sendoff/smtp/outbox"
	"sendoff/smtp/outbox/sqlite"
)

// old makes an outbox as version wrote it, with one mail and one draft.
func old(t *testing.T, version int) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "outbox.db")
	if err := sqlite.Create(t.Context(), path, version); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := db.Exec(query, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`INSERT INTO item (id, state, account, subject, sender, size, created, updated, since, due)
		VALUES (5, 'queued', 'home', 'Old news', 'me@example.org', 5, 1, 1, 1, 1)`)
	exec(`INSERT INTO recipient (item, n, address, state) VALUES (5, 0, 'ann@example.org', 'pending')`)
	exec(`INSERT INTO chunk (item, n, bytes) VALUES (5, 0, ?)`, []byte("hello"))
	exec(`INSERT INTO item (id, state, account, subject, people, created, updated) VALUES (6, 'draft', 'home', 'Old idea', 'Bob', 1, 1)`)
	switch version {
	case 1:
		exec(`UPDATE item SET fields = ? WHERE id = 6`, []byte(`{"subject":"Old idea"}`))
	default:
		exec(`INSERT INTO draft VALUES (6, ?)`, []byte(`{"subject":"Old idea"}`))
		exec(`INSERT INTO search (rowid, subject, people) VALUES (5, 'Old news', 'ann@example.org'), (6, 'Old idea', 'Bob')`)
	}
	return path
}

func TestMigrations(t *testing.T) {
	t.Parallel()
	for version := 1; version < sqlite.Latest(); version++ {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			t.Parallel()
			path := old(t, version)
			s := open(t, path, sqlite.Options{})
			ctx := t.Context()
			for typed, want := range map[string]outbox.ID{"old news": 5, "ann": 5, "bob": 6} {
				items, err := s.List(ctx, outbox.Query{Search: typed})
				if err != nil || len(items) != 1 || items[0].ID != want {
					t.Errorf("search for %q: %v, %v", typed, items, err)
				}
			}
			if d, err := s.Draft(ctx, 6); err != nil || d.Subject != "Old idea" {
				t.Errorf("draft: %v, %v", d, err)
			}
			claims, err := s.Claim(ctx, outbox.Want{Account: "home", Owner: "me"})
			if err != nil || len(claims) != 1 || claims[0].Item.ID != 5 {
				t.Fatalf("claimed %v, %v", claims, err)
			}
			content, err := s.Content(ctx, 5)
			if err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(content); err != nil || string(b) != "hello" {
				t.Errorf("content %q, %v", b, err)
			}
			checkIntegrity(t, path)

			copied := fmt.Sprintf("%s.v%d", path, version)
			if info, err := os.Stat(copied); err != nil || info.Mode().Perm()&0o077 != 0 {
				t.Fatalf("the copy: %v, %v", info, err)
			}
			db, err := sql.Open("sqlite", copied)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			var got, items int
			if err := db.QueryRow(`SELECT user_version, (SELECT count(*) FROM item) FROM pragma_user_version`).Scan(&got, &items); err != nil || got != version || items != 2 {
				t.Errorf("the copy has version %d and %d items, %v", got, items, err)
			}
			if left, err := filepath.Glob(path + ".copy-*"); err != nil || left != nil {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// TestMigrateAtOnce opens an old outbox from many sides.
func TestMigrateAtOnce(t *testing.T) {
	t.Parallel()
	path := old(t, 1)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s, err := sqlite.Open(context.Background(), path, sqlite.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := s.Draft(context.Background(), 6); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	checkIntegrity(t, path)
	if _, err := os.Stat(path + ".v1"); err != nil {
		t.Error(err)
	}
}

// TestMigrationWithoutCopy changes nothing if no copy can be made.
func TestMigrationWithoutCopy(t *testing.T) {
	t.Parallel()
	path := old(t, 1)
	long := filepath.Join(filepath.Dir(path), strings.Repeat("x", 250)) // the name of a copy is too long
	if err := os.Rename(path, long); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), long, sqlite.Options{}); err == nil {
		t.Error("no error")
	}
	if err := os.Rename(long, path); err != nil {
		t.Fatal(err)
	}
	s := open(t, path, sqlite.Options{})
	if _, err := s.Draft(t.Context(), 6); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path + ".v1"); err != nil {
		t.Error("no copy was made the second time:", err)
	}
}

// TestMigrationKeepsCopies writes over nothing that has the name of a copy.
func TestMigrationKeepsCopies(t *testing.T) {
	t.Parallel()
	path := old(t, 1)
	for _, name := range []string{".v1", ".v1-2"} {
		if err := os.WriteFile(path+name, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open(t, path, sqlite.Options{})
	for _, name := range []string{".v1", ".v1-2"} {
		if b, err := os.ReadFile(path + name); err != nil || string(b) != name {
			t.Errorf("%s is now %.20q, %v", name, b, err)
		}
	}
	checkIntegrity(t, path+".v1-3")
}

func checkIntegrity(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity check: %s, %v", verdict, err)
	}
	if rows, err := db.Query("PRAGMA foreign_key_check"); err != nil {
		t.Error(err)
	} else {
		defer rows.Close()
		if rows.Next() || rows.Err() != nil {
			t.Error("rows without their mail", rows.Err())
		}
	}
}
