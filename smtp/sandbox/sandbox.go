// Package sandbox is a submission server (RFC 6409) in this process: the
// server of the demonstration, and the peer that tests trust because it shares
// no code with the client.
//
// It listens on loopback only, makes a certificate authority of its own at each
// start, and holds every client strictly to the letter. Recipients with certain
// local parts meet trouble on purpose, as [Specials] lists; [Options.Faults]
// makes trouble at any step of a session.
//
// It speaks RFC 5321 with PIPELINING (2920), SIZE (1870), 8BITMIME (6152),
// SMTPUTF8 (6531), ENHANCEDSTATUSCODES (2034), STARTTLS (3207), AUTH (4954),
// CHUNKING (3030), DSN (3461), LIMITS (9422), FUTURERELEASE (4865), DELIVERBY
// (2852), MT-PRIORITY (6710), REQUIRETLS (8689) and VRFY. What clients ask for by
// the last four and by DSN is recorded, and nothing comes of it. The logins are
// SCRAM-SHA-256 and -SHA-1, with and without channel binding (5802, 7677, 9266),
// EXTERNAL (4422), OAUTHBEARER (7628), XOAUTH2, CRAM-MD5 (2195), DIGEST-MD5
// (2831), PLAIN (4616) and LOGIN.
package sandbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"
)

// Options says how the server behaves. The zero value is a friendly server on
// free ports of loopback that offers everything. Every function in it is called
// from many goroutines at once.
type Options struct {
	Listen    string // STARTTLS and clear text; empty for 127.0.0.1:0
	TLSListen string // implicit TLS; empty for 127.0.0.1:0

	// User is who may log in, and must before MAIL. When it is empty, anybody
	// may, with any password, and nobody has to. CRAM-MD5, DIGEST-MD5 and SCRAM
	// are offered only with a User and a Password.
	User     string
	Password string

	// Token is what XOAUTH2 and OAUTHBEARER must show; empty to offer neither.
	Token string

	// Mechanisms are the SASL mechanisms to offer; nil for all that the other
	// options allow.
	Mechanisms []string

	// ClearAuth offers AUTH without TLS too, as careless servers do.
	ClearAuth bool

	// Without names EHLO keywords, of Extensions, that are neither offered nor
	// understood.
	Without []string

	// MaxSize is the greatest message in octets, which SIZE tells; 0 for 64 MiB.
	MaxSize int64

	// MaxRecipients is how many recipients a mail may have; 0 for 1000.
	MaxRecipients int

	// MaxMails is how many mails a session may send, and MaxDomains to how many
	// domains each may go; 0 for any number.
	MaxMails   int
	MaxDomains int

	// Keep is how many octets of mail Mails may hold; the oldest go first.
	// 0 stands for 256 MiB; a negative number for nothing at all.
	Keep int64

	// HashOnly keeps the size and the SHA-256 of each mail but not its content.
	HashOnly bool

	// Maildir is a folder to put each mail in, in the Maildir format; it is
	// made if need be. Empty for none.
	Maildir string

	// Slow is how long each answer takes once slow@ is a recipient; 0 for 3 s.
	Slow time.Duration

	// Latency is how long the server is silent before it answers. Input that
	// arrives in the meantime is read first, as on a line with that round trip.
	Latency time.Duration

	// Challenge may change a challenge of an AUTH dialogue before it is sent; n
	// counts the challenges of the dialogue from 1.
	Challenge func(mechanism string, n int, challenge string) string

	// Faults makes trouble at a phase of a session; n is how often this session
	// came to it, from 1.
	Faults func(phase Phase, n int) Fault

	// Certificate may change the server's certificate before it is signed, and
	// TLS the server's configuration, to show a client something unpleasant.
	Certificate func(*x509.Certificate)
	TLS         func(*tls.Config)

	// Received hears of each mail when it was accepted, before the client does.
	Received func(Mail)

	// Ended hears of each session when it is over.
	Ended func(Session)
}

// Mail is a message that the server took. It must not be changed.
type Mail struct {
	ID         string // the queue id that the client was told
	From       string // empty for the null reverse-path
	Recipients []string
	Data       []byte // CRLF line ends, dots unstuffed; nil with Options.HashOnly
	Size       int64
	SHA256     [32]byte // only with Options.HashOnly
	TLS        bool
	User       string

	// Params are the parameters of MAIL, and RecipientParams those of the RCPT
	// at the same place in Recipients.
	Params          Params
	RecipientParams []Params
}

// Params are ESMTP parameters by their keyword in capitals. One without a value
// has an empty string.
type Params map[string]string

