package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sendoff/smtp/message"
)

// Render writes a mail for its author's own editor, in the form that Parse and
// Edited read. To and Subject stand there even if they are empty, to be filled
// in; attachments don't, and one more can be added as a field Attach.
func Render(d message.Draft) string {
	var b strings.Builder
	for _, field := range []struct {
		name, value string
		always      bool
	}{{"From", d.From, false}, {"To", d.To, true}, {"Cc", d.Cc, false}, {"Bcc", d.Bcc, false}, {"Reply-To", d.ReplyTo, false}, {"Subject", d.Subject, true}} {
		if field.always || field.value != "" {
			fmt.Fprintf(&b, "%s: %s\n", field.name, oneLine.Replace(field.value))
		}
	}
	for _, h := range d.Headers {
		fmt.Fprintf(&b, "%s: %s\n", h.Name, oneLine.Replace(h.Value))
	}
	return b.String() + "\n" + d.Body
}

// Whole is Render with those fields too that an editor is not shown. Parse reads
// all that the author decided out of it.
func Whole(d message.Draft) string {
	d.Headers = slices.Clone(d.Headers)
	add := func(name, value string) {
		if value != "" {
			d.Headers = append(d.Headers, message.Header{Name: name, Value: value})
		}
	}
	add("Account", d.Account)
	add("Format", string(d.Format))
	add("Sign", string(d.Sign))
	add("Encrypt", string(d.Encrypt))
	add("Crypto", d.Crypto)
	for _, wish := range d.Wishes.Asked() {
		add("Ask", wish[0]+" "+wish[1])
	}
	for _, path := range d.Attachments {
		as := d.Attached[path]
		add(map[bool]string{false: "Attach", true: "Inline"}[as.Inline], path)
		add("Attach-As", as.Name)
	}
	return Render(d)
}

var oneLine = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ")

// own are the fields that are the composer's, in lower case.
var own = []string{"from", "to", "cc", "bcc", "reply-to", "subject", "account", "attach", "attach-as", "inline", "format", "sign", "encrypt", "crypto", "ask"}

// repeated are those of them that may stand there more than once.
var repeated = []string{"attach", "attach-as", "inline", "ask"}

// Edited reads what an editor left of a mail that Render wrote. Nothing of it is
// lost: a line of the header that can't be read stands at the top of the text
// instead, and wrong says why; then a field of which no line is left keeps the
// value it had. Where none of the composer's own fields is left
// there is no header: all is text, and the fields are those that were.
func Edited(text string, was message.Draft) (d message.Draft, wrong []string, header bool) {
	text = lineEnds.Replace(strings.TrimPrefix(text, "\ufeff"))
	above, body, _ := strings.Cut(text, "\n\n")
	if rest, ok := strings.CutPrefix(text, "\n"); ok {
		above, body = "", rest
	}
	d = was
	d.From, d.To, d.Cc, d.Bcc, d.ReplyTo, d.Subject, d.Headers = "", "", "", "", "", "", nil
	d.Attachments, d.Attached = slices.Clone(was.Attachments), maps.Clone(was.Attached)
	var kept []string
	seen := map[string]bool{}
	for _, line := range unfold(above) {
		name, value, found := strings.Cut(line.text, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		lower, reason := strings.ToLower(name), ""
		usual := slices.Contains(own, lower)
		switch {
		case !found || name == "":
			reason = "is no header field"
		case !usual && len(kept) > 0: // likely of a text that began without an empty line
			kept = append(kept, line.text)
			continue
		case !usual && message.CheckHeaders([]message.Header{{Name: name, Value: value}}) != nil:
			reason = "is no field that can be set"
		case seen[lower] && usual && !slices.Contains(repeated, lower):
			reason = "is a field that stands there twice"
		default:
			reason = set(&d, name, value)
		}
		if reason != "" {
			kept = append(kept, line.text)
			wrong = append(wrong, fmt.Sprintf("\"%s\" %s", line.text, reason))
			continue
		}
		seen[lower] = true
		header = header || usual
	}
	if !header {
		was.Body = text
		return was, nil, false
	}
	if d.Body = body; len(kept) > 0 {
		d.Body = strings.Join(kept, "\n") + "\n\n" + body
		keep(&d, was, seen)
	}
	return d, wrong, true
}

// keep gives the fields of which no line came back, perhaps for a typing error,
// the values they had.
func keep(d *message.Draft, was message.Draft, seen map[string]bool) {
	for _, field := range []struct {
		name string
		to   *string
		from string
	}{
		{"from", &d.From, was.From}, {"to", &d.To, was.To}, {"cc", &d.Cc, was.Cc}, {"bcc", &d.Bcc, was.Bcc},
		{"reply-to", &d.ReplyTo, was.ReplyTo}, {"subject", &d.Subject, was.Subject},
	} {
		if !seen[field.name] {
			*field.to = field.from
		}
	}
	for _, h := range was.Headers {
		if !seen[strings.ToLower(h.Name)] {
			d.Headers = append(d.Headers, h)
		}
	}
}
