package smtp

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestMailMax delivers until the server wants no more in one session, and
// leaves the rest to the next.
func TestMailMax(t *testing.T) {
	t.Parallel()
	const hello = `
		S: 220 mx
		C: EHLO [127.0.0.1]
		S: 250-mx
		S: 250-LIMITS MAILMAX=2
`
	const bdat = `
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: BDAT 3 LAST
		C: x
		S: 250 ok
		S: 250 ok
		S: 250 ok
		S: 250 queued
`
	five := func() []*Mail {
		var list []*Mail
		for _, id := range []string{"1", "2", "3", "4", "5"} {
			list = append(list, letter(id, "x\r\n", "a@x.example"))
		}
		return list
	}
	for name, test := range map[string]struct {
		script string
		window int
		left   int
	}{
		"one by one": {hello + "S: 250 SIZE\n" + strings.Repeat(`
		C: MAIL FROM:<me@x.example> SIZE=3
		S: 250 ok
		C: RCPT TO:<a@x.example>
		S: 250 ok
		C: DATA
		S: 354 go on
		C: x
		C: .
		S: 250 queued
`, 2) + "C: QUIT", 0, 3},
		"in a flight": {hello + "S: 250-PIPELINING\nS: 250 CHUNKING\n" + strings.Replace(bdat, "S: 250 ok\n\t\tS: 250 ok\n\t\tS: 250 ok\n\t\tS: 250 queued\n",
			`C: RSET
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: BDAT 3 LAST
		C: x
		S: 250 ok
		S: 250 ok
		S: 250 queued
		S: 250 ok
		S: 250 ok
		S: 250 ok
		S: 250 queued
`, 1) + "C: QUIT", 2, 3},
		"with the next behind": {hello + `
		S: 250-PIPELINING
		S: 250 CHUNKING
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: BDAT 3 LAST
		C: x
		C: RSET
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: BDAT 3
		C: x
		S: 250 ok
		S: 250 ok
		S: 250 queued
		S: 250 ok
		S: 250 ok
		S: 250 ok
		S: 250 ok
		C: BDAT 0 LAST
		S: 250 queued
		C: QUIT
`, 1, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := serve(t, test.script)
			opts.Window = test.window
			s, err := Open(t.Context(), opts)
			if err != nil {
				t.Fatal(err)
			}
			src := &mails{next: five()}
			if s.Spent() {
				t.Error("spent before it began")
			}
			if err := s.Deliver(t.Context(), src); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if !s.Spent() || len(src.next) != test.left || len(src.done) != 5-test.left {
				t.Errorf("spent: %t, %d left, %d done", s.Spent(), len(src.next), len(src.done))
			}
			for id, r := range src.done {
				if r.Err != nil {
					t.Errorf("mail %s: %v", id, r.Err)
				}
			}
		})
	}
}

// TestMailMaxSplit has a mail that takes more transactions than are left.
func TestMailMaxSplit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		reply string
		want  []Status
		done  bool
	}{
		"in part": {"S: 250 ok\nC: DATA\nS: 354 go on\nC: x\nC: .\nS: 250 queued\n", []Status{Accepted, Untried}, true},
		"to none": {"S: 550 nobody\n", []Status{Rejected, Untried}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := serve(t, `
		S: 220 mx
		C: EHLO [127.0.0.1]
		S: 250-mx
		S: 250 LIMITS MAILMAX=1 RCPTMAX=1
		C: MAIL FROM:<me@x.example>
		S: 250 ok
		C: RCPT TO:<a@x.example>
`+test.reply+"C: QUIT")
			src := &mails{next: []*Mail{letter("1", "x\r\n", "a@x.example", "b@x.example"), letter("2", "x\r\n", "a@x.example")}}
			if err := send(t.Context(), opts, src); err != nil {
				t.Error(err)
			}
			r := src.done["1"]
			var got []Status
			for _, o := range r.Recipients {
				got = append(got, o.Status)
			}
			if !slices.Equal(got, test.want) || (r.Err == nil) != test.done || len(src.next) != 1 {
				t.Errorf("got %v, %v, %d left", got, r.Err, len(src.next))
			}
			if r.Err != nil && (r.Err.Class != ClassCanceled || r.Err.Retry != RetrySafe) {
				t.Errorf("got %+v", r.Err)
			}
		})
	}
}

