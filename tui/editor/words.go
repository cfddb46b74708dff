package editor

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Where a line is looked at for what it is part of.
const (
	farSigned = 24  // lines above it in which a signature may begin
	farCode   = 200 // or a block of code
	farWord   = 400 // octets of a line in which a word that ends in a row may begin
)

// spellable returns the words of s, a line or a part of one, that a spelling
// checker is to look at: no quote, no code, no address of any kind.
func spellable(s string) []span {
	var all []span
	code := false
	for at := quoteLen(s); at < len(s); {
		n := strings.IndexAny(s[at:], " \t")
		if n < 0 {
			n = len(s) - at
		}
		chunk := s[at : at+n]
		ticks := strings.Count(chunk, "`")
		if !code && ticks == 0 && !technical(chunk) {
			all = wordsOf(all, chunk, at)
		}
		code = code != (ticks%2 == 1)
		at += n + 1
	}
	return all
}

// technical tells that what stands between spaces is no word of a language.
func technical(chunk string) bool {
	if strings.Contains(chunk, "://") || strings.Contains(chunk, "{{") || strings.Contains(chunk, "}}") || strings.ContainsAny(chunk, "@\\_<>=") {
		return true
	}
	for _, start := range []string{"/", "~/", "./", "www.", "mailto:", "--", "$", "#"} {
		if strings.HasPrefix(chunk, start) {
			return true
		}
	}
	if strings.Count(chunk, "/") > 1 {
		return true
	}
	lower, dot := false, false
	for _, r := range strings.Trim(chunk, ".,:;!?()[]\"'*…„“”»«’‘") {
		switch {
		case unicode.IsDigit(r), lower && unicode.IsUpper(r), dot && unicode.IsLetter(r):
			return true // 3rd, camelCase, example.org
		}
		lower, dot = unicode.IsLower(r), r == '.'
	}
	return false
}

// wordsOf appends the words of a chunk that begins at an octet of its line:
// letters, and apostrophes between them.
func wordsOf(all []span, chunk string, at int) []span {
	from, letters := -1, 0
	for i, r := range chunk + " " {
		switch {
		case unicode.IsLetter(r) || unicode.IsMark(r) && from >= 0:
			if from < 0 {
				from, letters = i, 0
			}
			letters++
		case (r == '\'' || r == '’') && from >= 0 && letterAt(chunk, i+utf8.RuneLen(r)):
		case from >= 0:
			if letters > 1 && !unspaced(chunk[from:i]) {
				all = append(all, span{from: at + from, to: at + i})
			}
			from = -1
		}
	}
	return all
}

func letterAt(s string, i int) bool {
	r, _ := utf8.DecodeRuneInString(s[i:])
	return unicode.IsLetter(r)
}

// unspaced tells that a word is in a script without spaces, of which it may be
// any part.
func unspaced(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// prose tells that line i is the person's own text.
func (e *Editor) prose(i int) bool {
	s := e.buf.at(i)
	return !strings.HasPrefix(s, ">") && !fence(s) && s != signature && !e.signedAbove(row{line: i}) && !e.inCode(i)
}

func fence(s string) bool { return strings.HasPrefix(s, "```") || strings.HasPrefix(s, "~~~") }

// inCode tells that line i is within a block of code that begins not far above.
func (e *Editor) inCode(i int) bool {
	code := false
	for k := max(0, i-farCode); k < i; k++ {
		if fence(e.buf.at(k)) {
			code = !code
		}
	}
	return code
}

// wordsIn returns the words of a row, with those that only begin or end in it.
func (e *Editor) wordsIn(r row) []span {
	start, end := e.span(r)
	s := e.buf.at(r.line)
	from := start
	for from > 0 && start-from < farWord && s[from-1] != ' ' && s[from-1] != '\t' {
		from--
	}
	for end < len(s) && s[end] != ' ' && s[end] != '\t' {
		end++
	}
	for from < end && !utf8.RuneStart(s[from]) {
		from++
	}
	all := spellable(s[from:end])
	for i := range all {
		all[i].line = r.line
		all[i].from += from
		all[i].to += from
	}
	return all
}
