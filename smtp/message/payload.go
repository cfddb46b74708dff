package message

import (
	"io"
	"slices"
	"strings"
	"time"
)

// HiddenSubject is what an encrypted mail shows to those who can't read it (RFC
// 9788 section 3.2.1).
const HiddenSubject = "[...]"

// Payload writes what is signed or encrypted of a mail: its body, in lines that
// no relay changes (RFC 3156 section 5), below its fields once more, so that
// those are protected too (RFC 9788). secret tells that it is to be encrypted.
// The date is not among the fields: a mail is dated when it is released.
//
// It writes the same octets each time, as long as the attachments stay as they
// are. Its errors are those of Build.
func Payload(w io.Writer, m *Message, secret bool) error {
	all := fieldsOf(m)
	h := &header{err: all.err}
	for _, field := range all.fields() {
		if isASCII(field) { // what follows has to be
			h.buf.WriteString(field)
		}
	}
	protection := "clear"
	if secret {
		protection = "cipher"
		outer := fieldsOf(m.outside())
		h.fail(outer.err)
		for _, field := range outer.fields() {
			if isASCII(field) {
				h.buf.WriteString("HP-Outer:" + aside(field))
			}
		}
	}
	body := m.tree(true)
	// Programs that are older than the RFC know the other mark.
	body.params = append(body.params, param{"hp", protection}, param{"protected-headers", "v1"})
	return body.writeBelow(h, w, new(blocks))
}

// Outer writes the header of a mail around its Payload, but for what describes
// the body and the empty line behind it. Of a secret mail it does not tell what
// that is about.
func Outer(w io.Writer, m *Message, secret bool) error {
	if secret {
		m = m.outside()
	}
	h := &header{}
	m.writeFields(h)
	h.structured("MIME-Version", "1.0")
	return h.writeTo(w)
}

// Boundary returns a boundary (RFC 2046 section 5.1.1) that occurs in no Payload
// of the message.
func (m *Message) Boundary() string { return m.multipart("sealed", nil).boundary }

// outside is the message as everybody sees it whose content is secret.
func (m *Message) outside() *Message {
	out := *m
	if out.Subject != "" {
		out.Subject = HiddenSubject
	}
	out.Headers = slices.DeleteFunc(slices.Clone(m.Headers), func(h Header) bool {
		return strings.EqualFold(h.Name, "Comments") || strings.EqualFold(h.Name, "Keywords")
	})
	return &out
}

func fieldsOf(m *Message) *header {
	undated := *m
	undated.Date = time.Time{}
	h := &header{}
	undated.writeFields(h)
	return h
}

// fields are those that were collected, each with its line ends.
func (h *header) fields() (all []string) {
	for line := range strings.Lines(h.buf.String()) {
		if n := len(all); n > 0 && (line[0] == ' ' || line[0] == '\t') {
			all[n-1] += line
		} else {
			all = append(all, line)
		}
	}
	return all
}

// aside is a field as the value of another.
func aside(field string) string {
	first, _, _ := strings.Cut(field, "\r\n")
	if len("HP-Outer: ")+len(first) > foldAt {
		return "\r\n " + field
	}
	return " " + field
}
