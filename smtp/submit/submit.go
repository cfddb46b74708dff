// Package submit takes the mails of an account to its server: it joins the
// account, its password and a session, and puts what goes wrong into words a
// person can act on.
package submit

import (
	"context"
	"errors"
	"net"
	"time"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"sendoff/config"
	"sendoff/config/oauth"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/sasl"
)

// Sender delivers mail by account; it is the outbox.Sender of the program. Its
// fields must not change while it is in use.
type Sender struct {
	// Account finds an account by its name.
	Account func(name string) (config.Account, error)

	// Password gets the password of an account that logs in. It is asked
	// before anything is sent to the server, so that no server waits while a
	// person looks for it.
	Password func(ctx context.Context, a config.Account) (secret.Secret, error)

	// Token gets a token of an account that logs in by OAuth; a fresh one if the
	// server refused the last. nil where there are no such accounts.
	Token func(ctx context.Context, a config.Account, fresh bool) (secret.Secret, error)

	// Timeouts are as in smtp.Options. Dial replaces the dialer that connects
	// to the server, or to the proxy of an account, and binds to its Bind.
	Timeouts *smtp.Timeouts
	Dial     func(ctx context.Context, network, address string) (net.Conn, error)

	// Idle is how long a session waits for the next mail of its account, which
	// then needs no new one. 0 for not at all; otherwise Close ends the waits.
	Idle time.Duration

	sessions sessions
	idle     idle
}

// Deliver takes the mails of src to the server of the account called name. It
// returns when src has no more, when the server takes no more at a time, or
// when it can't go on; its error is an *smtp.Error. trace may be nil.
func (s *Sender) Deliver(ctx context.Context, name string, src smtp.Source, trace func(smtp.Event)) error {
	a, err := s.Account(name)
	if err != nil {
		return unusable(smtp.StageResolve, smtp.ClassLocal, err)
	}
	session := s.idle.take(ctx, a, trace)
	if session == nil {
		if session, err = s.begin(ctx, a, trace); err != nil {
			return err
		}
	}
	err = session.Deliver(ctx, src)
	if err == nil && s.Idle > 0 && !session.Spent() {
		s.idle.keep(session, s.Idle)
		return nil
	}
	_ = session.Close() // the outcome of every mail is known; nothing hangs on a farewell
	return err
}

// begin opens a session that can be kept.
func (s *Sender) begin(ctx context.Context, a config.Account, trace func(smtp.Event)) (*waiting, error) {
	heard := &relay{trace}
	session, err := s.open(ctx, a, heard.hear, s.Timeouts)
	if err != nil {
		return nil, err
	}
	return &waiting{Session: session, account: a, trace: heard}, nil
}

// Test logs in to the server of a and out again, and returns what the server
// offers. a need not be one that Account knows. Its error is an *smtp.Error.
func (s *Sender) Test(ctx context.Context, a config.Account, trace func(smtp.Event)) (smtp.Capabilities, error) {
	session, err := s.open(ctx, a, trace, s.impatient())
	if err != nil {
		return smtp.Capabilities{}, err
	}
	offered := session.Capabilities()
	_ = session.Close() // the login is what was to be tested
	return offered, nil
}

// impatient are the times for a person who looks on: the five minutes that a
// delivery allows for an answer (RFC 5321 section 4.5.3.2) look like a hang.
func (s *Sender) impatient() *smtp.Timeouts {
	if s.Timeouts != nil {
		return s.Timeouts
	}
	t := smtp.StandardTimeouts()
	t.Greeting, t.Command = time.Minute, time.Minute
	return &t
}

func (s *Sender) open(
	ctx context.Context, a config.Account, trace func(smtp.Event), timeouts *smtp.Timeouts,
) (*smtp.Session, error) {
	a = a.Complete()
	opts, err := s.options(ctx, a)
	if err != nil {
		return nil, err
	}
	if opts.Login, err = s.login(ctx, a, false); err != nil {
		return nil, err
	}
	opts.Trace, opts.Timeouts = trace, timeouts
	session, err := s.logIn(ctx, a, opts)
	nameUntrusted(a, err)
	if errors.Is(err, errNotLoopback) {
		// To the engine this is trouble with the network, which passes.
		return nil, unusable(smtp.StageConnect, smtp.ClassLocal, err)
	}
	return session, err
}

// logIn opens a session. A token can have lost its power before its time: if the
// server refuses it, another one is got, once.
func (s *Sender) logIn(ctx context.Context, a config.Account, opts smtp.Options) (*smtp.Session, error) {
	session, err := smtp.Open(ctx, opts)
	if !a.TakesToken() || !refusedLogin(err) {
		return session, err
	}
	if opts.Login, err = s.login(ctx, a, true); err != nil {
		return nil, err
	}
	session, err = smtp.Open(ctx, opts)
	if refusedLogin(err) {
		err = mustSignIn(a, err)
	}
	return session, err
}

