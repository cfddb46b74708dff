package message_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sendoff/smtp/address"
	"sendoff/smtp/message"
)

var update = flag.Bool("update", false, "write the golden files anew")

// scripts are greetings in the writing systems a name or subject comes in.
var scripts = []string{
	"Grüße aus Köln, ça va", "Привет, как дела", "Γειά σου Κόσμε", "שלום עולם", "مرحبا بالعالم", "नमस्ते दुनिया",
	"สวัสดีชาวโลก", "你好世界", "こんにちは世界", "안녕하세요 세계", "გამარჯობა მსოფლიო", "Բարեւ աշխարհ", "ሰላም ልዑል", "வணக்கம் உலகம்",
	"👩‍👩‍👧‍👦🏳️‍🌈 👍🏽", "e\u0301a\u0308 combining", "mixed ASCII und Übriges = 100 % ?_?",
}

func TestGolden(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*message.Message){
		"plain": func(*message.Message) {},
		"everything": func(m *message.Message) {
			m.From = address.Mailbox{Name: "Jürgen Groß", Local: "juergen", Domain: "bücher.example"}
			m.ReplyTo = []address.Mailbox{{Name: "Doe, Ann", Local: "ann doe", Domain: "[IPv6:2001:db8::1]"}}
			m.To = append(m.To, address.Mailbox{Local: "carol", Domain: "example.com"})
			m.Cc = []address.Mailbox{{Name: "例え 太郎", Local: "taro", Domain: "例え.テスト"}, {Name: `A "B" C`, Local: "abc", Domain: "example.com"}}
			m.Bcc = []address.Mailbox{{Local: "secret", Domain: "example.com"}}
			m.Subject = "Grüße: the report on what we spoke of yesterday, with figures for all of the year 2026"
			m.Headers = []message.Header{{Name: "X-Plain", Value: "a value"}, {Name: "References", Value: "<one@example.org> <two@example.org> <three@example.org> <four@example.org>"}}
			m.UserAgent = "sendoff/1"
			m.Text = "Schöne Grüße\n\n.a dot\nFrom here on it is a line that is longer than seventy-eight octets, as paragraphs are.  \n-- \nJürgen"
			m.Attachments = []message.Attachment{file("notes.txt", "one\r\ntwo\n"), file("Übersicht 2026.pdf", "%PDF-1.7"), file(strings.Repeat("長い名前", 20)+".png", "\x89PNG")}
		},
		"only-bcc": func(m *message.Message) {
			m.Bcc, m.To, m.Text, m.Subject = m.To, nil, "", ""
		},
		"cyrillic": func(m *message.Message) {
			m.Subject, m.Text = strings.Repeat("Широкая электрификация южных губерний ", 3), strings.Repeat("Съешь же ещё этих мягких французских булок, да выпей чаю.\n", 3)
		},
	}
	for name, change := range tests {
		m := sample()
		change(m)
		raw := build(t, m)
		checkForm(t, raw)
		got := strings.ReplaceAll(raw, "\r\n", "\n")
		golden := filepath.Join("testdata", name+".golden")
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}

func TestTextArrives(t *testing.T) {
	t.Parallel()
	texts := map[string]struct{ text, encoding string }{
		"empty":             {"", "7bit"},
		"plain":             {"one\n\ttwo\n\nthree", "7bit"},
		"CRLF":              {"one\r\ntwo\r\n", "7bit"},
		"CR":                {"one\rtwo\r", "7bit"},
		"only line ends":    {"\n\n\n", "7bit"},
		"dots":              {".\n..\n.x\n", "7bit"},
		"78":                {strings.Repeat("x", 78) + "\n", "7bit"},
		"79":                {strings.Repeat("x", 79) + "\n", "quoted-printable"},
		"long":              {strings.Repeat("word ", 40000), "quoted-printable"},
		"a million":         {strings.Repeat("x", 1000000), "quoted-printable"},
		"signature":         {"hello\n-- \nAnn\n", "quoted-printable"},
		"tab at end":        {"hello\t\n", "quoted-printable"},
		"from":              {"From me\nto you\n", "quoted-printable"},
		"from, long":        {"From " + strings.Repeat("From ", 30) + "\n", "quoted-printable"},
		"dots, long":        {strings.Repeat(".", 300) + "é\n", "quoted-printable"},
		"control":           {"a\x00b\x1b[31m\x7f\n", "quoted-printable"},
		"equals":            {"é=3D==\n", "quoted-printable"},
		"short":             {"Grüße\n.\n-- \nAnn\n", "quoted-printable"},
		"german":            {strings.Repeat("Zwölf Boxkämpfer jagen Viktor quer über den Sylter Deich.\n", 20), "quoted-printable"},
		"russian":           {strings.Repeat("Съешь же ещё этих мягких французских булок.\n", 20), "base64"},
		"chinese":           {"我能吞下玻璃而不伤身体。\n", "base64"},
		"chinese, one line": {strings.Repeat("我能吞下玻璃而不伤身体。", 5000), "base64"},
	}
	for name, tt := range texts {
		m := sample()
		m.Text = tt.text
		raw := build(t, m)
		checkForm(t, raw)
		header, got, _ := read(t, raw)
		if got != crlf(tt.text) {
			t.Errorf("%s: text arrives as %.200q", name, got)
		}
		if e := header.Get("Content-Transfer-Encoding"); e != tt.encoding {
			t.Errorf("%s: encoded as %s, want %s", name, e, tt.encoding)
		}
		if strings.Contains(raw, "\nFrom ") {
			t.Errorf("%s: a line starts with From and a blank", name)
		}
		m.Attachments = []message.Attachment{file("a", "")}
		if _, got, parts := read(t, build(t, m)); got != crlf(tt.text) || len(parts) != 1 {
			t.Errorf("%s, with a file: text arrives as %.200q, %d files", name, got, len(parts))
		}
	}
}

