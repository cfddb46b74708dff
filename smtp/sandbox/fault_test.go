package sandbox_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"sendoff/smtp/sandbox"
)

// walker goes through a whole session on STARTTLS, and stops where something
// is not as it should be.
type walker struct {
	conn net.Conn
	r    *bufio.Reader

	// stalled is the step that is expected to stall, or -1.
	stalled int
}

// A stall shows only after a while; anything else may take its time.
const (
	short = 200 * time.Millisecond
	long  = 30 * time.Second
)

// step is what is said and the class of reply that is expected.
type step struct {
	phase sandbox.Phase
	say   string
	want  byte
}

var walk = []step{
	{sandbox.AtGreeting, "", '2'},
	{sandbox.AtHello, "EHLO x\r\n", '2'},
	{sandbox.AtStartTLS, "STARTTLS\r\n", '2'},
	{sandbox.AtHandshake, "", 0},
	{sandbox.AtHello, "EHLO x\r\n", '2'},
	{sandbox.AtAuth, "AUTH LOGIN\r\n", '3'},
	{sandbox.AtAuth, "bWU=\r\n", '3'},
	{sandbox.AtAuth, "c2VjcmV0\r\n", '2'},
	{sandbox.AtMail, "MAIL FROM:<a@example.org>\r\n", '2'},
	{sandbox.AtRecipient, "RCPT TO:<b@example.org>\r\n", '2'},
	{sandbox.AtRecipient, "RCPT TO:<c@example.org>\r\n", '2'},
	{sandbox.AtData, "DATA\r\n", '3'},
	{sandbox.AtEnd, "hi\r\n.\r\n", '2'},
	{sandbox.AtMail, "MAIL FROM:<a@example.org>\r\n", '2'},
	{sandbox.AtRecipient, "RCPT TO:<b@example.org>\r\n", '2'},
	{sandbox.AtData, "BDAT 4\r\nhi\r\n", '2'},
	{sandbox.AtEnd, "BDAT 0 LAST\r\n", '2'},
	{sandbox.AtReset, "RSET\r\n", '2'},
	{sandbox.AtQuit, "QUIT\r\n", '2'},
}

// run returns the index of the step that went wrong, and how it did.
func (w *walker) run(t *testing.T, server *sandbox.Server) (int, string) {
	t.Helper()
	for i, s := range walk {
		patience := long
		if i == w.stalled {
			patience = short
		}
		must(t, w.conn.SetDeadline(time.Now().Add(patience)))
		if s.phase == sandbox.AtHandshake {
			conn := tls.Client(w.conn, &tls.Config{RootCAs: server.Roots(), ServerName: "localhost"})
			if err := conn.Handshake(); err != nil {
				return i, outcome(err)
			}
			w.conn, w.r = conn, bufio.NewReader(conn)
			continue
		}
		if _, err := io.WriteString(w.conn, s.say); err != nil {
			return i, outcome(err)
		}
		if got := w.reply(s.want); got != "" {
			return i, got
		}
	}
	return len(walk), ""
}

// reply reads a reply and tells what is wrong with it.
func (w *walker) reply(want byte) string {
	for range 1000 {
		line, err := w.r.ReadString('\n')
		switch {
		case err != nil:
			return outcome(err)
		case len(line) > 5000:
			return "long line"
		case len(line) < 4 || line[0] < '1' || line[0] > '5' || line[3] != ' ' && line[3] != '-':
			return "garbage"
		case line[3] == '-':
			continue
		case line[0] == want:
			return ""
		case strings.HasPrefix(line, "421"):
			return "421"
		case line[0] == '4' || line[0] == '5':
			return line[:1] + "xx"
		}
		return "wrong class"
	}
	return "flood"
}

func outcome(err error) string {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "stall"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "rst"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "eof"
	}
	return err.Error()
}

func TestFaults(t *testing.T) {
	t.Parallel()
	actions := []sandbox.Action{
		sandbox.Temporary, sandbox.Permanent, sandbox.Unavailable, sandbox.WrongClass, sandbox.Garbage,
		sandbox.LongLine, sandbox.Flood, sandbox.Drip, sandbox.Stall, sandbox.Hangup, sandbox.Reset, sandbox.Split,
	}
	for i, s := range walk {
		n := 1
		for _, earlier := range walk[:i] {
			if earlier.phase == s.phase {
				n++
			}
		}
		for _, action := range actions {
			name := string(s.phase) + " " + strings.Fields(s.say + "-")[0] + " " + string(action)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				testFault(t, i, s.phase, n, action)
			})
		}
	}
}

