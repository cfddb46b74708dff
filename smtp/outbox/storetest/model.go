package storetest

import (
	"cmp"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sendoff/smtp/outbox"
)

// model is an outbox of one account as simple as can be: what the store must
// agree with after any row of actions.
type model struct {
	items  map[outbox.ID]*modelItem
	claims []outbox.Claimed // all ever given out
	parked time.Time        // until when the account waits; zero: it does not
}

type modelItem struct {
	state      outbox.State
	due        time.Time // of meaning while it waits
	a, b       outbox.RecipientState
	a1, b1     bool      // an earlier copy may have arrived
	at         time.Time // that it was scheduled for; zero: for none
	later      time.Time // next try of those that are deferred
	n          int64     // of claims
	claimed    time.Time
	until      time.Time // of the lease
	committing bool
	attempts   int
}

const home = "home"

func testModel(t *testing.T, r *rig) {
	rapid.Check(t, func(rt *rapid.T) {
		r.clear()
		r.must(r.Unpark(r.Context(), home))
		m := &model{items: map[outbox.ID]*modelItem{}}
		rt.Repeat(map[string]func(*rapid.T){
			"put":       func(rt *rapid.T) { m.put(rt, r) },
			"act":       func(rt *rapid.T) { m.act(rt, r) },
			"schedule":  func(rt *rapid.T) { m.schedule(rt, r) },
			"hold back": func(rt *rapid.T) { m.holdBack(rt, r) },
			"claim":     func(rt *rapid.T) { m.claim(rt, r) },
			"commit":    func(rt *rapid.T) { m.commit(rt, r) },
			"part":      func(rt *rapid.T) { m.part(rt, r) },
			"finish":    func(rt *rapid.T) { m.finish(rt, r) },
			"exchange":  func(rt *rapid.T) { m.exchange(rt, r) },
			"renew":     func(rt *rapid.T) { m.renew(rt, r) },
			"recover":   func(rt *rapid.T) { m.recover(rt, r) },
			"park":      func(rt *rapid.T) { m.park(rt, r) },
			"pass":      func(rt *rapid.T) { r.pass(time.Duration(rapid.IntRange(1, 90).Draw(rt, "seconds")) * time.Second) },
			"":          func(rt *rapid.T) { m.check(rt, r) },
		})
	})
}

