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
		sandbox.AtHandshake, 1, StageTLS,
		k(StageTLS, ClassTLS, ScopeServer, RetryNo), k(StageTLS, ClassTLS, ScopeServer, RetryNo),
		k(StageTLS, ClassTLS, ScopeServer, RetryNo), k(StageTLS, ClassTLS, ScopeServer, RetryNo),
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
		sandbox.AtData, 2, StageContent, // the second chunk
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
	size    int64 // of the first mail
	whole   bool  // MAIL and the end of the content leave in one flight

	// flights are the commands for two mails that meet no trouble, those that
	// leave together in one; at tells where in them a phase of the first is.
	flights []string
	at      map[sandbox.Phase]int
}

// setUp are the flights before the first MAIL.
var setUp = []string{"EHLO", "STARTTLS", "EHLO", "AUTH", "***", "***"}

var gridWays = []way{
	{
		"step by step", []string{"CHUNKING", "PIPELINING"}, 3, false,
		[]string{"MAIL", "RCPT", "RCPT", "DATA", ".", "MAIL", "RCPT", "DATA", ".", "QUIT"},
		map[sandbox.Phase]int{sandbox.AtMail: 0, sandbox.AtRecipient: 1, sandbox.AtData: 3, sandbox.AtBody: 3, sandbox.AtEnd: 4},
	},
	{
		"DATA", []string{"CHUNKING"}, 3, false,
		[]string{"MAIL RCPT RCPT DATA", ". RSET MAIL RCPT DATA", ".", "QUIT"},
		map[sandbox.Phase]int{sandbox.AtMail: 0, sandbox.AtRecipient: 0, sandbox.AtData: 0, sandbox.AtBody: 0, sandbox.AtEnd: 1},
	},
	{
		"BDAT", nil, 3, true,
		[]string{"MAIL RCPT RCPT BDAT RSET MAIL RCPT BDAT", "BDAT", "QUIT"},
		map[sandbox.Phase]int{sandbox.AtMail: 0, sandbox.AtRecipient: 0, sandbox.AtEnd: 0},
	},
	{
		"BDAT in chunks", nil, chunkSize + 64, false,
		[]string{"MAIL RCPT RCPT", "BDAT BDAT", "BDAT RSET MAIL RCPT BDAT", "BDAT", "QUIT"},
		map[sandbox.Phase]int{sandbox.AtMail: 0, sandbox.AtRecipient: 0, sandbox.AtData: 1, sandbox.AtBody: 1, sandbox.AtEnd: 2},
	},
}

// said returns all that a client may have said when its session ended because
// of trouble at s.
func (w way) said(s spot) []string {
	var flights []string
	switch s.phase {
	case sandbox.AtConnect, sandbox.AtGreeting:
	case sandbox.AtStartTLS, sandbox.AtHandshake:
		flights = setUp[:2]
	case sandbox.AtHello:
		flights = setUp[:2*s.n-1]
	case sandbox.AtAuth:
		flights = setUp[:3+s.n]
	default:
		last := w.at[s.phase]
		if s.phase == sandbox.AtRecipient && !w.pipelines() {
			last = s.n
		}
		flights = slices.Concat(setUp, w.flights[:last+1])
	}
	return strings.Fields(strings.Join(flights, " "))
}

func (w way) pipelines() bool { return !slices.Contains(w.without, "PIPELINING") }

// has tells whether a mail sent this way comes to s.
func (w way) has(s spot) bool {
	_, ok := w.at[s.phase]
	inMail := s.stage == StageMail || s.stage == StageRecipient || s.stage == StageContent || s.stage == StageAccepted
	return (ok || !inMail) && (s.phase != sandbox.AtData || s.n == 1 || w.size > chunkSize)
}

// expect returns the failure that action means at s; none for Split, and for a
// recipient that is refused.
func (s spot) expect(w way, action sandbox.Action) kind {
	want := k(s.stage, ClassNetwork, ScopeServer, RetrySafe)
	switch action {
	case sandbox.Garbage, sandbox.LongLine, sandbox.Flood, sandbox.Drip:
		if s.phase == sandbox.AtHandshake {
			return s.wrong // any octets but those of TLS
		}
	case sandbox.Unavailable:
		if s.phase == sandbox.AtBody && w.size > chunkSize {
			return k(s.stage, ClassTemporary, ScopeServer, RetrySafe) // the answer to a chunk
		}
	}
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

var gridActions = []sandbox.Action{
	sandbox.Temporary, sandbox.Permanent, sandbox.Unavailable, sandbox.WrongClass, sandbox.Garbage, sandbox.LongLine,
	sandbox.Flood, sandbox.Drip, sandbox.Stall, sandbox.Hangup, sandbox.Reset, sandbox.Split,
}

// TestFailures walks every kind of trouble at every point of a session, for
// each way to send contents.
func TestFailures(t *testing.T) {
	t.Parallel()
	var running sync.WaitGroup
	slots := make(chan struct{}, 48)
	for _, w := range gridWays {
		for _, s := range spots {
			if !w.has(s) {
				continue
			}
			for _, action := range gridActions {
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
		opts.Timeouts = &Timeouts{Connect: limit, Greeting: limit, Command: limit, Data: limit, Block: limit, Final: limit}
	}
	var said []string
	opts.Trace = func(e Event) {
		if verb, _, _ := strings.Cut(e.Text, " "); e.Kind == KindLine && !e.FromServer && !strings.HasPrefix(verb, "(") {
			said = append(said, verb)
		}
	}
	first := letter("1", "x\r\n", "a@x.example", "b@x.example")
	if w.size > first.Size {
		first.Size = w.size
	}
	if s.phase == sandbox.AtBody && action != sandbox.Split {
		// More than fits in between, so that the end can't be on its way.
		first.Size = 64 << 20
	}
	if first.Size > w.size || w.size > smallMail {
		first.Open = limited(func() (io.ReadCloser, error) {
			return io.NopCloser(repeated(strings.Repeat("x", 62) + "\r\n")), nil
		}, first.Size)
	}
	src := &mails{next: []*Mail{first, letter("2", "x\r\n", "a@x.example")}}
	err := send(t.Context(), opts, src)
	arrived := len(server.Mails())
	for _, session := range server.end() {
		for _, violation := range session.Violations {
			// What was on its way behind a refused command can't help that.
			if !w.pipelines() || !strings.HasSuffix(violation, "out of order") {
				return "the client breaks the rules: " + violation
			}
		}
	}

	want := s.expect(w, action)
	var e *Error
	errors.As(err, &e)
	if problem := s.silence(w, err, said, first.Size); problem != "" {
		return problem
	}
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
	return ""
}

// silence tells what a client said that it should not have: after a failure,
// anything that was not on its way, and else anything but all.
func (s spot) silence(w way, err error, said []string, size int64) string {
	if err == nil {
		if len(said) == 0 || said[len(said)-1] != "QUIT" {
			return fmt.Sprintf("no farewell in %q", said)
		}
		return ""
	}
	most := w.said(s)
	if size > w.size && w.size > chunkSize {
		most = slices.Concat(most, slices.Repeat([]string{"BDAT"}, int(size/chunkSize)))
	}
	if len(said) > len(most) || !slices.Equal(said, most[:len(said)]) {
		return fmt.Sprintf("the client said %q, where at most %q was due", said, most)
	}
	return ""
}
