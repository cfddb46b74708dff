// Package template reads mail that is written once and sent often: a header, an
// empty line and a text, with places to be filled in.
//
//	To: {{customer}}
//	Subject: Your order {{order}}
//	Format: markdown
//	Attach: ~/terms.pdf
//	Attach-As: terms-{{order}}.pdf
//	Encrypt: yes
//	Ask: read-receipt yes
//
//	Dear {{name}},
//
// A place is a name of letters, digits, - and _ in double braces. Filling in
// happens after the fields are told apart, so that a value can't add one.
package template

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"sendoff/smtp/message"
)

// Error is a line of a template that can't be read.
type Error struct {
	Line   int // from 1
	Reason string
}

// Error names the line.
func (e *Error) Error() string { return fmt.Sprintf("line %d of the template %s", e.Line, e.Reason) }

// Parse reads a template; its places are still open. A line that begins with a
// blank goes on with the field above. Fields that are not the composer's own
// become header fields of the mail. Its error is an *Error.
func Parse(text string) (message.Draft, error) {
	text = lineEnds.Replace(strings.TrimPrefix(text, "\ufeff"))
	header, body, _ := strings.Cut(text, "\n\n")
	if rest, ok := strings.CutPrefix(text, "\n"); ok { // there is no header
		header, body = "", rest
	}
	d := message.Draft{Body: body}
	for _, line := range unfold(header) {
		name, value, found := strings.Cut(line.text, ":")
		if name = strings.TrimSpace(name); !found || name == "" {
			return d, &Error{line.number, "is no header field; write it as \"Name: value\", and an empty line before the text"}
		}
		if reason := set(&d, name, strings.TrimSpace(value)); reason != "" {
			return d, &Error{line.number, reason}
		}
	}
	return d, nil
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

type numbered struct {
	number int
	text   string
}

// unfold joins lines that belong together.
func unfold(header string) []numbered {
	var all []numbered
	for i, line := range strings.Split(strings.TrimRight(header, "\n"), "\n") {
		switch {
		case strings.TrimSpace(line) == "":
		case (line[0] == ' ' || line[0] == '\t') && len(all) > 0:
			all[len(all)-1].text += " " + strings.TrimSpace(line)
		default:
			all = append(all, numbered{i + 1, line})
		}
	}
	return all
}

// set puts the value of a field into the draft, or says why that can't be.
func set(d *message.Draft, name, value string) (reason string) {
	switch strings.ToLower(name) {
	case "from":
		d.From = value
	case "to":
		d.To = value
	case "cc":
		d.Cc = value
	case "bcc":
		d.Bcc = value
	case "reply-to":
		d.ReplyTo = value
	case "subject":
		d.Subject = value
	case "account":
		d.Account = value
	case "attach":
		d.Attachments = append(d.Attachments, value)
	case "inline":
		d.Attachments = append(d.Attachments, value)
		decide(d, len(d.Attachments)-1, func(as *message.Attached) { as.Inline = true })
	case "attach-as":
		if len(d.Attachments) == 0 {
			return "names an attachment, and there is none above it"
		}
		decide(d, len(d.Attachments)-1, func(as *message.Attached) { as.Name = value })
	case "format":
		format := message.Format(strings.ToLower(value))
		if format != message.Plain && format != message.Markdown {
			return `has a format that is neither "plain" nor "markdown"`
		}
		d.Format = format
	case "sign":
		return choose(&d.Sign, value)
	case "encrypt":
		return choose(&d.Encrypt, value)
	case "crypto":
		kind := strings.ToLower(value)
		if kind != "pgp" && kind != "smime" {
			return `has a kind of signing and encrypting that is neither "pgp" nor "smime"`
		}
		d.Crypto = kind
	case "ask":
		wish, value, _ := strings.Cut(value, " ")
		w, err := d.Wishes.Ask(wish, strings.TrimSpace(value), moment)
		if err != nil {
			return "asks for what can't be: " + err.Error()
		}
		d.Wishes = w
	default:
		d.Headers = append(d.Headers, message.Header{Name: name, Value: value})
	}
	return ""
}

// decide notes what the author wants of an attachment.
func decide(d *message.Draft, at int, how func(*message.Attached)) {
	if d.Attached == nil {
		d.Attached = map[string]message.Attached{}
	}
	path := d.Attachments[at]
	as := d.Attached[path]
	how(&as)
	d.Attached[path] = as
}

func moment(typed string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, typed)
	if err != nil {
		return t, errors.New("write a time as 2026-11-27T17:30:00Z")
	}
	return t, nil
}

func choose(choice *message.Choice, value string) (reason string) {
	chosen := message.Choice(strings.ToLower(value))
	if chosen != message.Yes && chosen != message.No {
		return `has a choice that is neither "yes" nor "no"`
	}
	*choice = chosen
	return ""
}

var place = regexp.MustCompile(`\{\{\s*([\pL\pN_-]+)\s*\}\}`)

// Fill puts values into the places of a draft, and returns the names of those
// that stay open, each once.
func Fill(d message.Draft, values map[string]string) (filled message.Draft, open []string) {
	fill := func(s string, line bool) string {
		return place.ReplaceAllStringFunc(s, func(found string) string {
			name := place.FindStringSubmatch(found)[1]
			value, ok := values[name]
			switch {
			case !ok && !slices.Contains(open, name):
				open = append(open, name)
				return found
			case !ok:
				return found
			case line:
				return strings.Join(strings.Fields(value), " ")
			}
			return value
		})
	}
	d.Headers, d.Attachments = slices.Clone(d.Headers), slices.Clone(d.Attachments)
	for _, s := range []*string{&d.Account, &d.From, &d.To, &d.Cc, &d.Bcc, &d.ReplyTo, &d.Subject} {
		*s = fill(*s, true)
	}
	for i := range d.Headers {
		d.Headers[i].Value = fill(d.Headers[i].Value, true)
	}
	decided := d.Attached
	d.Attached = nil
	for i, path := range d.Attachments {
		d.Attachments[i] = fill(path, true)
		if as, ok := decided[path]; ok {
			as.Name = fill(as.Name, true)
			decide(&d, i, func(to *message.Attached) { *to = as })
		}
	}
	d.Body = fill(d.Body, false)
	return d, open
}

// Open returns the names of the places in a text that are not filled in, each
// once.
func Open(text string) []string {
	_, open := Fill(message.Draft{Body: text}, nil)
	return open
}
