// Package smtp is a client for message submission (RFC 6409): it takes
// finished mails to a submission server and tells, step by step, what happens.
package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"

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
	Port     int
	Security Security

	// TLS holds root certificates and the like; nil for the system's.
	TLS *tls.Config

	// LocalName is what EHLO says; empty for the address literal of the
	// connection, which tells a server nothing it does not know.
	LocalName string

	// Login is what to authenticate with; nil for no AUTH.
	Login *sasl.Login

	// Dial replaces the dialer, for proxies and tests.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// Timeouts replaces the waiting times of RFC 5321; nil for those.
	Timeouts *Timeouts

	// Trace hears every event, in order, from one goroutine at a time.
	Trace func(Event)
}

// Session is an authenticated connection to a submission server. Its methods
// must not be called at the same time.
type Session struct{}

// Open connects, encrypts, says hello and logs in. Its error is an *Error.
func Open(ctx context.Context, opts Options) (*Session, error) {
	return nil, errors.New("smtp: to be written")
}

// Capabilities returns what the server offers.
func (s *Session) Capabilities() Capabilities { return Capabilities{} }

// Deliver submits the mails of src until it has no more, ctx ends or the
// session breaks. The outcome of every mail goes to src.Done; the error is an
// *Error when the session can't be used any longer.
func (s *Session) Deliver(ctx context.Context, src Source) error { return nil }

// Close says QUIT without waiting for the answer, and closes the connection.
func (s *Session) Close() error { return nil }
