package smtp

import (
	"context"
	"errors"
	"fmt"
	"strconv"
)

// chunkSize is how much content one BDAT carries. After each the server can
// say that it has had enough.
const chunkSize = 256 << 10

// The content goes out by DATA or, where the server offers CHUNKING, by BDAT
// (RFC 3030). The octets that end it are kept back until Commit: the lone dot,
// or a BDAT 0 LAST, when nothing else is left to go wrong. Only a small mail
// with nothing in front of it leaves whole, to save a wait.

// oneFlight tells that t can leave, from MAIL to its end, without a wait.
func (s *Session) oneFlight(t *transaction) bool {
	return s.caps.Pipelining && s.caps.Chunking && t.small()
}

// load checks t and makes its content available. What is small is read now, so
// that a source that fails harms nobody else.
func (s *Session) load(t *transaction) *Error {
	if err := s.check(t.mail); err != nil {
		return err
	}
	t.fit(s.caps)
	if t.content != nil {
		return nil
	}
	body, err := t.mail.Open()
	if err != nil {
		return unreadable(fmt.Errorf("opening the content: %w", err))
	}
	if !s.caps.Chunking || !t.small() {
		t.body = body
		return nil
	}
	defer func() { _ = body.Close() }()
	t.room.Grow(int(t.mail.Size) + len(crlf))
	s.out = lines{w: &t.room}
	err = s.read(t, body, func(p []byte) error {
		_, err := s.out.Write(p)
		return err
	})
	t.octets, t.result.Bytes = t.result.Bytes, 0 // none of it was handed over
	if err != nil {
		return unreadable(err)
	}
	_ = s.out.finish() // a bytes.Buffer takes everything
	t.content = t.room.Bytes()
	return nil
}

// start sends what can be sent of t before anything is known of it.
func (s *Session) start(t *transaction) {
	if !s.envelope(t) {
		return
	}
	switch {
	case !s.caps.Chunking:
		s.send(t.expect(exchange{stage: StageContent, verb: "DATA", limit: s.timeouts.Data, handle: (*Session).dataReplied}), "DATA")
	case t.body == nil && s.caps.Pipelining:
		s.handOver(t)
	}
}

// proceed hands over the rest of t after its beginning was answered, and tells
// whether it may be committed.
func (s *Session) proceed(t *transaction) bool {
	switch {
	case s.err != nil:
	case !s.caps.Chunking && t.data.Code/100 == 3:
		if s.wanted(t) {
			s.upload(t)
		}
	case !s.caps.Chunking, t.err != nil, t.accepted == 0:
		return false
	case t.body != nil:
		s.uploadChunks(t)
		s.settle(0)
	case !t.chunked:
		s.handOver(t)
		s.settle(0)
	}
	return s.err == nil && t.err == nil && t.accepted > 0
}

// wanted deals with a server that waits for content which is not to be sent.
func (s *Session) wanted(t *transaction) bool {
	switch {
	case t.err != nil:
		// The sender was refused. Whatever transaction the server has in mind,
		// it is not ours.
		s.fail(&Error{
			Stage: StageContent, Verb: "DATA", Reply: t.data,
			Class: ClassProtocol, Scope: ScopeMessage, Retry: RetrySafe,
			Err: errors.New("the server accepts content after it refused the sender"),
		})
		return false
	case t.accepted == 0:
		// The envelope went in one flight, so DATA could not be held back. An
		// empty message to nobody ends it (RFC 2920 section 3.1).
		ignore := func(*Session, *exchange, Reply) *Error { return nil }
		s.send(t.expect(exchange{stage: StageContent, verb: ".", limit: s.timeouts.Final, handle: ignore}), ".")
		s.settle(0)
		return false
	}
	return true
}

// finish sends the octets that end t: after this it can't be taken back. If
// nothing of t was sent, all of it is.
func (s *Session) finish(t *transaction) {
	if s.err != nil {
		return
	}
	asked := t.final != nil
	if asked && s.wire.arrived() {
		// An answer to part of the content; with the end it would pass for one
		// to all of it.
		s.interrupted(t, nil)
		return
	}
	verb, end := "BDAT", "BDAT 0 LAST"
	switch {
	case !s.caps.Chunking:
		verb, end = ".", "."
	case !t.opened:
		s.envelope(t)
		s.showContent(t, "BDAT ", strconv.Itoa(len(t.content)), " LAST")
		end = ""
	}
	if !asked {
		t.final = t.expect(exchange{limit: s.timeouts.Final, handle: (*Session).finalReplied})
	}
	t.final.stage, t.final.verb = StageAccepted, verb
	s.announce(t.final, "")
	if end != "" {
		s.say(StageAccepted, t.mail.ID, end)
	}
	t.end = s.wire.queued
	if !asked {
		s.await(t.final)
	}
}

// handOver sends all of a small content as one chunk that is not the last.
func (s *Session) handOver(t *transaction) {
	t.chunked = true
	if len(t.content) == 0 {
		return // BDAT 0 LAST says it all
	}
	s.showContent(t, "BDAT ", strconv.Itoa(len(t.content)))
	s.await(s.chunkReply(t))
}

// showContent writes line and the content of a small mail.
func (s *Session) showContent(t *transaction, line ...string) {
	progress := s.beginContent(t)
	s.say(StageContent, t.mail.ID, line...)
	_, err := s.wire.Write(t.content)
	t.result.Bytes = t.octets
	progress.end(err)
}

func (s *Session) chunkReply(t *transaction) *exchange {
	return t.expect(exchange{stage: StageContent, verb: "BDAT", limit: s.timeouts.Final, handle: (*Session).chunkReplied})
}

// unreadable makes the Error of content that can't be had. What can't be read
// because the caller gave up says nothing of the content.
func unreadable(err error) *Error {
	e := local(StageContent, err)
	e.Retry = RetrySafe
	if errors.Is(err, context.Canceled) {
		e.Class = ClassCanceled
	}
	return e
}

// checkSize refuses content that is not as long as the mail said.
func checkSize(m *Mail, n int64) error {
	if n == m.Size {
		return nil
	}
	return fmt.Errorf("the content does not have %d octets", m.Size)
}
