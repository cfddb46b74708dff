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

// add makes secret unspeakable, as it is, cleaned, and within anything in base64.
func (r *redactor) add(secret []byte) {
	if len(secret) < minSecret || slices.Contains(r.secrets, string(secret)) {
		return
	}
	r.secrets = append(r.secrets, string(secret), clean(string(secret)))
	for before := range 3 {
		r.secrets = append(r.secrets, base64Core(secret, before))
	}
	// The longest first: a password may be part of what it is sent within.
	slices.SortStableFunc(r.secrets, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(r.secrets))
	for _, s := range r.secrets {
		pairs = append(pairs, s, redacted)
	}
	r.replacer = strings.NewReplacer(pairs...)
}

// base64Core returns the digits that stand for secret in the base64 form of
// whatever has it after a number of octets that is before modulo 3, less those
// that also depend on its neighbors.
func base64Core(secret []byte, before int) string {
	padded := append(make([]byte, before), secret...)
	first, end := (before*8+5)/6, len(padded)*8/6
	return base64.RawStdEncoding.EncodeToString(padded)[first:end]
}

// text returns s clean and without secrets. They are looked for twice: cleaning
// may change one, and may make one of what was none.
func (r *redactor) text(s string) string { return r.replace(clean(r.replace(s))) }

func (r *redactor) replace(s string) string {
	if r.replacer == nil {
		return s
	}
	return r.replacer.Replace(s)
}
