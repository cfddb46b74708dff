package submit_test

import (
	"bufio"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/sandbox"
	"sendoff/smtp/submit"
)

// relay is a proxy that leads everybody to one server, wherever they want to
// go, and remembers what it was asked.
type relay struct {
	net.Listener
	server string
	lets   string // "user:password"; empty for everybody

	mu   sync.Mutex
	asks []string // "target user"
}

// startRelay runs serve for each client that connects.
func startRelay(t *testing.T, server string, serve func(*relay, net.Conn) error) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{Listener: l, server: server}
	var wg sync.WaitGroup
	t.Cleanup(func() {
		_ = l.Close()
		wg.Wait()
	})
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				if err := serve(r, conn); err != nil {
					t.Error(err)
				}
				_ = conn.Close()
			})
		}
	})
	return r
}

func (r *relay) asked(target, user string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asks = append(r.asks, target+" "+user)
}

// join copies between the client and the server until both are done.
func (r *relay) join(client net.Conn, granted string) error {
	server, err := net.Dial("tcp", r.server)
	if err != nil {
		return err
	}
	defer server.Close()
	first := make([]byte, 512)
	n := 0
	if granted != "" && strings.HasSuffix(granted, "+") {
		// The server's first words come in one packet with the proxy's last.
		if n, err = server.Read(first); err != nil {
			return err
		}
	}
	if _, err := client.Write(append([]byte(strings.TrimSuffix(granted, "+")), first[:n]...)); err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	}()
	_, _ = io.Copy(client, server)
	return nil
}

