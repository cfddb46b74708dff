package storetest

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
)

func testSchedule(t *testing.T, r *rig) {
	ctx := t.Context()
	for _, from := range all {
		id := r.in(from)
		at := r.now().Add(time.Hour)
		err := r.Schedule(ctx, id, at)
		if (err == nil) != outbox.Allowed(from, outbox.Schedule) {
			t.Errorf("schedule a mail that is %s: %v", from, err)
		}
		if err == nil {
			if it := r.item(id); it.State != outbox.Scheduled || !it.NotBefore.Equal(at) || !it.Since.Equal(at) {
				t.Errorf("%s, scheduled: %+v", from, it)
			}
			if c := r.claim(9); len(c) != 0 {
				t.Errorf("%s, scheduled: claimed at once", from)
			}
			r.pass(time.Hour)
			c := r.claimOne(id)
			if want := 2; from != outbox.Deferred && len(c.To) != want {
				t.Errorf("%s, scheduled: goes to %v", from, c.To)
			}
		}
		r.clear()
	}
	if err := is(outbox.ErrTransition)(r.Act(ctx, r.put(), outbox.Schedule)); err != nil {
		t.Error("for no time:", err)
	}
	if err := is(outbox.ErrNotFound)(r.Schedule(ctx, 77, r.now())); err != nil {
		t.Error(err)
	}
}

// testDate follows the Date field of a mail that is put off again and again: it
// tells when the mail was let go at last, until a server may have seen it.
func testDate(t *testing.T, r *rig) {
	ctx := t.Context()
	east := time.FixedZone("", 3600)
	const rest = "Subject: x\r\n\r\nhello\r\n"
	undated := func(n *outbox.New) { n.Undated = true }
	dated := func(what string, id outbox.ID, at time.Time) {
		t.Helper()
		it := r.item(id)
		want := message.DateField(at) + rest
		if got := r.content(id); got != want || int64(len(got)) != it.Size {
			t.Errorf("%s: content %q of %d octets, want %q", what, got, it.Size, want)
		}
		_, was := at.Zone()
		if _, zone := it.Date.Zone(); !it.Date.Equal(at) || zone != was {
			t.Errorf("%s: the date is %v, want %v", what, it.Date, at)
		}
	}
	plain := r.put(undated)
	dated("queued", plain, r.now())
	r.pass(time.Hour)
	c := r.claimOne(plain)
	dated("claimed", plain, r.now().Add(-time.Hour))
	r.finish(c, outbox.RecipientDeferred, outbox.RecipientDeferred)

	at := r.now().Add(2 * time.Hour).In(east)
	id := r.put(undated, func(n *outbox.New) { n.State, n.NotBefore = outbox.Scheduled, at })
	dated("scheduled", id, at)
	at = at.Add(time.Hour)
	r.must(r.Schedule(ctx, id, at))
	dated("scheduled for later", id, at)
	r.act(id, outbox.Hold)
	r.pass(time.Hour)
	r.act(id, outbox.Release)
	at = r.now()
	dated("held and released", id, at)
	c = r.claimOne(id)
	r.pass(time.Minute)
	r.finish(c, outbox.RecipientDeferred, outbox.RecipientDeferred)
	r.act(id, outbox.Retry)
	dated("tried", id, at)
	r.must(r.Schedule(ctx, id, r.now().Add(time.Hour)))
	dated("tried, and scheduled", id, at)

	held := r.put(undated, func(n *outbox.New) { n.State = outbox.Held })
	r.pass(time.Minute)
	r.act(held, outbox.Cancel)
	r.act(held, outbox.Retry)
	dated("cancelled and retried", held, r.now())

	own := r.put()
	r.must(r.Schedule(ctx, own, r.now().Add(time.Hour)))
	if got := r.content(own); got != rest || !r.item(own).Date.IsZero() {
		t.Errorf("a mail with a date of its own: %q, %v", got, r.item(own).Date)
	}
	empty := r.put(undated, func(n *outbox.New) { n.Write = func(io.Writer) error { return nil } })
	if got := r.content(empty); got != message.DateField(r.now()) {
		t.Errorf("nothing but a date: %q", got)
	}
}

