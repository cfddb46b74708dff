package submit

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sendoff/config"
	"sendoff/config/oauth"
	"sendoff/config/secret"
	"sendoff/smtp"
)

// Finding says how a step of a check went.
type Finding string

// The findings.
const (
	Good    Finding = "ok"
	Warning Finding = "warning" // it works, but a person should know something
	Bad     Finding = "failed"
)

// Step is one line of a check. It holds no secret, so that it can be shown to
// whoever is asked for help.
type Step struct {
	// Name is "settings", "password", "ipv4", "ipv6", "ports", "limits", "extras", "noop",
	// "verify", "session", or a stage of that.
	Name    string
	Finding Finding
	Text    string        // what was found
	Hint    string        // what to do about it; empty when nothing
	Elapsed time.Duration // 0 where it means nothing
	Waits   int           // times the server had to be waited for
	Session *smtp.Event   // the end of a stage of the session; nil for what is none
}

// expirySoon is how long before its end a certificate is worth a warning:
// those that are renewed by machines are renewed a month ahead.
const expirySoon = 14 * 24 * time.Hour

// Check goes the whole way to the server of a and tells of each step as soon
// as it is done: settings, password, name, connection, encryption, greeting,
// what the server offers, login. It goes on where that can teach something: a
// missing password leaves out the login alone, and where nobody answers the
// other ports for submission are tried. Of a name with addresses of both families
// each is tried apart. The server is asked whether it knows
// addresses, if any are named. The error is the first that came up.
func (s *Sender) Check(ctx context.Context, a config.Account, report func(Step), addresses ...string) error {
	a = a.Complete()
	opts, err := s.options(ctx, a)
	if err != nil {
		step := failed("settings", err)
		if e := (*smtp.Error)(nil); errors.As(err, &e) && e.Class == smtp.ClassAuth { // of the proxy
			step.Name = "password"
		}
		report(step)
		return err
	}
	report(Step{Name: "settings", Finding: Good, Text: settings(a)})

	login, noLogin := s.login(ctx, a, false)
	switch {
	case noLogin != nil && ctx.Err() != nil:
		return noLogin
	case noLogin != nil:
		report(failed("password", noLogin))
	case login != nil && a.Secret != "":
		report(Step{Name: "password", Finding: Good, Text: "found: " + a.Secret})
	}
	opts.Login, opts.Timeouts = login, s.impatient()
	c := &checking{account: a, report: report}
	c.families = func() { bothFamilies(ctx, opts, report) }
	opts.Trace = c.hear
	session, err := s.logIn(ctx, a, opts)
	if err != nil {
		c.tell(err)
		if c.twofold {
			c.families()
		}
		tryPorts(ctx, opts, err, report)
		return errors.Join(noLogin, err)
	}
	report(limits(session.Capabilities()))
	report(extras(session.Capabilities()))
	err = c.ask(ctx, session, addresses)
	_ = session.Close() // nothing was sent that hangs on it
	return errors.Join(noLogin, err)
}

// settings tells how the server is to be reached. Who the user of a proxy is
// stays out, since some proxies take that for a password.
func settings(a config.Account) string {
	said := []string{fmt.Sprintf("%s port %d, tls %s, auth %s", a.Host, a.Port, a.TLS, a.Auth)}
	if u, err := url.Parse(a.Proxy); err == nil && a.Proxy != "" {
		said = append(said, "proxy "+u.Scheme+"://"+u.Host)
	}
	if a.Bind != "" {
		said = append(said, "bind "+a.Bind)
	}
	if a.ClientCert != "" {
		said = append(said, "client-cert "+a.ClientCert)
	}
	if a.EHLOName != "" {
		said = append(said, "ehlo-name "+a.EHLOName)
	}
	return clean(strings.Join(said, ", "))
}

// checking turns what happens in a session into steps.
type checking struct {
	account   config.Account
	report    func(Step)
	encrypted bool
	why       string // that the mechanism was chosen
	waits     int    // since the last step
	trouble   *Step  // the last that went wrong, until it is known what follows
	twofold   bool   // there is an address of either family, and a choice of them
	families  func() // tries either
}

