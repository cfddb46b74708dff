package smtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// progressInterval keeps progress at 20 events a second.
const progressInterval = time.Second / 20

// content hands over the body after DATA and ends it. A body that can't be
// handed over whole is never ended: the connection is cut instead, and the
// server throws away what it has (RFC 5321 section 4.1.1.4).
func (s *Session) content(ctx context.Context, src Source, t *transaction, body io.Reader) {
	// The answer is asked for already, so that a refusal in the middle is heard.
	final := &exchange{stage: StageContent, limit: s.timeouts.Final, t: t, handle: t.finalReplied}
	s.await(final)
	progress := s.beginContent(t)
	err := s.upload(t, body, progress)
	if err == nil {
		err = s.wire.flush()
	}
	progress.end(err)
	if err != nil || s.wire.arrived() {
		s.cutShort(t, err)
		return
	}
	if err := src.Commit(ctx, t.mail); err != nil {
		failed := local(StageContent, fmt.Errorf("committing: %w", err))
		failed.Retry = RetrySafe
		t.err = failed
		s.fail(failed)
		return
	}
	final.stage, final.verb = StageAccepted, "."
	s.announce(final, "")
	s.say(StageAccepted, t.mail.ID, ".")
	t.end = s.wire.queued
	s.settle(0)
}

// sourceError is trouble with the content itself, told apart from the wire's.
type sourceError struct{ error }

func (e sourceError) Unwrap() error { return e.error }

// upload hands over body, line by line as DATA wants it. It ends early, and
// without an error, when the server answers early.
func (s *Session) upload(t *transaction, body io.Reader, progress *progress) error {
	if s.buf == nil {
		s.buf = make([]byte, bufferSize)
	}
	out := &lines{w: s.wire, stuff: true}
	for {
		n, err := body.Read(s.buf)
		if n > 0 {
			if _, err := out.Write(s.buf[:n]); err != nil {
				return err
			}
			t.result.Bytes += int64(n)
			progress.tick()
		}
		switch {
		case s.wire.arrived():
			return nil
		case errors.Is(err, io.EOF):
			if t.result.Bytes != t.mail.Size {
				return sourceError{fmt.Errorf("the content has %d octets, not %d", t.result.Bytes, t.mail.Size)}
			}
			return out.finish()
		case err != nil:
			return sourceError{fmt.Errorf("reading the content: %w", err)}
		}
	}
}

// cutShort ends a transaction whose content is not complete. Where the wire
// failed or the server spoke up, its last word is listened to first.
func (s *Session) cutShort(t *transaction, err error) {
	var source sourceError
	if errors.As(err, &source) {
		failed := local(StageContent, source.error)
		failed.Retry = RetrySafe
		t.err = failed
		s.fail(failed)
		return
	}
	s.collect(0, err)
	if s.err == nil {
		s.fail(t.err)
	}
}

// progress tells how far the content is.
type progress struct {
	s     *Session
	t     *transaction
	began time.Time
	last  time.Time
}

func (s *Session) beginContent(t *transaction) *progress {
	p := &progress{s: s, t: t, began: time.Now()}
	p.last = p.began
	s.emit(p.event(KindBegin))
	return p
}

func (p *progress) event(kind Kind) Event {
	return Event{
		Kind: kind, Stage: StageContent, Mail: p.t.mail.ID,
		Bytes: p.t.result.Bytes, Total: p.t.mail.Size, Deadline: time.Now().Add(p.s.timeouts.Block),
	}
}

// tick reports unless it did so a moment ago.
func (p *progress) tick() {
	if p.s.opts.Trace == nil {
		return
	}
	if now := time.Now(); now.Sub(p.last) >= progressInterval {
		p.last = now
		p.s.emit(p.event(KindProgress))
	}
}

func (p *progress) end(err error) {
	if p.s.opts.Trace == nil {
		return
	}
	p.s.emit(Event{
		Kind: KindLine, Stage: StageContent, Mail: p.t.mail.ID,
		Text: fmt.Sprintf("(%d octets of content)", p.t.result.Bytes),
	})
	if err == nil {
		p.s.emit(p.event(KindProgress))
	}
	end := p.event(KindEnd)
	end.Deadline, end.Elapsed = time.Time{}, time.Since(p.began)
	if err != nil {
		end.Err = broken(StageContent, "", err)
		var source sourceError
		if errors.As(err, &source) {
			end.Err = local(StageContent, source.error)
		}
	}
	p.s.emit(end)
}