// options says how to reach the server of a, without a login. Its error is an
// *smtp.Error.
func (s *Sender) options(ctx context.Context, a config.Account) (smtp.Options, error) {
	// The rule when a password may go over a link without TLS is part of this.
	if err := a.Check(); err != nil {
		return smtp.Options{}, unusable(smtp.StageResolve, smtp.ClassLocal, err)
	}
	host, err := asciiHost(a.Host)
	if err != nil {
		return smtp.Options{}, unusable(smtp.StageResolve, smtp.ClassLocal, err)
	}
	opts := smtp.Options{
		Host:      host,
		Port:      a.Port,
		Security:  smtp.Security(a.TLS),
		LocalName: a.EHLOName,
		Window:    a.Window,
		// The address this machine has on its own side of a proxy is nobody's
		// business on the other.
		Hidden: a.Proxy != "",
	}
	var password *secret.Error
	opts.Dial, err = s.link(ctx, a)
	switch {
	case errors.As(err, &password):
		return smtp.Options{}, unusable(smtp.StageConnect, smtp.ClassAuth, err)
	case err != nil && ctx.Err() != nil:
		return smtp.Options{}, unusable(smtp.StageConnect, smtp.ClassCanceled, context.Cause(ctx))
	case err != nil:
		return smtp.Options{}, unusable(smtp.StageConnect, smtp.ClassLocal, err)
	}
	if opts.TLS, err = s.encryption(a, host); err != nil {
		return smtp.Options{}, unusable(smtp.StageTLS, smtp.ClassLocal, err)
	}
	return opts, nil
}

// login gets the password of a; it returns nil if a does not log in. Its error
// is an *smtp.Error.
func (s *Sender) login(ctx context.Context, a config.Account, fresh bool) (*sasl.Login, error) {
	switch a.Auth {
	case config.AuthNone:
		return nil, nil
	case config.AuthExternal:
		return &sasl.Login{Mechanism: a.Auth}, nil
	}
	get := s.Password
	if a.OAuth != "" && s.Token != nil {
		get = func(ctx context.Context, a config.Account) (secret.Secret, error) { return s.Token(ctx, a, fresh) }
	}
	password, err := get(ctx, a)
	var later *oauth.TemporaryError
	switch {
	case errors.As(err, &later):
		return nil, &smtp.Error{Stage: smtp.StageAuth, Class: smtp.ClassNetwork, Scope: smtp.ScopeAccount, Retry: smtp.RetrySafe, Err: err}
	case ctx.Err() != nil:
		return nil, unusable(smtp.StageAuth, smtp.ClassCanceled, context.Cause(ctx))
	case err == nil && password.Empty():
		err = &secret.Error{Account: a.Name, Err: secret.ErrNotFound, Hint: "an empty one is none"}
	}
	if err != nil {
		return nil, unusable(smtp.StageAuth, smtp.ClassAuth, err)
	}
	if a.TakesToken() {
		return &sasl.Login{Mechanism: a.Auth, User: a.User, Token: password.Reveal()}, nil
	}
	return &sasl.Login{Mechanism: a.Auth, User: a.User, Password: password.Reveal()}, nil
}

// refusedLogin tells that a server refused what a login showed.
func refusedLogin(err error) bool {
	var e *smtp.Error
	return errors.As(err, &e) && e.Class == smtp.ClassAuth && e.Reply.Code == 535
}

// mustSignIn makes the error of a server that refuses one token after another.
// A server whose own token server is down says the same.
func mustSignIn(a config.Account, err error) error {
	var e *smtp.Error
	if errors.As(err, &e) {
		e.Err = &secret.Error{Account: a.Name, Err: secret.ErrSignIn, Hint: oauth.SignInHint(a)}
	}
	return err
}

// asciiHost returns the name of a server as DNS and certificates have it. Names
// in ASCII stay as they are: not all of them keep the rules for host names.
func asciiHost(name string) (string, error) {
	for _, r := range name {
		if r >= utf8.RuneSelf {
			return idna.Lookup.ToASCII(name)
		}
	}
	return name, nil
}

// unusable makes the error of an account that can't be used as it is.
func unusable(stage smtp.Stage, class smtp.Class, err error) *smtp.Error {
	e := &smtp.Error{Stage: stage, Class: class, Scope: smtp.ScopeAccount, Retry: smtp.RetryNo, Err: err}
	if class == smtp.ClassCanceled {
		e.Retry = smtp.RetrySafe
	}
	return e
}
