package editor

import (
	"strings"
	"unicode"

	"sendoff/tui/text"
)

// lead is what a line of a mail begins with in front of its own words.
type lead struct {
	quote  string // "> > "
	indent string
	marker string // of an item of a list, with the space behind it: "- ", "12. ", "- [x] "
}

// leadOf parts a line into its lead and the rest.
func leadOf(s string) (l lead, rest string) {
	l.quote, s = cutFront(s, quoteLen(s))
	l.indent, s = cutFront(s, len(s)-len(strings.TrimLeft(s, " \t")))
	l.marker, s = cutFront(s, markerLen(s))
	return l, s
}

func cutFront(s string, n int) (front, rest string) { return s[:n], s[n:] }

// quoteLen measures the marks of a quote (RFC 3676 section 4.5), with the space
// that people and programs put behind each.
func quoteLen(s string) int {
	n := 0
	for strings.HasPrefix(s[n:], ">") {
		n++
		if strings.HasPrefix(s[n:], " ") {
			n++
		}
	}
	return n
}

// markerLen measures a bullet or a number with white space behind it, and a
// box to be ticked.
func markerLen(s string) int {
	n := 0
	for _, bullet := range []string{"-", "*", "+", "•"} {
		if strings.HasPrefix(s, bullet) {
			n = len(bullet)
		}
	}
	if n == 0 {
		digits := 0
		for digits < min(len(s), 9) && '0' <= s[digits] && s[digits] <= '9' {
			digits++
		}
		if digits == 0 || digits == len(s) || s[digits] != '.' && s[digits] != ')' {
			return 0
		}
		n = digits + 1
	}
	spaces := func() int { return len(s[n:]) - len(strings.TrimLeft(s[n:], " ")) }
	if spaces() == 0 {
		return 0
	}
	n += spaces()
	for _, box := range []string{"[ ] ", "[x] ", "[X] "} {
		if strings.HasPrefix(s[n:], box) {
			n += len(box)
			return n + spaces()
		}
	}
	return n
}

func (l lead) String() string { return l.quote + l.indent + l.marker }

// depth counts the marks of the quote.
func (l lead) depth() int { return strings.Count(l.quote, ">") }

// next is the lead of the line after this one: of the next item, if it is one.
func (l lead) next() lead {
	bullet, box, ticked := strings.Cut(l.marker, "[")
	number := strings.TrimRight(bullet, ".) ")
	if number != "" && unicode.IsDigit(rune(number[0])) {
		bullet = increment(number) + bullet[len(number):]
	}
	l.marker = bullet
	if ticked {
		l.marker += "[ " + box[1:]
	}
	return l
}

// increment adds one to a number of decimal digits.
func increment(number string) string {
	digits := []byte(number)
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i] != '9' {
			digits[i]++
			return string(digits)
		}
		digits[i] = '0'
	}
	return "1" + string(digits)
}

// hang is the lead of further lines of the same item.
func (l lead) hang(m text.Method) lead {
	l.marker = strings.Repeat(" ", m.Width(l.marker))
	return l
}

// blank tells that a line says nothing, in a quote or not.
func blank(s string) bool {
	return strings.TrimSpace(s[quoteLen(s):]) == ""
}

// newline ends the line, and goes on with the quote, the list or the indent
// that it is in. In an item or a quote without words it ends that instead. In
// front of a quoted line it makes room for an answer.
func (e *Editor) newline() {
	s := e.buf.at(e.cur.line)
	l, rest := leadOf(s)
	n := len(s) - len(rest)
	start := pos{e.cur.line, 0}
	switch {
	case e.selected || n == 0 || e.cur.col < n:
		e.typeText("\n")
	case rest == "" && s != signature:
		kept := l.quote
		if l.marker == "" {
			kept = ""
		}
		e.replace(pos{start.line, len(kept)}, e.cur, "", alone)
	case e.cur.col == n && l == (lead{quote: l.quote}):
		e.replace(start, start, "\n", alone)
		e.moveTo(start)
	default:
		e.typeText("\n" + l.next().String())
	}
}
