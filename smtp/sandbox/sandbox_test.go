package sandbox_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/smtp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"sendoff/smtp/sandbox"
)

// TestStandardClient has the client of the standard library send a mail.
func TestStandardClient(t *testing.T) {
	t.Parallel()
	for _, implicit := range []bool{false, true} {
		server, sessions := watch(t, sandbox.Options{User: "me", Password: "secret"})
		config := &tls.Config{RootCAs: server.Roots(), ServerName: "localhost"}
		var conn net.Conn
		var err error
		if implicit {
			conn, err = tls.Dial("tcp", server.TLSAddr(), config)
		} else {
			conn, err = net.Dial("tcp", server.Addr())
		}
		if err != nil {
			t.Fatal(err)
		}
		client, err := smtp.NewClient(conn, "localhost")
		if err != nil {
			t.Fatal(err)
		}
		if !implicit {
			must(t, client.StartTLS(config))
		}
		must(t, client.Auth(smtp.PlainAuth("", "me", "secret", "localhost")))
		must(t, client.Mail("a@example.org"))
		must(t, client.Rcpt("b@example.org"))
		if err := client.Rcpt("full@example.org"); err == nil {
			t.Error("full@ was accepted")
		}
		w, err := client.Data()
		must(t, err)
		_, err = w.Write([]byte("Subject: hi\n\n.\n..two\n"))
		must(t, err)
		must(t, w.Close())
		must(t, client.Quit())

		mails := server.Mails()
		if len(mails) != 1 || string(mails[0].Data) != "Subject: hi\r\n\r\n.\r\n..two\r\n" ||
			mails[0].User != "me" || !slices.Equal(mails[0].Recipients, []string{"b@example.org"}) {
			t.Errorf("kept %+v", mails)
		}
		if got := next(t, sessions); got.Violations != nil || got.Err != nil {
			t.Errorf("session %+v", got)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestOnlyLoopback(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:25", "example.org:25", "nonsense"} {
		for _, opts := range []sandbox.Options{{Listen: address}, {TLSListen: address}} {
			if server, err := sandbox.Start(opts); err == nil {
				t.Errorf("listens on %s", address)
				must(t, server.Close())
			}
		}
	}
	for _, address := range []string{"127.0.0.1:0", "localhost:0", "127.3.2.1:0"} {
		server := start(t, sandbox.Options{Listen: address})
		dial(t, server).expect("220 ")
	}
}

func TestCertificate(t *testing.T) {
	t.Parallel()
	server := start(t, sandbox.Options{})
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(server.CertificatePEM()) {
		t.Fatal("the PEM does not hold a certificate")
	}
	for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
		conn, err := tls.Dial("tcp", server.TLSAddr(), &tls.Config{RootCAs: pool, ServerName: name})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		must(t, conn.Close())
	}
	if _, err := tls.Dial("tcp", server.TLSAddr(), &tls.Config{RootCAs: pool, ServerName: "example.org"}); err == nil {
		t.Error("good for example.org")
	}
	if _, err := tls.Dial("tcp", server.TLSAddr(), &tls.Config{ServerName: "localhost"}); err == nil {
		t.Error("good without its authority")
	}
	expired := start(t, sandbox.Options{
		Certificate: func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) },
		TLS:         func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 },
	})
	conn, err := tls.Dial("tcp", expired.TLSAddr(), &tls.Config{RootCAs: expired.Roots()})
	if err == nil || !strings.Contains(err.Error(), "expired") {
		t.Errorf("expired: %v, %v", conn, err)
	}
}

func TestLatency(t *testing.T) {
	t.Parallel()
	const latency = 250 * time.Millisecond
	server, sessions := watch(t, sandbox.Options{Latency: latency})
	begin := time.Now()
	p := dial(t, server)
	p.play("S: 220 \nC: EHLO x\nS: 250 ")
	p.write("MAIL FROM:<a@example.org>\r\nRC")
	p.write("PT TO:<b@example.org>\r\n")
	p.write("DATA\r\n")
	p.play("S: 250 \nS: 250 \nS: 354 \nC: hi\nC: .\nS: 250 \nC: QUIT\nS: 221")
	if took := time.Since(begin); took < 4*latency {
		t.Errorf("took %v", took)
	}
	if got := next(t, sessions); got.Waits != 4 {
		t.Errorf("waits %d, want 4", got.Waits)
	}
}

// TestClose is not parallel: it looks at all goroutines.
func TestClose(t *testing.T) {
	server, err := sandbox.Start(sandbox.Options{})
	must(t, err)
	p := dial(t, server)
	p.play(envelope + "\nC: DATA\nS: 354 ")
	dialTLS(t, server).expect("220 ")
	idle, err := net.Dial("tcp", server.TLSAddr())
	must(t, err)
	must(t, server.Close())
	must(t, server.Close())
	must(t, idle.Close())
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for stack := range bytes.SplitSeq(stacks, []byte("\n\n")) {
		if bytes.Contains(stack, []byte("sandbox.(*Server)")) {
			t.Errorf("left over:\n%s", stack)
		}
	}
	if conn, err := net.Dial("tcp", server.Addr()); err == nil {
		must(t, conn.Close())
		t.Error("still listens")
	}
}
