package smtp

import (
	"bytes"
	"cmp"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	named := *login
	named.Host = s.opts.Host
	mechanisms, choice, err := sasl.Choose(named, s.caps.Auth, s.tls)
	if err != nil {
		return s.step(Event{Stage: StageAuth, Choice: &choice}, s.timeouts.Command, func(*Event) *Error {
			failed := unable(StageAuth, ScopeAccount, err)
			if !errors.Is(err, sasl.ErrNoMechanism) {
				failed.Class = ClassAuth
			}
			return failed
		})
	}
	why := "the best of " + strings.Join(choice.Tried, ", ")
	if len(mechanisms) == 1 {
		why = "the only one that can be used"
	}
	for {
		m := mechanisms[0]
		err := s.try(m, Event{Stage: StageAuth, Mechanism: m.Name(), Choice: &choice, Text: why})
		if err == nil {
			return nil
		}
		if mechanisms = instead(mechanisms[1:], err.Reply); len(mechanisms) == 0 {
			return err
		}
		why = m.Name() + " can't be used: " + err.Reply.String()
	}
}

// instead returns the mechanisms to try after r refused the one before them.
// 504 says that one is offered and can't be used, and 432 that the password
// must be shown once for others to work with it (RFC 4954 section 6).
func instead(rest []sasl.Mechanism, r Reply) []sasl.Mechanism {
	switch r.Code {
	case 504:
		return rest
	case 432:
		if i := slices.IndexFunc(rest, func(m sasl.Mechanism) bool { return m.Name() == "PLAIN" }); i >= 0 {
			return rest[i : i+1]
		}
	}
	return nil
}

// try authenticates with one mechanism (RFC 4954 section 4).
func (s *Session) try(m sasl.Mechanism, begin Event) *Error {
	return s.step(begin, s.timeouts.Command, func(end *Event) *Error {
		initial, err := m.Start()
		if err != nil {
			return local(StageAuth, err)
		}
		e, sent := s.propose(m.Name(), initial)
		if code := e.reply.Code; sent && s.err == nil && (code == 500 || code == 501) {
			// Servers older than RFC 4954 take no more than 512 octets, and some
			// no response at all before they asked. Most take what saves a wait.
			s.unasked = true
			e, sent = s.propose(m.Name(), initial)
		}
		if sent {
			initial = nil
		}
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

// propose names the mechanism, with the initial response if that may go along,
// and tells whether it did.
func (s *Session) propose(name string, initial []byte) (e *exchange, sent bool) {
	line, shown := "AUTH "+name, "AUTH "+name
	if initial != nil && !s.unasked {
		coded := cmp.Or(s.confide(initial), "=")
		if sent = len(line)+1+len(coded) <= maxAuthLine-len(crlf); sent {
			line, shown = line+" "+coded, shown+" "+redacted
		}
	}
	return s.converse(s.timeouts.Command, line, shown), sent
}

// respond answers the challenge that e brought, with the initial response if
// that could not go with the command.
func (s *Session) respond(m sasl.Mechanism, e *exchange, initial []byte) (*exchange, error) {
	challenge, err := base64.StdEncoding.DecodeString(e.raw.lines[0])
	if err != nil || len(e.raw.lines) > 1 {
		if initial != nil || s.opts.Login.Token == "" {
			return nil, fmt.Errorf("the server's challenge is not base64")
		}
		challenge = nil // a token is refused, whatever the words
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
	e.handle = func(_ *Session, _ *exchange, r Reply) *Error {
		if r.Code == 334 || r.positive() {
			return nil
		}
		return refused(StageAuth, "AUTH", r)
	}
	s.sayAs(StageAuth, line, shown)
	s.await(e)
	s.settle(0)
	return e
}

// confide encodes a response and keeps it, its coded form, and the proof within
// it from being repeated in anything that is shown. The user name is no secret.
func (s *Session) confide(response []byte) string {
	if string(response) != s.opts.Login.User {
		s.redactor.add(response)
		s.redactor.add(proof(response))
	}
	return base64.StdEncoding.EncodeToString(response)
}

// proof returns what in a response shows that the password is known, and helps to
// guess it: of CRAM-MD5 (RFC 2195) the last word, of DIGEST-MD5 and SCRAM the
// field for it. It may be nothing.
func proof(response []byte) []byte {
	for field := range bytes.SplitSeq(response, []byte(",")) {
		for _, name := range []string{"response=", "p="} {
			if value, ok := bytes.CutPrefix(field, []byte(name)); ok {
				return value
			}
		}
	}
	if last := response[bytes.LastIndexByte(response, ' ')+1:]; len(last) == hex.EncodedLen(md5.Size) {
		return last
	}
	return nil
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