func (c *checking) hear(e smtp.Event) {
	if e.Kind == smtp.KindBegin && c.trouble != nil {
		// A mechanism that is offered and not to be had is no end: the next
		// one's turn has come.
		c.trouble.Finding = Warning
		c.report(*c.trouble)
		c.trouble = nil
	}
	switch {
	case e.Kind == smtp.KindWait:
		c.waits++
	case e.Kind == smtp.KindBegin && e.Choice != nil:
		c.why = e.Text
	}
	if e.Kind != smtp.KindEnd {
		return
	}
	if e.Err != nil {
		if c.trouble == nil { // a name that is not found ends two stages
			nameUntrusted(c.account, e.Err)
			step := failed(string(e.Stage), e.Err)
			step.Elapsed, step.Session = e.Elapsed, &e
			step.Waits, c.waits = c.waits, 0
			c.trouble = &step
		}
		return
	}
	step := Step{Name: string(e.Stage), Finding: Good, Text: clean(e.Text), Elapsed: e.Elapsed, Session: &e}
	switch e.Stage {
	case smtp.StageResolve:
		c.twofold = ofBoth(e.Text) && c.account.Proxy == "" && c.account.Bind == ""
	case smtp.StageConnect:
		step.Waits, c.waits = c.waits, 0
		c.report(step)
		if c.twofold {
			c.twofold = false
			c.families()
		}
		return
	case smtp.StageTLS:
		if e.TLS == nil {
			return // STARTTLS was answered; the handshake follows
		}
		c.encrypted = true
		step = c.encryption(step, e)
	case smtp.StageHello:
		if c.account.TLS == config.TLSStart && !c.encrypted {
			return // what counts is what the server offers under encryption
		}
		if e.Capabilities != nil {
			step.Text = clean(e.Capabilities.Greeting + " offers " + strings.Join(e.Capabilities.Extensions, ", "))
		}
	case smtp.StageAuth:
		step.Text = clean(c.chosen(e))
	case smtp.StageQuit:
		return
	}
	step.Waits, c.waits = c.waits, 0
	c.report(step)
}

// encryption judges the certificate of a handshake that went well.
func (c *checking) encryption(step Step, e smtp.Event) Step {
	step.Text = clean(e.TLS.Version + " with " + e.TLS.Cipher + ", certificate with " + describe(e.TLS.Certificate))
	if left := e.TLS.Certificate.NotAfter.Sub(e.Time); left < expirySoon && len(c.account.Pins) == 0 {
		step.Finding = Warning
		step.Hint = fmt.Sprintf("the certificate ends in %d days; its owner has to renew it", int(left.Hours()/24))
	}
	return step
}

// chosen says how the login was done, why so, and why not otherwise.
func (c *checking) chosen(e smtp.Event) string {
	as := " as " + c.account.User
	if c.account.Auth == config.AuthExternal {
		as = " by the client's certificate"
	}
	words := e.Mechanism + as + ": " + c.why
	if e.Choice == nil {
		return words
	}
	for _, p := range e.Choice.Reasons() {
		words += "; not " + p.Mechanism + ": " + p.Why
	}
	return words
}

// ask asks the server for a sign of life, and whether it knows addresses.
func (c *checking) ask(ctx context.Context, session *smtp.Session, addresses []string) error {
	began := time.Now()
	if err := session.Noop(ctx); err != nil {
		step := failed("noop", err)
		step.Elapsed = time.Since(began)
		c.report(step)
		return err
	}
	c.report(Step{Name: "noop", Finding: Good, Text: "the server answers", Elapsed: time.Since(began), Waits: 1})
	for _, address := range addresses {
		began := time.Now()
		reply, err := session.Verify(ctx, address)
		var e *smtp.Error
		if errors.As(err, &e) && e.Reply.Code == 0 {
			step := failed("verify", err)
			step.Elapsed = time.Since(began)
			c.report(step)
			return err
		}
		step := verified(address, reply)
		step.Elapsed, step.Waits = time.Since(began), 1
		c.report(step)
	}
	return nil
}

// verified tells what an answer to VRFY means (RFC 5321 section 3.5.3).
func verified(address string, reply smtp.Reply) Step {
	step := Step{Name: "verify", Finding: Good}
	words := "the server does not tell whether there is "
	switch reply.Code {
	case 250, 251:
		words = "the server knows "
	case 550, 551, 553:
		words = "the server does not know "
		step.Finding, step.Hint = Warning, "check the spelling of the address"
	}
	step.Text = clean(words + address + ": " + reply.String())
	return step
}