func testFault(t *testing.T, i int, phase sandbox.Phase, n int, action sandbox.Action) {
	want := string(action)
	switch {
	case action == sandbox.Split:
		i, want = len(walk), ""
	case action == sandbox.Drip:
		want = string(sandbox.Stall) // a line that never ends
	}
	server, sessions := watch(t, sandbox.Options{
		User: "me", Password: "secret", Slow: 10 * time.Millisecond,
		Faults: func(p sandbox.Phase, k int) sandbox.Fault {
			if p == phase && k == n {
				return sandbox.Fault{Action: action}
			}
			return sandbox.Fault{}
		},
	})
	gotStep, got := walkTo(t, server, i, want)
	if gotStep != i {
		t.Errorf("wrong at step %d, want %d (%s)", gotStep, i, got)
	}
	switch {
	case got == want:
	case phase == sandbox.AtHandshake && i < len(walk) && got != "":
		// Whatever was sent is no handshake.
	default:
		t.Errorf("it looks like %q, want %q", got, want)
	}
	session := next(t, sessions)
	if action != sandbox.Split && session.Err == nil {
		t.Error("the session ended well")
	}
	if accepted := len(server.Mails()); accepted != session.Mails {
		t.Errorf("%d mails, the session tells %d", accepted, session.Mails)
	}
}

// walkTo dials, walks, and hangs up. The server is expected to stall at step i
// when want says so.
func walkTo(t *testing.T, server *sandbox.Server, i int, want string) (int, string) {
	t.Helper()
	conn, err := net.Dial("tcp", server.Addr())
	if i == 0 && errors.Is(err, syscall.ECONNRESET) {
		return 0, outcome(err) // the reset was quicker than the end of dialing
	}
	must(t, err)
	w := &walker{conn, bufio.NewReaderSize(conn, 2<<20), -1}
	if want == "stall" {
		w.stalled = i
	}
	step, got := w.run(t, server)
	// It may be closed already; what counts is that the server notices.
	_ = conn.Close()
	return step, got
}

// at makes a fault the first time a session comes to a phase.
func at(phase sandbox.Phase, f sandbox.Fault) func(sandbox.Phase, int) sandbox.Fault {
	return func(p sandbox.Phase, n int) sandbox.Fault {
		if p == phase && n == 1 {
			return f
		}
		return sandbox.Fault{}
	}
}

func TestFaultAtConnect(t *testing.T) {
	t.Parallel()
	for action, want := range map[sandbox.Action]string{
		sandbox.Hangup: "eof", sandbox.Reset: "rst", sandbox.Stall: "stall",
		sandbox.Temporary: "4xx", sandbox.Garbage: "garbage",
	} {
		server := start(t, sandbox.Options{Faults: at(sandbox.AtConnect, sandbox.Fault{Action: action})})
		for _, address := range []string{server.Addr(), server.TLSAddr()} {
			conn, err := net.Dial("tcp", address)
			if err != nil { // the reset can be that fast
				if got := outcome(err); got != want {
					t.Errorf("%s: it looks like %s", action, got)
				}
				continue
			}
			deadline := time.Now().Add(long)
			if want == "stall" {
				deadline = time.Now().Add(short)
			}
			must(t, conn.SetDeadline(deadline))
			w := &walker{conn, bufio.NewReader(conn), -1}
			if got := w.reply('2'); got != want {
				t.Errorf("%s: it looks like %s", action, got)
			}
			must(t, conn.Close())
		}
	}
}

func TestFaultInBody(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		action sandbox.Action
		want   string
	}{
		{sandbox.Temporary, "4xx"},
		{sandbox.Permanent, "5xx"},
		{sandbox.Unavailable, "421"},
		{sandbox.Hangup, "cut"},
		{sandbox.Reset, "cut"},
		{sandbox.Stall, "stall"},
	} {
		for _, command := range []string{"DATA", "BDAT 1000000000"} {
			server := start(t, sandbox.Options{Faults: at(sandbox.AtBody, sandbox.Fault{Action: test.action})})
			p := dial(t, server)
			p.play(envelope)
			p.write(command + "\r\n")
			if command == "DATA" {
				p.expect("354")
			}
			if test.want == "stall" {
				must(t, p.conn.SetDeadline(time.Now().Add(short)))
			}
			block := []byte(strings.Repeat("0123456789\r\n", 1000))
			got := "cut"
			if strings.HasSuffix(string(test.action), "x") || test.action == sandbox.Unavailable {
				_, err := p.conn.Write(block)
				must(t, err)
				got = (&walker{p.conn, p.r, -1}).reply('2')
			} else {
				var err error
				for err == nil {
					_, err = p.conn.Write(block)
				}
				if outcome(err) == "stall" {
					got = "stall"
				}
			}
			if got != test.want {
				t.Errorf("%s, %s: it looks like %s", command, test.action, got)
			}
			if len(server.Mails()) > 0 {
				t.Errorf("%s, %s: kept the mail", command, test.action)
			}
		}
	}
}

