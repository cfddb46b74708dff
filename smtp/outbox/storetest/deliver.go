package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp"
	"sendoff/smtp/outbox"
)

func testFinish(t *testing.T, r *rig) {
	const ok, no, later, unknown = outbox.RecipientAccepted, outbox.RecipientRejected, outbox.RecipientDeferred, outbox.RecipientUncertain
	for _, test := range []struct {
		states []outbox.RecipientState
		want   outbox.State
	}{
		{[]outbox.RecipientState{ok, ok}, outbox.Sent},
		{[]outbox.RecipientState{ok, no}, outbox.Partial},
		{[]outbox.RecipientState{no, no}, outbox.Failed},
		{[]outbox.RecipientState{ok, later}, outbox.Deferred},
		{[]outbox.RecipientState{no, later}, outbox.Deferred},
		{[]outbox.RecipientState{later, unknown}, outbox.Uncertain},
		{[]outbox.RecipientState{ok, unknown}, outbox.Uncertain},
		{[]outbox.RecipientState{ok, outbox.Pending}, outbox.Queued},
		{[]outbox.RecipientState{later, outbox.Pending}, outbox.Queued},
	} {
		id := r.put()
		c := r.claimOne(id)
		r.must(r.Committing(t.Context(), c.Lease))
		if it := r.item(id); it.Owner != c.Lease.Owner || !it.Claimed.Equal(c.Started) {
			t.Errorf("sent by %q since %v, want %q since %v", it.Owner, it.Claimed, c.Lease.Owner, c.Started)
		}
		if !r.item(id).Committing {
			t.Errorf("%v: not marked as committing", test.states)
		}
		r.finish(c, test.states...)
		it := r.item(id)
		if it.State != test.want || it.Committing || it.Owner != "" || !it.Claimed.IsZero() {
			t.Errorf("%v: mail is %s (committing: %t), want %s", test.states, it.State, it.Committing, test.want)
		}
		if wait := it.NextTry.Sub(r.now()); it.State == outbox.Deferred && wait != 5*time.Minute {
			t.Errorf("%v: next try in %v", test.states, wait)
		}
		r.clear()
	}

	id := r.put()
	c := r.claimOne(id)
	d := decide(c, ok, later)
	d.Recipients[0].Code, d.Recipients[0].Enhanced, d.Recipients[0].Text = 250, "2.1.5", "fine"
	d.Recipients[1].Tries = 3
	d.Reply, d.Problem = "250 queued as 7", "bob's mailbox is busy"
	a := outbox.Attempt{
		Started: c.Started, Elapsed: 1500 * time.Millisecond, Stage: smtp.StageAccepted, Code: 250, Enhanced: "2.0.0",
		Text: "queued as 7", Bytes: 22, Waits: 4, Transcript: "C: EHLO\nS: 250 hi\n",
	}
	r.must(r.Finish(t.Context(), outbox.Finished{Lease: c.Lease, Attempt: a, Decision: d}))
	it := r.item(id)
	if diff := cmp.Diff(d.Recipients, it.Recipients); diff != "" {
		t.Error("recipients: -want +got\n", diff)
	}
	if it.Reply != d.Reply || it.Problem != d.Problem || it.Attempts != 1 {
		t.Errorf("reply %q, problem %q, %d attempts", it.Reply, it.Problem, it.Attempts)
	}
	got, err := r.Attempts(t.Context(), id)
	r.must(err)
	a.N = 1
	if diff := cmp.Diff([]outbox.Attempt{a}, got); diff != "" {
		t.Error("attempts: -want +got\n", diff)
	}

	id = r.put()
	c = r.claimOne(id)
	r.must(r.Finish(t.Context(), outbox.Finished{Lease: c.Lease, Decision: outbox.Decision{Recipients: c.Item.Recipients}}))
	if it := r.item(id); it.State != outbox.Queued || it.Attempts != 0 {
		t.Errorf("given back untried: %s, %d attempts", it.State, it.Attempts)
	}
	c = r.claimOne(id)
	r.must(r.Finish(t.Context(), outbox.Finished{Lease: c.Lease, Decision: outbox.Decision{Recipients: c.Item.Recipients, Cancel: true}}))
	if it := r.item(id); it.State != outbox.Cancelled {
		t.Errorf("taken back: %s", it.State)
	}
}

