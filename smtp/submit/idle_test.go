package submit_test

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sendoff/smtp"
	"sendoff/smtp/sandbox"
)

// TestIdle sends two mails one after the other in one session, or in silence in
// two if the server had enough of the first meanwhile.
func TestIdle(t *testing.T) {
	t.Parallel()
	for action, want := range map[sandbox.Action]int{
		"": 1, sandbox.Unavailable: 2, sandbox.Hangup: 2, sandbox.Reset: 2, sandbox.Garbage: 2, sandbox.Stall: 2,
	} {
		t.Run(string(action), func(t *testing.T) {
			t.Parallel()
			ended := make(chan sandbox.Session, 3)
			struck := make(chan struct{})
			strike := sync.OnceFunc(func() { close(struck) })
			server, _, sender := start(t, sandbox.Options{
				Ended: func(s sandbox.Session) { ended <- s },
				Faults: func(phase sandbox.Phase, _ int) sandbox.Fault {
					if phase != sandbox.AtIdle {
						return sandbox.Fault{}
					}
					defer strike()
					select {
					case <-struck:
						return sandbox.Fault{} // one session is enough
					default:
						return sandbox.Fault{Action: action}
					}
				},
			})
			sender.Idle = time.Hour
			timeouts := smtp.StandardTimeouts()
			if action == sandbox.Stall {
				timeouts.Command = 5 * time.Second // is waited for, and is time for a login on a busy machine
			}
			sender.Timeouts = &timeouts
			var second []smtp.Event
			for n := range 2 {
				src := &source{to: []string{"ok@example.org"}}
				var trace func(smtp.Event)
				if n == 1 {
					trace = func(e smtp.Event) { second = append(second, e) }
				}
				if err := sender.Deliver(t.Context(), "work", src, trace); err != nil || src.result.Err != nil {
					t.Fatalf("mail %d: %v, %v", n+1, err, src.result.Err)
				}
				<-struck
			}
			if err := sender.Close(); err != nil {
				t.Error(err)
			}
			if len(second) == 0 || second[0].Stage != smtp.StageMail {
				t.Errorf("of the second mail was told %v", second)
			}
			var last sandbox.Session
			for range want {
				last = <-ended
			}
			if len(server.Mails()) != 2 || last.Err != nil || last.Mails == 0 {
				t.Errorf("%d mails, the last session ended with %v", len(server.Mails()), last.Err)
			}
		})
	}
}

// TestIdleEnds sees a session out after its time.
func TestIdleEnds(t *testing.T) {
	t.Parallel()
	ended := make(chan sandbox.Session, 1)
	_, _, sender := start(t, sandbox.Options{Ended: func(s sandbox.Session) { ended <- s }})
	sender.Idle = time.Millisecond
	if err := sender.Deliver(t.Context(), "work", &source{to: []string{"ok@example.org"}}, nil); err != nil {
		t.Fatal(err)
	}
	if s := <-ended; s.Err != nil {
		t.Errorf("ended with %v", s.Err)
	}
}

// TestIdleChanged does not use a session of an account that was changed.
func TestIdleChanged(t *testing.T) {
	t.Parallel()
	ended := make(chan sandbox.Session, 2)
	_, a, sender := start(t, sandbox.Options{Ended: func(s sandbox.Session) { ended <- s }})
	sender.Idle = time.Hour
	for _, name := range []string{"[192.0.2.1]", "[192.0.2.2]"} {
		changed := a
		changed.EHLOName = name
		sender.Account = senderFor(changed).Account
		if err := sender.Deliver(t.Context(), "work", &source{to: []string{"ok@example.org"}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	_ = sender.Close()
	for range 2 {
		if s := <-ended; s.Err != nil || s.Mails != 1 {
			t.Errorf("%d mails, %v", s.Mails, s.Err)
		}
	}
}

// TestIdleClosed keeps no session once the sender is closed.
func TestIdleClosed(t *testing.T) {
	t.Parallel()
	ended := make(chan sandbox.Session, 1)
	_, _, sender := start(t, sandbox.Options{Ended: func(s sandbox.Session) { ended <- s }})
	sender.Idle = time.Hour
	_ = sender.Close()
	if err := sender.Deliver(t.Context(), "work", &source{to: []string{"ok@example.org"}}, nil); err != nil {
		t.Fatal(err)
	}
	if s := <-ended; s.Err != nil || s.Mails != 1 {
		t.Errorf("%d mails, %v", s.Mails, s.Err)
	}
}

// TestIdleDropped logs in anew once a session is dropped, as when the password
// changed.
func TestIdleDropped(t *testing.T) {
	t.Parallel()
	ended := make(chan sandbox.Session, 2)
	_, _, sender := start(t, sandbox.Options{Ended: func(s sandbox.Session) { ended <- s }})
	sender.Idle = time.Hour
	for range 2 {
		if err := sender.Deliver(t.Context(), "work", &source{to: []string{"ok@example.org"}}, nil); err != nil {
			t.Fatal(err)
		}
		sender.Drop("work")
		sender.Drop("other")
		if s := <-ended; s.Err != nil || s.Mails != 1 {
			t.Errorf("%d mails, %v", s.Mails, s.Err)
		}
	}
}

// TestIdleFarewell closes a sender whose server no longer reads, while another
// mail goes out.
func TestIdleFarewell(t *testing.T) {
	t.Parallel()
	_, _, sender := start(t, sandbox.Options{})
	sender.Idle = time.Hour
	link := &stuck{asked: make(chan struct{}), release: make(chan struct{})}
	sender.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		var err error
		link.Conn, err = new(net.Dialer).DialContext(ctx, network, address)
		return link, err
	}
	if err := sender.Deliver(t.Context(), "work", &source{to: []string{"ok@example.org"}}, nil); err != nil {
		t.Fatal(err)
	}
	link.is.Store(true)
	sender.Dial = nil
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_ = sender.Close()
	}()
	<-link.asked
	src := &source{to: []string{"ok@example.org"}}
	if err := sender.Deliver(t.Context(), "work", src, nil); err != nil || src.result.Err != nil {
		t.Error(err, src.result.Err)
	}
	close(link.release)
	<-closed
}

// stuck is a connection that, once it is stuck, takes no more octets before it
// is released.
type stuck struct {
	net.Conn
	is             atomic.Bool
	once           sync.Once
	asked, release chan struct{}
}

// Write implements net.Conn.
func (s *stuck) Write(p []byte) (int, error) {
	if s.is.Load() {
		s.once.Do(func() { close(s.asked) })
		<-s.release
	}
	return s.Conn.Write(p)
}
