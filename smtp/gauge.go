package smtp

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"
)

const (
	// stallAfter is how long nothing gets through before a link counts as
	// stalled. One that is slow but steady never does.
	stallAfter = 15 * time.Second

	// beat is how often a write that takes its time is looked at.
	beat = time.Second

	// maxUnsent is how much the system may take from us before it went out: so
	// progress is that of the network, and not of a buffer of megabytes in
	// between, whose end nobody could wait for on a slow link.
	maxUnsent = 128 << 10
)

// ErrStalled and ErrTooSlow tell why content did not get through in time.
var (
	ErrStalled = errors.New("the connection stalled")
	ErrTooSlow = errors.New("the connection is too slow")
)

// lateError is that of something that did not happen in time.
type lateError struct {
	why    error // nil if the server did not answer
	detail string
}

func (e *lateError) Error() string {
	if e.why == nil {
		return e.detail
	}
	return e.why.Error() + ": " + e.detail
}

func (e *lateError) Is(target error) bool { return target == os.ErrDeadlineExceeded }
func (e *lateError) Unwrap() error        { return e.why }

// gauge is a connection that watches its writes get through. It stands below
// TLS, which does not survive a write that is interrupted and taken up again.
type gauge struct {
	net.Conn
	halted *atomic.Bool

	began   time.Time    // what until is counted from
	until   atomic.Int64 // the deadline of writes; 0 for none
	writing atomic.Bool  // by the goroutine of the session, which can't do anything else now
	whole   atomic.Int64 // octets of the block being written
	through atomic.Int64 // octets that got through meanwhile

	// watch hears of a write that takes its time, at each beat: for how long
	// nothing got through, and when it will be given up. Nil for nobody.
	watch func(quiet time.Duration, until time.Time)
}

func newGauge(conn net.Conn) *gauge {
	limitUnsent(conn)
	return &gauge{Conn: conn, began: time.Now()}
}

// begin is called before a block of n octets is written; end after that.
func (g *gauge) begin(n int) (end func()) {
	g.whole.Store(int64(n))
	g.through.Store(0)
	g.writing.Store(true)
	return func() {
		g.writing.Store(false)
		g.through.Store(0)
	}
}

// part is how much of the block being written got through. TLS adds to the
// octets, so it is not quite exact.
func (g *gauge) part() int64 { return min(g.through.Load(), g.whole.Load()) }

// SetWriteDeadline implements net.Conn.
func (g *gauge) SetWriteDeadline(t time.Time) error {
	g.setUntil(t)
	return g.Conn.SetWriteDeadline(t)
}

// SetDeadline implements net.Conn.
func (g *gauge) SetDeadline(t time.Time) error {
	g.setUntil(t)
	return g.Conn.SetDeadline(t)
}

func (g *gauge) setUntil(t time.Time) {
	if t.IsZero() {
		g.until.Store(0)
		return
	}
	g.until.Store(int64(t.Sub(g.began)))
}

// Write implements net.Conn.
func (g *gauge) Write(p []byte) (n int, err error) {
	began := time.Now()
	moved := began
	for {
		after := g.until.Load()
		if after == 0 {
			k, err := g.Conn.Write(p[n:])
			return n + k, err
		}
		until := g.began.Add(time.Duration(after))
		now := time.Now()
		next := now.Add(beat)
		if until.Before(next) {
			next = until
		}
		if err := g.Conn.SetWriteDeadline(next); err != nil {
			return n, err
		}
		if g.halted.Load() {
			return n, errHalted
		}
		k, err := g.Conn.Write(p[n:])
		n += k
		g.through.Add(int64(k))
		if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) || g.halted.Load() {
			return n, err
		}
		now = time.Now()
		if k > 0 {
			moved = now
		}
		if g.writing.Load() && g.watch != nil {
			g.watch(now.Sub(moved), until)
		}
		if !now.Before(until) {
			return n, tooLate(now.Sub(moved), now.Sub(began))
		}
	}
}

// tooLate tells a link that stalled from one that is too slow to be of use.
func tooLate(quiet, took time.Duration) error {
	if quiet >= min(stallAfter, took/2) {
		return &lateError{ErrStalled, fmt.Sprintf("nothing got through for %v", quiet.Round(time.Second))}
	}
	return &lateError{ErrTooSlow, fmt.Sprintf("less than %d KiB got through in %v", bufferSize>>10, took.Round(time.Second))}
}
