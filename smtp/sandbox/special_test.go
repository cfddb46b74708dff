package sandbox_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"sendoff/smtp/sandbox"
)

func TestRefusedRecipients(t *testing.T) {
	t.Parallel()
	server := start(t, sandbox.Options{})
	p := dial(t, server)
	p.play("S: 220 \nC: EHLO x\nS: 250 \nC: MAIL FROM:<a@example.org>\nS: 250 ")
	for to, want := range map[string]string{
		"refused":          "550 5.1.1 <refused@example.org>",
		"REFUSED":          "550 5.1.1",
		`"refused"`:        "550 5.1.1",
		"refused+tag":      "550 5.1.1",
		"refused.not":      "250",
		"deferred":         "451 4.7.1",
		"full":             "552 5.2.2",
		"toomany":          "452 4.5.3",
		"someone+refused":  "250",
		"wordy":            "550 5.1.1  https://",
		"drop-after-dot.x": "250",
	} {
		p.write("RCPT TO:<" + to + "@example.org>\r\n")
		p.expect(want)
	}
	p.write("RCPT TO:<wordy@example.org>\r\n")
	if got := strings.Count(p.expect("550 5.1.1"), "\n"); got != 4 {
		t.Errorf("wordy@ has %d lines", got)
	}
	p.write("RCPT TO:<toomany@example.org>\r\n")
	if got, want := p.reply(), "452 4.5.3 Too many recipients\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.write("RCPT TO:<closing@example.org>\r\n")
	p.expect("421 4.3.2")
	p.expectEnd()
}

func TestGreylist(t *testing.T) {
	t.Parallel()
	server := start(t, sandbox.Options{})
	for _, want := range []string{"451 4.7.1", "250"} {
		p := dial(t, server)
		p.play("S: 220 \nC: EHLO x\nS: 250 \nC: MAIL FROM:<a@example.org>\nS: 250 ")
		p.write("RCPT TO:<greylist@example.org>\r\nRCPT TO:<Greylist+2@Example.Org>\r\n")
		p.expect(want)
		p.expect(want)
	}
}

func TestEscape(t *testing.T) {
	t.Parallel()
	server := start(t, sandbox.Options{})
	p := dial(t, server)
	p.play("S: 220 \nC: EHLO x\nS: 250 \nC: MAIL FROM:<a@example.org>\nS: 250 ")
	p.write("RCPT TO:<escape@example.org>\r\n")
	reply := p.expect("550 5.1.1")
	for _, want := range []string{"\x1b]0;", "\x1b]52;", "\x1b[2J", "\x9b", "\u009b", "\u202e", "\xff\xfe", "\r"} {
		if !strings.Contains(strings.TrimSuffix(reply, "\r\n"), want) {
			t.Errorf("the reply lacks %q", want)
		}
	}
}

func TestAfterContent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		to, code string
		kept     int
	}{
		{"reject-data", "554 5.7.1", 0},
		{"tempfail-data", "451 4.3.0", 0},
		{"drop-after-dot", "", 1},
		{"lost-after-dot", "", 0},
	} {
		t.Run(test.to, func(t *testing.T) {
			t.Parallel()
			server, sessions := watch(t, sandbox.Options{})
			p := dialTLS(t, server)
			p.play(envelope + "\nC: RCPT TO:<" + test.to + "@example.org>\nS: 250 \nC: DATA\nS: 354 \nC: hi\nC: .")
			if test.code != "" {
				p.expect(test.code)
				p.play("C: QUIT\nS: 221")
			} else {
				p.expectEnd()
			}
			if got := next(t, sessions); (got.Err == nil) != (test.code != "") {
				t.Errorf("ended with %v", got.Err)
			}
			if got := len(server.Mails()); got != test.kept {
				t.Errorf("kept %d mails, want %d", got, test.kept)
			}
		})
	}
}

func TestDropBeforeDot(t *testing.T) {
	t.Parallel()
	server := start(t, sandbox.Options{})
	p := dial(t, server)
	p.play(envelope + "\nC: RCPT TO:<drop-before-dot@example.org>\nS: 250 \nC: DATA\nS: 354 ")
	var err error
	for sent := 0; err == nil && sent < 1<<30; sent += 1 << 20 {
		_, err = io.WriteString(p.conn, strings.Repeat("0123456789\r\n", 1<<20/12))
	}
	if err == nil {
		t.Error("the server goes on reading")
	}
	if len(server.Mails()) > 0 {
		t.Error("kept half a mail")
	}
}

func TestSlow(t *testing.T) {
	t.Parallel()
	const slow = 200 * time.Millisecond
	server := start(t, sandbox.Options{Slow: slow})
	p := dial(t, server)
	p.play(envelope)
	begin := time.Now()
	p.play("C: RCPT TO:<slow@example.org>\nS: 250 \nC: DATA\nS: 354 ")
	p.write(strings.Repeat(strings.Repeat("x", 126)+"\r\n", 1<<20/128)) // 16 blocks
	p.play("C: .\nS: 250 ")
	if took := time.Since(begin); took < 4*slow {
		t.Errorf("three answers and 1 MiB took %v", took)
	}
}

func TestCloseEndsSlow(t *testing.T) {
	t.Parallel()
	server, sessions := watch(t, sandbox.Options{Slow: time.Hour})
	p := dial(t, server)
	p.play(envelope)
	p.write("RCPT TO:<slow@example.org>\r\n")
	// The answer to a second client shows that the server is not stuck.
	dial(t, server).expect("220 ")
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := next(t, sessions); got.Err == nil || errors.Is(got.Err, io.ErrUnexpectedEOF) {
			t.Errorf("a session ended with %v", got.Err)
		}
	}
}
