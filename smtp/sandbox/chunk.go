package sandbox

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// bdat takes a chunk (RFC 3030 section 2). A chunk is read whatever is wrong
// with it; only one of unknown length ends the session. A refusal ends the
// transaction.
func (s *session) bdat(arg string) error {
	size, last, err := parseChunk(arg)
	if err != nil {
		s.violation("bad syntax in BDAT")
		s.reply(501, "5.5.4", "Syntax: BDAT octets [LAST]")
		return err
	}
	if !s.offers("CHUNKING") {
		s.violation("BDAT, which was not offered")
		s.reply(502, "5.5.1", "BDAT is not available here")
		return errors.New("bdat: not offered")
	}
	refused := s.mail == nil || len(s.mail.mail.Recipients) == 0
	if refused {
		err = s.swallow(size)
	} else {
		err = s.readChunk(size)
	}
	if err != nil {
		return fmt.Errorf("bdat: %w", noEOF(err))
	}
	s.checkPipelining("BDAT", false)
	switch {
	case refused && s.mail == nil:
		s.violation("BDAT out of order")
		s.reply(503, "5.5.1", "Need MAIL before BDAT")
		return nil
	case refused:
		s.refuseContent()
		s.endTransaction()
		return nil
	case last:
		return s.endContent()
	}
	return s.endChunk(size)
}

func parseChunk(arg string) (size int64, last bool, err error) {
	octets, marker, marked := strings.Cut(arg, " ")
	size, err = strconv.ParseInt(octets, 10, 64)
	last = strings.EqualFold(marker, "LAST")
	if err != nil || octets[0] == '+' || size < 0 || marked && !last {
		return 0, false, errors.New("bdat: bad syntax")
	}
	return size, last, nil
}

func (s *session) swallow(size int64) error {
	for size > 0 {
		n, err := s.link.r.Discard(int(min(size, maxSkipped)))
		if size -= int64(n); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) readChunk(size int64) error {
	m, r := s.mail, s.link.r
	if m.content == nil {
		s.beginContent()
	}
	m.content.grow(size)
	for size > 0 {
		if _, err := r.Peek(1); err != nil {
			return err
		}
		piece, err := r.Peek(int(min(size, int64(r.Buffered()))))
		if err != nil {
			return err
		}
		if err := s.arriving(len(piece)); err != nil {
			return err
		}
		_, _ = m.content.Write(piece) // it never fails
		if _, err := r.Discard(len(piece)); err != nil {
			return err
		}
		size -= int64(len(piece))
	}
	return nil
}

func (s *session) endChunk(size int64) error {
	if err := s.slowly(s.opts.Slow); err != nil {
		return err
	}
	if done, err := s.fault(AtData); done || err != nil {
		s.endTransaction()
		return err
	}
	if c := s.mail.content; c.size > c.limit {
		s.reply(552, "5.3.4", "Message size exceeds fixed limit")
		s.endTransaction()
		return nil
	}
	s.reply(250, "2.0.0", fmt.Sprintf("Ok: %d octets", size))
	return nil
}
