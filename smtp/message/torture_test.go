package message_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/address"
	"sendoff/smtp/message"
)

// found is what a reader makes of a mail.
type found struct {
	From    [][2]string `json:"from"` // name and address
	To      [][2]string `json:"to"`
	Cc      [][2]string `json:"cc"`
	ReplyTo [][2]string `json:"reply_to"`
	Subject string      `json:"subject"`
	Text    string      `json:"text"`
	HTML    string      `json:"html"`
	Flowed  bool        `json:"flowed"`
	Files   [][3]string `json:"files"` // name, SHA-256, Content-ID
}

// odd are texts that have gone wrong somewhere before: in subjects, in names of
// people and of files.
var odd = []string{
	"Doe, John", `Ann "the one" Doe`, `back\slash`, "=?utf-8?q?not_encoded?=", "a@b.example", "(comment)", "semi;colon", "J. R. Doe",
	"<angle>", "comma, and : colon", "trailing.", "under_score = equals ?", "100 %", "tab-like", "'single'", "*star*", "x", "=", "?=", "=?",
	"ß", "é", "日本 mixed ASCII 語 and more", strings.Repeat("long ", 40) + "end", strings.Repeat("long", 60), strings.Repeat("ö", 120),
	strings.Repeat("日本語 ", 40) + "end", "👩‍👩‍👧‍👦🏳️‍🌈 👍🏽", strings.Repeat("👩‍👧", 30), "e\u0301a\u0308 n\u0303", "a  b   c", "ends in é",
	"é begins", "one é two", "é two é", strings.Repeat("x", 74) + "é", strings.Repeat("é ", 60) + "x", "Re: [list] (1/2) {x} $y^z `w` ~t |p", "'quote\"",
	"\u200fעברית (RTL)\u200e", "İıŞş Türkçe", "ﬁ ligature", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "Zürich–Genève—“quoted” ‘text’ … €",
}

