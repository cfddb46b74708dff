// Package stage shows a submission session step by step, from the events it
// makes: while a mail is sent, afterwards as a receipt, and while an account
// is tested.
package stage

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sendoff/smtp"
	"sendoff/tui/text"
)

// Steps is what happened in one session, as far as was heard.
type Steps struct {
	steps      []step
	recipients []recipient
	transcript []string
	facts      Facts
	opened     time.Time // when its first line was said

	sender       string
	sent, total  int64
	first, last  time.Time // when the first and the newest octets went
	sampleAt     time.Time
	sampleOctets int64
	rate         float64   // octets a second, lately
	flow         flow      // since the content began
	stalled      time.Time // since when nothing gets through; zero while something does
}

// step is one row of the list.
type step struct {
	name     string
	state    string // as theme.Mark knows it
	text     string
	short    string // for where there is no room for the text; empty for none
	begun    time.Time
	deadline time.Time
	elapsed  time.Duration
}

// recipient is the row of one of those it is for.
type recipient struct {
	address, state, text string

	begun    time.Time
	deadline time.Time // of the answer, once nothing else is waited for
}

// rows names the rows in their order. What is greeted is shown with the
// connection, and the two endings of a mail are one answer.
var rows = []string{"resolve", "connect", "tls", "hello", "auth", "sender", "content", "answer"}

var rowOf = map[smtp.Stage]string{
	smtp.StageResolve: "resolve", smtp.StageConnect: "connect", smtp.StageGreeting: "connect",
	smtp.StageTLS: "tls", smtp.StageHello: "hello", smtp.StageAuth: "auth", smtp.StageMail: "sender",
	smtp.StageContent: "content", smtp.StageAccepted: "answer", smtp.StageRejected: "answer",
}

// Empty tells that nothing was heard.
func (s *Steps) Empty() bool { return len(s.steps) == 0 && len(s.transcript) == 0 }

// Running tells that a step began and has not ended.
func (s *Steps) Running() bool {
	return slices.ContainsFunc(s.steps, func(r step) bool { return r.state == "running" })
}

// Over tells that a beginning stage belongs to a new try: these steps had come
// further, or to the same mail, before.
func (s *Steps) Over(begins smtp.Stage) bool {
	reached := func(name string) bool {
		return slices.ContainsFunc(s.steps, func(r step) bool { return r.name == name })
	}
	switch begins {
	case smtp.StageResolve:
		return len(s.steps) > 0
	case smtp.StageConnect: // there is nothing to resolve in an address
		return reached("tls") || reached("hello") || reached("sender")
	case smtp.StageMail:
		return reached("sender")
	}
	return false
}

// Began returns when the first step began.
func (s *Steps) Began() time.Time {
	if len(s.steps) == 0 {
		return time.Time{}
	}
	return s.steps[0].begun
}

// Sender says whom the mail is from.
func (s *Steps) Sender(address string) { s.sender = address }

// Settle says what became of a recipient in the end, which counts for more
// than what the session heard of it.
func (s *Steps) Settle(address, state, words string) {
	address = text.Clean(address)
	i := slices.IndexFunc(s.recipients, func(r recipient) bool { return r.address == address })
	if i < 0 {
		s.recipients = append(s.recipients, recipient{address: address, state: state, text: words})
		return
	}
	s.recipients[i].state, s.recipients[i].text = state, words
}

// Transcript returns the dialogue so far, without secrets.
func (s *Steps) Transcript() []string { return s.transcript }

// Hear takes the next event.
func (s *Steps) Hear(e smtp.Event) {
	s.facts.learn(e)
	switch {
	case e.Kind == smtp.KindLine:
		s.line(e)
	case e.Stage == smtp.StageRecipient:
		s.recipient(e)
	case e.Kind == smtp.KindProgress:
		s.progress(e)
	case e.Kind == smtp.KindStall:
		s.stalled = e.Time.Add(-e.Elapsed)
		s.row("content").deadline = e.Deadline
	default:
		s.step(e)
	}
}

func (s *Steps) line(e smtp.Event) {
	who := "C"
	if e.FromServer {
		who = "S"
	}
	if s.opened.IsZero() {
		s.opened = e.Time
	}
	s.transcript = append(s.transcript, fmt.Sprintf("%.3f %s: %s", e.Time.Sub(s.opened).Seconds(), who, e.Text))
}

func (s *Steps) recipient(e smtp.Event) {
	i := slices.IndexFunc(s.recipients, func(r recipient) bool { return r.address == text.Clean(e.Recipient) })
	if i < 0 {
		i = len(s.recipients)
		s.recipients = append(s.recipients, recipient{address: text.Clean(e.Recipient)})
	}
	r := &s.recipients[i]
	switch {
	case e.Kind == smtp.KindWait:
		r.deadline = e.Deadline
	case e.Kind == smtp.KindBegin:
		r.state, r.begun = "running", e.Time
	case e.Reply.Code >= 200 && e.Reply.Code < 300:
		r.state, r.text = "done", "taken"
	case e.Reply.Code >= 400 && e.Reply.Code < 500:
		r.state, r.text = "deferred", e.Reply.String()
	case e.Reply.Code != 0:
		r.state, r.text = "rejected", e.Reply.String()
	case e.Err != nil:
		r.state, r.text = "failed", trouble(e.Err)
	}
}

