//go:build unix

package cli

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"sendoff/smtp/outbox"
	"sendoff/smtp/sandbox"
)

// TestRefusedLoginAcrossPrograms has several programs find ten mails and a
// wrong password, again and again: each tries it once at most, and none after
// that. With another password all mail goes.
func TestRefusedLoginAcrossPrograms(t *testing.T) {
	t.Parallel()
	const mails, programs = 10, 3
	var refusals, sent atomic.Int32
	server, err := sandbox.Start(sandbox.Options{
		User: "me", Password: "sesame17",
		Ended: func(s sandbox.Session) {
			sent.Add(int32(s.Mails))
			for _, line := range s.Lines {
				if strings.HasPrefix(line, "S: 535") {
					refusals.Add(1)
				}
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &station{t: t, home: t.TempDir()}
	authority := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(authority, server.CertificatePEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(server.TLSAddr())
	if err != nil {
		t.Fatal(err)
	}
	s.run(0, "account", "add", "work", "--address", "me@example.org", "--user", "me", "--host", "127.0.0.1",
		"--port", port, "--secret", "env", "--ca-file", authority)
	s.queue(mails)
	flush := func(password string) {
		cmd := s.command("flush")
		cmd.Env = append(cmd.Env, "SENDOFF_PASSWORD_WORK="+password)
		_ = cmd.Run() // the outbox knows how it went
	}
	for range 3 {
		var all sync.WaitGroup
		for range programs {
			all.Go(func() { flush("wrong") })
		}
		all.Wait()
	}
	for _, it := range s.items() {
		if it.State != outbox.Queued {
			t.Errorf("mail %s is %s", it.ID, it.State)
		}
	}
	flush("sesame17")
	for _, it := range s.items() {
		if it.State != outbox.Sent {
			t.Errorf("mail %s is %s", it.ID, it.State)
		}
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if n := refusals.Load(); n < 1 || n > programs || sent.Load() != mails {
		t.Errorf("%d logins were refused, %d mails arrived", n, sent.Load())
	}
}
