// Package sasl holds the client side of the authentication mechanisms that
// submission servers offer (RFC 4422, RFC 4954).
package sasl

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Login is who to log in as, and with what. It prints without its secrets.
type Login struct {
	// Mechanism is the one to use, or "auto" or empty for the best offered.
	Mechanism string
	User      string
	Password  string
	Host      string // the server's name, for mechanisms that say whom they mean

	// Token is an OAuth access token. With one, and no Password, only the
	// mechanisms that take a token are tried. Neither is needed for EXTERNAL,
	// which is used only if Mechanism names it.
	Token string
}

// Format prints the user and stars, whatever the verb.
func (l Login) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "login of "+l.User+" ***")
}

// Mechanism is the client's side of one authentication exchange.
type Mechanism interface {
	// Name returns the mechanism's registered name.
	Name() string

	// Start returns the initial response, or nil if the server speaks first.
	Start() ([]byte, error)

	// Next answers a challenge.
	Next(challenge []byte) ([]byte, error)

	// Finish is asked when the server reports success, and returns an error if
	// that can't be: the exchange is incomplete, or the server has not proved
	// that it knows the password where the mechanism demands it.
	Finish() error
}

// ErrNoMechanism tells that the server offers nothing that can be used.
var ErrNoMechanism = errors.New("no common authentication mechanism")

// ErrNoSecret tells that a login lacks what its mechanism has to show or prove.
var ErrNoSecret = errors.New("there is nothing to log in with")

// errChallenge answers a challenge after the last one a mechanism knows.
var errChallenge = errors.New("the server asks more than the mechanism allows")

// errUnproven tells of a server that may not be what it says.
var errUnproven = errors.New("the server reported success without proving that it knows the password")

// errIncomplete tells of success that came too early.
var errIncomplete = errors.New("the server reported success before the exchange was complete")

// mechanism is one that is known.
type mechanism struct {
	name string
	with credential

	// reveals tells that who can read the link learns the secret.
	reveals bool

	// bound tells that the exchange is bound to the TLS connection.
	bound bool

	// named tells that it is used only where the login names it.
	named bool

	new func(Login, link) Mechanism
}

// credential is what a mechanism shows, or proves, to the server.
type credential string

const (
	password    credential = "password"
	token       credential = "token"
	certificate credential = "certificate"
)

// mechanisms are all that are known, the best first. CRAM-MD5 is behind those
// that show the password, since it has the server keep it in the clear; over a
// link that anybody can read it comes before them.
var mechanisms = []mechanism{
	{name: "SCRAM-SHA-256-PLUS", with: password, bound: true, new: newScram},
	{name: "SCRAM-SHA-1-PLUS", with: password, bound: true, new: newScram},
	{name: "SCRAM-SHA-256", with: password, new: newScram},
	{name: "SCRAM-SHA-1", with: password, new: newScram},
	{name: "PLAIN", with: password, reveals: true, new: func(l Login, _ link) Mechanism { return &plain{login: l} }},
	{name: "LOGIN", with: password, reveals: true, new: func(l Login, _ link) Mechanism { return &byStep{login: l} }},
	{name: "CRAM-MD5", with: password, new: func(l Login, _ link) Mechanism { return &cramMD5{login: l} }},
	{name: "DIGEST-MD5", with: password, named: true, new: newDigest},
	{name: "OAUTHBEARER", with: token, reveals: true, new: func(l Login, _ link) Mechanism { return &oauthBearer{login: l} }},
	{name: "XOAUTH2", with: token, reveals: true, new: func(l Login, _ link) Mechanism { return &xoauth2{login: l} }},
	{name: "EXTERNAL", with: certificate, named: true, new: func(Login, link) Mechanism { return &external{} }},
}

// link is what a mechanism may know of the connection.
type link struct {
	tls     *tls.ConnectionState // nil in clear text
	name    string               // of the mechanism
	offered []string
}

// offers tells whether the server offers a mechanism.
func (l link) offers(name string) bool {
	return slices.ContainsFunc(l.offered, func(o string) bool { return strings.EqualFold(o, name) })
}