func (m *model) ids() []outbox.ID {
	var ids []outbox.ID
	for id := range m.items {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func (m *model) put(rt *rapid.T, r *rig) {
	state := rapid.SampledFrom([]outbox.State{outbox.Queued, outbox.Held, outbox.Scheduled}).Draw(rt, "state")
	at := r.now().Add(time.Minute)
	id := r.put(func(n *outbox.New) { n.State, n.NotBefore = state, at })
	it := &modelItem{state: state, due: r.now(), a: outbox.Pending, b: outbox.Pending}
	if state == outbox.Scheduled {
		it.due, it.at = at, at
	}
	m.items[id] = it
}

func (m *model) act(rt *rapid.T, r *rig) {
	if len(m.items) == 0 {
		rt.Skip()
	}
	id := rapid.SampledFrom(m.ids()).Draw(rt, "id")
	action := rapid.SampledFrom([]outbox.Action{
		outbox.Retry, outbox.Resend, outbox.Hold, outbox.Release, outbox.Cancel, outbox.Resolve, outbox.TakeBack, outbox.Delete,
	}).Draw(rt, "action")
	it := m.items[id]
	to, legal := steering[it.state][action]
	if action == outbox.TakeBack && (it.served(it.a) || it.served(it.b) || it.a1 || it.b1) {
		legal = false
	}
	if err := r.Act(r.Context(), id, action); legal != (err == nil) {
		rt.Fatalf("%s mail %s, which is %s: %v", action, id, it.state, err)
	}
	switch {
	case !legal:
		return
	case to == "":
		delete(m.items, id)
		return
	}
	each := func(f func(*outbox.RecipientState)) { f(&it.a); f(&it.b) }
	if action != outbox.Resolve {
		it.at = time.Time{}
	}
	switch action {
	case outbox.Retry, outbox.Resend:
		it.a1, it.b1 = it.a1 || it.a == outbox.RecipientUncertain, it.b1 || it.b == outbox.RecipientUncertain
		each(func(s *outbox.RecipientState) {
			if *s != outbox.RecipientAccepted {
				*s = outbox.Pending
			}
		})
	case outbox.Release:
		it.later = time.Time{}
	case outbox.Resolve:
		each(func(s *outbox.RecipientState) {
			if *s == outbox.RecipientUncertain {
				*s = outbox.RecipientAccepted
			}
		})
		to = verdict(it.a, it.b)
	case outbox.Cancel:
		to = it.cancelled()
	case outbox.TakeBack:
		it.attempts = 0
	}
	it.state, it.due = to, r.now()
	if to == outbox.Deferred {
		it.due = it.later
	}
}

// cancelled is what a mail becomes that is not to go out any more.
func (it *modelItem) cancelled() outbox.State {
	state := outbox.Cancelled
	for s, doubt := range map[*outbox.RecipientState]bool{&it.a: it.a1, &it.b: it.b1} {
		if doubt && *s != outbox.RecipientAccepted {
			*s, state = outbox.RecipientUncertain, outbox.Uncertain
		}
	}
	return state
}

// served tells that a recipient has, or may have, the mail.
func (*modelItem) served(s outbox.RecipientState) bool {
	return s == outbox.RecipientAccepted || s == outbox.RecipientUncertain
}

func (m *model) schedule(rt *rapid.T, r *rig) {
	if len(m.items) == 0 {
		rt.Skip()
	}
	id := rapid.SampledFrom(m.ids()).Draw(rt, "id")
	at := r.now().Add(time.Duration(rapid.IntRange(1, 90).Draw(rt, "in")) * time.Second)
	it := m.items[id]
	legal := it.waits() || it.state == outbox.Held || it.state == outbox.Cancelled
	if err := r.Schedule(r.Context(), id, at); legal != (err == nil) {
		rt.Fatalf("schedule mail %s, which is %s: %v", id, it.state, err)
	}
	if !legal {
		return
	}
	if it.state == outbox.Cancelled {
		for _, s := range []*outbox.RecipientState{&it.a, &it.b} {
			if *s != outbox.RecipientAccepted {
				*s = outbox.Pending
			}
		}
	}
	it.state, it.due, it.at, it.later = outbox.Scheduled, at, at, time.Time{}
}

// holdBack holds what should have gone long ago.
func (m *model) holdBack(rt *rapid.T, r *rig) {
	before := r.now().Add(-time.Duration(rapid.IntRange(0, 60).Draw(rt, "late")) * time.Second)
	var want []outbox.ID
	for _, id := range m.ids() {
		it := m.items[id]
		unasked := it.state == outbox.Scheduled || it.state == outbox.Queued && it.a == outbox.Pending && it.b == outbox.Pending
		if unasked && !it.at.IsZero() && it.at.Before(before) {
			it.state, it.at = outbox.Held, time.Time{}
			want = append(want, id)
		}
	}
	got, err := r.HoldBack(r.Context(), before)
	r.must(err)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		rt.Fatalf("held back %v, want %v", got, want)
	}
}

// verdict is the state of a mail that was tried.
func verdict(a, b outbox.RecipientState) outbox.State {
	has := func(s outbox.RecipientState) bool { return a == s || b == s }
	switch {
	case has(outbox.RecipientUncertain):
		return outbox.Uncertain
	case has(outbox.Pending):
		return outbox.Queued
	case has(outbox.RecipientDeferred):
		return outbox.Deferred
	case a == b && a == outbox.RecipientAccepted:
		return outbox.Sent
	case a == b:
		return outbox.Failed
	}
	return outbox.Partial
}

func (it *modelItem) waits() bool {
	return it.state == outbox.Queued || it.state == outbox.Scheduled || it.state == outbox.Deferred
}

func (m *model) claim(rt *rapid.T, r *rig) {
	most := rapid.IntRange(1, 3).Draw(rt, "max")
	var due []outbox.ID
	for _, id := range m.ids() {
		if it := m.items[id]; it.waits() && !it.due.After(r.now()) && !m.parked.After(r.now()) {
			due = append(due, id)
		}
	}
	slices.SortStableFunc(due, func(a, b outbox.ID) int {
		a1, b1 := m.items[a], m.items[b]
		if first := a1.state == outbox.Queued; first != (b1.state == outbox.Queued) {
			if first {
				return -1
			}
			return 1
		}
		return a1.due.Compare(b1.due)
	})
	due = due[:min(len(due), most)]
	slices.Sort(due)
	got := r.claim(most)
	if !slices.Equal(ids(got), due) {
		rt.Fatalf("claimed %v, want %v", ids(got), due)
	}
	for _, c := range got {
		it := m.items[c.Lease.ID]
		it.state, it.committing, it.claimed, it.until = outbox.Sending, false, r.now(), r.now().Add(time.Minute)
		it.n++
		if c.Lease.N != it.n {
			rt.Fatalf("claim %d of mail %s has number %d", it.n, c.Lease.ID, c.Lease.N)
		}
		m.claims = append(m.claims, c)
	}
}

// pick returns one of the claims there ever were, and its mail if it still
// holds that.
func (m *model) pick(rt *rapid.T) (outbox.Claimed, *modelItem) {
	if len(m.claims) == 0 {
		rt.Skip()
	}
	c := rapid.SampledFrom(m.claims).Draw(rt, "claim")
	return c, m.holds(c)
}

// holds returns the mail of a claim that holds; nil for another.
func (m *model) holds(c outbox.Claimed) *modelItem {
	if it := m.items[c.Lease.ID]; it != nil && it.state == outbox.Sending && it.n == c.Lease.N {
		return it
	}
	return nil
}

func (m *model) lost(rt *rapid.T, it *modelItem, err error) {
	if want := it == nil; want != errors.Is(err, outbox.ErrLeaseLost) || !want && err != nil {
		rt.Fatalf("lease lost: %t, error: %v", want, err)
	}
}

func (m *model) commit(rt *rapid.T, r *rig) {
	c, it := m.pick(rt)
	m.lost(rt, it, r.Committing(r.Context(), c.Lease))
	if it != nil {
		it.committing = true
	}
}

func (m *model) renew(rt *rapid.T, r *rig) {
	c, it := m.pick(rt)
	m.lost(rt, it, r.Renew(r.Context(), time.Minute, c.Lease))
	if it != nil {
		it.until = r.now().Add(time.Minute)
	}
}

// part has a server take a mail for one recipient and leave the other for later.
func (m *model) part(rt *rapid.T, r *rig) {
	c, it := m.pick(rt)
	recipients := slices.Clone(c.Item.Recipients)
	if it != nil {
		recipients = slices.Clone(r.item(c.Lease.ID).Recipients)
	}
	recipients[0].State, recipients[0].NextTry = outbox.RecipientAccepted, time.Time{}
	m.lost(rt, it, r.Part(r.Context(), c.Lease, recipients))
	if it != nil {
		it.a, it.committing = outbox.RecipientAccepted, false
	}
}

func (m *model) finish(rt *rapid.T, r *rig) {
	f, ended := m.ending(rt, r)
	ended(r.Finish(r.Context(), f))
}

// exchange ends one claim and takes the mail of another past the point of no
// return.
func (m *model) exchange(rt *rapid.T, r *rig) {
	f, ended := m.ending(rt, r)
	next := rapid.SampledFrom(m.claims).Draw(rt, "next")
	end, begin := r.Exchange(r.Context(), []outbox.Finished{f}, []outbox.Lease{next.Lease})
	ended(end)
	it := m.holds(next)
	m.lost(rt, it, begin)
	if it != nil {
		it.committing = true
	}
}

// ending draws the end of a claim. What it returns too takes note of that.
func (m *model) ending(rt *rapid.T, r *rig) (f outbox.Finished, ended func(error)) {
	c, holds := m.pick(rt)
	it := m.items[c.Lease.ID]
	any := rapid.SampledFrom([]outbox.RecipientState{
		outbox.Pending, outbox.RecipientAccepted, outbox.RecipientDeferred, outbox.RecipientRejected, outbox.RecipientUncertain,
	})
	// Nobody takes back what was accepted before, in an earlier part for one.
	outcome := func(before outbox.RecipientState, label string) outbox.RecipientState {
		if before == outbox.RecipientAccepted {
			return before
		}
		return any.Draw(rt, label)
	}
	was := []outbox.RecipientState{c.Item.Recipients[0].State, c.Item.Recipients[1].State}
	if it != nil && it.n == c.Lease.N {
		was = []outbox.RecipientState{it.a, it.b}
	}
	a, b := outcome(was[0], "ann"), outcome(was[1], "bob")
	d := outbox.Decision{Recipients: slices.Clone(c.Item.Recipients), Cancel: rapid.Bool().Draw(rt, "cancel")}
	later := r.now().Add(30 * time.Second)
	for i, s := range []outbox.RecipientState{a, b} {
		d.Recipients[i].State, d.Recipients[i].NextTry = s, time.Time{}
		if s == outbox.RecipientDeferred {
			d.Recipients[i].NextTry = later
		}
	}
	return outbox.Finished{Lease: c.Lease, Attempt: attempt("tried"), Decision: d}, func(err error) {
		if it != nil && it.state != outbox.Draft {
			it.attempts++
		}
		if holds == nil && it != nil && it.n == c.Lease.N {
			holds = m.late(it, a, b)
		}
		m.lost(rt, holds, err)
		if holds == nil {
			return
		}
		kept, due := it.state, it.due
		it.a, it.b, it.later = a, b, later
		it.state, it.due, it.committing = verdict(a, b), r.now(), false
		if it.waits() && (kept == outbox.Held || kept == outbox.Scheduled || kept == outbox.Cancelled) {
			it.state, it.due = kept, due
		} else if it.waits() && d.Cancel {
			it.state = it.cancelled()
		}
		if it.state == outbox.Deferred {
			it.due = later
		}
	}
}

// late returns it if what a lost claim says of it still counts.
func (m *model) late(it *modelItem, a, b outbox.RecipientState) *modelItem {
	news := a == outbox.RecipientAccepted && it.a != a || b == outbox.RecipientAccepted && it.b != b
	switch it.state {
	case outbox.Uncertain:
		return it
	case outbox.Queued, outbox.Held, outbox.Scheduled, outbox.Cancelled:
		if news {
			return it
		}
	}
	return nil
}

func (m *model) recover(rt *rapid.T, r *rig) {
	got, err := r.Recover(r.Context())
	r.must(err)
	var want []outbox.ID
	for _, id := range m.ids() {
		it := m.items[id]
		if it.state != outbox.Sending || it.until.After(r.now()) {
			continue
		}
		want = append(want, id)
		it.attempts++
		it.state, it.due = outbox.Queued, r.now()
		if !it.committing {
			continue
		}
		it.state, it.committing = outbox.Uncertain, false
		for _, s := range []*outbox.RecipientState{&it.a, &it.b} {
			if *s == outbox.Pending || *s == outbox.RecipientDeferred && !it.later.After(it.claimed) {
				*s = outbox.RecipientUncertain
			}
		}
	}
	if !slices.Equal(got, want) {
		rt.Fatalf("recovered %v, want %v", got, want)
	}
}

func (m *model) park(rt *rapid.T, r *rig) {
	m.parked = time.Time{}
	if rapid.Bool().Draw(rt, "unpark") {
		r.must(r.Unpark(r.Context(), home))
		return
	}
	m.parked = r.now().Add(time.Minute)
	r.must(r.Park(r.Context(), outbox.Parking{Account: home, Reason: "x", Until: m.parked}))
}

// check compares the store with the model.
func (m *model) check(rt *rapid.T, r *rig) {
	items, err := r.List(r.Context(), outbox.Query{})
	r.must(err)
	slices.SortFunc(items, func(a, b outbox.Item) int { return cmp.Compare(a.ID, b.ID) })
	if len(items) != len(m.items) {
		rt.Fatalf("%d mails, want %d", len(items), len(m.items))
	}
	want := map[outbox.State]int{}
	for _, got := range items {
		it := m.items[got.ID]
		if it == nil {
			rt.Fatalf("mail %s is still there", got.ID)
		}
		want[it.state]++
		a, b := it.a, it.b // a draft has none
		if it.state != outbox.Draft {
			a, b = got.Recipients[0].State, got.Recipients[1].State
		}
		if got.State != it.state || a != it.a || b != it.b || got.Committing != it.committing || got.Attempts != it.attempts {
			rt.Fatalf("mail %s is %s (%s, %s) committing: %t, %d attempts; want %+v", got.ID, got.State, a, b, got.Committing, got.Attempts, *it)
		}
	}
	counts, err := r.Counts(r.Context(), "")
	r.must(err)
	for _, s := range all {
		if counts[s] != want[s] {
			rt.Fatalf("%d mails count as %s, want %d", counts[s], s, want[s])
		}
	}
}
