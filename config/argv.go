package config

import "strings"

// SplitCommand takes a line apart into a program and its arguments: at spaces
// that are not between quotes or after a backslash, as a shell does. Nothing else
// of a shell's is done. A quote that is not closed goes to the end.
func SplitCommand(line string) (argv []string) {
	var word strings.Builder
	begun, escaped := false, false
	quote := rune(0)
	for _, r := range line {
		switch {
		case escaped:
			if quote == '"' && r != '"' && r != '\\' {
				word.WriteByte('\\')
			}
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			begun, escaped = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			begun, quote = true, r
		case quote == 0 && (r == ' ' || r == '\t' || r == '\n'):
			if begun {
				argv = append(argv, word.String())
			}
			word.Reset()
			begun = false
		default:
			begun = true
			word.WriteRune(r)
		}
	}
	if escaped {
		word.WriteByte('\\')
	}
	if begun {
		argv = append(argv, word.String())
	}
	return argv
}

// JoinCommand makes the line that SplitCommand takes apart into argv.
func JoinCommand(argv []string) string {
	words := make([]string, len(argv))
	for i, word := range argv {
		if word == "" || strings.ContainsAny(word, " \t\n\"'\\") {
			word = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		words[i] = word
	}
	return strings.Join(words, " ")
}
