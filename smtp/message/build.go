package message

import (
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"sendoff/smtp/address"
)

// Build writes m with CRLF line ends and no line over 998 octets, 7-bit clean
// but for addresses that need SMTPUTF8 (see NeedsUTF8). Nothing in it is
// random: the same message is written the same way. It takes memory for the
// text, and none to speak of for attachments.
//
// A field that can't be written is a *FieldError, found before the first octet
// leaves. Trouble with an attachment names it; an error of w comes as it is.
func Build(w io.Writer, m *Message) error {
	if !utf8.ValidString(m.Text) || !utf8.ValidString(m.HTML) {
		return &FieldError{Field: "Body", Reason: "the text is not valid UTF-8"}
	}
	h := &header{}
	m.writeFields(h)
	h.structured("MIME-Version", "1.0")
	body := m.tree(false)
	return body.writeBelow(h, w, new(blocks))
}

// writeFields writes all of the message's header but what describes its body.
func (m *Message) writeFields(h *header) {
	if !m.Date.IsZero() {
		h.buf.WriteString(DateField(m.Date))
	}
	h.addresses("From", []address.Mailbox{m.From})
	if len(m.ReplyTo) > 0 {
		h.addresses("Reply-To", m.ReplyTo)
	}
	switch {
	case len(m.To) > 0:
		h.addresses("To", m.To)
	case len(m.Cc) == 0:
		h.structured("To", "undisclosed-recipients:;")
	}
	if len(m.Cc) > 0 {
		h.addresses("Cc", m.Cc)
	}
	if m.Subject != "" {
		h.text("Subject", m.Subject, true)
	}
	if !isID(m.ID) {
		h.fail(&FieldError{Field: "Message-ID", Text: m.ID, Reason: "is not a message id"})
	}
	h.structured("Message-ID", "<"+m.ID+">")
	h.customs(m.Headers)
	if m.UserAgent != "" {
		h.text("User-Agent", m.UserAgent, false)
	}
}

// DateField returns a Date field (RFC 5322 section 3.6.1) with its line end. All
// are of one length.
func DateField(t time.Time) string {
	return t.Format("Date: Mon, 02 Jan 2006 15:04:05 -0700\r\n")
}

// BccField returns a Bcc field with its line end, for the author's own copy of a
// mail: Build never writes one.
func BccField(list []address.Mailbox) (string, error) {
	h := &header{}
	h.addresses("Bcc", list)
	return h.buf.String(), h.err
}

// isID tells that s can stand between the brackets of a Message-ID (RFC 5322
// section 3.6.4).
func isID(s string) bool {
	left, right, ok := strings.Cut(s, "@")
	return ok && left != "" && right != "" && isPrintable(s) && len(s) <= 250 && !strings.ContainsAny(s, "<>") && !strings.Contains(right, "@")
}
