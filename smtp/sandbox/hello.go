package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
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
	s.hello, s.extended = arg, extended
	text := hostname + " greets " + arg
	if extended {
		text = strings.Join(append([]string{text}, s.extensions()...), "\n")
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
	if !secure {
		offer("STARTTLS", "")
	}
	if names := s.mechanisms(); len(names) > 0 {
		offer("AUTH", strings.Join(names, " "))
	}
	return lines
}

// offers tells whether the client was told of an extension.
func (s *session) offers(keyword string) bool {
	return s.extended && slices.ContainsFunc(s.extensions(), func(line string) bool {
		return line == keyword || strings.HasPrefix(line, keyword+" ")
	})
}

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
	if err := s.link.startTLS(s.server.ctx, s.server.tlsConfig); err != nil {
		return fmt.Errorf("starttls: %w", err)
	}
	s.endTransaction()
	s.hello, s.extended, s.user = "", false, ""
	return nil
}
