package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"sendoff/config"
)

// among has a flag take nothing but one of some words.
func among(flags *pflag.FlagSet, name string, words ...string) {
	f := flags.Lookup(name)
	f.Value = choice{f.Value, words, false}
}

// someOf has it take several of them, with commas between.
func someOf(flags *pflag.FlagSet, name string, words ...string) {
	f := flags.Lookup(name)
	f.Value = choice{f.Value, words, true}
}

// choice is a flag that takes nothing but some words. They are what the shell
// completes, too.
type choice struct {
	pflag.Value
	words   []string
	several bool
}

// wordError is a word that a flag does not take.
type wordError struct {
	word  string
	known []string
}

func (e *wordError) Error() string { return fmt.Sprintf("can't be %q", e.word) }

// Set takes the words in any case.
func (c choice) Set(value string) error {
	if value == "" {
		return c.Value.Set(value)
	}
	typed := []string{value}
	if c.several {
		typed = strings.Split(value, ",")
	}
	for i, word := range typed {
		word = strings.TrimSpace(word)
		n := slices.IndexFunc(c.words, func(known string) bool { return strings.EqualFold(known, word) })
		if n < 0 {
			return &wordError{word, c.words}
		}
		typed[i] = c.words[n]
	}
	return c.Value.Set(strings.Join(typed, ","))
}

// listing is some words as a sentence names them.
func listing(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// wrongFlag makes of what is wrong with a flag a usage error that says what was
// meant.
func (p *program) wrongFlag(cmd *cobra.Command, err error) error {
	more := cmd.CommandPath() + " --help tells what it takes"
	var (
		unknown *pflag.NotExistError
		missing *pflag.ValueRequiredError
		value   *pflag.InvalidValueError
		word    *wordError
	)
	switch {
	case errors.As(err, &unknown):
		// The flag may be right, and the command before it wrong.
		if words := cmd.Flags().Args(); cmd.HasSubCommands() && len(words) > 0 {
			if near := meant(cmd, words[0]); near != nil {
				return hinted{usagef("there is no command %q", words[0]), "did you mean: " + near.CommandPath()}
			}
		}
		return unknownFlag(cmd, unknown.GetSpecifiedName(), unknown.GetSpecifiedShortnames(), more)
	case errors.As(err, &missing):
		return hinted{usagef("--%s needs a value", missing.GetFlag().Name), more}
	case !errors.As(err, &value):
		return hinted{usageError{err}, more}
	case errors.As(err, &word):
		name := value.GetFlag().Name
		if _, near := config.Nearest(word.word, word.known); !near && telling.MatchString(name) {
			return hinted{usagef("--%s can't be that", name), "it can be " + listing(word.known)} // it may be the secret itself
		}
		return slipOf(usagef("--%s %w", name, word), name, word.word, word.known, "it can be "+listing(word.known))
	}
	kinds := map[string]string{
		"int": "a whole number", "int64": "a whole number", "bool": "true or false", "duration": "a time such as 90s or 50ms",
	}
	name, kind := value.GetFlag().Name, kinds[value.GetFlag().Value.Type()]
	if kind == "" {
		return hinted{usagef("--%s: %w", name, value.Unwrap()), more}
	}
	if telling.MatchString(name) {
		return hinted{usagef("--%s takes %s", name, kind), more}
	}
	return hinted{usagef("--%s takes %s, not %q", name, kind, value.GetValue()), more}
}

// letters are flags of a letter that other programs send mail with, and what
// they are called here.
var letters = map[string]string{
	"s": "subject", "t": "to", "c": "cc", "b": "bcc", "a": "attach", "r": "from", "f": "from", "q": "body-file", "n": "dry-run",
}

func flagNames(cmd *cobra.Command) (names []string) {
	flagsOf(cmd).VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	return names
}

// unknownFlag is the mistake of a flag that there is not. A group of letters
// behind one dash may be its name.
func unknownFlag(cmd *cobra.Command, name, group, hint string) error {
	names := flagNames(cmd)
	switch {
	case group == "":
		err := usagef("there is no flag --%s", name)
		if near, ok := config.Nearest(name, names); ok {
			return slip{err, "", []string{"--" + name}, []string{"--" + near}}
		}
		return hinted{err, hint}
	case len(group) > 1:
		word, _, _ := strings.Cut(group, "=")
		if near, ok := config.Nearest(word, names); ok {
			return slip{usagef("there is no flag -%s", word), "", []string{"-" + word}, []string{"--" + near}}
		}
	}
	err := usagef("there is no flag -%s", name)
	if long := letters[name]; len(group) == 1 && slices.Contains(names, long) {
		return slip{err, "", []string{"-" + name}, []string{"--" + long}}
	}
	return hinted{err, hint}
}

// flagsOf are all flags that a command takes.
func flagsOf(cmd *cobra.Command) *pflag.FlagSet {
	cmd.InheritedFlags() // which adds them to its own
	return cmd.Flags()
}
