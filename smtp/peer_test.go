package smtp

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sendoff/smtp/sasl"
)

// peer is a server that follows a script, one step a line:
//
//	S: text     sends a line
//	S< "text"   sends a Go string as it is
//	C: text     wants exactly this line from the client
//	C~ text     wants a line that begins so
//	TLS         does the server's part of a handshake
//	close, rst  ends the connection, politely or not
//
// Steps of the same side in a row are one flight. After the last step the
// client must hang up without another octet.
type peer struct {
	t    *testing.T
	tls  *tls.Config
	conn net.Conn
	r    *bufio.Reader
}

// patience is how long a peer waits for a client that should speak.
const patience = 20 * time.Second

// serve runs script for the first connection and returns options to reach it.
func serve(t *testing.T, script string) Options {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		p := &peer{t: t, tls: serverTLS(), conn: conn}
		p.r = bufio.NewReader(conn)
		_ = conn.SetDeadline(time.Now().Add(patience))
		p.follow(script)
		_ = p.conn.Close()
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	addr := listener.Addr().(*net.TCPAddr)
	return Options{
		Host: "127.0.0.1", Port: addr.Port, Security: NoTLS,
		TLS: &tls.Config{RootCAs: authority().pool},
	}
}

func (p *peer) follow(script string) {
	for step := range strings.Lines(script) {
		step = strings.Trim(step, "\t\r\n")
		verb, text, _ := strings.Cut(step, " ")
		var err error
		switch verb {
		case "", "#":
		case "S:":
			_, err = io.WriteString(p.conn, text+"\r\n")
		case "S<":
			if text, err = strconv.Unquote(text); err == nil {
				_, err = io.WriteString(p.conn, text)
			}
		case "C:":
			var line string
			line, err = p.r.ReadString('\n')
			if err == nil && line != text+"\r\n" {
				p.t.Errorf("the client sent %q, not %q", line, text)
				return
			}
		case "C~":
			var line string
			line, err = p.r.ReadString('\n')
			if err == nil && !strings.HasPrefix(line, text) {
				p.t.Errorf("the client sent %q, not %q...", line, text)
				return
			}
		case "TLS":
			conn := tls.Server(p.conn, p.tls)
			err = conn.Handshake()
			p.conn, p.r = conn, bufio.NewReader(conn)
		case "close":
			return
		case "rst":
			_ = p.conn.(*net.TCPConn).SetLinger(0)
			return
		default:
			err = errors.New("no such step")
		}
		if err != nil {
			p.t.Errorf("%s: %v", step, err)
			return
		}
	}
	rest, _ := io.ReadAll(p.r)
	if len(rest) > 0 {
		p.t.Errorf("after the script the client sent %q", rest)
	}
}

// ca is a certificate authority for one run of the tests.
type ca struct {
	pool *x509.CertPool
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

var authority = sync.OnceValue(func() ca {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return ca{pool, cert, key}
})

// issue makes a certificate for the loopback address, changed by edit.
func issue(edit func(*x509.Certificate)) tls.Certificate {
	a := authority()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "127.0.0.1"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	if edit != nil {
		edit(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

var serverTLS = sync.OnceValue(func() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{issue(nil)}}
})

// mails is a Source that remembers.
type mails struct {
	next      []*Mail
	commits   []string
	leaving   [][]string   // whom each of them was for
	committed func() error // what Commit returns; nil for success
	parts     [][]Outcome
	done      map[string]Result
	order     []string
}

func (m *mails) Next(context.Context) (*Mail, error) {
	if len(m.next) == 0 {
		return nil, io.EOF
	}
	mail := m.next[0]
	m.next = m.next[1:]
	return mail, nil
}

func (m *mails) Commit(_ context.Context, mails ...*Mail) error {
	for _, mail := range mails {
		m.commits = append(m.commits, mail.ID)
		m.leaving = append(m.leaving, mail.To)
	}
	if m.committed != nil {
		return m.committed()
	}
	return nil
}

func (m *mails) Part(_ *Mail, outcomes []Outcome) { m.parts = append(m.parts, outcomes) }

func (m *mails) Done(mail *Mail, r Result) {
	if m.done == nil {
		m.done = map[string]Result{}
	}
	m.done[mail.ID] = r
	m.order = append(m.order, mail.ID)
}

// letter returns a mail from me@x.example with the body given.
func letter(id, body string, to ...string) *Mail {
	return &Mail{
		ID: id, From: "me@x.example", To: to, Size: int64(len(body)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil },
	}
}

// send opens a session, delivers and closes it.
func send(ctx context.Context, opts Options, src Source) error {
	s, err := Open(ctx, opts)
	if err != nil {
		return err
	}
	err = s.Deliver(ctx, src)
	return errors.Join(err, s.Close())
}

// sendOne delivers one mail and returns its result.
func sendOne(t *testing.T, opts Options, mail *Mail) Result {
	t.Helper()
	src := &mails{next: []*Mail{mail}}
	_ = send(t.Context(), opts, src)
	r, ok := src.done[mail.ID]
	if !ok {
		t.Fatal("the mail is not done")
	}
	return r
}

var bob = &sasl.Login{User: "bob", Password: "sesame17"}

// failure returns the *Error in err, or fails.
func failure(t *testing.T, err error) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got error %v, want an *Error", err)
	}
	return e
}

// kind is what tells failures apart.
type kind struct {
	Stage Stage
	Class Class
	Scope Scope
	Retry Retry
}

func kindOf(e *Error) kind {
	if e == nil {
		return kind{}
	}
	return kind{e.Stage, e.Class, e.Scope, e.Retry}
}

func newReader(r io.Reader) *bufio.Reader { return bufio.NewReader(r) }

// say sends a line, whether or not anybody listens.
func (p *peer) say(line string) { _, _ = io.WriteString(p.conn, line+"\r\n") }

// acceptAll is a server with some extensions that takes whatever comes.
func acceptAll(conn net.Conn, extensions ...string) {
	defer conn.Close()
	r := bufio.NewReaderSize(conn, 64<<10)
	say := func(line string) { _, _ = io.WriteString(conn, line+"\r\n") }
	say("220 mx")
	content := false
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
		switch {
		case content:
			if string(line) == ".\r\n" {
				content = false
				say("250 ok")
			}
		case verb == "EHLO":
			say("250-mx")
			for _, x := range extensions {
				say("250-" + x)
			}
			say("250 SIZE")
		case verb == "DATA":
			content = true
			say("354 go on")
		case verb == "BDAT":
			size, _, _ := strings.Cut(rest, " ")
			n, _ := strconv.ParseInt(size, 10, 64)
			_, _ = io.CopyN(io.Discard, r, n)
			say("250 ok")
		case verb == "QUIT":
			return
		default:
			say("250 ok")
		}
	}
}

// limited cuts content at size octets.
func limited(open func() (io.ReadCloser, error), size int64) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		body, err := open()
		return io.NopCloser(io.LimitReader(body, size)), err
	}
}
