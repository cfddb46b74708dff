package sandbox_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"sendoff/smtp/sandbox"
)

// start runs a server until the test ends.
func start(t *testing.T, opts sandbox.Options) *sandbox.Server {
	t.Helper()
	server, err := sandbox.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// watch starts a server and returns a channel of its ended sessions.
func watch(t *testing.T, opts sandbox.Options) (*sandbox.Server, <-chan sandbox.Session) {
	t.Helper()
	sessions := make(chan sandbox.Session, 16)
	opts.Ended = func(s sandbox.Session) { sessions <- s }
	return start(t, opts), sessions
}

func next[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(30 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// peer is a client with no mind of its own.
type peer struct {
	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
}

func newPeer(t testing.TB, conn net.Conn) *peer {
	t.Helper()
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return &peer{t, conn, bufio.NewReaderSize(conn, 1<<20)}
}

func dial(t testing.TB, server *sandbox.Server) *peer {
	t.Helper()
	conn, err := net.Dial("tcp", server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	return newPeer(t, conn)
}

func dialTLS(t testing.TB, server *sandbox.Server) *peer {
	t.Helper()
	conn, err := tls.Dial("tcp", server.TLSAddr(), &tls.Config{RootCAs: server.Roots()})
	if err != nil {
		t.Fatal(err)
	}
	return newPeer(t, conn)
}

func (p *peer) write(s string) {
	p.t.Helper()
	if _, err := io.WriteString(p.conn, s); err != nil {
		p.t.Fatalf("write %.60q: %v", s, err)
	}
}

// reply reads one whole reply.
func (p *peer) reply() string {
	p.t.Helper()
	var reply strings.Builder
	for {
		line, err := p.r.ReadString('\n')
		if err != nil {
			p.t.Fatalf("read a reply after %q: %v", reply.String()+line, err)
		}
		reply.WriteString(line)
		if len(line) < 4 || line[3] != '-' {
			return reply.String()
		}
	}
}

func (p *peer) expect(prefix string) string {
	p.t.Helper()
	reply := p.reply()
	last := reply[strings.LastIndex(strings.TrimSuffix(reply, "\r\n"), "\n")+1:]
	if !strings.HasPrefix(last, prefix) || !strings.HasSuffix(last, "\r\n") {
		p.t.Fatalf("reply %q, want %q", reply, prefix)
	}
	return reply
}

// expectEnd expects that the server closed the connection.
func (p *peer) expectEnd() {
	p.t.Helper()
	if rest, err := io.ReadAll(p.r); err != nil || len(rest) > 0 {
		p.t.Fatalf("read %q, %v, want the end", rest, err)
	}
	if err := p.conn.Close(); err != nil {
		p.t.Fatal(err)
	}
}

// play goes through a dialogue: a line "C: " is said, and "S: " is how the last
// line of the reply must begin.
func (p *peer) play(script string) {
	p.t.Helper()
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		if said, ok := strings.CutPrefix(line, "C:"); ok {
			p.write(strings.TrimPrefix(said, " ") + "\r\n")
		} else if want, ok := strings.CutPrefix(line, "S: "); ok {
			p.expect(want)
		} else if line != "" {
			p.t.Fatalf("bad line in a script: %q", line)
		}
	}
}
