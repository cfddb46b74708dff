package smtp

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// bufferSize is how much is gathered before it is written: four full TLS
	// records.
	bufferSize = 64 << 10

	// maxInFlight bounds the commands that wait for a reply, and with them the
	// replies that wait to be looked at.
	maxInFlight = 1024

	// grace is how long to look for a last word of a server that stopped
	// listening. What it said before it did is there already.
	grace = 5 * time.Second
)

// wire is the connection as a session sees it: octets go out in order through
// one buffer while a goroutine reads the replies that were asked for. So a
// server that answers a long group of commands before it has read all of it
// can't bring both sides to a halt (RFC 2920 section 3.1), and an answer given
// in the middle of the content is heard.
type wire struct {
	raw  *gauge   // what cut closes
	conn net.Conn // raw, or TLS above it
	r    *bufio.Reader
	w    *bufio.Writer

	asks    chan bool // true if the reply may come early
	answers chan answer

	block  time.Duration // limit for one block
	queued int64         // octets put into w
	handed int64         // octets that conn took
	news   bool          // octets left since the last wait

	alarm *alarm // of the wait that runs, or ran last

	uploading atomic.Bool // an early reply ends what is being written
	halted    atomic.Bool

	mu     sync.Mutex
	reason *cutError
	over   bool // asks is closed
}

// errHalted is the error of a write that a reply, or the lack of any more,
// put an end to.
var errHalted = errors.New("the server interrupted the content")

type answer struct {
	raw *rawReply
	err error
}

// cutError is why this side closed the connection.
type cutError struct {
	class Class
	err   error
}

func (e *cutError) Error() string { return e.err.Error() }
func (e *cutError) Unwrap() error { return e.err }

func newWire(conn net.Conn, block time.Duration) *wire {
	w := &wire{
		raw:     newGauge(conn),
		block:   block,
		asks:    make(chan bool, maxInFlight),
		answers: make(chan answer, maxInFlight),
		news:    true, // the server speaks first
	}
	w.raw.halted = &w.halted
	w.use(w.raw)
	go w.read()
	return w
}

// use puts conn under the buffers. Nothing may be asked for at that time.
func (w *wire) use(conn net.Conn) {
	w.conn = conn
	w.r = bufio.NewReaderSize(conn, maxReplyLine)
	w.w = bufio.NewWriterSize(handing{w}, bufferSize)
}

// read answers asks until they end. Asks order its use of w.r after use's.
func (w *wire) read() {
	known := make(heard)
	for early := range w.asks {
		raw, err := readReply(w.r, known)
		w.answers <- answer{raw, err}
		if err != nil || early && w.uploading.Load() {
			// Whoever is writing may be stuck, since the server no longer reads.
			w.halted.Store(true)
			_ = w.conn.SetWriteDeadline(time.Unix(1, 0))
		}
		if err != nil {
			return
		}
	}
}

// ask has one more reply read. At most maxInFlight may be outstanding.
func (w *wire) ask(early bool) { w.asks <- early }

// upload runs write, which the reply asked for as early puts an end to. It
// tells whether that reply, or the end of all replies, came.
func (w *wire) upload(write func() error) (early bool, err error) {
	w.uploading.Store(true)
	err = write()
	w.uploading.Store(false)
	// Whatever interrupted the write was put there before.
	return w.arrived(), err
}

// arrived tells that the next reply is there.
func (w *wire) arrived() bool { return len(w.answers) > 0 }

// unasked tells that octets came behind the last reply that was asked for; 421,
// which a server may say at any time, is none of them, nor is the refusal of
// content that is to follow where the next reply may come early. Nothing may be
// asked for at that time.
func (w *wire) unasked(early bool) bool {
	said, _ := w.r.Peek(min(w.r.Buffered(), 3))
	refusal := len(said) > 0 && (said[0] == '4' || said[0] == '5')
	return len(said) > 0 && string(said) != "421" && !(early && refusal)
}

// spoken tells that octets came behind the last reply that was asked for. Nothing
// may be asked for at that time.
func (w *wire) spoken() bool { return w.r.Buffered() > 0 }

// take returns the next reply, waiting for it at most limit altogether, and
// whether that was a wait of its own: one for the reply to octets that left
// since the last one.
func (w *wire) take(limit time.Duration) (raw *rawReply, waited bool, err error) {
	waited, w.news = w.news, false
	select {
	case a := <-w.answers:
		return a.raw, waited, w.explain(a.err)
	default:
	}
	w.setAlarm(limit)
	a := <-w.answers
	w.endAlarm()
	return a.raw, waited, w.explain(a.err)
}

