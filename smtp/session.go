package smtp

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// exchange is a command under way and what is to be done with its reply.
type exchange struct {
	stage     Stage
	verb      string
	limit     time.Duration // for the reply, from when it is the next one due
	t         *transaction  // the mail it belongs to; nil in the set-up
	recipient string
	began     time.Time // when its stage began; zero if the stage is not its own
	early     bool      // the reply may come while content is being written
	i         int       // of the recipient, in Mail.To

	// handle judges the reply; nil accepts every 2yz.
	handle func(*Session, *exchange, Reply) *Error

	reply Reply
	raw   *rawReply
	err   *Error
}

// call sends a command and waits for the reply to it.
func (s *Session) call(e *exchange, line ...string) *Error {
	s.send(e, line...)
	s.settle(0)
	return e.err
}

// send puts a command, the parts of a line, into the buffer. It may wait for
// replies to earlier ones.
func (s *Session) send(e *exchange, line ...string) {
	s.say(e.stage, e.mail(), line...)
	s.await(e)
}

// say writes a line that has, or is known not to need, a reply. Errors stick to
// the buffer and are found by the next flush.
func (s *Session) say(stage Stage, mail string, line ...string) {
	s.wire.line(line...)
	if s.opts.Trace != nil {
		s.emit(Event{Kind: KindLine, Stage: stage, Mail: mail, Text: strings.Join(line, "")})
	}
}

// sayAs writes line and shows it as shown.
func (s *Session) sayAs(stage Stage, line, shown string) {
	s.wire.line(line)
	s.emit(Event{Kind: KindLine, Stage: stage, Text: shown})
}

// await expects one more reply, the one to e.
func (s *Session) await(e *exchange) {
	if len(s.pending) == maxInFlight {
		s.settle(maxInFlight / 2)
	}
	if s.err == nil && len(s.pending) == 0 && s.wire.unasked(e.early) {
		// With it all that follow would pass for answers to something else.
		s.fail(broken(e.stage, e.verb, errUnasked))
	}
	if s.err != nil {
		e.err = s.err
		return
	}
	s.pending = append(s.pending, e)
	s.wire.ask(e.early)
}

// errUnasked is the cause when there are more replies than commands.
var errUnasked = &malformedError{what: "the server said more than it was asked"}

// overhear breaks the session if there is a reply more than commands once all are
// answered, and content left in one flight with what comes before it. Which reply
// was the one too many can't be told then, so that what passed for consent to the
// content of the mails that just ended may be the answer to something else.
func (s *Session) overhear(ended []*transaction) {
	if s.err != nil || !s.oneFlight(ended[0]) || !s.wire.unasked(false) {
		return
	}
	for _, t := range ended {
		if t.taken {
			t.taken, t.answered = false, false
		}
	}
	s.fail(broken(StageAccepted, "", errUnasked))
}

// settle flushes, and takes replies until at most keep are outstanding.
func (s *Session) settle(keep int) { s.collect(keep, s.wire.flush()) }

// collect takes replies until at most keep are outstanding. If the connection
// takes no more octets, which flushed tells, it may still have a last word.
func (s *Session) collect(keep int, flushed error) {
	for s.err == nil && len(s.pending) > keep {
		limit := s.pending[0].limit
		if flushed != nil {
			limit = min(limit, grace)
		}
		s.waiting(s.pending[0], limit)
		raw, waited, err := s.wire.take(limit)
		if err != nil {
			if flushed != nil && !errors.Is(flushed, errHalted) {
				err = flushed
			}
			s.lose(err)
			return
		}
		e := s.pending[0]
		s.pending = slices.Delete(s.pending, 0, 1)
		s.took(e, raw, waited)
	}
	if s.err == nil && flushed != nil {
		s.lose(flushed)
	}
}

// waiting tells that nothing but the reply to e can come next, if it is not
// there already.
func (s *Session) waiting(e *exchange, limit time.Duration) {
	if s.opts.Trace == nil || s.wire.arrived() {
		return
	}
	s.emit(Event{
		Kind: KindWait, Stage: e.stage, Mail: e.mail(), Recipient: e.recipient,
		Text: e.verb, Deadline: time.Now().Add(limit),
	})
}

