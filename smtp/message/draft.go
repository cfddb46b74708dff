package message

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sendoff/smtp/address"
	"sendoff/smtp/message/markdown"
)

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
	Headers     []Header `json:"headers,omitempty"` // more fields
	Body        string   `json:"body,omitempty"`
	Format      Format   `json:"format,omitempty"`
	Sign        Choice   `json:"sign,omitempty"`
	Encrypt     Choice   `json:"encrypt,omitempty"`
	Crypto      string   `json:"crypto,omitempty"`      // "pgp" or "smime"; empty as the sender's identity says
	Attachments []string `json:"attachments,omitempty"` // paths

	Attached map[string]Attached `json:"attached,omitempty"` // by path; what is usual needs no entry

	Wishes Wishes `json:"wishes,omitzero"`
	Focus  string `json:"focus,omitempty"`  // the field the cursor is in
	Line   int    `json:"line,omitempty"`   // of the body, from 0
	Column int    `json:"column,omitempty"` // octets into that line

	// Locked is the whole draft as JSON, encrypted to its author: what else is
	// here is just enough to list it.
	Locked string `json:"locked,omitempty"`
}

// Attached is what an author decided of an attachment, and how its file was then.
type Attached struct {
	Name     string    `json:"name,omitempty"`   // what the recipients see; empty for the file's own
	Inline   bool      `json:"inline,omitempty"` // a picture, to be shown below the text
	Size     int64     `json:"size,omitempty"`
	Modified time.Time `json:"modified,omitzero"`
}

// Changed tells that the file is not as it was when it was attached.
func (a Attached) Changed(size int64, modified time.Time) bool {
	return !a.Modified.IsZero() && (size != a.Size || !modified.Equal(a.Modified))
}

// Format is how a text was written, and so in which forms it is sent.
type Format string

// The formats.
const (
	Unset    Format = ""         // as the sender's identity says
	Plain    Format = "plain"    // as text alone
	Markdown Format = "markdown" // as text and as a page
)

// Choice is what an author decides for one mail.
type Choice string

// The choices.
const (
	AsUsual Choice = "" // as the sender's identity says
	Yes     Choice = "yes"
	No      Choice = "no"
)

// Or returns the decision, or what is usual.
func (c Choice) Or(usual bool) bool {
	if c == AsUsual {
		return usual
	}
	return c == Yes
}

// Message reads the fields of a draft. Date, ID and UserAgent are left to the
// caller; open is called for the path of each attachment, and of each image in
// a text of markdown, while building. A mail that is attached goes without its
// Bcc. A field that can't be read is a *FieldError.
func (d Draft) Message(open func(path string) (io.ReadCloser, error)) (*Message, error) {
	m := &Message{Subject: d.Subject, Headers: slices.Clone(d.Headers), Text: d.Body}
	err := d.Wishes.Check()
	if err != nil {
		return nil, err
	}
	if m.From, err = address.Parse(d.From); err != nil {
		return nil, inField("From", err)
	}
	m.Headers = append(m.Headers, d.Wishes.headers(d.Headers, address.Mailbox{Local: m.From.Local, Domain: m.From.Domain}.String())...)
	for _, field := range []struct {
		name  string
		typed string
		boxes *[]address.Mailbox
	}{
		{"Reply-To", d.ReplyTo, &m.ReplyTo},
		{"To", d.To, &m.To},
		{"Cc", d.Cc, &m.Cc},
		{"Bcc", d.Bcc, &m.Bcc},
	} {
		if *field.boxes, err = address.ParseList(field.typed); err != nil {
			return nil, inField(field.name, err)
		}
	}
	attach := func(path, id string) Attachment {
		return Attachment{Name: path, ContentID: id, Open: func() (io.ReadCloser, error) { return open(path) }}
	}
	for _, path := range d.Attachments {
		a, as := attach(path, ""), d.Attached[path]
		a.Name, a.Inline = cmp.Or(as.Name, path), as.Inline
		if IsMail(path) || IsMail(a.Name) {
			a.Open = func() (io.ReadCloser, error) {
				f, err := open(path)
				if err != nil {
					return nil, err
				}
				return unblind(f), nil
			}
		}
		m.Attachments = append(m.Attachments, a)
	}
	if d.Format != Markdown {
		return m, nil
	}
	sum := sha256.Sum256([]byte(d.Body))
	own, err := m.From.Wire()
	if err != nil {
		return nil, inField("From", err)
	}
	domain := own[strings.LastIndexByte(own, '@')+1:]
	id := func(n int) string { return fmt.Sprintf("%d.%x@%s", n+1, sum[:12], domain) }
	doc, err := markdown.Render(d.Body, func(n int) string { return "cid:" + id(n) })
	if err != nil {
		return nil, &FieldError{Field: "Body", Reason: err.Error()}
	}
	m.Text, m.HTML = doc.Text, doc.HTML
	for n, path := range doc.Images {
		// Whoever talked the author into a path gets a picture at most.
		if !Picture(path) {
			return nil, &FieldError{Field: "Body", Text: path, Reason: "is no picture that can stand in the text"}
		}
		m.Inline = append(m.Inline, attach(path, id(n)))
	}
	return m, nil
}

// Picture tells that a file of that name is a picture that mail readers can show.
func Picture(name string) bool {
	return strings.HasPrefix(typeByName[strings.ToLower(filepath.Ext(name))], "image/")
}

// inField says in which field an address is wrong.
func inField(name string, err error) error {
	var bad *address.Error
	if errors.As(err, &bad) {
		return &FieldError{Field: name, Text: bad.Text, Reason: bad.Reason}
	}
	return &FieldError{Field: name, Reason: err.Error()}
}
