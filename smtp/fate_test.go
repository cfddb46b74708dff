package smtp

import (
	"context"
	"net"
	"strings"
	"testing"
	"testing/synctest"
)

// TestNoTurn has a mail break the connection while others wait behind it: they
// are not to blame, and bear no trace of it.
func TestNoTurn(t *testing.T) {
	t.Parallel()
	for name, step := range map[string]string{"hangs up": "close", "is busy": "S: 421 4.3.2 bye", "babbles": "S: what?"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			large := letter("1", strings.Repeat("12345678\r\n", smallMail/10+1), "a@x.example")
			src := &mails{next: []*Mail{large, letter("2", "x\r\n", "b@x.example"), letter("3", "x\r\n", "c@x.example")}}
			_ = send(t.Context(), serve(t, chunked+`
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		`+step), src)
			if r := src.done["1"]; r.Err == nil || r.Err.Stage != StageMail {
				t.Errorf("got %v", r.Err)
			}
			for _, id := range []string{"2", "3"} {
				r := src.done[id]
				if r.Err == nil || r.Err.Class != ClassCanceled || r.Err.Retry != RetrySafe || r.Reply.Code != 0 {
					t.Fatalf("%s: got %+v", id, r)
				}
				if got := r.Err.Error(); got != "connect: the session ended before the mail had its turn" {
					t.Errorf("%s: got %q", id, got)
				}
				if got := r.Recipients[0].Status; got != Untried {
					t.Errorf("%s: got %s", id, got)
				}
			}
		})
	}
}

// TestAnswerBeforeEnd has the answer to the content come between its last octet
// and its end, while the mail is being committed: it is no answer to the mail,
// and the end must not follow it.
func TestAnswerBeforeEnd(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		reply  string
		want   kind
		status Status
	}{
		"taken":    {"250 got it", kind{StageContent, ClassProtocol, ScopeMessage, RetrySafe}, Untried},
		"deferred": {"451 4.3.1 no room", kind{StageContent, ClassTemporary, ScopeMessage, RetrySafe}, Deferred},
		"refused":  {"552 5.3.4 too big", kind{StageContent, ClassPermanent, ScopeMessage, RetryNo}, Rejected},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, server := net.Pipe()
				opts := Options{Host: "mx", Security: NoTLS, Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil }}
				done := make(chan struct{})
				go func() {
					defer close(done)
					(&peer{t: t, conn: server, r: newReader(server)}).follow(hi + envelope + "C: DATA\nS: 354 go on\nC: x\nS: " + test.reply)
				}()
				src := &mails{next: []*Mail{letter("1", "x\r\n", "a@x.example")}}
				src.committed = func() error { synctest.Wait(); return nil }
				failure(t, send(t.Context(), opts, src))
				<-done
				r := src.done["1"]
				if got := kindOf(r.Err); got != test.want {
					t.Errorf("got %+v, want %+v (%v)", got, test.want, r.Err)
				}
				if got := r.Recipients[0].Status; got != test.status {
					t.Errorf("got %s, want %s", got, test.status)
				}
			})
		})
	}
}

// TestRefusedByAll has the session end after the server refused all that a mail
// was for, which leaves no doubt about that mail.
func TestRefusedByAll(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		"close", "S: 421 too many errors", "S: 503 no recipient\nclose", "S: 503 no recipient\nS: 421 bye",
	} {
		s, err := Open(t.Context(), serve(t, `
			S: 220 mx
			C: EHLO [127.0.0.1]
			S: 250-mx
			S: 250-PIPELINING
			S: 250 CHUNKING
			C: MAIL FROM:<me@x.example>
			C: RCPT TO:<a@x.example>
			C: BDAT 3 LAST
			C: x
			C: RSET
			C: MAIL FROM:<me@x.example>
			C: RCPT TO:<b@x.example>
			C: BDAT 3
			C: x
			S: 250 ok
			S: 550 no such user
			`+answer))
		if err != nil {
			t.Fatal(err)
		}
		src := &mails{next: []*Mail{letter("1", "x\r\n", "a@x.example"), letter("2", "x\r\n", "b@x.example")}}
		_ = s.Deliver(t.Context(), src)
		want := kind{StageRecipient, ClassPermanent, ScopeRecipient, RetryNo}
		if r := src.done["1"]; kindOf(r.Err) != want || r.Recipients[0].Status != Rejected {
			t.Errorf("%q: got %+v", answer, r)
		}
		if r := src.done["2"]; r.Err == nil || r.Err.Retry != RetrySafe {
			t.Errorf("%q: got %+v", answer, r)
		}
	}
}

// TestUnasked has a server answer a mail twice. The second answer must not pass
// for one to the next command, and so on to the end of the next mail; that the
// session ends is the one thing it can say at any time.
func TestUnasked(t *testing.T) {
	t.Parallel()
	for extra, want := range map[string]kind{
		"250 ok":  {StageMail, ClassProtocol, ScopeServer, RetrySafe},
		"421 bye": {StageConnect, ClassCanceled, ScopeServer, RetrySafe},
	} {
		s, err := Open(t.Context(), serve(t, hi+envelope+"C: DATA\nS: 354 go on\nC: x\nC: .\nS< \"250 queued\\r\\n"+extra+"\\r\\n\""+
			map[bool]string{true: "\nC: MAIL FROM:<me@x.example>"}[extra == "421 bye"]))
		if err != nil {
			t.Fatal(err)
		}
		src := &mails{next: []*Mail{letter("1", "x\r\n", "a@x.example"), letter("2", "x\r\n", "a@x.example")}}
		_ = s.Deliver(t.Context(), src)
		if r := src.done["1"]; r.Err != nil {
			t.Errorf("%s: got %v", extra, r.Err)
		}
		if r := src.done["2"]; kindOf(r.Err) != want || r.Recipients[0].Status != Untried {
			t.Errorf("%s: got %+v", extra, r)
		}
	}
}