func testTakeBack(t *testing.T, r *rig) {
	ctx := t.Context()
	written := func(n *outbox.New) {
		n.Undated, n.UTF8 = true, true
		n.Fields = []byte(`{"account":"home","from":"Me <me@example.org>","to":"Ann <ann@example.org>","subject":"Half a","body":"thought"}`)
	}
	id := r.put(written, func(n *outbox.New) { n.State, n.NotBefore = outbox.Scheduled, r.now().Add(10*time.Second) })
	r.pass(time.Second)
	r.act(id, outbox.TakeBack)
	want := outbox.Item{
		ID: id, State: outbox.Draft, Account: "home", From: "Me <me@example.org>", Subject: "Grüße",
		Recipients: []outbox.Recipient{{Address: "Ann <ann@example.org>", State: outbox.Pending}},
		Created:    r.now().Add(-time.Second), Updated: r.now(),
	}
	if diff := cmp.Diff(want, r.item(id)); diff != "" {
		t.Error("-want +got\n", diff)
	}
	if d, err := r.Draft(ctx, id); err != nil || d.Body != "thought" {
		t.Errorf("the draft: %+v, %v", d, err)
	}
	if got := r.content(id); got != "" {
		t.Errorf("a draft has the content %q", got)
	}
	items, err := r.List(ctx, outbox.Query{Search: "thought"})
	r.must(err)
	if len(items) != 1 {
		t.Errorf("found %d drafts by their text", len(items))
	}
	_, err = r.SaveDraft(ctx, outbox.Ref{ID: id}, message.Draft{Subject: "Whole"})
	r.must(err)
	again := r.put(written, func(n *outbox.New) { n.Draft.ID = id })
	c := r.claimOne(again)
	if err := is(outbox.ErrBusy)(r.Act(ctx, again, outbox.TakeBack)); err != nil {
		t.Error("once claimed:", err)
	}
	r.finish(c, outbox.RecipientAccepted, outbox.RecipientDeferred)
	if err := is(outbox.ErrTransition)(r.Act(ctx, again, outbox.TakeBack)); err != nil {
		t.Error("once somebody has got it:", err)
	}

	// What is put off by everybody can be taken back, and what an earlier
	// claim of it learns does not come back.
	id = r.put(written)
	c = r.claimOne(id)
	r.pass(2 * time.Minute)
	_, err = r.Recover(ctx)
	r.must(err)
	r.act(id, outbox.TakeBack)
	err = r.Finish(ctx, outbox.Finished{Lease: c.Lease, Attempt: attempt("late"), Decision: decide(c, outbox.RecipientAccepted)})
	if err := is(outbox.ErrLeaseLost)(err); err != nil {
		t.Error(err)
	}
	if it := r.item(id); it.State != outbox.Draft || it.Attempts != 0 {
		t.Errorf("the draft: %+v", it)
	}

	raw := r.put(func(n *outbox.New) { n.Fields = nil })
	before := r.item(raw)
	if err := is(outbox.ErrNoDraft)(r.Act(ctx, raw, outbox.TakeBack)); err != nil {
		t.Error("not written in a composer:", err)
	}
	if diff := cmp.Diff(before, r.item(raw)); diff != "" || !strings.Contains(r.content(raw), "hello") {
		t.Error("refused, but changed", diff)
	}
}

func testHoldBack(t *testing.T, r *rig) {
	ctx := t.Context()
	const late = 12 * time.Hour
	scheduled := func(after time.Duration) outbox.ID {
		return r.put(func(n *outbox.New) { n.State, n.NotBefore = outbox.Scheduled, r.now().Add(after) })
	}
	old, young, queued := scheduled(time.Hour), scheduled(3*time.Hour), r.put()
	r.pass(14 * time.Hour)
	before := r.now().Add(-late)
	claim := func() []outbox.ID {
		t.Helper()
		c, err := r.Claim(ctx, outbox.Want{Account: "home", Owner: "tester", Lease: time.Minute, Max: 9, Late: before})
		r.must(err)
		return ids(c)
	}
	if diff := cmp.Diff([]outbox.ID{young, queued}, claim()); diff != "" {
		t.Error("claimed: -want +got\n", diff)
	}
	for _, want := range [][]outbox.ID{{old}, nil} {
		held, err := r.HoldBack(ctx, before)
		r.must(err)
		if diff := cmp.Diff(want, held); diff != "" {
			t.Error("held back: -want +got\n", diff)
		}
	}
	it := r.item(old)
	if it.State != outbox.Held || !it.NeedsYou() || !strings.Contains(it.Problem, "Sun 1 Mar 2026 13:00 UTC") {
		t.Errorf("held back: %+v", it)
	}
	r.act(old, outbox.Release)
	if got := claim(); len(got) != 1 || got[0] != old {
		t.Errorf("released, and claimed %v", got)
	}
}

