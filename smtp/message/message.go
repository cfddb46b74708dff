// Package message holds the domain's message and gives it its form on the wire.
package message

import (
	"errors"
	"io"
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
	Date        time.Time
	ID          string   // Message-ID without angle brackets
	Headers     []Header // more fields, in order
	UserAgent   string
	Text        string // LF or CRLF line ends
	Attachments []Attachment
}

// Header is a field that the author added.
type Header struct{ Name, Value string }

// Attachment is a file that goes along. Open is called once, while building.
type Attachment struct {
	Name string // the file's base name, as the recipient will see it
	Type string // media type; empty to judge by name and first octets
	Open func() (io.ReadCloser, error)
}

// Draft is what a composer keeps while a person writes: fields as they were
// typed, right or wrong, and where the cursor stood.
type Draft struct {
	Account     string   `json:"account,omitempty"`
	From        string   `json:"from,omitempty"`
	To          string   `json:"to,omitempty"`
	Cc          string   `json:"cc,omitempty"`
	Bcc         string   `json:"bcc,omitempty"`
	ReplyTo     string   `json:"reply_to,omitempty"`
	Subject     string   `json:"subject,omitempty"`
	Body        string   `json:"body,omitempty"`
	Attachments []string `json:"attachments,omitempty"` // paths
	Focus       string   `json:"focus,omitempty"`       // the field the cursor is in
	Line        int      `json:"line,omitempty"`        // of the body, from 0
	Column      int      `json:"column,omitempty"`      // octets into that line
}

// Build writes m with CRLF line ends, 7-bit clean, no line over 998 octets.
// Nothing in it is random: the same message is written the same way.
func Build(w io.Writer, m *Message) error { return errors.New("to be written") }

// NewID makes a Message-ID for a sender at domain from 128 bits of random.
func NewID(random io.Reader, domain string) (string, error) {
	return "", errors.New("to be written")
}
