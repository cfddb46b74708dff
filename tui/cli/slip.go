package cli

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/pflag"

	"sendoff/config"
)

// slip is a mistake that the command line differs by from one that is right.
type slip struct {
	error
	flag  string   // of whose value a word is wrong; empty for the name of a flag, or an argument
	words []string // as they were typed; a flag's name with its dashes
	right []string // what was meant in their place
}

func (s slip) Unwrap() error { return s.error }

// slipOf is the mistake of a word, of a flag's value unless that is empty, that
// is none of known. What it says where the word is like none of them is hint.
func slipOf(err error, flag, word string, known []string, hint string) error {
	if near, ok := config.Nearest(word, known); ok {
		return slip{err, flag, []string{word}, []string{near}}
	}
	return hinted{err, hint}
}

// correct makes a slip a hint: the whole command line as it should be.
func (p *program) correct(err error) error {
	var s slip
	var none *config.NoAccountError
	switch {
	case p.ran == nil:
		return err
	case errors.As(err, &s):
		return hinted{err, "did you mean: " + p.corrected(s)}
	case errors.As(err, &none):
		s = slip{words: []string{none.Name}, right: []string{none.Near}}
		if none.Name == p.account {
			s.flag = "account"
		}
		if f := p.ran.Flags().Lookup("through"); f != nil && f.Value.String() == none.Name {
			s.flag = f.Name
		}
		if conf := (*config.Error)(nil); none.Near != "" && errors.As(err, &conf) {
			return hinted{&config.Error{Text: conf.Text, Err: none}, "did you mean: " + p.corrected(s)}
		}
	}
	return err
}

// corrected is the command line with a slip put right, as a shell takes it, with
// stars for its secrets: what is told may end in a log.
func (p *program) corrected(s slip) string {
	line := []string{"sendoff"}
	flags, names := flagsOf(p.ran), flagNames(p.ran)
	var of *pflag.Flag // that ofFlag names, or nearly
	ofFlag, rest := "", false
	for _, arg := range p.arguments() {
		if ofFlag != "" || rest || !strings.HasPrefix(arg, "-") || arg == "-" {
			line, ofFlag = append(line, told(of, ofFlag, s.instead(ofFlag, arg))...), ""
			of = nil
			continue
		}
		name, value, has := strings.Cut(arg, "=")
		typed := strings.TrimPrefix(name, "--")
		name = s.instead("", name)[0]
		rest = name == "--"
		line = append(line, quoted(name))
		name = strings.TrimPrefix(name, "--")
		f := flags.Lookup(name)
		if near, ok := config.Nearest(name, names); f == nil && ok {
			f = flags.Lookup(near)
		}
		switch {
		case has:
			line[len(line)-1] += "=" + told(f, name, s.instead(name, value))[0]
		case f != nil && f.NoOptDefVal == "", flags.Lookup(typed) == nil && telling.MatchString(typed) && !strings.HasSuffix(typed, "stdin"):
			of, ofFlag = f, name
		}
	}
	return strings.Join(line, " ")
}

// stars stand for a secret.
const stars = "'*****'"

// keepSecret marks flags whose values are told to nobody. Of one that is a name and
// what it stands for, with sign between, only that is kept back, and only where
// the name sounds like it.
func keepSecret(flags *pflag.FlagSet, sign string, names ...string) {
	for _, name := range names {
		flags.Lookup(name).Annotations = map[string][]string{"secret": {sign}}
	}
}

// telling is what names of secrets have in them.
var telling = regexp.MustCompile(`(?i)pass|pasw|^-?pw?d?$|secret|token|authori|cookie|credential|api-?key|[-_]key$`)

// told are the words that stand for the value of a flag, as a shell takes them. f is
// nil for an argument, and for a flag that there is not. Who gives a value to one that
// has none took it for that of the secret.
func told(f *pflag.Flag, flag string, words []string) []string {
	secret := (f == nil || f.NoOptDefVal != "") && telling.MatchString(flag)
	if f != nil && len(words) > 0 {
		if sign, marked := f.Annotations["secret"]; marked && sign[0] == "" {
			secret = true
		} else if marked {
			name, _, found := strings.Cut(words[0], sign[0])
			if secret = !found; found && telling.MatchString(name) {
				return []string{quoted(name+sign[0]) + stars}
			}
		}
	}
	if secret {
		return []string{stars}
	}
	return quotedAll(words)
}

// instead is what stands in the place of a word, of a flag's value unless that is
// empty, when the slip is put right. Each word of it is once.
func (s *slip) instead(flag, word string) []string {
	if flag != s.flag || len(s.words) == 0 {
		return []string{word}
	}
	if word == s.words[0] {
		right := s.right
		s.words, s.right = s.words[1:], nil
		return right
	}
	parts := strings.Split(word, ",")
	for i, part := range parts {
		if flag != "" && strings.TrimSpace(part) == s.words[0] {
			parts[i] = s.right[0]
		}
	}
	return []string{strings.Join(parts, ",")}
}

func quotedAll(words []string) []string {
	all := make([]string, len(words))
	for i, word := range words {
		all[i] = quoted(word)
	}
	return all
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.,:/@%+="
	q := strconv.Quote(word)
	switch {
	case word != "" && strings.Trim(word, plain) == "":
		return word
	case strings.ContainsFunc(word, unicode.IsControl): // as bash, zsh and ksh have it
		return "$'" + strings.ReplaceAll(q[1:len(q)-1], "'", `\'`) + "'"
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
