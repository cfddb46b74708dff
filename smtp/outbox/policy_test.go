package outbox_test

import (
	"errors"
	"testing"
	"time"

	"sendoff/smtp"
	"sendoff/smtp/outbox"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// half is a source of randomness that adds no jitter.
func half() float64 { return 0.5 }

// trouble is an error as a session makes it.
func trouble(stage smtp.Stage, class smtp.Class, scope smtp.Scope, retry smtp.Retry, code int) *smtp.Error {
	return &smtp.Error{Stage: stage, Class: class, Scope: scope, Retry: retry, Reply: smtp.Reply{Code: code}, Err: errors.New("because")}
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	const (
		ok, no, later, unknown, pending = outbox.RecipientAccepted, outbox.RecipientRejected, outbox.RecipientDeferred, outbox.RecipientUncertain, outbox.Pending

		forPerson = -1 // a wait without an end
	)
	type states = []outbox.RecipientState
	type statuses = []smtp.Status
	for _, c := range []struct {
		name     string
		statuses statuses
		err      *smtp.Error
		misses   int
		want     states
		state    outbox.State
		park     time.Duration // 0: the account goes on
	}{
		{"all accepted", statuses{smtp.Accepted, smtp.Accepted}, nil, 0, states{ok, ok}, outbox.Sent, 0},
		{"one refused", statuses{smtp.Accepted, smtp.Rejected}, nil, 0, states{ok, no}, outbox.Partial, 0},
		{"one put off", statuses{smtp.Accepted, smtp.Deferred}, nil, 0, states{ok, later}, outbox.Deferred, 0},
		{"all refused", statuses{smtp.Rejected, smtp.Rejected},
			trouble(smtp.StageRecipient, smtp.ClassPermanent, smtp.ScopeRecipient, smtp.RetryNo, 550), 0, states{no, no}, outbox.Failed, 0},
		{"first refused, no turn for the rest", statuses{smtp.Rejected, smtp.Untried},
			trouble(smtp.StageRecipient, smtp.ClassPermanent, smtp.ScopeRecipient, smtp.RetryNo, 550), 0, states{no, pending}, outbox.Queued, 0},
		{"first put off, no turn for the rest", statuses{smtp.Deferred, smtp.Untried},
			trouble(smtp.StageRecipient, smtp.ClassTemporary, smtp.ScopeRecipient, smtp.RetrySafe, 451), 0, states{later, pending}, outbox.Queued, 0},
		{"refused, but nobody was asked for", statuses{smtp.Untried, smtp.Untried}, // must not go on for ever
			trouble(smtp.StageRecipient, smtp.ClassPermanent, smtp.ScopeRecipient, smtp.RetryNo, 550), 0, states{no, no}, outbox.Failed, 0},
		{"no outcome told", nil, nil, 0, states{later, later}, outbox.Deferred, 0},

		{"no such host", statuses{smtp.Untried, smtp.Untried},
			trouble(smtp.StageResolve, smtp.ClassNetwork, smtp.ScopeServer, smtp.RetrySafe, 0), 0, states{pending, pending}, outbox.Queued, 15 * time.Second},
		{"still no such host", statuses{smtp.Untried, smtp.Untried},
			trouble(smtp.StageResolve, smtp.ClassNetwork, smtp.ScopeServer, smtp.RetrySafe, 0), 1, states{pending, pending}, outbox.Queued, time.Minute},
		{"offline for days", statuses{smtp.Untried, smtp.Untried},
			trouble(smtp.StageConnect, smtp.ClassTimeout, smtp.ScopeServer, smtp.RetrySafe, 0), 999, states{pending, pending}, outbox.Queued, 15 * time.Minute},
		{"server busy at the greeting", statuses{smtp.Untried, smtp.Untried},
			trouble(smtp.StageGreeting, smtp.ClassTemporary, smtp.ScopeServer, smtp.RetrySafe, 421), 0, states{pending, pending}, outbox.Queued, 15 * time.Second},
		{"server refuses at the greeting", statuses{smtp.Untried, smtp.Untried},
			trouble(smtp.StageGreeting, smtp.ClassPermanent, smtp.ScopeServer, smtp.RetrySafe, 554), 1, states{pending, pending}, outbox.Queued, time.Minute},
		{"server refuses again and again", statuses{smtp.Untried, smtp.Untried},
			trouble(smtp.StageGreeting, smtp.ClassPermanent, smtp.ScopeServer, smtp.RetrySafe, 554), 2, states{pending, pending}, outbox.Queued, forPerson},
		{"STARTTLS not now", statuses{smtp.Untried, smtp.Untried},
			trouble(smtp.StageTLS, smtp.ClassTLS, smtp.ScopeServer, smtp.RetrySafe, 454), 0, states{pending, pending}, outbox.Queued, 15 * time.Second},
		{"wrong certificate", statuses{smtp.Untried, smtp.Untried},
			trouble(smtp.StageTLS, smtp.ClassTLS, smtp.ScopeAccount, smtp.RetryNo, 0), 0, states{pending, pending}, outbox.Queued, forPerson},
		{"wrong password", statuses{smtp.Untried, smtp.Untried},
			trouble(smtp.StageAuth, smtp.ClassAuth, smtp.ScopeAccount, smtp.RetryNo, 535), 0, states{pending, pending}, outbox.Queued, forPerson},
		{"login does not work now", statuses{smtp.Untried, smtp.Untried},
			trouble(smtp.StageAuth, smtp.ClassTemporary, smtp.ScopeAccount, smtp.RetrySafe, 454), 0, states{pending, pending}, outbox.Queued, 5 * time.Minute},
		{"link broke in the login", statuses{smtp.Untried, smtp.Untried},
			trouble(smtp.StageAuth, smtp.ClassNetwork, smtp.ScopeServer, smtp.RetrySafe, 0), 0, states{pending, pending}, outbox.Queued, 15 * time.Second},
		{"login wanted at MAIL", statuses{smtp.Untried, smtp.Untried},
			trouble(smtp.StageMail, smtp.ClassAuth, smtp.ScopeAccount, smtp.RetryNo, 530), 0, states{pending, pending}, outbox.Queued, forPerson},

		{"sender refused", statuses{smtp.Rejected, smtp.Rejected},
			trouble(smtp.StageMail, smtp.ClassPermanent, smtp.ScopeMessage, smtp.RetryNo, 553), 0, states{no, no}, outbox.Failed, 0},
		{"too big, found before asking", statuses{smtp.Untried, smtp.Untried},
			trouble(smtp.StageMail, smtp.ClassUnable, smtp.ScopeMessage, smtp.RetryNo, 0), 0, states{no, no}, outbox.Failed, 0},
		{"too many mails an hour", statuses{smtp.Untried, smtp.Untried},
			trouble(smtp.StageMail, smtp.ClassTemporary, smtp.ScopeServer, smtp.RetrySafe, 450), 0, states{later, later}, outbox.Deferred, 15 * time.Second},
		{"421 in the middle", statuses{smtp.Untried, smtp.Untried},
			trouble(smtp.StageRecipient, smtp.ClassTemporary, smtp.ScopeServer, smtp.RetrySafe, 421), 0, states{later, later}, outbox.Deferred, 15 * time.Second},
		{"content put off", statuses{smtp.Deferred, smtp.Rejected},
			trouble(smtp.StageAccepted, smtp.ClassTemporary, smtp.ScopeMessage, smtp.RetrySafe, 451), 0, states{later, no}, outbox.Deferred, 0},
		{"link broke in the content", statuses{smtp.Untried, smtp.Rejected},
			trouble(smtp.StageContent, smtp.ClassNetwork, smtp.ScopeServer, smtp.RetrySafe, 0), 0, states{later, no}, outbox.Deferred, 0},
		{"link broke after the end", statuses{smtp.Uncertain, smtp.Rejected},
			trouble(smtp.StageAccepted, smtp.ClassNetwork, smtp.ScopeMessage, smtp.RetryUnknown, 0), 0, states{unknown, no}, outbox.Uncertain, 0},
		{"link broke after the end, one had no turn", statuses{smtp.Uncertain, smtp.Untried},
			trouble(smtp.StageAccepted, smtp.ClassNetwork, smtp.ScopeMessage, smtp.RetryUnknown, 0), 0, states{unknown, pending}, outbox.Uncertain, 0},
		{"link broke after the end, no outcome told", nil,
			trouble(smtp.StageAccepted, smtp.ClassNetwork, smtp.ScopeMessage, smtp.RetryUnknown, 0), 0, states{unknown, unknown}, outbox.Uncertain, 0},
		{"no turn before the link broke", statuses{smtp.Untried, smtp.Untried},
			trouble(smtp.StageConnect, smtp.ClassCanceled, smtp.ScopeServer, smtp.RetrySafe, 0), 0, states{pending, pending}, outbox.Queued, 0},
		{"nonsense from the server", statuses{smtp.Untried, smtp.Untried},
			trouble(smtp.StageMail, smtp.ClassProtocol, smtp.ScopeServer, smtp.RetrySafe, 0), 0, states{later, later}, outbox.Deferred, 0},
		{"our own disk", statuses{smtp.Untried, smtp.Untried},
			trouble(smtp.StageContent, smtp.ClassLocal, smtp.ScopeLocal, smtp.RetryNo, 0), 0, states{later, later}, outbox.Deferred, 0},
		{"an address that can't be sent", statuses{smtp.Untried, smtp.Untried},
			trouble(smtp.StageRecipient, smtp.ClassLocal, smtp.ScopeLocal, smtp.RetryNo, 0), 0, states{no, no}, outbox.Failed, 0},
		{"account unusable", statuses{smtp.Untried, smtp.Untried},
			trouble(smtp.StageResolve, smtp.ClassLocal, smtp.ScopeAccount, smtp.RetryNo, 0), 0, states{pending, pending}, outbox.Queued, forPerson},
		{"stopped", statuses{smtp.Untried, smtp.Untried},
			trouble(smtp.StageContent, smtp.ClassCanceled, smtp.ScopeLocal, smtp.RetrySafe, 0), 0, states{pending, pending}, outbox.Queued, 0},
		{"stopped after the end", statuses{smtp.Uncertain, smtp.Uncertain},
			trouble(smtp.StageAccepted, smtp.ClassCanceled, smtp.ScopeMessage, smtp.RetryUnknown, 0), 0, states{unknown, unknown}, outbox.Uncertain, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			claimed := outbox.Claimed{
				Item: outbox.Item{State: outbox.Sending, Account: "home", Since: noon, Recipients: []outbox.Recipient{
					{Address: "a@x", State: pending}, {Address: "b@x", State: pending},
				}},
				Lease: outbox.Lease{N: 1}, To: []string{"a@x", "b@x"}, Misses: c.misses,
			}
			r := smtp.Result{Err: c.err}
			for i, s := range c.statuses {
				r.Recipients = append(r.Recipients, smtp.Outcome{Address: claimed.To[i], Status: s})
			}
			d := outbox.Policy{}.Decide(claimed, r, noon, half)
			for i, want := range c.want {
				if got := d.Recipients[i].State; got != want {
					t.Errorf("recipient %d is %s, want %s", i, got, want)
				}
			}
			it, err := claimed.Item.Finish(outbox.Finished{Lease: claimed.Lease, Decision: d}, 1, noon)
			if err != nil || it.State != c.state {
				t.Errorf("mail is %s, want %s (%v)", it.State, c.state, err)
			}
			var wait time.Duration
			if d.Park != nil {
				if wait = forPerson; !d.Park.Until.IsZero() {
					wait = d.Park.Until.Sub(noon)
				}
				if d.Park.Misses != c.misses+1 || d.Park.Reason == "" {
					t.Errorf("account waits with %+v", d.Park)
				}
			}
			if wait != c.park {
				t.Errorf("account waits %v, want %v", wait, c.park)
			}
		})
	}
}

