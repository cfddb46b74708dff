package sandbox

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// hostname is what the server calls itself.
const hostname = "sandbox.localhost"

// errOver ends a session that went as it should.
var errOver = errors.New("session over")

// session is one client's dialogue.
type session struct {
	server *Server
	opts   *Options
	link   *link
	log    Session

	hello   string
	offered map[string]bool // the extensions in the answer to EHLO; nil after HELO
	logins  []string        // the mechanisms in that answer
	user    string
	mail    *envelope // nil outside a transaction
	begun   int       // transactions

	reached map[Phase]int
	instead string // sent in place of the next reply
}

func newSession(server *Server, conn net.Conn) *session {
	return &session{
		server:  server,
		opts:    &server.opts,
		link:    newLink(conn, server.opts.Latency),
		reached: make(map[Phase]int),
	}
}

func (s *session) serve(implicit bool) {
	err := s.run(implicit)
	s.endTransaction()
	if errors.Is(err, errOver) {
		err = nil
	}
	// The client may be gone already, which is no error after QUIT, and no news
	// otherwise.
	_ = s.link.hangUp(err != nil)
	if s.opts.Ended == nil {
		return
	}
	s.log.Hello, s.log.User, s.log.Waits = s.hello, s.user, s.link.waits
	s.log.TLS = s.link.state() != nil
	s.log.Err = err
	s.opts.Ended(s.log)
}

func (s *session) run(implicit bool) error {
	if _, err := s.fault(AtConnect); err != nil {
		return err
	}
	if implicit {
		if err := s.handshake(); err != nil {
			return err
		}
	}
	if err := s.welcome(); err != nil {
		return err
	}
	for {
		if err := s.idle(); err != nil {
			return err
		}
		line, err := s.readLine()
		if err == nil {
			err = s.obey(parseCommand(line))
		}
		if err != nil {
			return err
		}
	}
}

func (s *session) welcome() error {
	quiet, err := s.link.quiet(max(earlyGrace, s.link.latency))
	if err != nil {
		return noEOF(err)
	}
	if !quiet {
		s.violation("talks before the greeting")
	}
	if done, err := s.fault(AtGreeting); done || err != nil {
		return err
	}
	s.reply(220, "", hostname+" ESMTP sendoff sandbox")
	s.link.ripe = true
	return nil
}

// idle lets Options.Faults strike while the client does nothing.
func (s *session) idle() error {
	if s.opts.Faults == nil || s.begun == 0 || s.mail != nil {
		return nil
	}
	quiet, err := s.link.quiet(idleGrace)
	if err == nil && quiet {
		_, err = s.fault(AtIdle)
	}
	return noEOF(err)
}

func (s *session) handshake() error {
	if _, err := s.fault(AtHandshake); err != nil {
		return err
	}
	if err := s.link.startTLS(s.server.ctx, s.server.tlsConfig); err != nil {
		return fmt.Errorf("tls: %w", err)
	}
	return nil
}

// readLine reads a line of the dialogue. It answers lines that are none.
func (s *session) readLine() (string, error) {
	for {
		line, err := s.link.readLine()
		switch {
		case errors.Is(err, errLineTooLong):
			s.violation("line too long")
			s.reply(500, "5.5.2", "Line too long")
			continue
		case errors.Is(err, errBareLF):
			s.note("C: ", string(line))
			s.violation("bare LF in a command")
			s.reply(521, "5.5.2", "Error: bare <LF> received")
			return "", errBareLF
		case errors.Is(err, io.EOF):
			return "", io.ErrUnexpectedEOF
		case err != nil:
			return "", err
		}
		s.note("C: ", string(line))
		return string(line), nil
	}
}

