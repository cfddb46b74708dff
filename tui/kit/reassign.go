package kit

import (
	"fmt"
	"slices"
	"strings"

	"sendoff/config"
)

// Strangers returns those of some senders that are no sender of an account, each
// once. What is from them may be refused by its server, which knows others.
func Strangers(a config.Account, senders []string) []string {
	var all []string
	for _, sender := range senders {
		known := slices.ContainsFunc(all, func(s string) bool { return strings.EqualFold(s, sender) })
		if _, own := a.Sender(sender); !own && !known && sender != "" {
			all = append(all, sender)
		}
	}
	return all
}

// Stays says of mail from some senders whom it is from once an account sends it.
func Stays(a config.Account, senders []string) string {
	strange := Strangers(a, senders)
	switch len(strange) {
	case 0:
		return "From stays as it is: " + a.Name + " may send for it."
	case 1:
		return fmt.Sprintf("From stays %s, which is no sender of %s: its server may refuse that.", strange[0], a.Name)
	}
	return fmt.Sprintf("From stays as it is: %s and %d more are no senders of %s, and its server may refuse them.", strange[0], len(strange)-1, a.Name)
}
