package smtp

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sendoff/smtp/sandbox"
)

// The tests called TestSecurity are about mistakes that clients made before, one
// for each kind, in the order of the notes of this project. This file has those
// about the encryption of the link.

// TestSecurity01_StartTLSInjection has octets follow the reply that begins the
// encryption, in the same segment or in one of their own (CVE-2020-14954,
// CVE-2020-15953, CVE-2021-22947): the session ends, and they were not heard.
func TestSecurity01_StartTLSInjection(t *testing.T) {
	t.Parallel()
	for name, injected := range map[string]string{
		"whole lines":        "250-mx\r\n250 AUTH PLAIN\r\n",
		"a line and a half":  "250-mx\r\n250 AUTH PL",
		"half a line":        "250-AUTH PLAIN",
		"one octet":          "\x16",
		"a handshake record": "\x16\x03\x03\x00\x04\x02\x00\x00\x00",
	} {
		for _, later := range []bool{false, true} {
			if later {
				name += ", later"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				injectAtStartTLS(t, injected, later)
			})
		}
	}
}

// injectAtStartTLS sends octets behind the reply to STARTTLS; later than the
// first of the handshake, if so wanted.
func injectAtStartTLS(t *testing.T, injected string, later bool) {
	client, server := pair(t)
	var heard strings.Builder
	opts := Options{
		Host: "mx", Security: StartTLS, Login: bob, Timeouts: &shortTimeouts,
		Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil },
		Trace: func(e Event) {
			if e.FromServer || e.Capabilities != nil {
				heard.WriteString(e.Text + "\n")
			}
		},
	}
	followed := make(chan []byte)
	go func() {
		p := &peer{t: t, conn: server, r: newReader(server)}
		p.say("220 mx")
		_, _ = p.r.ReadString('\n')
		p.say("250-mx\r\n250 STARTTLS")
		_, _ = p.r.ReadString('\n')
		if later {
			p.say("220 go on")
			_, _ = p.r.Peek(1)
			_, _ = io.WriteString(server, injected)
		} else {
			_, _ = io.WriteString(server, "220 go on\r\n"+injected)
		}
		_ = server.(*net.TCPConn).CloseWrite()
		rest, _ := io.ReadAll(p.r)
		followed <- rest
	}()
	_, err := Open(t.Context(), opts)
	e := failure(t, err)
	rest := <-followed
	if strings.Contains(heard.String(), "PLAIN") {
		t.Errorf("the injected octets were heard: %q", heard.String())
	}
	if strings.Contains(string(rest), "AUTH") || strings.Contains(string(rest), "EHLO") {
		t.Errorf("the client talks on in clear text: %q", rest)
	}
	switch want := (kind{StageTLS, ClassTLS, ScopeServer, RetryNo}); {
	case e.Stage != StageTLS:
		t.Errorf("got %+v", e)
	case !later && (kindOf(e) != want || len(rest) > 0):
		t.Errorf("got %+v, want %+v; the client sent %q", kindOf(e), want, rest)
	}
}

// TestSecurity02_Downgrade sees that no way to spoil STARTTLS leads to a login,
// or to a mail, in clear text (CVE-2021-38502): the peer fails if any octet
// comes after its script.
func TestSecurity02_Downgrade(t *testing.T) {
	t.Parallel()
	const offered = `
		S: 220 mx
		C: EHLO [127.0.0.1]
		S: 250-mx
		S: 250-AUTH PLAIN
		S: 250 STARTTLS
		C: STARTTLS
`
	for name, script := range map[string]string{
		"absent":     "S: 220 mx\nC: EHLO [127.0.0.1]\nS: 250-mx\nS: 250 AUTH PLAIN",
		"look-alike": "S: 220 mx\nC: EHLO [127.0.0.1]\nS: 250-mx STARTTLS\nS: 250-XSTARTTLS\nS: 250 AUTH PLAIN",
		"454":        offered + "S: 454 not now",
		"500":        offered + "S: 500 what?",
		"421":        offered + "S: 421 busy",
		"334":        offered + "S: 334 ",
		"garbage":    offered + "S: what?",
		"EHLO 502":   "S: 220 mx\nC: EHLO [127.0.0.1]\nS: 502 what?",
		"closed":     offered + "close",
		"EOF in it":  offered + "S: 220 go on\nclose",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := serve(t, script)
			opts.Security, opts.Login = StartTLS, bob
			s, err := Open(t.Context(), opts)
			if err == nil {
				_ = s.Close()
			}
			if e := failure(t, err); e.Stage == StageAuth || e.Stage == StageMail {
				t.Errorf("it came to %s", e.Stage)
			}
		})
	}
}

// TestSecurity03_CapabilitiesAcrossTLS offers before the encryption what must
// not count after.
func TestSecurity03_CapabilitiesAcrossTLS(t *testing.T) {
	t.Parallel()
	opts := serve(t, `
		S: 220 mx
		C: EHLO [127.0.0.1]
		S: 250-mx
		S: 250-PIPELINING
		S: 250-SIZE 1
		S: 250-AUTH LOGIN
		S: 250 starttls
		C: STARTTLS
		S: 220 go on
		TLS
		C: EHLO [127.0.0.1]
		S: 250-mx
		S: 250 AUTH PLAIN
		C: AUTH PLAIN AGJvYgBzZXNhbWUxNw==
		S: 235 welcome
		C: MAIL FROM:<me@x.example>
		S: 250 ok
		C: RCPT TO:<a@x.example>
		S: 250 ok
		C: DATA
		S: 354 go on
		C: hello
		C: .
		S: 250 ok
		C: QUIT
`)
	opts.Security, opts.Login = StartTLS, bob
	if r := sendOne(t, opts, letter("1", "hello\r\n", "a@x.example")); r.Err != nil {
		t.Error(r.Err)
	}
}

