package sandbox_test

import (
	"crypto/tls"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/sandbox"
)

func TestDialogue(t *testing.T) {
	t.Parallel()
	const hello = "S: 220 \nC: EHLO [127.0.0.1]\nS: 250 \n"
	tests := []struct {
		name   string
		opts   sandbox.Options
		script string
		wrong  []string // the violations
	}{
		{"everything in order", sandbox.Options{}, hello + `
			C: mail from:<a@example.org> size=4 body=8bitmime
			S: 250 2.1.0
			C: rcpt to:<b@example.org>
			S: 250 2.1.5
			C: data
			S: 354
			C: Hi
			C: .
			S: 250 2.0.0 Ok: queued as 4
			C: RSET
			S: 250 2.0.0
			C: NOOP
			S: 250 2.0.0
			C: VRFY b
			S: 252 2.0.0
			C: quit
			S: 221 2.0.0`, nil},
		{"HELO", sandbox.Options{}, `
			S: 220
			C: HELO client.example.org
			S: 250 sandbox.localhost
			C: MAIL FROM:<>
			S: 250
			C: RCPT TO:<Postmaster>
			S: 250
			C: QUIT
			S: 221`, nil},
		{"out of order", sandbox.Options{}, `
			S: 220
			C: MAIL FROM:<a@example.org>
			S: 503
			C: EHLO x
			S: 250
			C: RCPT TO:<a@example.org>
			S: 503
			C: DATA
			S: 503
			C: MAIL FROM:<a@example.org>
			S: 250
			C: MAIL FROM:<a@example.org>
			S: 503
			C: DATA
			S: 503
			C: RSET
			S: 250
			C: DATA
			S: 503
			C: QUIT
			S: 221`,
			[]string{
				"MAIL before EHLO", "RCPT out of order", "DATA out of order", "MAIL within a transaction",
				"content without a recipient", "DATA out of order",
			}},
		{"EHLO ends a transaction", sandbox.Options{}, hello + `
			C: MAIL FROM:<a@example.org>
			S: 250
			C: EHLO again
			S: 250
			C: MAIL FROM:<a@example.org>
			S: 250
			C: QUIT
			S: 221`, nil},
		{"nobody left", sandbox.Options{}, hello + `
			C: MAIL FROM:<a@example.org>
			S: 250
			C: RCPT TO:<refused@example.org>
			S: 550 5.1.1 <refused@example.org>
			C: DATA
			S: 554 5.5.1
			C: QUIT
			S: 221`, nil},
		{"bad syntax", sandbox.Options{}, `
			S: 220
			C: EHLO
			S: 501
			C: EHLO under score
			S: 501
			C: EHLO [300.0.0.1]
			S: 501
			C: HELO [IPv6:::1]
			S: 250
			C: EHLO [IPv6:::1]
			S: 250
			C: MAIL FROM: <a@example.org>
			S: 501 5.1.7
			C: MAIL FROM:a@example.org
			S: 501
			C: MAIL FROM:<a b@example.org>
			S: 501
			C: MAIL FROM:<a@example.org> SIZE
			S: 501 5.5.4
			C: MAIL FROM:<a@example.org> COLOR=blue
			S: 555 5.5.4
			C: MAIL FROM:<"a b> <"@example.org>
			S: 250
			C: RCPT TO:<>
			S: 501 5.1.3
			C: RCPT TO:<b@example..org>
			S: 501
			C: RCPT TO:<b@example.org> SIZE=3
			S: 555
			C: HELP
			S: 500 5.5.2
			C: VRFY
			S: 501
			C: QUIT now
			S: 501
			C: QUIT
			S: 221`,
			[]string{
				"hello without a name or address literal", "hello without a name or address literal",
				"hello without a name or address literal",
				"bad syntax in MAIL", "bad syntax in MAIL", "bad syntax in MAIL",
				"bad value of parameter SIZE", `unknown parameter "COLOR"`,
				"bad syntax in RCPT", "bad syntax in RCPT", `unknown parameter "SIZE"`, `unknown command "HELP"`,
			}},
		{"switched off", sandbox.Options{Without: []string{"ENHANCEDSTATUSCODES", "SIZE", "STARTTLS", "8BITMIME"}}, hello + `
			C: MAIL FROM:<a@example.org> SIZE=3
			S: 555 Unsupported
			C: MAIL FROM:<a@example.org> BODY=7BIT
			S: 555 Unsupported
			C: STARTTLS
			S: 503 STARTTLS
			C: QUIT
			S: 221 Bye`,
			[]string{`unknown parameter "SIZE"`, `unknown parameter "BODY"`}},
		{"too big", sandbox.Options{MaxSize: 10}, hello + `
			C: MAIL FROM:<a@example.org> SIZE=11
			S: 552 5.3.4
			C: MAIL FROM:<a@example.org> SIZE=10
			S: 250
			C: RCPT TO:<b@example.org>
			S: 250
			C: DATA
			S: 354
			C: 123456789
			C: .
			S: 552 5.3.4
			C: QUIT
			S: 221`, []string{"content greater than SIZE said"}},
		{"too many recipients", sandbox.Options{MaxRecipients: 1}, hello + `
			C: MAIL FROM:<a@example.org>
			S: 250
			C: RCPT TO:<b@example.org>
			S: 250
			C: RCPT TO:<c@example.org>
			S: 452 4.5.3
			C: QUIT
			S: 221`, nil},
		{"other alphabets", sandbox.Options{}, hello + `
			C: MAIL FROM:<jürgen@example.org>
			S: 553 5.6.7
			C: MAIL FROM:<jürgen@example.org> SMTPUTF8
			S: 250
			C: RCPT TO:<чебурашка@ящик.example>
			S: 250
			C: RSET
			S: 250
			C: MAIL FROM:<a@example.org>
			S: 250
			C: RCPT TO:<jürgen@example.org>
			S: 553 5.6.7
			C: QUIT
			S: 221`, []string{"8-bit address without SMTPUTF8", "8-bit address without SMTPUTF8"}},
		{"login needed", sandbox.Options{User: "me", Password: "secret"}, hello + `
			C: MAIL FROM:<a@example.org>
			S: 530 5.7.0
			C: AUTH PLAIN AG1lAHNlY3JldA==
			S: 538 5.7.11
			C: QUIT
			S: 221`, []string{"AUTH without TLS"}},
		{"content that needs more", sandbox.Options{}, hello + `
			C: MAIL FROM:<a@example.org>
			S: 250
			C: RCPT TO:<b@example.org>
			S: 250
			C: DATA
			S: 354
			C: Subject: ü
			C:
			C: .unstuffed
			C: .
			S: 250
			C: QUIT
			S: 221`, []string{
			"content with a dot that is not stuffed", "8-bit header without SMTPUTF8",
			"8-bit content without BODY=8BITMIME",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, sessions := watch(t, test.opts)
			p := dial(t, server)
			p.play(test.script)
			p.expectEnd()
			got := next(t, sessions)
			if got.Err != nil {
				t.Errorf("ended with %v", got.Err)
			}
			if diff := cmp.Diff(test.wrong, got.Violations); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
		})
	}
}

