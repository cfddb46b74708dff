package submit_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http/httptrace"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/sandbox"
	"sendoff/smtp/submit"
)

// check runs a check and returns its steps in short, "name finding", and in
// full.
func check(t *testing.T, s *submit.Sender, a config.Account) (short []string, full string, err error) {
	t.Helper()
	var all strings.Builder
	err = s.Check(t.Context(), a, func(step submit.Step) {
		short = append(short, step.Name+" "+string(step.Finding))
		fmt.Fprintf(&all, "%+v\n", step)
		if step.Finding != submit.Good && step.Hint == "" {
			t.Errorf("nothing to do about %+v", step)
		}
	})
	if strings.Contains(all.String(), password) || strings.ContainsAny(all.String(), "\x1b\r") {
		t.Errorf("not fit to be shown: %s", all.String())
	}
	return short, all.String(), err
}

func TestCheck(t *testing.T) {
	t.Parallel()
	ok := []string{"settings ok", "password ok", "connect ok", "tls ok", "greeting ok", "hello ok", "auth ok", "limits ok", "extras ok", "noop ok"}
	none := func(context.Context, config.Account) (secret.Secret, error) {
		return secret.Secret{}, &secret.Error{Account: "work", Err: secret.ErrLocked, Hint: "unlock it"}
	}
	wrong := func(context.Context, config.Account) (secret.Secret, error) { return secret.New("wrong"), nil }
	tests := []struct {
		name   string
		opts   sandbox.Options
		change func(*testing.T, *sandbox.Server, *config.Account, *submit.Sender)
		want   []string
		says   []string
		is     error
	}{
		{"implicit", sandbox.Options{MaxSize: 35e6}, nil, ok, []string{"TLS 1.3 with TLS_", ", certificate with key sha256//", "PIPELINING", "as alice: the best of SCRAM", "35.0 MB"}, nil},
		{
			"starttls", sandbox.Options{}, func(t *testing.T, server *sandbox.Server, a *config.Account, _ *submit.Sender) {
				a.TLS, a.Port = config.TLSStart, port(t, server.Addr())
			}, []string{"settings ok", "password ok", "connect ok", "greeting ok", "tls ok", "hello ok", "auth ok", "limits ok", "extras ok", "noop ok"}, nil, nil,
		},
		{
			"no password", sandbox.Options{}, func(_ *testing.T, _ *sandbox.Server, _ *config.Account, s *submit.Sender) { s.Password = none },
			[]string{"settings ok", "password failed", "connect ok", "tls ok", "greeting ok", "hello ok", "limits ok", "extras ok", "noop ok"}, []string{"unlock it"}, secret.ErrLocked,
		},
		{
			"a mechanism offered in vain", sandbox.Options{Faults: func(p sandbox.Phase, n int) sandbox.Fault {
				if p != sandbox.AtAuth || n > 1 {
					return sandbox.Fault{}
				}
				return sandbox.Fault{Raw: "504 5.5.4 not that one\r\n"}
			}}, nil,
			[]string{
				"settings ok", "password ok", "connect ok", "tls ok", "greeting ok", "hello ok", "auth warning", "auth ok", "limits ok", "extras ok", "noop ok",
			}, []string{"504 5.5.4 not that one", "SCRAM-SHA-1-PLUS as alice"}, nil,
		},
		{
			"wrong password", sandbox.Options{}, func(_ *testing.T, _ *sandbox.Server, _ *config.Account, s *submit.Sender) { s.Password = wrong },
			[]string{"settings ok", "password ok", "connect ok", "tls ok", "greeting ok", "hello ok", "auth failed"}, []string{"the server refused the login", "535"}, nil,
		},
		{
			"settings", sandbox.Options{}, func(_ *testing.T, _ *sandbox.Server, a *config.Account, _ *submit.Sender) { a.Host = "a b" },
			[]string{"settings failed"}, []string{`"a b" is not the name of a server`}, nil,
		},
		{
			"certificate ends soon", sandbox.Options{Certificate: func(c *x509.Certificate) { c.NotAfter = time.Now().Add(75 * time.Hour) }}, nil,
			[]string{"settings ok", "password ok", "connect ok", "tls warning", "greeting ok", "hello ok", "auth ok", "limits ok", "extras ok", "noop ok"}, []string{"ends in 3 days"}, nil,
		},
		{
			"unknown authority", sandbox.Options{}, func(_ *testing.T, _ *sandbox.Server, a *config.Account, _ *submit.Sender) { a.CAFile = "" },
			[]string{"settings ok", "password ok", "connect ok", "tls failed"}, []string{"127.0.0.1", "key sha256//", "signed by", "Hint:nothing was sent"}, nil,
		},
		{
			"name not found", sandbox.Options{}, func(_ *testing.T, _ *sandbox.Server, _ *config.Account, s *submit.Sender) {
				s.Dial = func(context.Context, string, string) (net.Conn, error) {
					return nil, &net.DNSError{Name: "smtp.exmaple.org", Err: "no such host", IsNotFound: true}
				}
			}, []string{"settings ok", "password ok", "connect failed"}, []string{"there is no server called smtp.exmaple.org"}, nil,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, a, sender := start(t, test.opts)
			if test.change != nil {
				test.change(t, server, &a, sender)
			}
			short, full, err := check(t, sender, a)
			if diff := cmp.Diff(test.want, short); diff != "" {
				t.Errorf("%s\n%s", diff, full)
			}
			for _, words := range test.says {
				if !strings.Contains(full, words) {
					t.Errorf("%q is not in %s", words, full)
				}
			}
			bad := strings.Contains(strings.Join(short, " "), "failed")
			if (err != nil) != bad || test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestCheckPorts blocks the port of an account, as networks do.
func TestCheckPorts(t *testing.T) {
	t.Parallel()
	server, a, sender := start(t, sandbox.Options{})
	a.Host, a.Port = "smtp.example.org", 465
	for _, open := range []string{"587", ""} {
		sender.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if open == "" || !strings.HasSuffix(address, ":"+open) {
				return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
			}
			return new(net.Dialer).DialContext(ctx, network, server.Addr())
		}
		_, full, err := check(t, sender, a)
		want := `Name:ports Finding:warning Text:port 587 answers Hint:try port = 587 with tls = "starttls"`
		if open == "" {
			want = "Name:ports Finding:failed Text:no other port for sending answers Hint:the server may be down"
		}
		if err == nil || !strings.Contains(full, want) {
			t.Errorf("%v\n%s", err, full)
		}
	}
}

// TestPins trusts a key in place of an authority: one of a server whose
// certificate is out of date and for another name.
func TestPins(t *testing.T) {
	t.Parallel()
	var certificate *x509.Certificate
	spoil := func(c *x509.Certificate) {
		c.NotAfter = time.Unix(0, 0)
		c.DNSNames, c.IPAddresses = []string{"other.example"}, nil
	}
	server, a, sender := start(t, sandbox.Options{Certificate: spoil})
	a.CAFile = ""
	_, err := sender.Test(t.Context(), a, nil)
	p := submit.Explain(err)
	_, pin, found := strings.Cut(p.Detail, "key ")
	pin, _, _ = strings.Cut(pin, " ")
	if !found || !strings.Contains(p.Detail, " to 1970-01-01, for other.example, signed by ") {
		t.Fatalf("the certificate is not described: %+v", p)
	}
	for _, security := range []string{config.TLSImplicit, config.TLSStart} {
		a := a
		if a.TLS = security; security == config.TLSStart {
			a.Port = port(t, server.Addr())
		}
		a.Pins = []string{pin}
		_, err := sender.Test(t.Context(), a, func(e smtp.Event) {
			if e.TLS != nil {
				certificate = e.TLS.Certificate
			}
		})
		if err != nil {
			t.Errorf("%s: %v", security, err)
		} else if submit.Pin(certificate) != pin {
			t.Errorf("pin %s", submit.Pin(certificate))
		}

		other := config.PinPrefix + "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
		a.Pins = []string{other}
		_, err = sender.Test(t.Context(), a, nil)
		var e *smtp.Error
		var changed *submit.PinError
		if !errors.As(err, &e) || e.Class != smtp.ClassTLS || e.Scope != smtp.ScopeAccount || e.Temporary() ||
			!errors.As(err, &changed) || changed.Pin != pin {
			t.Errorf("%s: got %#v", security, err)
		}
		p := submit.Explain(err)
		if p.Title != "the server has another key than the one you trust" ||
			!strings.Contains(p.Detail, pin) || !strings.Contains(p.Detail, other) {
			t.Errorf("explained as %+v", p)
		}
		if security == config.TLSImplicit {
			if short, full, err := check(t, sender, a); err == nil || short[len(short)-1] != "tls failed" {
				t.Errorf("%v\n%s", err, full)
			}
		}
	}
}

func TestVerified(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]submit.Step{
		250: {Finding: submit.Good, Text: "the server knows ann@example.org: 250 it is"},
		252: {Finding: submit.Good, Text: "the server does not tell whether there is ann@example.org: 252 it is"},
		502: {Finding: submit.Good, Text: "the server does not tell whether there is ann@example.org: 502 it is"},
		550: {Finding: submit.Warning, Text: "the server does not know ann@example.org: 550 it is", Hint: "check the spelling of the address"},
	} {
		want.Name = "verify"
		got := submit.Verified("ann@example.org", smtp.Reply{Code: code, Lines: []string{"it is"}})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error("-want +got\n", diff)
		}
	}
}

