// Package storetest says, as tests, what an implementation of outbox.Store
// must do.
package storetest

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"sendoff/smtp"
	"sendoff/smtp/outbox"
)

// Open opens a store by a name that is unique to a test. To open one name
// twice gives the same outbox twice. The store ends with the test.
type Open func(t testing.TB, name string, clock func() time.Time) outbox.Store

// Run runs all tests against the stores that open opens.
func Run(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *rig)
	}{
		{"Put", testPut},
		{"PutFails", testPutFails},
		{"IDsAreNotReused", testIDs},
		{"Contents", testContents},
		{"Draft", testDraft},
		{"List", testList},
		{"Search", testSearch},
		{"Sort", testSort},
		{"Correspondents", testCorrespondents},
		{"NeedsYou", testNeedsYou},
		{"Act", testAct},
		{"ActChanges", testActChanges},
		{"Schedule", testSchedule},
		{"Reassign", testReassign},
		{"Date", testDate},
		{"TakeBack", testTakeBack},
		{"HoldBack", testHoldBack},
		{"LateAfterATry", testLateAfterATry},
		{"Doubt", testDoubt},
		{"Sweep", testSweep},
		{"Once", testOnce},
		{"Copy", testCopy},
		{"Claim", testClaim},
		{"ClaimOnly", testClaimOnly},
		{"ClockSetBack", testClockSetBack},
		{"ClaimOnce", testClaimOnce},
		{"ClaimWhoIsDue", testClaimWhoIsDue},
		{"Finish", testFinish},
		{"FinishLate", testFinishLate},
		{"LeaseRunsOut", testLeaseRunsOut},
		{"Renew", testRenew},
		{"CommittingAllOrNone", testCommitting},
		{"Aside", testAside},
		{"Exchange", testExchange},
		{"Part", testPart},
		{"Report", testReport},
		{"Parking", testParking},
		{"ParkingOfALostLease", testParkingOfALostLease},
		{"EndWaits", testEndWaits},
		{"Notices", testNotices},
		{"Due", testDue},
		{"DueOnly", testDueOnly},
		{"Version", testVersion},
		{"NotFound", testNotFound},
		{"Model", testModel},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, newRig(t, open))
		})
	}
}

// rig is a store under test and a clock that the test sets.
type rig struct {
	*testing.T
	outbox.Store
	again func() outbox.Store // the same outbox, opened once more

	mu   sync.Mutex
	time time.Time
}

func newRig(t *testing.T, open Open) *rig {
	r := &rig{T: t, time: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	r.Store = open(t, "outbox", r.now)
	r.again = func() outbox.Store { return open(t, "outbox", r.now) }
	return r
}

func (r *rig) now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.time
}

func (r *rig) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.time = r.time.Add(d)
}

// must ends the test on an error.
func (r *rig) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// mail is a New to two people, content and all.
func mail(change ...func(*outbox.New)) outbox.New {
	n := outbox.New{
		Account:    "home",
		MessageID:  "1@example.org",
		From:       "me@example.org",
		Recipients: []string{"ann@example.org", "bob@example.org"},
		Subject:    "Grüße",
		State:      outbox.Queued,
		Fields:     []byte(`{"subject":"Grüße"}`),
		Write:      text("Subject: x\r\n\r\nhello\r\n"),
	}
	for _, c := range change {
		c(&n)
	}
	return n
}

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

func (r *rig) put(change ...func(*outbox.New)) outbox.ID {
	r.Helper()
	id, err := r.Put(r.Context(), mail(change...))
	r.must(err)
	return id
}

func (r *rig) item(id outbox.ID) outbox.Item {
	r.Helper()
	it, err := r.Item(r.Context(), id)
	r.must(err)
	return it
}

func (r *rig) act(id outbox.ID, a outbox.Action) {
	r.Helper()
	r.must(r.Act(r.Context(), id, a))
}

// claim claims what is due of account home.
func (r *rig) claim(n int) []outbox.Claimed {
	r.Helper()
	c, err := r.Claim(r.Context(), outbox.Want{Account: "home", Owner: "tester", Lease: time.Minute, Max: n})
	r.must(err)
	return c
}

// claimOne claims one mail, which must be id.
func (r *rig) claimOne(id outbox.ID) outbox.Claimed {
	r.Helper()
	c := r.claim(1)
	if len(c) != 1 || c[0].Item.ID != id {
		r.Fatalf("claimed %v, want mail %s", c, id)
	}
	return c[0]
}

// decide sets the states of recipients one after the other.
func decide(c outbox.Claimed, states ...outbox.RecipientState) outbox.Decision {
	d := outbox.Decision{Recipients: c.Item.Recipients, Reached: true}
	for i, s := range states {
		d.Recipients[i].State = s
		if s == outbox.RecipientDeferred {
			d.Recipients[i].NextTry = c.Started.Add(5 * time.Minute)
		}
	}
	return d
}

// attempt is the record of a try.
func attempt(text string) outbox.Attempt {
	return outbox.Attempt{Stage: smtp.StageAccepted, Code: 250, Text: text}
}

// finish ends a claim with the given states of the recipients.
func (r *rig) finish(c outbox.Claimed, states ...outbox.RecipientState) {
	r.Helper()
	r.must(r.Finish(r.Context(), outbox.Finished{Lease: c.Lease, Attempt: attempt("ok"), Decision: decide(c, states...)}))
}

// in returns a mail in a state.
func (r *rig) in(s outbox.State) outbox.ID {
	r.Helper()
	const ok, no, later, unknown = outbox.RecipientAccepted, outbox.RecipientRejected, outbox.RecipientDeferred, outbox.RecipientUncertain
	var id outbox.ID
	tried := func(states ...outbox.RecipientState) {
		id = r.put()
		r.finish(r.claimOne(id), states...)
	}
	switch s {
	case outbox.Draft:
		ref, err := r.SaveDraft(r.Context(), outbox.Ref{}, draft)
		r.must(err)
		id = ref.ID
	case outbox.Held:
		id = r.put(func(n *outbox.New) { n.State = outbox.Held })
	case outbox.Scheduled:
		id = r.put(func(n *outbox.New) { n.State, n.NotBefore = outbox.Scheduled, r.now().Add(time.Hour) })
	case outbox.Queued:
		id = r.put()
	case outbox.Sending:
		id = r.put()
		r.claimOne(id)
	case outbox.Deferred:
		tried(ok, later)
	case outbox.Sent:
		tried(ok, ok)
	case outbox.Partial:
		tried(ok, no)
	case outbox.Failed:
		tried(no, no)
	case outbox.Uncertain:
		tried(unknown, no)
	case outbox.Cancelled:
		id = r.put()
		r.act(id, outbox.Cancel)
	}
	if got := r.item(id).State; got != s {
		r.Fatalf("made a mail that is %s, wanted %s", got, s)
	}
	return id
}

// all is every state there is.
var all = []outbox.State{
	outbox.Draft, outbox.Held, outbox.Scheduled, outbox.Queued, outbox.Sending, outbox.Deferred,
	outbox.Sent, outbox.Partial, outbox.Failed, outbox.Uncertain, outbox.Cancelled,
}

func is(want error) func(error) error {
	return func(got error) error {
		if !errors.Is(got, want) {
			return fmt.Errorf("error %v, want %v", got, want)
		}
		return nil
	}
}

func (r *rig) content(id outbox.ID) string {
	r.Helper()
	c, err := r.Content(r.Context(), id)
	r.must(err)
	var b strings.Builder
	_, err = io.Copy(&b, c)
	r.must(err)
	r.must(c.Close())
	return b.String()
}