// The limits of a server whose Options don't say otherwise.
const (
	defaultMaxSize       = 64 << 20
	defaultMaxRecipients = 1000
	defaultKeep          = 256 << 20
	defaultSlow          = 3 * time.Second
)

// maxSessions is how many clients may be connected at the same time; more are
// turned away without a word.
const maxSessions = 256

// Server is a running server.
type Server struct {
	opts      Options
	authority *authority
	tlsConfig *tls.Config
	plain     net.Listener
	implicit  net.Listener
	maildir   *maildir
	mails     mailStore
	seen      greylist

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu       sync.Mutex
	sessions map[net.Conn]struct{}
}

// Start starts a server; Close stops it. It refuses to listen on anything but
// loopback.
func Start(opts Options) (*Server, error) {
	opts.MaxSize = orDefault(opts.MaxSize, defaultMaxSize)
	opts.MaxRecipients = orDefault(opts.MaxRecipients, defaultMaxRecipients)
	opts.Keep = orDefault(opts.Keep, defaultKeep)
	opts.Slow = orDefault(opts.Slow, defaultSlow)

	s := &Server{opts: opts, sessions: make(map[net.Conn]struct{})}
	s.mails.limit = opts.Keep
	var err error
	if s.authority, err = newAuthority(); err != nil {
		return nil, err
	}
	if s.tlsConfig, err = s.authority.serverConfig(opts.Certificate); err != nil {
		return nil, err
	}
	if opts.TLS != nil {
		opts.TLS(s.tlsConfig)
	}
	if opts.Maildir != "" {
		if s.maildir, err = openMaildir(opts.Maildir); err != nil {
			return nil, err
		}
	}
	if s.plain, err = listen(opts.Listen); err != nil {
		return nil, err
	}
	if s.implicit, err = listen(opts.TLSListen); err != nil {
		return nil, errors.Join(err, s.plain.Close())
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.wg.Go(func() { s.serve(s.plain, false) })
	s.wg.Go(func() { s.serve(s.implicit, true) })
	return s, nil
}

func orDefault[T int | int64 | time.Duration](v, other T) T {
	if v == 0 {
		return other
	}
	return v
}

func listen(address string) (net.Listener, error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("listen on %q: not a loopback address", address)
	}
	return net.Listen("tcp", net.JoinHostPort(host, port))
}

// serve takes connections until Close. Nothing but Close makes Accept fail for
// good, so after any other error it goes on.
func (s *Server) serve(l net.Listener, implicit bool) {
	for {
		conn, err := l.Accept()
		if err == nil {
			s.start(conn, implicit)
			continue
		}
		if errors.Is(err, net.ErrClosed) || !pause(s.ctx, 10*time.Millisecond) {
			return
		}
	}
}

func (s *Server) start(conn net.Conn, implicit bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil || len(s.sessions) >= maxSessions {
		// There is nobody to tell when this fails: the client is turned away.
		_ = conn.Close()
		return
	}
	s.sessions[conn] = struct{}{}
	s.wg.Go(func() {
		newSession(s, conn).serve(implicit)
		s.mu.Lock()
		delete(s.sessions, conn)
		s.mu.Unlock()
	})
}

// pause waits, and tells whether ctx let it.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Addr is where the server listens for clear text and STARTTLS, as host:port.
func (s *Server) Addr() string { return s.plain.Addr().String() }

// TLSAddr is where the server speaks TLS from the first octet, as host:port.
func (s *Server) TLSAddr() string { return s.implicit.Addr().String() }

// Roots holds the certificate authority made for this server.
func (s *Server) Roots() *x509.CertPool { return s.authority.pool() }

// CertificatePEM is that authority's certificate, to be written to a file.
func (s *Server) CertificatePEM() []byte { return slices.Clone(s.authority.pem) }

// ClientCertificate makes a certificate with which a client may log in as name
// by EXTERNAL.
func (s *Server) ClientCertificate(name string) (tls.Certificate, error) {
	template := newTemplate(name)
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	return s.authority.issue(template)
}

// Mails returns what was accepted, oldest first, as far as Options.Keep allows.
func (s *Server) Mails() []Mail { return s.mails.list() }

// Close stops listening, cuts every connection and waits for all to end.
func (s *Server) Close() error {
	s.cancel()
	err := errors.Join(ignoreClosed(s.plain.Close()), ignoreClosed(s.implicit.Close()))
	s.mu.Lock()
	for conn := range s.sessions {
		// The session sees the error and ends; there is nothing to add to it.
		_ = conn.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
	return err
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