// TestCheckFamilies tells IPv4 and IPv6 apart where a name has addresses of both.
func TestCheckFamilies(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	for _, test := range []struct {
		name, addresses string
		four, six       error
		want            []string // the steps of the families
		says            string
	}{
		{"both", "192.0.2.1 2001:db8::1", nil, nil, []string{"ipv4 ok", "ipv6 ok"}, "answers over IPv6"},
		{"IPv6 is broken", "192.0.2.1 2001:db8::1", nil, refused, []string{"ipv4 ok", "ipv6 warning"}, "mail goes over IPv4"},
		{"IPv4 is broken", "2001:db8::1 192.0.2.1", refused, nil, []string{"ipv4 warning", "ipv6 ok"}, "mail goes over IPv6"},
		{"neither", "2001:db8::1 192.0.2.1", refused, refused, []string{"ipv4 warning", "ipv6 warning"}, "no answer over IPv4"},
		{"no IPv6 here", "192.0.2.1 2001:db8::1", nil, &net.OpError{Op: "dial", Err: syscall.ENETUNREACH}, []string{"ipv4 ok", "ipv6 ok"}, "this machine has no way to addresses of IPv6"},
		{"one alone", "192.0.2.1 192.0.2.2", nil, nil, nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, a, sender := start(t, sandbox.Options{})
			a.Host, a.TLS = "smtp.example.org", config.TLSStart
			sender.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
				if trace := httptrace.ContextClientTrace(ctx); trace != nil && network == "tcp" {
					trace.DNSStart(httptrace.DNSStartInfo{Host: a.Host})
					var done httptrace.DNSDoneInfo
					for address := range strings.FieldsSeq(test.addresses) {
						done.Addrs = append(done.Addrs, net.IPAddr{IP: net.ParseIP(address)})
					}
					trace.DNSDone(done)
				}
				switch {
				case network == "tcp4" && test.four != nil:
					return nil, test.four
				case network == "tcp6" && test.six != nil:
					return nil, test.six
				case network == "tcp" && test.four != nil && test.six != nil:
					return nil, test.four
				}
				return new(net.Dialer).DialContext(ctx, "tcp", server.Addr())
			}
			short, full, _ := check(t, sender, a)
			got := slices.DeleteFunc(short, func(step string) bool { return !strings.HasPrefix(step, "ipv") })
			if !slices.Equal(got, test.want) || !strings.Contains(full, test.says) {
				t.Errorf("%q\n%s", got, full)
			}
		})
	}
}
