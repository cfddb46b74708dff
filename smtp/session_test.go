package smtp

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// hi is a set-up without extensions, and piped one with PIPELINING.
const (
	hi = `
		S: 220 mx.example.org ESMTP
		C: EHLO [127.0.0.1]
		S: 250 mx.example.org
`
	piped = `
		S: 220 mx.example.org ESMTP
		C: EHLO [127.0.0.1]
		S: 250-mx.example.org
		S: 250 PIPELINING
`
)

func TestOneByOne(t *testing.T) {
	t.Parallel()
	opts := serve(t, hi+`
		C: MAIL FROM:<me@x.example>
		S: 250 ok
		C: RCPT TO:<a@x.example>
		S: 250 ok
		C: RCPT TO:<b@x.example>
		S: 550 5.1.1 nobody
		C: DATA
		S: 354 go on
		C: Subject: x
		C: 
		C: ..dot
		C: .
		S: 250 2.0.0 queued as 17
		C: QUIT
`)
	r := sendOne(t, opts, letter("1", "Subject: x\r\n\r\n.dot\r\n", "a@x.example", "b@x.example"))
	want := Result{
		Recipients: []Outcome{
			{"a@x.example", Accepted, Reply{250, "", []string{"ok"}}},
			{"b@x.example", Rejected, Reply{550, "5.1.1", []string{"nobody"}}},
		},
		Reply: Reply{250, "2.0.0", []string{"queued as 17"}},
		Bytes: 20, Waits: 7, Elapsed: r.Elapsed,
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
	if r.Elapsed <= 0 {
		t.Error("no time elapsed")
	}
}

// TestPipelined checks the flights and the waits: greeting, EHLO, envelope, and
// one for each content, whose end takes the next envelope along.
func TestPipelined(t *testing.T) {
	t.Parallel()
	opts := serve(t, `
		S: 220 mx
		C: EHLO [127.0.0.1]
		S: 250-mx
		S: 250-SIZE 1000
		S: 250 pipelining
		C: MAIL FROM:<me@x.example> SIZE=3
		C: RCPT TO:<a@x.example>
		C: RCPT TO:<b@x.example>
		C: DATA
		S: 250 ok
		S: 250 ok
		S: 451 4.7.1 later
		S: 354 go on
		C: 1
		C: .
		C: RSET
		C: MAIL FROM:<me@x.example> SIZE=3
		C: RCPT TO:<c@x.example>
		C: DATA
		S: 250 queued
		S: 250 ok
		S: 250 ok
		S: 250 ok
		S: 354 go on
		C: 2
		C: .
		S: 250 queued
		C: QUIT
`)
	src := &mails{next: []*Mail{letter("1", "1\r\n", "a@x.example", "b@x.example"), letter("2", "2\r\n", "c@x.example")}}
	if err := send(t.Context(), opts, src); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1", "2"}, src.order); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"1", "2"}, src.commits); diff != "" {
		t.Error(diff)
	}
	one, two := src.done["1"], src.done["2"]
	if one.Waits != 4 || two.Waits != 1 {
		t.Errorf("%d and %d waits", one.Waits, two.Waits)
	}
	if s := one.Recipients[1].Status; s != Deferred || one.Err != nil {
		t.Errorf("%s, %v", s, one.Err)
	}
}

// TestManyRecipients sends more commands than any buffer holds to a server
// that answers each before it reads the next.
func TestManyRecipients(t *testing.T) {
	t.Parallel()
	const n = 20000
	client, server := net.Pipe()
	opts := Options{Host: "mx", Security: NoTLS, Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil }}
	done := make(chan struct{})
	go func() {
		defer close(done)
		p := &peer{t: t, conn: server}
		p.r = newReader(server)
		var script strings.Builder
		script.WriteString(piped + "C: MAIL FROM:<me@x.example>\nS: 250 ok\n")
		for range n {
			script.WriteString("C: RCPT TO:<a@x.example>\nS: 250 ok\n")
		}
		script.WriteString("C: DATA\nS: 354 go\nC: .\nS: 250 ok\nC: QUIT\n")
		p.follow(script.String())
	}()
	mail := letter("1", "")
	for range n {
		mail.To = append(mail.To, "a@x.example")
	}
	r := sendOne(t, opts, mail)
	<-done
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	for _, o := range r.Recipients {
		if o.Status != Accepted {
			t.Fatalf("%+v", o)
		}
	}
}

