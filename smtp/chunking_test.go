package smtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const chunked = `
		S: 220 mx
		C: EHLO [127.0.0.1]
		S: 250-mx
		S: 250-PIPELINING
		S: 250 CHUNKING
`

// three returns three small mails.
func three() *mails {
	return &mails{next: []*Mail{
		letter("1", "1\r\n", "a@x.example"), letter("2", "2", "a@x.example"), letter("3", ".3\r\n", "a@x.example"),
	}}
}

// TestChunkingOneByOne has a window of one: only the first mail leaves whole,
// each other one waits without its end until the one before it is settled.
func TestChunkingOneByOne(t *testing.T) {
	t.Parallel()
	opts := serve(t, chunked+`
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: BDAT 3 LAST
		C: 1
		C: RSET
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: BDAT 3
		C: 2
		S: 250 ok
		S: 250 ok
		S: 250 one
		S: 250 ok
		S: 250 ok
		S: 250 ok
		S: 250 ok
		C: BDAT 0 LAST
		C: RSET
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: BDAT 4
		C: .3
		S: 250 two
		S: 250 ok
		S: 250 ok
		S: 250 ok
		S: 250 ok
		C: BDAT 0 LAST
		S: 250 three
		C: QUIT
`)
	opts.Window = 1
	src := three()
	if err := send(t.Context(), opts, src); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1", "2", "3"}, src.order); diff != "" {
		t.Error(diff)
	}
	for id, want := range map[string]struct {
		waits int
		text  string
	}{"1": {3, "one"}, "2": {1, "two"}, "3": {1, "three"}} {
		r := src.done[id]
		if r.Err != nil || r.Waits != want.waits || r.Reply.Text() != want.text {
			t.Errorf("%s: got %+v", id, r)
		}
	}
}

// TestChunkingGroup has several mails leave in one flight after one commit.
// The second is refused, and must not leave anything to the third.
func TestChunkingGroup(t *testing.T) {
	t.Parallel()
	opts := serve(t, chunked+`
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: BDAT 3 LAST
		C: 1
		C: RSET
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: BDAT 3 LAST
		C: 2
		C: RSET
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: BDAT 4 LAST
		C: .3
		S: 250 ok
		S: 250 ok
		S: 250 one
		S: 250 ok
		S: 250 ok
		S: 550 5.1.1 nobody
		S: 503 no recipients
		S: 250 ok
		S: 250 ok
		S: 250 ok
		S: 250 three
		C: QUIT
`)
	opts.Window = 3
	src := three()
	groups := 0
	src.committed = func() error { groups++; return nil }
	if err := send(t.Context(), opts, src); err != nil {
		t.Fatal(err)
	}
	one, two, three := src.done["1"], src.done["2"], src.done["3"]
	if one.Err != nil || three.Err != nil || three.Reply.Text() != "three" || groups != 1 {
		t.Errorf("got %+v and %+v after %d commits", one, three, groups)
	}
	if got, want := kindOf(two.Err), (kind{StageRecipient, ClassPermanent, ScopeRecipient, RetryNo}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if n := one.Waits + two.Waits + three.Waits; n != 3 {
		t.Errorf("%d waits", n)
	}
}

// TestChunkingFailures loses or confuses the server while three mails are in
// one flight, and sees which of them it may have.
func TestChunkingFailures(t *testing.T) {
	t.Parallel()
	const flight = chunked + `
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: BDAT 3 LAST
		C: 1
		C: RSET
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: BDAT 3 LAST
		C: 2
		C: RSET
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: BDAT 4 LAST
		C: .3
`
	for name, test := range map[string]struct {
		script string
		want   []Status
		retry  []Retry
	}{
		"lost at once": {
			flight + "close",
			[]Status{Uncertain, Uncertain, Uncertain}, []Retry{RetryUnknown, RetryUnknown, RetryUnknown},
		},
		"lost after the first": {
			flight + "S: 250 ok\nS: 250 ok\nS: 250 one\nclose",
			[]Status{Accepted, Uncertain, Uncertain}, []Retry{"", RetryUnknown, RetryUnknown},
		},
		"421 after the first": {
			flight + "S: 250 ok\nS: 250 ok\nS: 250 one\nS: 421 bye\nclose",
			[]Status{Accepted, Untried, Untried}, []Retry{"", RetrySafe, RetrySafe},
		},
		"garbage after the first": {
			flight + "S: 250 ok\nS: 250 ok\nS: 250 one\nS: what?",
			[]Status{Accepted, Uncertain, Uncertain}, []Retry{"", RetryUnknown, RetryUnknown},
		},
		"RSET refused": {
			flight + "S: 250 ok\nS: 250 ok\nS: 250 one\nS: 500 what?",
			[]Status{Accepted, Uncertain, Uncertain}, []Retry{"", RetryUnknown, RetryUnknown},
		},
		"content for a refused sender": {
			flight + "S: 550 no\nS: 250 ok\nS: 250 taken",
			[]Status{Uncertain, Uncertain, Uncertain}, []Retry{RetryUnknown, RetryUnknown, RetryUnknown},
		},
		"sender out of order": {
			flight + "S: 503 what?",
			[]Status{Uncertain, Uncertain, Uncertain}, []Retry{RetryUnknown, RetryUnknown, RetryUnknown},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := serve(t, test.script)
			opts.Window = 3
			src := three()
			failure(t, send(t.Context(), opts, src))
			for i, id := range []string{"1", "2", "3"} {
				r := src.done[id]
				var retry Retry
				if r.Err != nil {
					retry = r.Err.Retry
				}
				if r.Recipients[0].Status != test.want[i] || retry != test.retry[i] {
					t.Errorf("%s: got %s, %s (%v)", id, r.Recipients[0].Status, retry, r.Err)
				}
			}
		})
	}
}

