package smtp

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSplit has more recipients than the server takes at a time.
func TestSplit(t *testing.T) {
	t.Parallel()
	const limits = `
		S: 220 mx
		C: EHLO [127.0.0.1]
		S: 250-mx
		S: 250-LIMITS RCPTMAX=1
		S: 250 PIPELINING
`
	a, b, c := "a@x.example", "b@x.example", "c@x.example"
	for name, test := range map[string]struct {
		script  string
		want    []Status
		leaving [][]string // whom each commit is for
	}{
		"by LIMITS": {`
		S: 220 mx
		C: EHLO [127.0.0.1]
		S: 250-mx
		S: 250-LIMITS RCPTMAX=2
		S: 250-PIPELINING
		S: 250 CHUNKING
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: RCPT TO:<b@x.example>
		C: BDAT 3 LAST
		C: y
		S: 250 ok
		S: 250 ok
		S: 250 ok
		S: 250 queued
		C: RSET
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<c@x.example>
		C: BDAT 3 LAST
		C: y
		S: 250 ok
		S: 250 ok
		S: 250 ok
		S: 250 queued
		C: QUIT
`, []Status{Accepted, Accepted, Accepted}, [][]string{{a, b}, {c}}},
		"by 452": {piped + `
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: RCPT TO:<b@x.example>
		C: RCPT TO:<c@x.example>
		C: DATA
		S: 250 ok
		S: 250 ok
		S: 452 4.5.3 too many
		S: 452 4.5.3 too many
		S: 354 go on
		C: y
		C: .
		S: 250 queued
		C: RSET
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<b@x.example>
		C: RCPT TO:<c@x.example>
		C: DATA
		S: 250 ok
		S: 250 ok
		S: 250 ok
		S: 550 nobody
		S: 354 go on
		C: y
		C: .
		S: 250 queued
		C: QUIT
`, []Status{Accepted, Accepted, Rejected}, [][]string{{a}, {b}}},
		"the first group refused": {limits + `
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: DATA
		S: 250 ok
		S: 550 5.1.1 nobody
		S: 554 no valid recipients
		C: RSET
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<b@x.example>
		C: DATA
		S: 250 ok
		S: 250 ok
		S: 450 4.2.1 later
		S: 354 go on
		C: .
		S: 554 no valid recipients
		C: RSET
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<c@x.example>
		C: DATA
		S: 250 ok
		S: 250 ok
		S: 250 ok
		S: 354 go on
		C: y
		C: .
		S: 250 queued
		C: QUIT
`, []Status{Rejected, Deferred, Accepted}, [][]string{{c}}},
		"the group in the middle refused": {limits + `
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: DATA
		S: 250 ok
		S: 250 ok
		S: 354 go on
		C: y
		C: .
		S: 250 queued
		C: RSET
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<b@x.example>
		C: DATA
		S: 250 ok
		S: 250 ok
		S: 550 5.1.1 nobody
		S: 554 no valid recipients
		C: RSET
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<c@x.example>
		C: DATA
		S: 250 ok
		S: 250 ok
		S: 250 ok
		S: 354 go on
		C: y
		C: .
		S: 250 queued
		C: QUIT
`, []Status{Accepted, Rejected, Accepted}, [][]string{{a}, {c}}},
		"every group refused": {limits + `
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: DATA
		S: 250 ok
		S: 550 5.1.1 nobody
		S: 554 no valid recipients
		C: RSET
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<b@x.example>
		C: DATA
		S: 250 ok
		S: 250 ok
		S: 550 5.1.1 nobody
		S: 554 no valid recipients
		C: RSET
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<c@x.example>
		C: DATA
		S: 250 ok
		S: 250 ok
		S: 550 5.1.1 nobody
		S: 554 no valid recipients
		C: QUIT
`, []Status{Rejected, Rejected, Rejected}, nil},
		"full at the first": {piped + `
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: RCPT TO:<b@x.example>
		C: RCPT TO:<c@x.example>
		C: DATA
		S: 250 ok
		S: 452 4.5.3 too many
		S: 452 4.5.3 too many
		S: 452 4.5.3 too many
		S: 554 nobody
		C: QUIT
`, []Status{Deferred, Deferred, Deferred}, nil},
		"refused the second time": {hi + `
		C: MAIL FROM:<me@x.example>
		S: 250 ok
		C: RCPT TO:<a@x.example>
		S: 250 ok
		C: RCPT TO:<b@x.example>
		S: 552 too many
		C: RCPT TO:<c@x.example>
		S: 552 5.2.2 mailbox full
		C: DATA
		S: 354 go on
		C: y
		C: .
		S: 250 queued
		C: MAIL FROM:<me@x.example>
		S: 451 4.3.0 no
		C: QUIT
`, []Status{Accepted, Deferred, Rejected}, [][]string{{a}}},
		"lost the second time": {hi + `
		C: MAIL FROM:<me@x.example>
		S: 250 ok
		C: RCPT TO:<a@x.example>
		S: 250 ok
		C: RCPT TO:<b@x.example>
		S: 452 too many
		C: RCPT TO:<c@x.example>
		S: 452 too many
		C: DATA
		S: 354 go on
		C: y
		C: .
		S: 250 queued
		C: MAIL FROM:<me@x.example>
		S: 250 ok
		C: RCPT TO:<b@x.example>
		S: 250 ok
		C: RCPT TO:<c@x.example>
		S: 550 nobody
		C: DATA
		S: 354 go on
		C: y
		C: .
		close
`, []Status{Accepted, Uncertain, Rejected}, [][]string{{a}, {b}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := &mails{next: []*Mail{letter("1", "y\r\n", a, b, c)}}
			_ = send(t.Context(), serve(t, test.script), src)
			r := src.done["1"]
			for i, want := range test.want {
				if got := r.Recipients[i]; got.Status != want {
					t.Errorf("recipient %d: got %+v, want %s", i, got, want)
				}
			}
			if diff := cmp.Diff(test.leaving, src.leaving); diff != "" {
				t.Error("committed for: -want +got\n", diff)
			}
			// Each part the server took is told of, unless it is the last.
			checkParts(t, src, test.want)
			if !slices.Contains(test.want, Accepted) && (r.Err == nil || r.Err.Scope != ScopeRecipient) {
				t.Errorf("got %v", r.Err)
			}
		})
	}
}

// checkParts wants the parts told of to add up to the outcome.
func checkParts(t *testing.T, src *mails, want []Status) {
	t.Helper()
	if wanted := want[0] == Accepted; wanted != (len(src.parts) > 0) {
		t.Fatalf("told of %d parts", len(src.parts))
	}
	known := 0
	for _, part := range src.parts {
		before := known
		known = 0
		for i, outcome := range part {
			if outcome.Status == Untried {
				continue
			}
			known++
			if outcome.Status != want[i] {
				t.Errorf("recipient %d: the part says %s, the end %s", i, outcome.Status, want[i])
			}
		}
		if known <= before || known == len(want) {
			t.Errorf("a part with %d recipients after %d", known, before)
		}
	}
}
