package storetest

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/outbox"
)

// testDoubt sends an uncertain mail again, and changes its mind: that an earlier
// copy may have arrived is not forgotten on any way.
func testDoubt(t *testing.T, r *rig) {
	ctx := t.Context()
	const ok, no, later, unknown = outbox.RecipientAccepted, outbox.RecipientRejected, outbox.RecipientDeferred, outbox.RecipientUncertain
	again := func() outbox.ID {
		t.Helper()
		id := r.put()
		r.finish(r.claimOne(id), unknown, ok)
		r.act(id, outbox.Resend)
		if it := r.item(id); !it.Recipients[0].Doubt || it.Recipients[1].Doubt {
			t.Fatalf("sent again: %+v", it.Recipients)
		}
		return id
	}
	for name, way := range map[string]func(outbox.ID){
		"at once":   func(outbox.ID) {},
		"held":      func(id outbox.ID) { r.act(id, outbox.Hold) },
		"scheduled": func(id outbox.ID) { r.must(r.Schedule(ctx, id, r.now().Add(time.Hour))) },
		"put off":   func(id outbox.ID) { r.finish(r.claimOne(id), later) },
		"retried": func(id outbox.ID) {
			r.finish(r.claimOne(id), no)
			r.act(id, outbox.Retry)
		},
		"interrupted": func(id outbox.ID) {
			r.claimOne(id)
			r.pass(2 * time.Minute)
			_, err := r.Recover(ctx)
			r.must(err)
		},
	} {
		id := again()
		way(id)
		if err := is(outbox.ErrTransition)(r.Act(ctx, id, outbox.TakeBack)); err != nil {
			t.Errorf("%s, and taken back: %v", name, err)
		}
		r.act(id, outbox.Cancel)
		it := r.item(id)
		if it.State != outbox.Uncertain || it.Recipients[0].State != unknown || it.Recipients[1].State != ok || it.Problem == "" || !it.NeedsYou() {
			t.Errorf("%s, and cancelled: %+v", name, it)
		}
		r.act(id, outbox.Resend)
		c := r.claimOne(id)
		d := decide(c, outbox.Pending)
		d.Cancel = true
		r.must(r.Finish(ctx, outbox.Finished{Lease: c.Lease, Attempt: attempt("taken back"), Decision: d}))
		if it := r.item(id); it.State != outbox.Uncertain {
			t.Errorf("%s, and cancelled on the way: %+v", name, it)
		}
		r.act(id, outbox.Resolve)
		if it := r.item(id); it.State != outbox.Sent || it.Recipients[0].Doubt {
			t.Errorf("%s, and resolved: %+v", name, it)
		}
		r.clear()
	}
}

// testLateAfterATry claims a scheduled mail on time, and dies, or reaches nobody:
// when it is late by the time that it could go, it is asked about all the same.
func testLateAfterATry(t *testing.T, r *rig) {
	ctx := t.Context()
	scheduled := func(n *outbox.New) { n.State, n.NotBefore = outbox.Scheduled, r.now().Add(time.Hour) }
	died, offline, tried, part := r.put(scheduled), r.put(scheduled), r.put(scheduled), r.put(scheduled)
	queued := r.put()
	r.pass(time.Hour)
	for range 2 { // also the second time
		if n := len(r.claim(9)); n != 5 {
			t.Fatalf("claimed %d mails", n)
		}
		r.pass(2 * time.Minute)
		_, err := r.Recover(ctx)
		r.must(err)
	}
	for _, c := range r.claim(9) {
		switch c.Item.ID {
		case offline, queued:
			r.finish(c)
		case tried:
			r.finish(c, outbox.RecipientDeferred, outbox.RecipientDeferred)
		case part:
			r.finish(c, outbox.RecipientAccepted)
		}
	}
	if it := r.item(offline); it.State != outbox.Queued {
		t.Fatalf("tried offline: %+v", it)
	}
	r.must(r.Park(ctx, outbox.Parking{Account: "home", Reason: "no network", Until: r.now().Add(time.Hour)}))
	r.pass(48 * time.Hour)
	_, err := r.Recover(ctx)
	r.must(err)
	before := r.now().Add(-12 * time.Hour)
	c, err := r.Claim(ctx, outbox.Want{Account: "home", Owner: "tester", Lease: time.Minute, Max: 9, Late: before})
	r.must(err)
	if diff := cmp.Diff([]outbox.ID{tried, part, queued}, ids(c)); diff != "" {
		t.Error("claimed: -want +got\n", diff)
	}
	held, err := r.HoldBack(ctx, before)
	r.must(err)
	if diff := cmp.Diff([]outbox.ID{died, offline}, held); diff != "" {
		t.Error("held back: -want +got\n", diff)
	}
	for _, id := range held {
		if it := r.item(id); it.State != outbox.Held || !it.NeedsYou() || !strings.Contains(it.Problem, "13:00 UTC") {
			t.Errorf("held back: %+v", it)
		}
	}
}

// testParkingOfALostLease learns of a refused login when the lease is over.
func testParkingOfALostLease(t *testing.T, r *rig) {
	ctx := t.Context()
	c := r.claimOne(r.put())
	r.pass(2 * time.Minute)
	_, err := r.Recover(ctx)
	r.must(err)
	err = r.Finish(ctx, outbox.Finished{Lease: c.Lease, Attempt: attempt("no"), Decision: outbox.Decision{
		Recipients: c.Item.Recipients, Park: &outbox.Parking{Account: home, Reason: "wrong password", Misses: 1},
	}})
	if err := is(outbox.ErrLeaseLost)(err); err != nil {
		t.Error(err)
	}
	if c := r.claim(9); len(c) != 0 {
		t.Error("the login would be tried again at once")
	}
}
