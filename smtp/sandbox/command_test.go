package sandbox

import (
	"strings"
	"testing"
)

func FuzzCommand(f *testing.F) {
	for _, seed := range []string{
		"MAIL FROM:<a@example.org> SIZE=3", `RCPT TO:<"a\" b>"@[127.0.0.1]>`, "mail from:<>", "QUIT", "",
		"RCPT TO:<postmaster> NOTIFY=NEVER ORCPT=rfc822;a+2Bb@x", "MAIL FROM:<\xff@x>", "RCPT TO:<ü@ü.example> X",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		cmd := parseCommand(line)
		if strings.Contains(cmd.verb, " ") || strings.ToUpper(cmd.verb) != cmd.verb {
			t.Errorf("verb %q", cmd.verb)
		}
		for _, keyword := range []string{"FROM:", "TO:"} {
			p, rest, err := parsePath(cmd.arg, keyword)
			if err != nil {
				continue
			}
			// What was understood must be all there was, and mean the same again.
			if want := "<" + p.text + ">" + rest; cmd.arg[len(keyword):] != want {
				t.Errorf("%q was read as %q", cmd.arg, want)
			}
			if again, _, err := parsePath(keyword+"<"+p.text+">", keyword); err != nil || again != p {
				t.Errorf("%q is %+v, then %+v, %v", p.text, p, again, err)
			}
			params, err := parseParams(rest)
			if err != nil {
				continue
			}
			for keyword, value := range params {
				if strings.ContainsAny(keyword+value, " =\x00\r\n") {
					t.Errorf("parameter %q=%q", keyword, value)
				}
			}
		}
	})
}

func TestPath(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]path{
		"TO:<a.b@example.org>":                       {"a.b@example.org", "a.b", "example.org"},
		`to:<"a b"@example.org>`:                     {`"a b"@example.org`, "a b", "example.org"},
		`TO:<"a\"\\b"@example.org>`:                  {`"a\"\\b"@example.org`, `a"\b`, "example.org"},
		`TO:<"x>y@z"@example.org>`:                   {`"x>y@z"@example.org`, "x>y@z", "example.org"},
		`TO:<""@example.org>`:                        {`""@example.org`, "", "example.org"},
		"TO:<a@[IPv6:2001:db8::1]>":                  {"a@[IPv6:2001:db8::1]", "a", "[IPv6:2001:db8::1]"},
		"TO:<PostMaster>":                            {"PostMaster", "PostMaster", ""},
		"TO:<>":                                      {},
		"TO:<a@b@example.org>":                       {text: "bad"},
		"TO:<.a@example.org>":                        {text: "bad"},
		"TO:<a..b@example.org>":                      {text: "bad"},
		"TO:<@x:a@example.org>":                      {text: "bad"},
		"TO:<a@example.org":                          {text: "bad"},
		"TO:<a@example.org>x":                        {text: "bad"},
		"TO:<a@-example.org>":                        {text: "bad"},
		"TO:<a@[::1]>":                               {text: "bad"},
		"TO:<a>":                                     {text: "bad"},
		"TO:<a@x> ORCPT=y@z>":                        {"a@x", "a", "x"},
		`TO:<"a@x> ORCPT=y@z>`:                       {text: "bad"},
		"TO:<\"\x01\"@example.org>":                  {text: "bad"},
		"TO:<a\u00a0b@example.org>":                  {"a\u00a0b@example.org", "a\u00a0b", "example.org"},
		"TO:<\xffa@example.org>":                     {text: "bad"},
		"FROM:<a@example.org>":                       {text: "bad"},
		"TO:<a@" + strings.Repeat("x", 64) + ".org>": {text: "bad"},
	} {
		got, _, err := parsePath(arg, "TO:")
		if err != nil {
			got = path{text: "bad"}
		}
		if got != want {
			t.Errorf("%s: %+v, want %+v", arg, got, want)
		}
	}
}