// TestChunkingCommitFails sees that a group that could not be committed does
// not leave, and a staged mail is never ended.
func TestChunkingCommitFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		window int
		fails  int // which commit
		script string
		want   []Status
	}{
		"group": {3, 1, chunked, []Status{Untried, Untried, Untried}},
		"staged": {1, 2, chunked + `
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: BDAT 3 LAST
		C: 1
		C: RSET
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: BDAT 3
		C: 2
		S: 250 ok
		S: 250 ok
		S: 250 one
		S: 250 ok
		S: 250 ok
		S: 250 ok
		S: 250 ok
`, []Status{Accepted, Untried, Untried}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := serve(t, test.script)
			opts.Window = test.window
			src := three()
			n := 0
			src.committed = func() error {
				if n++; n == test.fails {
					return errors.New("disk full")
				}
				return nil
			}
			if e := failure(t, send(t.Context(), opts, src)); e.Class != ClassLocal {
				t.Errorf("got %v", e)
			}
			for i, id := range []string{"1", "2", "3"} {
				if got := src.done[id].Recipients[0].Status; got != test.want[i] {
					t.Errorf("%s: got %s", id, got)
				}
			}
			if e := src.done["3"].Err; e == nil || e.Retry != RetrySafe {
				t.Errorf("got %v", e)
			}
		})
	}
}

// TestChunkingLarge sends content that is worth a look at the envelope first.
func TestChunkingLarge(t *testing.T) {
	t.Parallel()
	line := strings.Repeat("x", 1022) + "\r\n"
	body := strings.Repeat(line, 600)
	opts := serve(t, chunked+`
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: RCPT TO:<b@x.example>
		S: 250 ok
		S: 250 ok
		S: 550 nobody
		C: BDAT 262144
`+strings.Repeat("C: "+line, 256)+`
		C: BDAT 262144
`+strings.Repeat("C: "+line, 256)+`
		C: BDAT 90112
`+strings.Repeat("C: "+line, 88)+`
		S: 250 ok
		S: 250 ok
		S: 250 ok
		C: BDAT 0 LAST
		C: RSET
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: BDAT 3
		C: y
		S: 250 queued
		S: 250 ok
		S: 250 ok
		S: 250 ok
		S: 250 ok
		C: BDAT 0 LAST
		S: 250 queued
		C: QUIT
`)
	src := &mails{next: []*Mail{letter("1", body, "a@x.example", "b@x.example"), letter("2", "y\r\n", "a@x.example")}}
	if err := send(t.Context(), opts, src); err != nil {
		t.Fatal(err)
	}
	r := src.done["1"]
	if r.Err != nil || r.Waits != 5 || r.Bytes != int64(len(body)) || src.done["2"].Waits != 1 {
		t.Errorf("got %+v", src.done)
	}
}