// Choice tells what came of the mechanisms that a server offers, for a person
// who wonders. It holds no secret.
type Choice struct {
	Offered []string
	Tried   []string // those to be tried, in order
	Passed  []Passed // the others, and why they are not
}

// Passed is a mechanism that was passed over.
type Passed struct{ Mechanism, Why string }

// Reasons returns Passed with those that have a reason in common as one, their
// names with commas between.
func (c *Choice) Reasons() []Passed {
	var reasons []Passed
	for _, p := range c.Passed {
		i := slices.IndexFunc(reasons, func(r Passed) bool { return r.Why == p.Why })
		if i < 0 {
			reasons = append(reasons, p)
		} else {
			reasons[i].Mechanism += ", " + p.Mechanism
		}
	}
	return reasons
}

// Choose returns the mechanisms to try for login, in order, of those offered:
// the one it names, or all that fit its secret, the best first. state is
// that of the TLS connection, nil in clear text. Over clear text, auto shows a
// secret only if nothing else is offered. The Choice is there in any case.
func Choose(login Login, offered []string, state *tls.ConnectionState) ([]Mechanism, Choice, error) {
	choice := Choice{Offered: offered}
	if strings.ContainsRune(login.User+login.Password+login.Token, 0) {
		return nil, choice, errors.New("the user name or the password contains a NUL")
	}
	wanted := strings.ToUpper(login.Mechanism)
	if wanted == "AUTO" {
		wanted = ""
	}
	with := login.credential()
	if wanted != "" {
		i := slices.IndexFunc(mechanisms, func(m mechanism) bool { return m.name == wanted })
		if i < 0 {
			return nil, choice, fmt.Errorf("authentication mechanism %q is not known", login.Mechanism)
		}
		with = mechanisms[i].with
	}
	// One that is empty got lost on its way here; it does not mean another way
	// to log in.
	if with == password && login.Password == "" || with == token && login.Token == "" {
		return nil, choice, fmt.Errorf("%w: the %s is empty", ErrNoSecret, with)
	}
	var chosen []Mechanism
	for _, m := range choice.sift(wanted, with, link{tls: state, offered: offered}) {
		choice.Tried = append(choice.Tried, m.name)
		chosen = append(chosen, m.new(login, link{state, m.name, offered}))
	}
	switch {
	case len(chosen) > 0:
		return chosen, choice, nil
	case wanted == "":
		return nil, choice, fmt.Errorf("%w; the server offers %s", ErrNoMechanism, list(offered))
	}
	return nil, choice, fmt.Errorf("%w: %s is wanted, the server offers %s", ErrNoMechanism, wanted, list(offered))
}

// sift returns the mechanisms to try, the best first, and notes why not those
// that are passed over. wanted is the one named, if one is.
func (c *Choice) sift(wanted string, with credential, l link) []mechanism {
	why := map[string]string{}
	var chosen, revealing []mechanism
	for _, m := range mechanisms {
		switch {
		case !l.offers(m.name):
		case wanted != "" && m.name != wanted:
			why[m.name] = "the account names " + wanted
		case wanted != "":
			chosen = append(chosen, m)
		case m.named:
			why[m.name] = "used only where the account names it"
		case m.with != with:
			why[m.name] = fmt.Sprintf("takes a %s, and there is a %s", m.with, with)
		case m.bound && !l.bindable():
			why[m.name] = "the connection can't be bound to"
		case m.reveals && l.tls == nil:
			revealing = append(revealing, m)
		default:
			chosen = append(chosen, m)
		}
	}
	if len(chosen) == 0 {
		chosen, revealing = revealing, nil
	}
	for _, m := range revealing {
		why[m.name] = "shows the " + string(m.with) + " to whoever can read the link"
	}
	for _, name := range c.Offered {
		known := strings.ToUpper(name)
		if slices.ContainsFunc(chosen, func(m mechanism) bool { return m.name == known }) {
			continue
		}
		reason, ok := why[known]
		if !ok {
			reason = "not known to this program"
		}
		c.Passed = append(c.Passed, Passed{name, reason})
	}
	return chosen
}

// credential is what the login has to show, unless its mechanism says so.
func (l Login) credential() credential {
	if l.Password == "" && l.Token != "" {
		return token
	}
	return password
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
