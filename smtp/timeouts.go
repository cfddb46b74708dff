package smtp

import (
	"cmp"
	"time"
)

// Timeouts are absolute limits on the wait for one thing (RFC 5321 section
// 4.5.3.2). A zero is replaced by the standard.
type Timeouts struct {
	Connect  time.Duration // the name and all its addresses together; then as long again for TLS
	Greeting time.Duration
	Command  time.Duration // EHLO, STARTTLS, AUTH, MAIL, RCPT; RSET gets no more than 20 s of it
	Data     time.Duration // the answer to DATA
	Block    time.Duration // each block of content
	Final    time.Duration // the answer to the end of the content
}

// resetLimit is the most that the answer to RSET may take: there is nothing to do
// for it, and with another session the next mail is sooner on its way.
const resetLimit = 20 * time.Second

// StandardTimeouts returns what RFC 5321 asks for, with a shorter wait for a
// connection, which nobody needs five minutes for.
func StandardTimeouts() Timeouts {
	return Timeouts{
		Connect:  30 * time.Second,
		Greeting: 5 * time.Minute,
		Command:  5 * time.Minute,
		Data:     2 * time.Minute,
		Block:    3 * time.Minute,
		Final:    10 * time.Minute,
	}
}

// orStandard returns t with its gaps filled.
func (t Timeouts) orStandard() Timeouts {
	s := StandardTimeouts()
	return Timeouts{
		Connect:  cmp.Or(t.Connect, s.Connect),
		Greeting: cmp.Or(t.Greeting, s.Greeting),
		Command:  cmp.Or(t.Command, s.Command),
		Data:     cmp.Or(t.Data, s.Data),
		Block:    cmp.Or(t.Block, s.Block),
		Final:    cmp.Or(t.Final, s.Final),
	}
}