// took deals with the reply to e.
func (s *Session) took(e *exchange, raw *rawReply, waited bool) {
	switch {
	case !waited:
	case e.t != nil:
		e.t.result.Waits++
	default:
		s.setup.waits++
	}
	enhanced := e.stage != StageGreeting && e.stage != StageHello && raw.code != 334
	e.raw, e.reply = raw, raw.reply(enhanced, &s.redactor)
	if raw.code == 334 {
		// With the salt and the proof of SCRAM a password can be guessed.
		e.reply.Lines = []string{redacted}
	}
	s.heard(e)
	switch {
	case e.handle != nil:
		e.err = e.handle(s, e, e.reply)
	case !e.reply.positive():
		e.err = refused(e.stage, e.verb, e.reply)
	}
	s.finished(e)
	switch {
	case e.reply.Code == 421:
		fatal := e.err
		if fatal == nil {
			fatal = refused(e.stage, e.verb, e.reply)
		}
		s.fail(fatal)
	case e.err != nil && e.err.Class == ClassProtocol:
		s.fail(e.err)
	}
}

// heard tells the lines of e's reply.
func (s *Session) heard(e *exchange) {
	if s.opts.Trace == nil {
		return
	}
	lines := e.raw.lines
	if e.raw.code == 334 {
		lines = e.reply.Lines
	}
	for i, line := range lines {
		mark := "-"
		if i == len(lines)-1 {
			mark = " "
		}
		s.emit(Event{
			Kind: KindLine, Stage: e.stage, Mail: e.mail(), FromServer: true,
			Text: strings.TrimRight(strconv.Itoa(e.raw.code)+mark+s.redactor.text(line), " "),
		})
	}
}

// finished tells the end of e's stage, if it is one of its own.
func (s *Session) finished(e *exchange) {
	if e.began.IsZero() || s.opts.Trace == nil {
		return
	}
	stage := e.stage
	said := e.err != nil && e.err.Reply.Code != 0 && !e.err.Uncertain()
	// Where all recipients were refused before it, a refusal is no error.
	if stage == StageAccepted && (said || e.reply.transient() || e.reply.permanent()) {
		stage = StageRejected
	}
	s.emit(Event{
		Kind: KindEnd, Stage: stage, Mail: e.mail(), Recipient: e.recipient,
		Elapsed: time.Since(e.began), Reply: e.reply, Text: e.reply.String(), Err: e.err,
	})
}

// lose breaks the session because the connection failed while the reply to the
// first pending command was due.
func (s *Session) lose(err error) {
	var malformed *malformedError
	if errors.As(err, &malformed) {
		// Cut only now: half a secret would not be found.
		err = &malformedError{malformed.what, shorten(s.redactor.text(malformed.line), 64)}
	}
	fatal := broken("", "", err)
	if len(s.pending) > 0 {
		fatal.Stage, fatal.Verb = s.pending[0].stage, s.pending[0].verb
	}
	s.fail(fatal)
}

// fail breaks the session: nothing is sent any more, and whatever was pending
// has failed too.
func (s *Session) fail(err *Error) {
	s.err = err
	s.wire.cut(err.Class, err)
	_ = s.wire.close()
	for _, e := range s.pending {
		e.err = err
		if e.t != nil {
			e.err = s.lost(e.t, e)
		}
		s.finished(e)
	}
	s.pending = nil
}

func (e *exchange) mail() string {
	if e.t == nil {
		return ""
	}
	return e.t.mail.ID
}

// step runs one stage of the set-up between its Begin and its End.
func (s *Session) step(begin Event, limit time.Duration, run func(end *Event) *Error) *Error {
	began := time.Now()
	begin.Kind, begin.Deadline = KindBegin, began.Add(limit)
	s.emit(begin)
	end := Event{Kind: KindEnd, Stage: begin.Stage, Text: begin.Text, Mechanism: begin.Mechanism, Choice: begin.Choice}
	end.Err = run(&end)
	if end.Reply.Code != 0 {
		end.Text = end.Reply.String()
	}
	end.Elapsed = time.Since(began)
	s.emit(end)
	return end.Err
}

// emit stamps e and hands it on.
func (s *Session) emit(e Event) {
	if s.opts.Trace != nil {
		e.Time = time.Now()
		s.opts.Trace(e)
	}
}
