package submit

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/proxy"

	"sendoff/config"
	"sendoff/config/secret"
)

// ProxyError tells that the way to a server ended at its proxy, or that the
// proxy found none.
type ProxyError struct {
	Proxy string // host:port
	Err   error

	// Login tells that the proxy wants a user and a password, or others.
	Login bool
}

func (e *ProxyError) Error() string { return "proxy " + e.Proxy + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *ProxyError) Unwrap() error { return e.Err }

// through returns a dialer that goes through the proxy at address, a URL. The
// proxy resolves the names of servers, so that nobody nearer hears of them.
func through(address string, password secret.Secret, direct dialer) (dialer, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("proxy is not a URL") // the cause would repeat it
	}
	host, err := asciiHost(u.Hostname())
	if err != nil {
		return nil, err
	}
	hop := hop{address: net.JoinHostPort(host, u.Port()), user: u.User.Username(), password: password, dial: direct}
	dial := hop.connect
	if u.Scheme == config.ProxySOCKS5 {
		dial = hop.socks
	}
	return func(ctx context.Context, network, target string) (net.Conn, error) {
		conn, err := dial(ctx, network, target)
		if err != nil {
			return nil, &ProxyError{Proxy: hop.address, Err: err, Login: refusesUser(err)}
		}
		return conn, nil
	}, nil
}

// hop is a proxy on the way to a server.
type hop struct {
	address string // host:port
	user    string // empty for none
	dial    dialer

	password secret.Secret // of user; many proxies only tell users apart, and want none
}

// DialContext and Dial connect to the proxy itself, for package proxy.
func (h hop) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return h.dial(ctx, network, address)
}

// Dial is there for an interface; it is not used where DialContext is.
func (h hop) Dial(network, address string) (net.Conn, error) {
	return h.dial(context.Background(), network, address)
}

// socks goes through a proxy that speaks SOCKS5 (RFC 1928). A user without a
// password goes with an empty one (RFC 1929).
func (h hop) socks(ctx context.Context, network, target string) (net.Conn, error) {
	var auth *proxy.Auth
	if h.user != "" {
		auth = &proxy.Auth{User: h.user, Password: h.password.Reveal()}
	}
	d, err := proxy.SOCKS5("tcp", h.address, auth, h)
	if err != nil {
		return nil, err
	}
	return d.(proxy.ContextDialer).DialContext(ctx, network, target)
}

// connect goes through a proxy that speaks HTTP (RFC 9110 section 9.3.6).
func (h hop) connect(ctx context.Context, network, target string) (net.Conn, error) {
	if strings.ContainsFunc(target, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, fmt.Errorf("%q is no address to ask for", target)
	}
	conn, err := h.dial(ctx, network, h.address)
	if err != nil {
		return nil, err
	}
	if err := h.ask(ctx, conn, target); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// ask has the proxy lead conn on to target, before ctx ends.
func (h hop) ask(ctx context.Context, conn net.Conn, target string) error {
	release := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) }) // whatever waits, stops
	head := "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n"
	if h.user != "" {
		head += "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(h.user+":"+h.password.Reveal())) + "\r\n"
	}
	_, err := conn.Write([]byte(head + "\r\n"))
	var status string
	if err == nil {
		status, err = readStatus(conn)
	}
	switch {
	case !release():
		return context.Cause(ctx)
	case err != nil:
		return err
	case strings.HasPrefix(status, "407"), strings.HasPrefix(status, "401"): // which some say instead
		return fmt.Errorf("it answered: %s: %w", clean(status), errProxyLogin)
	case !strings.HasPrefix(status, "2"):
		return errors.New("it answered: " + clean(status))
	}
	return nil
}

var errProxyLogin = errors.New("who is there is not let through")

// refusesUser tells that a proxy refused who is there. Package proxy says so in
// words alone (RFC 1929, and no method in common in RFC 1928).
func refusesUser(err error) bool {
	return errors.Is(err, errProxyLogin) || strings.Contains(err.Error(), "username/password") || strings.Contains(err.Error(), "no acceptable authentication methods")
}

// maxHead bounds the answer of a proxy, in octets.
const maxHead = 16 << 10

var errNotHTTP = errors.New("it does not answer as an HTTP proxy should")

// readStatus reads the answer of an HTTP proxy and returns its status code and
// reason. It reads octet by octet, since what follows the head is the server's
// and may come along with it.
func readStatus(r io.Reader) (string, error) {
	var head []byte
	for octet := make([]byte, 1); !bytes.HasSuffix(head, []byte("\r\n\r\n")); head = append(head, octet[0]) {
		if len(head) == maxHead {
			return "", errNotHTTP
		}
		if _, err := io.ReadFull(r, octet); err != nil {
			return "", fmt.Errorf("read its answer: %w", err)
		}
	}
	line, _, _ := strings.Cut(string(head), "\r\n")
	version, status, _ := strings.Cut(line, " ")
	if !strings.HasPrefix(version, "HTTP/1.") || len(status) < 3 {
		return "", errNotHTTP
	}
	return status, nil
}
