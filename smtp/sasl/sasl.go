// Package sasl holds the client side of the authentication mechanisms that
// submission servers offer (RFC 4422, RFC 4954).
package sasl

import (
	"fmt"
	"io"
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
