//go:build unix

package cli

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"sendoff/config/private"
	"sendoff/smtp/outbox"
)

// gate stands before the station's server: it takes connections, and lets none
// through before it is opened.
type gate struct {
	arrived chan struct{} // somebody waits at it
	open    chan struct{}
}

// newGate has the station's account go through a gate. settings go into its
// table of the outbox.
func (s *station) newGate(settings string) *gate {
	s.t.Helper()
	path := filepath.Join(s.home, "config.toml")
	text, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	_, port, _ := strings.Cut(string(text), "port = ")
	port, _, _ = strings.Cut(port, "\n")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = l.Close() })
	g := &gate{make(chan struct{}, 1), make(chan struct{})}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go g.pass(conn, net.JoinHostPort("127.0.0.1", strings.TrimSpace(port)))
		}
	}()
	through := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	text = []byte(strings.Replace(string(text), "port = "+port, "port = "+through, 1))
	text = append(text, "\n[outbox]\n"+settings...)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		s.t.Fatal(err)
	}
	return g
}

func (g *gate) pass(conn net.Conn, address string) {
	defer conn.Close()
	select {
	case g.arrived <- struct{}{}:
	default:
	}
	<-g.open
	server, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(server, conn)
		_ = server.Close()
	}()
	_, _ = io.Copy(conn, server)
}

// TestHandOver hangs up while the server keeps a mail waiting, and has the mail
// arrive once all the same.
func TestHandOver(t *testing.T) {
	t.Parallel()
	needs(t, "tmux")
	s := newStation(t)
	t.Cleanup(func() {
		for os.RemoveAll(s.home) != nil { // while the program is at its very end
		}
	})
	g := s.newGate("after-quit = \"deliver\"\n")
	s.run(0, "send", "--queue", "--to", "bob@example.org", "--subject", "Kept waiting", "--body", "text")
	term := start(t, 80, 24, "env TERM=xterm-256color SENDOFF_HOME='"+s.home+"' DBUS_SESSION_BUS_ADDRESS=disabled: '"+build(t)+"'")
	<-g.arrived
	term.wait("1 mail waits")
	term.tmux("kill-server")
	<-g.arrived // another program, since the first still waited
	close(g.open)
	for s.waiting() > 0 {
	}
	unlock, err := private.LockFor(t.Context(), filepath.Join(s.home, "drain"), "", time.Minute)
	if err != nil {
		t.Fatal("the other program does not end:", err)
	}
	unlock()
	if got := s.texts(); len(got) != 1 {
		t.Errorf("%d mails arrived", len(got))
	}
	if items := s.items(); len(items) != 1 || items[0].State != outbox.Sent {
		t.Errorf("the outbox has %v", items)
	}
}
