package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/outbox"
)

// testNotices has deliveries leave notices, each of which is taken by one at a
// time and again if that one dies.
func testNotices(t *testing.T, r *rig) {
	ctx := t.Context()
	none := func() {
		t.Helper()
		n, err := r.TakeNotice(ctx, time.Minute)
		if err := is(outbox.ErrNotFound)(err); err != nil {
			t.Errorf("there is %+v, %v", n, err)
		}
	}
	deliver := func(a, b outbox.RecipientState) outbox.ID {
		id := r.put()
		r.finish(r.claimOne(id), a, b)
		return id
	}
	deliver(outbox.RecipientAccepted, outbox.RecipientAccepted)
	none() // nobody wants to know

	r.KeepNotices()
	want := []outbox.Notice{
		{ID: deliver(outbox.RecipientAccepted, outbox.RecipientAccepted), State: outbox.Sent, At: r.now()},
		{ID: deliver(outbox.RecipientAccepted, outbox.RecipientRejected), State: outbox.Partial, At: r.now()},
		{ID: deliver(outbox.RecipientRejected, outbox.RecipientRejected), State: outbox.Failed, At: r.now()},
		{ID: deliver(outbox.RecipientAccepted, outbox.RecipientDeferred), State: outbox.Deferred, At: r.now()},
	}
	held := r.put() // a person's own doing is no news
	r.must(r.Act(ctx, held, outbox.Cancel))
	lost := r.put()
	r.must(r.Committing(ctx, r.claimOne(lost).Lease))
	r.pass(2 * time.Minute)
	_, err := r.Recover(ctx)
	r.must(err)
	want = append(want, outbox.Notice{ID: lost, State: outbox.Uncertain, At: r.now()})

	take := func() (all []outbox.Notice) {
		t.Helper()
		for range want {
			n, err := r.TakeNotice(ctx, time.Minute)
			r.must(err)
			all = append(all, n)
		}
		none()
		return all
	}
	first := take()
	r.pass(2 * time.Minute)
	second := take()
	if diff := cmp.Diff(first, second); diff != "" {
		t.Error("after a lease ran out: -first +second\n", diff)
	}
	r.pass(-24 * time.Hour) // the clock was wrong
	take()
	for i, n := range second {
		r.must(r.DropNotice(ctx, n))
		n.N = 0
		if diff := cmp.Diff(want[i], n); diff != "" {
			t.Error("-want +got\n", diff)
		}
	}
	r.pass(48 * time.Hour)
	none()

	gone := deliver(outbox.RecipientAccepted, outbox.RecipientAccepted)
	r.must(r.Act(ctx, gone, outbox.Delete))
	none()
}
