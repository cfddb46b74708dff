package config

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Error is something wrong in a configuration, in words for the person who
// wrote it.
type Error struct {
	Path         string // empty when it did not come from a file
	Line, Column int    // from 1, in characters; 0 when no place is to blame
	Text         string // what is wrong
	Hint         string // what to do about it; may be empty
	Err          error  // the cause below, if there is one
}

// Error tells place, trouble and hint in one line.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Path != "" {
		b.WriteString(e.Path)
		if e.Line > 0 {
			fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
		}
		b.WriteString(": ")
	}
	b.WriteString(e.Text)
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// locate returns the line and column, from 1, of an octet in text.
func locate(text []byte, offset int) (line, column int) {
	before := text[:min(offset, len(text))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte{'\n'}) + 1, utf8.RuneCount(before[start:]) + 1
}

// quote shows a foreign text in an error, on one line and without controls.
func quote(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "..."
	}
	return strconv.Quote(s)
}

// fewWords is how many words a hint lists.
const fewWords = 12

// Nearest returns what word is a slip of the pen for, among known, or the
// beginning of, or has more behind it.
func Nearest(word string, known []string) (string, bool) {
	if i := nearest(word, known); i >= 0 {
		return known[i], true
	}
	return "", false
}

// nearest is the index of what word is meant for; -1 for none.
func nearest(word string, known []string) int {
	best, least := -1, 3
	for i, k := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(k)); d < least && d < len(k) {
			best, least = i, d
		}
	}
	if best >= 0 || word == "" {
		return best
	}
	word = strings.ToLower(word)
	for _, like := range []func(known string) bool{
		func(k string) bool { return strings.HasPrefix(k, word) },
		func(k string) bool { return len(k) > 3 && strings.HasPrefix(word, k) },
		func(k string) bool { return len(word) > 2 && len(k) > len(word) && distance(word, k[:len(word)]) == 1 },
	} {
		first := slices.IndexFunc(known, func(k string) bool { return like(strings.ToLower(k)) })
		if first >= 0 && !slices.ContainsFunc(known[first+1:], func(k string) bool { return like(strings.ToLower(k)) }) {
			return first
		}
	}
	return -1
}

// suggest is the hint for a word that is none of known.
func suggest(word string, known []string) string {
	if best := nearest(word, known); best >= 0 {
		return "did you mean " + quote(known[best]) + "?"
	}
	if len(known) > fewWords {
		return `sendoff-config(5), which "sendoff man" prints, tells all there are`
	}
	quoted := make([]string, len(known))
	for i, k := range known {
		quoted[i] = quote(k)
	}
	switch last := len(quoted) - 1; last {
	case -1:
		return "there is none yet"
	case 0:
		return "there is only " + quoted[0]
	default:
		return "it can be " + strings.Join(quoted[:last], ", ") + " or " + quoted[last]
	}
}

// distance counts the changes of one character, and the swaps of two
// neighbors, that make b of a.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	if max(len(s), len(t)) > 64 {
		return max(len(s), len(t)) // nobody's slip of the pen
	}
	var before []int
	last, row := make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := range s {
		row[0] = i + 1
		for j := range t {
			cost := 1
			if s[i] == t[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, make([]int, len(t)+1)
	}
	return last[len(t)]
}
