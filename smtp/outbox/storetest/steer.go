package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/outbox"
)

// steering says what each action makes of a mail in each state; an empty state
// is a mail that is gone, and what is missing is refused.
var steering = map[outbox.State]map[outbox.Action]outbox.State{
	outbox.Draft:     {outbox.Delete: ""},
	outbox.Held:      {outbox.Release: outbox.Queued, outbox.Cancel: outbox.Cancelled, outbox.TakeBack: outbox.Draft, outbox.Delete: ""},
	outbox.Scheduled: {outbox.Hold: outbox.Held, outbox.Release: outbox.Queued, outbox.Cancel: outbox.Cancelled, outbox.TakeBack: outbox.Draft, outbox.Delete: ""},
	outbox.Queued:    {outbox.Retry: outbox.Queued, outbox.Hold: outbox.Held, outbox.Cancel: outbox.Cancelled, outbox.TakeBack: outbox.Draft, outbox.Delete: ""},
	outbox.Sending:   {},
	outbox.Deferred:  {outbox.Retry: outbox.Queued, outbox.Hold: outbox.Held, outbox.Cancel: outbox.Cancelled, outbox.TakeBack: outbox.Draft, outbox.Delete: ""},
	outbox.Sent:      {outbox.Delete: ""},
	outbox.Partial:   {outbox.Retry: outbox.Queued, outbox.Delete: ""},
	outbox.Failed:    {outbox.Retry: outbox.Queued, outbox.Delete: ""},
	outbox.Uncertain: {outbox.Resend: outbox.Queued, outbox.Resolve: outbox.Partial, outbox.Delete: ""},
	outbox.Cancelled: {outbox.Retry: outbox.Queued, outbox.Hold: outbox.Held, outbox.TakeBack: outbox.Draft, outbox.Delete: ""},
}

func testAct(t *testing.T, r *rig) {
	actions := []outbox.Action{outbox.Retry, outbox.Resend, outbox.Hold, outbox.Release, outbox.Cancel, outbox.Resolve, outbox.TakeBack, outbox.Delete, "dance"}
	for _, from := range all {
		for _, action := range actions {
			if from == outbox.Deferred && action == outbox.TakeBack {
				continue // somebody has got it; see testTakeBack
			}
			id := r.in(from)
			before := r.item(id)
			want, legal := steering[from][action]
			if outbox.Allowed(from, action) != legal {
				t.Errorf("%s a mail that is %s: Allowed says %t", action, from, !legal)
			}
			err := r.Act(t.Context(), id, action)
			if legal && err != nil {
				t.Errorf("%s a mail that is %s: %v", action, from, err)
				continue
			}
			if !legal {
				refusal := outbox.ErrTransition
				if from == outbox.Sending {
					refusal = outbox.ErrBusy
				}
				if err := is(refusal)(err); err != nil {
					t.Errorf("%s a mail that is %s: %v", action, from, err)
				}
				if diff := cmp.Diff(before, r.item(id)); diff != "" {
					t.Errorf("%s a mail that is %s: refused, but changed\n%s", action, from, diff)
				}
			} else if want == "" {
				_, err := r.Item(t.Context(), id)
				if err := is(outbox.ErrNotFound)(err); err != nil {
					t.Errorf("%s a mail that is %s: %v", action, from, err)
				}
			} else if got := r.item(id).State; got != want {
				t.Errorf("%s a mail that is %s: made it %s, want %s", action, from, got, want)
			}
			r.clear()
		}
	}
}

// clear removes what could be claimed.
func (r *rig) clear() {
	r.Helper()
	r.pass(10 * time.Minute)
	_, err := r.Recover(r.Context())
	r.must(err)
	items, err := r.List(r.Context(), outbox.Query{})
	r.must(err)
	for _, it := range items {
		r.act(it.ID, outbox.Delete)
	}
}

func testActChanges(t *testing.T, r *rig) {
	id := r.in(outbox.Partial)
	r.pass(time.Hour)
	r.act(id, outbox.Retry)
	it := r.item(id)
	want := []outbox.Recipient{
		{Address: "ann@example.org", State: outbox.RecipientAccepted},
		{Address: "bob@example.org", State: outbox.Pending},
	}
	if diff := cmp.Diff(want, it.Recipients); diff != "" {
		t.Error("retry of a partial mail: -want +got\n", diff)
	}
	if !it.Since.Equal(r.now()) {
		t.Errorf("retried at %v, counts from %v", r.now(), it.Since)
	}
	if c := r.claimOne(id); len(c.To) != 1 || c.To[0] != "bob@example.org" {
		t.Errorf("retry goes to %v", c.To)
	}

	id = r.in(outbox.Scheduled)
	r.act(id, outbox.Hold)
	if it := r.item(id); !it.NotBefore.IsZero() {
		t.Errorf("a held mail is scheduled for %v", it.NotBefore)
	}
	r.pass(2 * time.Hour)
	if c := r.claim(9); len(c) != 0 {
		t.Errorf("claimed a held mail: %v", c)
	}
	r.act(id, outbox.Release)
	r.claimOne(id)

	id = r.in(outbox.Deferred)
	r.act(id, outbox.Retry)
	if c := r.claimOne(id); len(c.To) != 1 {
		t.Errorf("retry of a deferred mail goes to %v", c.To)
	}

	id = r.in(outbox.Uncertain)
	r.act(id, outbox.Resend)
	if c := r.claimOne(id); len(c.To) != 2 {
		t.Errorf("resend of an uncertain mail goes to %v", c.To)
	}
	c, err := r.Claim(t.Context(), outbox.Want{Account: "home", Owner: "tester", Lease: time.Minute, Max: 9})
	r.must(err)
	if len(c) != 0 {
		t.Errorf("claimed what is being sent: %v", c)
	}
}

