package smtp

import (
	"encoding/base64"
	"slices"
	"strings"
)

// redacted stands where a secret was.
const redacted = "***"

// minSecret is the shortest secret looked for in what a server says. A shorter
// one is none, and would star out half of every reply.
const minSecret = 4

// redactor removes what was said in confidence from what a server says: some
// echo commands, and a hostile one may echo anything.
type redactor struct {
	secrets  []string
	replacer *strings.Replacer
}

// add makes secret, and its base64 form, unspeakable.
func (r *redactor) add(secret []byte) {
	if len(secret) < minSecret || slices.Contains(r.secrets, string(secret)) {
		return
	}
	encoded := base64.StdEncoding.EncodeToString(secret)
	r.secrets = append(r.secrets, string(secret), encoded, strings.TrimRight(encoded, "="))
	// The longest first: a password may be part of what it is sent within.
	slices.SortFunc(r.secrets, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(r.secrets))
	for _, s := range r.secrets {
		pairs = append(pairs, s, redacted)
	}
	r.replacer = strings.NewReplacer(pairs...)
}

// text returns s without secrets.
func (r *redactor) text(s string) string {
	if r.replacer == nil {
		return s
	}
	return r.replacer.Replace(s)
}
