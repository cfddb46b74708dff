package message_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/address"
	"sendoff/smtp/message"
)

func TestHeaderArrives(t *testing.T) {
	t.Parallel()
	values := append([]string{
		"x", "a  b", "ends with two  ", "=?utf-8?q?not=20one?=", "tab\there", `quotes "and" \ all (that) <x@y>, ;:`,
		strings.Repeat("x", 300), strings.Repeat("ö", 300), strings.Repeat("word ", 60) + "x",
		"plain start and then " + strings.Repeat("ü", 100) + " and a plain end that goes on for quite a while, past the line",
		"a" + strings.Repeat(" ", 200) + "b", "\x1b]0;title\a", strings.Repeat("👩‍👩‍👧‍👦", 40),
	}, scripts...)
	for _, value := range values {
		m := sample()
		m.Subject = value
		m.From.Name = value
		m.To = nil
		for i := range 12 {
			m.To = append(m.To, address.Mailbox{Name: value, Local: fmt.Sprintf("user%d", i), Domain: "example.org"})
		}
		m.Headers = []message.Header{{Name: "X-Test", Value: value}}
		raw := build(t, m)
		checkForm(t, raw)
		header, _, _ := read(t, raw)
		want := strings.Trim(value, " ")
		if got := decoded(t, header.Get("Subject")); got != want {
			t.Errorf("Subject arrives as %q, want %q", got, want)
		}
		if got := decoded(t, header.Get("X-Test")); got != want {
			t.Errorf("X-Test arrives as %q, want %q", got, want)
		}
		list, err := header.AddressList("To")
		if err != nil || len(list) != 12 {
			t.Fatalf("To of %q: %v, %v", value, list, err)
		}
		for i, a := range list {
			if a.Name != value || a.Address != fmt.Sprintf("user%d@example.org", i) {
				t.Errorf("address %d arrives as %q, want %q", i, a, value)
			}
		}
		if from, err := mail.ParseAddress(header.Get("From")); err != nil || from.Name != value {
			t.Errorf("From arrives as %v, %v", from, err)
		}
	}
}

func TestBccIsNeverWritten(t *testing.T) {
	t.Parallel()
	m := sample()
	m.Bcc = []address.Mailbox{{Name: "Hidden", Local: "hidden", Domain: "secret.example"}}
	m.Attachments = []message.Attachment{file("a", "b")}
	raw := strings.ToLower(build(t, m))
	for _, s := range []string{"bcc", "hidden", "secret"} {
		if strings.Contains(raw, s) {
			t.Errorf("the message says %q", s)
		}
	}
	list, err := message.Recipients(m)
	if want := []string{"bob@example.net", "hidden@secret.example"}; err != nil || !cmp.Equal(list, want) {
		t.Errorf("recipients %v, %v; want %v", list, err, want)
	}
}

// TestSecurity08_HeaderInjection puts line ends and the like into every field of
// a header: what has no encoding for them is refused by name.
func TestSecurity08_HeaderInjection(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"a\r\nBcc: x@example.org", "a\nb", "a\rb", "a\x00b", "\n", "lat\xedn"} {
		for field, change := range map[string]func(*message.Message){
			"Subject":    func(m *message.Message) { m.Subject = bad },
			"From":       func(m *message.Message) { m.From.Name = bad },
			"To":         func(m *message.Message) { m.To[0].Name = bad },
			"Cc":         func(m *message.Message) { m.Cc = []address.Mailbox{{Local: bad, Domain: "x.org"}} },
			"Reply-To":   func(m *message.Message) { m.ReplyTo = []address.Mailbox{{Local: "a", Domain: bad}} },
			"Message-ID": func(m *message.Message) { m.ID = bad + "@x" },
			"User-Agent": func(m *message.Message) { m.UserAgent = bad },
			"X-Own":      func(m *message.Message) { m.Headers = []message.Header{{Name: "X-Own", Value: bad}} },
			"Sender":     func(m *message.Message) { m.Headers = []message.Header{{Name: "Sender", Value: bad}} },
			"Header":     func(m *message.Message) { m.Headers = []message.Header{{Name: bad, Value: "x"}} },
			"Content-Type": func(m *message.Message) {
				m.Attachments = []message.Attachment{file("a", "b")}
				m.Attachments[0].Type = "text/plain; x=" + bad
			},
		} {
			m := sample()
			change(m)
			var out bytes.Buffer
			err := message.Build(&out, m)
			var wrong *message.FieldError
			if !errors.As(err, &wrong) || wrong.Field != field {
				t.Errorf("%s %q: error %v", field, bad, err)
				continue
			}
			if strings.ContainsAny(err.Error(), "\r\n\x00") {
				t.Errorf("the error %q repeats what it refuses", err)
			}
			if field != "Content-Type" && out.Len() > 0 {
				t.Errorf("%s %q: octets left before it was refused", field, bad)
			}
		}
	}
}

func TestHeaderNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "a b", "X:", "Ümlaut", "X-\u212a", "X\t", "From", "to", "BCC", "Resent-Bcc", "Date", "Message-Id", "MIME-Version", "Content-Type", "Received", strings.Repeat("x", 77)} {
		m := sample()
		m.Headers = []message.Header{{Name: name, Value: "x@example.org"}}
		var wrong *message.FieldError
		if err := message.Build(io.Discard, m); !errors.As(err, &wrong) {
			t.Errorf("header %q: error %v", name, err)
		}
	}
	for _, value := range []string{"", "me", "用户@例子.广告"} {
		m := sample()
		m.Headers = []message.Header{{Name: "Sender", Value: value}}
		var wrong *message.FieldError
		if err := message.Build(io.Discard, m); !errors.As(err, &wrong) || wrong.Field != "Sender" {
			t.Errorf("Sender %q: error %v", value, err)
		}
	}
	id := message.Header{Name: "In-Reply-To", Value: "<1@example.org>"}
	for _, list := range [][]message.Header{{id, {Name: "in-reply-to", Value: "<2@example.org>"}}, {{Name: "References", Value: "1@example.org"}}} {
		m := sample()
		m.Headers = list
		if err, early := message.Build(io.Discard, m), message.CheckHeaders(list); err == nil || early == nil || err.Error() != early.Error() {
			t.Errorf("%+v: %v, before %v", list, err, early)
		}
	}
	m := sample()
	m.Headers = []message.Header{{Name: "Sender", Value: "Jürgen <j@bücher.example>"}, {Name: "X-Empty", Value: ""}, {Name: "X-Long", Value: strings.Repeat("x", 900)}}
	header, _, _ := read(t, build(t, m))
	if got := header.Get("Sender"); got != "=?utf-8?q?J=C3=BCrgen?= <j@xn--bcher-kva.example>" {
		t.Errorf("Sender is %q", got)
	}
	if header.Get("X-Long") != strings.Repeat("x", 900) {
		t.Errorf("a long word of an own field was changed")
	}
}

func TestUTF8Addresses(t *testing.T) {
	t.Parallel()
	m := sample()
	if m.NeedsUTF8() {
		t.Errorf("an ASCII message needs SMTPUTF8")
	}
	m.To[0].Domain = "bücher.example"
	if m.NeedsUTF8() {
		t.Errorf("an international domain alone needs SMTPUTF8")
	}
	m.Cc = []address.Mailbox{{Local: "用户", Domain: "例子.广告"}}
	if !m.NeedsUTF8() {
		t.Errorf("an international local part does not need SMTPUTF8")
	}
	if raw := build(t, m); !strings.Contains(raw, "Cc: 用户@xn--fsqu00a.xn--4rr70v\r\n") {
		t.Errorf("Cc is not written:\n%s", raw)
	}
}

func TestRecipients(t *testing.T) {
	t.Parallel()
	m := sample()
	m.To = []address.Mailbox{{Local: "a", Domain: "bücher.example"}, {Name: "A", Local: "a", Domain: "Bücher.Example"}, {Local: "A", Domain: "bücher.example"}}
	m.Cc = []address.Mailbox{{Local: "a", Domain: "xn--bcher-kva.example"}}
	list, err := message.Recipients(m)
	if want := []string{"a@xn--bcher-kva.example", "A@xn--bcher-kva.example"}; err != nil || !cmp.Equal(list, want) {
		t.Errorf("recipients %v, %v; want %v", list, err, want)
	}
	m.To, m.Cc = nil, nil
	if list, err := message.Recipients(m); err == nil {
		t.Errorf("recipients of nobody: %v", list)
	}
}
