package kit

import (
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
