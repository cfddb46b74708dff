package outbox_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/outbox"
	"sendoff/smtp/outbox/sqlite"
)

// claim takes n mails of account home for another program.
func (b *bench) claim(s *sqlite.Store, n int, lease time.Duration) []outbox.Claimed {
	b.Helper()
	c, err := s.Claim(b.Context(), outbox.Want{Account: "home", Owner: "other", Lease: lease, Max: n})
	b.must(err)
	if len(c) != n {
		b.Fatalf("claimed %d mails, want %d", len(c), n)
	}
	return c
}

// TestFlushWaitsForTheDead has another program claim a mail and never say
// another word.
func TestFlushWaitsForTheDead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lease  time.Duration
		killed bool
	}{
		"stopped": {20 * time.Second, false},
		"killed":  {time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(b *bench) {
				id := b.put("ann@x")
				other := b.open()
				b.claim(other, 1, c.lease)
				if c.killed {
					time.AfterFunc(20*time.Second, func() { _ = other.Close() })
				}
				ctx, cancel := context.WithTimeout(b.Context(), 40*time.Second)
				defer cancel()
				_, err := b.worker.Flush(ctx, outbox.Only{IDs: []outbox.ID{id}})
				b.must(err)
				b.want(id, outbox.Sent)
			})
		})
	}
}

func TestFlushTakesOverFromTheDead(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		lost, queued := b.put("ann@x"), b.put("bob@x")
		work := b.putNew(outbox.New{Account: "work", State: outbox.Queued}, "carl@x")
		other := b.open()
		claims := b.claim(other, 2, time.Hour)
		b.must(other.Committing(b.Context(), claims[0].Lease))
		b.must(other.Close())

		sum, err := b.worker.Flush(b.Context(), outbox.Only{Account: "home"})
		b.must(err)
		want := map[outbox.ID]outbox.State{lost: outbox.Uncertain, queued: outbox.Sent}
		if diff := cmp.Diff(want, sum.States); diff != "" {
			t.Error("-want +got\n", diff)
		}
		b.want(work, outbox.Queued)
	})
}

// TestFlushTellsOfItsOwn takes over mail that it was not asked for.
func TestFlushTellsOfItsOwn(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		lost := b.put("ann@x")
		other := b.open()
		b.must(other.Committing(b.Context(), b.claim(other, 1, time.Hour)[0].Lease))
		b.must(other.Close())
		sum, err := b.worker.Flush(b.Context(), outbox.Only{Account: "work"})
		b.must(err)
		if len(sum.States) != 0 {
			t.Errorf("told of %v", sum.States)
		}
		b.want(lost, outbox.Uncertain)
	})
}

// fullDisk is a store that can't write down what became of mails for a while.
type fullDisk struct {
	outbox.Deliveries
	until time.Time
}

func (f fullDisk) Finish(ctx context.Context, finished ...outbox.Finished) error {
	if time.Now().Before(f.until) {
		return outbox.ErrFull
	}
	return f.Deliveries.Finish(ctx, finished...)
}

func TestOutcomeOutlastsAFullDisk(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.worker = b.newWorker(fullDisk{b.store, time.Now().Add(40 * time.Second)})
		id := b.put("ann@x")
		stop := b.run()
		time.Sleep(5 * time.Minute)
		stop()
		b.want(id, outbox.Sent)
		if n := len(b.server.deliveries()); n != 1 {
			t.Errorf("%d copies", n)
		}
	})
	inBubble(t, func(b *bench) { // when the program ends meanwhile
		b.worker = b.newWorker(fullDisk{b.store, time.Now().Add(6 * time.Second)})
		id := b.put("ann@x")
		began := time.Now()
		if _, err := b.worker.Flush(b.Context(), outbox.Only{}); err == nil {
			t.Error("no error")
		}
		b.want(id, outbox.Sent)
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("took %v", took)
		}
	})
}