func testFinishLate(t *testing.T, r *rig) {
	const ok, no = outbox.RecipientAccepted, outbox.RecipientRejected
	for _, c := range []struct {
		name   string
		commit bool                    // before the lease was lost
		then   func(outbox.ID)         // what others did
		states []outbox.RecipientState // what the late one says
		want   outbox.State            // after that
		err    error                   // that it gets
	}{
		{"the truth about an uncertain mail", true, nil, []outbox.RecipientState{ok, ok}, outbox.Sent, nil},
		{"a refusal of an uncertain mail", true, nil, []outbox.RecipientState{no, no}, outbox.Failed, nil},
		{"queued again, nothing sent", false, nil, []outbox.RecipientState{no, no}, outbox.Queued, outbox.ErrLeaseLost},
		{"asked to send again, but it was sent", true, func(id outbox.ID) { r.act(id, outbox.Resend) },
			[]outbox.RecipientState{ok, ok}, outbox.Sent, nil},
		{"to be sent again later, but it was sent", true, func(id outbox.ID) {
			r.act(id, outbox.Resend)
			r.must(r.Schedule(t.Context(), id, r.now().Add(time.Hour)))
		}, []outbox.RecipientState{ok, ok}, outbox.Sent, nil},
		{"to be sent again later, and one has it", true, func(id outbox.ID) {
			r.act(id, outbox.Resend)
			r.must(r.Schedule(t.Context(), id, r.now().Add(time.Hour)))
		}, []outbox.RecipientState{ok, outbox.RecipientDeferred}, outbox.Scheduled, nil},
		{"cancelled meanwhile", false, func(id outbox.ID) { r.act(id, outbox.Cancel) },
			[]outbox.RecipientState{no, no}, outbox.Cancelled, outbox.ErrLeaseLost},
		{"claimed by another", false, func(id outbox.ID) { r.claimOne(id) },
			[]outbox.RecipientState{ok, ok}, outbox.Sending, outbox.ErrLeaseLost},
		{"resolved by the person", true, func(id outbox.ID) { r.act(id, outbox.Resolve) },
			[]outbox.RecipientState{no, no}, outbox.Sent, outbox.ErrLeaseLost},
	} {
		id := r.put()
		claim := r.claimOne(id)
		if c.commit {
			r.must(r.Committing(t.Context(), claim.Lease))
		}
		r.pass(2 * time.Minute)
		if got, err := r.Recover(t.Context()); err != nil || len(got) != 1 {
			t.Fatalf("recovered %v, %v", got, err)
		}
		if c.then != nil {
			c.then(id)
		}
		err := r.Finish(t.Context(), outbox.Finished{Lease: claim.Lease, Attempt: attempt("late"), Decision: decide(claim, c.states...)})
		if err := is(c.err)(err); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := r.item(id).State; got != c.want {
			t.Errorf("%s: mail is %s, want %s", c.name, got, c.want)
		}
		attempts, err := r.Attempts(t.Context(), id)
		r.must(err)
		if len(attempts) != 2 || attempts[1].Text != "late" {
			t.Errorf("%s: attempts %v", c.name, attempts)
		}
		if it := r.item(id); it.State == outbox.Scheduled {
			r.pass(time.Hour)
			if to := r.claimOne(id).To; len(to) != 1 {
				t.Errorf("%s: later it goes to %v", c.name, to)
			}
		}
		r.clear()
	}

	// The mark of the present holder is not for an earlier one to take away.
	id := r.put()
	claim := r.claimOne(id)
	r.pass(2 * time.Minute)
	_, err := r.Recover(t.Context())
	r.must(err)
	r.must(r.Committing(t.Context(), r.claimOne(id).Lease))
	err = r.Finish(t.Context(), outbox.Finished{Lease: claim.Lease, Attempt: attempt("late"), Decision: decide(claim, no, no)})
	if err := is(outbox.ErrLeaseLost)(err); err != nil || !r.item(id).Committing {
		t.Errorf("while another is committing: %v", err)
	}
	r.clear()

	id = r.put()
	claim = r.claimOne(id)
	r.pass(2 * time.Minute)
	_, err = r.Recover(t.Context())
	r.must(err)
	r.act(id, outbox.Delete)
	err = r.Finish(t.Context(), outbox.Finished{Lease: claim.Lease, Attempt: attempt("late"), Decision: decide(claim, ok, ok)})
	if err := is(outbox.ErrLeaseLost)(err); err != nil {
		t.Errorf("deleted meanwhile: %v", err)
	}
}

