package outbox

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"sendoff/smtp"
)

// Policy says when to try again. The zero value is DefaultPolicy's.
type Policy struct {
	// Waits are the times between tries at a recipient whom the server puts
	// off; the last one is repeated.
	Waits []time.Duration

	// Expiry is how long after Item.Since a recipient who is put off is given
	// up; but never before every wait of Waits was used, so that neither a
	// clock set wrong nor weeks offline end a mail.
	Expiry time.Duration

	// Misses are the times an account waits after its server was not reached
	// or had no time; the last one is repeated.
	Misses []time.Duration
}

// LongestWait is the longest wait a Policy may have. One that ends later than
// that from now was begun by a clock that was wrong, and a Store ends it.
const LongestWait = 24 * time.Hour

// DefaultPolicy returns the usual waits: minutes first, then hours, for four
// days (RFC 5321 section 4.5.4.1 asks for four to five).
func DefaultPolicy() Policy {
	const m = time.Minute
	return Policy{
		Waits:  []time.Duration{1 * m, 5 * m, 15 * m, 30 * m, 60 * m, 120 * m, 240 * m},
		Expiry: 4 * 24 * time.Hour,
		Misses: []time.Duration{15 * time.Second, 1 * m, 2 * m, 5 * m, 15 * m},
	}
}

// Decision is what an attempt means for an item and its account.
type Decision struct {
	Recipients []Recipient // all of the item's, as they stand now
	Reply      string      // the last thing the server said; empty if nothing
	Problem    string      // what is wrong now; empty if nothing
	Cancel     bool        // taken back by the person: what was not sent won't be
	Park       *Parking    // set when the whole account has to wait
	Reached    bool        // the server took part: the account's misses are over
}

// loginWait is the least an account waits after its login did not work for now:
// servers say so to those who try too often, too.
const loginWait = 5 * time.Minute

// refusals is how many times in a row a server may refuse to talk at all before
// the account waits for a person.
const refusals = 3

// errNoOutcome is the trouble of a mail for which a Sender told nothing.
var errNoOutcome = errors.New("the session told no outcome")

// Decide says what r means for c. random yields numbers in [0, 1).
func (p Policy) Decide(c Claimed, r smtp.Result, now time.Time, random func() float64) Decision {
	if p.Waits == nil {
		p = DefaultPolicy()
	}
	progress := slices.ContainsFunc(r.Recipients, func(o smtp.Outcome) bool { return o.Status == smtp.Accepted })
	asked := slices.ContainsFunc(r.Recipients, func(o smtp.Outcome) bool { return o.Status != smtp.Untried })
	if r.Err == nil && !progress {
		r.Err = &smtp.Error{
			Stage: smtp.StageContent, Class: smtp.ClassProtocol, Scope: smtp.ScopeMessage, Retry: smtp.RetrySafe, Err: errNoOutcome,
		}
	}
	// One jitter for all recipients, so that those put off together go together.
	jitter := 0.8 + 0.4*random()
	d := Decision{
		Recipients: slices.Clone(c.Item.Recipients),
		Reply:      r.Reply.String(),
		Park:       p.park(c, r.Err, now, jitter),
		Reached:    r.Err == nil || begun(r.Err.Stage),
	}
	if r.Err != nil && r.Err.Class != smtp.ClassCanceled {
		d.Problem = r.Err.Error()
	}
	for i := range d.Recipients {
		to := &d.Recipients[i]
		if !slices.Contains(c.To, to.Address) {
			continue
		}
		o := outcomeOf(r, to.Address)
		switch status(o, r.Err, progress, asked) {
		case smtp.Accepted:
			to.settle(RecipientAccepted, o.Reply)
		case smtp.Uncertain:
			to.settle(RecipientUncertain, o.Reply)
		case smtp.Rejected:
			to.settle(RecipientRejected, o.Reply)
		case smtp.Deferred:
			p.putOff(to, o.Reply, c.Item.Since, now, jitter)
			if to.State == RecipientRejected {
				d.Problem = to.Text
			}
		}
	}
	return d
}

// outcomeOf returns what became of an address. Where the server said nothing
// to it, the trouble of the whole attempt stands in.
func outcomeOf(r smtp.Result, address string) smtp.Outcome {
	o := smtp.Outcome{Address: address, Status: smtp.Untried}
	if r.Err != nil && r.Err.Uncertain() {
		o.Status = smtp.Uncertain
	}
	if i := slices.IndexFunc(r.Recipients, func(o smtp.Outcome) bool { return o.Address == address }); i >= 0 {
		o = r.Recipients[i]
	}
	if o.Reply.Code == 0 && r.Err != nil {
		o.Reply = smtp.Reply{Lines: []string{r.Err.Error()}}
	}
	return o
}

