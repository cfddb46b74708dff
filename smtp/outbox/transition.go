package outbox

import (
	"fmt"
	"slices"
	"time"
)

// Action is something a person does to an item.
type Action string

// The actions.
const (
	Retry   Action = "retry"   // try at once whatever was not accepted
	Resend  Action = "resend"  // send an uncertain mail again, though it may arrive twice
	Hold    Action = "hold"    // keep until released
	Release Action = "release" // end a hold, or a schedule before its time
	Cancel  Action = "cancel"  // do not send, but keep
	Resolve Action = "resolve" // an uncertain mail did arrive
	Delete  Action = "delete"

	Schedule Action = "schedule"  // keep until a moment; by Item.Schedule alone
	Reassign Action = "reassign"  // send through another account; by Item.Reassign alone
	TakeBack Action = "take back" // make a draft of it again, if nobody has got it

	// What the worker does.
	claim   Action = "claim"
	finish  Action = "finish"
	restore Action = "recover"
	late    Action = "hold back"
)

// gone is the state of an item after Delete.
const gone State = ""

// transition says what an action may make of an item.
type transition struct {
	from State
	by   Action
	to   []State
}

// transitions is the one table of what is legal; what is missing is not.
var transitions = []transition{
	{Draft, Delete, []State{gone}},

	// A worker that lost its lease may still be the one who knows that the
	// server took the mail; hence finish from states that wait.
	{Held, finish, []State{Held, Sent, Partial, Uncertain}},
	{Scheduled, finish, []State{Scheduled, Sent, Partial, Uncertain}},
	{Queued, finish, []State{Queued, Deferred, Sent, Partial, Uncertain, Cancelled}},
	{Uncertain, finish, []State{Queued, Deferred, Sent, Partial, Failed, Uncertain, Cancelled}},
	{Cancelled, finish, []State{Cancelled, Sent, Partial, Uncertain}},

	{Held, Release, []State{Queued}},
	{Held, Schedule, []State{Scheduled}},
	{Held, TakeBack, []State{Draft}},
	{Held, Cancel, []State{Cancelled, Uncertain}},
	{Held, Reassign, []State{Held}},
	{Held, Delete, []State{gone}},

	{Scheduled, claim, []State{Sending}},
	{Scheduled, Hold, []State{Held}},
	{Scheduled, late, []State{Held}},
	{Scheduled, Release, []State{Queued}},
	{Scheduled, Schedule, []State{Scheduled}},
	{Scheduled, TakeBack, []State{Draft}},
	{Scheduled, Cancel, []State{Cancelled, Uncertain}},
	{Scheduled, Reassign, []State{Scheduled}},
	{Scheduled, Delete, []State{gone}},

	{Queued, claim, []State{Sending}},
	{Queued, late, []State{Held}},
	{Queued, Retry, []State{Queued}},
	{Queued, Hold, []State{Held}},
	{Queued, Schedule, []State{Scheduled}},
	{Queued, TakeBack, []State{Draft}},
	{Queued, Cancel, []State{Cancelled, Uncertain}},
	{Queued, Reassign, []State{Queued}},
	{Queued, Delete, []State{gone}},

	{Sending, finish, []State{Queued, Deferred, Sent, Partial, Failed, Uncertain, Cancelled}},
	{Sending, restore, []State{Queued, Uncertain}},

	{Deferred, claim, []State{Sending}},
	{Deferred, Retry, []State{Queued}},
	{Deferred, Hold, []State{Held}},
	{Deferred, Schedule, []State{Scheduled}},
	{Deferred, TakeBack, []State{Draft}},
	{Deferred, Cancel, []State{Cancelled, Uncertain}},
	{Deferred, Reassign, []State{Deferred}},
	{Deferred, Delete, []State{gone}},

	{Sent, Delete, []State{gone}},

	{Partial, Retry, []State{Queued}},
	{Partial, Reassign, []State{Partial}},
	{Partial, Delete, []State{gone}},

	{Failed, Retry, []State{Queued}},
	{Failed, Reassign, []State{Failed}},
	{Failed, Delete, []State{gone}},

	{Uncertain, Resend, []State{Queued}},
	{Uncertain, Resolve, []State{Sent, Partial, Deferred, Queued}},
	{Uncertain, Reassign, []State{Uncertain}},
	{Uncertain, Delete, []State{gone}},

	{Cancelled, Retry, []State{Queued}},
	{Cancelled, Hold, []State{Held}},
	{Cancelled, Schedule, []State{Scheduled}},
	{Cancelled, TakeBack, []State{Draft}},
	{Cancelled, Reassign, []State{Cancelled}},
	{Cancelled, Delete, []State{gone}},
}