func testLeaseRunsOut(t *testing.T, r *rig) {
	waiting, committing := r.put(), r.put()
	claims := r.claim(2)
	r.must(r.Committing(t.Context(), claims[1].Lease))

	r.pass(59 * time.Second)
	if got, err := r.Recover(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("recovered %v before the lease ran out, %v", got, err)
	}
	r.pass(time.Second)
	got, err := r.Recover(t.Context())
	r.must(err)
	if diff := cmp.Diff([]outbox.ID{waiting, committing}, got); diff != "" {
		t.Error("recovered: -want +got\n", diff)
	}
	if got := r.item(waiting).State; got != outbox.Queued {
		t.Errorf("not committing: %s", got)
	}
	it := r.item(committing)
	if it.State != outbox.Uncertain || it.Committing || it.Problem == "" {
		t.Errorf("committing: %s, %q", it.State, it.Problem)
	}
	for _, rcpt := range it.Recipients {
		if rcpt.State != outbox.RecipientUncertain {
			t.Errorf("committing: %v", rcpt)
		}
	}
	for _, id := range got {
		attempts, err := r.Attempts(t.Context(), id)
		r.must(err)
		if len(attempts) != 1 || attempts[0].Text == "" || attempts[0].Elapsed != time.Minute {
			t.Errorf("mail %s is not explained: %v", id, attempts)
		}
	}
	// Whoever slept over the lease must not send now.
	if err := is(outbox.ErrLeaseLost)(r.Committing(t.Context(), claims[0].Lease)); err != nil {
		t.Error(err)
	}
	again := r.claimOne(waiting)
	if err := is(outbox.ErrLeaseLost)(r.Committing(t.Context(), claims[0].Lease)); err != nil {
		t.Error("claimed again by the same owner:", err)
	}
	r.must(r.Committing(t.Context(), again.Lease))
	if c := r.claim(9); len(c) != 0 {
		t.Errorf("claimed an uncertain mail: %v", c)
	}
}

func testRenew(t *testing.T, r *rig) {
	r.put()
	r.put()
	claims := r.claim(2)
	r.pass(50 * time.Second)
	r.must(r.Renew(t.Context(), time.Minute, claims[0].Lease))
	r.pass(50 * time.Second)
	got, err := r.Recover(t.Context())
	r.must(err)
	if diff := cmp.Diff([]outbox.ID{claims[1].Lease.ID}, got); diff != "" {
		t.Error("recovered: -want +got\n", diff)
	}
	err = r.Renew(t.Context(), time.Hour, claims[1].Lease, claims[0].Lease)
	if err := is(outbox.ErrLeaseLost)(err); err != nil {
		t.Error(err)
	}
	r.pass(30 * time.Minute)
	if got, err := r.Recover(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("one lost lease took another with it: %v, %v", got, err)
	}
}

func testCommitting(t *testing.T, r *rig) {
	r.put()
	r.put()
	claims := r.claim(2)
	r.finish(claims[1], outbox.RecipientAccepted, outbox.RecipientAccepted)
	err := r.Committing(t.Context(), claims[0].Lease, claims[1].Lease)
	if err := is(outbox.ErrLeaseLost)(err); err != nil {
		t.Error(err)
	}
	if r.item(claims[0].Lease.ID).Committing {
		t.Error("one of two was marked")
	}
}

// testExchange ends one mail and takes another past the point of no return, and
// does each also where the other can't be done.
func testExchange(t *testing.T, r *rig) {
	for range 4 {
		r.put()
	}
	c := r.claim(4)
	done := func(c outbox.Claimed) []outbox.Finished {
		d := outbox.Decision{Recipients: slices.Clone(c.Item.Recipients)}
		for i := range d.Recipients {
			d.Recipients[i].State = outbox.RecipientAccepted
		}
		return []outbox.Finished{{Lease: c.Lease, Attempt: attempt("ok"), Decision: d}}
	}
	check := func(finished []outbox.Finished, next []outbox.Lease, endLost, beginLost bool) {
		t.Helper()
		ended, begun := r.Exchange(t.Context(), finished, next)
		if errors.Is(ended, outbox.ErrLeaseLost) != endLost || errors.Is(begun, outbox.ErrLeaseLost) != beginLost {
			t.Errorf("ended: %v, begun: %v", ended, begun)
		}
	}
	check(done(c[0]), []outbox.Lease{c[1].Lease}, false, false)
	check(done(c[0]), []outbox.Lease{c[2].Lease}, true, false)
	check(done(c[1]), []outbox.Lease{c[3].Lease, c[0].Lease}, false, true)
	for i, want := range []struct {
		state      outbox.State
		committing bool
	}{{outbox.Sent, false}, {outbox.Sent, false}, {outbox.Sending, true}, {outbox.Sending, false}} {
		if it := r.item(c[i].Lease.ID); it.State != want.state || it.Committing != want.committing {
			t.Errorf("mail %d is %s, committing: %t", i, it.State, it.Committing)
		}
	}
}

