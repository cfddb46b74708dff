package sandbox

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
)

// Phase is a point of a session at which the server can be told to misbehave.
type Phase string

// The phases of a session.
const (
	AtConnect   Phase = "connect"   // before TLS and the greeting
	AtGreeting  Phase = "greeting"  // 220
	AtHandshake Phase = "handshake" // TLS
	AtHello     Phase = "hello"     // the answer to EHLO or HELO
	AtStartTLS  Phase = "starttls"  // the answer to STARTTLS
	AtAuth      Phase = "auth"      // each challenge, and the final answer
	AtMail      Phase = "mail"      // the answer to MAIL
	AtRecipient Phase = "recipient" // the answer to RCPT
	AtData      Phase = "data"      // the answer to DATA, or to BDAT without LAST
	AtBody      Phase = "body"      // when content begins to arrive
	AtEnd       Phase = "end"       // the answer to the whole content
	AtReset     Phase = "reset"     // the answer to RSET
	AtQuit      Phase = "quit"      // the answer to QUIT
	AtIdle      Phase = "idle"      // after a mail, with nothing more to do
)

// Action is what the server does in place of its usual answer.
type Action string

// The actions. Those with a reply go on afterwards as if the command had been
// refused; where no reply belongs (AtConnect, AtHandshake, AtBody) the
// connection is closed after it.
const (
	Temporary   Action = "4xx"
	Permanent   Action = "5xx"
	Unavailable Action = "421"         // and the connection is closed
	WrongClass  Action = "wrong class" // a code, no refusal, that does not belong here
	Garbage     Action = "garbage"     // a line that is no reply
	LongLine    Action = "long line"   // a reply of 1 MiB in one line
	Flood       Action = "flood"       // lines of one reply without end
	Drip        Action = "drip"        // one octet of a reply each Options.Slow, without end
	Split       Action = "split"       // the usual answer, each octet a segment of its own
	Stall       Action = "stall"       // nothing
	Hangup      Action = "eof"         // the connection is closed
	Reset       Action = "rst"         // the connection is reset
)

// Fault is what goes wrong: Raw is sent, if there is any, and then the Action
// is taken, if there is any. The zero value is no fault.
//
// A Raw alone that is a positive reply (2yz, 3yz) replaces just the reply: the
// command has its effect. Raw needs its own CRLF.
type Fault struct {
	Action Action
	Raw    string
}

const longLine = 1 << 20

// fault asks Options.Faults about a phase and does what it says. The command is
// dealt with when done is true, or there is an error.
func (s *session) fault(p Phase) (done bool, err error) {
	if s.opts.Faults == nil {
		return false, nil
	}
	s.reached[p]++
	f := s.opts.Faults(p, s.reached[p])
	switch {
	case f == Fault{}:
		return false, nil
	case f.Action == Split:
		s.link.split = true
		s.instead = f.Raw
		return false, nil
	case f.Action == "" && strings.ContainsAny(f.Raw[:1], "23") && !p.silent():
		s.instead = f.Raw
		return false, nil
	}
	if f.Raw != "" {
		s.replyRaw(f.Raw)
	}
	if err := s.act(p, f.Action); err != nil {
		return true, fmt.Errorf("fault at %s: %w", p, err)
	}
	if p.silent() {
		return true, fmt.Errorf("fault at %s: closed", p)
	}
	return true, nil
}

// silent tells that a client expects no reply here, nor can it go on after one.
func (p Phase) silent() bool { return p == AtConnect || p == AtHandshake || p == AtBody }

func (s *session) act(p Phase, a Action) error {
	switch a {
	case "":
	case Temporary:
		s.scripted(p, 451, "4.3.0")
	case Permanent:
		s.scripted(p, 554, "5.3.0")
	case Unavailable:
		s.reply(421, "4.3.2", "Scripted: closing the connection")
		return errors.New("unavailable")
	case WrongClass:
		s.reply(s.wrongCode(p), "", "Scripted: wrong class")
	case Garbage:
		s.replyRaw("\x16\x03\x00\xff\xfe garbage, no reply\r\n")
	case LongLine:
		s.replyRaw("250 " + strings.Repeat("x", longLine) + "\r\n")
	case Flood:
		return s.forever("250-flood\r\n", false)
	case Drip:
		s.replyRaw("250-")
		return s.forever("x", true)
	case Stall:
		return s.stall(p)
	case Hangup:
		if p == AtBody {
			return errors.Join(errors.New("hung up"), s.link.raw.Close())
		}
		return errors.New("hung up")
	case Reset:
		return s.resetConnection()
	default:
		return fmt.Errorf("unknown action %q", a)
	}
	return nil
}

// scripted is a refusal with the code that servers use in a phase.
func (s *session) scripted(p Phase, code int, enhanced string) {
	switch {
	case p == AtAuth && code < 500:
		code, enhanced = 454, "4.7.0"
	case p == AtAuth:
		code, enhanced = 535, "5.7.8"
	case p == AtRecipient && code > 500:
		code, enhanced = 550, "5.1.1"
	case p == AtGreeting || p == AtHello || p == AtConnect || p == AtHandshake:
		enhanced = ""
	}
	s.reply(code, enhanced, "Scripted: "+string(p))
}

// wrongCode is a code of a class that does not belong to a phase. AUTH has
// answers of both positive classes; only 1yz is always wrong there.
func (s *session) wrongCode(p Phase) int {
	switch {
	case p == AtAuth:
		return 150
	case p == AtData && s.mail != nil && s.mail.content == nil: // DATA, not BDAT
		return 250
	}
	return 354
}

// forever sends text until the client is gone or the server is closed.
func (s *session) forever(text string, slowly bool) error {
	for {
		if _, err := s.link.w.WriteString(text); err != nil {
			return err
		}
		if !slowly {
			continue
		}
		if err := s.link.w.Flush(); err != nil {
			return err
		}
		if !pause(s.server.ctx, s.opts.Slow) {
			return s.server.ctx.Err()
		}
	}
}

// stall is silent until the client gives up. Content is left unread, so that
// writes of the client block as well.
func (s *session) stall(p Phase) error {
	if p != AtBody {
		_, err := io.Copy(io.Discard, s.link.r)
		return errors.Join(errors.New("stalled"), err)
	}
	if err := s.link.w.Flush(); err != nil {
		return err
	}
	<-s.server.ctx.Done()
	return s.server.ctx.Err()
}

func (s *session) resetConnection() error {
	if err := s.link.w.Flush(); err != nil {
		return err
	}
	if tcp, ok := s.link.raw.(*net.TCPConn); ok {
		if err := tcp.SetLinger(0); err != nil {
			return err
		}
	}
	return errors.Join(errors.New("reset"), s.link.raw.Close())
}
