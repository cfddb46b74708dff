// Package message holds the domain's message and gives it its form on the wire.
package message

import (
	"encoding/base32"
	"fmt"
	"io"
	"strings"
	"time"

	"sendoff/smtp/address"
)

// Message is a mail as its author means it.
type Message struct {
	From        address.Mailbox
	ReplyTo     []address.Mailbox
	To          []address.Mailbox
	Cc          []address.Mailbox
	Bcc         []address.Mailbox // in the envelope only, never written
	Subject     string
	Date        time.Time // zero: Build writes no such field, and a DateField has to go in front
	ID          string    // Message-ID without angle brackets
	Headers     []Header  // more fields, in order
	UserAgent   string
	Text        string       // LF or CRLF line ends
	HTML        string       // the same once more as a page; empty for none
	Inline      []Attachment // what the page refers to by Attachment.ContentID
	Attachments []Attachment
}

// Header is a field that the author added.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Attachment is a file that goes along. Open is called while building, twice
// for what may have to be looked through first.
type Attachment struct {
	Name      string // the file's base name, as the recipient will see it
	Type      string // media type; empty to judge by name and first octets
	ContentID string // without angle brackets, of what stands in the page
	Inline    bool   // to be shown below the text (RFC 2183 section 2.1)
	Open      func() (io.ReadCloser, error)

	strict bool // see Message.tree
}

// FieldError tells which field of a mail can't be used, and why.
type FieldError struct {
	Field  string // "To", "Subject": the name the field has in the header
	Text   string // the piece of it that is wrong; empty when that is all of it
	Reason string
}

// Error returns one clean line: "To: dave@@example.org has two @ signs".
func (e *FieldError) Error() string {
	return e.Field + ": " + (&address.Error{Text: e.Text, Reason: e.Reason}).Error()
}

// Recipients returns the addresses of To, Cc and Bcc for the envelope, each
// once, in order. Local parts that differ in case are different addresses
// (RFC 5321 section 2.4). It fails with a *FieldError if there is none or one
// can't be used.
func Recipients(m *Message) ([]string, error) {
	var list []string
	seen := make(map[string]bool)
	for _, field := range []struct {
		name  string
		boxes []address.Mailbox
	}{{"To", m.To}, {"Cc", m.Cc}, {"Bcc", m.Bcc}} {
		for _, box := range field.boxes {
			wire, err := box.Wire()
			if err != nil {
				return nil, inField(field.name, err)
			}
			if !seen[wire] {
				seen[wire] = true
				list = append(list, wire)
			}
		}
	}
	if len(list) == 0 {
		return nil, &FieldError{Field: "To", Reason: "there is no recipient"}
	}
	return list, nil
}

// NeedsUTF8 tells that an address of the message has a local part outside
// ASCII, so that only a server with SMTPUTF8 (RFC 6531) can take it.
func (m *Message) NeedsUTF8() bool {
	if !isASCII(m.From.Local) {
		return true
	}
	for _, boxes := range [][]address.Mailbox{m.ReplyTo, m.To, m.Cc, m.Bcc} {
		for _, box := range boxes {
			if !isASCII(box.Local) {
				return true
			}
		}
	}
	return false
}

// NewID makes a Message-ID for a sender at domain from 128 bits of random.
func NewID(random io.Reader, domain string) (string, error) {
	var octets [16]byte
	if _, err := io.ReadFull(random, octets[:]); err != nil {
		return "", fmt.Errorf("make a message id: %w", err)
	}
	unique := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(octets[:])
	// An id has the shape of an address (RFC 5322 section 3.6.4).
	id, err := address.Mailbox{Local: strings.ToLower(unique), Domain: domain}.Wire()
	if err != nil {
		return "", fmt.Errorf("make a message id: %w", err)
	}
	return id, nil
}