func TestExtensions(t *testing.T) {
	t.Parallel()
	server := start(t, sandbox.Options{Without: []string{"SMTPUTF8"}})
	p := dial(t, server)
	p.expect("220 ")
	p.write("EHLO x\r\n")
	clear := p.reply()
	p.play("C: STARTTLS\nS: 220 ")
	p = newPeer(t, tls.Client(p.conn, &tls.Config{RootCAs: server.Roots(), ServerName: "localhost"}))
	p.write("EHLO x\r\n")
	secure := p.reply()
	for line, want := range map[string][2]bool{
		"PIPELINING": {true, true}, "SIZE 67108864": {true, true}, "SMTPUTF8": {false, false},
		"STARTTLS": {true, false}, "AUTH PLAIN LOGIN": {false, true},
	} {
		got := [2]bool{hasLine(clear, line), hasLine(secure, line)}
		if got != want {
			t.Errorf("%s: offered %v in clear text and under TLS, want %v", line, got, want)
		}
	}
}

func hasLine(reply, keyword string) bool {
	return slices.ContainsFunc(strings.Split(reply, "\r\n"), func(l string) bool { return len(l) > 4 && l[4:] == keyword })
}

func TestStartTLS(t *testing.T) {
	t.Parallel()
	server, sessions := watch(t, sandbox.Options{User: "me", Password: "secret"})
	p := dial(t, server)
	p.play(`
		S: 220
		C: STARTTLS
		S: 503
		C: EHLO before
		S: 250
		C: STARTTLS now
		S: 501
		C: STARTTLS
		S: 220 2.0.0`)
	p = newPeer(t, tls.Client(p.conn, &tls.Config{RootCAs: server.Roots(), ServerName: "127.0.0.1"}))
	p.play(`
		C: MAIL FROM:<a@example.org>
		S: 503
		C: EHLO after
		S: 250
		C: STARTTLS
		S: 503
		C: AUTH PLAIN AG1lAHNlY3JldA==
		S: 235
		C: MAIL FROM:<a@example.org>
		S: 250
		C: QUIT
		S: 221`)
	p.expectEnd()
	got := next(t, sessions)
	if got.Hello != "after" || !got.TLS || got.User != "me" || got.Err != nil {
		t.Errorf("session %+v", got)
	}
}

