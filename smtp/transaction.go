package smtp

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"time"
)

// transaction is one attempt at one mail (RFC 5321 section 3.3). It takes more
// than one transaction of the protocol if there are more recipients than the
// server wants at a time; most fields are about the current one.
type transaction struct {
	mail   *Mail
	result Result
	began  time.Time
	done   bool // the attempt is over

	to   []int // recipients of this transaction, by their place in mail.To
	rest []int // recipients left for another one

	extras   bool // MAIL said more than the person asked for
	orcpt    bool // RCPT did
	reworded bool // MAIL was refused for that, and is to be said again

	content []byte        // all of a small mail, ready for BDAT
	octets  int64         // how many octets of the source that is
	body    io.ReadCloser // the content of any other

	committed bool      // by the source
	opened    bool      // the envelope was sent
	chunked   bool      // content was sent, as a chunk that is not the last
	accepted  int       // recipients accepted so far
	data      Reply     // to DATA
	final     *exchange // for the end of the content, once it is asked for
	answered  bool      // the end of the content was
	taken     bool      // the server took responsibility
	err       *Error    // why the attempt failed
	severed   bool      // it failed because the session did

	// end is where the octets that end the content end in the stream; 0 while
	// they were not written. Once the connection took that many octets, no
	// failure can tell whether the server has the mail (RFC 1047).
	end int64

	asked    []exchange // what was said for it
	own      [4]int     // room for to
	room     bytes.Buffer
	progress progress
}

func begin(mail *Mail) *transaction {
	t := &transaction{mail: mail, began: time.Now()}
	t.result.Recipients = make([]Outcome, len(mail.To))
	t.to = slices.Grow(t.own[:0], len(mail.To))
	for i, address := range mail.To {
		t.result.Recipients[i] = Outcome{Address: address, Status: Untried}
		t.to = append(t.to, i)
	}
	return t
}

// expect keeps e with the other exchanges of t.
func (t *transaction) expect(e exchange) *exchange {
	if len(t.asked) == cap(t.asked) {
		// RSET, MAIL, DATA and the end; with chunks there are many more. Those
		// that are under way stay where they are.
		t.asked = make([]exchange, 0, max(len(t.to)+4, 4*cap(t.asked)))
	}
	e.t = t
	t.asked = append(t.asked, e)
	return &t.asked[len(t.asked)-1]
}

// small tells that the content is kept in memory and leaves at once.
func (t *transaction) small() bool { return t.mail.Size <= smallMail }

// fit leaves those recipients to another transaction that the server has no
// room for in this one.
func (t *transaction) fit(c Capabilities) {
	if c.MaxRecipients == 0 && c.MaxDomains == 0 {
		return
	}
	var domains []string
	var fit []int
	for _, i := range t.to {
		domain := domainOf(t.mail.To[i])
		known := slices.Contains(domains, domain)
		if c.MaxRecipients > 0 && len(fit) == c.MaxRecipients ||
			c.MaxDomains > 0 && len(domains) == c.MaxDomains && !known {
			t.rest = append(t.rest, i)
			continue
		}
		fit = append(fit, i)
		if !known && c.MaxDomains > 0 {
			domains = append(domains, domain)
		}
	}
	t.to = fit
}

// leaving is the mail as it is about to be past recall: for those who are in this
// transaction and were not refused.
func (t *transaction) leaving() *Mail {
	leaves := func(i int) bool {
		status := t.result.Recipients[i].Status
		return (status == Untried || status == Accepted) && !slices.Contains(t.rest, i)
	}
	if len(t.to) == len(t.mail.To) && !slices.ContainsFunc(t.to, func(i int) bool { return !leaves(i) }) {
		return t.mail
	}
	part := *t.mail
	part.To = nil
	for _, i := range t.to {
		if leaves(i) {
			part.To = append(part.To, t.mail.To[i])
		}
	}
	return &part
}

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}

