package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"strconv"
	"strings"
	"time"
)

// dial opens the connection. The dialer resolves the name and races IPv6
// against IPv4 (RFC 8305); resolving shows as a stage of its own.
func (s *Session) dial(ctx context.Context) (net.Conn, *Error) {
	target := net.JoinHostPort(s.opts.Host, strconv.Itoa(s.port()))
	var conn net.Conn
	err := s.step(Event{Stage: StageConnect, Text: target}, s.timeouts.Connect, func(end *Event) *Error {
		limited, cancel := context.WithTimeout(ctx, s.timeouts.Connect)
		defer cancel()
		dial := s.opts.Dial
		if dial == nil {
			dial = new(net.Dialer).DialContext
		}
		resolving := &resolving{s: s}
		var err error
		if conn, err = dial(resolving.watch(limited), "tcp", target); err != nil {
			return resolving.explain(ctx, limited, err)
		}
		end.Text = conn.RemoteAddr().String()
		return nil
	})
	return conn, err
}

func (s *Session) port() int {
	switch {
	case s.opts.Port != 0:
		return s.opts.Port
	case s.opts.Security == StartTLS, s.opts.Security == NoTLS:
		return 587
	}
	return 465
}

// resolving tells of the name being resolved within a dial.
type resolving struct {
	s      *Session
	began  time.Time
	failed *Error
}

// watch has the dialer report. Both hooks run in the goroutine that dials.
func (r *resolving) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart: func(info httptrace.DNSStartInfo) {
			r.began = time.Now()
			deadline, _ := ctx.Deadline()
			r.s.emit(Event{Kind: KindBegin, Stage: StageResolve, Text: info.Host, Deadline: deadline})
		},
		DNSDone: func(info httptrace.DNSDoneInfo) {
			end := Event{Kind: KindEnd, Stage: StageResolve, Elapsed: time.Since(r.began)}
			var addrs []string
			for _, a := range info.Addrs {
				addrs = append(addrs, a.String())
			}
			end.Text = strings.Join(addrs, ", ")
			if info.Err != nil {
				r.failed = broken(StageResolve, "", info.Err)
				end.Err = r.failed
			}
			r.s.emit(end)
		},
	})
}

// explain says at which stage and why dialing failed.
func (r *resolving) explain(ctx, limited context.Context, err error) *Error {
	stage := StageConnect
	if r.failed != nil {
		stage = StageResolve
	}
	e := broken(stage, "", err)
	var timeout net.Error
	switch {
	case ctx.Err() != nil:
		e.Class, e.Err = ClassCanceled, context.Cause(ctx)
	case limited.Err() != nil, errors.As(err, &timeout) && timeout.Timeout():
		e.Class = ClassTimeout
	}
	return e
}

// encrypt puts TLS on the connection.
func (s *Session) encrypt(ctx context.Context) *Error {
	return s.step(Event{Stage: StageTLS}, s.timeouts.Connect, func(end *Event) *Error {
		if s.wire.r.Buffered() > 0 {
			return &Error{
				Stage: StageTLS, Class: ClassTLS, Scope: ScopeServer, Retry: RetryNo,
				Err: errInjected,
			}
		}
		conn := tls.Client(s.wire.raw, s.tlsConfig())
		limited, cancel := context.WithTimeout(ctx, s.timeouts.Connect)
		defer cancel()
		if err := conn.HandshakeContext(limited); err != nil {
			switch {
			case ctx.Err() != nil:
				err = &cutError{ClassCanceled, context.Cause(ctx)}
			case limited.Err() != nil:
				err = &cutError{ClassTimeout, err}
			}
			return untrusted(s.wire.explain(err), s.opts.Security == StartTLS)
		}
		s.wire.use(conn)
		state := conn.ConnectionState()
		s.tls = &state
		end.TLS = &TLSInfo{
			Version:     tls.VersionName(state.Version),
			Cipher:      tls.CipherSuiteName(state.CipherSuite),
			ServerName:  s.opts.Host,
			Certificate: state.PeerCertificates[0],
		}
		end.Text = end.TLS.Version + ", " + end.TLS.Cipher
		return nil
	})
}

// tlsConfig is the caller's, made strict.
func (s *Session) tlsConfig() *tls.Config {
	config := new(tls.Config)
	if s.opts.TLS != nil {
		config = s.opts.TLS.Clone()
	}
	config.ServerName = strings.TrimSuffix(s.opts.Host, ".")
	config.MinVersion = max(config.MinVersion, tls.VersionTLS12)
	// Small first records help a browser to paint early; here they are waste.
	config.DynamicRecordSizingDisabled = true
	return config
}

// startTLS asks for encryption. Without it the session ends: there is no
// going on in clear text (RFC 8314 section 3.3 calls for nothing less).
func (s *Session) startTLS() *Error {
	if !s.caps.StartTLS {
		return &Error{
			Stage: StageTLS, Class: ClassTLS, Scope: ScopeServer, Retry: RetrySafe,
			Err: errors.New("the server does not offer STARTTLS"),
		}
	}
	return s.call(&exchange{stage: StageTLS, verb: "STARTTLS", limit: s.timeouts.Command}, "STARTTLS")
}
