package message_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"testing"
	"time"

	"sendoff/smtp/address"
	"sendoff/smtp/message"
)

// fataler is what *testing.T and *rapid.T have in common here.
type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

// sample returns a message that lacks nothing.
func sample() *message.Message {
	return &message.Message{
		From:    address.Mailbox{Name: "Ann", Local: "ann", Domain: "example.org"},
		To:      []address.Mailbox{{Name: "Bob", Local: "bob", Domain: "example.net"}},
		Subject: "Hello",
		Date:    time.Date(2026, 11, 22, 10, 30, 0, 0, time.FixedZone("", 3600)),
		ID:      "abc123@example.org",
		Text:    "Hello, Bob\n",
	}
}

func file(name, content string) message.Attachment {
	return message.Attachment{Name: name, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(content)), nil
	}}
}

func build(t fataler, m *message.Message) string {
	t.Helper()
	var b bytes.Buffer
	if err := message.Build(&b, m); err != nil {
		t.Fatalf("Build: %v", err)
	}
	return b.String()
}

type part struct {
	Name, Type string
	Content    string
}

// read takes a built message apart with the standard library.
func read(t fataler, raw string) (mail.Header, string, []part) {
	t.Helper()
	msg, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatalf("net/mail: %v\n%s", err, raw)
	}
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		t.Fatalf("Content-Type: %v", err)
	}
	if kind == "text/plain" {
		return msg.Header, content(t, msg.Body, msg.Header.Get("Content-Transfer-Encoding")), nil
	}
	var text string
	var parts []part
	for r := multipart.NewReader(msg.Body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("multipart: %v", err)
		}
		data := content(t, p, p.Header.Get("Content-Transfer-Encoding"))
		if p.Header.Get("Content-Disposition") == "" {
			text = data
			continue
		}
		// Part.FileName would take the base of the name itself.
		_, params, err := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
		if err != nil {
			t.Fatalf("Content-Disposition: %v\n%s", err, raw)
		}
		parts = append(parts, part{params["filename"], p.Header.Get("Content-Type"), data})
	}
	return msg.Header, text, parts
}

func content(t fataler, r io.Reader, encoding string) string {
	t.Helper()
	switch encoding {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "7bit":
	default:
		t.Fatalf("transfer encoding %q", encoding)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("%s: %v", encoding, err)
	}
	return string(data)
}

func decoded(t fataler, value string) string {
	t.Helper()
	s, err := new(mime.WordDecoder).DecodeHeader(value)
	if err != nil {
		t.Fatalf("%q: %v", value, err)
	}
	return s
}

var encodedWord = regexp.MustCompile(`=\?[^?]*\?[bqBQ]\?[^? ]*\?=`)

// checkForm holds for every message: what RFC 5321 and 5322 ask of lines.
func checkForm(t fataler, raw string) {
	t.Helper()
	if !strings.HasSuffix(raw, "\r\n") {
		t.Fatalf("no line end at the end: %q", raw[max(0, len(raw)-20):])
	}
	header := true
	for line := range strings.SplitSeq(strings.TrimSuffix(raw, "\r\n"), "\r\n") {
		if line == "" {
			header = false
		}
		switch i := strings.IndexFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r > '~' }); {
		case i >= 0:
			t.Fatalf("octet %#x in line %q", line[i], line)
		case len(line) > 998:
			t.Fatalf("line of %d octets", len(line))
		// What is longer must be a single word.
		case len(line) > 78 && strings.Contains(strings.TrimLeft(line[strings.Index(line, ":")+1:], " "), " "):
			t.Fatalf("line of %d octets: %q", len(line), line)
		case header && strings.TrimSpace(line) == "" && line != "":
			t.Fatalf("header has a line of blanks")
		}
		for _, w := range encodedWord.FindAllString(line, -1) {
			if len(w) > 75 || len(line) > 76 {
				t.Fatalf("encoded-word of %d in a line of %d octets: %q", len(w), len(line), line)
			}
		}
	}
}

// crlf is a text as it arrives.
func crlf(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.ReplaceAll(text, "\r", "\n")
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return strings.ReplaceAll(text, "\n", "\r\n")
}

var _ fataler = (*testing.T)(nil)
