package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// tree is the program's commands, for tests that only look at them.
func tree() *cobra.Command {
	return (&program{Env: Env{Environ: func() []string { return nil }}}).root()
}

// TestEveryCommandHasExamples parses each example of each command as the program
// would, and finds that command among them.
func TestEveryCommandHasExamples(t *testing.T) {
	t.Parallel()
	root := tree()
	seen := 0
	for _, cmd := range commands(root) {
		if cmd.Hidden || !cmd.Runnable() && len(below(cmd)) == 0 {
			continue // called by ourselves; or only to be read
		}
		seen++
		own := false
		for line := range strings.Lines(cmd.Example) {
			for _, words := range callsIn(line) {
				found, err := parsed(tree(), words)
				if err != nil {
					t.Errorf("%s: %q: %v", cmd.CommandPath(), line, err)
					continue
				}
				own = own || strings.HasPrefix(found.CommandPath()+" ", cmd.CommandPath()+" ")
			}
		}
		if !own {
			t.Errorf("%s has no example of its own", cmd.CommandPath())
		}
	}
	if seen < 40 {
		t.Errorf("%d commands were seen", seen)
	}
}

// parsed is the command that the words of a call are for, if it can be run with
// them.
func parsed(root *cobra.Command, words []string) (*cobra.Command, error) {
	cmd, rest, err := root.Find(words)
	if err != nil {
		return nil, err
	}
	cmd.InitDefaultHelpFlag()
	if cmd.DisableFlagParsing {
		return cmd, cmd.ValidateArgs(rest)
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return nil, err
	}
	return cmd, cmd.ValidateArgs(cmd.Flags().Args())
}

// callsIn are the words behind each sendoff in a line of a shell, as it would
// split them.
func callsIn(line string) (calls [][]string) {
	var words []string
	word, quote, begun := "", rune(0), false
	end := func() {
		if begun {
			words = append(words, word)
		}
		word, begun = "", false
	}
	call := func() {
		end()
		if i := slices.Index(words, "sendoff"); i >= 0 {
			calls = append(calls, words[i+1:])
		}
		words = nil
	}
	redirected := false
	for _, r := range strings.TrimSpace(line) {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, begun = r, true
		case quote == 0 && r == ' ':
			end()
		case quote == 0 && (r == '<' || r == '>'):
			end()
			redirected = true
		case quote == 0 && r == '|':
			call()
			redirected = false
		case !redirected:
			word, begun = word+string(r), true
		}
	}
	call()
	return calls
}
