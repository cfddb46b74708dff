package storetest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/outbox"
)

func ids(claims []outbox.Claimed) (ids []outbox.ID) {
	for _, c := range claims {
		ids = append(ids, c.Item.ID)
	}
	return ids
}

func testClaim(t *testing.T, r *rig) {
	r.in(outbox.Draft)
	r.in(outbox.Held)
	r.put(func(n *outbox.New) { n.Account = "work" })
	first := r.put()
	r.pass(time.Second)
	second := r.put()
	later := r.in(outbox.Scheduled)

	c := r.claim(9)
	if diff := cmp.Diff([]outbox.ID{first, second}, ids(c)); diff != "" {
		t.Error("-want +got\n", diff)
	}
	want := outbox.Claimed{
		Item: r.item(first), Lease: outbox.Lease{ID: first, Owner: "tester", N: 1},
		To: []string{"ann@example.org", "bob@example.org"}, Started: r.now(),
	}
	if diff := cmp.Diff(want, c[0]); diff != "" {
		t.Error("-want +got\n", diff)
	}
	if again := r.claim(9); len(again) != 0 {
		t.Errorf("claimed twice: %v", again)
	}
	r.pass(time.Hour)
	r.claimOne(later)
}

// testClockSetBack queues mail while the clock is a year ahead.
func testClockSetBack(t *testing.T, r *rig) {
	first := r.put()
	second := r.put()
	r.pass(-365 * 24 * time.Hour)
	third := r.put()
	if accounts, _, err := r.Due(t.Context(), outbox.Only{}); err != nil || len(accounts) != 1 {
		t.Errorf("due: %v, %v", accounts, err)
	}
	if diff := cmp.Diff([]outbox.ID{first, second, third}, ids(r.claim(9))); diff != "" {
		t.Error("-want +got\n", diff)
	}
	r.clear()

	r.pass(365 * 24 * time.Hour)
	put := r.in(outbox.Deferred)
	r.must(r.Park(t.Context(), outbox.Parking{Account: "home", Reason: "x", Until: r.now().Add(time.Minute)}))
	r.pass(-365 * 24 * time.Hour)
	_, err := r.Recover(t.Context())
	r.must(err)
	if c := r.claimOne(put); len(c.To) != 1 {
		t.Errorf("put off by a wrong clock, goes to %v", c.To)
	}
	r.clear()

	// Whoever is at a mail has time to renew a lease of a wrong clock; from who
	// does not it is taken away, and not in a year.
	r.pass(365 * 24 * time.Hour)
	left, kept := r.put(), r.put()
	claims := r.claim(2)
	r.pass(-365 * 24 * time.Hour)
	if recovered, err := r.Recover(t.Context()); err != nil || len(recovered) != 0 {
		t.Errorf("at once: recovered %v, %v", recovered, err)
	}
	r.pass(30 * time.Second)
	r.must(r.Renew(t.Context(), time.Minute, claims[1].Lease))
	r.pass(45 * time.Second)
	if recovered, err := r.Recover(t.Context()); err != nil || !slices.Equal(recovered, []outbox.ID{left}) {
		t.Errorf("recovered %v, %v; want %s, and %s is kept", recovered, err, left, kept)
	}
}

func testClaimOnly(t *testing.T, r *rig) {
	r.put()
	second := r.put()
	held := r.in(outbox.Held)
	want := outbox.Want{Account: "home", Owner: "tester", Lease: time.Minute, Max: 9, IDs: []outbox.ID{second, held}}
	c, err := r.Claim(t.Context(), want)
	r.must(err)
	if diff := cmp.Diff([]outbox.ID{second}, ids(c)); diff != "" {
		t.Error("-want +got\n", diff)
	}
}

func testClaimOnce(t *testing.T, r *rig) {
	const mails, claimers = 60, 6
	for range mails {
		r.put()
	}
	stores := []outbox.Store{r.Store, r.again()}
	got := make(chan outbox.ID, claimers*mails)
	var wg sync.WaitGroup
	for i := range claimers {
		wg.Go(func() {
			for {
				c, err := stores[i%2].Claim(t.Context(), outbox.Want{
					Account: "home", Owner: string(rune('a' + i)), Lease: time.Minute, Max: 1 + i%3,
				})
				if err != nil {
					t.Error(err)
				}
				if len(c) == 0 {
					return
				}
				for _, id := range ids(c) {
					got <- id
				}
			}
		})
	}
	wg.Wait()
	close(got)
	seen := map[outbox.ID]int{}
	for id := range got {
		seen[id]++
		if seen[id] > 1 {
			t.Errorf("mail %s was claimed %d times", id, seen[id])
		}
	}
	if len(seen) != mails {
		t.Errorf("%d of %d mails were claimed", len(seen), mails)
	}
}

func testClaimWhoIsDue(t *testing.T, r *rig) {
	id := r.in(outbox.Deferred) // ann has it, bob waits five minutes
	if c := r.claim(9); len(c) != 0 {
		t.Errorf("claimed before its time: %v", c)
	}
	r.pass(5 * time.Minute)
	c := r.claimOne(id)
	if diff := cmp.Diff([]string{"bob@example.org"}, c.To); diff != "" {
		t.Error("-want +got\n", diff)
	}
	if c.Lease.N != 2 {
		t.Errorf("the second claim has number %d", c.Lease.N)
	}
}
