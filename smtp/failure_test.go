package smtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

const envelope = `
		C: MAIL FROM:<me@x.example>
		S: 250 ok
		C: RCPT TO:<a@x.example>
		S: 250 ok
`

// TestVerdict goes through what can become of a mail from the end of its
// envelope on.
func TestVerdict(t *testing.T) {
	t.Parallel()
	const content = hi + envelope + "C: DATA\nS: 354 go on\nC: x\nC: .\n"
	for name, test := range map[string]struct {
		script string
		want   kind
		status Status
	}{
		"taken":                 {content + "S: 250 ok\nC: QUIT", kind{}, Accepted},
		"taken with 251":        {content + "S: 251 ok\nC: QUIT", kind{}, Accepted},
		"content deferred":      {content + "S: 451 4.7.1 later\nC: QUIT", kind{StageAccepted, ClassTemporary, ScopeMessage, RetrySafe}, Deferred},
		"content refused":       {content + "S: 554 5.7.1 spam\nC: QUIT", kind{StageAccepted, ClassPermanent, ScopeMessage, RetryNo}, Rejected},
		"421 to the content":    {content + "S: 421 4.3.2 bye", kind{StageAccepted, ClassTemporary, ScopeMessage, RetrySafe}, Deferred},
		"EOF after the end":     {content + "close", kind{StageAccepted, ClassNetwork, ScopeMessage, RetryUnknown}, Uncertain},
		"RST after the end":     {content + "rst", kind{StageAccepted, ClassNetwork, ScopeMessage, RetryUnknown}, Uncertain},
		"half a reply":          {content + "S< \"250 o\"\nclose", kind{StageAccepted, ClassNetwork, ScopeMessage, RetryUnknown}, Uncertain},
		"garbage after the end": {content + "S: what?", kind{StageAccepted, ClassProtocol, ScopeMessage, RetryUnknown}, Uncertain},
		"354 after the end":     {content + "S: 354 more", kind{StageAccepted, ClassProtocol, ScopeMessage, RetryUnknown}, Uncertain},
		"DATA deferred":         {hi + envelope + "C: DATA\nS: 451 later\nC: QUIT", kind{StageContent, ClassTemporary, ScopeMessage, RetrySafe}, Deferred},
		"DATA refused":          {hi + envelope + "C: DATA\nS: 554 no\nC: QUIT", kind{StageContent, ClassPermanent, ScopeMessage, RetryNo}, Rejected},
		"refused with the 354":  {hi + envelope + "C: DATA\nS< \"354 go on\\r\\n554 5.7.1 no\\r\\n\"", kind{StageContent, ClassPermanent, ScopeMessage, RetryNo}, Rejected},
		"taken with the 354":    {hi + envelope + "C: DATA\nS< \"354 go on\\r\\n250 ok\\r\\n\"", kind{StageContent, ClassProtocol, ScopeServer, RetrySafe}, Untried},
		"DATA taken for done":   {hi + envelope + "C: DATA\nS: 250 ok", kind{StageContent, ClassProtocol, ScopeMessage, RetrySafe}, Untried},
		"DATA out of sequence":  {hi + envelope + "C: DATA\nS: 503 what?", kind{StageContent, ClassProtocol, ScopeMessage, RetrySafe}, Untried},
		"EOF at DATA":           {hi + envelope + "C: DATA\nclose", kind{StageContent, ClassNetwork, ScopeServer, RetrySafe}, Untried},
		"login wanted":          {hi + "C: MAIL FROM:<me@x.example>\nS: 530 5.7.0 log in\nC: QUIT", kind{StageMail, ClassAuth, ScopeAccount, RetryNo}, Untried},
		"too many mails":        {hi + "C: MAIL FROM:<me@x.example>\nS: 452 4.5.3 too many\nC: QUIT", kind{StageMail, ClassTemporary, ScopeServer, RetrySafe}, Untried},
		"too big":               {hi + "C: MAIL FROM:<me@x.example>\nS: 552 5.3.4 too big\nC: QUIT", kind{StageMail, ClassPermanent, ScopeMessage, RetryNo}, Rejected},
		"sender deferred":       {hi + "C: MAIL FROM:<me@x.example>\nS: 450 4.2.1 later\nC: QUIT", kind{StageMail, ClassTemporary, ScopeMessage, RetrySafe}, Deferred},
		"421 to MAIL":           {hi + "C: MAIL FROM:<me@x.example>\nS: 421 bye", kind{StageMail, ClassTemporary, ScopeServer, RetrySafe}, Untried},
		"EOF at MAIL":           {hi + "C: MAIL FROM:<me@x.example>\nclose", kind{StageMail, ClassNetwork, ScopeServer, RetrySafe}, Untried},
		"EOF at RCPT":           {hi + "C: MAIL FROM:<me@x.example>\nS: 250 ok\nC: RCPT TO:<a@x.example>\nclose", kind{StageRecipient, ClassNetwork, ScopeServer, RetrySafe}, Untried},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := &mails{next: []*Mail{letter("1", "x\r\n", "a@x.example"), letter("2", "", "b@x.example")}}
			src.next = src.next[:1]
			_ = send(t.Context(), serve(t, test.script), src)
			r := src.done["1"]
			if got := kindOf(r.Err); got != test.want {
				t.Errorf("got %+v, want %+v (%v)", got, test.want, r.Err)
			}
			if r.Recipients[0].Status != test.status {
				t.Errorf("got %s, want %s", r.Recipients[0].Status, test.status)
			}
		})
	}
}

