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

// Extensions are the keywords that EHLO is answered with. STARTTLS and
// REQUIRETLS each have their time, and AUTH comes with Mechanisms.
func Extensions() []string {
	return []string{
		"PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "CHUNKING", "DSN", "VRFY", "LIMITS",
		"FUTURERELEASE", "DELIVERBY", "MT-PRIORITY", "REQUIRETLS", "STARTTLS", "AUTH",
	}
}

func (s *session) without(keyword string) bool {
	return slices.Contains(s.opts.Without, keyword)
}

// extensions are the lines of the answer to EHLO.
func (s *session) extensions() []string {
	var lines []string
	for _, keyword := range Extensions() {
		if s.without(keyword) || !s.timely(keyword) {
			continue
		}
		lines = append(lines, strings.TrimRight(keyword+" "+s.particulars(keyword), " "))
	}
	return lines
}

// timely tells whether an extension can be of use at this point of a session.
func (s *session) timely(keyword string) bool {
	secure := s.link.state() != nil
	switch keyword {
	case "REQUIRETLS":
		return secure
	case "STARTTLS":
		return !secure
	case "AUTH":
		return len(s.logins) > 0
	}
	return true
}

// particulars are what an extension says beside its keyword.
func (s *session) particulars(keyword string) string {
	switch keyword {
	case "SIZE":
		return strconv.FormatInt(s.opts.MaxSize, 10)
	case "LIMITS":
		return s.limits()
	case "FUTURERELEASE":
		return fmt.Sprintf("%d %s", maxHold/time.Second, time.Now().Add(maxHold).UTC().Format(time.RFC3339))
	case "DELIVERBY":
		return strconv.Itoa(minDeliverBy)
	case "MT-PRIORITY":
		return "MIXER"
	case "AUTH":
		return strings.Join(s.logins, " ")
	}
	return ""
}

func (s *session) limits() string {
	text := fmt.Sprintf("RCPTMAX=%d", s.opts.MaxRecipients)
	if s.opts.MaxMails > 0 {
		text += fmt.Sprintf(" MAILMAX=%d", s.opts.MaxMails)
	}
	if s.opts.MaxDomains > 0 {
		text += fmt.Sprintf(" RCPTDOMAINMAX=%d", s.opts.MaxDomains)
	}
	return text
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
