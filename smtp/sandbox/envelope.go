package sandbox

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// envelope is a mail transaction.
type envelope struct {
	mail    Mail
	content *content // nil before the first octet
	refused bool     // a recipient was refused
	slow    bool
	end     special // what awaits the content

	utf8     bool  // SMTPUTF8 was asked for
	eightBit bool  // BODY is not 7BIT
	size     int64 // as declared, or -1
	arrived  int64 // octets of content, dots still stuffed
}

func (e *envelope) discard() {
	if e.content != nil {
		e.content.discard()
	}
}

func (s *session) mailFrom(arg string) error {
	switch {
	case s.hello == "":
		s.violation("MAIL before EHLO")
		s.reply(503, "5.5.1", "Say EHLO first")
		return nil
	case s.mail != nil:
		s.violation("MAIL within a transaction")
		s.reply(503, "5.5.1", "Nested MAIL command")
		return nil
	case s.opts.User != "" && s.user == "":
		s.reply(530, "5.7.0", "Authentication required")
		return nil
	}
	from, rest, err := parsePath(arg, "FROM:")
	if err != nil {
		s.violation("bad syntax in MAIL")
		s.reply(501, "5.1.7", "Bad sender address syntax")
		return nil
	}
	params, ok := s.params(rest, mailParams)
	if !ok {
		return nil
	}
	_, utf8 := params["SMTPUTF8"]
	if !isASCII(from.text) && !utf8 {
		s.violation("8-bit address without SMTPUTF8")
		s.reply(553, "5.6.7", "Non-ASCII sender address needs SMTPUTF8")
		return nil
	}
	size := int64(-1)
	if value, ok := params["SIZE"]; ok {
		if size, err = strconv.ParseInt(value, 10, 64); err != nil || size > s.opts.MaxSize {
			s.reply(552, "5.3.4", "Message size exceeds fixed limit")
			return nil
		}
	}
	if s.begun++; s.opts.MaxMails > 0 && s.begun > s.opts.MaxMails {
		s.reply(421, "4.5.3", "Too many messages in this session")
		return errors.New("too many messages")
	}
	s.mail = &envelope{
		mail: Mail{
			ID:     "4" + rand.Text()[:14],
			From:   from.text,
			TLS:    s.link.state() != nil,
			User:   s.user,
			Params: params,
		},
		utf8:     utf8,
		eightBit: strings.EqualFold(params["BODY"], "8BITMIME"),
		size:     size,
	}
	s.reply(250, "2.1.0", "Ok")
	return nil
}

func (s *session) recipient(arg string) error {
	if s.mail == nil || s.mail.content != nil {
		s.violation("RCPT out of order")
		s.reply(503, "5.5.1", "Need MAIL before RCPT")
		return nil
	}
	to, rest, err := parsePath(arg, "TO:")
	if err != nil || to.text == "" {
		s.violation("bad syntax in RCPT")
		s.mail.refused = true
		s.reply(501, "5.1.3", "Bad recipient address syntax")
		return nil
	}
	params, ok := s.params(rest, rcptParams)
	if !ok {
		s.mail.refused = true
		return nil
	}
	if !isASCII(to.text) && !s.mail.utf8 {
		s.violation("8-bit address without SMTPUTF8")
		s.mail.refused = true
		s.reply(553, "5.6.7", "Non-ASCII recipient address needs SMTPUTF8")
		return nil
	}
	if len(s.mail.mail.Recipients) >= s.opts.MaxRecipients || s.oneDomainMore(to.domain) {
		s.reply(452, "4.5.3", "Too many recipients")
		return nil
	}
	return s.receive(to, params)
}

// receive takes a recipient, or does what its local part asks for.
func (s *session) receive(to path, params Params) error {
	what := specialFor(to.local)
	if what == specialGreylist && !s.server.seen.first(to.text) {
		what = specialNone
	}
	if refusal, ok := refusals[what]; ok {
		s.mail.refused = true
		if err := s.slowly(s.opts.Slow); err != nil {
			return err
		}
		s.reply(refusal.code, refusal.enhanced, strings.ReplaceAll(refusal.text, "%s", to.text))
		if refusal.code == 421 {
			return fmt.Errorf("closed for <%s>", to.text)
		}
		return nil
	}
	switch what {
	case specialNone:
	case specialSlow:
		s.mail.slow = true
	default:
		s.mail.end = what
	}
	s.mail.mail.Recipients = append(s.mail.mail.Recipients, to.text)
	s.mail.mail.RecipientParams = append(s.mail.mail.RecipientParams, params)
	if err := s.slowly(s.opts.Slow); err != nil {
		return err
	}
	s.reply(250, "2.1.5", "Ok")
	return nil
}

// oneDomainMore tells that a recipient of a domain would be one too many.
func (s *session) oneDomainMore(domain string) bool {
	if s.opts.MaxDomains == 0 {
		return false
	}
	seen := map[string]bool{}
	for _, address := range s.mail.mail.Recipients {
		seen[strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])] = true
	}
	return !seen[strings.ToLower(domain)] && len(seen) >= s.opts.MaxDomains
}

// verify tells of no address whether it is one, except of those that are none.
func (s *session) verify(arg string) error {
	switch {
	case !s.offers("VRFY"):
		s.reply(502, "5.5.1", "VRFY is not available here")
		return nil
	case arg == "":
		s.reply(501, "5.5.4", "Syntax: VRFY address")
		return nil
	}
	address, params, _ := strings.Cut(arg, " ")
	utf8 := strings.EqualFold(params, "SMTPUTF8") && s.offers("SMTPUTF8")
	local, _ := parseLocal(strings.TrimPrefix(address, "<"))
	switch {
	case params != "" && !utf8, !isASCII(address) && !utf8:
		s.violation("bad syntax in VRFY")
		s.reply(501, "5.5.4", "Bad parameters of VRFY")
	case specialFor(local) == "refused":
		s.reply(550, "5.1.1", "<"+address+">: User unknown")
	default:
		s.reply(252, "2.0.0", "Send some mail, it may arrive")
	}
	return nil
}