func testSort(t *testing.T, r *rig) {
	ctx := t.Context()
	var ids []outbox.ID
	for _, m := range []struct{ subject, text string }{
		{"beta", "1"}, {"Alpha", "333"}, {"alpha", "22"}, {"Gamma", "1"},
	} {
		ids = append(ids, r.put(func(n *outbox.New) { n.Subject, n.Write, n.Text = m.subject, text(m.text), "same" }))
		r.pass(time.Second)
	}
	r.act(ids[1], outbox.Hold)
	r.act(ids[3], outbox.Hold)
	for by, want := range map[outbox.Sort][]int{
		outbox.ByNewest:  {3, 2, 1, 0},
		outbox.ByOldest:  {0, 1, 2, 3},
		outbox.ByChange:  {3, 1, 2, 0},
		outbox.BySubject: {2, 1, 0, 3},
		outbox.BySize:    {1, 2, 3, 0},
	} {
		for _, search := range []string{"", "same"} {
			for _, states := range [][]outbox.State{nil, {outbox.Held, outbox.Queued}, {outbox.Held}} {
				var expect, got []outbox.ID
				for _, i := range want {
					if len(states) != 1 || i == 1 || i == 3 {
						expect = append(expect, ids[i])
					}
				}
				for q := (outbox.Query{Sort: by, Search: search, States: states, Limit: 1}); ; {
					items, err := r.List(ctx, q)
					r.must(err)
					if len(items) == 0 {
						break
					}
					got = append(got, items[0].ID)
					q.Before = items[0].ID
				}
				if diff := cmp.Diff(expect, got); diff != "" {
					t.Errorf("by %q, search %q, states %v: -want +got\n%s", by, search, states, diff)
				}
				got = nil
				for q := (outbox.Query{Sort: by, Search: search, States: states, Limit: 2, Backward: true}); ; {
					items, err := r.List(ctx, q)
					r.must(err)
					if len(items) == 0 {
						break
					}
					got = append(idsOf(items), got...)
					q.Before = items[0].ID
				}
				if diff := cmp.Diff(expect, got); diff != "" {
					t.Errorf("backward by %q, search %q, states %v: -want +got\n%s", by, search, states, diff)
				}
			}
		}
	}
	if _, err := r.List(ctx, outbox.Query{Sort: "color"}); err == nil || errors.Is(err, outbox.ErrNotFound) {
		t.Errorf("sorted by color: %v", err)
	}
}

func idsOf(items []outbox.Item) (ids []outbox.ID) {
	for _, it := range items {
		ids = append(ids, it.ID)
	}
	return ids
}

func testNeedsYou(t *testing.T, r *rig) {
	ctx := t.Context()
	var want []outbox.ID
	for _, state := range []outbox.State{
		outbox.Draft, outbox.Held, outbox.Deferred, outbox.Sent, outbox.Partial, outbox.Failed, outbox.Uncertain, outbox.Cancelled,
	} {
		id := r.in(state)
		if r.item(id).NeedsYou() {
			want = append([]outbox.ID{id}, want...)
		}
	}
	if len(want) != 3 {
		t.Fatalf("%d mails need the person", len(want))
	}
	mixed := r.put()
	r.finish(r.claimOne(mixed), outbox.RecipientRejected, outbox.RecipientDeferred)
	want = append([]outbox.ID{mixed}, want...)
	check := func() {
		t.Helper()
		for _, search := range []string{"", "gruße"} {
			items, err := r.List(ctx, outbox.Query{States: []outbox.State{outbox.NeedsYou}, Search: search})
			r.must(err)
			var got []outbox.ID
			for _, it := range items {
				got = append(got, it.ID)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("search %q: -want +got\n%s", search, diff)
			}
			counts, err := r.Counts(ctx, search)
			r.must(err)
			if counts[outbox.NeedsYou] != len(want) {
				t.Errorf("search %q: %d are counted, want %d", search, counts[outbox.NeedsYou], len(want))
			}
		}
	}
	check()
	r.act(mixed, outbox.Retry)
	want = want[1:]
	check()
	both, err := r.List(ctx, outbox.Query{States: []outbox.State{outbox.NeedsYou, outbox.Queued, outbox.Failed}})
	r.must(err)
	if len(both) != len(want)+1 {
		t.Errorf("%d items need the person or are queued", len(both))
	}
	counts, err := r.Counts(ctx, "nothing like it")
	r.must(err)
	if len(counts) != 0 {
		t.Errorf("counts of nothing: %v", counts)
	}
}