// again makes t ready for the recipients that are left, or for all once more if
// just the way of asking was refused. Each time there are fewer, or the way is
// another.
func (t *transaction) again() bool {
	switch {
	case t.reworded:
		t.rest = slices.Concat(t.to, t.rest) // a copy: t.to may lie in t.own
		slices.Sort(t.rest)
	case t.err != nil || len(t.rest) == 0:
		return false
	}
	*t = transaction{
		mail: t.mail, result: t.result, began: t.began, to: t.rest, content: t.content, octets: t.octets,
	}
	return true
}

// stop notes why the attempt failed; the first reason is the true one.
func (t *transaction) stop(err *Error) *Error {
	if t.err == nil {
		t.err = err
	}
	return err
}

func (s *Session) mailReplied(e *exchange, r Reply) *Error {
	if s.worn(r) {
		return e.t.stop(noTurn(r))
	}
	t := e.t
	if r.positive() {
		return nil
	}
	if t.extras && misworded(r) {
		s.bare, t.reworded = true, true
	}
	return t.stop(refused(StageMail, "MAIL", r))
}

// misworded tells that r is what servers say to parameters they don't know, or
// don't like, whatever they offered (RFC 5321 section 4.1.1.11).
func misworded(r Reply) bool { return r.Code == 501 || r.Code == 504 || r.Code == 555 }

