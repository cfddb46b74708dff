package smtp

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// check refuses what must not or can't be sent, before anything is.
func (s *Session) check(m *Mail) *Error {
	if len(m.To) == 0 {
		return local(StageMail, errors.New("the mail has no recipients"))
	}
	if m.Size < 0 {
		return local(StageMail, fmt.Errorf("a message can't have %d octets", m.Size))
	}
	if err := checkPath(m.From); m.From != "" && err != nil {
		return local(StageMail, fmt.Errorf("sender %q: %w", m.From, err))
	}
	for _, to := range m.To {
		if err := checkPath(to); err != nil {
			return local(StageRecipient, fmt.Errorf("recipient %q: %w", to, err))
		}
	}
	if m.DSN != nil {
		if err := m.DSN.check(); err != nil {
			return local(StageMail, fmt.Errorf("delivery reports: %w", err))
		}
	}
	if m.Priority < -9 || m.Priority > 9 {
		return local(StageMail, fmt.Errorf("priority %d is not between -9 and 9", m.Priority))
	}
	if err := s.checkOffered(m); err != nil {
		return unable(StageMail, ScopeMessage, err)
	}
	if s.caps.Size > 0 && m.Size > s.caps.Size {
		return unable(StageMail, ScopeMessage,
			fmt.Errorf("the message has %d octets, the server takes at most %d", m.Size, s.caps.Size))
	}
	return nil
}

// MissingError tells that a mail asks for an extension that the server does not
// offer.
type MissingError struct {
	Extension string // its keyword in EHLO
	Why       string // what it is wanted for, as half a sentence
}

// Error names both.
func (e *MissingError) Error() string {
	return "the server does not offer " + e.Extension + ", and " + e.Why
}

// checkOffered names what m can't do without and the server does not offer.
func (s *Session) checkOffered(m *Mail) error {
	missing := func(extension, why string) error { return &MissingError{extension, why} }
	now := time.Now()
	switch c := s.caps; {
	case m.needsUTF8() && !c.UTF8:
		return missing("SMTPUTF8", m.beyondASCII()+" has characters beyond ASCII")
	case m.eightBit() && !c.EightBit:
		return missing("8BITMIME", "the message has octets above 127")
	case m.DSN != nil && !c.DSN:
		return missing("DSN", "delivery reports are wanted")
	case m.RequireTLS && !c.RequireTLS:
		return missing("REQUIRETLS", "the mail must not go on in clear text")
	case m.RequireTLS && s.tls == nil:
		return errors.New("this session is in clear text, and the mail must not be")
	case m.Priority != 0 && !c.Priority:
		return missing("MT-PRIORITY", "a priority is wanted")
	case !m.HoldUntil.IsZero() && c.MaxHold == 0:
		return missing("FUTURERELEASE", "the mail is to be held")
	case !m.HoldUntil.IsZero() && m.HoldUntil.Sub(now) > c.MaxHold:
		return fmt.Errorf("the server holds a mail for at most %v", c.MaxHold)
	case !m.HoldUntil.IsZero() && !c.LastHold.IsZero() && m.HoldUntil.After(c.LastHold):
		return fmt.Errorf("the server holds a mail until %s at the latest", c.LastHold.UTC().Format(time.DateTime+" MST"))
	case !m.DeliverBy.IsZero() && !c.DeliverBy:
		return missing("DELIVERBY", "there is a deadline")
	case !m.DeliverBy.IsZero() && m.DeliverBy.Sub(now) < max(c.MinBy, time.Second):
		return fmt.Errorf("the deadline must leave the server at least %v", max(c.MinBy, time.Second))
	}
	return nil
}

// beyondASCII names what of m is not ASCII: an address, or else the header.
func (m *Mail) beyondASCII() string {
	if !ascii(m.From) {
		return m.From
	}
	if i := slices.IndexFunc(m.To, func(to string) bool { return !ascii(to) }); i >= 0 {
		return m.To[i]
	}
	return "the header"
}

// maxPath is the longest path let through. RFC 5321 section 4.5.3.1.3 says 256;
// it is left to the server to insist.
const maxPath = 1024

// checkPath refuses an address that would be more, or less, than the inside of
// one pair of angle brackets (RFC 5321 section 4.1.2). Whether it is a good
// address is not judged here.
func checkPath(s string) error {
	switch {
	case s == "":
		return errors.New("it is empty")
	case len(s) > maxPath:
		return errors.New("it is too long")
	case clean(s) != s:
		return errors.New("it is not printable text")
	}
	quoted := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '"' && (i == 0 || quoted && i+1 < len(s) && s[i+1] == '@'):
			quoted = i == 0
		case c == '"':
			return errors.New("a quote in the middle")
		case quoted && c == '\\':
			i++
			if i == len(s) {
				return errors.New("a stray backslash")
			}
		case !quoted && strings.IndexByte(" <>\\", c) >= 0:
			return fmt.Errorf("%q outside quotes", c)
		}
	}
	if quoted {
		return errors.New("a quote that does not end")
	}
	return nil
}
