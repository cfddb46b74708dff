package smtp

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// transaction is one attempt at one mail (RFC 5321 section 3.3).
type transaction struct {
	mail     *Mail
	result   Result
	began    time.Time
	accepted int    // recipients accepted so far
	data     Reply  // to DATA
	err      *Error // why the attempt failed
	taken    bool   // the server took responsibility

	// end is where the octets that end the content end in the stream; 0 while
	// they were not written. Once the connection took that many octets, no
	// failure can tell whether the server has the mail (RFC 1047).
	end int64
}

func (s *Session) begin(mail *Mail) *transaction {
	t := &transaction{mail: mail, began: time.Now()}
	t.result.Recipients = make([]Outcome, len(mail.To))
	for i, address := range mail.To {
		t.result.Recipients[i] = Outcome{Address: address, Status: Untried}
	}
	return t
}

// stop notes why the attempt failed; the first reason is the true one.
func (t *transaction) stop(err *Error) *Error {
	if t.err == nil {
		t.err = err
	}
	return err
}

func (t *transaction) mailReplied(r Reply) *Error {
	if r.positive() {
		return nil
	}
	return t.stop(refused(StageMail, "MAIL", r))
}

func (t *transaction) recipientReplied(i int, r Reply) *Error {
	if t.err != nil {
		return nil // nothing the server says after it refused the sender counts
	}
	outcome := &t.result.Recipients[i]
	outcome.Reply = r
	switch {
	case r.positive():
		outcome.Status = Accepted
		t.accepted++
		return nil
	case r.permanent():
		outcome.Status = Rejected
	default:
		outcome.Status = Deferred
	}
	err := refused(StageRecipient, "RCPT", r)
	if err.Class != ClassPermanent && err.Class != ClassTemporary {
		// Not about this recipient: a login is wanted, or the two sides no
		// longer agree on where they are.
		outcome.Status = Untried
		t.stop(err)
	}
	return err
}

func (t *transaction) dataReplied(r Reply) *Error {
	t.data = r
	switch {
	case t.err != nil || t.accepted == 0:
		return nil // a refusal is no news; consent is dealt with by submit
	case r.Code/100 == 3:
		return nil
	case r.positive():
		return t.stop(&Error{
			Stage: StageContent, Verb: "DATA", Reply: t.data, Class: ClassProtocol, Scope: ScopeMessage,
			Retry: RetrySafe, Err: errors.New("the server does not wait for the content"),
		})
	}
	return t.stop(refused(StageContent, "DATA", r))
}

// finalReplied judges the answer to the end of the content, or one that came
// before that end.
func (t *transaction) finalReplied(r Reply) *Error {
	t.result.Reply = r
	switch {
	case r.transient(), r.permanent():
		err := refused(StageAccepted, ".", r)
		if t.end == 0 {
			err.Stage, err.Verb = StageContent, ""
		}
		return t.stop(err)
	case r.positive() && t.end > 0:
		t.taken = true
		return nil
	}
	err := &Error{
		Stage: StageAccepted, Verb: ".", Reply: r, Class: ClassProtocol, Scope: ScopeMessage,
		Retry: RetryUnknown, Err: errors.New("the server's answer to the content makes no sense"),
	}
	if t.end == 0 {
		err.Stage, err.Verb, err.Retry = StageContent, "", RetrySafe
		err.Err = errors.New("the server accepted content that was not complete")
	}
	return t.stop(err)
}

// lost makes the Error of a transaction that the broken session takes with it;
// e is the command whose reply was due, or nil.
func (s *Session) lost(t *transaction, e *exchange) *Error {
	if t.err != nil {
		return t.err
	}
	err := *s.err
	if err.Class == ClassLocal {
		// Another mail's trouble; this one only lost its connection.
		err.Class, err.Scope, err.Retry = ClassNetwork, ScopeServer, RetrySafe
	}
	if e != nil && err.Reply.Code == 0 {
		err.Stage, err.Verb = e.stage, e.verb
	}
	if t.end > 0 && s.wire.handed >= t.end {
		err.Stage, err.Verb = StageAccepted, "."
		err.Scope, err.Retry = ScopeMessage, RetryUnknown
	}
	return t.stop(&err)
}