// progress keeps the rate of about the last second, so that it follows the
// link without jumping.
func (s *Steps) progress(e smtp.Event) {
	s.sent, s.total, s.last, s.stalled = e.Bytes, e.Total, e.Time, time.Time{}
	s.flow.note(e.Time, e.Bytes)
	if s.first.IsZero() {
		s.first, s.sampleAt = e.Time, e.Time
	}
	if took := e.Time.Sub(s.sampleAt); took >= time.Second {
		s.rate = float64(e.Bytes-s.sampleOctets) / took.Seconds()
		s.sampleAt, s.sampleOctets = e.Time, e.Bytes
	} else if s.rate == 0 && took > 0 {
		s.rate = float64(e.Bytes) / took.Seconds()
	}
}

func (s *Steps) step(e smtp.Event) {
	name, shown := rowOf[e.Stage]
	if !shown {
		return
	}
	r := s.row(name)
	switch e.Kind {
	case smtp.KindBegin:
		s.begin(r, e)
	case smtp.KindWait:
		r.deadline = e.Deadline
	case smtp.KindEnd:
		s.end(r, e)
	}
}

func (s *Steps) row(name string) *step {
	i := slices.IndexFunc(s.steps, func(r step) bool { return r.name == name })
	if i < 0 {
		i = len(s.steps)
		s.steps = append(s.steps, step{name: name})
	}
	return &s.steps[i]
}

func (s *Steps) begin(r *step, e smtp.Event) {
	switch e.Stage {
	case smtp.StageGreeting:
	case smtp.StageAuth:
		r.text, r.elapsed = s.facts.login(e.Mechanism), 0
	default:
		r.text, r.elapsed = e.Text, 0
	}
	r.state, r.begun, r.deadline = "running", e.Time, e.Deadline
	if e.Stage == smtp.StageContent {
		s.sent, s.total = e.Bytes, e.Total
		s.first, s.sampleAt, s.sampleOctets, s.rate, s.stalled = e.Time, e.Time, 0, 0, time.Time{}
		s.flow = flow{}
		s.flow.note(e.Time, e.Bytes)
	}
}

func (s *Steps) end(r *step, e smtp.Event) {
	r.state, r.deadline = "done", time.Time{}
	r.elapsed += e.Elapsed
	words := describe(e)
	switch {
	case e.Stage == smtp.StageAuth:
		words, r.short = s.facts.login(e.Mechanism), e.Mechanism
	case e.TLS != nil && e.TLS.Certificate != nil:
		r.short = e.TLS.Version + ", until " + e.TLS.Certificate.NotAfter.Format(time.DateOnly)
	}
	if words != "" {
		r.text = words
	}
	switch {
	case e.Err != nil:
		r.state, r.text = "failed", trouble(e.Err)
		switch {
		case e.Err.Uncertain():
			r.state = "uncertain"
		case e.Stage == smtp.StageRejected && e.Err.Class == smtp.ClassTemporary:
			r.state = "deferred"
		}
	case e.Stage == smtp.StageRejected: // an empty one: all recipients were refused before
		r.state, r.text = "rejected", "no recipient is left"
		if slices.ContainsFunc(s.recipients, func(r recipient) bool { return r.state == "deferred" }) {
			r.state = "deferred"
		}
	case e.Stage == smtp.StageContent && e.Bytes > 0:
		s.sent = e.Bytes
	}
}

// describe says in a few words how a stage ended well; empty where the row
// keeps the words it has.
func describe(e smtp.Event) string {
	switch {
	case e.TLS != nil:
		return certificate(*e.TLS)
	case e.Capabilities != nil:
		return capabilities(*e.Capabilities)
	case e.Stage == smtp.StageGreeting:
		return ""
	case e.Stage == smtp.StageMail:
		return "" // the address that began it
	case e.Stage == smtp.StageAccepted, e.Stage == smtp.StageRejected:
		return e.Reply.String()
	}
	return e.Text
}

func certificate(t smtp.TLSInfo) string {
	s := t.Version
	if t.Certificate != nil {
		s += fmt.Sprintf(", certificate of %s until %s", t.ServerName, t.Certificate.NotAfter.Format(time.DateOnly))
	}
	return s
}

func capabilities(c smtp.Capabilities) string {
	var has []string
	for _, f := range []struct {
		has  bool
		name string
	}{
		{c.Pipelining, "PIPELINING"}, {c.Chunking, "CHUNKING"}, {c.Size > 0, "SIZE " + text.FormatSize(c.Size)},
		{c.UTF8, "SMTPUTF8"}, {c.DSN, "DSN"}, {c.EightBit, "8BITMIME"}, {c.StartTLS, "STARTTLS"},
	} {
		if f.has {
			has = append(has, f.name)
		}
	}
	if len(has) == 0 {
		return "no extensions"
	}
	return strings.Join(has, " ")
}

// trouble is an error without the name of the stage, which stands beside it.
func trouble(err *smtp.Error) string {
	switch {
	case err.Reply.Code != 0:
		return err.Reply.String()
	case err.Class == smtp.ClassCanceled:
		return "stopped"
	case err.Class == smtp.ClassTimeout:
		return "no answer in time"
	case err.Err != nil:
		return text.Clean(err.Err.Error())
	}
	return text.Clean(err.Error())
}
