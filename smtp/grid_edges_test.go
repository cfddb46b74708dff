package smtp

import (
	"errors"
	"sync"
	"testing"
	"time"

	"sendoff/smtp/sandbox"
)

// TestFailuresAtQuit has the server fail in every way when the client takes its
// leave: nobody waits for that, and nothing hangs on it.
func TestFailuresAtQuit(t *testing.T) {
	t.Parallel()
	for _, action := range gridActions {
		t.Run(string(action), func(t *testing.T) {
			t.Parallel()
			server := watch(t, sandbox.Options{Slow: 10 * time.Millisecond, Faults: func(phase sandbox.Phase, _ int) sandbox.Fault {
				if phase == sandbox.AtQuit {
					return sandbox.Fault{Action: action}
				}
				return sandbox.Fault{}
			}})
			src := &mails{next: []*Mail{letter("1", "x\r\n", "a@x.example"), letter("2", "x\r\n", "a@x.example")}}
			s, err := Open(t.Context(), server.reach(StartTLS))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Deliver(t.Context(), src); err != nil {
				t.Error(err)
			}
			_ = s.Close() // a reset may be there before the end of TLS is written
			for id, r := range src.done {
				if r.Err != nil {
					t.Errorf("%s: %v", id, r.Err)
				}
			}
			if got := len(server.Mails()); got != 2 {
				t.Errorf("%d mails arrived", got)
			}
		})
	}
}

// TestFailuresInClear has a server answer the beginning of TLS, on the port for
// it, with anything else.
func TestFailuresInClear(t *testing.T) {
	t.Parallel()
	account, server := k(StageTLS, ClassTLS, ScopeAccount, RetryNo), k(StageTLS, ClassTemporary, ScopeServer, RetrySafe)
	for action, want := range map[sandbox.Action]kind{
		sandbox.Temporary: server, sandbox.Unavailable: server,
		sandbox.Permanent: account, sandbox.WrongClass: account, sandbox.Garbage: account, sandbox.LongLine: account,
		sandbox.Flood: account, sandbox.Drip: account, sandbox.Split: {},
		sandbox.Hangup: k(StageTLS, ClassNetwork, ScopeServer, RetrySafe),
		sandbox.Reset:  k(StageTLS, ClassNetwork, ScopeServer, RetrySafe),
		sandbox.Stall:  k(StageTLS, ClassTimeout, ScopeServer, RetrySafe),
	} {
		t.Run(string(action), func(t *testing.T) {
			t.Parallel()
			peer := watch(t, sandbox.Options{Slow: 10 * time.Millisecond, Faults: func(phase sandbox.Phase, _ int) sandbox.Fault {
				if phase == sandbox.AtHandshake {
					return sandbox.Fault{Action: action}
				}
				return sandbox.Fault{}
			}})
			opts := peer.reach(Implicit)
			if action == sandbox.Stall {
				opts.Timeouts = &Timeouts{Connect: 2 * time.Second}
			}
			err := send(t.Context(), opts, &mails{})
			var e *Error
			errors.As(err, &e)
			if action == sandbox.Reset && e != nil && e.Stage == StageConnect {
				want.Stage = StageConnect // it came before the connection was seen to be there
			}
			if got := kindOf(e); got != want {
				t.Errorf("got %+v, want %+v (%v)", got, want, err)
			}
		})
	}
}

// TestFailuresWhenIdle has the server fail in every way while the session has
// nothing to do, and then gives it a mail. That is neither taken for delivered
// nor for not delivered unless it is.
func TestFailuresWhenIdle(t *testing.T) {
	t.Parallel()
	var running sync.WaitGroup
	for _, action := range gridActions {
		for _, w := range gridWays {
			running.Go(func() {
				server, outcome, err := mailAfter(t, w, action)
				arrived := len(server.Mails()) > 1
				switch {
				case action == sandbox.Split && (err != nil || outcome.Status != Accepted):
					t.Errorf("%s, %s: %s, %v", w.name, action, outcome.Status, err)
				case outcome.Status == Accepted && !arrived, outcome.Status != Accepted && outcome.Status != Uncertain && arrived:
					t.Errorf("%s, %s: the mail is %s, that it arrived is %v (%v)", w.name, action, outcome.Status, arrived, err)
				case outcome.Status == Uncertain && len(w.without) > 0:
					t.Errorf("%s, %s: the mail is %s though its end was not sent (%v)", w.name, action, outcome.Status, err)
				}
			})
		}
	}
	running.Wait()
}

// mailAfter delivers a mail, has the server take action, and delivers another
// on the same session.
func mailAfter(t *testing.T, w way, action sandbox.Action) (*watched, Outcome, error) {
	acted := make(chan struct{})
	server := watch(t, sandbox.Options{
		Without: w.without, Slow: 10 * time.Millisecond,
		Faults: func(phase sandbox.Phase, n int) sandbox.Fault {
			if phase == sandbox.AtIdle && n == 1 {
				defer close(acted)
				return sandbox.Fault{Action: action}
			}
			return sandbox.Fault{}
		},
	})
	opts := server.reach(StartTLS)
	s, err := Open(t.Context(), opts)
	if err != nil {
		t.Error(err)
		return server, Outcome{}, err
	}
	defer s.Close()
	first := &mails{next: []*Mail{letter("1", "x\r\n", "a@x.example")}}
	if err := s.Deliver(t.Context(), first); err != nil {
		t.Error(err)
		return server, Outcome{}, err
	}
	<-acted
	if action == sandbox.Stall || action == sandbox.Drip {
		// Not before: what goes well may take its time.
		s.timeouts.Command, s.timeouts.Final = 2*time.Second, 2*time.Second
	}
	second := &mails{next: []*Mail{letter("2", "x\r\n", "a@x.example")}}
	err = s.Deliver(t.Context(), second)
	if r, ok := second.done["2"]; ok {
		return server, r.Recipients[0], err
	}
	return server, Outcome{Status: Untried}, err
}