// tortures are the mails that every reader must understand alike.
func tortures() map[string]*message.Message {
	all := map[string]*message.Message{}
	add := func(name string, change func(*message.Message)) {
		m := sample()
		m.ID = fmt.Sprintf("%d@example.org", len(all)+1)
		m.UserAgent = "sendoff/1"
		change(m)
		all[fmt.Sprintf("%03d %s", len(all)+1, name)] = m
	}
	named := func(s string) address.Mailbox { return address.Mailbox{Name: s, Local: "bob", Domain: "example.net"} }
	for i, s := range scripts {
		add("script", func(m *message.Message) {
			m.From.Name, m.To, m.Subject, m.Text = s, []address.Mailbox{named(s), named("")}, s, s+"\n"
			m.Attachments = []message.Attachment{file(s+".txt", s)}
		})
		add("script, long", func(m *message.Message) {
			m.Cc, m.Subject, m.Text = []address.Mailbox{named(s + " " + s)}, strings.Repeat(s+" ", 20)+"end", strings.Repeat(s+" ", 300)+"\n"
			m.Attachments = []message.Attachment{file(strings.Repeat(s, 240/len([]rune(s)))+".pdf", "x"), file("b.txt", s)}
		})
		add("script, page", func(m *message.Message) {
			m.Text, m.HTML = s+"\n", "<p>"+s+"</p>\n"
			if i%2 == 0 {
				m.Attachments = []message.Attachment{file(s, "attached")}
			}
			if i%3 == 0 {
				image := file(s+".png", "\x89PNG"+s)
				image.ContentID = fmt.Sprintf("%d.abc@example.org", i)
				m.Inline = []message.Attachment{image}
			}
		})
	}
	for _, s := range odd {
		add("odd", func(m *message.Message) {
			m.Subject, m.From.Name = s, s
			m.To = []address.Mailbox{named(s), {Name: s + " " + s, Local: "x", Domain: "example.org"}, named("")}
			m.Attachments = []message.Attachment{file(s, s), file(s+".txt", s)}
		})
	}
	long := strings.TrimSpace(strings.Repeat("a paragraph in one line ", 30))
	for _, text := range []string{
		"", "\n", "\n\n\n", "no end", "x\n", ".\n..\n.x\n", "From me\n>From you\n", "a\n-- \nAnn\n", "blank at end \n\t\n \n", long + "\n", long + "\n\n" + long,
		strings.Repeat("x", 998) + "\n", strings.Repeat("x", 999) + "\n", strings.Repeat("x", 70000), strings.Repeat("é", 70000), "a\rb\r\nc", "=3D =\n", "a\tb\n\tc\n",
		"--=_boundary\n--=_boundary--\n", "\x01\x7f\x1b[31m\n", strings.Repeat("> ", 40) + "deep\n" + strings.Repeat(">", 40) + long + "\n", "> " + long + "\n> -- \n> x\n",
		" " + long, "From " + long + "\n From x\n>" + long, "日本語" + strings.Repeat("日本語", 200), "\ufeffmark", strings.Repeat("short\n", 5000), "🏳️‍🌈\n" + long,
		"begin 644 x\n#0V%T\n`\nend\n", "Content-Type: text/html\n\n<p>x</p>\n", "trailing =\n=20\n", long + " \u00a0end",
	} {
		add("text", func(m *message.Message) { m.Text = text })
		add("text with a file", func(m *message.Message) { m.Text, m.Attachments = text, []message.Attachment{file("a", text)} })
	}
	add("40 files", func(m *message.Message) {
		for i := range 40 {
			m.Attachments = append(m.Attachments, file(fmt.Sprintf("größe %d.bin", i), strings.Repeat(string(rune(i)), i*1000)))
		}
	})
	add("one name", func(m *message.Message) {
		m.Attachments = []message.Attachment{file("a/x", "1"), file("b/x", "2"), file("x", "3")}
	})
	add("all octets", func(m *message.Message) {
		var b strings.Builder
		for range 300 {
			for c := range 256 {
				b.WriteByte(byte(c))
			}
		}
		m.Attachments = []message.Attachment{file("octets", b.String()), file("empty", ""), file("crlf.txt", "\r\n.\r\n\r\n")}
	})
	add("only bcc", func(m *message.Message) { m.Bcc, m.To, m.Subject = m.To, nil, "" })
	add("addresses", func(m *message.Message) {
		m.To = []address.Mailbox{
			{Local: "ann doe", Domain: "example.org"}, {Local: "a\"b", Domain: "example.org"}, {Local: "first.last+tag", Domain: "sub.example.org"},
			{Name: "Ünal", Local: "u", Domain: "bücher.example"}, {Local: "x", Domain: "[192.0.2.1]"}, {Local: "!#$%&'*+-/=?^_`{|}~", Domain: "example.org"},
		}
		m.ReplyTo = []address.Mailbox{named("Doe, Ann"), {Local: "y", Domain: "例え.テスト"}}
	})
	add("200 recipients", func(m *message.Message) {
		for i := range 200 {
			m.Cc = append(m.Cc, address.Mailbox{Name: fmt.Sprintf("Grüße %d", i), Local: fmt.Sprint("r", i), Domain: "example.org"})
		}
	})
	add("a thread", func(m *message.Message) {
		refs := ""
		for i := range 50 {
			refs += fmt.Sprintf("<%d.%s@example.org> ", i, strings.Repeat("x", 40))
		}
		m.Headers = []message.Header{{Name: "References", Value: strings.TrimSpace(refs)}, {Name: "X-Long", Value: strings.Repeat("y", 500)}, {Name: "X-Ü", Value: "x"}}
		m.Headers = m.Headers[:2]
	})
	add("a mail in a mail", func(m *message.Message) {
		m.Attachments = []message.Attachment{file("old.eml", "From: a@example.org\nSubject: old\n\n.\nFrom here\n")}
	})
	add("a picture below the text", func(m *message.Message) {
		image := file("größe.png", "\x89PNG")
		image.Inline = true
		m.Attachments = []message.Attachment{image, file("a.txt", "x")}
	})
	for i := range 12 {
		add("everything", func(m *message.Message) {
			s := scripts[i]
			image := file(s+".png", s)
			image.ContentID = "1.x@example.org"
			m.Text, m.HTML, m.Inline = long+"\n> "+long+"\n"+s+"\n", "<h1>"+s+"</h1>\n<p>"+long+"</p>\n", []message.Attachment{image}
			m.Attachments = []message.Attachment{file(s, s), file(s, long), file("a b c.txt", "")}
		})
	}
	return all
}

// meant is what a reader should find.
func meant(t *testing.T, m *message.Message) found {
	f := found{
		From: pairs(t, m.From), To: pairs(t, m.To...), Cc: pairs(t, m.Cc...), ReplyTo: pairs(t, m.ReplyTo...), Subject: m.Subject,
		Text: strings.ReplaceAll(crlf(m.Text), "\r\n", "\n"), HTML: m.HTML, Files: [][3]string{},
	}
	for _, list := range [][]message.Attachment{m.Inline, m.Attachments} {
		taken := map[string]int{}
		for _, a := range list {
			r, err := a.Open()
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			name := message.FileName(a.Name)
			if taken[name]++; taken[name] > 1 {
				name = fmt.Sprintf("%s (%d)", name, taken[name])
			}
			if strings.HasSuffix(name, ".eml") {
				data = bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
			}
			f.Files = append(f.Files, [3]string{name, fmt.Sprintf("%x", sha256.Sum256(data)), a.ContentID})
		}
	}
	return f
}

func pairs(t *testing.T, boxes ...address.Mailbox) [][2]string {
	list := [][2]string{}
	for _, m := range boxes {
		wire, err := m.Wire()
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, [2]string{m.Name, wire})
	}
	return list
}

