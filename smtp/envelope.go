package smtp

import (
	"slices"
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
	limit := min(s.timeouts.Command, resetLimit)
	s.send(t.expect(exchange{stage: StageMail, verb: "RSET", limit: limit, handle: (*Session).resetReplied}), "RSET")
}

func (s *Session) resetReplied(e *exchange, r Reply) *Error {
	if r.positive() {
		s.dirty = false
		return nil
	}
	if s.worn(r) {
		return e.t.stop(noTurn(r))
	}
	err := refused(StageMail, "RSET", r)
	if r.Code != 421 {
		err.Class, err.Scope, err.Retry = ClassProtocol, ScopeServer, RetrySafe
	}
	return e.t.stop(err)
}

// worn tells that r ends a session that was of use before, which some servers
// do after so many mails or so long a time without a word of it in LIMITS. The
// next mail just needs another session, unless the server wants less of it all.
func (s *Session) worn(r Reply) bool {
	return r.Code == 421 && s.served && !strings.HasPrefix(r.Enhanced, "4.7.")
}

func (s *Session) mailFrom(t *transaction) {
	e := t.expect(exchange{stage: StageMail, verb: "MAIL", limit: s.timeouts.Command, handle: (*Session).mailReplied})
	line := append(s.words[:0], "MAIL FROM:<", t.mail.From, ">")
	var used []string
	for _, p := range s.mailParameters(t) {
		if p.extra && s.bare {
			continue
		}
		t.extras = t.extras || p.extra
		if p.text != "" {
			line = append(line, " ", p.text, p.value)
		}
		if s.opts.Trace != nil {
			used = append(used, p.extension)
		}
	}
	s.announce(e, t.mail.From, s.means(slices.Compact(used))...)
	s.send(e, line...)
	s.words = line
}

// means adds how the mail goes to the extensions that it goes by.
func (s *Session) means(extensions []string) []string {
	if s.opts.Trace == nil {
		return nil // nobody to tell
	}
	if s.caps.Chunking {
		extensions = append([]string{"CHUNKING"}, extensions...)
	}
	if s.caps.Pipelining {
		extensions = append([]string{"PIPELINING"}, extensions...)
	}
	return extensions
}

// parameter is what an extension adds to MAIL. An extra is nothing the mail
// or the person asks for.
type parameter struct {
	extension, text, value string
	extra                  bool
}

// mailParameters declares what is true of the mail, and nothing the server did
// not offer to hear.
func (s *Session) mailParameters(t *transaction) []parameter {
	list := s.params[:0]
	add := func(extension, text string) { list = append(list, parameter{extension: extension, text: text}) }
	m := t.mail
	if s.caps.DeclareSize {
		size := m.Size
		if t.content != nil {
			size = int64(len(t.content)) // with all line ends in place
		}
		list = append(list, parameter{"SIZE", "SIZE=", strconv.FormatInt(size, 10), true})
	}
	if m.eightBit() {
		list = append(list, parameter{"8BITMIME", "BODY=8BITMIME", "", !m.needsUTF8()})
	}
	if m.needsUTF8() {
		add("SMTPUTF8", "SMTPUTF8")
	}
	if m.DSN != nil && m.DSN.Return != "" {
		add("DSN", "RET="+m.DSN.Return)
	}
	if m.DSN != nil && m.DSN.EnvelopeID != "" {
		add("DSN", "ENVID="+xtext(m.DSN.EnvelopeID))
	}
	if m.DSN != nil && len(m.DSN.Notify) > 0 {
		add("DSN", "") // said to RCPT
	}
	if m.RequireTLS {
		add("REQUIRETLS", "REQUIRETLS")
	}
	if m.Priority != 0 {
		add("MT-PRIORITY", "MT-PRIORITY="+strconv.Itoa(m.Priority))
	}
	if !m.HoldUntil.IsZero() {
		add("FUTURERELEASE", "HOLDUNTIL="+m.HoldUntil.UTC().Format(time.RFC3339))
	}
	if !m.DeliverBy.IsZero() {
		// Rounded up, so that the least allowed stays allowed on the way.
		seconds := (time.Until(m.DeliverBy) + time.Second - 1) / time.Second
		add("DELIVERBY", "BY="+strconv.FormatInt(int64(seconds), 10)+";R")
	}
	s.params = list
	return list
}

func (s *Session) rcptTo(t *transaction, i int) {
	address := t.mail.To[i]
	line := append(s.words[:0], "RCPT TO:<", address, ">")
	if t.mail.DSN != nil {
		line = append(line, t.mail.DSN.notify())
		if orcpt := originalRecipient(address); !s.direct && len(orcpt) <= maxORCPT {
			line = append(line, " ORCPT=", orcpt)
			t.orcpt = true
		}
	}
	e := t.expect(exchange{
		stage: StageRecipient, verb: "RCPT", limit: s.timeouts.Command, recipient: address, i: i, handle: (*Session).recipientReplied,
	})
	s.announce(e, address)
	s.send(e, line...)
	s.words = line
}

// announce tells the beginning of e as a stage of its own.
func (s *Session) announce(e *exchange, text string, used ...string) {
	e.began = time.Now()
	s.emit(Event{
		Kind: KindBegin, Stage: e.stage, Mail: e.mail(), Recipient: e.recipient,
		Deadline: e.began.Add(e.limit), Text: text, Used: used,
	})
}
