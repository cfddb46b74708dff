package smtp

import (
	"strconv"
	"strings"
	"time"
)

// envelope sends MAIL and RCPT: all at once where the server allows it, else
// one by one, and then only as long as that makes sense. It tells whether to
// go on.
func (s *Session) envelope(t *transaction) bool {
	t.opened = true
	// In a group RSET costs nothing, and a server that did not let go of the
	// last transaction would take this mail under its sender.
	if s.dirty || s.caps.Pipelining && s.used {
		s.reset(t)
		if !s.goOn(t) {
			return false
		}
	}
	s.used, s.dirty = true, true
	s.mailFrom(t)
	if !s.goOn(t) {
		return false
	}
	for _, i := range t.to {
		s.rcptTo(t, i)
		if !s.goOn(t) {
			return false
		}
	}
	return s.caps.Pipelining || t.accepted > 0
}

// goOn waits for the reply unless commands may be sent in groups.
func (s *Session) goOn(t *transaction) bool {
	if s.caps.Pipelining {
		return s.err == nil
	}
	s.settle(0)
	return s.err == nil && t.err == nil
}

// reset forgets the transaction before this one.
func (s *Session) reset(t *transaction) {
	e := &exchange{stage: StageMail, verb: "RSET", limit: s.timeouts.Command, t: t}
	e.handle = func(r Reply) *Error {
		if r.positive() {
			s.dirty = false
			return nil
		}
		err := refused(StageMail, "RSET", r)
		if r.Code != 421 {
			err.Class, err.Scope, err.Retry = ClassProtocol, ScopeServer, RetrySafe
		}
		return t.stop(err)
	}
	s.send(e, "RSET")
}

func (s *Session) mailFrom(t *transaction) {
	e := &exchange{stage: StageMail, verb: "MAIL", limit: s.timeouts.Command, t: t, handle: t.mailReplied}
	s.announce(e, t.mail.From)
	s.send(e, "MAIL FROM:<"+t.mail.From+">"+s.mailParameters(t))
}

// mailParameters declares what is true of the mail, and nothing the server did
// not offer to hear.
func (s *Session) mailParameters(t *transaction) string {
	var b strings.Builder
	m := t.mail
	if s.caps.DeclareSize {
		size := m.Size
		if t.content != nil {
			size = int64(len(t.content)) // with all line ends in place
		}
		b.WriteString(" SIZE=" + strconv.FormatInt(size, 10))
	}
	if m.eightBit() {
		b.WriteString(" BODY=8BITMIME")
	}
	if m.needsUTF8() {
		b.WriteString(" SMTPUTF8")
	}
	if m.DSN != nil {
		b.WriteString(m.DSN.mailParameters())
	}
	if m.RequireTLS {
		b.WriteString(" REQUIRETLS")
	}
	if m.Priority != 0 {
		b.WriteString(" MT-PRIORITY=" + strconv.Itoa(m.Priority))
	}
	if !m.HoldUntil.IsZero() {
		b.WriteString(" HOLDUNTIL=" + m.HoldUntil.UTC().Format(time.RFC3339))
	}
	if !m.DeliverBy.IsZero() {
		// Rounded up, so that the least allowed stays allowed on the way.
		seconds := (time.Until(m.DeliverBy) + time.Second - 1) / time.Second
		b.WriteString(" BY=" + strconv.FormatInt(int64(seconds), 10) + ";R")
	}
	return b.String()
}

func (s *Session) rcptTo(t *transaction, i int) {
	address := t.mail.To[i]
	line := "RCPT TO:<" + address + ">"
	if t.mail.DSN != nil {
		line += t.mail.DSN.rcptParameters(address)
	}
	e := &exchange{stage: StageRecipient, verb: "RCPT", limit: s.timeouts.Command, t: t, recipient: address}
	e.handle = func(r Reply) *Error { return t.recipientReplied(i, r) }
	s.announce(e, address)
	s.send(e, line)
}

// announce tells the beginning of e as a stage of its own.
func (s *Session) announce(e *exchange, text string) {
	e.began = time.Now()
	s.emit(Event{
		Kind: KindBegin, Stage: e.stage, Mail: e.mail(), Recipient: e.recipient,
		Deadline: e.began.Add(e.limit), Text: text,
	})
}