func TestNobodyAccepted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script string
		class  Class
		retry  Retry
		status Status
	}{
		"all refused, DATA refused": {piped + `
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: DATA
		S: 250 ok
		S: 550 5.1.1 nobody
		S: 554 no valid recipients
		C: QUIT
`, ClassPermanent, RetryNo, Rejected},
		"deferred, DATA accepted": {piped + `
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: DATA
		S: 250 ok
		S: 450 4.2.1 later
		S: 354 go on
		C: .
		S: 250 queued
		C: QUIT
`, ClassTemporary, RetrySafe, Deferred},
		"one by one": {hi + `
		C: MAIL FROM:<me@x.example>
		S: 250 ok
		C: RCPT TO:<a@x.example>
		S: 550 5.1.1 nobody
		C: QUIT
`, ClassPermanent, RetryNo, Rejected},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := &mails{next: []*Mail{letter("1", "x\r\n", "a@x.example")}}
			if err := send(t.Context(), serve(t, test.script), src); err != nil {
				t.Fatal(err)
			}
			r := src.done["1"]
			want := kind{StageRecipient, test.class, ScopeRecipient, test.retry}
			if got := kindOf(r.Err); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if r.Recipients[0].Status != test.status || r.Bytes != 0 || len(src.commits) != 0 {
				t.Errorf("got %+v, committed %v", r, src.commits)
			}
		})
	}
}

// TestGoesOn sees that a mail refused as a whole leaves the session usable.
func TestGoesOn(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"one by one": hi + `
		C: MAIL FROM:<me@x.example>
		S: 550 5.7.1 not you
		C: RSET
		S: 250 ok
		C: MAIL FROM:<me@x.example>
		S: 250 ok
		C: RCPT TO:<b@x.example>
		S: 250 ok
		C: DATA
		S: 354 go on
		C: y
		C: .
		S: 250 ok
		C: QUIT
`,
		"in groups": piped + `
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: DATA
		S: 550 5.7.1 not you
		S: 503 no MAIL
		S: 503 no MAIL
		C: RSET
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<b@x.example>
		C: DATA
		S: 250 ok
		S: 250 ok
		S: 250 ok
		S: 354 go on
		C: y
		C: .
		S: 250 ok
		C: QUIT
`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := &mails{next: []*Mail{letter("1", "x\r\n", "a@x.example"), letter("2", "y\r\n", "b@x.example")}}
			if err := send(t.Context(), serve(t, script), src); err != nil {
				t.Fatal(err)
			}
			one, two := src.done["1"], src.done["2"]
			if got, want := kindOf(one.Err), (kind{StageMail, ClassPermanent, ScopeMessage, RetryNo}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if o := one.Recipients[0]; o.Status != Rejected || o.Reply.Enhanced != "5.7.1" {
				t.Errorf("got %+v", o)
			}
			if two.Err != nil || two.Recipients[0].Status != Accepted {
				t.Errorf("got %+v", two)
			}
		})
	}
}

// TestContentWithoutSender meets a server that wants content for a sender it
// refused: not even a lone dot may follow.
func TestContentWithoutSender(t *testing.T) {
	t.Parallel()
	r := sendOne(t, serve(t, piped+`
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: DATA
		S: 550 no
		S: 250 ok
		S: 354 go on
`), letter("1", "x\r\n", "a@x.example"))
	if r.Err == nil || r.Recipients[0].Status == Accepted {
		t.Errorf("got %+v", r)
	}
}

func TestImplicitTLS(t *testing.T) {
	t.Parallel()
	opts := serve(t, `
		TLS
		S: 220 mx
		C: EHLO [127.0.0.1]
		S: 250-mx
		S: 250 AUTH PLAIN
		C: AUTH PLAIN AGJvYgBzZXNhbWUxNw==
		S: 235 welcome
		C: QUIT
`)
	opts.Security, opts.Login = Implicit, bob
	var info *TLSInfo
	opts.Trace = func(e Event) {
		if e.TLS != nil {
			info = e.TLS
		}
	}
	if err := send(t.Context(), opts, &mails{}); err != nil {
		t.Fatal(err)
	}
	if info == nil || info.Version != "TLS 1.3" || info.ServerName != "127.0.0.1" || info.Certificate.Subject.CommonName != "127.0.0.1" {
		t.Errorf("got %+v", info)
	}
}

// TestImplicitToClear meets a server that speaks clear text on a port where
// TLS is expected: the account is wrong, and trying again won't help.
func TestImplicitToClear(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		if conn, err := listener.Accept(); err == nil {
			_, _ = io.WriteString(conn, "220 mx ESMTP\r\n")
			_, _ = io.Copy(io.Discard, conn)
			_ = conn.Close()
		}
	}()
	_, err = Open(t.Context(), Options{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port})
	if got, want := kindOf(failure(t, err)), (kind{StageTLS, ClassTLS, ScopeAccount, RetryNo}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
