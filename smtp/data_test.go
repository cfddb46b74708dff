package smtp

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

// encode writes chunks as content of DATA, with the octets that end it.
func encode(chunks ...[]byte) []byte {
	var b bytes.Buffer
	l := &lines{w: &b, stuff: true}
	for _, c := range chunks {
		_, _ = l.Write(c)
	}
	_ = l.finish()
	b.WriteString(".\r\n")
	return b.Bytes()
}

var anyEnd = regexp.MustCompile(`\r\n|\r|\n`)

// normal is what a server should hand on, found another way.
func normal(s string) string {
	if s == "" {
		return ""
	}
	s = anyEnd.ReplaceAllString(s, "\r\n")
	if !strings.HasSuffix(s, "\r\n") {
		s += "\r\n"
	}
	return s
}

// decode reads content as a server does (RFC 5321 section 4.5.2).
func decode(t *testing.T, wire []byte) string {
	t.Helper()
	var b strings.Builder
	rest := string(wire)
	for {
		line, after, ok := strings.Cut(rest, "\r\n")
		if !ok {
			t.Fatalf("no end in %q", wire)
		}
		if strings.ContainsAny(line, "\r\n") {
			t.Fatalf("a lone CR or LF in %q", wire)
		}
		if line == "." {
			if after != "" {
				t.Fatalf("an end before the end in %q", wire)
			}
			return b.String()
		}
		b.WriteString(strings.TrimPrefix(line, ".") + "\r\n")
		rest = after
	}
}

// TestSecurity07_DotStuffing goes through all texts of up to six characters
// that matter, in pieces of every size: the wire has no lone CR or LF and one
// end (CVE-2021-38189, CVE-2023-51764 to 51766).
func TestSecurity07_DotStuffing(t *testing.T) {
	t.Parallel()
	const alphabet = "\r\n.a"
	var walk func(s string)
	walk = func(s string) {
		want := encode([]byte(s))
		if got := decode(t, want); got != normal(s) {
			t.Fatalf("%q came out as %q", s, got)
		}
		for size := 1; size <= len(s); size++ {
			var chunks [][]byte
			for rest := []byte(s); len(rest) > 0; {
				n := min(size, len(rest))
				chunks = append(chunks, rest[:n])
				rest = rest[n:]
			}
			if got := encode(chunks...); !bytes.Equal(got, want) {
				t.Fatalf("%q in pieces of %d: %q, not %q", s, size, got, want)
			}
		}
		if len(s) < 6 {
			for _, c := range alphabet {
				walk(s + string(c))
			}
		}
	}
	walk("")
}

func FuzzContent(f *testing.F) {
	f.Add("a\r\n.\r\nb", 1)
	f.Add(".\n..\r.", 2)
	f.Add(strings.Repeat("x", 70)+"\r\n.", 71)
	f.Fuzz(func(t *testing.T, s string, cut int) {
		cut = min(max(cut, 0), len(s))
		wire := encode([]byte(s[:cut]), []byte(s[cut:]))
		if got := decode(t, wire); got != normal(s) {
			t.Errorf("%q came out as %q", s, got)
		}
	})
}

func BenchmarkContent(b *testing.B) {
	text := []byte(strings.Repeat(strings.Repeat("A", 76)+"\r\n", 800))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		l := &lines{w: discard{}, stuff: true}
		_, _ = l.Write(text)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
