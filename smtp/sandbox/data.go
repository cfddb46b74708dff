package sandbox

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// slow@ pauses for a part of Options.Slow after each block of content.
const (
	slowBlock = 64 << 10
	slowPart  = 16
)

func (s *session) data(arg string) error {
	switch {
	case arg != "":
		s.reply(501, "5.5.4", "Syntax: DATA")
		return nil
	case s.mail == nil || s.mail.content != nil:
		s.violation("DATA out of order")
		s.reply(503, "5.5.1", "Need RCPT before DATA")
		return nil
	case len(s.mail.mail.Recipients) == 0:
		s.refuseContent()
		return nil
	}
	if err := s.slowly(s.opts.Slow); err != nil {
		return err
	}
	s.reply(354, "", "End data with <CR><LF>.<CR><LF>")
	s.beginContent()
	s.link.border = s.link.r.Buffered() == 0
	if err := s.readDotted(); err != nil {
		return fmt.Errorf("data: %w", err)
	}
	return s.endContent()
}

// refuseContent answers where a mail has nowhere to go.
func (s *session) refuseContent() {
	if s.mail.refused {
		s.reply(554, "5.5.1", "No valid recipients")
		return
	}
	s.violation("content without a recipient")
	s.reply(503, "5.5.1", "Need RCPT before content")
}

func (s *session) beginContent() {
	m := s.mail
	m.content = newContent(s.opts, s.server.maildir, m.mail.ID, m.size)
}

// readDotted reads up to the line with a single dot. Only CRLF ends a line
// here, or content could smuggle in an end of its own.
func (s *session) readDotted() error {
	c := s.mail.content
	lineStart := true
	for {
		line, err := s.link.r.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return noEOF(err)
		}
		if lineStart && string(line) == ".\r\n" {
			return nil
		}
		if err := s.arriving(len(line)); err != nil {
			return err
		}
		if lineStart && line[0] == '.' {
			if line = line[1:]; line[0] != '.' {
				s.violation("content with a dot that is not stuffed")
			}
		}
		before := c.last
		_, _ = c.Write(line) // it never fails
		if n := len(line); n > 1 {
			before = line[n-2]
		}
		lineStart = before == '\r' && c.last == '\n'
	}
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// arriving is called for each piece of content before it is taken.
func (s *session) arriving(n int) error {
	m := s.mail
	if m.arrived == 0 {
		if done, err := s.fault(AtBody); done || err != nil {
			return err
		}
	}
	if m.end == specialBeforeDot {
		return errors.Join(errors.New("dropped within the content"), s.link.raw.Close())
	}
	before := m.arrived / slowBlock
	m.arrived += int64(n)
	if m.arrived/slowBlock > before {
		return s.slowly(s.opts.Slow / slowPart)
	}
	return nil
}

// endContent decides on a mail that arrived whole, and ends the transaction.
func (s *session) endContent() error {
	m := s.mail
	defer s.endTransaction()
	s.inspect(m)
	if err := s.slowly(s.opts.Slow); err != nil {
		return err
	}
	if done, err := s.fault(AtEnd); done || err != nil {
		return err
	}
	c := m.content
	switch {
	case c.size > c.limit:
		s.reply(552, "5.3.4", "Message size exceeds fixed limit")
	case c.bareLF || c.bareCR:
		s.reply(550, "5.6.0", "Content with a bare CR or LF")
	case m.end == specialRejectData:
		s.reply(554, "5.7.1", "Message content rejected")
	case m.end == specialTempfail:
		s.reply(451, "4.3.0", "Message not taken, try again later")
	case m.end == specialLost:
		return errors.New("closed, and the mail lost")
	default:
		return s.take(m)
	}
	return nil
}

func (s *session) take(m *envelope) error {
	c := m.content
	if err := c.keep(); err != nil {
		s.reply(451, "4.3.0", "Message could not be stored")
		return nil
	}
	m.mail.Size, m.mail.Data = c.size, c.data
	if c.hash != nil {
		c.hash.Sum(m.mail.SHA256[:0])
	}
	s.server.mails.add(m.mail)
	s.log.Mails++
	if s.opts.Received != nil {
		s.opts.Received(m.mail)
	}
	if m.end == specialAfterDot {
		return errors.New("closed after the mail was taken")
	}
	s.reply(250, "2.0.0", "Ok: queued as "+m.mail.ID)
	return nil
}

// inspect notes what is wrong with a mail, even if it is taken.
func (s *session) inspect(m *envelope) {
	c := m.content
	s.note("C: ", fmt.Sprintf("<%d octets of content>", c.size))
	c.bareCR = c.bareCR || c.last == '\r'
	for _, v := range []struct {
		wrong bool
		what  string
	}{
		{c.bareLF, "bare LF in the content"},
		{c.bareCR, "bare CR in the content"},
		{c.long, "content line over 998 octets"},
		{c.last != '\n', "content does not end with CRLF"},
		{c.headerEight && !m.utf8, "8-bit header without SMTPUTF8"},
		{c.eightBit && !m.eightBit, "8-bit content without BODY=8BITMIME"},
		{m.size >= 0 && c.size > m.size, "content greater than SIZE said"},
	} {
		if v.wrong {
			s.violation(v.what)
		}
	}
}
