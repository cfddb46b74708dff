package submit

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"time"

	"sendoff/config"
)

// Report is what there is to show to whoever is asked for help: the steps of a
// Check and what they were taken with. It holds no secret.
type Report struct {
	Program string // its name and version
	System  string // what it runs on
	At      time.Time
	Account config.Account
	Steps   []Step
	Err     error // of the Check
}

// Text returns the report. masked leaves the domains of addresses and hides who
// is there. Whatever is in secrets is not in it, plain or as a login sends it,
// even if a server said it.
func (r Report) Text(masked bool, secrets ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s on %s, %s\n", r.Program, r.System, r.At.UTC().Format("2006-01-02 15:04 UTC"))
	fmt.Fprintf(&b, "account: %s\n\n", settings(r.Account)+kept(r.Account))
	for _, s := range r.Steps {
		fmt.Fprintf(&b, "%-7s  %-8s  %s%s\n", s.Finding, s.Name, clean(s.Text), s.cost())
		if s.Hint != "" {
			fmt.Fprintf(&b, "%-7s  %-8s  %s\n", "", "to do:", clean(s.Hint))
		}
	}
	switch {
	case r.Err != nil && len(r.Steps) == 0:
		fmt.Fprintf(&b, "%s\n", clean(Explain(r.Err).String()))
	case r.Err == nil:
		b.WriteString("\nnothing is wrong\n")
	}
	said := b.String()
	for _, secret := range secrets {
		for _, form := range forms(r.Account.User, secret) {
			said = strings.ReplaceAll(said, form, "***")
		}
	}
	if masked {
		said = mask(said, r.Account.User)
	}
	return said
}

// kept says where the passwords of an account are, and what else matters of it.
func kept(a config.Account) string {
	said := ""
	if a.Secret != "" {
		said += ", password in " + a.Secret
	}
	if a.OAuth != "" {
		said += ", tokens of " + a.OAuth
	}
	if a.ProxySecret != "" {
		said += ", password of the proxy in " + a.ProxySecret
	}
	if len(a.Pins) > 0 {
		said += ", a key of its own is trusted"
	}
	if a.CAFile != "" {
		said += ", a ca-file"
	}
	return said
}

// cost says how long a step took, and how often it waited for the server.
func (s Step) cost() string {
	if s.Elapsed < time.Millisecond {
		return ""
	}
	took := s.Elapsed.Round(time.Millisecond).String()
	if s.Waits > 1 {
		return fmt.Sprintf("  (%s, %d waits)", took, s.Waits)
	}
	return "  (" + took + ")"
}

// forms are the ways in which a secret can come back from a server.
func forms(user, secret string) []string {
	if secret == "" {
		return nil
	}
	coded := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	return []string{secret, coded(secret), coded("\x00" + user + "\x00" + secret), coded(user + "\x00" + user + "\x00" + secret)}
}

var addressLike = regexp.MustCompile(`[^\s<>,:;"'()\[\]]+@([^\s<>,:;"'()\[\]]+)`)

// mask hides what is before the @ of addresses, and the name of a user.
func mask(text, user string) string {
	text = addressLike.ReplaceAllString(text, "***@$1")
	if user == "" || strings.Contains(user, "@") {
		return text
	}
	return regexp.MustCompile(`(^|[^\pL\pN])`+regexp.QuoteMeta(user)+`($|[^\pL\pN])`).ReplaceAllString(text, "$1***$2")
}
