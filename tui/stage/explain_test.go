package stage

import (
	"strings"
	"testing"
	"time"

	"sendoff/smtp"
	"sendoff/smtp/outbox"
)

// TestExplain: each state is explained by what is true in it, and says when
// the next step is the person's.
func TestExplain(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 18, 14, 30, 0, 0, time.UTC)
	bob := outbox.Recipient{Address: "bob@example.org", State: outbox.RecipientAccepted, Code: 250}
	dave := outbox.Recipient{Address: "dave@example.org", State: outbox.RecipientRejected, Code: 550, Enhanced: "5.1.1", Text: "no such user"}
	erin := outbox.Recipient{Address: "erin@example.org", State: outbox.RecipientDeferred, Code: 451, Enhanced: "4.7.1", Text: "later"}
	claimed := outbox.Recipient{Address: "fay@example.org", State: outbox.RecipientAccepted, Text: "connection reset by peer"}
	for _, c := range []struct {
		item  outbox.Item
		want  []string
		never []string
		needs bool
	}{
		{outbox.Item{State: outbox.Queued}, []string{"by itself"}, []string{"sent"}, false},
		{outbox.Item{State: outbox.Queued, Problem: "no way to smtp.example.org"}, []string{"no way to smtp.example.org.", "goes on once its account can send"}, nil, false},
		{outbox.Item{State: outbox.Sending}, []string{"not taken responsibility"}, nil, false},
		{outbox.Item{State: outbox.Deferred, Reply: "451 later", NextTry: now.Add(5 * time.Minute)}, []string{"451 later.", "at 14:35", "by itself"}, nil, false},
		{outbox.Item{State: outbox.Sent, Recipients: []outbox.Recipient{bob}}, []string{"bob@example.org will get it"}, nil, false},
		{outbox.Item{State: outbox.Partial, Recipients: []outbox.Recipient{bob, dave}},
			[]string{"bob@example.org will get it", "dave@example.org was refused: 550 5.1.1 no such user."}, nil, true},
		{outbox.Item{State: outbox.Failed, Recipients: []outbox.Recipient{dave}}, []string{"Nobody", "no such user"}, nil, true},
		{outbox.Item{State: outbox.Deferred, Recipients: []outbox.Recipient{bob, dave, erin}, NextTry: now.Add(5 * time.Minute)},
			[]string{"dave@example.org was refused. erin@example.org is tried again at 14:35. bob@example.org will get it.",
				"550 5.1.1 no such user.", "asked to wait: 451 4.7.1 later."}, []string{"for the others"}, true},
		{outbox.Item{State: outbox.Sent, Recipients: []outbox.Recipient{bob, claimed}},
			[]string{"bob@example.org will get it.", "For fay@example.org you marked it as sent."}, nil, false},
		{outbox.Item{State: outbox.Sent, Recipients: []outbox.Recipient{claimed}}, []string{"Marked as sent by you"}, []string{"will get it"}, false},
		{outbox.Item{State: outbox.Partial, Recipients: []outbox.Recipient{claimed, dave}},
			[]string{"you marked it as sent", "dave@example.org was refused"}, []string{"will get it"}, true},
		{outbox.Item{State: outbox.Uncertain}, []string{"may have arrived", "won't send it again"}, nil, true},
		{outbox.Item{State: outbox.Cancelled}, []string{"Cancelled"}, nil, false},
		{outbox.Item{State: outbox.Cancelled, Recipients: []outbox.Recipient{bob}}, []string{"bob@example.org had it already"}, nil, false},
		{outbox.Item{State: outbox.Held}, []string{"release"}, nil, false},
		{outbox.Item{State: outbox.Scheduled, NotBefore: now.Add(5 * 24 * time.Hour)}, []string{"on Mon 23 Nov 2026 14:30 UTC, if sendoff runs then."}, nil, false},
		{outbox.Item{State: outbox.Scheduled, NotBefore: now.Add(time.Hour)}, []string{"on Wed 18 Nov 2026 15:30 UTC, if sendoff runs then."}, nil, false},
		{outbox.Item{State: outbox.Scheduled, NotBefore: now.AddDate(1, 0, 0)}, []string{"on Thu 18 Nov 2027 14:30 UTC, if sendoff runs then."}, nil, false},
		{outbox.Item{State: outbox.Scheduled, NotBefore: now.Add(9 * time.Second)}, []string{"in 9 s; until then it can be taken back."}, []string{"if sendoff"}, false},
		{outbox.Item{State: outbox.Scheduled, NotBefore: now}, []string{"It goes out now."}, []string{"if sendoff"}, false},
	} {
		got, needs := Explain(c.item, now)
		for _, w := range c.want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: %q lacks %q", c.item.State, got, w)
			}
		}
		for _, w := range c.never {
			if strings.Contains(got, w) {
				t.Errorf("%s: %q says %q", c.item.State, got, w)
			}
		}
		if needs != c.needs {
			t.Errorf("%s: needs the person: %v", c.item.State, needs)
		}
	}
}

