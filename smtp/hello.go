package smtp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Capabilities is what a server said it can do in its answer to EHLO.
type Capabilities struct {
	Greeting   string   // the name the server gave itself, cleaned
	Extensions []string // every EHLO line as offered, cleaned, for people

	StartTLS    bool
	Pipelining  bool
	Chunking    bool
	EightBit    bool // 8BITMIME
	UTF8        bool // SMTPUTF8
	Enhanced    bool // ENHANCEDSTATUSCODES
	DSN         bool
	DeclareSize bool  // MAIL may tell the size of the message (RFC 1870)
	Size        int64 // greatest message in octets; 0 when there is no limit or none was told

	RequireTLS bool          // REQUIRETLS (RFC 8689)
	Priority   bool          // MT-PRIORITY (RFC 6710)
	DeliverBy  bool          // DELIVERBY (RFC 2852)
	MinBy      time.Duration // the soonest deadline that DELIVERBY allows
	MaxHold    time.Duration // the longest that FUTURERELEASE allows (RFC 4865); 0 if it is not offered
	LastHold   time.Time     // the latest moment that it allows; zero if none was told

	// The limits of RFC 9422, 0 where the server did not tell: how many mails a
	// session can have, how many recipients a mail, and of how many domains.
	MaxMails      int
	MaxRecipients int
	MaxDomains    int

	Verify bool // VRFY
	Auth   []string
}

// parseCapabilities reads the lines of a reply to EHLO (RFC 5321 section
// 4.1.1.1). Keywords are told apart without regard to case.
func parseCapabilities(lines []string) Capabilities {
	var c Capabilities
	if len(lines) == 0 {
		return c
	}
	c.Greeting, _, _ = strings.Cut(clean(lines[0]), " ")
	for _, line := range lines[1:] {
		line = clean(line)
		c.Extensions = append(c.Extensions, line)
		// "AUTH=PLAIN" is how servers before RFC 2554 offered it.
		words := strings.Fields(strings.Replace(strings.ToUpper(line), "AUTH=", "AUTH ", 1))
		if len(words) == 0 {
			continue
		}
		switch words[0] {
		case "STARTTLS":
			c.StartTLS = true
		case "PIPELINING":
			c.Pipelining = true
		case "CHUNKING":
			c.Chunking = true
		case "8BITMIME":
			c.EightBit = true
		case "SMTPUTF8":
			c.UTF8 = true
		case "ENHANCEDSTATUSCODES":
			c.Enhanced = true
		case "DSN":
			c.DSN = true
		case "SIZE":
			c.DeclareSize = true
			c.Size = number(words, 63)
		case "REQUIRETLS":
			c.RequireTLS = true
		case "MT-PRIORITY":
			c.Priority = true
		case "DELIVERBY":
			c.DeliverBy = true
			c.MinBy = time.Duration(number(words, 32)) * time.Second
		case "FUTURERELEASE":
			c.MaxHold = time.Duration(number(words, 32)) * time.Second
			if len(words) > 2 {
				c.LastHold, _ = time.Parse(time.RFC3339, words[2]) // or none that can be read
			}
		case "LIMITS":
			told := limits(words[1:])
			c.MaxMails, c.MaxRecipients, c.MaxDomains = told["MAILMAX"], told["RCPTMAX"], told["RCPTDOMAINMAX"]
		case "VRFY":
			c.Verify = true
		case "AUTH":
			for _, name := range words[1:] {
				if !slices.Contains(c.Auth, name) {
					c.Auth = append(c.Auth, name)
				}
			}
		}
	}
	return c
}

// greet reads the greeting (RFC 5321 section 3.1).
func (s *Session) greet() *Error {
	return s.step(Event{Stage: StageGreeting}, s.timeouts.Greeting, func(end *Event) *Error {
		e := &exchange{stage: StageGreeting, limit: s.timeouts.Greeting}
		s.await(e)
		s.settle(0)
		end.Reply = e.reply
		return e.err
	})
}

