package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/outbox"
)

func testParking(t *testing.T, r *rig) {
	ctx := t.Context()
	id := r.put()
	other := r.put(func(n *outbox.New) { n.Account = "work" })
	c := r.claimOne(id)
	r.must(r.Finish(ctx, outbox.Finished{Lease: c.Lease, Attempt: attempt("no"), Decision: outbox.Decision{
		Recipients: c.Item.Recipients, Park: &outbox.Parking{Account: "home", Reason: "wrong password", Misses: 1, Refused: "its print"},
	}}))
	if it := r.item(id); it.State != outbox.Queued || !it.NextTry.IsZero() {
		t.Errorf("mail of a parked account is %s, next try %v", it.State, it.NextTry)
	}
	if c := r.claim(9); len(c) != 0 {
		t.Errorf("claimed from a parked account: %v", c)
	}
	if c, err := r.Claim(ctx, outbox.Want{Account: "work", Owner: "tester", Lease: time.Minute}); err != nil || len(c) != 1 || c[0].Item.ID != other {
		t.Errorf("another account: claimed %v, %v", c, err)
	}
	parked, err := r.Parked(ctx)
	r.must(err)
	want := []outbox.Parking{{Account: "home", Reason: "wrong password", Since: r.now(), Misses: 1, Refused: "its print", Waiting: true}}
	if diff := cmp.Diff(want, parked); diff != "" {
		t.Error("-want +got\n", diff)
	}

	r.must(r.Unpark(ctx, "home"))
	c = r.claimOne(id)
	until := r.now().Add(time.Minute)
	r.must(r.Finish(ctx, outbox.Finished{Lease: c.Lease, Decision: outbox.Decision{
		Recipients: c.Item.Recipients, Park: &outbox.Parking{Account: "home", Reason: "no network", Until: until, Misses: 3},
	}}))
	if it := r.item(id); !it.NextTry.Equal(until) {
		t.Errorf("next try %v, want when the account goes on, %v", it.NextTry, until)
	}
	r.pass(59 * time.Second)
	if c := r.claim(9); len(c) != 0 {
		t.Errorf("claimed too early: %v", c)
	}
	r.pass(time.Second)
	c = r.claimOne(id)
	if c.Misses != 3 {
		t.Errorf("%d misses, want 3", c.Misses)
	}
	r.finish(c, outbox.RecipientAccepted, outbox.RecipientAccepted)
	if parked, err := r.Parked(ctx); err != nil || len(parked) != 0 {
		t.Errorf("still parked after a success: %v, %v", parked, err)
	}
	r.must(r.Unpark(ctx, "nobody"))
	r.must(r.Park(ctx, outbox.Parking{Account: "home", Reason: "wrong password"}))
	r.act(r.put(), outbox.Hold)
	if parked, err := r.Parked(ctx); err != nil || len(parked) != 1 || parked[0].Waiting {
		t.Errorf("parked, with no mail that could go: %+v, %v", parked, err)
	}
}

func testEndWaits(t *testing.T, r *rig) {
	ctx := t.Context()
	want := []outbox.Parking{
		{Account: "home", Reason: "no network", Until: r.now().Add(time.Hour), Misses: 3},
		{Account: "play", Reason: "no network", Until: r.now().Add(time.Hour), Misses: 4},
		{Account: "work", Reason: "wrong password", Misses: 1},
	}
	for i := range want {
		want[i].Since, want[i].Waiting = r.now(), true
		r.must(r.Park(ctx, want[i]))
		r.put(func(n *outbox.New) { n.Account = want[i].Account })
	}
	r.pass(time.Minute)
	check := func(due ...string) {
		t.Helper()
		parked, err := r.Parked(ctx)
		r.must(err)
		if diff := cmp.Diff(want, parked); diff != "" {
			t.Error("parked: -want +got\n", diff)
		}
		accounts, _, err := r.Due(ctx, outbox.Only{})
		r.must(err)
		if diff := cmp.Diff(due, accounts); diff != "" {
			t.Error("due: -want +got\n", diff)
		}
	}
	check()
	r.must(r.EndWaits(ctx, "home", "work"))
	want[0].Until = r.now()
	check("home")
	r.pass(time.Second)
	r.must(r.EndWaits(ctx))
	want[1].Until = r.now()
	check("home", "play")
	if c := r.claim(1); len(c) != 1 || c[0].Misses != 3 {
		t.Errorf("claimed %v, want one after 3 misses", c)
	}
}

func testDueOnly(t *testing.T, r *rig) {
	home, later := r.put(), r.in(outbox.Scheduled)
	work := r.put(func(n *outbox.New) { n.Account = "work" })
	parked := r.put(func(n *outbox.New) { n.Account = "parked" })
	r.must(r.Park(t.Context(), outbox.Parking{Account: "parked", Reason: "x"}))
	for _, c := range []struct {
		only outbox.Only
		want []string
		in   time.Duration
	}{
		{outbox.Only{}, []string{"home", "work"}, 0},
		{outbox.Only{Account: "work"}, []string{"work"}, 0},
		{outbox.Only{Account: "nobody"}, nil, 0},
		{outbox.Only{Account: "parked"}, nil, 0},
		{outbox.Only{IDs: []outbox.ID{home}}, []string{"home"}, 0},
		{outbox.Only{IDs: []outbox.ID{later, work, 99}}, []string{"work"}, time.Hour},
		{outbox.Only{IDs: []outbox.ID{parked, later}}, nil, time.Hour},
		{outbox.Only{Account: "work", IDs: []outbox.ID{home}}, nil, 0},
	} {
		accounts, next, err := r.Due(t.Context(), c.only)
		r.must(err)
		if diff := cmp.Diff(c.want, accounts); diff != "" {
			t.Errorf("%+v: -want +got\n%s", c.only, diff)
		}
		if c.in == 0 && !next.IsZero() || c.in != 0 && next.Sub(r.now()) != c.in {
			t.Errorf("%+v: look again at %v", c.only, next)
		}
	}
}

func testDue(t *testing.T, r *rig) {
	ctx := t.Context()
	check := func(what string, accounts []string, in time.Duration) {
		t.Helper()
		got, next, err := r.Due(ctx, outbox.Only{})
		r.must(err)
		if diff := cmp.Diff(accounts, got); diff != "" {
			t.Errorf("%s: accounts -want +got\n%s", what, diff)
		}
		if in == 0 && !next.IsZero() || in != 0 && next.Sub(r.now()) != in {
			t.Errorf("%s: next %v (now %v), want in %v", what, next, r.now(), in)
		}
	}
	check("empty", nil, 0)
	r.in(outbox.Held)
	check("only held", nil, 0)
	r.in(outbox.Scheduled)
	check("scheduled", nil, time.Hour)
	r.put()
	r.put(func(n *outbox.New) { n.Account = "work" })
	r.put(func(n *outbox.New) { n.Account = "work" })
	check("two accounts", []string{"home", "work"}, 0)
	r.must(r.Park(ctx, outbox.Parking{Account: "work", Reason: "x", Until: r.now().Add(time.Minute)}))
	check("one waits a minute", []string{"home"}, time.Minute)
	r.must(r.Park(ctx, outbox.Parking{Account: "work", Reason: "x"}))
	r.claim(1)
	check("one waits for a person, one is being sent", nil, time.Minute) // the lease
}
