package smtp

import (
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"sendoff/smtp/sasl"
)

const (
	maxAuthRounds = 10

	// maxAuthLine is the longest AUTH command (RFC 4954 section 4).
	maxAuthLine = 12288
)

// authenticate logs in, if the caller wants that. It is reached in clear text
// only with NoTLS.
func (s *Session) authenticate() *Error {
	login := s.opts.Login
	if login == nil {
		return nil
	}
	mechanisms, err := sasl.Choose(*login, s.caps.Auth, s.tls)
	if err != nil {
		return s.step(Event{Stage: StageAuth}, s.timeouts.Command, func(*Event) *Error {
			failed := unable(StageAuth, ScopeAccount, err)
			if !errors.Is(err, sasl.ErrNoMechanism) {
				failed.Class = ClassAuth
			}
			return failed
		})
	}
	for i, m := range mechanisms {
		err := s.try(m)
		// 504 says that the mechanism was offered but can't be used.
		if err == nil || err.Reply.Code != 504 || i == len(mechanisms)-1 {
			return err
		}
	}
	return nil
}

// try authenticates with one mechanism (RFC 4954 section 4).
func (s *Session) try(m sasl.Mechanism) *Error {
	begin := Event{Stage: StageAuth, Mechanism: m.Name()}
	limit := s.timeouts.Command
	return s.step(begin, limit, func(end *Event) *Error {
		initial, err := m.Start()
		if err != nil {
			return local(StageAuth, err)
		}
		line, shown := "AUTH "+m.Name(), "AUTH "+m.Name()
		if initial != nil {
			coded := s.confide(initial)
			if coded == "" {
				coded = "="
			}
			if len(line)+1+len(coded) <= maxAuthLine-len("\r\n") {
				line, shown = line+" "+coded, shown+" "+redacted
				initial = nil
			}
		}
		e := s.converse(limit, line, shown)
		for range maxAuthRounds {
			end.Reply = e.reply
			switch {
			case e.err != nil:
				return e.err
			case e.reply.Code == 334:
				if e, err = s.respond(m, e, initial); err != nil {
					return s.abandon(err)
				}
				initial = nil
			default:
				if err := m.Finish(); err != nil {
					return s.refuse(err)
				}
				return nil
			}
		}
		return s.abandon(errors.New("the server asks without end"))
	})
}

// respond answers the challenge that e brought, with the initial response if
// that could not go with the command.
func (s *Session) respond(m sasl.Mechanism, e *exchange, initial []byte) (*exchange, error) {
	challenge, err := base64.StdEncoding.DecodeString(e.raw.lines[0])
	if err != nil || len(e.raw.lines) > 1 {
		return nil, fmt.Errorf("the server's challenge is not base64")
	}
	response := initial
	if response == nil {
		if response, err = m.Next(challenge); err != nil {
			return nil, err
		}
	}
	return s.converse(s.timeouts.Command, s.confide(response), redacted), nil
}

// converse sends one line of the exchange; 334 and 235 are both fine.
func (s *Session) converse(limit time.Duration, line, shown string) *exchange {
	e := &exchange{stage: StageAuth, verb: "AUTH", limit: limit}
	e.handle = func(r Reply) *Error {
		if r.Code == 334 || r.positive() {
			return nil
		}
		return refused(StageAuth, "AUTH", r)
	}
	s.sayAs(StageAuth, "", line, shown)
	s.await(e)
	s.settle(0)
	return e
}

// confide encodes a response and keeps it, and its coded form, from being
// repeated in anything that is shown. The user name is no secret.
func (s *Session) confide(response []byte) string {
	if string(response) != s.opts.Login.User {
		s.redactor.add(response)
	}
	return base64.StdEncoding.EncodeToString(response)
}

// abandon cancels the exchange with "*"; whatever the server says to that, it
// is over.
func (s *Session) abandon(cause error) *Error {
	s.converse(s.timeouts.Command, "*", "*")
	return s.refuse(cause)
}

// refuse ends a login that this side does not trust.
func (s *Session) refuse(cause error) *Error {
	return &Error{Stage: StageAuth, Verb: "AUTH", Class: ClassAuth, Scope: ScopeAccount, Retry: RetryNo, Err: cause}
}
