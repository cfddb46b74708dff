package outbox

import (
	"slices"
	"testing"
	"time"
)

var (
	everyState = []State{
		Draft, Held, Scheduled, Queued, Sending, Deferred, Sent, Partial, Failed, Uncertain, Cancelled,
	}
	everyAction    = []Action{Retry, Resend, Hold, Release, Cancel, Resolve, Delete, Schedule, Reassign, TakeBack, late, claim, finish, restore}
	everyRecipient = []RecipientState{Pending, RecipientAccepted, RecipientDeferred, RecipientRejected, RecipientUncertain}
)

// pairs yields every pair of recipients.
func pairs(yield func([]Recipient) bool) {
	for _, a := range everyRecipient {
		for _, b := range everyRecipient {
			for _, doubt := range []bool{false, true} {
				if !yield([]Recipient{{Address: "a", State: a, Doubt: doubt}, {Address: "b", State: b}}) {
					return
				}
			}
		}
	}
}

func targets(from State, by Action) []State {
	for _, t := range transitions {
		if t.from == from && t.by == by {
			return t.to
		}
	}
	return nil
}

func TestTransitionsAreOneTable(t *testing.T) {
	t.Parallel()
	type key struct {
		from State
		by   Action
	}
	seen := map[key]bool{}
	for _, tr := range transitions {
		k := key{tr.from, tr.by}
		if seen[k] {
			t.Errorf("%v is there twice", k)
		}
		seen[k] = true
		if !slices.Contains(everyState, tr.from) || !slices.Contains(everyAction, tr.by) || len(tr.to) == 0 {
			t.Errorf("strange row: %v", tr)
		}
	}
	for _, s := range everyState {
		waits := !Item{State: s, NotBefore: time.Unix(1, 0), Updated: time.Unix(1, 0), NextTry: time.Unix(1, 0)}.Due().IsZero()
		if waits != Allowed(s, claim) {
			t.Errorf("%s: waits for delivery: %t, may be claimed: %t", s, waits, Allowed(s, claim))
		}
		if s != Sending && !Allowed(s, Delete) {
			t.Errorf("%s: can't be deleted", s)
		}
	}
}

// TestApplyKeepsToTheTable tries every action on every state with every pair of
// recipients.
func TestApplyKeepsToTheTable(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	reached := map[State]map[Action]map[State]bool{}
	note := func(from State, by Action, to State) {
		t.Helper()
		if !slices.Contains(targets(from, by), to) {
			t.Fatalf("%s %s: became %s, which is not in the table", by, from, to)
		}
		if reached[from] == nil {
			reached[from] = map[Action]map[State]bool{}
		}
		if reached[from][by] == nil {
			reached[from][by] = map[State]bool{}
		}
		reached[from][by][to] = true
	}
	for _, from := range everyState {
		for recipients := range pairs {
			it := Item{State: from, Recipients: recipients, NotBefore: now}
			for _, action := range []Action{Retry, Resend, Hold, Release, Cancel, Resolve, Delete, TakeBack} {
				if action == TakeBack && slices.ContainsFunc(recipients, Recipient.served) {
					if _, err := it.Apply(action, now); err == nil {
						t.Errorf("took back a mail that is %s with %v", from, recipients)
					}
					continue
				}
				if action == Resolve && from == Uncertain && recipients[0].State != RecipientUncertain && recipients[1].State != RecipientUncertain {
					continue // no such mail
				}
				after, err := it.Apply(action, now)
				switch legal := Allowed(from, action); {
				case legal != (err == nil):
					t.Errorf("%s %s: %v", action, from, err)
				case legal && action == Delete:
					note(from, action, gone)
				case legal:
					note(from, action, after.State)
				}
			}
			if after, err := it.Schedule(now, now); (err == nil) != Allowed(from, Schedule) {
				t.Errorf("schedule %s: %v", from, err)
			} else if err == nil {
				note(from, Schedule, after.State)
			}
			if after, err := it.Reassign("other", now); (err == nil) != Allowed(from, Reassign) {
				t.Errorf("reassign %s: %v", from, err)
			} else if err == nil {
				note(from, Reassign, after.State)
			}
			tried := from == Queued && slices.ContainsFunc(recipients, Recipient.asked)
			if after, err := it.HoldBack(now); (err == nil) != (Allowed(from, late) && !tried) {
				t.Errorf("hold back %s: %v", from, err)
			} else if err == nil {
				note(from, late, after.State)
			}
			for _, cancel := range []bool{false, true} {
				for outcome := range pairs {
					f := Finished{Lease: Lease{N: 1}, Decision: Decision{Recipients: outcome, Cancel: cancel}}
					if recipients[0].State == RecipientAccepted && outcome[0].State != RecipientAccepted ||
						recipients[1].State == RecipientAccepted && outcome[1].State != RecipientAccepted {
						continue // nobody takes back what was accepted
					}
					if after, err := it.Finish(f, 1, now); err == nil {
						note(from, finish, after.State)
					}
				}
			}
			for _, committing := range []bool{false, true} {
				if from == Sending {
					it.Committing = committing
					after, attempt := it.Recover(now, now, nil)
					note(from, restore, after.State)
					if attempt.Text == "" {
						t.Error("no word about a recovery")
					}
				}
			}
		}
	}
	for _, tr := range transitions {
		for _, to := range tr.to {
			if tr.by != claim && !reached[tr.from][tr.by][to] {
				t.Errorf("%s %s: the table says %q is possible, but nothing leads there", tr.by, tr.from, to)
			}
		}
	}
}

// TestLateOutcomeKeepsDoubt: a holder who comes back after the mail was sent again
// does not know of the doubt, and does not end it.
func TestLateOutcomeKeepsDoubt(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	it := Item{State: Queued, Recipients: []Recipient{{Address: "a", State: Pending, Doubt: true}, {Address: "b", State: Pending, Doubt: true}}}
	known := []Recipient{{Address: "a", State: Pending}, {Address: "b", State: RecipientAccepted}}
	after, err := it.Finish(Finished{Lease: Lease{N: 1}, Decision: Decision{Recipients: known, Cancel: true}}, 1, now)
	if err != nil || after.State != Uncertain || after.Recipients[0].State != RecipientUncertain || after.Recipients[1].Doubt {
		t.Errorf("%+v, %v", after, err)
	}
}
