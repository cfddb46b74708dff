package smtp

import (
	"strconv"
	"strings"
	"testing"
)

func TestDSNCheck(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		dsn  DSN
		good bool
	}{
		"empty":         {DSN{}, true},
		"all":           {DSN{"FULL", "x y", []string{"SUCCESS", "FAILURE", "DELAY"}}, true},
		"never":         {DSN{"HDRS", "", []string{"NEVER"}}, true},
		"never and":     {DSN{"", "", []string{"NEVER", "DELAY"}}, false},
		"twice":         {DSN{"", "", []string{"DELAY", "DELAY"}}, false},
		"injected":      {DSN{"", "", []string{"DELAY\r\nRSET"}}, false},
		"return":        {DSN{"HDRS SIZE=1", "", nil}, false},
		"ID of 101":     {DSN{"", strings.Repeat("x", 101), nil}, false},
		"ID with CR LF": {DSN{"", "a\r\nRSET", nil}, false},
		"ID not ASCII":  {DSN{"", "ä", nil}, false},
	} {
		if err := test.dsn.check(); (err == nil) != test.good {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func FuzzXtext(f *testing.F) {
	f.Add("a+b=c d\x00ä")
	f.Fuzz(func(t *testing.T, s string) {
		coded := xtext(s)
		if strings.ContainsAny(coded, " =\r\n\x00") {
			t.Errorf("%q has what it must not", coded)
		}
		var decoded strings.Builder
		for i := 0; i < len(coded); i++ {
			c := coded[i]
			switch {
			case c == '+':
				n, err := strconv.ParseUint(coded[i+1:i+3], 16, 8)
				if err != nil {
					t.Fatal(err)
				}
				c = byte(n)
				i += 2
			case c <= ' ' || c >= 0x7f:
				t.Errorf("%q in %q", c, coded)
			}
			decoded.WriteByte(c)
		}
		if decoded.String() != s {
			t.Errorf("%q became %q", s, decoded.String())
		}
	})
}

// FuzzPath sees that whatever is let through stays within its brackets.
func FuzzPath(f *testing.F) {
	for _, seed := range []string{`a@b`, `"a> b"@c`, `"a\"b"@c`, `a>b`, `"`, "a\r\n@b", `"a"b@c`, "jürgen@x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if checkPath(s) != nil {
			return
		}
		if strings.ContainsAny(s, "\r\n\x00\u2028") {
			t.Errorf("%q passed", s)
		}
		// As a server reads "<path> parameters": up to the first > outside quotes.
		quoted, escaped := false, false
		for i, c := range s + ">" {
			switch {
			case escaped:
				escaped = false
			case quoted && c == '\\':
				escaped = true
			case c == '"':
				quoted = !quoted
			case !quoted && (c == '>' || c == ' '):
				if i != len(s) {
					t.Errorf("%q ends at %d", s, i)
				}
			}
		}
		if quoted || escaped {
			t.Errorf("%q does not end", s)
		}
	})
}