// TestChunkingLargeFails spoils a large content; the session goes on, since a
// chunk that is not the last can be forgotten.
func TestChunkingLargeFails(t *testing.T) {
	t.Parallel()
	const size = 100 << 10
	text := strings.Repeat(strings.Repeat("x", 1022)+"\r\n", size>>10)
	const mailing = `
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
`
	const rest = `
		C: RSET
` + mailing + `
		C: BDAT 3 LAST
		C: y
		S: 250 ok
		S: 250 ok
		S: 250 ok
		S: 250 queued
		C: QUIT
`
	for name, test := range map[string]struct {
		script string
		open   func() (io.ReadCloser, error)
		want   kind
		status Status
	}{
		"nobody": {
			chunked + mailing + "S: 250 ok\nS: 550 nobody\n" + rest, nil,
			kind{StageRecipient, ClassPermanent, ScopeRecipient, RetryNo}, Rejected,
		},
		"refused": {
			chunked + mailing + "S: 250 ok\nS: 250 ok\nC: BDAT 102400\n" + "C: " +
				strings.Join(strings.SplitAfter(strings.TrimSuffix(text, "\r\n"), "\n"), "C: ") +
				"\nS: 552 5.3.4 too big\n" + rest, nil,
			kind{StageContent, ClassPermanent, ScopeMessage, RetryNo}, Rejected,
		},
		"unreadable": {
			chunked + mailing + "S: 250 ok\nS: 250 ok\n" + rest,
			func() (io.ReadCloser, error) { return io.NopCloser(errorReader{errors.New("disk on fire")}), nil },
			kind{StageContent, ClassLocal, ScopeLocal, RetrySafe}, Untried,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mail := letter("1", text, "a@x.example")
			if test.open != nil {
				mail.Open = test.open
			}
			src := &mails{next: []*Mail{mail, letter("2", "y\r\n", "a@x.example")}}
			if err := send(t.Context(), serve(t, test.script), src); err != nil {
				t.Fatal(err)
			}
			r := src.done["1"]
			if got := kindOf(r.Err); got != test.want || r.Recipients[0].Status != test.status {
				t.Errorf("got %+v, %s, want %+v, %s", got, r.Recipients[0].Status, test.want, test.status)
			}
			if src.done["2"].Err != nil {
				t.Error(src.done["2"].Err)
			}
		})
	}
}

// TestChunkingWithoutPipelining goes step by step.
func TestChunkingWithoutPipelining(t *testing.T) {
	t.Parallel()
	r := sendOne(t, serve(t, `
		S: 220 mx
		C: EHLO [127.0.0.1]
		S: 250-mx
		S: 250 CHUNKING
		C: MAIL FROM:<me@x.example>
		S: 250 ok
		C: RCPT TO:<a@x.example>
		S: 250 ok
		C: BDAT 3
		C: y
		S: 250 ok
		C: BDAT 0 LAST
		S: 250 queued
		C: QUIT
`), letter("1", "y\r\n", "a@x.example"))
	if r.Err != nil || r.Waits != 6 || r.Bytes != 3 {
		t.Errorf("got %+v", r)
	}
}

// TestWaits counts the waits of many mails over both ways of sending content.
func TestWaits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		extensions string
		window     int
		n          int
		want       int
	}{
		{"PIPELINING\r\n250 CHUNKING", 0, 100, 2 + 7},
		{"PIPELINING\r\n250 CHUNKING", 0, 3, 2 + 3},
		{"PIPELINING\r\n250 CHUNKING", 1, 100, 2 + 100},
		{"PIPELINING\r\n250 CHUNKING", 50, 100, 2 + 2},
		{"PIPELINING", 0, 100, 2 + 101},
		{"CHUNKING", 0, 10, 2 + 40},
		{"HELP", 0, 10, 2 + 40},
	} {
		t.Run(fmt.Sprint(test.extensions, test.window, test.n), func(t *testing.T) {
			t.Parallel()
			client, server := pair(t)
			opts := Options{
				Host: "mx", Security: NoTLS, Window: test.window,
				Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil },
			}
			go acceptAll(server, strings.Split(test.extensions, "\r\n250 ")...)
			src := &mails{}
			for i := range test.n {
				src.next = append(src.next, letter(fmt.Sprint(i), "y\r\n", "a@x.example"))
			}
			if err := send(t.Context(), opts, src); err != nil {
				t.Fatal(err)
			}
			waits := 0
			for i, id := range src.order {
				waits += src.done[id].Waits
				if id != fmt.Sprint(i) || src.done[id].Err != nil {
					t.Fatalf("%d: %s, %v", i, id, src.done[id].Err)
				}
			}
			if len(src.order) != test.n || waits != test.want {
				t.Errorf("%d mails, %d waits", len(src.order), waits)
			}
		})
	}
}
