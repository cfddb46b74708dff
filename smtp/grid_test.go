package smtp

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sendoff/smtp/sandbox"
	"sendoff/smtp/sasl"
)

// spot is a point of a session over STARTTLS and what each kind of trouble at
// that point means.
type spot struct {
	phase sandbox.Phase
	n     int // the nth time a session comes there
	stage Stage

	later, never, gone, wrong kind // 4yz, 5yz, 421, and a code of the wrong class
}

func k(stage Stage, class Class, scope Scope, retry Retry) kind {
	return kind{stage, class, scope, retry}
}

var spots = []spot{
	{
		sandbox.AtConnect, 1, StageGreeting,
		k(StageGreeting, ClassTemporary, ScopeServer, RetrySafe), k(StageGreeting, ClassPermanent, ScopeServer, RetrySafe),
		k(StageGreeting, ClassTemporary, ScopeServer, RetrySafe), k(StageGreeting, ClassProtocol, ScopeServer, RetrySafe),
	},
	{
		sandbox.AtGreeting, 1, StageGreeting,
		k(StageGreeting, ClassTemporary, ScopeServer, RetrySafe), k(StageGreeting, ClassPermanent, ScopeServer, RetrySafe),
		k(StageGreeting, ClassTemporary, ScopeServer, RetrySafe), k(StageGreeting, ClassProtocol, ScopeServer, RetrySafe),
	},
	{
		sandbox.AtHello, 1, StageHello,
		k(StageHello, ClassTemporary, ScopeServer, RetrySafe), k(StageHello, ClassPermanent, ScopeAccount, RetryNo),
		k(StageHello, ClassTemporary, ScopeServer, RetrySafe), k(StageHello, ClassProtocol, ScopeServer, RetrySafe),
	},
	{
		sandbox.AtStartTLS, 1, StageTLS,
		k(StageTLS, ClassTLS, ScopeServer, RetrySafe), k(StageTLS, ClassTLS, ScopeServer, RetrySafe),
		k(StageTLS, ClassTLS, ScopeServer, RetrySafe), k(StageTLS, ClassTLS, ScopeServer, RetrySafe),
	},
	{
		sandbox.AtHello, 2, StageHello,
		k(StageHello, ClassTemporary, ScopeServer, RetrySafe), k(StageHello, ClassPermanent, ScopeAccount, RetryNo),
		k(StageHello, ClassTemporary, ScopeServer, RetrySafe), k(StageHello, ClassProtocol, ScopeServer, RetrySafe),
	},
	{
		sandbox.AtAuth, 1, StageAuth,
		k(StageAuth, ClassTemporary, ScopeAccount, RetrySafe), k(StageAuth, ClassAuth, ScopeAccount, RetryNo),
		k(StageAuth, ClassTemporary, ScopeAccount, RetrySafe), k(StageAuth, ClassProtocol, ScopeServer, RetrySafe),
	},
	{
		sandbox.AtAuth, 2, StageAuth,
		k(StageAuth, ClassTemporary, ScopeAccount, RetrySafe), k(StageAuth, ClassAuth, ScopeAccount, RetryNo),
		k(StageAuth, ClassTemporary, ScopeAccount, RetrySafe), k(StageAuth, ClassProtocol, ScopeServer, RetrySafe),
	},
	{
		sandbox.AtAuth, 3, StageAuth,
		k(StageAuth, ClassTemporary, ScopeAccount, RetrySafe), k(StageAuth, ClassAuth, ScopeAccount, RetryNo),
		k(StageAuth, ClassTemporary, ScopeAccount, RetrySafe), k(StageAuth, ClassProtocol, ScopeServer, RetrySafe),
	},
	{
		sandbox.AtMail, 1, StageMail,
		k(StageMail, ClassTemporary, ScopeMessage, RetrySafe), k(StageMail, ClassPermanent, ScopeMessage, RetryNo),
		k(StageMail, ClassTemporary, ScopeServer, RetrySafe), k(StageMail, ClassProtocol, ScopeMessage, RetrySafe),
	},
	{
		sandbox.AtRecipient, 1, StageRecipient, kind{}, kind{},
		k(StageRecipient, ClassTemporary, ScopeServer, RetrySafe), k(StageRecipient, ClassProtocol, ScopeMessage, RetrySafe),
	},
	{
		sandbox.AtRecipient, 2, StageRecipient, kind{}, kind{},
		k(StageRecipient, ClassTemporary, ScopeServer, RetrySafe), k(StageRecipient, ClassProtocol, ScopeMessage, RetrySafe),
	},
	{
		sandbox.AtData, 1, StageContent,
		k(StageContent, ClassTemporary, ScopeMessage, RetrySafe), k(StageContent, ClassPermanent, ScopeMessage, RetryNo),
		k(StageContent, ClassTemporary, ScopeServer, RetrySafe), k(StageContent, ClassProtocol, ScopeMessage, RetrySafe),
	},
	{
		sandbox.AtBody, 1, StageContent,
		k(StageContent, ClassTemporary, ScopeMessage, RetrySafe), k(StageContent, ClassPermanent, ScopeMessage, RetryNo),
		k(StageContent, ClassTemporary, ScopeMessage, RetrySafe), k(StageContent, ClassProtocol, ScopeMessage, RetrySafe),
	},
	{
		sandbox.AtEnd, 1, StageAccepted,
		k(StageAccepted, ClassTemporary, ScopeMessage, RetrySafe), k(StageAccepted, ClassPermanent, ScopeMessage, RetryNo),
		k(StageAccepted, ClassTemporary, ScopeMessage, RetrySafe), k(StageAccepted, ClassProtocol, ScopeMessage, RetryUnknown),
	},
}