func (s *Session) recipientReplied(e *exchange, r Reply) *Error {
	t, i := e.t, e.i
	if t.err != nil {
		return nil // nothing the server says after it refused the sender counts
	}
	outcome := &t.result.Recipients[i]
	outcome.Reply = r
	switch {
	case t.orcpt && misworded(r):
		s.direct = true
		outcome.Reply = Reply{}
		t.rest = append(t.rest, i)
		return refused(StageRecipient, "RCPT", r)
	case r.positive():
		outcome.Status = Accepted
		t.accepted++
		return nil
	case t.accepted > 0 && full(r):
		outcome.Reply = Reply{}
		t.rest = append(t.rest, i)
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

// full tells that r means "too many recipients", of which 452 is the right form
// and 552 an old one (RFC 5321 section 4.5.3.1.10).
func full(r Reply) bool {
	switch r.Enhanced {
	case "", "4.5.3", "5.5.3":
		return r.Code == 452 || r.Code == 552
	}
	return false
}

// chunkReplied judges the answer to a chunk that is not the last.
func (s *Session) chunkReplied(e *exchange, r Reply) *Error {
	t := e.t
	switch {
	case t.err != nil || t.accepted == 0:
		return nil // a refusal is no news
	case r.positive():
		return nil
	}
	return t.stop(refused(StageContent, "BDAT", r))
}

func (s *Session) dataReplied(e *exchange, r Reply) *Error {
	t := e.t
	t.data = r
	switch {
	case t.err != nil || t.accepted == 0:
		return nil // a refusal is no news; consent is dealt with by wanted
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
func (s *Session) finalReplied(e *exchange, r Reply) *Error {
	t := e.t
	void := t.err != nil || t.accepted == 0 // nothing should have been taken
	if void && !(r.positive() && t.err != nil) {
		return nil
	}
	t.answered = true
	t.result.Reply = r
	switch {
	case r.transient(), r.permanent():
		err := refused(StageAccepted, t.final.verb, r)
		if t.end == 0 {
			err.Stage = StageContent
		}
		return t.stop(err)
	case r.positive() && t.end > 0 && !void:
		t.taken, s.served = true, true
		return nil
	}
	err := &Error{
		Stage: StageAccepted, Verb: t.final.verb, Reply: r, Class: ClassProtocol, Scope: ScopeMessage,
		Retry: RetryUnknown, Err: errors.New("the answer makes no sense"),
	}
	if t.end == 0 {
		err.Stage, err.Retry = StageContent, RetrySafe
		err.Err = errors.New("the server accepted content that was not complete")
	}
	if void {
		// With whose envelope it took it, only the server knows.
		err.Err = errors.New("the server took the content after it refused the envelope")
	}
	t.err = err
	return err
}

// lost makes the Error of a transaction that the broken session takes with it;
// e is the command whose reply was due, or nil.
func (s *Session) lost(t *transaction, e *exchange) *Error {
	if t.err == nil && s.err.Class != ClassProtocol && t.refused() {
		t.err = t.nobody()
		return t.err
	}
	// A server that does not know where it is may have taken content even for
	// an envelope that it refused.
	doubt := t.end > 0 && s.wire.handed >= t.end && !t.answered
	if t.err != nil && !(doubt && t.err.Class == ClassProtocol) {
		return t.err
	}
	if !t.opened && s.err.Class != ClassCanceled {
		t.err, t.severed = noTurn(Reply{}), true
		return t.err
	}
	err := *s.err
	err.Scope, err.Retry = ScopeServer, RetrySafe
	gone := err.Reply.Code == 421
	switch err.Class {
	case ClassNetwork, ClassTimeout, ClassCanceled, ClassProtocol:
	default:
		if !gone {
			err = *broken(err.Stage, "", errors.New("the session ended because of another mail"))
		}
	}
	switch {
	case gone:
		// The server said so before it took anything of what came after.
	case doubt:
		err.Stage, err.Verb = StageAccepted, t.final.verb
		err.Scope, err.Retry = ScopeMessage, RetryUnknown
	case e != nil:
		err.Stage, err.Verb = e.stage, e.verb
	}
	t.err, t.severed = &err, true
	return t.err
}

// refused tells that the server wanted none of those the mail is for, whatever
// came after that.
func (t *transaction) refused() bool {
	return t.opened && len(t.rest) == 0 && !slices.ContainsFunc(t.result.Recipients, func(o Outcome) bool {
		return o.Status != Rejected && o.Status != Deferred || o.Reply.Code == 421
	})
}

// noTurn is the error of a mail of which nothing was sent, so that nothing that
// went wrong is about it.
func noTurn(r Reply) *Error {
	return &Error{
		Stage: StageConnect, Reply: r, Class: ClassCanceled, Scope: ScopeServer, Retry: RetrySafe,
		Err: errors.New("the session ended before the mail had its turn"),
	}
}

// conclude settles what became of t in the current transaction.
func (s *Session) conclude(t *transaction) {
	if t.body != nil {
		_ = t.body.Close() // it was only read
	}
	if t.err == nil && !t.taken {
		if s.err != nil {
			s.lost(t, nil)
		} else if !t.delivered() && len(t.rest) == 0 {
			t.err = t.nobody()
		}
	}
	if t.answered {
		s.dirty = false // the answer to the content ends a transaction
	}
	t.reworded = t.reworded && s.err == nil
	if t.err != nil && !t.reworded {
		t.settleRecipients()
		s.closing(t)
	}
}

// delivered tells that an earlier transaction took the mail to somebody.
func (t *transaction) delivered() bool {
	return slices.ContainsFunc(t.result.Recipients, func(o Outcome) bool { return o.Status == Accepted })
}

// result completes the result of t. What the set-up of the session cost goes to
// the first mail.
func (s *Session) result(t *transaction) Result {
	r := t.result
	r.Err = t.err
	if t.err != nil && t.err.Reply.Code != 0 {
		r.Reply = t.err.Reply
	}
	r.Elapsed = time.Since(t.began) + s.setup.elapsed
	r.Waits += s.setup.waits
	s.setup.elapsed, s.setup.waits = 0, 0
	return r
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

// settleRecipients gives those whom the server had accepted, and those of whom
// it said nothing, the fate of the mail.
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
	for _, i := range t.to {
		o := &t.result.Recipients[i]
		if slices.Contains(t.rest, i) || o.Status != Accepted && o.Status != Untried {
			continue
		}
		o.Status, o.Reply = status, Reply{}
		if status != Untried {
			o.Reply = t.err.Reply
		}
	}
}

// closing tells that a mail was refused before it came to the verdict on its
// content. Where the connection failed, the stage it failed in told so.
func (s *Session) closing(t *transaction) {
	if t.end > 0 || t.severed {
		return
	}
	s.emit(Event{
		Kind: KindEnd, Stage: StageRejected, Mail: t.mail.ID, Elapsed: time.Since(t.began),
		Reply: t.err.Reply, Text: t.err.Error(), Err: t.err,
	})
}
