package message_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/mail"
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

func TestFileNamesArrive(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"a.txt": "a.txt", "two words.txt": "two words.txt", `a"b'c.txt`: `a"b'c.txt`, "semi;colon=x.txt": "semi;colon=x.txt",
		"/etc/passwd": "passwd", `C:\temp\a.doc`: "a.doc", "../../x": "x", "dir/": "attachment", "..": "attachment", "": "attachment",
		"line\r\nBcc: x@y": "line__Bcc: x@y", "esc\x1b[2J": "esc_[2J", "nul\x00": "nul_", "lat\xeden": "lat_en",
		"100%25*'x'": "100%25*'x'", "=?utf-8?q?x?=": "=?utf-8?q?x?=",
		strings.Repeat("x", 240) + ".txt":  strings.Repeat("x", 240) + ".txt",
		strings.Repeat("ö", 240):           strings.Repeat("ö", 240),
		strings.Repeat("👩‍👧", 60) + ".jpg": strings.Repeat("👩‍👧", 60) + ".jpg",
	}
	for _, s := range scripts {
		tests[s+".pdf"] = s + ".pdf"
	}
	m := sample()
	var want []string
	seen := map[string]int{}
	for in, out := range tests {
		if seen[out]++; seen[out] > 1 {
			out = fmt.Sprintf("%s (%d)", out, seen[out])
		}
		m.Attachments = append(m.Attachments, file(in, out))
		want = append(want, out)
	}
	raw := build(t, m)
	checkForm(t, raw)
	_, _, parts := read(t, raw)
	if len(parts) != len(want) {
		t.Fatalf("%d files arrive of %d", len(parts), len(want))
	}
	for i, p := range parts {
		if p.Name != want[i] || p.Content != want[i] {
			t.Errorf("%q arrives as %q", want[i], p.Name)
		}
	}
}

func TestMediaTypes(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, given, content, want string }{
		{"a.pdf", "", "x", "application/pdf"},
		{"A.PDF", "", "x", "application/pdf"},
		{"a.txt", "", "x", "text/plain; charset=utf-8"},
		{"a.txt", "", "caf\xe9 au lait", "text/plain"},
		{"a.tar.gz", "", "x", "application/gzip"},
		{"unknown", "", "\x89PNG\r\n\x1a\n", "image/png"},
		{"unknown", "", "\x00\x01\x02", "application/octet-stream"},
		{"README", "", "hello", "text/plain; charset=utf-8"},
		{"a.eml", "", "From: x\n\ntext\n", "message/rfc822"},
		{"a.eml", "", "From: x\n\ncaf\xe9\n", "application/octet-stream"},
		{"a.eml", "", "From: x\n\n" + strings.Repeat("x", 999), "application/octet-stream"},
		{"a.eml", "", "From: x\r\n\r\na\rb", "application/octet-stream"},
		{"a.eml", "", "no mail", "application/octet-stream"},
		{"a.eml", "", "", "application/octet-stream"},
		{"a", "message/rfc822", "From: x\n\ny", "message/rfc822"},
		{"a", "Text/Calendar; method=REQUEST; charset=UTF-8", "x", "text/calendar; charset=UTF-8; method=REQUEST"},
		{"a", "message/rfc822", "x", "application/octet-stream"},
	}
	for _, tt := range tests {
		m := sample()
		a := file(tt.name, tt.content)
		a.Type = tt.given
		m.Attachments = []message.Attachment{a}
		if _, _, parts := read(t, build(t, m)); parts[0].Type != tt.want {
			t.Errorf("%s (%q) has type %q, want %q", tt.name, tt.given, parts[0].Type, tt.want)
		}
	}
}

func TestManyAttachments(t *testing.T) {
	t.Parallel()
	m := sample()
	block := strings.Repeat("0123456789abcdef", 10000) // more than a block of the encoder
	for i := range 40 {
		m.Attachments = append(m.Attachments, file("same.bin", block[:i*4096+i]))
	}
	_, _, parts := read(t, build(t, m))
	if len(parts) != 40 {
		t.Fatalf("%d files arrive", len(parts))
	}
	for i, p := range parts {
		if p.Content != block[:i*4096+i] {
			t.Errorf("file %d is not what it was", i)
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

type brokenFile struct {
	io.Reader
	err error
}

func (f brokenFile) Close() error { return f.err }

func TestAttachmentTrouble(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	opens := map[string]func() (io.ReadCloser, error){
		"open": func() (io.ReadCloser, error) { return nil, broken },
		"read at once": func() (io.ReadCloser, error) {
			return brokenFile{io.MultiReader(strings.NewReader("x"), errReader{broken}), nil}, nil
		},
		"read later": func() (io.ReadCloser, error) {
			return brokenFile{io.MultiReader(strings.NewReader(strings.Repeat("x", 200000)), errReader{broken}), nil}, nil
		},
		"close": func() (io.ReadCloser, error) { return brokenFile{strings.NewReader("x"), broken}, nil },
	}
	for name, open := range opens {
		m := sample()
		m.Attachments = []message.Attachment{{Name: "/tmp/plan.pdf", Open: open}}
		err := message.Build(io.Discard, m)
		if !errors.Is(err, broken) || !strings.Contains(err.Error(), `attachment "plan.pdf"`) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	m := sample()
	m.Attachments = []message.Attachment{{Name: "x", Open: func() (io.ReadCloser, error) { return os.Open("testdata/missing") }}}
	if err := message.Build(io.Discard, m); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file gives %v", err)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

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

// Files of one name arrive under names of their own, so that saving them all
// loses none.
func TestSameNames(t *testing.T) {
	t.Parallel()
	m := sample()
	m.Attachments = []message.Attachment{file("a/x.pdf", "1"), file("b/X.PDF", "2"), file("x (2).pdf", "3"), file("x.pdf", "4"), file("y", "5"), file("y", "6")}
	_, _, parts := read(t, build(t, m))
	var names []string
	for _, p := range parts {
		names = append(names, p.Name)
	}
	if diff := cmp.Diff([]string{"x.pdf", "X (2).PDF", "x (2) (2).pdf", "x (3).pdf", "y", "y (2)"}, names); diff != "" {
		t.Errorf("names: (-want +got)\n%s", diff)
	}
}