func TestPolicyWaits(t *testing.T) {
	t.Parallel()
	it := outbox.Item{Since: noon, Recipients: []outbox.Recipient{{Address: "a@x", State: outbox.Pending}}}
	put := func(now time.Time, random float64) outbox.Recipient {
		d := outbox.Policy{}.Decide(outbox.Claimed{Item: it, To: []string{"a@x"}}, smtp.Result{
			Recipients: []smtp.Outcome{{Address: "a@x", Status: smtp.Deferred, Reply: smtp.Reply{Code: 451, Lines: []string{"later"}}}},
			Err:        trouble(smtp.StageRecipient, smtp.ClassTemporary, smtp.ScopeRecipient, smtp.RetrySafe, 451),
		}, now, func() float64 { return random })
		return d.Recipients[0]
	}
	if lo, hi := put(noon, 0).NextTry.Sub(noon), put(noon, 0.999).NextTry.Sub(noon); lo != 48*time.Second || hi < 71*time.Second || hi > 72*time.Second {
		t.Errorf("a minute with jitter is %v to %v", lo, hi)
	}
	now := noon
	for i, minutes := range []time.Duration{1, 5, 15, 30, 60, 120, 240, 240, 240} {
		r := put(now, 0.5)
		if got := r.NextTry.Sub(now); got != minutes*time.Minute || r.State != outbox.RecipientDeferred {
			t.Errorf("try %d: %s, next in %v, want in %d min", i+1, r.State, got, minutes)
		}
		it.Recipients[0] = r
		now = r.NextTry
	}
	if r := put(noon.Add(4*24*time.Hour), 0.5); r.State != outbox.RecipientRejected || r.Code != 451 || r.Text != "given up after 10 tries in 4 days: later" {
		t.Errorf("after four days: %+v", r)
	}
	it.Recipients[0].Tries = 6
	if r := put(noon.Add(365*24*time.Hour), 0.5); r.State != outbox.RecipientDeferred {
		t.Errorf("after a year offline: %+v", r)
	}
}

func TestPolicySplits(t *testing.T) {
	t.Parallel()
	it := outbox.Item{Recipients: []outbox.Recipient{{Address: "a@x", State: outbox.Pending}, {Address: "b@x", State: outbox.Pending}}}
	d := outbox.Policy{}.Decide(outbox.Claimed{Item: it, To: []string{"a@x", "b@x"}}, smtp.Result{Recipients: []smtp.Outcome{
		{Address: "a@x", Status: smtp.Accepted, Reply: smtp.Reply{Code: 250}},
		{Address: "b@x", Status: smtp.Deferred, Reply: smtp.Reply{Code: 452, Enhanced: "4.5.3"}},
	}}, noon, half)
	if got := d.Recipients[1]; got.State != outbox.Pending || got.Tries != 0 {
		t.Errorf("one recipient too many at once: %+v", got)
	}
}