// way is how contents are sent.
type way struct {
	name    string
	without []string
	whole   bool // MAIL and the end of the content leave in one flight
}

var gridWays = []way{
	{"step by step", []string{"CHUNKING", "PIPELINING"}, false},
	{"DATA", []string{"CHUNKING"}, false},
	{"BDAT", nil, true},
}

// expect returns the failure that action means at s; none for Split, and for a
// recipient that is refused.
func (s spot) expect(w way, action sandbox.Action) kind {
	want := k(s.stage, ClassNetwork, ScopeServer, RetrySafe)
	switch action {
	case sandbox.Temporary:
		return s.later
	case sandbox.Permanent:
		return s.never
	case sandbox.Unavailable:
		return s.gone
	case sandbox.Split:
		return kind{}
	case sandbox.WrongClass:
		want = s.wrong
	case sandbox.Garbage, sandbox.LongLine, sandbox.Flood:
		want.Class = ClassProtocol
	case sandbox.Drip, sandbox.Stall:
		want.Class = ClassTimeout
	}
	// Once the end is with the server, only its answer can tell.
	passed := s.phase == sandbox.AtEnd || w.whole && (s.phase == sandbox.AtMail || s.phase == sandbox.AtRecipient)
	if passed && (want.Class != ClassNetwork || action == sandbox.Hangup || action == sandbox.Reset) {
		want = k(StageAccepted, want.Class, ScopeMessage, RetryUnknown)
	}
	return want
}

// outcomes returns what becomes of the two recipients of the first mail.
func (s spot) outcomes(want kind, action sandbox.Action) []Status {
	all := Accepted
	switch {
	case want == kind{} && s.phase == sandbox.AtRecipient && action != sandbox.Split:
		statuses := []Status{Accepted, Accepted}
		statuses[s.n-1] = Deferred
		if action == sandbox.Permanent {
			statuses[s.n-1] = Rejected
		}
		return statuses
	case want == kind{}:
	case want.Retry == RetryUnknown:
		all = Uncertain
	case want.Scope != ScopeMessage && s.phase == sandbox.AtRecipient && action == sandbox.Unavailable:
		statuses := []Status{Untried, Untried}
		statuses[s.n-1] = Deferred
		return statuses
	case want.Scope != ScopeMessage || want.Class == ClassProtocol:
		all = Untried
	case want.Class == ClassTemporary:
		all = Deferred
	default:
		all = Rejected
	}
	return []Status{all, all}
}

// goesOn tells that the session outlives action at s.
func (s spot) goesOn(action sandbox.Action) bool {
	switch action {
	case sandbox.Split:
		return true
	case sandbox.Temporary, sandbox.Permanent:
		return s.stage == StageMail || s.stage == StageRecipient || s.phase == sandbox.AtData || s.phase == sandbox.AtEnd
	}
	return false
}

