package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sendoff/smtp/outbox"
	"sendoff/smtp/outbox/sqlite"
)

// counted counts the mails that are read of an outbox.
type counted struct {
	*sqlite.Store
	read int
}

func (c *counted) Items(ctx context.Context, q outbox.Query) ([]outbox.Item, error) {
	items, err := c.List(ctx, q)
	c.read += len(items)
	return items, err
}

func (c *counted) Waits(ctx context.Context) ([]outbox.Parking, error) { return c.Parked(ctx) }

// TestWatchReadsWhatChanged: that a mail is a little further, or is held, is no
// reason to read all that there is.
func TestWatchReadsWhatChanged(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	now := time.Now().Add(-time.Hour)
	store, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "outbox.db"), sqlite.Options{Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	put := func(account string) outbox.ID {
		t.Helper()
		id, err := store.Put(ctx, outbox.New{
			Account: account, Recipients: []string{"ann@example.org"}, State: outbox.Queued,
			Write: func(w io.Writer) error { _, err := io.WriteString(w, "text"); return err },
		})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	const mails = 120
	for range mails {
		put("work")
	}
	now = now.Add(time.Minute)
	first := put("work")
	put("home")
	now = now.Add(time.Minute)
	claims, err := store.Claim(ctx, outbox.Want{Account: "work", Owner: "me", Lease: 2 * time.Hour})
	if err != nil || len(claims) != 1 {
		t.Fatal(claims, err)
	}

	seen := &counted{Store: store}
	stdout, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stdout.Close() })
	var out string
	read := 0 // of what was told
	w := watcher{
		program: &program{Env: Env{Stdout: stdout}, account: "work"}, room: seen,
		mails: map[outbox.ID]standing{}, waits: map[string]outbox.Parking{},
	}
	look := func(most int, want ...string) {
		t.Helper()
		seen.read = 0
		if err := w.look(ctx); err != nil {
			t.Fatal(err)
		}
		all, err := os.ReadFile(stdout.Name())
		if err != nil {
			t.Fatal(err)
		}
		out, read = string(all[read:]), len(all)
		w.begun = true
		lines := strings.SplitAfter(out, "\n")
		lines = lines[:len(lines)-1]
		if want != nil && len(lines) != len(want) {
			t.Errorf("%q is told, want %q", lines, want)
			return
		}
		for i, part := range want {
			if !strings.Contains(lines[i], part) {
				t.Errorf("%q is told, want %q", lines, want)
			}
		}
		if seen.read > most {
			t.Errorf("%d mails are read for %q", seen.read, want)
		}
	}
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	const few = 60 // a page, and those that are sent
	look(mails + 2)
	if n := strings.Count(out, "\n"); n != mails+1 {
		t.Errorf("%d mails are told of at first", n)
	}
	look(few, []string{}...)
	do(store.Report(ctx, outbox.Report{Lease: claims[0].Lease, Progress: outbox.Progress{Octets: 1, Total: 2, At: now}}))
	look(few, fmt.Sprintf("sending    %s", claims[0].Item.ID))
	do(store.Act(ctx, first, outbox.Hold))
	look(few, "held       "+first.String())
	next := put("work")
	put("home")
	look(few, "queued     "+next.String())
	do(store.Act(ctx, next, outbox.Cancel))
	now = now.Add(time.Second)
	do(store.Act(ctx, first, outbox.Release))
	look(few, "cancelled  "+next.String(), "queued     "+first.String())

	// What is gone, and what of many waits, is not among the changed.
	do(store.Act(ctx, next, outbox.Delete))
	look(2*mails, "deleted    "+next.String())
	do(store.Act(ctx, first, outbox.Delete))
	last := put("work")
	look(2*mails, "queued     "+last.String(), "deleted    "+first.String())
	do(store.Park(ctx, outbox.Parking{Account: "home", Reason: "no network", Until: now.Add(time.Hour)}))
	look(few, []string{}...)
	do(store.Park(ctx, outbox.Parking{Account: "work", Reason: "no network", Until: now.Add(time.Hour)}))
	look(2 * mails)
	if n := strings.Count(out, "\n"); n != mails+1 { // all but the one that is sent, and the account
		t.Errorf("%d lines for an account that waits", n)
	}

	// A clock that was set back.
	now = now.Add(-24 * time.Hour)
	w.last = time.Now().Add(time.Hour)
	do(store.Act(ctx, last, outbox.Hold))
	look(2*mails, "held       "+last.String())
}
