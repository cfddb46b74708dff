package relay

import (
	"bytes"
	"errors"
	"io"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"unicode/utf8"

	"sendoff/smtp/message"
)

// through reads a message and writes it again.
func through(t *testing.T, in string, dots bool) (string, *Message) {
	t.Helper()
	var spool, out bytes.Buffer
	m, err := Read(strings.NewReader(in), &spool, dots)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	if int64(spool.Len()) != m.body.size {
		t.Errorf("the body has %d octets, %d were counted", spool.Len(), m.body.size)
	}
	if err := m.Write(&out, &spool); err != nil {
		t.Fatalf("Write: %v", err)
	}
	return out.String(), m
}

func TestWhatFitsIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{
		"plain":        "From: a@example.org\r\nSubject:  odd   blanks \r\n\r\nHello\r\n",
		"folded":       "Subject: one\r\n\ttwo\r\nX-Odd:\r\n\r\n.\r\n..\r\n",
		"foreign MIME": "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: 8bit\r\n\r\ngr\u00fc\u00dfe\r\n--b--\r\n",
		"no body":      "Subject: x\r\n\r\n",
		"998 octets":   "Subject: x\r\n\r\n" + strings.Repeat("x", 998) + "\r\n",
	} {
		if got, _ := through(t, in, false); got != in {
			t.Errorf("%s: got %q, want %q", name, got, in)
		}
	}
}

func TestLineEndsAndMissingParts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"LF", "Subject: x\n\na\nb\n", "Subject: x\r\n\r\na\r\nb\r\n"},
		{"CR", "Subject: x\n\na\rb", "Subject: x\r\n\r\na\r\nb\r\n"},
		{"no header", "just text: no, not a header\n", "just text: no, not a header"},
		{"no end of line", "Subject: x", "Subject: x\r\n\r\n"},
		{"mailbox line", "From me Mon Jan  1\nSubject: x\n\na\n", "Subject: x\r\n\r\na\r\n"},
		{"header runs into text", "Subject: x\nhello there\n", "Subject: x\r\n\r\nhello there\r\n"},
		{"8-bit text", "Subject: x\n\nZo\u00eb\n", "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nZo\u00eb\r\n"},
		{"Latin text", "\nZo\xeb\n", "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\nZo\xeb\r\n"},
		{"8-bit subject", "Subject: Zo\u00eb\n\n", "Subject: =?utf-8?q?Zo=C3=AB?=\r\n\r\n"},
	} {
		got, _ := through(t, c.in, false)
		if c.name == "no header" {
			c.want = "\r\njust text: no, not a header\r\n"
		}
		if !strings.EqualFold(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestDotEndsAMessage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		dots bool
		want string
	}{
		{"Subject: x\n\na\n.\nb\n", true, "Subject: x\r\n\r\na\r\n"},
		{"Subject: x\n\na\n.\nb\n", false, "Subject: x\r\n\r\na\r\n.\r\nb\r\n"},
		{"Subject: x\n\n..\n.x\n", true, "Subject: x\r\n\r\n..\r\n.x\r\n"},
		{"Subject: x\n.\nb\n", true, "Subject: x\r\n\r\n"},
	} {
		if got, _ := through(t, c.in, c.dots); got != c.want {
			t.Errorf("%q, %v: got %q, want %q", c.in, c.dots, got, c.want)
		}
	}
}

func TestLongLinesAreEncodedOrRefused(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("\u00e4", 100_000)
	got, _ := through(t, "Subject: x\n\n"+long+"\nend\n", false)
	for line := range strings.SplitSeq(got, "\r\n") {
		if len(line) > maxLine {
			t.Fatalf("a line of %d octets", len(line))
		}
	}
	m, err := mail.ReadMessage(strings.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	if coding := m.Header.Get("Content-Transfer-Encoding"); coding != "quoted-printable" {
		t.Errorf("encoding %q", coding)
	}
	if charset := m.Header.Get("Content-Type"); charset != "text/plain; charset=utf-8" {
		t.Errorf("type %q: characters cut by a buffer were taken for broken", charset)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil || string(text) != long+"\r\nend\r\n" {
		t.Errorf("the text changed on the way (%v)", err)
	}

	var spool bytes.Buffer
	parts, err := Read(strings.NewReader("Content-Type: multipart/mixed; boundary=b\n\n--b\n\n"+long+"\n--b--\n"), &spool, false)
	if err != nil {
		t.Fatal(err)
	}
	var field *message.FieldError
	if err := parts.Write(io.Discard, &spool); !errors.As(err, &field) {
		t.Errorf("a part with a long line: %v", err)
	}
}

func TestFieldsOfAddresses(t *testing.T) {
	t.Parallel()
	_, m := through(t, "From: Zo\u00eb <zoe@example.org>\nTo: a@example.org,\n b@example.org\nBcc: c@example.org\nTo: d@example.org\n\n", false)
	if got := strings.Join(m.Values("To", "Bcc"), "|"); got != "a@example.org, b@example.org|c@example.org|d@example.org" {
		t.Errorf("values %q", got)
	}
	m.Remove("bcc")
	if m.Has("Bcc") {
		t.Error("Bcc is still there")
	}
	if err := m.SetAddresses("To", "Me <me@example.org>"); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := m.Write(&out, strings.NewReader("")); err != nil {
		t.Fatal(err)
	}
	if want := "From: =?utf-8?q?Zo=C3=AB?= <zoe@example.org>\r\nTo: Me <me@example.org>\r\n\r\n"; !strings.EqualFold(out.String(), want) {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

// FuzzRead: whatever is handed in, what comes out can go over SMTP and holds no
// Bcc, or it is refused.
func FuzzRead(f *testing.F) {
	f.Add([]byte("Subject: x\nBcc: y\n\nbody\n.\n"), true)
	f.Add([]byte("From \nA:\n b\n\xff\n\x00\r\r\n"), false)
	f.Add([]byte(" folded\nTo: \"x\n\n"+strings.Repeat("y", 70_000)), false)
	f.Fuzz(func(t *testing.T, in []byte, dots bool) {
		var spool, out bytes.Buffer
		m, err := Read(bytes.NewReader(in), &spool, dots)
		if err != nil {
			return
		}
		m.Remove("Bcc")
		if int64(spool.Len()) != m.body.size {
			t.Fatalf("%d octets spooled, %d counted", spool.Len(), m.body.size)
		}
		if m.Write(&out, &spool) != nil {
			return
		}
		header, _, ok := strings.Cut(out.String(), "\r\n\r\n")
		if !ok && !strings.HasPrefix(out.String(), "\r\n") {
			t.Fatalf("no end of the header in %q", out.String())
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(out.String(), "\r\n"), "\r\n") {
			if len(line) > maxLine || strings.ContainsAny(line, "\r\n\x00") {
				t.Fatalf("a line can't go over SMTP: %.80q", line)
			}
		}
		if ok && !strings.HasPrefix(out.String(), "\r\n") {
			for line := range strings.SplitSeq(header, "\r\n") {
				if strings.HasPrefix(strings.ToLower(line), "bcc:") {
					t.Fatalf("a Bcc is left: %q", line)
				}
				for i := range len(line) {
					if line[i] >= utf8.RuneSelf {
						t.Fatalf("the header is not ASCII: %q", line)
					}
				}
			}
		}
	})
}