// A text that quotes the boundary of its own message must not end its part.
func TestTextMayHoldTheBoundary(t *testing.T) {
	t.Parallel()
	m := sample()
	m.Attachments = []message.Attachment{file("a.txt", "content")}
	raw := build(t, m)
	_, rest, _ := strings.Cut(raw, `boundary="`)
	boundary, _, _ := strings.Cut(rest, `"`)
	m.Text = "--" + boundary + "--\n\nsmuggled\n--" + boundary + "\n"
	m.Attachments = []message.Attachment{file("a.txt", m.Text)}
	_, text, parts := read(t, build(t, m))
	if text != crlf(m.Text) || len(parts) != 1 || parts[0].Content != m.Text {
		t.Errorf("text %q, parts %q", text, parts)
	}
}

// A full disk under the outbox is no fault of the attachment.
func TestWriteErrorsComeAsTheyAre(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	m := sample()
	m.Attachments = []message.Attachment{file("a", strings.Repeat("x", 1000000))}
	size := len(build(t, m))
	for _, room := range []int{0, 400, 500, 1000, size / 2, size - 1} {
		if err := message.Build(&shortWriter{room, full}, m); err != full {
			t.Fatalf("with room for %d octets: %v", room, err)
		}
	}
}

type shortWriter struct {
	room int
	err  error
}

func (w *shortWriter) Write(p []byte) (int, error) {
	if w.room -= len(p); w.room < 0 {
		return 0, w.err
	}
	return len(p), nil
}

func TestBuildIsRepeatable(t *testing.T) {
	t.Parallel()
	m := sample()
	m.Attachments = []message.Attachment{file("ö.txt", "x"), file("b", "y")}
	m.Attachments[0].Type = "text/plain; a=1; b=2; c=3; d=4"
	first := build(t, m)
	for range 10 {
		if build(t, m) != first {
			t.Fatalf("the same message is written in two ways")
		}
	}
}

func TestAnyMessageArrives(t *testing.T) {
	t.Parallel()
	text := rapid.String().Filter(func(s string) bool { return !strings.ContainsAny(s, "\r\n\x00") })
	rapid.Check(t, func(t *rapid.T) {
		m := sample()
		m.Subject = text.Draw(t, "subject")
		m.To[0].Name = text.Draw(t, "name")
		m.Headers = []message.Header{{Name: "X-Own", Value: text.Draw(t, "own")}}
		m.Text = rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.RuneFrom([]rune("\n\r .=\t")))).Draw(t, "text")
		data := string(rapid.SliceOf(rapid.Byte()).Draw(t, "file"))
		m.Attachments = []message.Attachment{file("x", data)}
		raw := build(t, m)
		checkForm(t, raw)
		header, body, parts := read(t, raw)
		if got := decoded(t, header.Get("Subject")); got != strings.Trim(m.Subject, " ") {
			t.Fatalf("Subject arrives as %q", got)
		}
		if got := decoded(t, header.Get("X-Own")); got != strings.Trim(m.Headers[0].Value, " ") {
			t.Fatalf("X-Own arrives as %q", got)
		}
		list, err := header.AddressList("To")
		if err != nil || len(list) != 1 || list[0].Name != m.To[0].Name {
			t.Fatalf("To arrives as %v, %v", list, err)
		}
		if body != crlf(m.Text) || parts[0].Content != data {
			t.Fatalf("text %q, file %q", body, parts[0].Content)
		}
	})
}

func FuzzBuild(f *testing.F) {
	f.Add("subject", "name", "file.txt", "text\n")
	f.Add(strings.Repeat("ö ", 50), `a "b" \`, "ö'%\r\n.txt", "From x\r\n.\r\n ")
	f.Add("=?utf-8?q?", "a,b <c>", strings.Repeat("/x", 300), "\xff")
	f.Fuzz(func(t *testing.T, subject, name, fileName, text string) {
		m := sample()
		m.Subject, m.To[0].Name, m.Text = subject, name, text
		m.Attachments = []message.Attachment{file(fileName, text)}
		var b bytes.Buffer
		if err := message.Build(&b, m); err != nil {
			var wrong *message.FieldError
			if !errors.As(err, &wrong) {
				t.Fatalf("error %v", err)
			}
			return
		}
		checkForm(t, b.String())
		header, body, parts := read(t, b.String())
		if got := decoded(t, header.Get("Subject")); got != strings.Trim(subject, " ") {
			t.Fatalf("Subject %q arrives as %q", subject, got)
		}
		if list, err := header.AddressList("To"); err != nil || len(list) != 1 || list[0].Name != name {
			t.Fatalf("name %q arrives as %v, %v", name, list, err)
		}
		if body != crlf(text) || len(parts) != 1 || parts[0].Content != text {
			t.Fatalf("text %q, files %q", body, parts)
		}
		delete(header, "Subject")
		if len(header) != 6 {
			t.Fatalf("the header has fields of its own: %v", header)
		}
	})
}
