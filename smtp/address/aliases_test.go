package address

import (
	"strings"
	"testing"
)

const aliasFile = `# who gets what
root:	me@example.org,
	"Some, One" <one@example.org>
Postmaster: root
cron: \root, two@example.org, me@example.org
loop: pool
pool: loop
pipe: "|/usr/bin/program, really"
file: /var/mail/file
list: :include:/etc/list
none:
bad: x@@y
`

func TestAliases(t *testing.T) {
	t.Parallel()
	all, err := ParseAliases(strings.NewReader(aliasFile))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"root":       "me@example.org|one@example.org",
		"ROOT":       "me@example.org|one@example.org",
		"postmaster": "me@example.org|one@example.org",
		"cron":       "me@example.org|one@example.org|two@example.org",
		"loop":       "loop is an alias of itself",
		"pipe":       "goes nowhere else",
		"file":       "goes nowhere else",
		"list":       "goes nowhere else",
		"none":       "is an alias of nobody",
		"bad":        "x@@y has two @ signs",
		"nobody":     "no alias says",
	} {
		boxes, err := all.Expand(name)
		var got []string
		for _, m := range boxes {
			got = append(got, m.Addr())
		}
		text := strings.Join(got, "|")
		if err != nil {
			text = err.Error()
		}
		if text != want && (err == nil || !strings.Contains(text, want)) {
			t.Errorf("%s: got %q, want %q", name, text, want)
		}
	}
}

func TestAliasesThatCantBeRead(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"root me@example.org":               "line 1",
		"\n : x":                            "line 2",
		"a: b\nA: c":                        "there twice",
		"# only\n\tgoes on":                 "line 2",
		": me@example.org":                  "line 1",
		"a: " + strings.Repeat("x", 70_000): "read the aliases",
	} {
		if _, err := ParseAliases(strings.NewReader(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", file, err, want)
		}
	}
}
