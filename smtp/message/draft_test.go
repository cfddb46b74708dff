package message_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/address"
	"sendoff/smtp/message"
)

func noFiles(path string) (io.ReadCloser, error) { return nil, errors.New("no files here") }

func TestDraftBecomesMessage(t *testing.T) {
	t.Parallel()
	d := message.Draft{
		From: "Ann <ann@example.org>", To: `"Doe, John" <j@example.org>, Team: a@example.org, b@example.org;`, Cc: "c@example.org",
		Bcc: "d@example.org; e@example.org", ReplyTo: "r@example.org", Subject: "Hi", Body: "text",
		Headers: []message.Header{{Name: "X-A", Value: "b"}}, Attachments: []string{"/tmp/a.txt", "b.txt"},
	}
	var opened []string
	m, err := d.Message(func(path string) (io.ReadCloser, error) {
		opened = append(opened, path)
		return io.NopCloser(strings.NewReader("content of " + path)), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	list, err := message.Recipients(m)
	if want := []string{"j@example.org", "a@example.org", "b@example.org", "c@example.org", "d@example.org", "e@example.org"}; err != nil || !cmp.Equal(list, want) {
		t.Errorf("recipients %v, %v; want %v", list, err, want)
	}
	if want := (address.Mailbox{Name: "Doe, John", Local: "j", Domain: "example.org"}); m.To[0] != want {
		t.Errorf("To starts with %+v, want %+v", m.To[0], want)
	}
	if len(opened) > 0 {
		t.Errorf("%q were opened before the mail is built", opened)
	}
	m.Date, m.ID = sample().Date, sample().ID
	header, text, parts := read(t, build(t, m))
	if text != "text\r\n" || header.Get("Reply-To") != "r@example.org" || header.Get("X-A") != "b" {
		t.Errorf("text %q, header %v", text, header)
	}
	want := []part{{"a.txt", "text/plain; charset=utf-8", "content of /tmp/a.txt"}, {"b.txt", "text/plain; charset=utf-8", "content of b.txt"}}
	if diff := cmp.Diff(want, parts); diff != "" {
		t.Errorf("attachments: (-want +got)\n%s", diff)
	}
}

func TestDraftNamesTheWrongField(t *testing.T) {
	t.Parallel()
	good := message.Draft{From: "a@example.org", To: "b@example.org"}
	tests := []struct {
		change func(*message.Draft)
		want   string
	}{
		{func(d *message.Draft) { d.From = "" }, "From: there is no address"},
		{func(d *message.Draft) { d.From = "a@x.org, b@x.org" }, "From: a@x.org, b@x.org is more than one address"},
		{func(d *message.Draft) { d.To = "a@x.org, dave@@x" }, "To: dave@@x has two @ signs"},
		{func(d *message.Draft) { d.Cc = "dave" }, "Cc: dave needs an @ and a domain"},
		{func(d *message.Draft) { d.Bcc = "dave@" }, "Bcc: dave@ needs a domain after the @"},
		{func(d *message.Draft) { d.ReplyTo = "@x" }, "Reply-To: @x needs something before the @"},
	}
	for _, tt := range tests {
		d := good
		tt.change(&d)
		_, err := d.Message(noFiles)
		var wrong *message.FieldError
		if !errors.As(err, &wrong) || err.Error() != tt.want {
			t.Errorf("error %v, want %s", err, tt.want)
		}
	}
}

func TestDraftSurvivesJSON(t *testing.T) {
	t.Parallel()
	d := message.Draft{
		Account: "a", From: "f", To: "\"Doe, J\" <j@x>, broken", Cc: "c", Bcc: "b", ReplyTo: "r", Subject: "ünï", Headers: []message.Header{{Name: "X", Value: "y"}},
		Body: "one\n\ttwo", Attachments: []string{"/tmp/ö"}, Focus: "body", Line: 1, Column: 3,
	}
	data, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var got message.Draft
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestNewID(t *testing.T) {
	t.Parallel()
	id, err := message.NewID(bytes.NewReader(bytes.Repeat([]byte{0xa5}, 16)), "bücher.example")
	if want := "uws2ljnfuws2ljnfuws2ljnfuu@xn--bcher-kva.example"; err != nil || id != want {
		t.Errorf("NewID = %q, %v; want %q", id, err, want)
	}
	if id, err := message.NewID(strings.NewReader("short"), "example.org"); err == nil {
		t.Errorf("NewID without enough random = %q", id)
	}
	if id, err := message.NewID(strings.NewReader(strings.Repeat("x", 16)), "bad domain"); err == nil {
		t.Errorf("NewID at a bad domain = %q", id)
	}
	m := sample()
	m.ID, err = message.NewID(strings.NewReader(strings.Repeat("x", 16)), "[192.0.2.1]")
	if err != nil {
		t.Fatal(err)
	}
	build(t, m)
}

func TestParseMailto(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   string
		want message.Draft
	}{
		{"mailto:chris@example.com", message.Draft{To: "chris@example.com"}},
		{"MAILTO:?to=joe@example.com&cc=bob@example.com&body=hello", message.Draft{To: "joe@example.com", Cc: "bob@example.com", Body: "hello"}},
		{"mailto:infobot@example.com?subject=current-issue", message.Draft{To: "infobot@example.com", Subject: "current-issue"}},
		{"mailto:infobot@example.com?body=send%20current-issue%0D%0Asend%20index", message.Draft{To: "infobot@example.com", Body: "send current-issue\nsend index"}},
		{"mailto:list@example.org?In-Reply-To=%3C3469A91.D10AF4C@example.com%3E", message.Draft{To: "list@example.org", Headers: []message.Header{
			{Name: "In-Reply-To", Value: "<3469A91.D10AF4C@example.com>"}, {Name: "References", Value: "<3469A91.D10AF4C@example.com>"}}}},
		{"mailto:list@example.org?keywords=a%2C%20b%0D%0ABcc:%20x", message.Draft{To: "list@example.org", Headers: []message.Header{{Name: "Keywords", Value: "a, b  Bcc: x"}}}},
		{"mailto:addr1@an.example,addr2@an.example?to=addr3@an.example", message.Draft{To: "addr1@an.example, addr2@an.example, addr3@an.example"}},
		{"mailto:gorby%25kremvax@example.com", message.Draft{To: "gorby%kremvax@example.com"}},
		{"mailto:unlikely%3Faddress@example.com?blat=foop", message.Draft{To: "unlikely?address@example.com"}},
		{"mailto:Mike%26family@example.org", message.Draft{To: "Mike&family@example.org"}},
		{"mailto:%22not%40me%22@example.org", message.Draft{To: `"not@me"@example.org`}},
		{"mailto:%22oh%5C%5Cno%22@example.org", message.Draft{To: `"oh\\no"@example.org`}},
		{"mailto:user@example.org?subject=caf%C3%A9", message.Draft{To: "user@example.org", Subject: "café"}},
		{"mailto:user@%E7%B4%8D%E8%B1%86.example.org", message.Draft{To: "user@納豆.example.org"}},
		{"mailto:Doe%2C%20J%20%3Cj@x.org%3E", message.Draft{To: "Doe, J <j@x.org>"}},
		{"mailto:%22Doe%2C%20J%22%20%3Cj@x.org%3E", message.Draft{To: `"Doe, J" <j@x.org>`}},
		{"mailto:a+b@x.org?subject=1+1", message.Draft{To: "a+b@x.org", Subject: "1+1"}},
		{"mailto:a@x.org?subject=x%0D%0ABcc:%20evil@x.org", message.Draft{To: "a@x.org", Subject: "x  Bcc: evil@x.org"}},
		{"mailto:broken?bcc=b@x.org#part", message.Draft{To: "broken", Bcc: "b@x.org"}},
		{"mailto:", message.Draft{}},
	}
	for _, tt := range tests {
		got, _, err := message.ParseMailto(tt.in)
		if err != nil {
			t.Errorf("ParseMailto(%q): %v", tt.in, err)
		}
		if tt.want.Body != "" {
			tt.want.Format = message.Plain // a stranger's text is no markdown, which could name files
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("ParseMailto(%q): (-want +got)\n%s", tt.in, diff)
		}
	}
	for _, in := range []string{"", "http://x.org", "mailto", "mailto:%zz", "mailto:a@x?body=%", "mailto:a@x?subject=%ff"} {
		if got, _, err := message.ParseMailto(in); err == nil {
			t.Errorf("ParseMailto(%q) = %+v, want an error", in, got)
		}
	}
}

// TestMailtoAsksTooMuch: what strangers may not have is left out, and told.
func TestMailtoAsksTooMuch(t *testing.T) {
	t.Parallel()
	got, left, err := message.ParseMailto("mailto:a@x.org?attach=/etc/pass%0Awd&subject=s&From=evil@x.org&&x-own=1")
	if diff := cmp.Diff(message.Draft{To: "a@x.org", Subject: "s"}, got); diff != "" || err != nil {
		t.Errorf("%v: (-want +got)\n%s", err, diff)
	}
	if diff := cmp.Diff([]string{"attach=/etc/pass wd", "From=evil@x.org", "x-own=1"}, left); diff != "" {
		t.Errorf("left out (-want +got)\n%s", diff)
	}
}

func FuzzParseMailto(f *testing.F) {
	f.Add("mailto:%22Doe%2C%20J%22%20%3Cj@x.org%3E,b@x?subject=%0D%0A&body=%0D%0A%00&in-reply-to=a@b&cc=,")
	f.Fuzz(func(t *testing.T, s string) {
		d, left, err := message.ParseMailto(s)
		if err != nil {
			return
		}
		if len(d.Attachments) > 0 || d.From != "" || d.Account != "" || d.ReplyTo != "" {
			t.Fatalf("%q sets more than it may: %+v", s, d)
		}
		for _, line := range append(left, d.To, d.Cc, d.Bcc, d.Subject) {
			if strings.ContainsAny(line, "\r\n\x00\x1b") {
				t.Fatalf("%q puts %q into a line", s, line)
			}
		}
		d.From, d.To, d.Cc, d.Bcc = "a@example.org", "", "", ""
		m, err := d.Message(noFiles)
		if err != nil {
			t.Fatal(err)
		}
		m.Date, m.ID = sample().Date, sample().ID
		build(t, m)
	})
}

// A text in markdown takes pictures along, and no other files: whoever had it
// written might want those.
func TestMarkdownTakesPictures(t *testing.T) {
	t.Parallel()
	d := message.Draft{From: "a@bücher.example", To: "b@example.org", Format: message.Markdown, Body: "![one](a.png) ![one](a.png)\n\n![](b.JPG)"}
	m, err := d.Message(noFiles)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Inline) != 2 || m.Inline[0].Name != "a.png" || !strings.HasSuffix(m.Inline[0].ContentID, "@xn--bcher-kva.example") ||
		!strings.Contains(m.HTML, `src="cid:`+m.Inline[1].ContentID+`"`) || !strings.HasPrefix(m.Text, "[image: one]") {
		t.Errorf("inline %+v, text %q, page\n%s", m.Inline, m.Text, m.HTML)
	}
	for _, path := range []string{"~/.ssh/id_rsa", "/etc/passwd", "a.pdf", "a.png.txt"} {
		d.Body = "![x](" + path + ")"
		var wrong *message.FieldError
		if _, err := d.Message(noFiles); !errors.As(err, &wrong) || wrong.Field != "Body" || wrong.Text != path {
			t.Errorf("%s: %v", path, err)
		}
	}
}