// alarm cuts the wire when a wait takes too long.
type alarm struct {
	timer *time.Timer
	limit time.Duration
	over  bool // the wait is; kept by wire.mu
}

func (w *wire) setAlarm(limit time.Duration) {
	if a := w.alarm; a != nil {
		a.limit = limit
		a.timer.Reset(limit)
		return
	}
	a := &alarm{limit: limit}
	w.alarm = a
	a.timer = time.AfterFunc(limit, func() { w.giveUp(a) })
}

// endAlarm ends the wait. An alarm that went off in this moment is not used
// again, and must not harm the next wait.
func (w *wire) endAlarm() {
	if a := w.alarm; !a.timer.Stop() {
		w.mu.Lock()
		a.over = true
		w.mu.Unlock()
		w.alarm = nil
	}
}

// giveUp cuts the wire because no answer came in time.
func (w *wire) giveUp(a *alarm) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !a.over {
		w.sever(ClassTimeout, &lateError{detail: "no answer within " + a.limit.String()})
	}
}

// handing counts the octets that the connection took, block by block. A block
// has to be through within its limit, which sets a floor to the speed: the
// usual three minutes for 64 KiB ask for 364 octets a second.
type handing struct{ w *wire }

func (h handing) Write(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var k int
		k, err = h.block(p[n:min(len(p), n+bufferSize)])
		n += k
	}
	return n, err
}

func (h handing) block(p []byte) (int, error) {
	w := h.w
	if err := w.conn.SetWriteDeadline(time.Now().Add(w.block)); err != nil {
		return 0, w.explain(err)
	}
	if w.halted.Load() {
		return 0, errHalted
	}
	done := w.raw.begin(len(p))
	n, err := w.conn.Write(p)
	done()
	// TLS may have to write an answer of its own long after this.
	_ = w.conn.SetWriteDeadline(time.Time{})
	w.handed += int64(n)
	w.news = w.news || n > 0
	if err != nil && w.halted.Load() {
		return n, errHalted
	}
	return n, w.explain(err)
}

// unsent is how many octets wait on this side, as far as that is known.
func (w *wire) unsent() int64 { return max(0, w.queued-w.handed-w.raw.part()) }

// Write puts p behind what was written before. It may reach the server then,
// or only with flush.
func (w *wire) Write(p []byte) (int, error) {
	w.queued += int64(len(p))
	return w.w.Write(p)
}

// line puts a line behind what was written before. Its error is flush's.
func (w *wire) line(parts ...string) {
	for _, s := range parts {
		w.queued += int64(len(s))
		_, _ = w.w.WriteString(s)
	}
	w.queued += int64(len(crlf))
	_, _ = w.w.Write(crlf)
}

func (w *wire) flush() error { return w.w.Flush() }

// bind cuts the wire when ctx ends before release is called.
func (w *wire) bind(ctx context.Context) (release func() bool) {
	return context.AfterFunc(ctx, func() { w.cut(ClassCanceled, context.Cause(ctx)) })
}

// cut closes the connection at once, without a word to the server. The first
// reason is remembered and explains the errors that follow.
func (w *wire) cut(class Class, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sever(class, err)
}

// sever is cut for who holds mu.
func (w *wire) sever(class Class, err error) {
	if w.reason == nil {
		w.reason = &cutError{class, err}
		_ = w.raw.Close()
	}
}

// close ends the wire; unless it was cut, conn may still say farewell. Nothing
// may be asked for any more.
func (w *wire) close() error {
	w.mu.Lock()
	cut, over := w.reason != nil, w.over
	w.over = true
	if !cut {
		w.reason = &cutError{ClassLocal, net.ErrClosed}
	}
	w.mu.Unlock()
	if !over {
		close(w.asks)
	}
	if cut {
		return nil
	}
	return w.conn.Close()
}

// explain turns the error of an operation on the connection into its cause.
func (w *wire) explain(err error) error {
	if err == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.reason != nil:
		return w.reason
	case errors.Is(err, io.EOF):
		return errors.New("the server closed the connection")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the server closed the connection in the middle of a reply")
	}
	return err
}