// TestRecipientGone421 loses the server in the middle of the envelope.
func TestRecipientGone421(t *testing.T) {
	t.Parallel()
	r := sendOne(t, serve(t, piped+`
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: RCPT TO:<b@x.example>
		C: RCPT TO:<c@x.example>
		C: DATA
		S: 250 ok
		S: 250 ok
		S: 421 4.3.2 shutting down
`), letter("1", "x\r\n", "a@x.example", "b@x.example", "c@x.example"))
	if got, want := kindOf(r.Err), (kind{StageRecipient, ClassTemporary, ScopeServer, RetrySafe}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for i, want := range []Status{Untried, Deferred, Untried} {
		if got := r.Recipients[i].Status; got != want {
			t.Errorf("recipient %d: got %s, want %s", i, got, want)
		}
	}
}

// TestSecurity13_Truncation breaks the content in several ways. Whatever the server has by
// then, it must not get an end: the peer reads on and fails if one comes.
func TestSecurity13_Truncation(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	for name, test := range map[string]struct {
		mail   *Mail
		commit error
		script string
	}{
		"reading": {&Mail{Size: 100, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader("line\r\n"), errorReader{broken})), nil
		}}, nil, "C: DATA\nS: 354 go on"},
		"too short": {&Mail{Size: 100, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader("line\r\n")), nil
		}}, nil, "C: DATA\nS: 354 go on"},
		"too long": {&Mail{Size: 1, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader("line\r\n")), nil
		}}, nil, "C: DATA\nS: 354 go on"},
		"committing": {&Mail{Size: 6, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader("line\r\n")), nil
		}}, broken, "C: DATA\nS: 354 go on\nC: line"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.mail.ID, test.mail.From, test.mail.To = "1", "me@x.example", []string{"a@x.example"}
			src := &mails{next: []*Mail{test.mail}, committed: func() error { return test.commit }}
			err := send(t.Context(), serve(t, hi+envelope+test.script), src)
			failure(t, err)
			r := src.done["1"]
			if got, want := kindOf(r.Err), (kind{StageContent, ClassLocal, ScopeLocal, RetrySafe}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if r.Recipients[0].Status != Untried {
				t.Errorf("got %s", r.Recipients[0].Status)
			}
		})
	}
}

// TestStoppedWhileReading: a person who stops the program in the middle of the
// content is no trouble with it, and the mail is as it was before.
func TestStoppedWhileReading(t *testing.T) {
	t.Parallel()
	for setup, script := range map[string]string{
		hi:      envelope + "C: DATA\nS: 354 go on",
		chunked: "C: MAIL FROM:<me@x.example>\nC: RCPT TO:<a@x.example>\nS: 250 ok\nS: 250 ok\nC: QUIT",
	} {
		src := &mails{next: []*Mail{{ID: "1", From: "me@x.example", To: []string{"a@x.example"}, Size: smallMail + 1, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader("line\r\n"), errorReader{fmt.Errorf("content: %w", context.Canceled)})), nil
		}}}}
		_ = send(t.Context(), serve(t, setup+script), src)
		r := src.done["1"]
		if r.Err == nil || r.Err.Class != ClassCanceled || r.Err.Retry != RetrySafe || r.Recipients[0].Status != Untried {
			t.Errorf("got %+v", r)
		}
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

