package template_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/message"
	"sendoff/smtp/message/template"
)

// letter has every field that an editor is shown.
var letter = message.Draft{
	Account: "work", From: "a@x.example", To: "b@x.example, Carol <c@x.example>", Cc: "d@x.example", Bcc: "e@x.example",
	ReplyTo: "r@x.example", Subject: "Two  blanks: kept", Headers: []message.Header{{Name: "X-A", Value: "1"}, {Name: "In-Reply-To", Value: "<1@x.example>"}},
	Body: "\nDear all,\n\nTo: be\n", Attachments: []string{"/w/a b"}, Format: message.Markdown,
	Attached: map[string]message.Attached{"/w/a b": {Name: "c"}},
}

func TestEditedUnchanged(t *testing.T) {
	t.Parallel()
	for _, d := range []message.Draft{letter, {}, {Body: "text"}, {Subject: "x", Body: "\n\n"}} {
		got, wrong, header := template.Edited(template.Render(d), d)
		if diff := cmp.Diff(d, got); diff != "" || len(wrong) > 0 || !header {
			t.Errorf("%v, %q, -want +got\n%s", header, wrong, diff)
		}
	}
}

func TestEdited(t *testing.T) {
	t.Parallel()
	was := message.Draft{To: "b@x.example", Subject: "Hi", Body: "text", Attachments: []string{"/w/a"}, Format: message.Markdown}
	for name, tt := range map[string]struct {
		text   string
		want   message.Draft
		wrong  []string
		noHead bool
	}{
		"changed": {
			text: "\ufeffto: c@x.example,\r\n d@x.example\r\nSUBJECT: New\r\nX-B: 2\r\nAttach: ~/b.pdf\r\n\r\nother\r\ntext\r\n",
			want: message.Draft{
				To: "c@x.example, d@x.example", Subject: "New", Headers: []message.Header{{Name: "X-B", Value: "2"}},
				Body: "other\ntext\n", Attachments: []string{"/w/a", "~/b.pdf"},
			},
		},
		"a typing error": {
			text: "Sujbect New\nTo: c@x.example\n\ntext", wrong: []string{`"Sujbect New" is no header field`},
			want: message.Draft{To: "c@x.example", Subject: "Hi", Body: "Sujbect New\n\ntext", Attachments: was.Attachments},
		},
		"an address that is none is the composer's to tell": {
			text: "To: dave@@x.example\nSubject: Hi\n\ntext",
			want: message.Draft{To: "dave@@x.example", Subject: "Hi", Body: "text", Attachments: was.Attachments},
		},
		"the empty line is gone": {
			text: "To: b@x.example\nSubject: Hi\nDear all,\nNote: this\n\nmore", wrong: []string{`"Dear all," is no header field`},
			want: message.Draft{To: "b@x.example", Subject: "Hi", Body: "Dear all,\nNote: this\n\nmore", Attachments: was.Attachments},
		},
		"what only the program sets": {
			text: "To: b@x.example\nMessage-ID: <1@x>\nBad Name: x\n\ntext", wrong: []string{`"Message-ID: <1@x>" is no field that can be set`},
			want: message.Draft{To: "b@x.example", Subject: "Hi", Body: "Message-ID: <1@x>\nBad Name: x\n\ntext", Attachments: was.Attachments},
		},
		"twice": {
			text: "To: b@x.example\nTo: c@x.example\n\ntext", wrong: []string{`"To: c@x.example" is a field that stands there twice`},
			want: message.Draft{To: "b@x.example", Subject: "Hi", Body: "To: c@x.example\n\ntext", Attachments: was.Attachments},
		},
		"a format that there is not": {
			text: "To: b@x.example\nFormat: html\n\ntext", wrong: []string{`"Format: html" has a format that is neither "plain" nor "markdown"`},
			want: message.Draft{To: "b@x.example", Subject: "Hi", Body: "Format: html\n\ntext", Attachments: was.Attachments},
		},
		"another format": {
			text: "To: b@x.example\nSubject: Hi\nFormat: Plain\n\ntext",
			want: message.Draft{To: "b@x.example", Subject: "Hi", Body: "text", Attachments: was.Attachments, Format: message.Plain},
		},
		"no header": {
			text: "Dear all,\n\nmore", noHead: true,
			want: message.Draft{To: "b@x.example", Subject: "Hi", Body: "Dear all,\n\nmore", Attachments: was.Attachments},
		},
		"an empty header": {
			text: "\nmore", noHead: true,
			want: message.Draft{To: "b@x.example", Subject: "Hi", Body: "\nmore", Attachments: was.Attachments},
		},
	} {
		got, wrong, header := template.Edited(tt.text, was)
		if tt.want.Format == "" {
			tt.want.Format = was.Format
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || !cmp.Equal(tt.wrong, wrong) || header == tt.noHead {
			t.Errorf("%s: %v, %q, -want +got\n%s", name, header, wrong, diff)
		}
	}
}

// FuzzEdited: every word that came back from the editor is somewhere.
func FuzzEdited(f *testing.F) {
	f.Add(template.Render(letter))
	f.Add("To: a\n b\nTo\n: x\nX Y: z\nTo: 2\nFormat: q\n\nbody")
	f.Add("\n\n: \n")
	f.Fuzz(func(t *testing.T, text string) {
		d, _, _ := template.Edited(text, letter)
		all := strings.Join(append([]string{
			d.Account, d.From, d.To, d.Cc, d.Bcc, d.ReplyTo, d.Subject, d.Body, strings.ToLower(d.Body), string(d.Format),
			"from: to: cc: bcc: reply-to: subject: account: attach: format:",
		}, d.Attachments...), "\n")
		for _, h := range d.Headers {
			all += "\n" + h.Name + ":\n" + h.Value
		}
		for _, word := range strings.Fields(strings.TrimPrefix(text, "\ufeff")) {
			_, value, split := strings.Cut(word, ":") // a name and its value need no blank between
			name := strings.TrimSuffix(word, ":"+value)
			if !strings.Contains(strings.ToLower(all), strings.ToLower(word)) &&
				!(split && strings.Contains(strings.ToLower(all), strings.ToLower(name)) && strings.Contains(all, value)) {
				t.Errorf("%q is lost of %q: %+v", word, text, d)
			}
		}
	})
}
