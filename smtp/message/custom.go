package message

import (
	"errors"
	"slices"
	"strings"

	"sendoff/smtp/address"
)

// ReadHeader takes a field apart that is written as "Name: value". What can't
// stand in a header, CheckHeaders finds.
func ReadHeader(line string) Header {
	name, value, _ := strings.Cut(line, ":")
	return Header{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)}
}

// String is the reverse of ReadHeader.
func (f Header) String() string { return f.Name + ": " + f.Value }

// Threads tells that the field says which mail this one belongs to (RFC 5322
// section 3.6.4).
func (f Header) Threads() bool { return f.is("In-Reply-To", "References") }

func (f Header) is(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(f.Name, name) })
}

// CheckHeaders refuses fields that an author can't add to a header, as a
// *FieldError.
func CheckHeaders(list []Header) error {
	h := &header{}
	h.customs(list)
	return h.err
}

// customs writes the fields that the author added.
func (h *header) customs(list []Header) {
	for i, field := range list {
		if field.once() && slices.ContainsFunc(list[:i], func(f Header) bool { return f.is(field.Name) }) {
			h.fail(&FieldError{Field: "Header", Text: field.Name, Reason: "is there twice"})
		}
		h.custom(field)
	}
}

// once tells that there can be but one such field (RFC 5322 section 3.6, RFC
// 8098 section 2.1).
func (f Header) once() bool {
	return f.Threads() || f.is("Sender", "Disposition-Notification-To")
}

// custom writes a field that the author added.
func (h *header) custom(field Header) {
	bad := func(reason string) { h.fail(&FieldError{Field: "Header", Text: field.Name, Reason: reason}) }
	switch {
	case field.Name == "":
		bad("has no name in front of a colon")
		return
	case !isPrintable(field.Name) || strings.Contains(field.Name, ":") || len(field.Name) > foldAt-2:
		bad("is not the name of a header field")
		return
	}
	switch {
	case field.is("From", "Reply-To", "To", "Cc", "Bcc", "Subject"):
		bad("has a place of its own")
	case field.is("Date", "Message-ID", "User-Agent", "MIME-Version"), strings.HasPrefix(strings.ToLower(field.Name), "content-"):
		bad("is written by sendoff itself")
	case field.is("Received", "Return-Path"):
		bad("is for servers to write")
	case field.is("Resent-Bcc"):
		bad("would tell everybody who got it in secret")
	case field.Threads():
		h.ids(field)
	case field.is(
		"Sender", "Resent-From", "Resent-Sender", "Resent-To", "Resent-Cc", "Mail-Followup-To", "Mail-Reply-To",
		"Disposition-Notification-To", "Return-Receipt-To", "Errors-To",
	):
		if h.check(field.Name, field.Value) {
			h.mailboxes(field)
		}
	default:
		h.text(field.Name, field.Value, false)
	}
}

// ids writes a field of message ids. Those of others are taken as they came, as
// long as one can tell where each ends.
func (h *header) ids(field Header) {
	for _, id := range strings.Fields(field.Value) {
		if len(id) < 3 || id[0] != '<' || strings.IndexByte(id, '>') != len(id)-1 || !isPrintable(id) {
			h.fail(&FieldError{Field: field.Name, Text: id, Reason: "is not a message id, as <1234@example.org> is"})
		}
	}
	h.text(field.Name, field.Value, false)
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
