package message_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/message"
)

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
