// Package sasl holds the client side of the authentication mechanisms that
// submission servers offer (RFC 4422, RFC 4954).
package sasl

import (
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

// errChallenge answers a challenge after the last one a mechanism knows.
var errChallenge = errors.New("the server asks more than the mechanism allows")

// errIncomplete tells of success that came too early.
var errIncomplete = errors.New("the server reported success before the exchange was complete")

// mechanisms are all that are known, the strongest first.
var mechanisms = []struct {
	name string
	new  func(Login) Mechanism
}{
	{"PLAIN", func(l Login) Mechanism { return &plain{login: l} }},
	{"LOGIN", func(l Login) Mechanism { return &byStep{login: l} }},
}

// Choose returns the mechanisms to try for login, in order, of those offered:
// the one it names, or all that fit, the strongest first.
func Choose(login Login, offered []string) ([]Mechanism, error) {
	if strings.ContainsRune(login.User+login.Password, 0) {
		return nil, errors.New("the user name or the password contains a NUL")
	}
	wanted := strings.ToUpper(login.Mechanism)
	auto := wanted == "" || wanted == "AUTO"
	var chosen []Mechanism
	known := auto
	for _, m := range mechanisms {
		if !auto && m.name != wanted {
			continue
		}
		known = true
		if slices.ContainsFunc(offered, func(name string) bool { return strings.EqualFold(name, m.name) }) {
			chosen = append(chosen, m.new(login))
		}
	}
	switch {
	case !known:
		return nil, fmt.Errorf("authentication mechanism %q is not known", login.Mechanism)
	case len(chosen) == 0 && auto:
		return nil, fmt.Errorf("%w; the server offers %s", ErrNoMechanism, list(offered))
	case len(chosen) == 0:
		return nil, fmt.Errorf("%w: %s is wanted, the server offers %s", ErrNoMechanism, wanted, list(offered))
	}
	return chosen, nil
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
