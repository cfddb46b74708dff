package relay

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"
	"unicode/utf8"

	"sendoff/smtp/message"
)

// Write writes the message with the body that Read spooled. What fits into
// SMTP is left as it is: what does not, because a line is too long, there is a
// NUL, or a header is not ASCII, is encoded. A *message.FieldError tells what
// can't be: a part of a multipart message is its author's to encode.
func (m *Message) Write(w io.Writer, spooled io.Reader) error {
	encode, err := m.fit()
	if err != nil {
		return err
	}
	var header bytes.Buffer
	for _, f := range m.fields {
		raw, err := f.wire()
		if err != nil {
			return err
		}
		header.WriteString(raw)
	}
	header.WriteString("\r\n")
	if _, err := w.Write(header.Bytes()); err != nil {
		return err
	}
	if !encode {
		_, err = io.Copy(w, spooled)
		return err
	}
	quoted := quotedprintable.NewWriter(w)
	if _, err := io.Copy(quoted, spooled); err != nil {
		return err
	}
	return quoted.Close()
}

// fit makes the header say what the body is, and tells whether the body has to
// be encoded.
func (m *Message) fit() (encode bool, err error) {
	kind, _, _ := mime.ParseMediaType(m.Value("Content-Type"))
	coding := strings.ToLower(m.Value("Content-Transfer-Encoding"))
	broken := m.body.longest > maxLine || m.body.nul
	whole := !strings.HasPrefix(kind, "multipart/") && !strings.HasPrefix(kind, "message/")
	switch {
	case broken && !(whole && (coding == "" || coding == "7bit" || coding == "8bit" || coding == "binary")):
		what := fmt.Sprintf("has a line of %d octets, and SMTP allows %d", m.body.longest, maxLine)
		if m.body.nul {
			what = "has a NUL in it, and SMTP allows none"
		}
		return false, &message.FieldError{Field: "Body", Reason: what}
	case broken:
		m.describe("quoted-printable")
		return true, nil
	case m.body.eightBit && coding == "" && whole:
		m.describe("8bit")
	}
	return false, nil
}

// describe says how the body is encoded and, if nobody did, what it is.
func (m *Message) describe(coding string) {
	if !m.Has("MIME-Version") {
		m.append("MIME-Version", "1.0")
	}
	if !m.Has("Content-Type") {
		charset := "utf-8"
		if m.body.latin {
			charset = "iso-8859-1" // any octet is a letter of it
		}
		m.append("Content-Type", "text/plain; charset="+charset)
	}
	m.Remove("Content-Transfer-Encoding")
	m.append("Content-Transfer-Encoding", coding)
}

func (m *Message) append(name, value string) {
	m.fields = append(m.fields, field{name, name + ": " + value + "\r\n"})
}

// wire returns the field as it can be sent.
func (f field) wire() (string, error) {
	if f.fits() {
		return f.raw, nil
	}
	value := f.value()
	if !utf8.ValidString(value) {
		value = latin(value)
	}
	switch strings.ToLower(f.name) {
	case "from", "sender", "reply-to", "to", "cc", "resent-from", "resent-sender", "resent-to", "resent-cc":
		return message.AddressField(f.name, value)
	}
	return message.Field(f.name, value)
}

// fits tells that a field is ASCII, without other controls, in short lines.
func (f field) fits() bool {
	for line := range strings.SplitSeq(strings.TrimSuffix(f.raw, "\r\n"), "\r\n") {
		if len(line) > maxLine || strings.ContainsFunc(line, func(c rune) bool { return c >= 0x7f || c < ' ' && c != '\t' }) {
			return false
		}
	}
	return true
}

// latin reads octets as ISO 8859-1, which is what they were when they are not
// UTF-8, or at least keeps them apart.
func latin(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}
