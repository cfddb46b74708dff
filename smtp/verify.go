package smtp

import (
	"context"
	"fmt"
)

// Verify asks the server whether it knows an address (RFC 5321 section 3.5).
// 250 says that it does, 252 that it does not tell; most servers say no more
// than that. A refusal is an *Error, and no reason against sending: 502 may just
// mean that nobody gets to know.
func (s *Session) Verify(ctx context.Context, address string) (Reply, error) {
	if err := checkPath(address); err != nil {
		return Reply{}, local(StageRecipient, fmt.Errorf("address %q: %w", address, err))
	}
	line := "VRFY " + address
	if !ascii(address) {
		if !s.caps.UTF8 {
			return Reply{}, unable(StageRecipient, ScopeRecipient,
				fmt.Errorf("the server does not offer SMTPUTF8, and %s has characters beyond ASCII", address))
		}
		line += " SMTPUTF8" // RFC 6531 section 3.7.4.2
	}
	reply, err := s.ask(ctx, &exchange{stage: StageRecipient, verb: "VRFY", recipient: address}, line)
	if err != nil {
		return reply, err
	}
	return reply, nil
}

// Noop asks the server for a sign of life, which also keeps an idle session
// from being closed. Its error is an *Error, and the session is broken then.
func (s *Session) Noop(ctx context.Context) error {
	_, err := s.ask(ctx, &exchange{stage: StageMail, verb: "NOOP"}, "NOOP")
	if err != nil && s.err == nil {
		s.fail(err)
	}
	if s.err != nil {
		return s.err
	}
	return nil
}

// ask sends a command outside of any mail and waits for the reply.
func (s *Session) ask(ctx context.Context, e *exchange, line string) (Reply, *Error) {
	if s.err != nil {
		return Reply{}, s.err
	}
	release := s.wire.bind(ctx)
	e.limit = s.timeouts.Command
	err := s.call(e, line)
	if !release() && s.err == nil {
		s.fail(broken(e.stage, e.verb, context.Cause(ctx))) // the answer came, and the connection is gone
		err = s.err
	}
	return e.reply, err
}