// TestFailures walks every kind of trouble at every point of a session, for
// each way to send contents.
func TestFailures(t *testing.T) {
	t.Parallel()
	actions := []sandbox.Action{
		sandbox.Temporary, sandbox.Permanent, sandbox.Unavailable, sandbox.WrongClass, sandbox.Garbage, sandbox.LongLine,
		sandbox.Flood, sandbox.Drip, sandbox.Stall, sandbox.Hangup, sandbox.Reset, sandbox.Split,
	}
	var running sync.WaitGroup
	slots := make(chan struct{}, 48)
	for _, w := range gridWays {
		for _, s := range spots {
			if w.whole && (s.phase == sandbox.AtData || s.phase == sandbox.AtBody) {
				continue // a chunk of its own; see TestChunkingLargeFails
			}
			for _, action := range actions {
				slots <- struct{}{}
				running.Go(func() {
					defer func() { <-slots }()
					problem := s.meet(t, w, action, 2*time.Second)
					if problem != "" && (action == sandbox.Stall || action == sandbox.Drip) {
						// A busy machine may have run into a limit elsewhere.
						problem = s.meet(t, w, action, 20*time.Second)
					}
					if problem != "" {
						t.Errorf("%s, %s %d, %s: %s", w.name, s.phase, s.n, action, problem)
					}
				})
			}
		}
	}
	running.Wait()
}

// meet has two mails meet action at s, and returns what is not as expected. A
// server that is silent is given up after limit.
func (s spot) meet(t *testing.T, w way, action sandbox.Action, limit time.Duration) string {
	server := watch(t, sandbox.Options{
		User: "bob", Password: "sesame17", Without: w.without, Slow: 10 * time.Millisecond, HashOnly: true,
		Faults: func(phase sandbox.Phase, n int) sandbox.Fault {
			if phase == s.phase && n == s.n {
				return sandbox.Fault{Action: action}
			}
			return sandbox.Fault{}
		},
	})
	opts := server.reach(StartTLS)
	opts.Window = 1
	opts.Login = &sasl.Login{Mechanism: "login", User: "bob", Password: "sesame17"}
	if action == sandbox.Stall || action == sandbox.Drip {
		opts.Timeouts = &Timeouts{Greeting: limit, Command: limit, Data: limit, Block: limit, Final: limit}
	}
	first := letter("1", "x\r\n", "a@x.example", "b@x.example")
	if s.phase == sandbox.AtBody && action != sandbox.Split {
		// More than fits in between, so that the end can't be on its way.
		first.Size = 64 << 20
		first.Open = limited(func() (io.ReadCloser, error) {
			return io.NopCloser(repeated(strings.Repeat("x", 62) + "\r\n")), nil
		}, first.Size)
	}
	src := &mails{next: []*Mail{first, letter("2", "x\r\n", "a@x.example")}}
	err := send(t.Context(), opts, src)
	arrived := len(server.Mails())
	sessions := server.end()

	want := s.expect(w, action)
	var e *Error
	errors.As(err, &e)
	if action == sandbox.Reset && want.Stage == StageGreeting && e != nil && e.Stage == StageConnect {
		want.Stage = StageConnect // it came before the connection was seen to be there
	}
	r, tried := src.done["1"]
	if !tried {
		if got := kindOf(e); got != want {
			return fmt.Sprintf("got %v, want %v (%v)", got, want, err)
		}
		return ""
	}
	if got := kindOf(r.Err); got != want {
		return fmt.Sprintf("got %v, want %v (%v)", got, want, r.Err)
	}
	statuses := []Status{r.Recipients[0].Status, r.Recipients[1].Status}
	if want := s.outcomes(want, action); !slices.Equal(statuses, want) {
		return fmt.Sprintf("got %v, want %v", statuses, want)
	}
	if (e == nil) != s.goesOn(action) {
		return fmt.Sprintf("the session ended with %v", err)
	}
	accepted := 0
	if slices.Contains(statuses, Accepted) {
		accepted++
	}
	if second, ok := src.done["2"]; ok {
		switch {
		case e == nil && second.Err == nil:
			accepted++
		case e == nil || second.Recipients[0].Status != Untried || second.Err.Retry != RetrySafe:
			return fmt.Sprintf("the next mail is %+v", second)
		}
	}
	if want.Retry == RetryUnknown {
		arrived = min(arrived, accepted) // it may be there, that is the point
	}
	if arrived != accepted {
		return fmt.Sprintf("%d mails arrived, %d count as accepted", arrived, accepted)
	}
	if e != nil && len(sessions) > 0 && slices.Contains(sessions[0].Lines, "C: QUIT") {
		return fmt.Sprintf("the client talks on: %q", sessions[0].Lines)
	}
	return ""
}
