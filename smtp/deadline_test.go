package smtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// phases are scripts that fall silent at one point each, and where that is.
var phases = []struct {
	name   string
	script string
	stage  Stage
	limit  time.Duration
	retry  Retry
}{
	{"greeting", ``, StageGreeting, 2 * time.Second, RetrySafe},
	{"hello", "S: 220 mx\nC: EHLO [127.0.0.1]", StageHello, 3 * time.Second, RetrySafe},
	{"auth", "S: 220 mx\nC: EHLO [127.0.0.1]\nS: 250-mx\nS: 250 AUTH LOGIN\nC: AUTH LOGIN", StageAuth, 3 * time.Second, RetrySafe},
	{"mail", login + "C: MAIL FROM:<me@x.example>", StageMail, 3 * time.Second, RetrySafe},
	{"recipient", login + "C: MAIL FROM:<me@x.example>\nS: 250 ok\nC: RCPT TO:<a@x.example>", StageRecipient, 3 * time.Second, RetrySafe},
	{"data", login + envelope + "C: DATA", StageContent, 4 * time.Second, RetrySafe},
	{"end", login + envelope + "C: DATA\nS: 354 go on\nC: x\nC: .", StageAccepted, 6 * time.Second, RetryUnknown},
}

const login = `
		S: 220 mx
		C: EHLO [127.0.0.1]
		S: 250-mx
		S: 250 AUTH PLAIN
		C: AUTH PLAIN AGJvYgBzZXNhbWUxNw==
		S: 235 welcome
`

var shortTimeouts = Timeouts{
	Connect: time.Second, Greeting: 2 * time.Second, Command: 3 * time.Second,
	Data: 4 * time.Second, Block: 5 * time.Second, Final: 6 * time.Second,
}

// silence runs the script of a phase over a pipe within a bubble of time, and
// returns the failure and how long it took.
func silence(t *testing.T, ctx context.Context, script string) (*Error, time.Duration) {
	t.Helper()
	client, server := net.Pipe()
	opts := Options{
		Host: "mx", Security: NoTLS, Login: bob, Timeouts: &shortTimeouts,
		Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil },
	}
	go (&peer{t: t, conn: server, r: newReader(server)}).follow(script)
	began := time.Now()
	src := &mails{next: []*Mail{letter("1", "x\r\n", "a@x.example")}}
	err := send(ctx, opts, src)
	e := failure(t, err)
	if r, ok := src.done["1"]; ok {
		if r.Err == nil || r.Err.Class != e.Class {
			t.Errorf("the mail failed with %v, the session with %v", r.Err, e)
		}
		e = r.Err
	}
	return e, time.Since(began)
}

// TestDeadlines lets the server fall silent in each phase.
func TestDeadlines(t *testing.T) {
	t.Parallel()
	for _, phase := range phases {
		t.Run(phase.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e, took := silence(t, t.Context(), phase.script)
				if e.Stage != phase.stage || e.Class != ClassTimeout || e.Retry != phase.retry {
					t.Errorf("got %+v", e)
				}
				if took != phase.limit {
					t.Errorf("took %v, not %v", took, phase.limit)
				}
			})
		})
	}
}

// TestSecurity12_Slowloris has a server send one octet at a time, each in good time: the
// limit holds for the whole reply.
func TestSecurity12_Slowloris(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		opts := Options{
			Host: "mx", Security: NoTLS, Timeouts: &shortTimeouts,
			Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil },
		}
		over := make(chan struct{})
		go func() {
			tick := time.NewTicker(time.Second / 2)
			for {
				select {
				case <-tick.C:
					_, _ = io.WriteString(server, "2")
				case <-over:
					return
				}
			}
		}()
		began := time.Now()
		_, err := Open(t.Context(), opts)
		if e := failure(t, err); e.Class != ClassTimeout || e.Stage != StageGreeting {
			t.Errorf("got %+v", e)
		}
		if took := time.Since(began); took != shortTimeouts.Greeting {
			t.Errorf("took %v", took)
		}
		close(over)
	})
}

// TestStalledContent has a server that stops reading.
func TestStalledContent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		opts := Options{
			Host: "mx", Security: NoTLS, Timeouts: &shortTimeouts,
			Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil },
		}
		go func() {
			p := &peer{t: t, conn: server, r: newReader(server)}
			for range 4 {
				p.say("220 mx")
				_, _ = p.r.ReadString('\n')
			}
			p.say("354 go on")
		}()
		src := &mails{next: []*Mail{endlessMail("1")}}
		began := time.Now()
		_ = send(t.Context(), opts, src)
		want := kind{StageContent, ClassTimeout, ScopeServer, RetrySafe}
		if got := kindOf(src.done["1"].Err); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if took := time.Since(began); took > shortTimeouts.Block+2*grace {
			t.Errorf("took %v", took)
		}
		_ = server.Close()
	})
}

// TestCancel ends the context in each phase, a second after the server fell
// silent.
func TestCancel(t *testing.T) {
	t.Parallel()
	for _, phase := range phases {
		t.Run(phase.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				stop := errors.New("enough")
				time.AfterFunc(time.Second, func() { cancel(stop) })
				e, took := silence(t, ctx, phase.script)
				if e.Stage != phase.stage || e.Class != ClassCanceled || e.Retry != phase.retry || !errors.Is(e, stop) {
					t.Errorf("got %+v", e)
				}
				if took != time.Second {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

// TestCancelConnecting ends the context while the dialer, and then the TLS
// handshake, makes no headway.
func TestCancelConnecting(t *testing.T) {
	t.Parallel()
	for stage, dial := range map[Stage]func(context.Context, string, string) (net.Conn, error){
		StageConnect: func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, fmt.Errorf("dial: %w", ctx.Err())
		},
		StageTLS: func(context.Context, string, string) (net.Conn, error) {
			client, _ := net.Pipe()
			return client, nil
		},
	} {
		for _, class := range []Class{ClassCanceled, ClassTimeout} {
			t.Run(string(stage)+" "+string(class), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx := t.Context()
					if class == ClassCanceled {
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, time.Second/2)
						defer cancel()
					}
					_, err := Open(ctx, Options{Host: "mx", Dial: dial, Timeouts: &shortTimeouts})
					want := kind{stage, class, ScopeServer, RetrySafe}
					if got := kindOf(failure(t, err)); got != want {
						t.Errorf("got %+v, want %+v (%v)", got, want, err)
					}
				})
			})
		}
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	_ = listener.Close()
	var events []Event
	_, err = Open(t.Context(), Options{Host: "127.0.0.1", Port: port, Trace: func(e Event) { events = append(events, e) }})
	if got, want := kindOf(failure(t, err)), (kind{StageConnect, ClassNetwork, ScopeServer, RetrySafe}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if len(events) != 2 || events[1].Kind != KindEnd || events[1].Err == nil {
		t.Errorf("got %+v", events)
	}
}