// testReassign gives mail to another account: it goes through that and waits for
// the first no more, and nothing else of it changes.
func testReassign(t *testing.T, r *rig) {
	ctx := t.Context()
	for _, from := range all {
		id := r.in(from)
		before := r.item(id)
		r.pass(time.Second)
		err := r.Reassign(ctx, id, "work", "")
		if (err == nil) != outbox.Allowed(from, outbox.Reassign) {
			t.Errorf("reassign a mail that is %s: %v", from, err)
		}
		want := before
		if err == nil {
			want.Account, want.Updated = "work", r.now()
		} else if refusal := map[bool]error{true: outbox.ErrBusy, false: outbox.ErrTransition}[from == outbox.Sending]; is(refusal)(err) != nil {
			t.Errorf("reassign a mail that is %s: %v", from, err)
		}
		if diff := cmp.Diff(want, r.item(id)); diff != "" {
			t.Errorf("%s, reassigned: -want +got\n%s", from, diff)
		}
		r.clear()
	}
	if err := is(outbox.ErrTransition)(r.Reassign(ctx, r.put(), "", "")); err != nil {
		t.Error("to no account:", err)
	}
	if err := is(outbox.ErrNotFound)(r.Reassign(ctx, 77, "work", "")); err != nil {
		t.Error(err)
	}
	r.clear()

	id := r.put(func(n *outbox.New) { n.Fields = []byte(`{"account":"home","from":"ann@example.org","subject":"x"}`) })
	c := r.claimOne(id)
	r.must(r.Finish(ctx, outbox.Finished{Lease: c.Lease, Attempt: attempt("no"), Decision: outbox.Decision{
		Recipients: c.Item.Recipients, Problem: "wrong password", Park: &outbox.Parking{Account: "home", Reason: "wrong password"},
	}}))
	r.must(r.Reassign(ctx, id, "work", ""))
	if it := r.item(id); it.Problem != "" || it.State != outbox.Queued {
		t.Errorf("given to another account, it is %s and says %q", it.State, it.Problem)
	}
	claims, err := r.Claim(ctx, outbox.Want{Account: "work", Owner: "tester", Lease: time.Minute})
	r.must(err)
	if len(claims) != 1 || claims[0].Item.ID != id {
		t.Fatalf("claimed %v", claims)
	}
	r.must(r.Finish(ctx, outbox.Finished{Lease: claims[0].Lease, Decision: outbox.Decision{Recipients: claims[0].Item.Recipients}}))
	r.act(id, outbox.TakeBack)
	d, err := r.Draft(ctx, id)
	r.must(err)
	if d.Account != "work" || d.From != "ann@example.org" {
		t.Errorf("taken back, it goes through %q from %q", d.Account, d.From)
	}
	reassignCopy(t, r)
}

// reassignCopy: the copy of a mail goes where the account wants it that sends it.
func reassignCopy(t *testing.T, r *rig) {
	ctx := t.Context()
	for _, from := range []string{"", "maildir:/tmp/home"} {
		for _, to := range []string{"", "maildir:/tmp/work"} {
			id := r.put(func(n *outbox.New) { n.Copy = from })
			r.must(r.Reassign(ctx, id, "work", to))
			c, err := r.Copy(ctx, id)
			if c.Folder != to || (err != nil) != (to == "") {
				t.Errorf("a copy for %q, given to an account with %q, is for %q: %v", from, to, c.Folder, err)
			}
		}
	}
	id := r.put(func(n *outbox.New) { n.Copy = "maildir:/tmp/home" })
	r.must(r.EndCopy(ctx, id, time.Time{}, ""))
	r.must(r.Reassign(ctx, id, "work", "maildir:/tmp/work"))
	if c, err := r.Copy(ctx, id); err != nil || c.Folder != "maildir:/tmp/home" || c.Done.IsZero() {
		t.Errorf("a copy that was made is %+v: %v", c, err)
	}
}