// TestRate follows the link: what went a while ago does not count for ever.
func TestRate(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 18, 14, 30, 0, 0, time.UTC)
	var s Steps
	s.Hear(smtp.Event{Kind: smtp.KindBegin, Stage: smtp.StageContent, Total: 1e9, Time: start})
	sent := int64(0)
	for i := range 100 { // ten seconds, first slow then fast
		rate := int64(10_000)
		if i >= 50 {
			rate = 1_000_000
		}
		sent += rate / 10
		s.Hear(smtp.Event{Kind: smtp.KindProgress, Stage: smtp.StageContent, Bytes: sent, Total: 1e9, Time: start.Add(time.Duration(i+1) * 100 * time.Millisecond)})
		if _, _, got := s.Progress(); i == 45 && (got < 9000 || got > 11000) {
			t.Errorf("slow: %.0f octets a second", got)
		}
	}
	if _, _, got := s.Progress(); got < 900_000 || got > 1_100_000 {
		t.Errorf("fast: %.0f octets a second", got)
	}
}

// TestOutcome: what a person said is not told as a server's word, and whoever
// a mail that was taken back never went to does not wait for it.
func TestOutcome(t *testing.T) {
	t.Parallel()
	cancelled, sent := outbox.Item{State: outbox.Cancelled}, outbox.Item{State: outbox.Sent}
	for _, c := range []struct {
		item         outbox.Item
		of           outbox.Recipient
		state, words string
	}{
		{sent, outbox.Recipient{State: outbox.RecipientAccepted, Code: 250}, "accepted", "accepted"},
		{sent, outbox.Recipient{State: outbox.RecipientAccepted, Text: "broke"}, "claimed", "marked as sent by you"},
		{cancelled, outbox.Recipient{State: outbox.Pending}, "cancelled", "not sent"},
		{cancelled, outbox.Recipient{State: outbox.RecipientDeferred, Code: 451}, "cancelled", "not sent"},
		{cancelled, outbox.Recipient{State: outbox.RecipientAccepted, Code: 250}, "accepted", "accepted"},
	} {
		if state, words := Outcome(c.item, c.of); state != c.state || words != c.words {
			t.Errorf("%s, %+v: %s, %q", c.item.State, c.of, state, words)
		}
	}
}

// TestRefusedForNow: what a server only puts off is not called refused, neither
// the mail as a whole nor the content that was sent for nobody.
func TestRefusedForNow(t *testing.T) {
	t.Parallel()
	later := smtp.Reply{Code: 451, Enhanced: "4.7.1", Lines: []string{"later"}}
	never := smtp.Reply{Code: 550, Enhanced: "5.1.1", Lines: []string{"no"}}
	empty := smtp.Event{Kind: smtp.KindEnd, Stage: smtp.StageRejected, Reply: smtp.Reply{Code: 554, Lines: []string{"No valid recipients"}}}
	for _, c := range []struct {
		answer     smtp.Reply // to the recipient
		end        smtp.Event
		state, say string
	}{
		{later, empty, "deferred", "answer: deferred, no recipient is left"},
		{never, empty, "rejected", "answer: rejected, no recipient is left"},
		{smtp.Reply{Code: 250}, smtp.Event{Kind: smtp.KindEnd, Stage: smtp.StageRejected, Err: &smtp.Error{Reply: later, Class: smtp.ClassTemporary}},
			"deferred", "answer: deferred, 451 4.7.1 later"},
		{smtp.Reply{Code: 250}, smtp.Event{Kind: smtp.KindEnd, Stage: smtp.StageRejected, Err: &smtp.Error{Reply: never, Class: smtp.ClassPermanent}},
			"failed", "answer: failed, 550 5.1.1 no"},
	} {
		var s Steps
		s.Hear(smtp.Event{Kind: smtp.KindEnd, Stage: smtp.StageRecipient, Recipient: "bob@example.org", Reply: c.answer})
		s.Hear(c.end)
		if got := s.row("answer").state; got != c.state {
			t.Errorf("%d: the answer is %s, want %s", c.answer.Code, got, c.state)
		}
		if got := s.Told(c.end); got != c.say {
			t.Errorf("%d: it says %q, want %q", c.answer.Code, got, c.say)
		}
	}
}
