package smtp

import (
	"context"
	"fmt"
	"io"
	"net"
	netsmtp "net/smtp"
	"strings"
	"testing"
)

// sink is a server that takes everything as fast as it can.
func sink(b *testing.B, extensions ...string) string {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go acceptAll(conn, extensions...)
		}
	}()
	return listener.Addr().String()
}

// counted is a source of n equal mails.
type counted struct {
	n    int
	mail *Mail
	err  *Error
}

func (c *counted) Next(context.Context) (*Mail, error) {
	if c.n == 0 {
		return nil, io.EOF
	}
	c.n--
	return c.mail, nil
}

func (*counted) Commit(context.Context, ...*Mail) error { return nil }

func (*counted) Part(*Mail, []Outcome) {}

func (c *counted) Done(_ *Mail, r Result) {
	if r.Err != nil {
		c.err = r.Err
	}
}

// BenchmarkSmallMails sends mails of 2 KiB on one connection, by net/smtp too
// for comparison.
func BenchmarkSmallMails(b *testing.B) {
	body := strings.Repeat(strings.Repeat("x", 76)+"\r\n", 26)
	for name, extensions := range map[string][]string{
		"BDAT": {"PIPELINING", "CHUNKING"}, "DATA": {"PIPELINING"}, "step by step": nil,
	} {
		b.Run(name, func(b *testing.B) {
			benchmarkDelivery(b, sink(b, extensions...), letter("1", body, "a@x.example"))
		})
	}
	b.Run("net/smtp", func(b *testing.B) { benchmarkNetSMTP(b, sink(b), body) })
}

// BenchmarkLargeMail sends 25 MB.
func BenchmarkLargeMail(b *testing.B) {
	body := strings.Repeat(strings.Repeat("x", 76)+"\r\n", 25_000_000/78)
	for name, extensions := range map[string][]string{"BDAT": {"PIPELINING", "CHUNKING"}, "DATA": {"PIPELINING"}} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			benchmarkDelivery(b, sink(b, extensions...), letter("1", body, "a@x.example"))
		})
	}
	b.Run("net/smtp", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		benchmarkNetSMTP(b, sink(b), body)
	})
}

func benchmarkDelivery(b *testing.B, address string, mail *Mail) {
	b.Helper()
	b.ReportAllocs()
	host, port, _ := net.SplitHostPort(address)
	opts := Options{Host: host, Security: NoTLS}
	_, _ = fmt.Sscan(port, &opts.Port)
	s, err := Open(b.Context(), opts)
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	src := &counted{n: b.N, mail: mail}
	if err := s.Deliver(b.Context(), src); err != nil || src.err != nil {
		b.Fatal(err, src.err)
	}
	b.StopTimer()
	_ = s.Close()
}

func benchmarkNetSMTP(b *testing.B, address, body string) {
	b.Helper()
	b.ReportAllocs()
	c, err := netsmtp.Dial(address)
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for range b.N {
		if err := c.Mail("me@x.example"); err != nil {
			b.Fatal(err)
		}
		if err := c.Rcpt("a@x.example"); err != nil {
			b.Fatal(err)
		}
		w, err := c.Data()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.WriteString(w, body); err != nil {
			b.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	_ = c.Close()
}
