package config

import (
	"slices"
	"testing"
)

func TestSplitCommand(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		"":                              nil,
		"  ":                            nil,
		"pass show mail":                {"pass", "show", "mail"},
		" pass  show\t'my mail' ":       {"pass", "show", "my mail"},
		`sh -c "echo \"$X\" \n"`:        {"sh", "-c", `echo "$X" \n`},
		`a\ b 'c\d' e'f'"g"`:            {"a b", `c\d`, "efg"},
		`x "" ''`:                       {"x", "", ""},
		`rbw get 'not closed; $(rm -r)`: {"rbw", "get", "not closed; $(rm -r)"},
		`end\`:                          {`end\`},
	} {
		if got := SplitCommand(line); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

func FuzzSplitCommand(f *testing.F) {
	f.Add(`pass 'show it' "mail \"x\"" a\ b ''`)
	f.Fuzz(func(t *testing.T, line string) {
		argv := SplitCommand(line)
		if again := SplitCommand(JoinCommand(argv)); !slices.Equal(argv, again) {
			t.Errorf("%q: %q becomes %q", line, argv, again)
		}
	})
}
