package submit_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/outbox"
	"sendoff/smtp/sandbox"
	"sendoff/smtp/submit"
)

const password = "hunter2-horse"

var _ outbox.Sender = (*submit.Sender)(nil)

// source hands out one mail and keeps its result.
type source struct {
	to     []string
	result smtp.Result
	given  bool
	done   int
}

const content = "Subject: hello\r\n\r\n.hello\r\n"

func (s *source) Next(context.Context) (*smtp.Mail, error) {
	if s.given {
		return nil, io.EOF
	}
	s.given = true
	return &smtp.Mail{
		ID: "1", From: "alice@example.org", To: s.to, Size: int64(len(content)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil },
	}, nil
}

func (s *source) Commit(context.Context, ...*smtp.Mail) error { return nil }

func (*source) Part(*smtp.Mail, []smtp.Outcome) {}

func (s *source) Done(_ *smtp.Mail, r smtp.Result) { s.result, s.done = r, s.done+1 }

// start starts a server that wants a login, and returns an account for its
// encrypted port and a sender that knows it.
func start(t *testing.T, opts sandbox.Options) (*sandbox.Server, config.Account, *submit.Sender) {
	t.Helper()
	opts.User, opts.Password = "alice", password
	server, err := sandbox.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, server.CertificatePEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	a := config.Account{
		Name: "work", Address: "alice@example.org", Host: "127.0.0.1", Port: port(t, server.TLSAddr()),
		User: "alice", CAFile: ca,
	}
	return server, a, senderFor(a)
}

func senderFor(a config.Account) *submit.Sender {
	c := config.Config{Default: a.Name, Accounts: []config.Account{a}}
	return &submit.Sender{
		Account:  c.Account,
		Password: func(context.Context, config.Account) (secret.Secret, error) { return secret.New(password), nil },
	}
}

func port(t *testing.T, address string) int {
	t.Helper()
	_, p, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(p)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDeliver(t *testing.T) {
	t.Parallel()
	for _, security := range []string{config.TLSImplicit, config.TLSStart, config.TLSNone} {
		t.Run(security, func(t *testing.T) {
			t.Parallel()
			server, a, _ := start(t, sandbox.Options{ClearAuth: true})
			if a.TLS = security; security != config.TLSImplicit {
				a.Port = port(t, server.Addr())
			}
			if security == config.TLSNone {
				a.CAFile, a.Host = "", "localhost"
			}
			var said strings.Builder
			src := &source{to: []string{"ok@example.org", "refused@example.org"}}
			err := senderFor(a).Deliver(t.Context(), "work", src, func(e smtp.Event) { fmt.Fprintf(&said, "%+v\n", e) })
			if err != nil || src.done != 1 || src.result.Err != nil {
				t.Fatalf("%v, %d done, %+v", err, src.done, src.result)
			}
			if got := src.result.Recipients; got[0].Status != smtp.Accepted || got[1].Status != smtp.Rejected {
				t.Errorf("recipients %+v", got)
			}
			mails := server.Mails()
			if len(mails) != 1 || string(mails[0].Data) != content || mails[0].User != "alice" || mails[0].TLS != (security != config.TLSNone) {
				t.Errorf("the server has %+v", mails)
			}
			if s := said.String(); !strings.Contains(s, string(smtp.StageAccepted)) || strings.Contains(s, password) {
				t.Errorf("events: %s", s)
			}
		})
	}
}

func TestTest(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{}, 1)
	_, a, sender := start(t, sandbox.Options{MaxSize: 12345, Ended: func(sandbox.Session) { ended <- struct{}{} }})
	sender.Account = nil // the account need not be a known one
	var stages []smtp.Stage
	offered, err := sender.Test(t.Context(), a, func(e smtp.Event) {
		if e.Kind == smtp.KindEnd {
			stages = append(stages, e.Stage)
		}
	})
	if err != nil || offered.Size != 12345 {
		t.Fatalf("got %+v, %v", offered, err)
	}
	want := []smtp.Stage{smtp.StageConnect, smtp.StageTLS, smtp.StageGreeting, smtp.StageHello, smtp.StageAuth, smtp.StageQuit}
	if fmt.Sprint(stages) != fmt.Sprint(want) {
		t.Errorf("stages %v", stages)
	}
	<-ended
}