func TestFaultWhenIdle(t *testing.T) {
	t.Parallel()
	server := start(t, sandbox.Options{Faults: at(sandbox.AtIdle, sandbox.Fault{Action: sandbox.Unavailable})})
	p := dial(t, server)
	p.play(envelope + "\nC: BDAT 0 LAST\nS: 250 2.0.0 Ok: queued\nS: 421 ")
	p.expectEnd()

	busy := dial(t, server)
	busy.play(envelope)
	busy.write("BDAT 0 LAST\r\nQUIT\r\n")
	busy.play("S: 250 \nS: 221")
}

func TestRawFaults(t *testing.T) {
	t.Parallel()
	t.Run("in place of a positive reply", func(t *testing.T) {
		t.Parallel()
		server := start(t, sandbox.Options{
			Faults: at(sandbox.AtStartTLS, sandbox.Fault{Raw: "220 go\r\n250 AUTH injected\r\n", Action: sandbox.Split}),
		})
		p := dial(t, server)
		p.play("S: 220 \nC: EHLO x\nS: 250 \nC: STARTTLS\nS: 220 go\nS: 250 AUTH injected")
		p = newPeer(t, tls.Client(p.conn, &tls.Config{RootCAs: server.Roots(), ServerName: "localhost"}))
		p.play("C: EHLO x\nS: 250 ")
	})
	t.Run("refusal", func(t *testing.T) {
		t.Parallel()
		server := start(t, sandbox.Options{Faults: at(sandbox.AtMail, sandbox.Fault{Raw: "550-5.7.1 no\r\n550 5.7.1 way\r\n"})})
		p := dial(t, server)
		p.play("S: 220 \nC: EHLO x\nS: 250 \nC: MAIL FROM:<>\nS: 550 5.7.1 way\nC: RCPT TO:<b@example.org>\nS: 503 ")
	})
	t.Run("refused recipient", func(t *testing.T) {
		t.Parallel()
		server := start(t, sandbox.Options{Faults: at(sandbox.AtRecipient, sandbox.Fault{Action: sandbox.Permanent})})
		p := dial(t, server)
		p.play("S: 220 \nC: EHLO x\nS: 250 \nC: MAIL FROM:<>\nS: 250 \nC: RCPT TO:<b@example.org>\nS: 550 5.1.1\nC: DATA\nS: 554 ")
	})
	t.Run("half a line and the end", func(t *testing.T) {
		t.Parallel()
		server := start(t, sandbox.Options{Faults: at(sandbox.AtEnd, sandbox.Fault{Raw: "250 Ok: que", Action: sandbox.Hangup})})
		p := dial(t, server)
		p.play(envelope + "\nC: BDAT 0 LAST")
		if got, err := io.ReadAll(p.r); err != nil || string(got) != "250 Ok: que" {
			t.Errorf("read %q, %v", got, err)
		}
		if len(server.Mails()) > 0 {
			t.Error("kept the mail")
		}
	})
	t.Run("success too early", func(t *testing.T) {
		t.Parallel()
		server, sessions := watch(t, sandbox.Options{
			User: "me", Password: "secret",
			Faults: at(sandbox.AtAuth, sandbox.Fault{Raw: "235 2.7.0 welcome\r\n"}),
		})
		p := dialTLS(t, server)
		p.play("S: 220 \nC: EHLO x\nS: 250 \nC: AUTH SCRAM-SHA-256\nS: 235 \nC: *\nS: 501 \nC: QUIT\nS: 221")
		if got := next(t, sessions); got.User != "" || !slices.Contains(got.Lines, "S: 235 2.7.0 welcome") {
			t.Errorf("session %+v", got)
		}
	})
}

func TestSplitAndDrip(t *testing.T) {
	t.Parallel()
	for action, want := range map[sandbox.Action]string{
		sandbox.Split: "250-sand", sandbox.Drip: "250-xxxx",
	} {
		server := start(t, sandbox.Options{
			Slow:   time.Millisecond,
			Faults: at(sandbox.AtHello, sandbox.Fault{Action: action}),
		})
		p := dialTLS(t, server)
		p.expect("220 ")
		p.write("EHLO x\r\n")
		// Each segment is a TLS record, and a read yields one record at most.
		var got string
		reads, buf := 0, make([]byte, 100)
		for ; len(got) < len(want); reads++ {
			n, err := p.conn.Read(buf)
			must(t, err)
			got += string(buf[:n])
		}
		if got != want || reads < 4 {
			t.Errorf("%s: read %q in %d pieces", action, got, reads)
		}
	}
}
