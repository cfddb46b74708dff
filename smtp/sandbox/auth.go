package sandbox

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
)

// What a login can come to, besides success and a broken connection.
var (
	errRefused  = errors.New("credentials refused")
	errCanceled = errors.New("canceled by the client")
	errExchange = errors.New("not what the mechanism asks for")
)

// mechanism is the server's side of a SASL mechanism. Its run returns who
// logged in.
type mechanism struct {
	name        string
	usable      func(*session) bool // nil for always
	serverFirst bool                // an initial response would be a fault
	run         func(*exchange) (string, error)
}

// mechanismTable has the strongest first.
var mechanismTable = []mechanism{
	{name: "PLAIN", run: authPlain},
	{name: "LOGIN", run: authLogin},
}

// mechanisms are the names to offer now.
func (s *session) mechanisms() []string {
	if s.link.state() == nil && !s.opts.ClearAuth {
		return nil
	}
	var names []string
	for _, m := range mechanismTable {
		if s.opts.Mechanisms != nil && !slices.Contains(s.opts.Mechanisms, m.name) {
			continue
		}
		if m.usable == nil || m.usable(s) {
			names = append(names, m.name)
		}
	}
	return names
}

func (s *session) auth(arg string) error {
	switch {
	case s.link.state() == nil && !s.opts.ClearAuth:
		s.violation("AUTH without TLS")
		s.reply(538, "5.7.11", "Encryption required for requested authentication mechanism")
		return nil
	case !s.offers("AUTH"):
		s.reply(503, "5.5.1", "AUTH is not available here")
		return nil
	case s.user != "" || s.mail != nil:
		s.violation("AUTH out of order")
		s.reply(503, "5.5.1", "AUTH out of order")
		return nil
	}
	name, initial, hasInitial := strings.Cut(arg, " ")
	name = strings.ToUpper(name)
	i := slices.IndexFunc(mechanismTable, func(m mechanism) bool { return m.name == name })
	if i < 0 || !slices.Contains(s.mechanisms(), name) {
		s.reply(504, "5.5.4", "Unrecognized authentication mechanism")
		return nil
	}
	e := &exchange{s: s}
	var err error
	if hasInitial {
		e.initial = &initial
	}
	if hasInitial && mechanismTable[i].serverFirst {
		err = errExchange
	} else {
		s.user, err = mechanismTable[i].run(e)
	}
	return s.endAuth(err)
}

func (s *session) endAuth(err error) error {
	switch {
	case err == nil:
		s.reply(235, "2.7.0", "Authentication successful")
	case errors.Is(err, errRefused):
		s.reply(535, "5.7.8", "Error: authentication failed")
	case errors.Is(err, errCanceled):
		s.reply(501, "5.7.0", "Authentication aborted")
	case errors.Is(err, errExchange):
		s.violation("bad step in AUTH")
		s.reply(501, "5.5.2", "Cannot decode what was sent")
	default:
		return err
	}
	return nil
}

// exchange is one AUTH dialogue (RFC 4954 section 4).
type exchange struct {
	s       *session
	initial *string // the initial response, until it was used
}

// ask sends a challenge and returns the response to it. The initial response
// answers the first challenge.
func (e *exchange) ask(challenge string) (string, error) {
	var response string
	if e.initial != nil {
		response, e.initial = *e.initial, nil
		if response == "=" {
			return "", nil
		}
		if response == "" {
			return "", errExchange
		}
	} else {
		e.s.reply(334, "", base64.StdEncoding.EncodeToString([]byte(challenge)))
		var err error
		if response, err = e.s.readLine(); err != nil {
			return "", err
		}
	}
	if response == "*" {
		return "", errCanceled
	}
	decoded, err := base64.StdEncoding.Strict().DecodeString(response)
	if err != nil {
		return "", errExchange
	}
	return string(decoded), nil
}

// verify checks a password.
func (e *exchange) verify(user, password string) (string, error) {
	if user == "" {
		return "", errRefused
	}
	if opts := e.s.opts; opts.User != "" && !(same(user, opts.User) && same(password, opts.Password)) {
		return "", errRefused
	}
	return user, nil
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// authPlain is RFC 4616. Nobody may act for somebody else.
func authPlain(e *exchange) (string, error) {
	message, err := e.ask("")
	if err != nil {
		return "", err
	}
	parts := strings.Split(message, "\x00")
	if len(parts) != 3 {
		return "", errExchange
	}
	if parts[0] != "" && parts[0] != parts[1] {
		return "", errRefused
	}
	return e.verify(parts[1], parts[2])
}

// authLogin is what Microsoft made and everybody followed.
func authLogin(e *exchange) (string, error) {
	user, err := e.ask("Username:")
	if err != nil {
		return "", err
	}
	password, err := e.ask("Password:")
	if err != nil {
		return "", err
	}
	return e.verify(user, password)
}