// TestReadersAgree builds mail of every kind, and has it read by the standard
// library, by Python's email package with every defect an error, and by Perl's
// MIME::Parser.
func TestReadersAgree(t *testing.T) {
	t.Parallel()
	all := tortures()
	if len(all) < 150 {
		t.Fatalf("only %d mails", len(all))
	}
	folder := t.TempDir()
	var names, paths []string
	for name, m := range all {
		raw := build(t, m)
		checkForm(t, raw)
		path := filepath.Join(folder, name[:3])
		if err := os.WriteFile(path, []byte(raw), 0o600); err != nil {
			t.Fatal(err)
		}
		names, paths = append(names, name), append(paths, path)
	}
	for reader, read := range map[string]func(*testing.T, []string) []found{
		"net/mail": readByGo, "python": readBy("python3", "read.py"), "perl": readBy("perl", "read.pl"),
	} {
		t.Run(reader, func(t *testing.T) {
			got := read(t, paths)
			if len(got) != len(names) {
				t.Fatalf("%d mails are read of %d", len(got), len(names))
			}
			for i, name := range names {
				want := meant(t, all[name])
				if got[i].Flowed {
					got[i].Text, want.Text = message.Unflow(got[i].Text, false), usualQuotes(strings.ReplaceAll(want.Text, "\r", ""))
				}
				got[i].Flowed = false
				if diff := cmp.Diff(want, got[i]); diff != "" {
					t.Errorf("%s: (-want +got)\n%.3000s", name, diff)
				}
			}
		})
	}
}

// readBy reads with a program of another language.
func readBy(program, script string) func(*testing.T, []string) []found {
	return func(t *testing.T, paths []string) []found {
		if program == "perl" && exec.Command(program, "-MMIME::Parser", "-e1").Run() != nil {
			lacks(t, "Perl's MIME::Parser (libmime-tools-perl)")
		}
		if _, err := exec.LookPath(program); err != nil {
			lacks(t, program)
		}
		cmd := exec.CommandContext(t.Context(), program, filepath.Join("testdata", "readers", script))
		cmd.Stdin = strings.NewReader(strings.Join(paths, "\n") + "\n")
		var errs bytes.Buffer
		cmd.Stderr = &errs
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s", program, err, errs.String())
		}
		var list []found
		for lines := bufio.NewReader(bytes.NewReader(out)); ; {
			line, err := lines.ReadBytes('\n')
			if err != nil {
				return list
			}
			var f found
			if err := json.Unmarshal(line, &f); err != nil {
				t.Fatal(err)
			}
			list = append(list, f)
		}
	}
}

// lacks skips a test that needs what is not here, and fails it where every
// real part has to be there.
func lacks(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("SENDOFF_TEST_REAL") == "1" {
		t.Fatalf("this test needs %s", what)
	}
	t.Skipf("this test needs %s", what)
}

// readByGo reads with the standard library.
func readByGo(t *testing.T, paths []string) []found {
	var list []found
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		msg, err := mail.ReadMessage(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		f := found{Subject: decoded(t, msg.Header.Get("Subject")), Files: [][3]string{}}
		for field, to := range map[string]*[][2]string{"From": &f.From, "To": &f.To, "Cc": &f.Cc, "Reply-To": &f.ReplyTo} {
			*to = [][2]string{}
			if v := msg.Header.Get(field); v == "" || v == "undisclosed-recipients:;" {
				continue
			}
			boxes, err := msg.Header.AddressList(field)
			if err != nil {
				t.Fatalf("%s: %s %q: %v", path, field, msg.Header.Get(field), err)
			}
			for _, box := range boxes {
				at := strings.LastIndexByte(box.Address, '@')
				wire, err := address.Mailbox{Local: box.Address[:at], Domain: box.Address[at+1:]}.Wire()
				if err != nil {
					t.Fatal(err)
				}
				*to = append(*to, [2]string{box.Name, wire})
			}
		}
		f.walk(t, map[string][]string(msg.Header), msg.Body)
		list = append(list, f)
	}
	return list
}

func (f *found) walk(t *testing.T, header map[string][]string, body io.Reader) {
	first := func(name string) string { return strings.Join(header[name], "") }
	kind, params, err := mime.ParseMediaType(first("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		for r := multipart.NewReader(body, params["boundary"]); ; {
			p, err := r.NextRawPart()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			f.walk(t, p.Header, p)
		}
	}
	data := content(t, body, first("Content-Transfer-Encoding"))
	text := strings.ReplaceAll(data, "\r\n", "\n")
	switch disposition := first("Content-Disposition"); {
	case disposition != "":
		_, names, err := mime.ParseMediaType(disposition)
		if err != nil {
			t.Fatal(err)
		}
		f.Files = append(f.Files, [3]string{names["filename"], fmt.Sprintf("%x", sha256.Sum256([]byte(data))), strings.Trim(first("Content-Id"), "<>")})
	case kind == "text/html":
		f.HTML = text
	default:
		f.Text, f.Flowed = text, params["format"] == "flowed"
	}
}
