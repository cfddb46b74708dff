package sandbox

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"time"
)

const (
	// maxLine is the longest line understood, CRLF included: that of AUTH
	// (RFC 4954 section 4.5.3.1); maxCommand is for the other commands, with
	// room for all parameters.
	maxLine    = 12288
	maxCommand = 2048

	// maxSkipped is how much of an overlong line is read to find its end.
	maxSkipped = 1 << 20

	idleTimeout      = 5 * time.Minute
	handshakeTimeout = 30 * time.Second

	// earlyGrace is how long a greeting waits for a client that talks first.
	earlyGrace = time.Millisecond

	// idleGrace is how long a client must be silent to be called idle.
	idleGrace = 20 * time.Millisecond

	// lingerTimeout is how long a client may take to see the end of a
	// connection that the server closes.
	lingerTimeout = time.Second
)

var (
	errLineTooLong = errors.New("line too long")
	errBareLF      = errors.New("line that ends in a bare LF")
)

// link is the connection of a session, before and after STARTTLS. Replies are
// collected and flushed only when there is nothing left to read, so that a
// client that pipelines gets them in one piece.
type link struct {
	raw     net.Conn
	conn    net.Conn // raw, or TLS on top of it
	r       *bufio.Reader
	w       *bufio.Writer
	latency time.Duration

	patience time.Duration // how long a read may take
	border   bool          // the next read begins a command or content
	ripe     bool          // the next flush has waited for latency already
	split    bool          // the next write is made octet by octet
	waits    int           // answers were out, and the client had not sent more
}

func newLink(conn net.Conn, latency time.Duration) *link {
	l := &link{raw: conn, latency: latency, patience: idleTimeout}
	l.use(conn)
	return l
}

func (l *link) use(conn net.Conn) {
	l.conn = conn
	l.r = bufio.NewReaderSize((*linkReader)(l), 64<<10)
	l.w = bufio.NewWriterSize((*linkWriter)(l), 4<<10)
}

// linkReader reads from the network, and sends off what was answered before it
// waits there.
type linkReader link

func (lr *linkReader) Read(p []byte) (int, error) {
	l := (*link)(lr)
	if l.w.Buffered() > 0 {
		if l.latency > 0 && !l.ripe {
			n, err := l.receive(p, l.latency)
			if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
				return n, err
			}
		}
		l.ripe = false
		if l.border {
			l.waits++
		}
		if err := l.w.Flush(); err != nil {
			return 0, err
		}
	}
	return l.receive(p, l.patience)
}

// linkWriter writes to the network, and not for ever to a client that does not
// read.
type linkWriter link

func (lw *linkWriter) Write(p []byte) (int, error) {
	if err := lw.conn.SetWriteDeadline(time.Now().Add(idleTimeout)); err != nil {
		return 0, err
	}
	if !lw.split {
		return lw.conn.Write(p)
	}
	lw.split = false
	for i := range p {
		if n, err := lw.conn.Write(p[i : i+1]); err != nil {
			return i + n, err
		}
	}
	return len(p), nil
}

func (l *link) receive(p []byte, patience time.Duration) (int, error) {
	if err := l.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	n, err := l.conn.Read(p)
	if n > 0 {
		l.border = false
	}
	return n, err
}

// quiet tells whether the client sends nothing for a while.
func (l *link) quiet(d time.Duration) (bool, error) {
	l.border = l.r.Buffered() == 0
	l.patience = d
	_, err := l.r.Peek(1)
	l.patience = idleTimeout
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return true, nil
	}
	return false, err
}

// readLine returns a line without its CRLF; it is valid until the next read.
// After errLineTooLong and errBareLF the whole line was read.
func (l *link) readLine() ([]byte, error) {
	l.border = l.r.Buffered() == 0
	line, err := l.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return nil, l.skipLine()
	}
	if err != nil {
		return nil, err
	}
	if len(line) > maxLine {
		return nil, errLineTooLong
	}
	if len(line) < 2 || line[len(line)-2] != '\r' {
		return line[:len(line)-1], errBareLF
	}
	return line[:len(line)-2], nil
}

func (l *link) skipLine() error {
	for skipped := 0; skipped < maxSkipped; {
		part, err := l.r.ReadSlice('\n')
		if err == nil {
			return errLineTooLong
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		skipped += len(part)
	}
	return errors.New("line without end")
}

// startTLS sends what was answered and begins TLS. Whoever calls it has made
// sure that nothing read before it is used after it.
func (l *link) startTLS(ctx context.Context, config *tls.Config) error {
	if l.w.Buffered() > 0 {
		l.waits++
		if l.latency > 0 && !pause(ctx, l.latency) {
			return ctx.Err()
		}
		if err := l.w.Flush(); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	if err := l.raw.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	conn := tls.Server(l.raw, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		return err
	}
	l.use(conn)
	return nil
}

// state is what is known of TLS; nil without it.
func (l *link) state() *tls.ConnectionState {
	conn, ok := l.conn.(*tls.Conn)
	if !ok {
		return nil
	}
	state := conn.ConnectionState()
	return &state
}

// hangUp ends the connection. Where the client may still be sending, it has to
// linger: a close with input unread is a reset, which takes replies with it.
func (l *link) hangUp(linger bool) error {
	if err := l.w.Flush(); err != nil {
		return errors.Join(err, l.raw.Close())
	}
	half, ok := l.conn.(interface{ CloseWrite() error })
	if !linger || !ok || half.CloseWrite() != nil {
		return l.conn.Close()
	}
	if err := l.raw.SetReadDeadline(time.Now().Add(lingerTimeout)); err == nil {
		// Whatever ends this, the connection is closed next.
		_, _ = io.Copy(io.Discard, l.raw)
	}
	return l.raw.Close()
}
