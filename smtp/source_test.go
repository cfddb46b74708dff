package smtp

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
)

// TestNextFails sees that trouble of the source leaves the session intact.
func TestNextFails(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), serve(t, hi+"C: QUIT"))
	if err != nil {
		t.Fatal(err)
	}
	locked := errors.New("locked")
	err = s.Deliver(t.Context(), failingSource{locked})
	var e *Error
	if !errors.Is(err, locked) || errors.As(err, &e) {
		t.Errorf("got %v", err)
	}
	_ = s.Close()
	if err := s.Deliver(t.Context(), &mails{}); err == nil {
		t.Error("a closed session delivers")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

type failingSource struct{ err error }

func (s failingSource) Next(context.Context) (*Mail, error)  { return nil, s.err }
func (failingSource) Commit(context.Context, ...*Mail) error { return nil }
func (failingSource) Part(*Mail, []Outcome)                  {}
func (failingSource) Done(*Mail, Result)                     {}

// TestNothingLeft sees that a session leaves no goroutine behind, however it
// ends.
func TestNothingLeft(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script string
		commit error
	}{
		"well":        {piped + "C: MAIL FROM:<me@x.example>\nC: RCPT TO:<a@x.example>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nC: x\nC: .\nS: 250 ok\nC: QUIT", nil},
		"not greeted": {"S: 554 no", nil},
		"idle when it broke": {
			chunked, errors.New("disk full"),
		},
		"refused": {hi + "C: MAIL FROM:<me@x.example>\nS: 421 bye", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// A bubble ends with a panic if goroutines are left in it.
			synctest.Test(t, func(t *testing.T) {
				client, server := net.Pipe()
				opts := Options{Host: "mx", Security: NoTLS, Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil }}
				go (&peer{t: t, conn: server, r: newReader(server)}).follow(test.script)
				src := &mails{next: []*Mail{letter("1", "x\r\n", "a@x.example")}, committed: func() error { return test.commit }}
				if s, err := Open(t.Context(), opts); err == nil {
					_ = s.Deliver(t.Context(), src)
					_ = s.Close()
				}
			})
		})
	}
}

// TestCanceledBetween cancels while no mail is under way: the session can't be
// used any longer, and says so.
func TestCanceledBetween(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s, err := Open(ctx, serve(t, hi))
	if err != nil {
		t.Fatal(err)
	}
	err = s.Deliver(ctx, cancelingSource{cancel})
	if e := failure(t, err); e.Class != ClassCanceled {
		t.Errorf("got %+v", e)
	}
	if err := s.Deliver(t.Context(), &mails{}); err == nil {
		t.Error("a session that was cut delivers")
	}
}

type cancelingSource struct{ cancel func() }

func (s cancelingSource) Next(ctx context.Context) (*Mail, error) {
	s.cancel()
	return nil, ctx.Err()
}
func (cancelingSource) Commit(context.Context, ...*Mail) error { return nil }
func (cancelingSource) Part(*Mail, []Outcome)                  {}
func (cancelingSource) Done(*Mail, Result)                     {}