func TestTalkBeforeTLS(t *testing.T) {
	t.Parallel()
	server, sessions := watch(t, sandbox.Options{})
	p := dial(t, server)
	p.play("S: 220\nC: EHLO x\nS: 250 ")
	p.write("STARTTLS\r\nMAIL FROM:<a@example.org>\r\n")
	p.expect("554 5.5.0")
	p.expectEnd()
	if got := next(t, sessions); !slices.Contains(got.Violations, "talks between STARTTLS and TLS") {
		t.Errorf("violations %q", got.Violations)
	}
}

func TestEarlyTalk(t *testing.T) {
	t.Parallel()
	server, sessions := watch(t, sandbox.Options{Latency: 10e9})
	p := dial(t, server)
	p.write("EHLO x\r\nQUIT\r\n")
	p.play("S: 220\nS: 250 \nS: 221")
	p.expectEnd()
	want := []string{"talks before the greeting", "pipelined after EHLO, which must end a group"}
	if diff := cmp.Diff(want, next(t, sessions).Violations); diff != "" {
		t.Error(diff)
	}
}

func TestBadLines(t *testing.T) {
	t.Parallel()
	server, sessions := watch(t, sandbox.Options{})
	p := dial(t, server)
	p.expect("220 ")
	for _, n := range []int{2048, 12288, 64 << 10, 500 << 10} {
		p.write("NOOP " + strings.Repeat("x", n) + "\r\n")
		p.expect("500 5.5.2 Line too long")
	}
	p.write("AUTH PLAIN " + strings.Repeat("x", 12288) + "\r\n")
	p.expect("500 5.5.2 Line too long")
	p.write("NOOP\r\n")
	p.expect("250 ")
	p.write("NOOP\n")
	p.expect("521 5.5.2")
	p.expectEnd()
	got := next(t, sessions)
	if got.Err == nil || !slices.Contains(got.Violations, "bare LF in a command") {
		t.Errorf("session %+v", got)
	}

	p = dial(t, server)
	p.expect("220 ")
	p.write(strings.Repeat("x", 2<<20))
	p.expectEnd()
	if got := next(t, sessions); got.Err == nil {
		t.Error("a line without end was no error")
	}
}

func TestWaits(t *testing.T) {
	t.Parallel()
	server, sessions := watch(t, sandbox.Options{User: "me", Password: "secret"})
	p := dialTLS(t, server)
	p.play(`
		S: 220
		C: EHLO x
		S: 250
		C: AUTH PLAIN AG1lAHNlY3JldA==
		S: 235 `)
	p.write("MAIL FROM:<a@example.org>\r\nRCPT TO:<refused@example.org>\r\nRCPT TO:<c@example.org>\r\nDATA\r\n")
	p.play("S: 250 \nS: 550 \nS: 250 \nS: 354")
	p.write("Subject: hi\r\n\r\nhi\r\n.\r\nRSET\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<d@example.org>\r\nDATA\r\n")
	p.play("S: 250 \nS: 250 \nS: 250 \nS: 250 \nS: 354")
	p.write("hi\r\n.\r\nQUIT\r\n")
	p.play("S: 250 \nS: 221")
	got := next(t, sessions)
	if got.Waits != 5 || got.Mails != 2 || got.Violations != nil {
		t.Errorf("waits %d, mails %d, violations %q", got.Waits, got.Mails, got.Violations)
	}
	if want := "C: RSET"; !slices.Contains(got.Lines, want) {
		t.Errorf("%q is not among the lines %q", want, got.Lines)
	}
}