// TestMechanisms asserts that the configuration takes no mechanism that the
// engine does not know.
func TestMechanisms(t *testing.T) {
	t.Parallel()
	server, a, sender := start(t, sandbox.Options{Token: password})
	for _, name := range config.Mechanisms() {
		a := a
		if a.Auth = name; !a.TakesPassword() {
			a.User = ""
			showing(t, server, &a, "alice")
		}
		var used []string
		_, err := sender.Test(t.Context(), a, func(e smtp.Event) {
			if e.Kind == smtp.KindEnd && e.Stage == smtp.StageAuth {
				used = append(used, strings.ToLower(e.Mechanism))
			}
		})
		want := []string{name}
		switch name {
		case config.AuthAuto:
			want = []string{"scram-sha-256-plus"}
		case config.AuthNone:
			want = nil
		}
		if diff := cmp.Diff(want, used); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}

func TestNoLogin(t *testing.T) {
	t.Parallel()
	_, a, sender := start(t, sandbox.Options{})
	a.Auth, a.User = config.AuthNone, ""
	sender.Password = nil
	if _, err := sender.Test(t.Context(), a, nil); err != nil {
		t.Error(err)
	}
}

// TestUnusable asserts that what is wrong on this side is found before the
// server hears of us, and waits for a person.
func TestUnusable(t *testing.T) {
	t.Parallel()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, []byte("not a certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	missing := &secret.Error{Account: "work", Err: secret.ErrNotFound, Hint: "type it"}
	tests := []struct {
		name   string
		change func(*config.Account, *submit.Sender)
		class  smtp.Class
		is     error
		title  string
	}{
		{
			"no password", func(_ *config.Account, s *submit.Sender) {
				s.Password = func(context.Context, config.Account) (secret.Secret, error) { return secret.Secret{}, missing }
			}, smtp.ClassAuth, secret.ErrNotFound, "there is no password for account work",
		},
		{
			"empty password", func(_ *config.Account, s *submit.Sender) {
				s.Password = func(context.Context, config.Account) (secret.Secret, error) { return secret.Secret{}, nil }
			}, smtp.ClassAuth, secret.ErrNotFound, "there is no password for account work",
		},
		{
			"unknown account", func(_ *config.Account, s *submit.Sender) {
				s.Account = config.Config{}.Account
			}, smtp.ClassLocal, config.ErrNoAccount, "no account is set up",
		},
		{
			"clear text to elsewhere", func(a *config.Account, _ *submit.Sender) {
				a.TLS, a.Host, a.CAFile = config.TLSNone, "smtp.example.org", ""
			}, smtp.ClassLocal, nil, `tls = "none" shows password and mail to everybody on the way to smtp.example.org`,
		},
		{
			"no such CA file", func(a *config.Account, _ *submit.Sender) {
				a.CAFile = ca + "x"
			}, smtp.ClassLocal, os.ErrNotExist, ca + "x is not there",
		},
		{
			"no certificate in it", func(a *config.Account, _ *submit.Sender) {
				a.CAFile = ca
			}, smtp.ClassLocal, nil, ca + ": there is no certificate in this file",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, a, _ := start(t, sandbox.Options{})
			sender := senderFor(a)
			sender.Account = func(string) (config.Account, error) { return a, nil }
			test.change(&a, sender)
			var dialed atomic.Int32
			sender.Dial = func(context.Context, string, string) (net.Conn, error) {
				dialed.Add(1)
				return nil, errors.New("dialed")
			}
			src := &source{to: []string{"ok@example.org"}}
			err := sender.Deliver(t.Context(), "work", src, nil)
			var e *smtp.Error
			if !errors.As(err, &e) || e.Class != test.class || e.Scope != smtp.ScopeAccount || e.Temporary() {
				t.Fatalf("got %#v", err)
			}
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("got %v", err)
			}
			if dialed.Load() > 0 || src.given {
				t.Error("the server was called, or a mail taken")
			}
			if p := submit.Explain(err); p.Title != test.title || p.Hint == "" {
				t.Errorf("explained as %+v", p)
			}
		})
	}
}