// verbs are the commands understood. Those that are last must end a group of
// pipelined commands (RFC 2920 section 3.1). AUTH and BDAT have several answers
// and ask about faults themselves.
var verbs = map[string]struct {
	obey  func(*session, string) error
	last  bool
	phase Phase
}{
	"HELO":     {(*session).helo, true, AtHello},
	"EHLO":     {(*session).ehlo, true, AtHello},
	"STARTTLS": {(*session).startTLS, true, AtStartTLS},
	"AUTH":     {(*session).auth, true, ""},
	"MAIL":     {(*session).mailFrom, false, AtMail},
	"RCPT":     {(*session).recipient, false, AtRecipient},
	"DATA":     {(*session).data, true, AtData},
	"BDAT":     {(*session).bdat, false, ""},
	"RSET":     {(*session).reset, false, AtReset},
	"NOOP":     {(*session).noop, true, ""},
	"VRFY":     {(*session).verify, true, ""},
	"QUIT":     {(*session).quit, true, AtQuit},
}

func (s *session) obey(cmd command) error {
	verb, ok := verbs[cmd.verb]
	if !ok {
		s.violation("unknown command " + quoteShort(cmd.verb))
		s.reply(500, "5.5.2", "Command not recognized")
		return nil
	}
	if cmd.size > maxCommand && cmd.verb != "AUTH" {
		s.violation("line too long")
		s.reply(500, "5.5.2", "Line too long")
		return nil
	}
	if cmd.verb != "BDAT" { // what follows BDAT is its chunk first
		s.checkPipelining(cmd.verb, verb.last)
	}
	if verb.phase != "" {
		if done, err := s.fault(verb.phase); done || err != nil {
			if verb.phase == AtRecipient && s.mail != nil {
				s.mail.refused = true
			}
			return err
		}
	}
	return verb.obey(s, cmd.arg)
}

func (s *session) checkPipelining(verb string, last bool) {
	switch {
	case s.link.r.Buffered() == 0:
	case last:
		s.violation("pipelined after " + verb + ", which must end a group")
	case !s.offers("PIPELINING"):
		s.violation("pipelined after " + verb + ", which was not offered")
	}
}

func (s *session) noop(string) error {
	s.reply(250, "2.0.0", "Ok")
	return nil
}

func (s *session) reset(arg string) error {
	if arg != "" {
		s.reply(501, "5.5.4", "Syntax: RSET")
		return nil
	}
	s.endTransaction()
	s.reply(250, "2.0.0", "Ok")
	return nil
}

func (s *session) quit(arg string) error {
	if arg != "" {
		s.reply(501, "5.5.4", "Syntax: QUIT")
		return nil
	}
	s.reply(221, "2.0.0", "Bye")
	return errOver
}

func (s *session) endTransaction() {
	if s.mail != nil {
		s.mail.discard()
		s.mail = nil
	}
}

// reply answers; a text of several lines makes a reply of several lines. It
// goes out when the client has nothing more to say.
func (s *session) reply(code int, enhanced, text string) {
	if s.instead != "" {
		raw := s.instead
		s.instead = ""
		s.replyRaw(raw)
		return
	}
	if enhanced != "" {
		if s.without("ENHANCEDSTATUSCODES") {
			enhanced = ""
		} else {
			enhanced += " "
		}
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		separator := " "
		if i < len(lines)-1 {
			separator = "-"
		}
		s.replyRaw(fmt.Sprintf("%d%s%s%s\r\n", code, separator, enhanced, line))
	}
}

// replyRaw answers with text that has its own line ends.
func (s *session) replyRaw(text string) {
	s.note("S: ", strings.TrimSuffix(text, "\r\n"))
	// A write that fails makes the next read fail too: the writer keeps its
	// error and is flushed before each read.
	_, _ = s.link.w.WriteString(text)
}

// slowly is a pause for those who asked for a slow server.
func (s *session) slowly(d time.Duration) error {
	if s.mail == nil || !s.mail.slow {
		return nil
	}
	if !pause(s.server.ctx, d) {
		return s.server.ctx.Err()
	}
	return nil
}