// Allowed tells whether action can be done to an item in state.
func Allowed(state State, action Action) bool {
	return slices.ContainsFunc(transitions, func(t transition) bool {
		return t.from == state && t.by == action
	})
}

// Apply returns it as the action leaves it. For Delete that is the item as it
// was. The error is ErrBusy for a mail being sent, otherwise ErrTransition.
func (it Item) Apply(action Action, now time.Time) (Item, error) {
	if err := it.allow(action); err != nil {
		return it, err
	}
	it.Recipients = slices.Clone(it.Recipients)
	it.Updated = now
	switch action {
	case Retry, Resend:
		it.askAgain()
		it.queue(now)
	case Release:
		it.endWaits()
		it.queue(now)
	case Hold:
		it.State, it.NotBefore, it.NextTry = Held, time.Time{}, time.Time{}
		it.Problem = ""
	case Cancel:
		it.State, it.NotBefore, it.NextTry = Cancelled, time.Time{}, time.Time{}
		it.doubt()
	case Resolve:
		for i := range it.Recipients {
			if it.Recipients[i].State == RecipientUncertain {
				it.Recipients[i].State, it.Recipients[i].Doubt = RecipientAccepted, false
			}
		}
		it.Problem = ""
		it.State, it.NextTry = outcome(it.Recipients)
	case TakeBack:
		it = Item{ID: it.ID, State: Draft, Account: it.Account, Subject: it.Subject, Created: it.Created, Updated: now}
	case Schedule:
		return it, fmt.Errorf("schedule a mail for no time: %w", ErrTransition)
	case Reassign:
		return it, fmt.Errorf("reassign a mail to no account: %w", ErrTransition)
	}
	return it, nil
}

// allow returns why action can't be done to it; nil if it can.
func (it Item) allow(action Action) error {
	switch {
	case !Allowed(it.State, action) && it.State == Sending:
		return ErrBusy
	case !Allowed(it.State, action):
		return fmt.Errorf("%s a mail that is %s: %w", action, it.State.Phrase(), ErrTransition)
	case action == late && it.State == Queued && (it.NotBefore.IsZero() || slices.ContainsFunc(it.Recipients, Recipient.asked)):
		return fmt.Errorf("hold back a mail that is not late: %w", ErrTransition)
	case action == TakeBack && slices.ContainsFunc(it.Recipients, Recipient.served):
		return fmt.Errorf("take back a mail that somebody has got: %w", ErrTransition)
	}
	return nil
}

// served tells that the recipient has the mail, or may have it.
func (r Recipient) served() bool {
	return r.State == RecipientAccepted || r.State == RecipientUncertain || r.Doubt
}

// doubt makes a mail that is not to go out any more uncertain again, if an
// earlier copy may have arrived: that nobody sends another settles nothing.
func (it *Item) doubt() {
	for i, r := range it.Recipients {
		if r.Doubt && r.State != RecipientAccepted {
			it.Recipients[i].State, it.Recipients[i].NextTry = RecipientUncertain, time.Time{}
			it.State = Uncertain
			it.Problem = "it was not sent again, but an earlier copy may have arrived"
		}
	}
}