// putOff makes a recipient wait for its next try, or gives it up.
func (p Policy) putOff(to *Recipient, reply smtp.Reply, since, now time.Time, jitter float64) {
	to.settle(RecipientDeferred, reply)
	to.Tries++
	to.NextTry = now.Add(time.Duration(jitter * float64(nth(p.Waits, to.Tries))))
	if now.Sub(since) >= p.Expiry && to.Tries > len(p.Waits) {
		to.State, to.NextTry = RecipientRejected, time.Time{}
		to.Text = fmt.Sprintf("given up after %d tries in %s: %s", to.Tries, days(now.Sub(since)), to.Text)
	}
}

// days words how long a mail was tried.
func days(d time.Duration) string {
	if n := int(d.Hours()+12) / 24; n > 1 {
		return fmt.Sprint(n, " days")
	}
	return fmt.Sprint(int(d.Hours()+0.5), " hours")
}

// status returns what to make of an outcome. For a recipient the server had
// no say in, that depends on why not; Untried then means: as before. progress
// tells that the mail got to somebody, asked that somebody was asked for.
func status(o smtp.Outcome, err *smtp.Error, progress, asked bool) smtp.Status {
	switch {
	case o.Status == smtp.Deferred && o.Reply.Code == 452 && o.Reply.Enhanced == "4.5.3" && progress:
		return smtp.Untried // too many recipients at once: the rest goes next
	case o.Status != smtp.Untried || err == nil:
		return o.Status
	case err.Uncertain(), !aboutMail(err), asked && err.Scope == smtp.ScopeRecipient:
		return smtp.Untried
	case err.Temporary(), err.Retry == smtp.RetrySafe:
		return smtp.Deferred
	case err.Class == smtp.ClassLocal && err.Stage == smtp.StageContent:
		return smtp.Deferred // our own disk's trouble
	}
	return smtp.Rejected
}

// park returns what err makes the account wait for; nil if nothing.
func (p Policy) park(c Claimed, err *smtp.Error, now time.Time, jitter float64) *Parking {
	switch {
	case err == nil, err.Class == smtp.ClassCanceled:
		return nil
	case aboutMail(err) && (err.Scope != smtp.ScopeServer || err.Reply.Code == 0):
		return nil
	case err.Scope == smtp.ScopeServer && !err.Temporary() && c.Misses+1 < refusals:
		return p.miss(c, err, now, jitter)
	case !err.Temporary():
		return &Parking{Account: c.Item.Account, Reason: err.Error(), Misses: c.Misses + 1}
	}
	return p.miss(c, err, now, jitter)
}

// miss makes the account wait for a while.
func (p Policy) miss(c Claimed, err *smtp.Error, now time.Time, jitter float64) *Parking {
	n := c.Misses + 1
	least := nth(p.Misses, n)
	if err.Stage == smtp.StageAuth && err.Reply.Code != 0 {
		least = max(least, loginWait)
	}
	wait := time.Duration(jitter * float64(least))
	return &Parking{Account: c.Item.Account, Reason: err.Error(), Until: now.Add(wait), Misses: n}
}

// nth returns the nth of waits, counted from 1; the last one is repeated.
func nth(waits []time.Duration, n int) time.Duration {
	if len(waits) == 0 {
		return time.Minute
	}
	return waits[min(n, len(waits))-1]
}

// settle notes what became of r and the reply that decided it.
func (r *Recipient) settle(state RecipientState, reply smtp.Reply) {
	r.State, r.NextTry = state, time.Time{}
	r.Doubt = r.Doubt && state != RecipientAccepted
	r.Code, r.Enhanced, r.Text = reply.Code, reply.Enhanced, reply.Text()
}

// aboutMail tells that err concerns the mail under way and no other.
func aboutMail(err *smtp.Error) bool {
	switch {
	case err.Class == smtp.ClassCanceled, err.Scope == smtp.ScopeAccount:
		return false
	case err.Scope == smtp.ScopeMessage, err.Scope == smtp.ScopeRecipient:
		return true
	}
	return begun(err.Stage)
}

// begun tells whether a stage is part of a mail's own transaction.
func begun(s smtp.Stage) bool {
	switch s {
	case smtp.StageMail, smtp.StageRecipient, smtp.StageContent, smtp.StageAccepted, smtp.StageRejected, smtp.StageQuit:
		return true
	}
	return false
}

// failure returns err as an *smtp.Error. An error of any other kind is about
// the account: it can't be used, and a person has to see to it.
func failure(err error) *smtp.Error {
	var e *smtp.Error
	if errors.As(err, &e) {
		return e
	}
	return &smtp.Error{Stage: smtp.StageResolve, Class: smtp.ClassLocal, Scope: smtp.ScopeAccount, Retry: smtp.RetryNo, Err: err}
}
