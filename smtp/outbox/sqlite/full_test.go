package sqlite_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/smtp/outbox/sqlite"
)

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

// scene is an outbox that something is to be written into.
type scene struct {
	waiting, copied outbox.ID
	draft           outbox.Ref
	claimed         outbox.Claimed
}

// several mails are claimed or held back at once, so that what little is noted of
// each takes room.
const several = 40

// everyWrite is what a store writes, by what it is called.
func everyWrite() map[string]func(ctx context.Context, s *sqlite.Store, of scene) error {
	long := strings.Repeat("long ", 20_000)
	return map[string]func(ctx context.Context, s *sqlite.Store, of scene) error{
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
	}
}

// TestFullAtEveryWrite lets the file not grow at whatever is written that takes
// a page. What changes a row in its place does not: TestFullDiskAtEveryWrite has
// no room for that either.
func TestFullAtEveryWrite(t *testing.T) {
	t.Parallel()
	inPlace := []string{"an action", "a schedule", "the point of no return", "a lease", "a notice that is taken", "how far a mail is"}
	for name, write := range everyWrite() {
		if slices.Contains(inPlace, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "outbox.db")
			s := open(t, path, sqlite.Options{})
			of := setScene(t, s, name)
			failsFull(t, s, of, func() error {
				return write(t.Context(), open(t, path, sqlite.Options{MaxPages: 1}), of) // as many as there are
			})
			if err := write(t.Context(), s, of); err != nil {
				t.Errorf("with room again: %v", err)
			}
		})
	}
}

// setScene prepares an outbox for a write.
func setScene(t *testing.T, s *sqlite.Store, name string) scene {
	t.Helper()
	ctx := t.Context()
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
	return of
}

// failsFull asserts that a write says that there is no room, and changes nothing.
func failsFull(t *testing.T, s *sqlite.Store, of scene, write func() error) {
	t.Helper()
	list := func() (items []outbox.Item, copied outbox.Copy) {
		items, err := s.List(t.Context(), outbox.Query{})
		if err != nil {
			t.Fatal(err)
		}
		if copied, err = s.Copy(t.Context(), of.copied); err != nil {
			t.Fatal(err)
		}
		return items, copied
	}
	before, copied := list()
	if err := write(); !errors.Is(err, outbox.ErrFull) {
		t.Errorf("%v, want ErrFull", err)
	}
	after, copy := list()
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error("-before +after\n", diff)
	}
	if copy != copied {
		t.Errorf("the copy is %+v, was %+v", copy, copied)
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
