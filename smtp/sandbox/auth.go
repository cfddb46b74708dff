package sandbox

import (
	"crypto/sha1"
	"crypto/sha256"
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
	errAnswered = errors.New("answered by a fault")
)

// mechanism is the server's side of a SASL mechanism. Its run returns who
// logged in.
type mechanism struct {
	name        string
	usable      func(*session) bool
	serverFirst bool // an initial response would be a fault
	run         func(*exchange) (string, error)
}

// mechanismTable has the strongest first.
var mechanismTable = []mechanism{
	{"SCRAM-SHA-256-PLUS", canBind, false, authSCRAM(sha256.New, true)},
	{"SCRAM-SHA-256", hasPassword, false, authSCRAM(sha256.New, false)},
	{"SCRAM-SHA-1-PLUS", canBind, false, authSCRAM(sha1.New, true)},
	{"SCRAM-SHA-1", hasPassword, false, authSCRAM(sha1.New, false)},
	{"EXTERNAL", hasCertificate, false, authExternal},
	{"OAUTHBEARER", hasToken, false, authBearer},
	{"XOAUTH2", hasToken, false, authXOAuth2},
	{"CRAM-MD5", hasPassword, true, authCRAM},
	{"DIGEST-MD5", hasPassword, true, authDigest},
	{"PLAIN", always, false, authPlain},
	{"LOGIN", always, false, authLogin},
}

// Mechanisms are the names of the SASL mechanisms that can be offered.
func Mechanisms() []string {
	var names []string
	for _, m := range mechanismTable {
		names = append(names, m.name)
	}
	return names
}

func always(*session) bool { return true }

func hasPassword(s *session) bool { return s.opts.User != "" && s.opts.Password != "" }

func hasToken(s *session) bool { return s.opts.Token != "" }

func hasCertificate(s *session) bool {
	state := s.link.state()
	return state != nil && len(state.VerifiedChains) > 0
}

func canBind(s *session) bool {
	_, err := s.binding()
	return err == nil && hasPassword(s)
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
		if m.usable(s) {
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
	if i < 0 || !slices.Contains(s.logins, name) {
		s.reply(504, "5.5.4", "Unrecognized authentication mechanism")
		return nil
	}
	e := &exchange{s: s, mechanism: name}
	if hasInitial {
		e.initial = &initial
	}
	if hasInitial && mechanismTable[i].serverFirst {
		return s.endAuth("", errExchange)
	}
	return s.endAuth(mechanismTable[i].run(e))
}

func (s *session) endAuth(user string, err error) error {
	if err == nil || errors.Is(err, errRefused) {
		if done, err := s.fault(AtAuth); done || err != nil {
			return err
		}
	}
	switch {
	case err == nil:
		s.user = user
		s.reply(235, "2.7.0", "Authentication successful")
	case errors.Is(err, errRefused):
		s.reply(535, "5.7.8", "Error: authentication failed")
	case errors.Is(err, errCanceled):
		s.reply(501, "5.7.0", "Authentication aborted")
	case errors.Is(err, errExchange):
		s.violation("bad step in AUTH")
		s.reply(501, "5.5.2", "Cannot decode what was sent")
	case errors.Is(err, errAnswered):
	default:
		return err
	}
	return nil
}

// exchange is one AUTH dialogue (RFC 4954 section 4).
type exchange struct {
	s         *session
	mechanism string
	initial   *string // the initial response, until it was used
	asked     int     // challenges
}

// ask sends a challenge and returns the response to it. The initial response
// answers the first challenge.
func (e *exchange) ask(challenge string) (string, error) {
	response, err := e.respond(challenge)
	switch {
	case err != nil:
		return "", err
	case response == "*":
		return "", errCanceled
	}
	decoded, err := base64.StdEncoding.Strict().DecodeString(response)
	if err != nil {
		return "", errExchange
	}
	return string(decoded), nil
}

// respond returns a response in base64.
func (e *exchange) respond(challenge string) (string, error) {
	if e.initial != nil {
		response := *e.initial
		e.initial = nil
		switch response {
		case "=":
			return "", nil
		case "":
			return "", errExchange
		}
		return response, nil
	}
	if e.s.link.r.Buffered() > 0 {
		e.s.violation("answers a challenge before it was sent")
	}
	e.asked++
	if change := e.s.opts.Challenge; change != nil {
		challenge = change(e.mechanism, e.asked, challenge)
	}
	done, err := e.s.fault(AtAuth)
	if err != nil {
		return "", err
	}
	if done {
		return "", errAnswered
	}
	e.s.reply(334, "", base64.StdEncoding.EncodeToString([]byte(challenge)))
	return e.s.readLine()
}

// verify checks a password.
func (e *exchange) verify(user, password string) (string, error) {
	if user == "" || password == "" {
		return "", errRefused
	}
	if opts := e.s.opts; opts.User != "" && !(same(user, opts.User) && same(password, opts.Password)) {
		return "", errRefused
	}
	return user, nil
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