// hello says EHLO and learns what the server offers. That takes the place of
// what it offered before (RFC 3207 section 4.2).
func (s *Session) hello() *Error {
	return s.step(Event{Stage: StageHello}, s.timeouts.Command, func(end *Event) *Error {
		e, err := s.sayHello()
		if err != nil {
			end.Reply = err.Reply
			return err
		}
		if e.verb == "EHLO" {
			s.caps = s.redactor.capabilities(parseCapabilities(e.raw.lines))
		}
		caps := s.caps.clone()
		end.Reply, end.Capabilities = e.reply, &caps
		return nil
	})
}

// sayHello says EHLO. A refused name is tried once more as an address literal.
// HELO, which knows neither TLS nor AUTH, is said only where both are unwanted.
func (s *Session) sayHello() (*exchange, *Error) {
	own := s.wire.conn.LocalAddr()
	if s.opts.Hidden {
		own = nil
	}
	names := []string{addressLiteral(own)}
	if s.opts.LocalName != "" {
		if err := checkWord(s.opts.LocalName); err != nil {
			return nil, local(StageHello, fmt.Errorf("own name %q: %w", s.opts.LocalName, err))
		}
		names = slices.Insert(names, 0, s.opts.LocalName)
	}
	var e *exchange
	for _, name := range names {
		e = &exchange{stage: StageHello, verb: "EHLO", limit: s.timeouts.Command}
		if err := s.call(e, "EHLO "+name); err == nil {
			return e, nil
		}
		if c := e.reply.Code; c != 501 && c != 504 && c != 550 {
			break
		}
	}
	plain := s.opts.Security == NoTLS && s.opts.Login == nil
	if plain && (e.reply.Code == 500 || e.reply.Code == 502) {
		e = &exchange{stage: StageHello, verb: "HELO", limit: s.timeouts.Command}
		s.call(e, "HELO "+names[0])
	}
	return e, e.err
}

// number returns the first parameter if it is a number of so many bits, or 0.
func number(words []string, bits int) int64 {
	if len(words) < 2 {
		return 0
	}
	n, err := strconv.ParseUint(words[1], 10, bits)
	if err != nil {
		return 0
	}
	return int64(n)
}

// limits reads the parameters of LIMITS. If one of them is malformed, none
// counts (RFC 9422 section 3).
func limits(words []string) map[string]int {
	told := map[string]int{}
	for _, word := range words {
		key, value, ok := strings.Cut(word, "=")
		n, err := strconv.ParseUint(value, 10, 20)
		if !ok || key == "" || err != nil || n == 0 {
			return nil
		}
		told[key] = int(n)
	}
	return told
}

// capabilities returns c without secrets.
func (r *redactor) capabilities(c Capabilities) Capabilities {
	c.Greeting = r.text(c.Greeting)
	for _, words := range [][]string{c.Extensions, c.Auth} {
		for i, word := range words {
			words[i] = r.text(word)
		}
	}
	return c
}

// clone returns a copy that shares nothing with c.
func (c Capabilities) clone() Capabilities {
	c.Extensions = slices.Clone(c.Extensions)
	c.Auth = slices.Clone(c.Auth)
	return c
}

// addressLiteral returns the address of a as EHLO wants it (RFC 5321 section
// 4.1.3), or the literal of the loopback if it has none.
func addressLiteral(a net.Addr) string {
	addr := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	if tcp, ok := a.(*net.TCPAddr); ok && tcp.AddrPort().IsValid() {
		addr = tcp.AddrPort().Addr().Unmap().WithZone("")
	}
	if addr.Is4() {
		return "[" + addr.String() + "]"
	}
	return "[IPv6:" + addr.String() + "]"
}

// checkWord refuses what can't be one word of a command line.
func checkWord(s string) error {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f {
			return errors.New("not a word of printable ASCII")
		}
	}
	return nil
}
