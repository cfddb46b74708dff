// Package smtp is a client for message submission (RFC 6409): it takes
// finished mails to a submission server and tells, step by step, what happens.
//
// A Session goes through these states; any error that leaves both sides with a
// different idea of where they are breaks it for good:
//
//	Open ─▶ connected ─▶ greeted ─▶ encrypted ─▶ introduced ─▶ authenticated
//	                                                               │    ▲
//	                                             MAIL RCPT… DATA   ▼    │ 2yz 4yz 5yz
//	                                                          transaction ─▶ broken
//
// It follows RFC 5321 (SMTP), 8314 (implicit TLS), 3207 (STARTTLS), 4954
// (AUTH), 2920 (PIPELINING), 3030 (CHUNKING), 1870 (SIZE), 6152 (8BITMIME),
// 6531 (SMTPUTF8), 3461 (DSN), 9422 (LIMITS), 4865 (FUTURERELEASE), 2852
// (DELIVERBY), 6710 (MT-PRIORITY), 8689 (REQUIRETLS) and 2034 (enhanced codes).
// It does not compose messages, keep them, or decide when to try again.
package smtp

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"

	"sendoff/smtp/sasl"
)

// Security says how a session is protected.
type Security string

// The zero value of a Security is Implicit: nothing readable leaves.
const (
	Implicit Security = "implicit" // TLS from the first octet (RFC 8314 section 3.3)
	StartTLS Security = "starttls" // STARTTLS, required (RFC 3207)
	NoTLS    Security = "none"     // clear text; only where the person wrote so
)

// Options says how to reach a server. The zero value of every field is safe.
type Options struct {
	Host     string // name or address of the server; checked against its certificate
	Port     int    // 0 for 465 with Implicit, 587 without
	Security Security

	// TLS holds root certificates and the like; nil for the system's. Its
	// ServerName is replaced by Host, and TLS 1.2 is the least it can ask for.
	TLS *tls.Config

	// LocalName is what EHLO says; empty for the address literal of the
	// connection, which tells a server nothing it does not know.
	LocalName string

	// Hidden keeps the address of this side from the server, which sees another
	// one: that of a proxy. [127.0.0.1] stands for it in EHLO.
	Hidden bool

	// Login is what to authenticate with; nil for no AUTH.
	Login *sasl.Login

	// Dial replaces the dialer, for proxies and tests.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// Window is how many mails may be past their Commit without an answer: a
	// broken link leaves as many uncertain. 1 is one at a time, with the next
	// one's beginning on its way behind it; 0 is one while fewer than 16 mails
	// wait and up to 16 in one flight when more do. More than one in flight needs
	// PIPELINING and CHUNKING; without, 0 commits up to 16 small mails together
	// and then sends them one by one, so that the end of this program, and not
	// of the link, leaves as many uncertain.
	Window int

	// Timeouts replaces the waiting times of RFC 5321; nil for those.
	Timeouts *Timeouts

	// Trace hears every event, in order, from one goroutine at a time.
	Trace func(Event)
}

// Session is an authenticated connection to a submission server. Its methods
// must not be called at the same time.
type Session struct {
	opts     Options
	timeouts Timeouts
	wire     *wire
	tls      *tls.ConnectionState // nil in clear text
	caps     Capabilities
	redactor redactor

	pending   []*exchange // commands without a reply yet, in order
	uploading *progress   // of content that is being handed over
	stalled   time.Time   // when a stall was told of
	err       *Error      // why the session is broken; nil while it is not

	// What the set-up cost is told with the first mail.
	setup struct {
		waits   int
		elapsed time.Duration
	}

	used    bool // a transaction was begun
	begun   int  // how many were, or are about to be
	bare    bool // what nobody asked for stays out of MAIL
	direct  bool // and ORCPT out of RCPT
	dirty   bool // the server may hold an unfinished one
	served  bool // the server took a mail
	unasked bool // the server wants no response before it asked

	// Room for content on its way, made when it is needed first.
	buf   []byte
	chunk bytes.Buffer
	out   lines

	words  []string // of a command
	params []parameter
}

// Open connects, encrypts, says hello and logs in. Its error is an *Error.
func Open(ctx context.Context, opts Options) (*Session, error) {
	began := time.Now()
	s := &Session{opts: opts, timeouts: StandardTimeouts()}
	if opts.Timeouts != nil {
		s.timeouts = opts.Timeouts.orStandard()
	}
	if opts.Login != nil {
		s.redactor.add([]byte(opts.Login.Password))
		s.redactor.add([]byte(opts.Login.Token))
	}
	if err := s.open(ctx); err != nil {
		if s.wire != nil {
			s.wire.cut(ClassLocal, net.ErrClosed)
			_ = s.wire.close()
		}
		return nil, err
	}
	s.setup.elapsed = time.Since(began)
	return s, nil
}

// open returns a plain error so that a nil *Error can't become a non-nil one.
func (s *Session) open(ctx context.Context) error {
	conn, err := s.dial(ctx)
	if err != nil {
		return err
	}
	s.wire = newWire(conn, s.timeouts.Block)
	if s.opts.Trace != nil {
		s.wire.raw.watch = s.watch
	}
	defer s.wire.bind(ctx)()
	for _, step := range s.steps(ctx) {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// steps are what makes a connection a session.
func (s *Session) steps(ctx context.Context) []func() *Error {
	encrypt := func() *Error { return s.encrypt(ctx) }
	switch s.opts.Security {
	case Implicit, "":
		return []func() *Error{encrypt, s.greet, s.hello, s.authenticate}
	case StartTLS:
		return []func() *Error{s.greet, s.hello, s.startTLS, encrypt, s.hello, s.authenticate}
	case NoTLS:
		return []func() *Error{s.greet, s.hello, s.authenticate}
	}
	return []func() *Error{func() *Error {
		return local(StageTLS, errors.New("unknown security "+string(s.opts.Security)))
	}}
}

// Capabilities returns what the server offers.
func (s *Session) Capabilities() Capabilities { return s.caps.clone() }

// Spent tells that the server takes no more mails in this session (RFC 9422
// section 4.1): those that are left need another one.
func (s *Session) Spent() bool { return s.left(1) == 0 }

// left returns how many of n mails the session may still begin.
func (s *Session) left(n int) int {
	if s.caps.MaxMails == 0 {
		return n
	}
	return min(n, s.caps.MaxMails-s.begun)
}

// Close says QUIT without waiting for the answer, and closes the connection.
func (s *Session) Close() error {
	if s.err != nil {
		return nil
	}
	s.err = local(StageQuit, net.ErrClosed)
	s.err.Retry = RetrySafe
	err := s.step(Event{Stage: StageQuit}, s.timeouts.Command, func(*Event) *Error {
		s.say(StageQuit, "", "QUIT")
		if err := s.wire.flush(); err != nil {
			return broken(StageQuit, "QUIT", err)
		}
		return nil
	})
	if err != nil {
		s.wire.cut(err.Class, err)
	}
	return s.wire.close()
}
