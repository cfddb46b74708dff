package eml_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/address"
	"sendoff/smtp/message"
	"sendoff/smtp/message/eml"
)

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func read(t *testing.T, text string) *eml.Mail {
	t.Helper()
	m, err := eml.Read(strings.NewReader(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const letter = `From bob@example.net Thu Jan  1 00:00:00 1970
From: =?iso-8859-1?q?B=F6b?= <bob@example.net>
To: Me <me@example.org>, "Doe, Ann" <ann@example.com>
Cc: carol@example.com, ME@example.org, broken
Reply-To: list@example.net
Subject: Re: AW: =?koi8-r?B?8NLJ18XU?=
Message-ID: <3@example.net>
References: <1@example.net>
 <2@example.net>
Date: Fri, 27 Nov 2026 14:02:00 +0100
Content-Type: text/plain; charset=windows-1251; format=flowed

> earlier 
> words

 indented
` + "\xcf\xf0\xe8\xe2\xe5\xf2 \n\xec\xe8\xf0\x1b[31m" + `
-- 
Bob
`

// me is the person of the tests.
func me(a string) bool { return strings.EqualFold(a, "me@example.org") }

func TestRead(t *testing.T) {
	t.Parallel()
	for _, text := range []string{letter, crlf(letter)} {
		m := read(t, text)
		want := &eml.Mail{
			From:    []address.Mailbox{{Name: "Böb", Local: "bob", Domain: "example.net"}},
			ReplyTo: []address.Mailbox{{Local: "list", Domain: "example.net"}},
			To:      []address.Mailbox{{Name: "Me", Local: "me", Domain: "example.org"}, {Name: "Doe, Ann", Local: "ann", Domain: "example.com"}},
			Cc:      []address.Mailbox{{Local: "carol", Domain: "example.com"}, {Local: "ME", Domain: "example.org"}},
			Subject: "Re: AW: Привет", Date: m.Date, ID: "<3@example.net>", References: []string{"<1@example.net>", "<2@example.net>"},
			Text: "> earlier words\n\nindented\nПривет мир[31m\n-- \nBob",
		}
		if diff := cmp.Diff(want, m); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if !m.Date.Equal(time.Date(2026, 11, 27, 13, 2, 0, 0, time.UTC)) {
			t.Errorf("date %v", m.Date)
		}
	}
}

func TestReply(t *testing.T) {
	t.Parallel()
	m := read(t, letter)
	want := message.Draft{
		From: "me@example.org", To: "list@example.net", Subject: "Re: Привет", Format: message.Plain, Focus: "body", Line: 6,
		Body: "On Fri, 27 Nov 2026 at 14:02 +0100, Böb wrote:\n> > earlier words\n>\n> indented\n> Привет мир[31m\n\n",
		Headers: []message.Header{
			{Name: "In-Reply-To", Value: "<3@example.net>"}, {Name: "References", Value: "<1@example.net> <2@example.net> <3@example.net>"},
		},
	}
	if diff := cmp.Diff(want, m.Reply(me, false)); diff != "" {
		t.Errorf("to the author: (-want +got)\n%s", diff)
	}
	want.Cc = `"Doe, Ann" <ann@example.com>, carol@example.com`
	if diff := cmp.Diff(want, m.Reply(me, true)); diff != "" {
		t.Errorf("to all: (-want +got)\n%s", diff)
	}
}

func TestReplyTo(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		header  string
		all     bool
		to, cc  string
		refs    string
		subject string
	}{
		"own mail":      {"From: me@example.org\nTo: bob@example.net\nCc: carol@example.com\nSubject: x", false, "bob@example.net", "", "", "Re: x"},
		"own, to all":   {"From: me@example.org\nTo: bob@example.net\nCc: carol@example.com", true, "bob@example.net", "carol@example.com", "", "Re:"},
		"to oneself":    {"From: me@example.org\nTo: me@example.org", false, "me@example.org", "", "", "Re:"},
		"twice":         {"From: bob@example.net\nTo: BOB@example.net, x@example.net, X@EXAMPLE.NET", true, "bob@example.net", "x@example.net", "", "Re:"},
		"follow up":     {"From: bob@example.net\nTo: list@example.net\nMail-Followup-To: list@example.net", true, "list@example.net", "", "", "Re:"},
		"in reply only": {"From: b@example.net\nIn-Reply-To: <1@x>\nMessage-ID: <2@x>", false, "b@example.net", "", "<1@x> <2@x>", "Re:"},
		"two parents":   {"From: b@example.net\nIn-Reply-To: <1@x> <0@x>\nMessage-ID: <2@x>", false, "b@example.net", "", "<2@x>", "Re:"},
		"bad ids":       {"From: b@example.net\nReferences: junk <a b@x> <1@x>\nMessage-ID: <2@x> (comment)", false, "b@example.net", "", "<1@x> <2@x>", "Re:"},
		"group":         {"From: Team: b@example.net;\nSubject: Re[2]: Fwd: x", false, "b@example.net", "", "", "Re: Fwd: x"},
		"not theirs":    {"From: b@example.net\nSubject: Rebuild: x", false, "b@example.net", "", "", "Re: Rebuild: x"},
	}
	for name, tt := range tests {
		d := read(t, tt.header+"\n\ntext\n").Reply(me, tt.all)
		refs := ""
		for _, h := range d.Headers {
			if h.Name == "References" {
				refs = h.Value
			}
		}
		if d.To != tt.to || d.Cc != tt.cc || refs != tt.refs || d.Subject != tt.subject {
			t.Errorf("%s: to %q, cc %q, references %q, subject %q", name, d.To, d.Cc, refs, d.Subject)
		}
	}
}

const mixed = `From: Bob <bob@example.net>
To: me@example.org
Subject: Fwd: photos
Message-ID: <9@example.net>
Date: Fri, 27 Nov 2026 14:02:00 +0100
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=a

--a
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Sch=C3=B6n
--b
Content-Type: text/html

<p>pretty</p>
--b--
--a
Content-Type: image/png; name="=?utf-8?q?b=C3=A4r.png?="
Content-Transfer-Encoding: base64

iVBORw==
--a
Content-Type: application/pdf
Content-Disposition: attachment; filename*0*=utf-8''%C3%BC; filename*1=".pdf"

%PDF
--a
Content-Type: message/rfc822

From: x@example.org
Subject: inner

inner text
--a--
`

// kept keeps files in memory.
type kept map[string]string

func (k kept) keep(name string, r io.Reader) (string, error) {
	text, err := io.ReadAll(r)
	k[name] = string(text)
	return "/kept/" + name, err
}

func TestForward(t *testing.T) {
	t.Parallel()
	files := kept{}
	m, err := eml.Read(strings.NewReader(crlf(mixed)), files.keep)
	if err != nil {
		t.Fatal(err)
	}
	d := m.Forward(me)
	want := message.Draft{
		From: "me@example.org", Subject: "Fwd: photos", Format: message.Plain, Focus: "to",
		Headers:     []message.Header{{Name: "References", Value: "<9@example.net>"}},
		Attachments: []string{"/kept/bär.png", "/kept/ü.pdf", "/kept/attachment.eml"},
		Body: "\n\n---------- Forwarded message ----------\nFrom: Bob <bob@example.net>\nDate: Fri, 27 Nov 2026 at 14:02 +0100\n" +
			"Subject: Fwd: photos\nTo: me@example.org\n\nSchön\n",
	}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(kept{"bär.png": "\x89PNG", "ü.pdf": "%PDF", "attachment.eml": "From: x@example.org\r\nSubject: inner\r\n\r\ninner text"}, files); diff != "" {
		t.Errorf("files: (-want +got)\n%s", diff)
	}
	if d := m.Enclose(me, "/mail/9.eml"); d.Body != "" || d.Attachments[0] != "/mail/9.eml" || d.Subject != "Fwd: photos" {
		t.Errorf("enclosed: %+v", d)
	}
}

// What sendoff builds, it reads again as it was.
func TestDraftComesBack(t *testing.T) {
	t.Parallel()
	d := message.Draft{
		From: "Me <me@example.org>", To: `"Doe, Ann" <ann@example.com>, Ünal <u@xn--bcher-kva.example>`, Cc: "c@example.com", ReplyTo: "r@example.org",
		Subject: "Grüße aus Köln", Body: strings.Repeat("a long paragraph ", 20) + "end\n\n> quoted\n-- \nMe\n", Format: message.Plain,
		Headers:     []message.Header{{Name: "In-Reply-To", Value: "<1@x>"}, {Name: "References", Value: "<0@x> <1@x>"}},
		Attachments: []string{"/tmp/größe.txt"},
	}
	m, err := d.Message(func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("content")), nil })
	if err != nil {
		t.Fatal(err)
	}
	m.Date, m.ID = time.Now(), "5@example.org"
	var b bytes.Buffer
	if err := message.Build(&b, m); err != nil {
		t.Fatal(err)
	}
	files := kept{}
	back, err := eml.Read(&b, files.keep)
	if err != nil {
		t.Fatal(err)
	}
	want := d
	want.Attachments = []string{"/kept/größe.txt"}
	if diff := cmp.Diff(want, back.Draft(me)); diff != "" || files["größe.txt"] != "content" {
		t.Errorf("%v (-want +got)\n%s", files, diff)
	}
	if other := back.Draft(func(string) bool { return false }); other.From != "" {
		t.Errorf("it takes over a foreign sender, %s", other.From)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	page := `<html><head><title>no</title><style>p{}</style></head><body><h1>Title &amp; more</h1>
<p>One<br>two   three&nbsp;four <a href="https://example.org/x">link</a></p><ul><li>a</li><li>b</li></ul>
<blockquote><p>said</p><blockquote>before</blockquote></blockquote><pre>  x
    y</pre><table><tr><td>1</td><td>2</td></tr></table><script>alert(1)</script><img src="x" alt="a cat"></body></html>`
	m := read(t, "From: a@example.org\nContent-Type: text/html; charset=utf-8\n\n"+page)
	want := "Title & more\n\nOne\ntwo three four link <https://example.org/x>\n\n- a\n- b\n\n> said\n>\n> > before\n\n  x\n    y\n\n1  2\n\n[image: a cat]"
	if diff := cmp.Diff(want, m.Text); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestPageLists: entries keep their numbers and their place below others.
func TestPageLists(t *testing.T) {
	t.Parallel()
	for page, want := range map[string]string{
		"<ol><li>one<ul><li>two<br>more</li><li>three</ul></li><li>four</ol><p>end": "1. one\n   - two\n     more\n   - three\n2. four\n\nend",
		"a<ol start=9><li><p>x</p></li><li><p>y</p><p>z</p></li></ol>":              "a\n\n9. x\n\n10. y\n\n    z",
		"<blockquote><ul><li>said</ul></blockquote><li>alone</ul></ol>after":        "> - said\n\n- alone\n\nafter",
		"<ul><li><ul><li>deep</ul></ul>":                                            "  - deep",
		"<ol start=x><li>a":                                                         "1. a",
	} {
		if got := eml.PageText("<body>" + page); got != strings.TrimSpace(want) {
			t.Errorf("%s\nis read as\n%s\nwant\n%s", page, got, want)
		}
	}
}

// TestDeepPage: what a page costs does not grow with how deep it goes.
func TestDeepPage(t *testing.T) {
	t.Parallel()
	const n = 3000
	for _, tag := range []string{"<blockquote>x", "<ul><li>x", "<ol><li>x<p>y"} {
		if text := eml.PageText("<body>" + strings.Repeat(tag, n)); len(text) > n*300 {
			t.Errorf("%q gives %d octets", tag, len(text))
		}
	}
	if got := eml.PageText("<body>" + strings.Repeat("<ul>", 40) + "<li>x" + strings.Repeat("</ul>", 40) + "y"); !strings.HasSuffix(got, "- x\n\ny") {
		t.Errorf("behind deep lists it is %q", got)
	}
}

func TestBrokenMail(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty": "", "no header": "hello there\n", "binary": "\x00\x01\x02", "a blank line": "\nFrom: x\n", "only an envelope": "From x",
	} {
		if _, err := eml.Read(strings.NewReader(text), nil); !errors.Is(err, eml.ErrNoMail) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, tt := range map[string]struct{ text, want string }{
		"unknown charset":   {"Content-Type: text/plain; charset=klingon\n\nabc", "abc"},
		"no charset":        {"Subject: x\n\ncaf\xe9", "café"},
		"wrong charset":     {"Content-Type: text/plain; charset=utf-8\n\ncaf\xe9", "café"},
		"unknown encoding":  {"Content-Transfer-Encoding: uuencode\n\nabc", "abc"},
		"bad base64":        {"Content-Transfer-Encoding: base64\n\nYWJj!!!", "abc"},
		"no end":            {"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nabc", "abc"},
		"no boundary":       {"Content-Type: multipart/mixed\n\nabc", ""},
		"bad parameters":    {"Content-Type: text/plain; charset\n\nabc", "abc"},
		"UTF-16":            {"Content-Type: text/plain; charset=utf-16le\n\na\x00b\x00", "ab"},
		"two texts":         {"Content-Type: multipart/mixed; boundary=x\n\n--x\n\na\n--x\n\nb\n--x--", "a\n\nb"},
		"qp with bad marks": {"Content-Transfer-Encoding: quoted-printable\n\na=ZZb =E4", "a"},
	} {
		if m := read(t, "From: a@example.org\n"+tt.text); !strings.HasPrefix(m.Text, tt.want) {
			t.Errorf("%s: %q", name, m.Text)
		}
	}
	deep := "From: a@example.org\n" + strings.Repeat("Content-Type: multipart/mixed; boundary=x\n\n--x\n", 500)
	read(t, deep)
	failure := errors.New("disk on fire")
	if _, err := eml.Read(io.MultiReader(strings.NewReader("From: a@example.org\n\ntext"), iotest.ErrReader(failure)), nil); !errors.Is(err, failure) {
		t.Errorf("a disk's error becomes %v", err)
	}
	full := func(string, io.Reader) (string, error) { return "", failure }
	if _, err := eml.Read(strings.NewReader(mixed), full); !errors.Is(err, failure) {
		t.Errorf("keeping's error becomes %v", err)
	}
}

// Any answer to any mail can be read, edited and built.
func FuzzRead(f *testing.F) {
	f.Add([]byte(letter))
	f.Add([]byte(mixed))
	f.Add([]byte("From: a\nContent-Type: text/html\n\n<p><blockquote><pre>x</a></p>"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := eml.Read(bytes.NewReader(text), func(name string, r io.Reader) (string, error) {
			_, err := io.Copy(io.Discard, r)
			return "/k/" + name, err
		})
		if err != nil {
			return
		}
		for _, d := range []message.Draft{m.Reply(me, true), m.Reply(nil, false), m.Forward(me), m.Enclose(me, "/x.eml"), m.Draft(me)} {
			if strings.ContainsAny(d.Subject+d.To+d.Cc+d.From, "\r\n\x1b\x00") || strings.ContainsAny(d.Body, "\r\x1b\x00") {
				t.Fatalf("a control character in %+v", d)
			}
			d.From = "me@example.org"
			built, err := d.Message(func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("")), nil })
			if err != nil {
				t.Fatalf("%v in %+v", err, d)
			}
			built.Date, built.ID = time.Unix(0, 0), "x@example.org"
			if err := message.Build(io.Discard, built); err != nil {
				t.Fatalf("%v in %+v", err, d)
			}
		}
	})
}

// Quoting loses nothing of a text.
func FuzzQuote(f *testing.F) {
	f.Add("a\n\n> b\n-- \nc")
	f.Fuzz(func(t *testing.T, text string) {
		quoted := strings.Split(eml.Quote(text), "\n")
		lines := strings.Split(text, "\n")
		if len(quoted) != len(lines) {
			t.Fatalf("%d lines of %d", len(quoted), len(lines))
		}
		for i, line := range lines {
			back := strings.TrimPrefix(strings.TrimPrefix(quoted[i], ">"), " ")
			if !strings.HasPrefix(quoted[i], ">") || back != line && back != strings.TrimRight(line, " ") {
				t.Fatalf("%q is quoted as %q", line, quoted[i])
			}
		}
	})
}