// tell reports the error that ended the session.
func (c *checking) tell(err error) {
	step := failed("session", err)
	var e *smtp.Error
	switch {
	case errors.As(err, new(*secret.Error)), errors.As(err, new(*oauth.TemporaryError)):
		// There is no other token than the one that was refused.
		if c.trouble != nil {
			c.trouble.Finding, c.trouble.Hint = Warning, ""
			c.report(*c.trouble)
		}
		step.Name = "password"
	case c.trouble != nil:
		step = *c.trouble
	case errors.As(err, &e): // one that ended before anything was asked
		step.Name = string(e.Stage)
	}
	c.report(step)
}

func failed(name string, err error) Step {
	p := Explain(err)
	hint := p.Hint
	p.Hint = ""
	return Step{Name: name, Finding: Bad, Text: p.String(), Hint: hint}
}

func limits(c smtp.Capabilities) Step {
	step := Step{Name: "limits", Finding: Good, Text: "no limit on the size of a mail was told"}
	if c.Size > 0 {
		step.Text = fmt.Sprintf("a mail may have %.1f MB", float64(c.Size)/1e6)
	}
	if c.MaxRecipients > 0 {
		step.Text += fmt.Sprintf(" and %d recipients at once", c.MaxRecipients)
	}
	return step
}

// extras tells what can be asked of the server for a mail.
func extras(c smtp.Capabilities) Step {
	var can, not []string
	for _, extra := range []struct {
		offered bool
		words   string
	}{
		{c.DSN, "delivery reports"},
		{c.MaxHold > 0, "to hold it up to " + span(c.MaxHold)},
		{c.DeliverBy, "a deadline from " + span(c.MinBy) + " on"},
		{c.Priority, "a priority"},
		{c.RequireTLS, "encryption all the way"},
	} {
		if extra.offered {
			can = append(can, extra.words)
		} else {
			not = append(not, extra.words)
		}
	}
	step := Step{Name: "extras", Finding: Good, Text: "nothing more can be asked for a mail"}
	if len(can) > 0 {
		step.Text = "for a mail can be asked: " + strings.Join(can, ", ")
	}
	if len(can) > 0 && len(not) > 0 {
		step.Text += "; not " + strings.Join(not, ", ")
	}
	return step
}

// span is a duration in the unit that fits it.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return fmt.Sprintf("%d days", d/day)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", d/time.Hour)
	}
	return fmt.Sprintf("%d min", d/time.Minute)
}

// portLimit is how long one port may take to answer.
const portLimit = 5 * time.Second

// tryPorts looks whether the server answers on another port for submission,
// when it did not on its own: networks often block some of them.
func tryPorts(ctx context.Context, opts smtp.Options, err error, report func(Step)) {
	var e *smtp.Error
	var unknown *net.DNSError
	var proxy *ProxyError
	if !errors.As(err, &e) || e.Stage != smtp.StageConnect || ctx.Err() != nil ||
		errors.As(err, &unknown) || errors.As(err, &proxy) {
		return
	}
	step := Step{
		Name: "ports", Finding: Bad, Text: "no other port for sending answers",
		Hint: "the server may be down, or your network may block mail: try another network",
	}
	for _, p := range []struct {
		port int
		tls  string
	}{{465, config.TLSImplicit}, {587, config.TLSStart}} {
		if p.port == opts.Port {
			continue
		}
		if answers(ctx, opts.Dial, net.JoinHostPort(opts.Host, strconv.Itoa(p.port))) {
			step.Finding = Warning
			step.Text = fmt.Sprintf("port %d answers", p.port)
			step.Hint = fmt.Sprintf("try port = %d with tls = %q", p.port, p.tls)
			break
		}
	}
	report(step)
}

func answers(ctx context.Context, dial dialer, address string) bool {
	ctx, cancel := context.WithTimeout(ctx, portLimit)
	defer cancel()
	conn, err := dial(ctx, "tcp", address)
	if err != nil {
		return false
	}
	_ = conn.Close() // it was only to be seen whether it opens
	return true
}
