package message

import "strings"

// Field writes one field of prose, folded and in ASCII (RFC 5322 section 2.2,
// RFC 2047), its line end included. It fails with a *FieldError.
func Field(name, value string) (string, error) {
	h := &header{}
	h.text(name, value, true)
	return h.buf.String(), h.err
}

// AddressField writes one field of addresses, as Field does.
func AddressField(name, list string) (string, error) {
	h := &header{}
	h.mailboxes(Header{Name: name, Value: strings.TrimSpace(list)})
	return h.buf.String(), h.err
}
