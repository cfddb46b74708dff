package message

import (
	"errors"
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
	for _, field := range m.Headers {
		h.custom(field)
	}
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

// custom writes a field that the author added.
func (h *header) custom(field Header) {
	bad := func(reason string) { h.fail(&FieldError{Field: "Header", Text: field.Name, Reason: reason}) }
	if field.Name == "" || !isPrintable(field.Name) || strings.Contains(field.Name, ":") || len(field.Name) > foldAt-2 {
		bad("is not the name of a header field")
		return
	}
	name := strings.ToLower(field.Name)
	if strings.HasPrefix(name, "content-") {
		bad("is written by other means")
		return
	}
	switch name {
	case "from", "reply-to", "to", "cc", "bcc", "resent-bcc", "subject", "date", "message-id", "user-agent", "mime-version",
		"received", "return-path":
		bad("is written by other means")
	case "sender", "resent-from", "resent-sender", "resent-to", "resent-cc", "mail-followup-to", "mail-reply-to",
		"disposition-notification-to", "return-receipt-to", "errors-to":
		if h.check(field.Name, field.Value) {
			h.mailboxes(field)
		}
	default:
		h.text(field.Name, field.Value, false)
	}
}

// mailboxes writes a field of addresses that the author added.
func (h *header) mailboxes(field Header) {
	list, err := address.ParseList(field.Value)
	if err == nil && len(list) == 0 {
		err = errors.New("there is no address")
	}
	if err != nil {
		h.fail(inField(field.Name, err))
		return
	}
	for _, m := range list {
		if !isASCII(m.Local) { // NeedsUTF8 does not look here
			h.fail(&FieldError{Field: field.Name, Text: m.Addr(), Reason: "is not ASCII before the @"})
		}
	}
	h.addresses(field.Name, list)
}