func TestCanceledWhileAsking(t *testing.T) {
	t.Parallel()
	_, a, sender := start(t, sandbox.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	sender.Password = func(ctx context.Context, _ config.Account) (secret.Secret, error) {
		cancel()
		return secret.Secret{}, ctx.Err()
	}
	_, err := sender.Test(ctx, a, nil)
	var e *smtp.Error
	if !errors.As(err, &e) || e.Class != smtp.ClassCanceled || !errors.Is(err, context.Canceled) {
		t.Errorf("got %#v", err)
	}
}

// TestHostOutsideASCII asserts that a name is looked up as DNS has it.
func TestHostOutsideASCII(t *testing.T) {
	t.Parallel()
	_, a, sender := start(t, sandbox.Options{})
	a.Host = "smtp.Exämple.org"
	var dialed string
	sender.Dial = func(_ context.Context, _, address string) (net.Conn, error) {
		dialed = address
		return nil, errors.New("no")
	}
	if _, err := sender.Test(t.Context(), a, nil); err == nil || dialed != fmt.Sprintf("smtp.xn--exmple-cua.org:%d", a.Port) {
		t.Errorf("dialed %q, %v", dialed, err)
	}
}

// elsewhere is a connection whose other end is another machine.
type elsewhere struct{ net.Conn }

func (elsewhere) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 25} }

// TestLocalhostElsewhere asserts that nothing is said in clear text when
// "localhost" turns out to be another machine.
func TestLocalhostElsewhere(t *testing.T) {
	t.Parallel()
	server, a, sender := start(t, sandbox.Options{ClearAuth: true})
	a.TLS, a.Host, a.CAFile, a.Port = config.TLSNone, "localhost", "", port(t, server.Addr())
	var sent bytes.Buffer
	sender.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, server.Addr())
		return elsewhere{conn}, err
	}
	_, err := sender.Test(t.Context(), a, func(e smtp.Event) {
		if e.Kind == smtp.KindLine && !e.FromServer {
			sent.WriteString(e.Text)
		}
	})
	var e *smtp.Error
	if !errors.As(err, &e) || e.Temporary() || !strings.Contains(err.Error(), "leads to another one") || sent.Len() > 0 {
		t.Errorf("got %v after saying %q", err, sent.String())
	}
	a.Cleartext, a.Host = true, "127.0.0.1"
	if _, err := sender.Test(t.Context(), a, nil); err != nil {
		t.Errorf("with leave to do so: %v", err)
	}
}

