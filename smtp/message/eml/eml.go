// Package eml reads mail that others wrote, and begins answers to it. It is
// lenient: what can be made out counts, and what can't is left out, for the
// person sees the draft that comes of it before it goes anywhere.
package eml

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	gomessage "github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // for texts in other charsets than UTF-8
	"github.com/emersion/go-message/mail"
	"golang.org/x/text/encoding/charmap"

	"sendoff/smtp/address"
)

// Mail is what a mail says. Text that came from outside holds no control
// characters but tabs and line ends.
type Mail struct {
	From, ReplyTo, To, Cc, Bcc []address.Mailbox
	FollowupTo                 []address.Mailbox // whom answers to all should go to, by Mail-Followup-To
	Subject                    string
	Date                       time.Time // in the author's zone; zero when it says none
	ID                         string    // "<...>"; empty when there is none
	InReplyTo, References      []string  // ids, as ID has them
	Text                       string    // LF line ends, lines of format=flowed joined
	Files                      []File
	Lost                       []string // what could not be read, in words
}

// File is an attachment of a mail, or an image of its page.
type File struct {
	Name string
	Path string // what Keep made of it
}

// Keep stores the content of a file under a name, and returns its path.
type Keep func(name string, content io.Reader) (path string, err error)

// What bounds the reading of mail that is broken, or means harm.
const (
	mostText  = 8 << 20 // octets
	mostParts = 1000
	mostDepth = 20
	mostIDs   = 50
)

// ErrNoMail is what is not a mail at all.
var ErrNoMail = errors.New("this is no mail: it does not begin with a header")

// Read reads a mail. Its files are handed to keep; with nil they are passed
// over. It fails on what is no mail, and when r or keep does.
func Read(r io.Reader, keep Keep) (*Mail, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	if err := skipEnvelope(in); err != nil {
		return nil, err
	}
	source := &sourceReader{r: in}
	entity, err := gomessage.Read(source)
	if source.err != nil {
		return nil, source.err
	}
	if entity == nil || err != nil && !odd(err) {
		return nil, fmt.Errorf("%w (%w)", ErrNoMail, err)
	}
	m := readHeader(mail.Header{Header: entity.Header})
	b := body{mail: m, keep: keep}
	if err := b.part(entity, 0); err != nil {
		return nil, err
	}
	m.Text = b.chosen()
	return m, source.err
}

// odd tells that err is about an encoding only, so that the rest can be read.
func odd(err error) bool {
	return gomessage.IsUnknownCharset(err) || gomessage.IsUnknownEncoding(err)
}

// skipEnvelope skips the line that a mailbox in mbox format has before a mail,
// and sees that a header field follows.
func skipEnvelope(in *bufio.Reader) error {
	start, _ := in.Peek(5)
	if string(start) == "From " {
		if _, err := in.ReadString('\n'); err != nil {
			return ErrNoMail
		}
	}
	start, err := in.Peek(1000)
	if err != nil && err != io.EOF {
		return err
	}
	name, _, found := bytes.Cut(start, []byte(":"))
	if !found || len(name) == 0 || bytes.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return ErrNoMail
	}
	return nil
}

// sourceReader remembers why reading failed, so that a disk's error is not
// taken for a mail that ends early.
type sourceReader struct {
	r   io.Reader
	err error
}

// Read reads on.
func (s *sourceReader) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

func readHeader(h mail.Header) *Mail {
	m := &Mail{
		From: list(h, "From"), ReplyTo: list(h, "Reply-To"), To: list(h, "To"), Cc: list(h, "Cc"), Bcc: list(h, "Bcc"),
		FollowupTo: list(h, "Mail-Followup-To"),
		InReplyTo:  ids(h.Get("In-Reply-To")), References: ids(h.Get("References")),
	}
	subject, err := h.Text("Subject")
	if err != nil {
		subject = h.Get("Subject")
	}
	m.Subject = oneLine(subject)
	if own := ids(h.Get("Message-Id")); len(own) > 0 {
		m.ID = own[0]
	}
	if date, err := h.Date(); err == nil {
		m.Date = date
	}
	return m
}

// list reads a field of addresses; those that are none are left out.
func list(h mail.Header, field string) []address.Mailbox {
	var boxes []address.Mailbox
	for fields := h.FieldsByKey(field); fields.Next(); {
		one := mail.HeaderFromMap(map[string][]string{field: {fields.Value()}})
		if parsed, err := one.AddressList(field); err == nil {
			for _, a := range parsed {
				at := strings.LastIndexByte(a.Address, '@')
				if at > 0 {
					boxes = append(boxes, address.Mailbox{Name: oneLine(a.Name), Local: a.Address[:at], Domain: a.Address[at+1:]})
				}
			}
			continue
		}
		for _, entry := range address.Split(toUTF8(fields.Value())) {
			for _, m := range entry.Mailboxes {
				m.Name = oneLine(m.Name)
				boxes = append(boxes, m)
			}
		}
	}
	usable := boxes[:0]
	for _, m := range boxes {
		if _, err := m.Wire(); err == nil {
			usable = append(usable, m)
		}
	}
	return usable
}

var idPattern = regexp.MustCompile(`<[!-;=?A-~]+@[!-;=?A-~]+>`)

// ids finds the message ids in a field.
func ids(value string) []string {
	all := idPattern.FindAllString(value, -1)
	if len(all) > mostIDs { // the first is the thread's, the last are the nearest
		all = append(all[:1], all[len(all)-mostIDs+1:]...)
	}
	kept := all[:0]
	for _, id := range all {
		if len(id) <= 250 {
			kept = append(kept, id)
		}
	}
	return kept
}

// toUTF8 takes what has no charset for UTF-8, or else for what old programs in
// the west wrote.
func toUTF8(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	if decoded, err := charmap.Windows1252.NewDecoder().String(s); err == nil {
		return decoded
	}
	return strings.ToValidUTF8(s, "\ufffd")
}

// oneLine makes a single clean line of foreign text.
func oneLine(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// clean makes a clean text with LF line ends of a foreign one.
func clean(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(toUTF8(s))
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), r == '\ufeff', 0x202a <= r && r <= 0x202e, 0x2066 <= r && r <= 0x2069:
			return -1
		case r == '\u2028' || r == '\u2029':
			return '\n'
		}
		return r
	}, s)
}
