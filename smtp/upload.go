package smtp

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
)

// progressInterval keeps progress at 20 events a second.
const progressInterval = time.Second / 20

// sourceError is trouble with the content itself, told apart from the wire's.
type sourceError struct{ error }

func (e sourceError) Unwrap() error { return e.error }

// upload hands over the content after DATA. If that can't be done whole it is
// never ended: the connection is cut instead, and the server throws away what
// it has (RFC 5321 section 4.1.1.4).
func (s *Session) upload(t *transaction) {
	// A refusal that came along with the consent is heard before anything is sent.
	refused := s.wire.spoken()
	// The answer is asked for already, so that a refusal in the middle is heard.
	t.final = t.expect(exchange{stage: StageContent, limit: s.timeouts.Final, early: true, handle: (*Session).finalReplied})
	s.await(t.final)
	if refused {
		s.interrupted(t, nil)
		return
	}
	progress := s.beginContent(t)
	early, err := s.wire.upload(func() error {
		s.out = lines{w: s.wire, stuff: true}
		err := s.read(t, t.body, func(p []byte) error {
			_, err := s.out.Write(p)
			progress.tick()
			return err
		})
		if err != nil || s.wire.arrived() {
			return err
		}
		if err := s.out.finish(); err != nil || t.committed && t.small() {
			return err // its end goes along
		}
		return s.wire.flush()
	})
	progress.end(err)
	var source sourceError
	switch {
	case errors.As(err, &source):
		t.stop(unreadable(source.error))
		s.fail(t.err)
	case err != nil || early:
		s.interrupted(t, err)
	}
}

// interrupted ends the session because content after DATA can't be ended.
// Whoever hung up or spoke up, which err tells, may have given a reason.
func (s *Session) interrupted(t *transaction, err error) {
	s.collect(0, err)
	if s.err == nil {
		s.fail(t.err)
	}
}

// uploadChunks hands over the content by BDAT, all but the end. A chunk always
// arrives whole, so the session outlives a source that fails and a server that
// has had enough.
func (s *Session) uploadChunks(t *transaction) {
	progress := s.beginContent(t)
	chunk := &s.chunk
	chunk.Reset()
	chunk.Grow(int(min(t.mail.Size, chunkSize)) + 2*bufferSize)
	s.out = lines{w: chunk}
	size, octets := "", 0 // chunks are mostly alike
	send := func() error {
		if chunk.Len() == 0 {
			return nil
		}
		if chunk.Len() != octets {
			octets = chunk.Len()
			size = strconv.Itoa(octets)
		}
		s.say(StageContent, t.mail.ID, "BDAT ", size)
		_, err := s.wire.Write(chunk.Bytes())
		chunk.Reset()
		s.await(s.chunkReply(t))
		return err
	}
	err := s.read(t, t.body, func(p []byte) error {
		if chunk.Len() >= chunkSize {
			if err := send(); err != nil {
				return err
			}
			for s.wire.arrived() && s.err == nil {
				s.collect(len(s.pending)-1, nil)
			}
		}
		_, err := s.out.Write(p)
		progress.tick()
		return err
	})
	if err == nil && t.err == nil && s.err == nil {
		_ = s.out.finish() // a bytes.Buffer takes everything
		if err = send(); err == nil {
			err = s.wire.flush()
		}
	}
	progress.end(err)
	var source sourceError
	switch {
	case errors.As(err, &source):
		t.stop(unreadable(source.error))
	case err != nil:
		s.collect(0, err)
	}
}

// read gives body, the content of t, to write, piece by piece. It ends early,
// without an error, when the server speaks up or the transaction fails.
func (s *Session) read(t *transaction, body io.Reader, write func([]byte) error) error {
	if s.buf == nil {
		s.buf = make([]byte, bufferSize)
	}
	for {
		n, err := body.Read(s.buf)
		t.result.Bytes += int64(n)
		if t.result.Bytes > t.mail.Size {
			return sourceError{checkSize(t.mail, t.result.Bytes)}
		}
		if n > 0 {
			if err := write(s.buf[:n]); err != nil {
				return err
			}
		}
		switch {
		case s.err != nil, t.err != nil, t.final != nil && s.wire.arrived():
			return nil
		case errors.Is(err, io.EOF):
			if err := checkSize(t.mail, t.result.Bytes); err != nil {
				return sourceError{err}
			}
			return nil
		case err != nil:
			return sourceError{fmt.Errorf("reading the content: %w", err)}
		}
	}
}

// progress tells how far the content is.
type progress struct {
	s     *Session
	t     *transaction
	began time.Time
	last  time.Time // when it was told
	told  int64     // what was
}

func (s *Session) beginContent(t *transaction) *progress {
	p := &t.progress
	*p = progress{s: s, t: t, began: time.Now()}
	p.last = p.began
	t.result.Bytes = 0
	s.emit(p.event(KindBegin))
	s.uploading = p
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
		p.s.emit(p.sent(KindProgress, now, now.Add(p.s.timeouts.Block)))
	}
}

// sent is the event of how much of the content went out, as far as that is
// known.
func (p *progress) sent(kind Kind, now, deadline time.Time) Event {
	e := p.event(kind)
	p.last = now
	p.told = max(p.told, e.Bytes-p.s.wire.unsent())
	e.Bytes, e.Deadline = p.told, deadline
	return e
}

// watch reports on a write that takes its time: how far it is, or, once nothing
// got through for a while, that it stalls.
func (s *Session) watch(quiet time.Duration, until time.Time) {
	now := time.Now()
	moved := now.Add(-quiet)
	stall := quiet >= stallAfter && moved.After(s.stalled)
	if stall {
		s.stalled = now
	}
	switch {
	case s.uploading != nil && quiet == 0:
		s.emit(s.uploading.sent(KindProgress, now, until))
	case s.uploading != nil && stall:
		s.emit(stalled(s.uploading.sent(KindStall, now, until), quiet))
	case stall && len(s.pending) > 0:
		e := s.pending[0]
		s.emit(stalled(Event{Kind: KindStall, Stage: e.stage, Mail: e.mail(), Deadline: until}, quiet))
	}
}

func stalled(e Event, quiet time.Duration) Event {
	e.Elapsed = quiet
	e.Text = fmt.Sprintf("nothing got through for %v", quiet.Round(time.Second))
	return e
}

func (p *progress) end(err error) {
	p.s.uploading = nil
	if p.s.opts.Trace == nil {
		return
	}
	p.s.emit(Event{
		Kind: KindLine, Stage: StageContent, Mail: p.t.mail.ID,
		Text: fmt.Sprintf("(%d octets of content)", p.t.result.Bytes),
	})
	if err == nil && p.t.err == nil && p.s.err == nil {
		p.s.emit(p.event(KindProgress))
	}
	end := p.event(KindEnd)
	end.Deadline, end.Elapsed = time.Time{}, time.Since(p.began)
	if err != nil {
		end.Err = broken(StageContent, "", err)
		var source sourceError
		if errors.As(err, &source) {
			end.Err = unreadable(source.error)
		}
	}
	p.s.emit(end)
}