// testAside has the program die at one of several parts of a mail: who is in none
// yet is not in doubt, neither if nobody else is, nor in the next claim.
func testAside(t *testing.T, r *rig) {
	const ann, bob = "ann@example.org", "bob@example.org"
	for _, test := range []struct {
		aside []string
		want  outbox.State
		ann   outbox.RecipientState
		bob   outbox.RecipientState
	}{
		{nil, outbox.Uncertain, outbox.RecipientUncertain, outbox.RecipientUncertain},
		{[]string{bob}, outbox.Uncertain, outbox.RecipientUncertain, outbox.Pending},
		{[]string{ann}, outbox.Uncertain, outbox.Pending, outbox.RecipientUncertain},
		{[]string{ann, bob}, outbox.Queued, outbox.Pending, outbox.Pending},
	} {
		id := r.put()
		r.must(r.Aside(t.Context(), r.claimOne(id).Lease, []string{ann, bob})) // a claim that came to nothing
		r.pass(2 * time.Minute)
		_, err := r.Recover(t.Context())
		r.must(err)
		c := r.claimOne(id)
		if test.aside != nil {
			r.must(r.Aside(t.Context(), c.Lease, []string{ann}))
			r.must(r.Aside(t.Context(), c.Lease, test.aside))
		}
		r.must(r.Committing(t.Context(), c.Lease))
		r.pass(2 * time.Minute)
		_, err = r.Recover(t.Context())
		r.must(err)
		it := r.item(id)
		if it.State != test.want || it.Committing || it.Recipients[0].State != test.ann || it.Recipients[1].State != test.bob {
			t.Errorf("%v aside: %+v", test.aside, it)
		}
		if err := is(outbox.ErrLeaseLost)(r.Aside(t.Context(), c.Lease, []string{ann})); err != nil {
			t.Error("after the lease ran out:", err)
		}
		r.clear()
	}
}

// testPart has a mail go out in two parts, and the program die in or before
// the second: who got the first is not in doubt.
func testPart(t *testing.T, r *rig) {
	first := outbox.Recipient{Address: "ann@example.org", State: outbox.RecipientAccepted, Code: 250, Text: "ok"}
	for _, test := range []struct {
		committing bool
		want       outbox.State
		bob        outbox.RecipientState
	}{{false, outbox.Queued, outbox.Pending}, {true, outbox.Uncertain, outbox.RecipientUncertain}} {
		id := r.put()
		c := r.claimOne(id)
		r.must(r.Committing(t.Context(), c.Lease))
		r.must(r.Part(t.Context(), c.Lease, []outbox.Recipient{first, c.Item.Recipients[1]}))
		if it := r.item(id); it.State != outbox.Sending || it.Committing {
			t.Errorf("after a part: %s, committing: %t", it.State, it.Committing)
		}
		if test.committing {
			r.must(r.Committing(t.Context(), c.Lease))
		}
		r.pass(2 * time.Minute)
		_, err := r.Recover(t.Context())
		r.must(err)
		it := r.item(id)
		if it.State != test.want || it.Recipients[1].State != test.bob {
			t.Errorf("committing: %t: mail is %s, bob %s", test.committing, it.State, it.Recipients[1].State)
		}
		if diff := cmp.Diff(first, it.Recipients[0]); diff != "" {
			t.Error("-want +got\n", diff)
		}
		err = r.Part(t.Context(), c.Lease, c.Item.Recipients)
		if err := is(outbox.ErrLeaseLost)(err); err != nil || r.item(id).Recipients[0] != first {
			t.Error("after the lease ran out:", err)
		}
		r.clear()
	}
}
