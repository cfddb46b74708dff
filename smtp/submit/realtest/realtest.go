// Package realtest runs real mail servers for tests: a private Postfix that
// authenticates with a private Dovecot, on loopback, with a certificate of an
// authority of its own; and Dovecot's own server, Exim, OpenSMTPD
// and aiosmtpd; and proxies that want a password. They share nothing with
// the programs' usual instances.
//
// It imports nothing of the project, so that no mistake can be on both sides.
package realtest

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The one user that the servers know, and the domain they take mail for. Any
// local part is fine but refused, deferred and full, which get a 550, a 451
// and a 552.
const (
	User     = "ann"
	Password = "correct horse"
	Token    = "an-access-token" // of the same user, for XOAUTH2 and OAUTHBEARER
	Domain   = "example.test"
)

// Server is a running server; a port it does not have is 0.
type Server struct {
	Host        string // for which it has a certificate
	Submissions int    // the port with implicit TLS
	Submission  int    // the port with STARTTLS; no login before it
	DataOnly    int    // as Submission, but without CHUNKING
	Bare        int    // as Submission, but without any extension besides AUTH
	Clear       int    // clear text, no login; of the servers other than Postfix

	Roots  *x509.CertPool
	CAFile string // the same, as PEM

	Authority *Authority // of its tokens; only for StartPostfix's server

	Client tls.Certificate // of User; only for StartDovecot's server, which asks for it

	sink *sink
}

// need returns the paths of programs. If one is missing the test is skipped,
// or fails where SENDOFF_TEST_REAL says that it has to be there.
func need(t testing.TB, programs ...string) []string {
	t.Helper()
	give := missing(t)
	if os.Getuid() != 0 {
		give("real servers can only be started by root")
	}
	var paths []string
	for _, name := range programs {
		path, err := exec.LookPath(name)
		if err != nil {
			path, err = exec.LookPath(filepath.Join("/usr/sbin", name))
		}
		if err != nil {
			give("%s is not installed", name)
		}
		paths = append(paths, path)
	}
	return paths
}

// missing tells that a part is missing, as need says.
func missing(t testing.TB) func(format string, args ...any) {
	if os.Getenv("SENDOFF_TEST_REAL") == "1" {
		return t.Fatalf
	}
	return t.Skipf
}

// folder makes a folder that other users may enter, with a path short enough
// for sockets, and removes it in the end.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "realtest")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// fill replaces each $name in a template by its value.
func fill(template string, values map[string]string) string {
	return os.Expand(template, func(name string) string {
		value, ok := values[name]
		if !ok {
			return "$" + name // Postfix has variables too
		}
		return value
	})
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// tell adds a log to what a failed test says.
func tell(t testing.TB, log string) {
	t.Cleanup(func() {
		if !t.Failed() {
			return
		}
		data, _ := os.ReadFile(log)
		lines := strings.Split(string(data), "\n")
		t.Logf("%s:\n%s", filepath.Base(log), strings.Join(lines[max(0, len(lines)-60):], "\n"))
	})
}
