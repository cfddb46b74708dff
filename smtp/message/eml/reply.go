package eml

import (
	"regexp"
	"slices"
	"strings"

	"sendoff/smtp/address"
	"sendoff/smtp/message"
)

// Own tells whether an address is the person's.
type Own func(address string) bool

// Reply begins an answer: to the author, or with all to the others as well. It
// is from the address of the person that got the mail.
func (m *Mail) Reply(own Own, all bool) message.Draft {
	to := m.From
	if len(m.ReplyTo) > 0 {
		to = m.ReplyTo
	}
	mine := len(m.From) > 0 && isOwn(own, m.From[0])
	if mine { // what one adds to one's own words is for the same people
		to = m.To
	}
	var cc []address.Mailbox
	switch {
	case all && len(m.FollowupTo) > 0:
		to = m.FollowupTo
	case all && mine:
		cc = m.Cc
	case all:
		cc = slices.Concat(m.To, m.Cc)
	}
	seen := map[string]bool{}
	d := message.Draft{
		To:      typed(others(to, own, seen)),
		Cc:      typed(others(cc, own, seen)),
		Subject: answered(m.Subject, "Re: "),
		Headers: m.threading(),
		Body:    m.attribution() + "\n" + Quote(withoutSignature(m.Text)) + "\n\n",
		Format:  message.Plain,
	}
	if d.To == "" { // a mail to oneself
		d.To = typed(to)
	}
	d.From = typed(m.receiver(own))
	d.Focus, d.Line = "body", strings.Count(d.Body, "\n")
	return d
}

// Forward begins a mail that passes this one on in its text, with the files
// that were kept.
func (m *Mail) Forward(own Own) message.Draft {
	var b strings.Builder
	b.WriteString("\n\n---------- Forwarded message ----------\n")
	date := ""
	if !m.Date.IsZero() {
		date = m.Date.Format(dateForm)
	}
	for _, line := range [][2]string{
		{"From", typed(m.From)}, {"Date", date}, {"Subject", m.Subject}, {"To", typed(m.To)}, {"Cc", typed(m.Cc)},
	} {
		if line[1] != "" {
			b.WriteString(line[0] + ": " + line[1] + "\n")
		}
	}
	b.WriteString("\n" + m.Text + "\n")
	return message.Draft{
		From: typed(m.receiver(own)), Subject: answered(m.Subject, "Fwd: "), Body: b.String(),
		Attachments: m.paths(), Format: message.Plain, Focus: "to", Headers: m.reference(),
	}
}

// Enclose begins a mail that passes the one at path on as an attachment.
func (m *Mail) Enclose(own Own, path string) message.Draft {
	return message.Draft{
		From: typed(m.receiver(own)), Subject: answered(m.Subject, "Fwd: "), Attachments: []string{path}, Focus: "to",
		Headers: m.reference(),
	}
}

// Draft begins a mail with all that this one says. The sender is taken over
// only if that is the person.
func (m *Mail) Draft(own Own) message.Draft {
	d := message.Draft{
		To: typed(m.To), Cc: typed(m.Cc), Bcc: typed(m.Bcc), ReplyTo: typed(m.ReplyTo),
		Subject: m.Subject, Body: m.Text, Attachments: m.paths(), Format: message.Plain,
	}
	if d.Body != "" {
		d.Body += "\n"
	}
	if len(m.From) > 0 && isOwn(own, m.From[0]) {
		d.From = typed(m.From[:1])
	}
	for _, field := range []struct {
		name string
		ids  []string
	}{{"In-Reply-To", m.InReplyTo}, {"References", m.References}} {
		if len(field.ids) > 0 {
			d.Headers = append(d.Headers, message.Header{Name: field.name, Value: strings.Join(field.ids, " ")})
		}
	}
	return d
}

// threading makes the fields that tell what an answer belongs to (RFC 5322
// section 3.6.4).
func (m *Mail) threading() []message.Header {
	if m.ID == "" {
		return nil
	}
	return append([]message.Header{{Name: "In-Reply-To", Value: m.ID}}, m.reference()...)
}

// reference is the part of threading that holds for what is no answer, too.
func (m *Mail) reference() []message.Header {
	if m.ID == "" {
		return nil
	}
	refs := slices.Clone(m.References)
	if len(refs) == 0 && len(m.InReplyTo) == 1 {
		refs = slices.Clone(m.InReplyTo)
	}
	refs = slices.DeleteFunc(refs, func(id string) bool { return id == m.ID })
	return []message.Header{{Name: "References", Value: strings.Join(append(refs, m.ID), " ")}}
}

// receiver is the address of the person that got, or wrote, the mail.
func (m *Mail) receiver(own Own) []address.Mailbox {
	for _, box := range slices.Concat(m.From, m.To, m.Cc) {
		if isOwn(own, box) {
			return []address.Mailbox{{Local: box.Local, Domain: box.Domain}}
		}
	}
	return nil
}

func isOwn(own Own, box address.Mailbox) bool { return own != nil && own(box.Addr()) }

// others leaves out the person, and whom seen knows.
func others(list []address.Mailbox, own Own, seen map[string]bool) []address.Mailbox {
	var kept []address.Mailbox
	for _, box := range list {
		key := strings.ToLower(box.Addr())
		if !seen[key] && !isOwn(own, box) {
			seen[key] = true
			kept = append(kept, box)
		}
	}
	return kept
}

// typed writes addresses as a person types them.
func typed(list []address.Mailbox) string {
	var all []string
	for _, box := range list {
		all = append(all, box.String())
	}
	return strings.Join(all, ", ")
}

func (m *Mail) paths() []string {
	var paths []string
	for _, f := range m.Files {
		if f.Path != "" {
			paths = append(paths, f.Path)
		}
	}
	return paths
}

// marks are the words that programs put before the subject of an answer or of
// what they pass on.
var (
	replyMark   = regexp.MustCompile(`(?i)^\s*(re|aw|antw|sv|vs|ref|rif|odp|ynt|回复|答复)(\[\d+\]|\(\d+\))?\s*[:：]\s*`)
	forwardMark = regexp.MustCompile(`(?i)^\s*(fwd|fw|wg|tr|rv|vb|转发)\s*[:：]\s*`)
)

// answered puts a mark before a subject, in the place of those of its kind.
func answered(subject, mark string) string {
	pattern := replyMark
	if mark == "Fwd: " {
		pattern = forwardMark
	}
	for {
		rest := pattern.ReplaceAllString(subject, "")
		if rest == subject {
			return strings.TrimSpace(mark + rest)
		}
		subject = rest
	}
}

const dateForm = "Mon, 2 Jan 2006 at 15:04 -0700"

// attribution says who wrote what is quoted, and when.
func (m *Mail) attribution() string {
	who := "somebody"
	if len(m.From) > 0 {
		if who = m.From[0].Name; who == "" {
			who = m.From[0].Addr()
		}
	}
	if m.Date.IsZero() {
		return who + " wrote:"
	}
	return "On " + m.Date.Format(dateForm) + ", " + who + " wrote:"
}

// Quote marks each line of a text as somebody else's.
func Quote(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight("> "+line, " ")
		if line == "-- " {
			lines[i] = "> -- "
		}
	}
	return strings.Join(lines, "\n")
}

// withoutSignature cuts a text where its signature begins.
func withoutSignature(text string) string {
	if i := strings.LastIndex("\n"+text, "\n-- \n"); i >= 0 {
		text = text[:max(0, i-1)]
	}
	return strings.TrimRight(text, " \t\n")
}
