package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *session) helo(arg string) error { return s.greet(arg, false) }

func (s *session) ehlo(arg string) error { return s.greet(arg, true) }

func (s *session) greet(arg string, extended bool) error {
	if !validDomain(arg) {
		s.violation("hello without a name or address literal")
		s.reply(501, "", "A domain or an address literal is needed")
		return nil
	}
	s.endTransaction()
	s.hello, s.offered = arg, nil
	text := hostname + " greets " + arg
	if extended {
		s.offered = make(map[string]bool)
		s.logins = s.mechanisms()
		for _, line := range s.extensions() {
			keyword, _, _ := strings.Cut(line, " ")
			s.offered[keyword] = true
			text += "\n" + line
		}
	}
	s.reply(250, "", text)
	return nil
}

func (s *session) without(keyword string) bool {
	return slices.Contains(s.opts.Without, keyword)
}

// extensions are the lines of the answer to EHLO.
func (s *session) extensions() []string {
	secure := s.link.state() != nil
	var lines []string
	offer := func(keyword, args string) {
		if !s.without(keyword) {
			lines = append(lines, strings.TrimRight(keyword+" "+args, " "))
		}
	}
	offer("PIPELINING", "")
	offer("SIZE", strconv.FormatInt(s.opts.MaxSize, 10))
	offer("8BITMIME", "")
	offer("SMTPUTF8", "")
	offer("ENHANCEDSTATUSCODES", "")
	offer("CHUNKING", "")
	offer("DSN", "")
	limits := fmt.Sprintf("RCPTMAX=%d", s.opts.MaxRecipients)
	if s.opts.MaxMails > 0 {
		limits += fmt.Sprintf(" MAILMAX=%d", s.opts.MaxMails)
	}
	offer("LIMITS", limits)
	latest := time.Now().Add(maxHold).UTC().Format(time.RFC3339)
	offer("FUTURERELEASE", fmt.Sprintf("%d %s", maxHold/time.Second, latest))
	offer("DELIVERBY", strconv.Itoa(minDeliverBy))
	offer("MT-PRIORITY", "MIXER")
	if secure {
		offer("REQUIRETLS", "")
	} else {
		offer("STARTTLS", "")
	}
	if len(s.logins) > 0 {
		offer("AUTH", strings.Join(s.logins, " "))
	}
	return lines
}

// offers tells whether the client was told of an extension.
func (s *session) offers(keyword string) bool { return s.offered[keyword] }

func (s *session) startTLS(arg string) error {
	switch {
	case arg != "":
		s.reply(501, "5.5.4", "Syntax: STARTTLS")
		return nil
	case !s.offers("STARTTLS"):
		s.reply(503, "5.5.1", "STARTTLS is not available here")
		return nil
	case s.link.r.Buffered() > 0:
		// What came in clear text must not be taken for what comes through TLS.
		s.violation("talks between STARTTLS and TLS")
		s.reply(554, "5.5.0", "Nothing may follow STARTTLS")
		return fmt.Errorf("starttls: %d octets before the handshake", s.link.r.Buffered())
	}
	s.reply(220, "2.0.0", "Ready to start TLS")
	if err := s.handshake(); err != nil {
		return err
	}
	s.endTransaction()
	s.hello, s.offered, s.user = "", nil, ""
	return nil
}
