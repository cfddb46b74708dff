package submit_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	netsmtp "net/smtp"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"sendoff/config"
	"sendoff/smtp/outbox"
	"sendoff/smtp/outbox/sqlite"
	"sendoff/smtp/submit"
)

// BenchmarkDrain delivers 10 000 queued mails of 2 KB, each durable at every
// step, to a server that forgets them, in a process of its own. Beside it
// net/smtp sends the same octets from memory on one connection, over the same
// server; x is how many times as many mails a second the outbox delivers. A
// machine with nothing else to do shows it best: net/smtp is waiting most of the
// time, which takes longer where processors fall asleep meanwhile.
func BenchmarkDrain(b *testing.B) {
	for name, extensions := range map[string][]string{"BDAT": {"PIPELINING", "CHUNKING"}, "DATA": {"PIPELINING"}} {
		b.Run(name, func(b *testing.B) { benchmarkDrain(b, 10_000, extensions, "") })
		b.Run(name+"TLS", func(b *testing.B) { benchmarkDrain(b, 10_000, extensions, certified(b)) })
	}
}

func benchmarkDrain(b *testing.B, mails int, extensions []string, key string) {
	address := forgetful(b, extensions, key)
	text := "Subject: x\r\n\r\n" + strings.Repeat(strings.Repeat("x", 76)+"\r\n", 26)
	full := queued(b, mails, text)
	var ours, theirs time.Duration
	for b.Loop() {
		b.StopTimer()
		w := outbox.NewWorker(outbox.Options{Store: opened(b, full), Sender: to(address, key)})
		b.StartTimer()
		began := time.Now()
		sum, err := w.Flush(b.Context(), outbox.Only{})
		ours += time.Since(began)
		b.StopTimer()
		if err != nil || len(sum.States) != mails {
			b.Fatalf("%d of %d mails: %v", len(sum.States), mails, err)
		}
		for id, state := range sum.States {
			if state != outbox.Sent {
				b.Fatalf("mail %s is %s", id, state)
			}
		}
		began = time.Now()
		if err := sendAll(address, key, mails, text); err != nil {
			b.Fatal(err)
		}
		theirs += time.Since(began)
		b.StartTimer()
	}
	rate := func(d time.Duration) float64 { return float64(b.N*mails) / d.Seconds() }
	b.ReportMetric(rate(ours), "mails/s")
	b.ReportMetric(rate(theirs), "net/smtp-mails/s")
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "x")
	b.ReportMetric(0, "ns/op")
}

// queued returns the file of an outbox with n mails.
func queued(b *testing.B, n int, text string) []byte {
	b.Helper()
	path := filepath.Join(b.TempDir(), "outbox.db")
	s, err := sqlite.Open(b.Context(), path, sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for i := range n {
		if _, err := s.Put(b.Context(), outbox.New{
			Account: "home", State: outbox.Queued, MessageID: fmt.Sprint(i, "@x.example"), Subject: "x",
			From: "me@x.example", Recipients: []string{"a@x.example"},
			Write: func(w io.Writer) error { _, err := io.WriteString(w, text); return err },
		}); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	return file
}

// opened returns the outbox of which a file is a copy.
func opened(b *testing.B, file []byte) *sqlite.Store {
	b.Helper()
	path := filepath.Join(b.TempDir(), "outbox.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		b.Fatal(err)
	}
	s, err := sqlite.Open(b.Context(), path, sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s
}

// to is a Sender to a server without a login; by TLS if key names the file of its
// certificate.
func to(address, key string) *submit.Sender {
	host, port, _ := net.SplitHostPort(address)
	n, _ := strconv.Atoi(port)
	a := config.Account{
		Name: "home", Address: "me@x.example", Host: host, Port: n, TLS: config.TLSNone, Auth: config.AuthNone,
	}
	if key != "" {
		a.TLS, a.CAFile = config.TLSImplicit, key
	}
	return &submit.Sender{Account: func(string) (config.Account, error) { return a, nil }}
}

// sendAll sends n mails by net/smtp.
func sendAll(address, key string, n int, text string) error {
	conn, err := dialled(address, key)
	if err != nil {
		return err
	}
	c, err := netsmtp.NewClient(conn, "127.0.0.1")
	if err != nil {
		return err
	}
	defer c.Close()
	for range n {
		if err := errors.Join(c.Mail("me@x.example"), c.Rcpt("a@x.example")); err != nil {
			return err
		}
		w, err := c.Data()
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
	}
	return nil
}

// dialled connects to address; by TLS if key names the file of its certificate.
func dialled(address, key string) (net.Conn, error) {
	if key == "" {
		return net.Dial("tcp", address)
	}
	certificate, err := os.ReadFile(key)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(certificate)
	return tls.Dial("tcp", address, &tls.Config{RootCAs: roots})
}