// Schedule returns it as it is when it is to go out at a moment.
func (it Item) Schedule(at, now time.Time) (Item, error) {
	if err := it.allow(Schedule); err != nil {
		return it, err
	}
	it.Recipients = slices.Clone(it.Recipients)
	if it.State == Cancelled {
		it.askAgain()
	}
	it.endWaits()
	it.letGo(at)
	it.State, it.NotBefore, it.Since, it.Updated = Scheduled, at, at, now
	it.NextTry, it.Problem = time.Time{}, ""
	return it, nil
}

// Reassign returns it as it is when another account is to send it. What it says
// and whom it is from, to servers too, stays as it was.
func (it Item) Reassign(account string, now time.Time) (Item, error) {
	if err := it.allow(Reassign); err != nil {
		return it, err
	}
	if account == "" {
		return it, fmt.Errorf("reassign a mail to no account: %w", ErrTransition)
	}
	it.Account, it.Updated = account, now
	if it.State == Queued { // what it waited for was the other account's trouble
		it.NextTry, it.Problem = time.Time{}, ""
	}
	return it, nil
}

// HoldBack returns it, which was scheduled for a moment that is long over, as
// it waits for the person to say whether it is to go out now. That is so also when
// it was tried since, as long as that reached nobody.
func (it Item) HoldBack(now time.Time) (Item, error) {
	if err := it.allow(late); err != nil {
		return it, err
	}
	due := it.NotBefore.In(now.Location()).Format("Mon 2 Jan 2006 15:04 MST")
	it.Problem = "it was to go out " + due + " and nothing could send it then; release it to send it now, or cancel it"
	it.State, it.NotBefore, it.Updated = Held, time.Time{}, now
	return it, nil
}

// askAgain makes everybody who has not got it be tried.
func (it *Item) askAgain() {
	for i, r := range it.Recipients {
		if r.State != RecipientAccepted {
			it.Recipients[i] = Recipient{Address: r.Address, State: Pending, Doubt: r.Doubt || r.State == RecipientUncertain}
		}
	}
}

func (it *Item) endWaits() {
	for i := range it.Recipients {
		it.Recipients[i].NextTry = time.Time{}
	}
}

// letGo notes when it was let go, unless a server may have seen it: it must
// stay what it is then, octet by octet.
func (it *Item) letGo(at time.Time) {
	if !it.Date.IsZero() && it.Attempts == 0 {
		it.Date = at
	}
}

func (it *Item) queue(now time.Time) {
	it.letGo(now)
	it.State = Queued
	it.Since = now
	it.NotBefore, it.NextTry = time.Time{}, time.Time{}
	it.Problem = ""
}

// Due returns when it may be claimed, and zero when it waits for no delivery. A
// queued mail may be claimed whatever the clock says; the one that has been
// queued longest comes first.
func (it Item) Due() time.Time {
	switch it.State {
	case Scheduled:
		return it.NotBefore
	case Queued:
		return it.Updated
	case Deferred:
		return it.NextTry
	}
	return time.Time{}
}

// Finish returns it as f, the holder of its nth claim, leaves it. The latest
// claim is number claims. When the lease was lost, what f knows still counts
// if nobody claimed the mail since and f knows better: that the server took
// it, or what became of a mail that is uncertain. ErrLeaseLost means that it
// is returned unchanged.
func (it Item) Finish(f Finished, claims int64, now time.Time) (Item, error) {
	d := f.Decision
	switch {
	case f.Lease.N != claims, !Allowed(it.State, finish):
		return it, ErrLeaseLost
	case it.State != Sending && it.State != Uncertain && !it.took(d.Recipients):
		return it, ErrLeaseLost
	}
	it.Recipients = it.doubted(d.Recipients)
	it.Problem = d.Problem
	if d.Reply != "" {
		it.Reply = d.Reply
	}
	it.Updated = now
	it.Committing, it.Owner, it.Claimed = false, "", time.Time{}
	state, next := outcome(it.Recipients)
	if waits := state == Queued || state == Deferred; waits && (it.State == Held || it.State == Scheduled || it.State == Cancelled) {
		state, next = it.State, time.Time{} // a person wants no more of it, or not yet
	} else if waits && d.Cancel {
		state, next = Cancelled, time.Time{}
	}
	it.State, it.NextTry = state, next
	if state == Cancelled {
		it.Recipients = slices.Clone(it.Recipients)
		it.doubt()
	}
	return it, nil
}