// TestSecurity04_Certificate shows certificates that are not to be trusted
// (CVE-2026-46428).
func TestSecurity04_Certificate(t *testing.T) {
	t.Parallel()
	account := kind{StageTLS, ClassTLS, ScopeAccount, RetryNo}
	for name, test := range map[string]struct {
		edit   func(*x509.Certificate)
		client func(*tls.Config)
		server func(*tls.Config)
		want   kind
	}{
		"right":      {want: kind{}},
		"other host": {edit: func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 2)} }, want: account},
		"expired":    {edit: func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }, want: account},
		"unknown CA": {client: func(c *tls.Config) { c.RootCAs = x509.NewCertPool() }, want: account},
		"a ServerName of the caller": {
			client: func(c *tls.Config) { c.ServerName = "other.example" }, want: kind{},
		},
		"not yet":     {edit: func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) }, want: account},
		"for clients": {edit: func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }, want: account},
		"name of old": {edit: func(c *x509.Certificate) { c.IPAddresses = nil }, want: account}, // in the subject alone
		"self-signed": {server: func(c *tls.Config) { c.Certificates = []tls.Certificate{selfSigned()} }, want: account},
		"TLS 1.1": {
			client: func(c *tls.Config) { c.MinVersion = tls.VersionTLS10 },
			server: func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 },
			want:   kind{StageTLS, ClassTLS, ScopeServer, RetrySafe},
		},
	} {
		for _, security := range []Security{Implicit, StartTLS} {
			t.Run(name+" "+string(security), func(t *testing.T) {
				t.Parallel()
				listener, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				defer listener.Close()
				config := &tls.Config{Certificates: []tls.Certificate{issue(test.edit)}}
				if test.server != nil {
					test.server(config)
				}
				go func() {
					conn, err := listener.Accept()
					if err != nil {
						return
					}
					defer conn.Close()
					p := &peer{t: t, conn: conn, r: newReader(conn)}
					if security == StartTLS {
						p.say("220 mx")
						_, _ = p.r.ReadString('\n')
						p.say("250-mx\r\n250 STARTTLS")
						_, _ = p.r.ReadString('\n')
						p.say("220 go on")
					}
					secure := tls.Server(conn, config)
					if secure.Handshake() != nil {
						return
					}
					p.conn, p.r = secure, newReader(secure)
					if security == Implicit {
						p.say("220 mx")
					}
					_, _ = p.r.ReadString('\n')
					p.say("250 mx")
					_, _ = io.Copy(io.Discard, p.r)
				}()
				opts := Options{
					Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, Security: security,
					TLS: &tls.Config{RootCAs: authority().pool},
				}
				if test.client != nil {
					test.client(opts.TLS)
				}
				s, err := Open(t.Context(), opts)
				if err == nil {
					_ = s.Close()
				}
				var e *Error
				errors.As(err, &e)
				if got := kindOf(e); got != test.want {
					t.Errorf("got %+v, want %+v (%v)", got, test.want, err)
				}
			})
		}
	}
}

// selfSigned makes a certificate that nobody but itself vouches for.
func selfSigned() tls.Certificate {
	cert := issue(nil)
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		panic(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, cert.PrivateKey.(crypto.Signer).Public(), cert.PrivateKey)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: cert.PrivateKey}
}

// TestSecurity04_ResumedSession takes up a TLS session, and sees that what
// would not be trusted anew is not trusted because of that either.
func TestSecurity04_ResumedSession(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*Options)
		want   kind
	}{
		"as before": {func(*Options) {}, kind{}},
		"unknown CA": {
			func(o *Options) { o.TLS.RootCAs = x509.NewCertPool() }, kind{StageTLS, ClassTLS, ScopeAccount, RetryNo},
		},
		"other host": {
			func(o *Options) { o.Host = "localhost" }, kind{StageTLS, ClassTLS, ScopeAccount, RetryNo},
		},
		"expired": {
			func(o *Options) { o.TLS.Time = func() time.Time { return time.Now().Add(48 * time.Hour) } },
			kind{StageTLS, ClassTLS, ScopeAccount, RetryNo},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var resumed atomic.Bool
			server := watch(t, sandbox.Options{
				Certificate: func(c *x509.Certificate) { c.DNSNames, c.NotAfter = nil, time.Now().Add(24*time.Hour) },
				TLS: func(c *tls.Config) {
					c.VerifyConnection = func(state tls.ConnectionState) error {
						resumed.Store(state.DidResume)
						return nil
					}
				},
			})
			opts := server.reach(Implicit)
			opts.TLS.ClientSessionCache = oneSession{tls.NewLRUClientSessionCache(1)}
			if err := send(t.Context(), opts, &mails{}); err != nil {
				t.Fatal(err)
			}
			test.change(&opts)
			err := send(t.Context(), opts, &mails{})
			var e *Error
			errors.As(err, &e)
			if got := kindOf(e); got != test.want {
				t.Errorf("got %+v, want %+v (%v)", got, test.want, err)
			}
			if test.want == (kind{}) && !resumed.Load() {
				t.Error("the session was not taken up")
			}
		})
	}
}

// oneSession is a cache that gives the same session for every host.
type oneSession struct{ tls.ClientSessionCache }

func (o oneSession) Get(string) (*tls.ClientSessionState, bool)  { return o.ClientSessionCache.Get("") }
func (o oneSession) Put(_ string, state *tls.ClientSessionState) { o.ClientSessionCache.Put("", state) }