// socks5 is the proxy's side of RFC 1928, for names alone.
func socks5(r *relay, conn net.Conn) error {
	in := bufio.NewReader(conn)
	read := func(n int) string {
		b := make([]byte, n)
		_, _ = io.ReadFull(in, b)
		return string(b)
	}
	methods := read(int(read(2)[1]))
	user := ""
	if strings.Contains(methods, "\x02") {
		_, _ = conn.Write([]byte{5, 2})
		user = read(int(read(2)[1])) + ":" + read(int(read(1)[0]))
		if r.lets != "" && user != r.lets {
			_, _ = conn.Write([]byte{1, 1}) // RFC 1929 section 2
			return nil
		}
		_, _ = conn.Write([]byte{1, 0})
	} else if r.lets != "" {
		_, _ = conn.Write([]byte{5, 0xff})
		return nil
	} else {
		_, _ = conn.Write([]byte{5, 0})
	}
	if kind := read(4)[3]; kind != 3 {
		return fmt.Errorf("the name was resolved before the proxy: kind %d", kind)
	}
	name := read(int(read(1)[0]))
	p := read(2)
	r.asked(fmt.Sprintf("%s:%d", name, int(p[0])<<8|int(p[1])), user)
	return r.join(conn, "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
}

func httpConnect(r *relay, conn net.Conn) error {
	request, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil || request.Method != http.MethodConnect || request.Host != request.RequestURI {
		return fmt.Errorf("asked by %+v, %w", request, err)
	}
	user := ""
	if with := request.Header.Get("Proxy-Authorization"); with != "" {
		request.Header.Set("Authorization", with)
		name, password, _ := request.BasicAuth()
		user = name + ":" + password
	}
	if r.lets != "" && user != r.lets {
		_, _ = io.WriteString(conn, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n")
		return nil
	}
	r.asked(request.Host, user)
	granted := "HTTP/1.0 200 Connection established\r\nVia: somebody\r\n\r\n"
	if strings.HasSuffix(request.Host, ":587") {
		granted += "+"
	}
	return r.join(conn, granted)
}

// named makes a certificate good for a name that only a proxy can resolve.
func named(c *x509.Certificate) { c.DNSNames = []string{"smtp.example.test"} }

func TestProxy(t *testing.T) {
	t.Parallel()
	for kind, serve := range map[string]func(*relay, net.Conn) error{"socks5": socks5, "http": httpConnect} {
		for security, standard := range map[string]int{config.TLSImplicit: 465, config.TLSStart: 587} {
			for _, user := range []string{"", "alice"} {
				t.Run(fmt.Sprintf("%s %s %q", kind, security, user), func(t *testing.T) {
					t.Parallel()
					server, a, _ := start(t, sandbox.Options{Certificate: named})
					to := server.TLSAddr()
					if security == config.TLSStart {
						to = server.Addr()
					}
					proxy := startRelay(t, to, serve)
					a.Host, a.Port, a.TLS = "smtp.example.test", standard, security
					a.Proxy = kind + "://" + proxy.Addr().String()
					want := fmt.Sprintf("smtp.example.test:%d ", standard)
					if user != "" {
						a.Proxy = strings.Replace(a.Proxy, "//", "//"+user+"@", 1)
						want += user + ":"
					}
					src := &source{to: []string{"ok@example.org"}}
					if err := senderFor(a).Deliver(t.Context(), "work", src, nil); err != nil || src.result.Err != nil {
						t.Fatalf("%v, %+v", err, src.result)
					}
					if got := fmt.Sprint(proxy.asks); got != "["+want+"]" {
						t.Errorf("the proxy was asked for %s, want %s", got, want)
					}
				})
			}
		}
	}
}

// TestProxyPassword goes through proxies that let in one user with a password,
// which is asked for by the name of the account's proxy and shown nowhere.
func TestProxyPassword(t *testing.T) {
	t.Parallel()
	const token = "proxy-token"
	for kind, serve := range map[string]func(*relay, net.Conn) error{"socks5": socks5, "http": httpConnect} {
		for name, test := range map[string]struct {
			user, place string
			given       secret.Secret
			missing     error
			wants       string // the title of the problem; empty if mail goes
		}{
			"right":       {"alice", config.SecretVault, secret.New(token), nil, ""},
			"wrong":       {"alice", config.SecretVault, secret.New(token + "-old"), nil, "wants a user and a password, or others"},
			"no password": {"alice", "", secret.Secret{}, nil, "wants a user and a password, or others"},
			"nobody":      {"", "", secret.Secret{}, nil, "wants a user and a password, or others"},
			"not there":   {"alice", config.SecretVault, secret.Secret{}, &secret.Error{Account: "work/proxy", Err: secret.ErrNotFound, Hint: "store it"}, "the proxy of work"},
		} {
			t.Run(kind+" "+name, func(t *testing.T) {
				t.Parallel()
				server, a, _ := start(t, sandbox.Options{Certificate: named})
				proxy := startRelay(t, server.TLSAddr(), serve)
				proxy.lets = "alice:" + token
				a.Host, a.Port, a.Proxy, a.ProxySecret = "smtp.example.test", 465, kind+"://"+test.user+"@"+proxy.Addr().String(), test.place
				sender := senderFor(a)
				own := sender.Password
				sender.Password = func(ctx context.Context, a config.Account) (secret.Secret, error) {
					if a.Name == "work/proxy" && a.Secret == test.place {
						return test.given, test.missing
					}
					return own(ctx, a)
				}
				steps, full, err := check(t, sender, a)
				if strings.Contains(full+fmt.Sprint(err, submit.Explain(err)), token) {
					t.Errorf("the password is shown: %v\n%s", err, full)
				}
				if test.wants == "" {
					if err != nil || fmt.Sprint(proxy.asks) != "[smtp.example.test:465 alice:"+token+"]" {
						t.Errorf("%v, after %v; asked for %v", err, steps, proxy.asks)
					}
					return
				}
				var e *smtp.Error
				if !errors.As(err, &e) || e.Stage != smtp.StageConnect || !strings.Contains(submit.Explain(err).String(), test.wants) {
					t.Errorf("%v is explained as %+v", err, submit.Explain(err))
				}
				if (e.Class == smtp.ClassAuth) != (test.missing != nil) {
					t.Errorf("class %v", e.Class)
				}
			})
		}
	}
}

// TestProxyRefuses goes through what a proxy can do to a client. None of it
// shows who the user is.
func TestProxyRefuses(t *testing.T) {
	t.Parallel()
	says := func(answer string) func(*relay, net.Conn) error {
		return func(_ *relay, conn net.Conn) error {
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
				return err
			}
			_, _ = io.WriteString(conn, answer)
			return nil
		}
	}
	tests := map[string]struct {
		serve func(*relay, net.Conn) error
		says  string
	}{
		"forbidden":      {says("HTTP/1.1 403 No \x1b[2Jmail\r\nX: y\r\n\r\n"), "it answered: 403 No [2Jmail"},
		"not HTTP":       {says("220 smtp.example.org ESMTP\r\n\r\n"), "does not answer as an HTTP proxy"},
		"no status":      {says("HTTP/1.1\r\n\r\n"), "does not answer as an HTTP proxy"},
		"hangs up":       {says("HTTP/1.1 200 O"), "read its answer"},
		"without an end": {says("HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 4096)), "does not answer as an HTTP proxy"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, a, sender := start(t, sandbox.Options{})
			proxy := startRelay(t, "", test.serve)
			a.Proxy = "http://token-of-alice@" + proxy.Addr().String()
			steps, full, err := check(t, sender, a)
			var e *smtp.Error
			var refused *submit.ProxyError
			if !errors.As(err, &e) || e.Stage != smtp.StageConnect || !e.Temporary() || !errors.As(err, &refused) {
				t.Fatalf("got %v", err)
			}
			p := submit.Explain(err)
			if p.Title != "the proxy "+proxy.Addr().String()+" leads to no server" || !strings.Contains(p.Detail, test.says) || p.Hint == "" {
				t.Errorf("explained as %+v", p)
			}
			if want := ", proxy http://" + proxy.Addr().String(); !strings.Contains(full, want) {
				t.Errorf("%q is not in %s", want, full)
			}
			if last := steps[len(steps)-1]; last != "connect failed" {
				t.Errorf("after %q", last)
			}
			if strings.Contains(full+err.Error()+p.String(), "token-of-alice") {
				t.Errorf("the user is shown: %v\n%s", err, full)
			}
		})
	}
}

// TestProxyNotThere asserts that trouble with the proxy's own name or port is
// not blamed on the server.
func TestProxyNotThere(t *testing.T) {
	t.Parallel()
	_, a, sender := start(t, sandbox.Options{})
	for _, cause := range []error{
		&net.DNSError{Name: "proxy.example.test", Err: "no such host", IsNotFound: true}, context.DeadlineExceeded,
	} {
		for _, kind := range []string{"socks5", "http"} {
			a.Proxy = kind + "://proxy.example.test:1080"
			sender.Dial = func(_ context.Context, _, address string) (net.Conn, error) {
				if address != "proxy.example.test:1080" {
					t.Errorf("connecting to %s", address)
				}
				return nil, cause
			}
			_, err := sender.Test(t.Context(), a, nil)
			if p := submit.Explain(err); p.Title != "the proxy proxy.example.test:1080 leads to no server" {
				t.Errorf("%v is explained as %+v", err, p)
			}
		}
	}
}

// TestProxySilent asserts that a proxy without an answer holds nobody up.
func TestProxySilent(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"socks5", "http"} {
		_, a, sender := start(t, sandbox.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		proxy := startRelay(t, "", func(_ *relay, conn net.Conn) error {
			_, err := conn.Read(make([]byte, 1))
			cancel() // once the client waits for an answer
			_, _ = io.Copy(io.Discard, conn)
			return err
		})
		a.Proxy = kind + "://" + proxy.Addr().String()
		_, err := sender.Test(ctx, a, nil)
		var e *smtp.Error
		if !errors.As(err, &e) || e.Class != smtp.ClassCanceled {
			t.Errorf("%s: got %v", kind, err)
		}
	}
}

// TestProxyInjection asserts that no address becomes a line of the request.
func TestProxyInjection(t *testing.T) {
	t.Parallel()
	dial, err := submit.Through("http://127.0.0.1:1", secret.Secret{}, func(context.Context, string, string) (net.Conn, error) {
		t.Error("the proxy was called")
		return nil, io.EOF
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"a\r\nX: y:465", "a HTTP/1.1:465", "ü.example:465", "a\x7f:465"} {
		if _, err := dial(t.Context(), "tcp", target); err == nil || !strings.Contains(err.Error(), "is no address to ask for") {
			t.Errorf("%q: %v", target, err)
		}
	}
}

// FuzzReadStatus asserts that a proxy's answer takes nothing of what follows it.
func FuzzReadStatus(f *testing.F) {
	f.Add("HTTP/1.1 200 OK\r\n\r\n220 hello\r\n\r\n")
	f.Add("HTTP/1.1 407\r\nX: \r\n\n\r\n\r\n")
	f.Add("HTTP/1.1 200 OK\n\n")
	f.Fuzz(func(t *testing.T, answer string) {
		r := strings.NewReader(answer)
		status, err := submit.ReadStatus(r)
		head, rest, whole := strings.Cut(answer, "\r\n\r\n")
		if err == nil && (!whole || r.Len() != len(rest) || !strings.Contains(head, status) || strings.Contains(status, "\r\n")) {
			t.Errorf("%q: %q, %d left", answer, status, r.Len())
		}
	})
}
