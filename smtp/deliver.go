package smtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
)

// Deliver submits the mails of src until it has no more, ctx ends or the
// session breaks. The outcome of every mail goes to src.Done; the error is an
// *Error when the session can't be used any longer.
func (s *Session) Deliver(ctx context.Context, src Source) error {
	if s.err != nil {
		return s.err
	}
	defer s.wire.bind(ctx)()
	for {
		if ctx.Err() != nil {
			s.fail(broken(StageMail, "", &cutError{ClassCanceled, context.Cause(ctx)}))
			return s.err
		}
		mail, err := src.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("next mail: %w", err)
		}
		t := s.begin(mail)
		s.submit(ctx, src, t)
		src.Done(mail, s.conclude(t))
		if s.err != nil {
			return s.err
		}
	}
}

// submit takes one mail through a transaction.
func (s *Session) submit(ctx context.Context, src Source, t *transaction) {
	if t.err = s.check(t.mail); t.err != nil {
		return
	}
	body, err := t.mail.Open()
	if err != nil {
		t.err = local(StageContent, fmt.Errorf("opening the content: %w", err))
		return
	}
	defer func() { _ = body.Close() }()

	s.envelope(t)
	switch {
	case s.err != nil || t.data.Code/100 != 3:
	case t.err != nil:
		// The server wants content for a sender that it refused. Whatever
		// transaction it has in mind, it is not ours.
		s.fail(&Error{
			Stage: StageContent, Verb: "DATA", Reply: t.data,
			Class: ClassProtocol, Scope: ScopeMessage, Retry: RetrySafe,
			Err: errors.New("the server accepts content after it refused the sender"),
		})
	case t.accepted == 0:
		// The envelope went in one flight, so DATA could not be held back. An
		// empty message to nobody ends it (RFC 2920 section 3.1).
		s.say(StageContent, t.mail.ID, ".")
		ignore := &exchange{stage: StageContent, verb: ".", limit: s.timeouts.Final, t: t}
		ignore.handle = func(Reply) *Error { return nil }
		s.await(ignore)
		s.settle(0)
	default:
		s.content(ctx, src, t, body)
	}
}

// envelope sends MAIL, RCPT and DATA; all at once where the server allows it,
// else one by one, and then only as long as it makes sense.
func (s *Session) envelope(t *transaction) {
	pipelining := s.caps.Pipelining
	next := func() bool {
		if !pipelining {
			s.settle(0)
		}
		return s.err == nil && (pipelining || t.err == nil)
	}
	// In a group RSET costs nothing, and a server that did not let go of the
	// last transaction would take this mail under its sender.
	if s.dirty || pipelining && s.used {
		s.reset(t)
		if !next() {
			return
		}
	}
	s.used, s.dirty = true, true
	s.mailFrom(t)
	if !next() {
		return
	}
	for i := range t.mail.To {
		s.rcptTo(t, i)
		if !next() {
			return
		}
	}
	if pipelining || t.accepted > 0 {
		e := &exchange{stage: StageContent, verb: "DATA", limit: s.timeouts.Data, t: t, handle: t.dataReplied}
		s.send(e, "DATA")
	}
	s.settle(0)
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
		err.Class, err.Scope, err.Retry = ClassProtocol, ScopeServer, RetrySafe
		return t.stop(err)
	}
	s.send(e, "RSET")
}

func (s *Session) mailFrom(t *transaction) {
	line := "MAIL FROM:<" + t.mail.From + ">"
	if s.caps.DeclareSize {
		line += " SIZE=" + strconv.FormatInt(t.mail.Size, 10)
	}
	e := &exchange{stage: StageMail, verb: "MAIL", limit: s.timeouts.Command, t: t, handle: t.mailReplied}
	s.announce(e, t.mail.From)
	s.send(e, line)
}

func (s *Session) rcptTo(t *transaction, i int) {
	address := t.mail.To[i]
	e := &exchange{stage: StageRecipient, verb: "RCPT", limit: s.timeouts.Command, t: t, recipient: address}
	e.handle = func(r Reply) *Error { return t.recipientReplied(i, r) }
	s.announce(e, address)
	s.send(e, "RCPT TO:<"+address+">")
}

// announce tells the beginning of e as a stage of its own.
func (s *Session) announce(e *exchange, text string) {
	e.began = time.Now()
	s.emit(Event{
		Kind: KindBegin, Stage: e.stage, Mail: e.mail(), Recipient: e.recipient,
		Deadline: e.began.Add(e.limit), Text: text,
	})
}