// TestDomainMax sends to as many domains at a time as the server wants.
func TestDomainMax(t *testing.T) {
	t.Parallel()
	opts := serve(t, `
		S: 220 mx
		C: EHLO [127.0.0.1]
		S: 250-mx
		S: 250 LIMITS RCPTDOMAINMAX=1 RCPTMAX=2
		C: MAIL FROM:<me@x.example>
		S: 250 ok
		C: RCPT TO:<a@x.example>
		S: 250 ok
		C: RCPT TO:<c@X.EXAMPLE>
		S: 250 ok
		C: DATA
		S: 354 go on
		C: x
		C: .
		S: 250 queued
		C: MAIL FROM:<me@x.example>
		S: 250 ok
		C: RCPT TO:<b@y.example>
		S: 250 ok
		C: DATA
		S: 354 go on
		C: x
		C: .
		S: 250 queued
		C: MAIL FROM:<me@x.example>
		S: 250 ok
		C: RCPT TO:<d@x.example>
		S: 250 ok
		C: DATA
		S: 354 go on
		C: x
		C: .
		S: 250 queued
		C: QUIT
`)
	r := sendOne(t, opts, letter("1", "x\r\n", "a@x.example", "b@y.example", "c@X.EXAMPLE", "d@x.example"))
	for _, o := range r.Recipients {
		if o.Status != Accepted {
			t.Errorf("got %+v", o)
		}
	}
}

// TestMisworded meets servers that refuse parameters which nobody asked for:
// they are left out once, and from then on.
func TestMisworded(t *testing.T) {
	t.Parallel()
	const offer = "S: 220 mx\nC: EHLO [127.0.0.1]\nS: 250-mx\nS: 250-SIZE\nS: 250-DSN\nS: 250-8BITMIME\n"
	eight := func(m *Mail) { m.EightBit = true }
	reports := func(m *Mail) { m.DSN = &DSN{Notify: []string{"NEVER"}} }
	rest := "S: 250 ok\nC: RCPT TO:<a@x.example>\nS: 250 ok\nC: DATA\nS: 354 go on\nC: x\nC: .\nS: 250 queued\n"
	for name, test := range map[string]struct {
		script string
		edit   func(*Mail)
		want   kind
		used   string
	}{
		"MAIL": {offer + "S: 250 X\nC: MAIL FROM:<me@x.example> SIZE=3 BODY=8BITMIME\nS: 555 5.5.4 what?\n" +
			"C: RSET\nS: 250 ok\nC: MAIL FROM:<me@x.example>\n" + rest + "C: QUIT", eight, kind{}, ""},
		"MAIL, in groups": {offer + `
		S: 250-PIPELINING
		S: 250 CHUNKING
		C: MAIL FROM:<me@x.example> SIZE=3
		C: RCPT TO:<a@x.example>
		C: BDAT 3 LAST
		C: x
		S: 501 what?
		S: 503 MAIL first
		S: 503 MAIL first
		C: RSET
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: BDAT 3 LAST
		C: x
		S: 250 ok
		S: 250 ok
		S: 250 ok
		S: 250 queued
		C: QUIT
`, nil, kind{}, "PIPELINING CHUNKING"},
		"MAIL, twice": {offer + "S: 250 X\nC: MAIL FROM:<me@x.example> SIZE=3\nS: 504 what?\n" +
			"C: RSET\nS: 250 ok\nC: MAIL FROM:<me@x.example>\nS: 504 what?\nC: QUIT", nil, kind{StageMail, ClassPermanent, ScopeMessage, RetryNo}, ""},
		"MAIL, to several": {offer + "S: 250 X\nC: MAIL FROM:<me@x.example> SIZE=3\nS: 555 what?\n" +
			"C: RSET\nS: 250 ok\nC: MAIL FROM:<me@x.example>\nS: 250 ok\nC: RCPT TO:<a@x.example>\nS: 250 ok\n" +
			"C: RCPT TO:<b@x.example>\n" + strings.TrimPrefix(rest, "S: 250 ok\nC: RCPT TO:<a@x.example>\n") + "C: QUIT",
			func(m *Mail) { m.To = append(m.To, "b@x.example") }, kind{}, ""},
		"MAIL, asked for": {offer + "S: 250 MT-PRIORITY\nC: MAIL FROM:<me@x.example> SIZE=3 MT-PRIORITY=3\nS: 555 what?\n" +
			"C: RSET\nS: 250 ok\nC: MAIL FROM:<me@x.example> MT-PRIORITY=3\nS: 555 what?\nC: QUIT", func(m *Mail) { m.Priority = 3 },
			kind{StageMail, ClassPermanent, ScopeMessage, RetryNo}, "MT-PRIORITY"},
		"RCPT": {offer + `
		S: 250 PIPELINING
		C: MAIL FROM:<me@x.example> SIZE=3
		C: RCPT TO:<a@x.example> NOTIFY=NEVER ORCPT=rfc822;a@x.example
		C: DATA
		S: 250 ok
		S: 555 what?
		S: 503 no recipient
		C: RSET
		C: MAIL FROM:<me@x.example> SIZE=3
		C: RCPT TO:<a@x.example> NOTIFY=NEVER
		C: DATA
		S: 250 ok
		S: 250 ok
		S: 250 ok
		S: 354 go on
		C: x
		C: .
		S: 250 queued
		C: QUIT
`, reports, kind{}, "PIPELINING SIZE DSN"},
		"RCPT, twice": {offer + "S: 250 X\nC: MAIL FROM:<me@x.example> SIZE=3\nS: 250 ok\n" +
			"C: RCPT TO:<a@x.example> NOTIFY=NEVER ORCPT=rfc822;a@x.example\nS: 501 what?\n" +
			"C: RSET\nS: 250 ok\nC: MAIL FROM:<me@x.example> SIZE=3\nS: 250 ok\n" +
			"C: RCPT TO:<a@x.example> NOTIFY=NEVER\nS: 501 what?\nC: QUIT", reports,
			kind{StageRecipient, ClassPermanent, ScopeRecipient, RetryNo}, "SIZE DSN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := serve(t, test.script)
			var used []string
			opts.Trace = func(e Event) {
				if e.Stage == StageMail && e.Kind == KindBegin {
					used = e.Used
				}
			}
			mail := letter("1", "x\r\n", "a@x.example")
			if test.edit != nil {
				test.edit(mail)
			}
			r := sendOne(t, opts, mail)
			if got := kindOf(r.Err); got != test.want {
				t.Errorf("got %+v, want %+v (%v)", got, test.want, r.Err)
			}
			for _, o := range r.Recipients {
				if r.Err == nil && o.Status != Accepted {
					t.Errorf("got %+v", o)
				}
			}
			if diff := cmp.Diff(test.used, strings.Join(used, " ")); diff != "" {
				t.Error("used: -want +got\n", diff)
			}
		})
	}
}

