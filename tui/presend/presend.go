// Package presend looks at a mail before it goes, for what its author may have
// overlooked. It does no I/O and knows no screen: what has to be looked up is
// handed in, and what is found comes back in words.
package presend

import (
	"fmt"
	"slices"
	"strings"

	"sendoff/smtp/address"
	"sendoff/smtp/message"
	"sendoff/smtp/message/template"
)

// Mail is what is looked at. What is not known stays zero.
type Mail struct {
	Draft message.Draft
	Size  int64 // octets, as it is sent
	Limit int64 // what the server takes

	// Own and Known are the domains that mail is usually for.
	Own []string

	// FirstTime are the recipients who never got a mail from here.
	FirstTime []string

	// Dead are the domains that take no mail, and why.
	Dead map[string]string

	// Changed are the names of the files that are not as they were when they
	// were attached.
	Changed []string

	// Blind are the names of the attached mails that go without the Bcc they have.
	Blind []string

	// Comments is how many comments in its markdown nobody will see.
	Comments int
}

// Finding is something worth a second look.
type Finding struct {
	Kind Kind
	Text string // a sentence, without its full stop

	// Who are, of Keys, the recipients who lack one; none if something else is
	// lacking as well.
	Who []string
}

// Kind names what a finding is about.
type Kind string

// The kinds.
const (
	Attachment Kind = "attachment" // spoken of, and not there
	Changed    Kind = "changed"    // a file, since it was attached
	Subject    Kind = "subject"    // there is none
	Recipients Kind = "recipients" // many see each other
	LookAlike  Kind = "look-alike" // a domain is nearly a well-known one
	Unknown    Kind = "first-time"
	Size       Kind = "size"
	Dead       Kind = "unreachable"
	Template   Kind = "template"
	Checker    Kind = "check" // the person's own command objects
	Keys       Kind = "keys"  // it can't be signed or encrypted
	Comment    Kind = "comment"
	Blind      Kind = "bcc" // of a mail that is attached
)

const (
	manyRecipients = 15       // from which Bcc is the usual way
	usualLimit     = 25 << 20 // octets, what most servers take
)

// Check returns what is worth saying of a mail, the worst first.
func Check(m Mail) []Finding {
	var all []Finding
	say := func(kind Kind, format string, args ...any) {
		all = append(all, Finding{Kind: kind, Text: fmt.Sprintf(format, args...)})
	}
	d := m.Draft
	if open := template.Open(d.Subject + "\n" + ownWords(d.Body) + "\n" + fields(d.Headers)); len(open) > 0 {
		say(Template, "the template is not filled in: {{%s}}", strings.Join(open, "}}, {{"))
	}
	to := boxes(d.To, d.Cc, d.Bcc)
	for _, box := range to {
		domain := strings.ToLower(box.Domain)
		why, like := firstOf(m.Dead[domain], deadByName(domain)), lookAlike(domain, m.Own)
		switch {
		case why != "" && like != "":
			say(Dead, "%s can't be reached: %s; did you mean %s?", box.Addr(), why, like)
		case why != "":
			say(Dead, "%s can't be reached: %s", box.Addr(), why)
		case like != "":
			say(LookAlike, "%s: did you mean %s?", box.Addr(), like)
		case mixesScripts(domain):
			say(LookAlike, "%s mixes letters of several scripts that look alike", box.Addr())
		}
	}
	if word := mentions(d.Subject + "\n" + ownWords(d.Body)); word != "" && len(d.Attachments) == 0 && !strings.Contains(d.Body, "![") {
		say(Attachment, "it speaks of an attachment (\"%s\"), and nothing is attached", word)
	}
	for _, name := range m.Changed {
		say(Changed, "\"%s\" is not as it was when you attached it", name)
	}
	for _, name := range m.Blind {
		say(Blind, "\"%s\" goes without its Bcc, so that nobody learns who got that mail unseen", name)
	}
	if m.Comments > 0 {
		say(Comment, "what stands between <!-- and --> is left out of it")
	}
	if strings.TrimSpace(d.Subject) == "" {
		say(Subject, "it has no subject")
	}
	switch {
	case m.Limit > 0 && m.Size > m.Limit:
		say(Size, "it has %s, and the server takes %s", megabytes(m.Size), megabytes(m.Limit))
	case m.Limit == 0 && m.Size > usualLimit:
		say(Size, "it has %s, and many servers take no more than %s", megabytes(m.Size), megabytes(usualLimit))
	}
	if n := len(boxes(d.To, d.Cc)); n >= manyRecipients {
		say(Recipients, "%d people will see each other's addresses; Bcc hides them", n)
	}
	if n := len(m.FirstTime); n > 0 && n <= 3 {
		say(Unknown, "this is your first mail to %s", strings.Join(m.FirstTime, ", "))
	} else if n > 3 {
		say(Unknown, "this is your first mail to %d of them", n)
	}
	return all
}

func fields(headers []message.Header) string {
	var lines []string
	for _, h := range headers {
		lines = append(lines, h.Value)
	}
	return strings.Join(lines, "\n")
}

func boxes(fields ...string) []address.Mailbox {
	var all []address.Mailbox
	for _, f := range fields {
		if list, err := address.ParseList(f); err == nil {
			all = append(all, list...)
		}
	}
	return all
}

func firstOf(words ...string) string {
	if i := slices.IndexFunc(words, func(s string) bool { return s != "" }); i >= 0 {
		return words[i]
	}
	return ""
}

func megabytes(n int64) string {
	return strings.Replace(fmt.Sprintf("%.1f MB", float64(n)/1e6), ".0 ", " ", 1)
}

// ownWords are the lines of a text that its author wrote: neither quotes, nor
// what is passed on, nor the signature.
func ownWords(body string) string {
	var own []string
	for line := range strings.SplitSeq(body, "\n") {
		if line == "-- " || strings.HasPrefix(line, "---------- ") {
			break
		}
		if !strings.HasPrefix(line, ">") {
			own = append(own, line)
		}
	}
	return strings.Join(own, "\n")
}
