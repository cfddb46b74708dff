package smtp

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func parse(s string) (Reply, error) {
	raw, err := readReply(bufio.NewReaderSize(strings.NewReader(s), maxReplyLine), nil)
	if err != nil {
		return Reply{}, err
	}
	return raw.reply(true, new(redactor)), nil
}

func TestReply(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		in   string
		want Reply
	}{
		{"250 OK\r\n", Reply{250, "", []string{"OK"}}},
		{"250\r\n", Reply{250, "", []string{""}}},
		{"250 \r\n", Reply{250, "", []string{""}}},
		{"250-\r\n250 b\r\n", Reply{250, "", []string{"", "b"}}},
		{"250 OK\n", Reply{250, "", []string{"OK"}}},
		{"250-a\r\n250-b\r\n250 c\r\n", Reply{250, "", []string{"a", "b", "c"}}},
		{"550 5.1.1 no such user\r\n", Reply{550, "5.1.1", []string{"no such user"}}},
		{"550-5.1.1 no\r\n550 5.1.1 user\r\n", Reply{550, "5.1.1", []string{"no", "user"}}},
		{"550-5.1.1 no\r\n550 user\r\n", Reply{550, "5.1.1", []string{"no", "user"}}},
		{"550 5.7.509\r\n", Reply{550, "5.7.509", []string{""}}},
		{"550 4.1.1 wrong class\r\n", Reply{550, "", []string{"4.1.1 wrong class"}}},
		{"550 5.1 version\r\n", Reply{550, "", []string{"5.1 version"}}},
		{"550 5.1.1.1 address\r\n", Reply{550, "", []string{"5.1.1.1 address"}}},
		{"550 5.1234.1 long\r\n", Reply{550, "", []string{"5.1234.1 long"}}},
		{"354 3.0.0 go\r\n", Reply{354, "", []string{"3.0.0 go"}}},
		{"250 a\x1b]52;c;x\x07b\u009bc\u202ed\xffe\tf\r\n", Reply{250, "", []string{"a?]52;c;x?b?c?d?e f"}}},
		{"250 one\rtwo\r\n", Reply{250, "", []string{"one two"}}},
		{"250 a\u2028b\u0085c\ufeffd\U000e0041\r\n", Reply{250, "", []string{"a?b?c?d?"}}},
		{"250 Grüße 日本\r\n", Reply{250, "", []string{"Grüße 日本"}}},
	} {
		got, err := parse(test.in)
		if err != nil {
			t.Errorf("%q: %v", test.in, err)
			continue
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q: %s", test.in, diff)
		}
	}
}

func TestReplyMalformed(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"\r\n", "25\r\n", "250OK\r\n", "2x0 a\r\n", "HTTP/1.1 400 Bad Request\r\n",
		"150 a\r\n", "650 a\r\n", "999 a\r\n", " 250 a\r\n", "250_a\r\n",
		"250-a\r\n251 b\r\n", "250-a\r\n550 b\r\n",
		"250 " + strings.Repeat("x", maxReplyLine) + "\r\n",
		strings.Repeat("250-a\r\n", maxReplyLines) + "250 a\r\n",
		strings.Repeat("250-"+strings.Repeat("x", 2000)+"\r\n", 40) + "250 a\r\n",
	} {
		_, err := parse(in)
		var malformed *malformedError
		if !errors.As(err, &malformed) {
			t.Errorf("%.40q: got %v, want a malformed reply", in, err)
		}
	}
	for in, want := range map[string]error{
		"":                io.EOF,
		"250-a\r\n":       io.EOF,
		"250 OK":          io.ErrUnexpectedEOF,
		"250-a\r\n250 OK": io.ErrUnexpectedEOF,
	} {
		if _, err := parse(in); !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", in, err, want)
		}
	}
}

// TestSecurity10_ReplyExhaustion sees that a reply without end is given up early.
func TestSecurity10_ReplyExhaustion(t *testing.T) {
	t.Parallel()
	for _, unit := range []string{"250-a\r\n", "x"} {
		flood := &endless{unit: unit}
		_, err := readReply(bufio.NewReaderSize(flood, maxReplyLine), nil)
		var malformed *malformedError
		if !errors.As(err, &malformed) {
			t.Errorf("got %v", err)
		}
		if flood.n > maxReply+maxReplyLine {
			t.Errorf("read %d octets of a flood of %q", flood.n, unit)
		}
	}
}

// TestSecurity14_OddReplies has replies at the edge of what is one, whole and
// octet by octet (CVE-2019-3823).
func TestSecurity14_OddReplies(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"250\r\n":                     "250",
		"250 \r\n":                    "250",
		"250\n":                       "250",
		"250-\n250-a\n250\n":          "250  a ",
		"250-a\r\n250\r\n":            "250 a ",
		"250 LF only\n":               "250 LF only",
		"250-\r\n250-\r\n":            "EOF",
		"250":                         "unexpected EOF",
		"250-":                        "unexpected EOF",
		"250 no end":                  "unexpected EOF",
		"250-a\r\n250 no LF at all\r": "unexpected EOF",
		"250-a\r\n251 b\r\n":          `the reply changes its code: "251 b"`,
		"250-a\r\n550 b\r\n":          `the reply changes its code: "550 b"`,
		"25\r\n":                      `not a reply: "25"`,
		"\r\n":                        "not a reply",
		"\n":                          "not a reply",
	} {
		for _, source := range []io.Reader{strings.NewReader(in), iotest.OneByteReader(strings.NewReader(in))} {
			raw, err := readReply(bufio.NewReaderSize(source, maxReplyLine), nil)
			got := ""
			if err != nil {
				got = err.Error()
			} else {
				got = raw.reply(true, new(redactor)).String()
			}
			if got != want {
				t.Errorf("%q: got %q, want %q", in, got, want)
			}
		}
	}
}

type endless struct {
	unit string
	n    int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, strings.Repeat(e.unit, len(p)/len(e.unit)))
	e.n += n
	return n, nil
}

func checkClean(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Errorf("invalid UTF-8 in %q", s)
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			t.Errorf("%U in %q", r, s)
		}
	}
}

func FuzzReply(f *testing.F) {
	for _, seed := range []string{
		"250 OK\r\n", "250-a\r\n250 b\r\n", "550 5.1.1 x\r\n", "250", "\xff\x1b[2J\r\n", "250-\x9b\n250 \u202e\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		raw, err := readReply(bufio.NewReaderSize(strings.NewReader(string(in)), maxReplyLine), nil)
		if err != nil {
			return
		}
		r := raw.reply(true, new(redactor))
		if r.Code < 200 || r.Code > 599 || len(r.Lines) == 0 || len(r.Lines) > maxReplyLines {
			t.Errorf("%q became %+v", in, r)
		}
		checkClean(t, r.String())
		checkClean(t, refused(StageMail, "MAIL", r).Error())
	})
}