// TestExplainSessions goes through real sessions, so that the words fit what
// the engine reports and not what a table supposes.
func TestExplainSessions(t *testing.T) {
	t.Parallel()
	reply := func(at sandbox.Phase, line string) sandbox.Options {
		return sandbox.Options{Faults: func(p sandbox.Phase, _ int) sandbox.Fault {
			if p != at {
				return sandbox.Fault{}
			}
			return sandbox.Fault{Raw: line + "\r\n"}
		}}
	}
	wrong := func(_ *testing.T, _ *sandbox.Server, _ *config.Account, s *submit.Sender) {
		s.Password = func(context.Context, config.Account) (secret.Secret, error) { return secret.New("wrong"), nil }
	}
	plain := func(t *testing.T, server *sandbox.Server, a *config.Account, _ *submit.Sender) {
		a.Port = port(t, server.Addr())
	}
	starttls := func(t *testing.T, server *sandbox.Server, a *config.Account, s *submit.Sender) {
		a.TLS = config.TLSStart
		plain(t, server, a, s)
	}
	dialError := func(err error) func(*testing.T, *sandbox.Server, *config.Account, *submit.Sender) {
		return func(_ *testing.T, _ *sandbox.Server, _ *config.Account, s *submit.Sender) {
			s.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, err }
		}
	}
	tests := []struct {
		name   string
		opts   sandbox.Options
		change func(*testing.T, *sandbox.Server, *config.Account, *submit.Sender)
		title  string
		detail string
	}{
		{"wrong password", sandbox.Options{}, wrong, "the server refused the login", "535"},
		{
			"app password", reply(sandbox.AtAuth, "534-5.7.9 Application-specific password required. Learn more at\r\n534 5.7.9  https://support.example/"), nil,
			"the provider wants an app password instead of your own", "the server said: 534 5.7.9 Application-specific",
		},
		{"basic authentication over", reply(sandbox.AtAuth, "550 5.7.30 Basic authentication is not supported for Client Submission."), nil, "the provider takes no password for sending any more", "5.7.30"},
		{"too many logins", reply(sandbox.AtAuth, "454 4.7.0 Too many login attempts, please try again later."), nil, "the server has seen too many logins and wants a pause", "454"},
		{"no mechanism", sandbox.Options{Token: "t", Mechanisms: []string{"XOAUTH2"}}, nil, "the server offers no way to log in that this program knows", "XOAUTH2"},
		{"no AUTH", sandbox.Options{Without: []string{"AUTH"}}, nil, "the server offers no way to log in that this program knows", ""},
		{"no STARTTLS", sandbox.Options{Without: []string{"STARTTLS"}}, starttls, "no encrypted connection came about", "does not offer STARTTLS"},
		{"STARTTLS refused", reply(sandbox.AtStartTLS, "454 4.7.0 TLS not available"), starttls, "the server can't encrypt the connection now", "454"},
		{"not TLS", sandbox.Options{}, plain, "the server does not speak TLS on this port", ""},
		{
			"unknown authority", sandbox.Options{}, func(_ *testing.T, _ *sandbox.Server, a *config.Account, _ *submit.Sender) { a.CAFile = "" },
			"the server's certificate is signed by somebody this machine does not trust", "",
		},
		{
			"wrong name", sandbox.Options{Certificate: func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = []string{"other.example"}, nil }}, nil,
			"the certificate is for another server, not for 127.0.0.1", "",
		},
		{
			"expired", sandbox.Options{Certificate: func(c *x509.Certificate) { c.NotAfter = time.Unix(0, 0) }}, nil,
			"the server's certificate is out of date", "",
		},
		{"greeting refused", reply(sandbox.AtGreeting, "554 5.7.1 go away"), nil, "the server takes nothing from your network", "go away"},
		{"busy", reply(sandbox.AtGreeting, "421 4.3.2 too busy"), nil, "the server has no time now", "421"},
		{"nonsense", reply(sandbox.AtGreeting, "SSH-2.0-OpenSSH_9.2"), nil, "the server does not speak SMTP as it should", ""},
		{"not resolved", sandbox.Options{}, dialError(&net.DNSError{Name: "smtp.exmaple.org", Err: "no such host", IsNotFound: true}), "there is no server called smtp.exmaple.org", ""},
		{"name service down", sandbox.Options{}, dialError(&net.DNSError{Name: "smtp.example.org", Err: "server misbehaving", IsTemporary: true}), "the name of the server can't be looked up", ""},
		{
			"nothing listens", sandbox.Options{}, func(t *testing.T, server *sandbox.Server, _ *config.Account, _ *submit.Sender) {
				if err := server.Close(); err != nil {
					t.Error(err)
				}
			}, "the server is there, but nothing listens on this port", "",
		},
		{"no answer", sandbox.Options{}, dialError(&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}), "the server can't be reached: no answer", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, a, sender := start(t, test.opts)
			if test.change != nil {
				test.change(t, server, &a, sender)
			}
			_, err := sender.Test(t.Context(), a, nil)
			p := submit.Explain(err)
			if p.Title != test.title || !strings.Contains(p.Detail, test.detail) || p.Hint == "" {
				t.Errorf("%v\nexplained as %+v", err, p)
			}
			if strings.ContainsAny(p.String(), "\r\n\x1b") || strings.Contains(p.String(), password) {
				t.Errorf("not clean: %q", p)
			}
		})
	}
}