// doubted returns recipients as a holder knows them, with the doubt that came up
// since its claim.
func (it Item) doubted(recipients []Recipient) []Recipient {
	if !slices.ContainsFunc(it.Recipients, func(r Recipient) bool { return r.Doubt }) {
		return recipients
	}
	recipients = slices.Clone(recipients)
	for i, r := range recipients {
		recipients[i].Doubt = (r.Doubt || it.Recipients[i].Doubt) && r.State != RecipientAccepted
	}
	return recipients
}

// took tells that a server took the mail to someone that it does not know of.
func (it Item) took(recipients []Recipient) bool {
	for i, r := range recipients {
		if r.State == RecipientAccepted && it.Recipients[i].State != RecipientAccepted {
			return true
		}
	}
	return false
}

// Recover returns it, whose lease ran out, and the attempt that says so. No
// server was asked yet to take it for those who are aside.
func (it Item) Recover(started, now time.Time, aside []string) (Item, Attempt) {
	a := Attempt{Started: started, Elapsed: now.Sub(started)}
	it.Recipients = slices.Clone(it.Recipients)
	it.Updated = now
	it.Owner, it.Claimed = "", time.Time{}
	doubtful := it.Tryable(started)
	doubtful = slices.DeleteFunc(doubtful, func(address string) bool { return slices.Contains(aside, address) })
	if !it.Committing || len(doubtful) == 0 && len(aside) > 0 {
		it.State, it.Committing = Queued, false
		a.Text = "interrupted before the mail was handed over; queued again"
		return it, a
	}
	for i, r := range it.Recipients {
		if slices.Contains(doubtful, r.Address) {
			it.Recipients[i].State = RecipientUncertain
			it.Recipients[i].NextTry = time.Time{}
		}
	}
	it.State = Uncertain
	it.Committing = false
	it.Problem = "interrupted while the mail was being handed over; it may have been sent"
	a.Text = it.Problem
	return it, a
}

// asked tells that a server was asked to take the mail for the recipient.
func (r Recipient) asked() bool { return r.State != Pending || r.Tries > 0 }

// Tryable returns the addresses that want a try at a moment.
func (it Item) Tryable(at time.Time) []string {
	var to []string
	for _, r := range it.Recipients {
		if r.tryable(at) {
			to = append(to, r.Address)
		}
	}
	return to
}

func (r Recipient) tryable(at time.Time) bool {
	return r.State == Pending || r.State == RecipientDeferred && !r.NextTry.After(at)
}

// outcome returns the state of a mail that was tried, and its next try.
func outcome(recipients []Recipient) (State, time.Time) {
	var next time.Time
	count := map[RecipientState]int{}
	for _, r := range recipients {
		count[r.State]++
		if r.State == RecipientDeferred && (next.IsZero() || r.NextTry.Before(next)) {
			next = r.NextTry
		}
	}
	switch {
	case count[RecipientUncertain] > 0:
		return Uncertain, time.Time{}
	case count[Pending] > 0:
		return Queued, time.Time{}
	case count[RecipientDeferred] > 0:
		return Deferred, next
	case count[RecipientRejected] == 0:
		return Sent, time.Time{}
	case count[RecipientAccepted] == 0:
		return Failed, time.Time{}
	}
	return Partial, time.Time{}
}
