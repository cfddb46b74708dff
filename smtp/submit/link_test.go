package submit_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"sendoff/config"
	"sendoff/smtp"
	"sendoff/smtp/sandbox"
	"sendoff/smtp/submit"
)

// TestHello asserts how this machine introduces itself: by the address it was
// told to connect from, by nothing of its own behind a proxy, or as it was told.
func TestHello(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("loopback has one address here")
	}
	server, a, sender := start(t, sandbox.Options{})
	a.Bind = "127.0.0.2"
	hello := func() (said string) {
		t.Helper()
		_, err := sender.Test(t.Context(), a, func(e smtp.Event) {
			if e.Kind == smtp.KindLine && !e.FromServer && strings.HasPrefix(e.Text, "EHLO ") {
				said = e.Text
			}
		})
		if err != nil {
			t.Error(err)
		}
		return said
	}
	if got := hello(); got != "EHLO [127.0.0.2]" {
		t.Errorf("bound: %s", got)
	}
	proxy := startRelay(t, server.TLSAddr(), httpConnect)
	a.Proxy = "http://" + proxy.Addr().String()
	if got := hello(); got != "EHLO [127.0.0.1]" {
		t.Errorf("behind a proxy: %s", got)
	}
	a.EHLOName = "pc.example.org"
	if got := hello(); got != "EHLO pc.example.org" {
		t.Errorf("named: %s", got)
	}
}

func TestBindElsewhere(t *testing.T) {
	t.Parallel()
	_, a, sender := start(t, sandbox.Options{})
	a.Bind = "192.0.2.7" // for documentation, so nobody's
	_, err := sender.Test(t.Context(), a, nil)
	if p := submit.Explain(err); p.Title != "this machine has not got the address to connect from" {
		t.Errorf("%v is explained as %+v", err, p)
	}
}

// many is a source of mails that counts how many are in commit at once.
type many struct {
	left, done, together int
}

func (m *many) Next(context.Context) (*smtp.Mail, error) {
	if m.left == 0 {
		return nil, io.EOF
	}
	m.left--
	return &smtp.Mail{
		ID: fmt.Sprint(m.left), From: "alice@example.org", To: []string{"ok@example.org"}, Size: int64(len(content)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil },
	}, nil
}

func (m *many) Commit(_ context.Context, mails ...*smtp.Mail) error {
	m.together = max(m.together, len(mails))
	return nil
}

func (*many) Part(*smtp.Mail, []smtp.Outcome) {}

func (m *many) Done(*smtp.Mail, smtp.Result) { m.done++ }

func TestWindow(t *testing.T) {
	t.Parallel()
	for window, most := range map[int]int{1: 1, 3: 3, 0: 16} {
		_, a, _ := start(t, sandbox.Options{})
		a.Window = window
		src := &many{left: 64}
		if err := senderFor(a).Deliver(t.Context(), "work", src, nil); err != nil || src.done != 64 {
			t.Errorf("%d done, %v", src.done, err)
		}
		if src.together != most {
			t.Errorf("window %d: %d in commit at once, want %d", window, src.together, most)
		}
	}
}

// showing writes a certificate for name, with its key, for a to show.
func showing(t *testing.T, server *sandbox.Server, a *config.Account, name string) {
	t.Helper()
	own, err := server.ClientCertificate(name)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(own.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	a.ClientCert, a.ClientKey = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{
		a.ClientCert: {Type: "CERTIFICATE", Bytes: own.Certificate[0]},
		a.ClientKey:  {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestClientCertificate(t *testing.T) {
	t.Parallel()
	server, a, _ := start(t, sandbox.Options{})
	showing(t, server, &a, "alice")
	a.Auth, a.User = config.AuthExternal, ""
	sender := senderFor(a)
	sender.Password = nil // nobody is to be asked
	src := &source{to: []string{"ok@example.org"}}
	if err := sender.Deliver(t.Context(), "work", src, nil); err != nil || src.result.Err != nil {
		t.Fatalf("%v, %+v", err, src.result)
	}
	if got := server.Mails()[0].User; got != "alice" {
		t.Errorf("logged in as %q", got)
	}
	if _, full, err := check(t, sender, a); err != nil || !strings.Contains(full, "EXTERNAL by the client's certificate: the only one that can be used; not SCRAM-") {
		t.Errorf("%v\n%s", err, full)
	}

	// One file for both.
	cert, certErr := os.ReadFile(a.ClientCert)
	key, keyErr := os.ReadFile(a.ClientKey)
	both := filepath.Join(t.TempDir(), "both.pem")
	if err := os.WriteFile(both, bytes.Join([][]byte{key, cert}, nil), 0o600); err != nil || certErr != nil || keyErr != nil {
		t.Fatal(err, certErr, keyErr)
	}
	one := a
	one.ClientCert, one.ClientKey = both, ""
	if _, err := sender.Test(t.Context(), one, nil); err != nil {
		t.Error(err)
	}

	other := a
	showing(t, server, &other, "alice")
	mixed, missing := a, a
	mixed.ClientKey = other.ClientKey
	missing.ClientKey = filepath.Join(t.TempDir(), "nothing.pem")
	for want, a := range map[string]config.Account{
		a.ClientCert + ": private key does not match public key": mixed,
		missing.ClientKey + " is not there":                      missing,
	} {
		_, err := sender.Test(t.Context(), a, nil)
		if p := submit.Explain(err); p.Title != want || p.Hint == "" {
			t.Errorf("%v is explained as %+v, want %s", err, p, want)
		}
	}
}

// TestResume asserts that a TLS session is taken up again by the account that
// began it, and by no other, and that nothing is believed because of it.
func TestResume(t *testing.T) {
	t.Parallel()
	var resumed atomic.Bool
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		server, a, sender := start(t, sandbox.Options{TLS: func(c *tls.Config) {
			c.MaxVersion = version
			c.VerifyConnection = func(state tls.ConnectionState) error {
				resumed.Store(state.DidResume)
				return nil
			}
		}})
		var certificate *x509.Certificate
		try := func(a config.Account, want bool) {
			t.Helper()
			_, err := sender.Test(t.Context(), a, func(e smtp.Event) {
				if e.TLS != nil {
					certificate = e.TLS.Certificate
				}
			})
			if err != nil || resumed.Load() != want {
				t.Errorf("%s: resumed is %v, %v", tls.VersionName(version), resumed.Load(), err)
			}
		}
		try(a, false)
		try(a, true)

		alice, bob := a, a
		showing(t, server, &alice, "alice")
		showing(t, server, &bob, "bob")
		try(alice, false)
		try(bob, false)
		try(alice, true)

		pinned := a
		pinned.CAFile, pinned.Pins = "", []string{submit.Pin(certificate)}
		try(pinned, false)
		try(pinned, true)

		// The authority that was trusted is gone.
		stranger, _, _ := start(t, sandbox.Options{})
		if err := os.WriteFile(a.CAFile, stranger.CertificatePEM(), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := sender.Test(t.Context(), a, nil); submit.Explain(err).Title != "the server's certificate is signed by somebody this machine does not trust" {
			t.Errorf("%s: believed after its authority was replaced: %v", tls.VersionName(version), err)
		}
	}
}
