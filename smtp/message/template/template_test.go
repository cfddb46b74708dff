package template_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/message"
	"sendoff/smtp/message/template"
)

func TestParseAndFill(t *testing.T) {
	t.Parallel()
	d, err := template.Parse("To: {{customer}}\r\nSubject: Order {{order}},\r\n and {{ order }}\r\nX-Shop: {{shop}}\r\nFormat: Markdown\r\nAttach: ~/a.pdf\r\nAttach-As: {{order}}.pdf\r\nInline: {{shop}}.png\r\nAsk: notify failure, delay\r\nASK: read-receipt yes\r\n\r\nDear {{name}},\r\n\r\n{{text}} {{missing}} {{not a place}}\r\n")
	if err != nil {
		t.Fatal(err)
	}
	got, open := template.Fill(d, map[string]string{
		"customer": "Bob <bob@example.org>", "order": "7\nBcc: thief@example.org", "shop": "Tea", "name": "Bob", "text": "two\nlines {{shop}}",
	})
	want := message.Draft{
		To: "Bob <bob@example.org>", Subject: "Order 7 Bcc: thief@example.org, and 7 Bcc: thief@example.org", Format: message.Markdown,
		Headers: []message.Header{{Name: "X-Shop", Value: "Tea"}}, Attachments: []string{"~/a.pdf", "Tea.png"},
		Attached: map[string]message.Attached{"~/a.pdf": {Name: "7 Bcc: thief@example.org.pdf"}, "Tea.png": {Inline: true}},
		Wishes:   message.Wishes{Notify: "failure,delay", Receipt: true},
		Body:     "Dear Bob,\n\ntwo\nlines {{shop}} {{missing}} {{not a place}}\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"missing"}, open); diff != "" {
		t.Errorf("open: (-want +got)\n%s", diff)
	}
	if d.Subject != "Order {{order}}, and {{ order }}" {
		t.Errorf("filling in changed the template: %q", d.Subject)
	}
}

func TestTextAlone(t *testing.T) {
	t.Parallel()
	d, err := template.Parse("\nHello\n\nthere")
	if diff := cmp.Diff(message.Draft{Body: "Hello\n\nthere"}, d); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

func TestBrokenTemplate(t *testing.T) {
	t.Parallel()
	for text, line := range map[string]int{"To: a\nHello there\n\ntext": 2, "Dear all,": 1, "To: a\n\tb\nFormat: html\n\n": 3, "Sign: perhaps\n\n": 1, "Crypto: rot13\n\n": 1, "Attach-As: a\n\n": 1, "Ask: sunshine yes\n\n": 1, "Ask: hold-until soon\n\n": 1, "Ask: priority 10\n\n": 1, ": x\n\n": 1} {
		_, err := template.Parse(text)
		var wrong *template.Error
		if !errors.As(err, &wrong) || wrong.Line != line {
			t.Errorf("%q: %v, want line %d", text, err, line)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("To: a\n b\nX: {{y}}\n\n{{z}}", "v")
	f.Fuzz(func(t *testing.T, text, value string) {
		d, err := template.Parse(text)
		if err != nil {
			return
		}
		filled, _ := template.Fill(d, map[string]string{"x": value, "y": value})
		if len(filled.Headers) != len(d.Headers) {
			t.Fatalf("%q adds a field to %q", value, text)
		}
	})
}