// TestHoldLimits asks for more than either maximum of FUTURERELEASE.
func TestHoldLimits(t *testing.T) {
	t.Parallel()
	for last, want := range map[time.Duration]string{
		10 * time.Minute: "until ", 48 * time.Hour: "at most 24h0m0s",
	} {
		hold := min(2*last, 25*time.Hour)
		opts := serve(t, "S: 220 mx\nC: EHLO [127.0.0.1]\nS: 250-mx\nS: 250 FUTURERELEASE 86400 "+
			time.Now().Add(last).UTC().Format(time.RFC3339)+"\nC: QUIT")
		mail := letter("1", "x\r\n", "a@x.example")
		mail.HoldUntil = time.Now().Add(hold)
		r := sendOne(t, opts, mail)
		if kindOf(r.Err) != (kind{StageMail, ClassUnable, ScopeMessage, RetryNo}) || !strings.Contains(r.Err.Error(), want) {
			t.Errorf("got %v, want %q", r.Err, want)
		}
	}
}

// TestWorn has servers end a session between two mails. The second one just
// needs another session, unless the server wants to be spared.
func TestWorn(t *testing.T) {
	t.Parallel()
	first := piped + `
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: DATA
		S: 250 ok
		S: 250 ok
		S: 354 go on
		C: x
		C: .
		S: 250 queued
		C: RSET
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: DATA
`
	for answer, want := range map[string]kind{
		"S: 421 4.4.2 idle for too long":             {StageConnect, ClassCanceled, ScopeServer, RetrySafe},
		"S: 250 ok\nS: 421 too many mails":           {StageConnect, ClassCanceled, ScopeServer, RetrySafe},
		"S: 250 ok\nS: 421 4.7.0 too much from you":  {StageMail, ClassTemporary, ScopeServer, RetrySafe},
		"S: 250 ok\nS: 250 ok\nS: 421 4.3.2 it's me": {StageRecipient, ClassTemporary, ScopeServer, RetrySafe},
	} {
		s, err := Open(t.Context(), serve(t, first+answer))
		if err != nil {
			t.Fatal(err)
		}
		src := &mails{next: []*Mail{letter("1", "x\r\n", "a@x.example")}}
		if err := s.Deliver(t.Context(), src); err != nil || src.done["1"].Err != nil {
			t.Fatalf("the first mail: %v, %v", err, src.done["1"].Err)
		}
		src.next = []*Mail{letter("2", "x\r\n", "a@x.example")}
		if err := s.Deliver(t.Context(), src); err == nil {
			t.Errorf("%s: the session goes on", answer)
		}
		r := src.done["2"]
		status := Untried
		if want.Stage == StageRecipient {
			status = Deferred
		}
		if got := kindOf(r.Err); got != want || r.Recipients[0].Status != status || r.Reply.Code != 421 {
			t.Errorf("%s: got %+v, want %+v (%+v)", answer, got, want, r)
		}
	}
}
