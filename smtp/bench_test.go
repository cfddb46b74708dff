package smtp

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	netsmtp "net/smtp"
	"strings"
	"testing"

	gosmtp "github.com/emersion/go-smtp"
)

// The benchmarks send the same mails to the same server, by this package and by
// the two that most programs in Go use: compare within one run. The server's own
// cost is in each number.

// sink is a server that takes everything and does as little for it as it can.
func sink(b *testing.B, secure bool, extensions string) string {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = listener.Close() })
	config := serverTLS()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if secure {
				conn = tls.Server(conn, config)
			}
			go swallow(conn, extensions)
		}
	}()
	return listener.Addr().String()
}

// swallow serves one client, without an allocation for a mail.
func swallow(conn net.Conn, extensions string) {
	defer conn.Close()
	r, w := bufio.NewReaderSize(conn, 64<<10), bufio.NewWriter(conn)
	reply := "220 mx\r\n"
	for {
		_, _ = w.WriteString(reply)
		if r.Buffered() == 0 && w.Flush() != nil {
			return
		}
		line, err := r.ReadSlice('\n')
		if err != nil {
			return
		}
		reply = "250 ok\r\n"
		switch {
		case bytes.HasPrefix(line, []byte("EHLO")):
			reply = "250-mx\r\n" + extensions + "250 SIZE\r\n"
		case bytes.HasPrefix(line, []byte("DATA")):
			_, _ = w.WriteString("354 go on\r\n")
			if r.Buffered() == 0 && w.Flush() != nil {
				return
			}
			for !bytes.Equal(line, []byte(".\r\n")) {
				if line, err = r.ReadSlice('\n'); err != nil {
					return
				}
			}
		case bytes.HasPrefix(line, []byte("BDAT ")):
			n := 0
			for _, c := range line[len("BDAT "):] {
				if c < '0' || c > '9' {
					break
				}
				n = 10*n + int(c-'0')
			}
			if _, err := r.Discard(n); err != nil {
				return
			}
		}
	}
}

// clients are what is compared, and what the server offers to each.
var clients = []struct {
	name       string
	extensions string
	deliver    func(b *testing.B, conn net.Conn, body string)
}{
	{"BDAT", "250-PIPELINING\r\n250-CHUNKING\r\n", deliver},
	{"DATA", "250-PIPELINING\r\n", deliver},
	{"one-by-one", "", deliver},
	{"net-smtp", "", deliverNetSMTP},
	{"go-smtp", "", deliverGoSMTP},
}

// BenchmarkSmallMails sends mails of 2 KB on one connection.
func BenchmarkSmallMails(b *testing.B) {
	benchmarkClients(b, strings.Repeat(strings.Repeat("x", 76)+"\r\n", 26))
}

// BenchmarkLargeMail sends mails of 25 MB.
func BenchmarkLargeMail(b *testing.B) {
	benchmarkClients(b, strings.Repeat(strings.Repeat("x", 76)+"\r\n", 25_000_000/78))
}

func benchmarkClients(b *testing.B, body string) {
	for _, secure := range []bool{false, true} {
		for _, c := range clients {
			name := c.name + "/clear"
			if secure {
				name = c.name + "/tls"
			}
			b.Run(name, func(b *testing.B) {
				address := sink(b, secure, c.extensions)
				conn, err := net.Dial("tcp", address)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				b.SetBytes(int64(len(body)))
				if secure {
					conn = tls.Client(conn, &tls.Config{RootCAs: authority().pool, ServerName: "127.0.0.1"})
				}
				before := processorTime()
				c.deliver(b, conn, body)
				b.ReportMetric(float64(processorTime()-before)/float64(b.N), "cpu-ns/op")
			})
		}
	}
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

func deliver(b *testing.B, conn net.Conn, body string) {
	opts := Options{
		Host: "127.0.0.1", Security: NoTLS, // the connection has TLS already
		Dial: func(context.Context, string, string) (net.Conn, error) { return conn, nil },
	}
	s, err := Open(b.Context(), opts)
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	src := &counted{n: b.N, mail: letter("1", body, "a@x.example")}
	if err := s.Deliver(b.Context(), src); err != nil || src.err != nil {
		b.Fatal(err, src.err)
	}
	b.StopTimer()
	_ = s.Close()
}

func deliverNetSMTP(b *testing.B, conn net.Conn, body string) {
	c, err := netsmtp.NewClient(conn, "127.0.0.1")
	if err != nil {
		b.Fatal(err)
	}
	if err := c.Hello("[127.0.0.1]"); err != nil {
		b.Fatal(err)
	}
	buffer := make([]byte, bufferSize)
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
		copyTo(b, w, body, buffer)
	}
	b.StopTimer()
	_ = c.Close()
}

func deliverGoSMTP(b *testing.B, conn net.Conn, body string) {
	c := gosmtp.NewClient(conn)
	if err := c.Hello("[127.0.0.1]"); err != nil {
		b.Fatal(err)
	}
	buffer := make([]byte, bufferSize)
	b.ResetTimer()
	for range b.N {
		if err := c.Mail("me@x.example", nil); err != nil {
			b.Fatal(err)
		}
		if err := c.Rcpt("a@x.example", nil); err != nil {
			b.Fatal(err)
		}
		w, err := c.Data()
		if err != nil {
			b.Fatal(err)
		}
		copyTo(b, w, body, buffer)
	}
	b.StopTimer()
	_ = c.Close()
}

// copyTo writes the body as a program does that sends a file, but with a buffer
// that is there already.
func copyTo(b *testing.B, w io.WriteCloser, body string, buffer []byte) {
	if _, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{strings.NewReader(body)}, buffer); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
}