func testSweep(t *testing.T, r *rig) {
	ctx := t.Context()
	var old []outbox.ID
	for range 250 {
		old = append(old, r.put())
	}
	for {
		c := r.claim(100)
		if len(c) == 0 {
			break
		}
		for _, c := range c {
			r.finish(c, outbox.RecipientAccepted, outbox.RecipientAccepted)
		}
	}
	kept := []outbox.ID{r.in(outbox.Partial), r.in(outbox.Failed), r.in(outbox.Uncertain), r.in(outbox.Held)}
	r.pass(365 * 24 * time.Hour)
	kept = append(kept, r.in(outbox.Sent))
	n, err := r.Sweep(ctx, r.now().Add(-time.Hour))
	r.must(err)
	if n != len(old) {
		t.Errorf("%d mails were deleted, want %d", n, len(old))
	}
	items, err := r.List(ctx, outbox.Query{Sort: outbox.ByOldest})
	r.must(err)
	var got []outbox.ID
	for _, it := range items {
		got = append(got, it.ID)
	}
	if diff := cmp.Diff(kept, got); diff != "" {
		t.Error("-want +got\n", diff)
	}
}

func testCopy(t *testing.T, r *rig) {
	ctx := t.Context()
	copied := func(n *outbox.New) { n.Copy = "maildir:/tmp/sent" }
	claim := func(want ...outbox.ID) []outbox.Copy {
		t.Helper()
		copies, err := r.ClaimCopies(ctx, time.Minute, 9)
		r.must(err)
		var got []outbox.ID
		for _, c := range copies {
			got = append(got, c.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error("-want +got\n", diff)
		}
		return copies
	}
	sent, partial, failed := r.put(copied), r.put(copied), r.put(copied)
	r.in(outbox.Held)
	claim()
	r.finish(r.claimOne(sent), outbox.RecipientAccepted, outbox.RecipientAccepted)
	c := r.claimOne(partial)
	claim(sent)
	claim() // it is being made
	r.finish(c, outbox.RecipientAccepted, outbox.RecipientDeferred)
	r.finish(r.claimOne(failed), outbox.RecipientRejected, outbox.RecipientRejected)
	if got := claim(partial); len(got) == 1 && (got[0].Folder != "maildir:/tmp/sent" || got[0].Tries != 1) {
		t.Errorf("claimed %+v", got[0])
	}
	before := r.item(partial)
	r.must(r.EndCopy(ctx, sent, time.Time{}, ""))
	r.must(r.EndCopy(ctx, partial, r.now().Add(5*time.Minute), "no room"))
	if diff := cmp.Diff(before, r.item(partial)); diff != "" {
		t.Error("a copy that failed changed the mail", diff)
	}
	got, err := r.Copy(ctx, partial)
	r.must(err)
	want := outbox.Copy{ID: partial, Folder: "maildir:/tmp/sent", Tries: 1, NextTry: r.now().Add(5 * time.Minute), Problem: "no room"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("-want +got\n", diff)
	}
	r.pass(2 * time.Minute)
	claim()
	r.pass(3 * time.Minute)
	claim(partial)
	// A wait that a clock set wrong began is none.
	r.must(r.EndCopy(ctx, partial, r.now().Add(5*365*24*time.Hour), "no room"))
	claim(partial)
	if c, err := r.Copy(ctx, sent); err != nil || c.Done.IsZero() {
		t.Errorf("made: %+v, %v", c, err)
	}
	if _, err := r.Copy(ctx, r.put()); !errors.Is(err, outbox.ErrNotFound) {
		t.Errorf("none: %v", err)
	}

	// What has no copy yet is not swept away.
	waiting := r.put(copied)
	r.act(partial, outbox.Delete)
	for _, c := range r.claim(9) {
		r.finish(c, outbox.RecipientAccepted, outbox.RecipientAccepted)
	}
	r.pass(time.Hour)
	_, err = r.Sweep(ctx, r.now())
	r.must(err)
	if it := r.item(waiting); it.State != outbox.Sent {
		t.Errorf("a mail that waits for its copy: %+v", it)
	}
	claim(waiting)
}