// TestUnreadable sees that content which can't be had before anything was sent
// costs nobody else: the session goes on.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	for setup, script := range map[string]string{
		hi:      envelope + "C: DATA\nS: 354 go on\nC: y\nC: .\nS: 250 ok\nC: QUIT",
		chunked: "C: MAIL FROM:<me@x.example>\nC: RCPT TO:<a@x.example>\nC: BDAT 3 LAST\nC: y\nS: 250 ok\nS: 250 ok\nS: 250 ok\nC: QUIT",
	} {
		for name, edit := range map[string]func(*Mail){
			"not opened": func(m *Mail) { m.Open = func() (io.ReadCloser, error) { return nil, errors.New("gone") } },
			"too short":  func(m *Mail) { m.Size = 100 },
			"too long":   func(m *Mail) { m.Size = 1 },
		} {
			if setup == hi && name != "not opened" {
				continue // seen only on the way; see TestSecurity13_Truncation
			}
			bad := letter("1", "x\r\n", "a@x.example")
			edit(bad)
			src := &mails{next: []*Mail{bad, letter("2", "y\r\n", "a@x.example")}}
			if err := send(t.Context(), serve(t, setup+script), src); err != nil {
				t.Fatal(err)
			}
			if got, want := kindOf(src.done["1"].Err), (kind{StageContent, ClassLocal, ScopeLocal, RetrySafe}); got != want {
				t.Errorf("%s: got %+v, want %+v", name, got, want)
			}
			if src.done["2"].Err != nil {
				t.Errorf("%s: %v", name, src.done["2"].Err)
			}
		}
	}
}

// TestEndNotTaken loses the connection before it took the octets that end the
// content: the server can't have the mail.
func TestEndNotTaken(t *testing.T) {
	t.Parallel()
	client, server := net.Pipe()
	opts := Options{Host: "mx", Security: NoTLS, Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil }}
	go (&peer{t: t, conn: server, r: newReader(server)}).follow(hi + envelope + "C: DATA\nS: 354 go on\nC: x")
	src := &mails{next: []*Mail{letter("1", "x\r\n", "a@x.example")}, committed: server.Close}
	_ = send(t.Context(), opts, src)
	r := src.done["1"]
	if got, want := kindOf(r.Err), (kind{StageAccepted, ClassNetwork, ScopeServer, RetrySafe}); got != want {
		t.Errorf("got %+v, want %+v (%v)", got, want, r.Err)
	}
	if r.Recipients[0].Status != Untried {
		t.Errorf("got %s", r.Recipients[0].Status)
	}
}

// TestEarlyAnswer meets a server that refuses the content before it has all of
// it and hangs up. Its words count, not the write error.
func TestEarlyAnswer(t *testing.T) {
	t.Parallel()
	for name, step := range map[string]string{"stays": "", "closes": "close"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server := pair(t)
			opts := Options{Host: "mx", Security: NoTLS, Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil }}
			done := make(chan struct{})
			go func() {
				defer close(done)
				p := &peer{t: t, conn: server, r: newReader(server)}
				for range 4 {
					p.say("220 mx")
					_, _ = p.r.ReadString('\n')
				}
				p.say("354 go on")
				_, _ = io.CopyN(io.Discard, p.r, 1<<20)
				p.say("552 5.3.4 too big for us")
				if step == "close" {
					_ = server.Close()
					return
				}
				_, _ = io.Copy(io.Discard, p.r)
				_ = server.Close()
			}()
			src := &mails{next: []*Mail{endlessMail("1")}}
			err := send(t.Context(), opts, src)
			<-done
			failure(t, err)
			r := src.done["1"]
			if got, want := kindOf(r.Err), (kind{StageContent, ClassPermanent, ScopeMessage, RetryNo}); got != want {
				t.Errorf("got %+v, want %+v (%v)", got, want, r.Err)
			}
			if r.Reply.Enhanced != "5.3.4" || r.Recipients[0].Status != Rejected || len(src.commits) > 0 {
				t.Errorf("got %+v, %v", r, src.commits)
			}
		})
	}
}

// endlessMail has more content than any test takes.
func endlessMail(id string) *Mail {
	return &Mail{ID: id, To: []string{"a@x.example"}, Size: 1 << 40, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(&endless{unit: strings.Repeat("x", 62) + "\r\n"}), nil
	}}
}

// pair returns both ends of a connection over the loopback.
func pair(t *testing.T) (client, server net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if client, err = net.Dial("tcp", listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if server, err = listener.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close(); _ = server.Close() })
	return client, server
}