// conclude makes the result of t.
func (s *Session) conclude(t *transaction) Result {
	if !t.taken && t.err == nil && s.err != nil {
		s.lost(t, nil)
	}
	if !t.taken && t.err == nil {
		t.err = t.nobody()
	}
	if t.result.Reply.Code != 0 {
		s.dirty = false // the content was answered, and that ends a transaction
	}
	r := &t.result
	r.Err = t.err
	if t.err != nil {
		t.settleRecipients()
		if t.err.Reply.Code != 0 {
			r.Reply = t.err.Reply
		}
	}
	r.Elapsed = time.Since(t.began) + s.setup.elapsed
	r.Waits += s.setup.waits
	s.setup.elapsed, s.setup.waits = 0, 0
	s.closing(t)
	return *r
}

// nobody is the error of a mail none of whose recipients was accepted.
func (t *transaction) nobody() *Error {
	err := &Error{Stage: StageRecipient, Verb: "RCPT", Class: ClassPermanent, Scope: ScopeRecipient, Retry: RetryNo}
	for _, o := range t.result.Recipients {
		err.Reply = o.Reply
		if o.Status == Deferred {
			err.Class, err.Retry = ClassTemporary, RetrySafe
			break
		}
	}
	return err
}

// settleRecipients gives those whom the server had accepted, and those it was
// not asked about, the fate of the mail.
func (t *transaction) settleRecipients() {
	status := Untried
	switch {
	case t.err.Uncertain():
		status = Uncertain
	case t.err.Scope != ScopeMessage:
	case t.err.Class == ClassPermanent:
		status = Rejected
	case t.err.Class == ClassTemporary:
		status = Deferred
	}
	for i := range t.result.Recipients {
		o := &t.result.Recipients[i]
		if o.Status == Accepted || o.Status == Untried && t.accepted == 0 {
			o.Status = status
			o.Reply = Reply{}
			if status != Untried {
				o.Reply = t.err.Reply
			}
		}
	}
}

// closing tells that a mail was refused before it came to the verdict on its
// content. Where the connection failed, the stage it failed in told so.
func (s *Session) closing(t *transaction) {
	if t.end > 0 || t.err == nil {
		return
	}
	switch t.err.Class {
	case ClassNetwork, ClassTimeout, ClassCanceled:
		return
	}
	s.emit(Event{
		Kind: KindEnd, Stage: StageRejected, Mail: t.mail.ID, Elapsed: time.Since(t.began),
		Reply: t.err.Reply, Text: t.err.Error(), Err: t.err,
	})
}

// check refuses what must not or can't be sent, before anything is.
func (s *Session) check(m *Mail) *Error {
	if len(m.To) == 0 {
		return local(StageMail, errors.New("the mail has no recipients"))
	}
	if err := checkPath(m.From); m.From != "" && err != nil {
		return local(StageMail, fmt.Errorf("sender %q: %w", m.From, err))
	}
	for _, to := range m.To {
		if err := checkPath(to); err != nil {
			return local(StageRecipient, fmt.Errorf("recipient %q: %w", to, err))
		}
	}
	if s.caps.Size > 0 && m.Size > s.caps.Size {
		return unable(StageMail, ScopeMessage,
			fmt.Errorf("the message has %d octets, the server takes at most %d", m.Size, s.caps.Size))
	}
	return nil
}

// maxPath is the longest path let through. RFC 5321 section 4.5.3.1.3 says 256;
// it is left to the server to insist.
const maxPath = 1024

// checkPath refuses an address that would be more, or less, than the inside of
// one pair of angle brackets (RFC 5321 section 4.1.2). Whether it is a good
// address is not judged here.
func checkPath(s string) error {
	quoted := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 0x80:
			return errors.New("only ASCII can be sent")
		case c < ' ' || c == 0x7f:
			return errors.New("a control character")
		case c == '"' && (i == 0 || quoted && i+1 < len(s) && s[i+1] == '@'):
			quoted = i == 0
		case c == '"':
			return errors.New("a quote in the middle")
		case quoted && c == '\\':
			i++
			if i == len(s) || s[i] < ' ' || s[i] >= 0x7f {
				return errors.New("a stray backslash")
			}
		case !quoted && strings.IndexByte(" <>\\", c) >= 0:
			return fmt.Errorf("%q outside quotes", c)
		}
	}
	switch {
	case s == "":
		return errors.New("it is empty")
	case len(s) > maxPath:
		return errors.New("it is too long")
	case quoted:
		return errors.New("a quote that does not end")
	}
	return nil
}
