package editor

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"sendoff/tui/text"
)

// reflow breaks the paragraph that the cursor is in, or the next one, or all
// that are selected, anew into lines of at most e.fill cells. Quotes and items
// of lists keep their form; the cursor stays at its word.
func (e *Editor) reflow() {
	first, last := e.paragraphs()
	if first > last {
		return
	}
	within := e.cur.line >= first && e.cur.line <= last
	count, ahead := 0, true
	if within {
		count, ahead = e.lettersBefore(first, e.cur)
	}
	var out []string
	for i := first; i <= last; {
		n := 1
		for i+n <= last && e.continues(i+n) {
			n++
		}
		out = append(out, e.broken(i, n)...)
		i += n
	}
	e.drop()
	made := strings.Join(out, "\n")
	from, to := pos{first, 0}, pos{last, len(e.buf.at(last))}
	if e.buf.slice(from, to) == made {
		return
	}
	e.replace(from, to, made, alone)
	if within {
		e.moveTo(e.afterLetters(from, count, ahead))
	}
}

// paragraphs returns the lines to break: from first to last, which is less if
// there are none.
func (e *Editor) paragraphs() (first, last int) {
	from, to := e.selection()
	if from != to {
		if to.col == 0 && from.line < to.line {
			to.line--
		}
		return from.line, to.line
	}
	first = e.cur.line
	for first < len(e.buf.lines) && blank(e.buf.at(first)) {
		first++
	}
	for last = first; last+1 < len(e.buf.lines) && e.continues(last+1); {
		last++
	}
	for first > 0 && first < len(e.buf.lines) && e.continues(first) {
		first--
	}
	return first, min(last, len(e.buf.lines)-1)
}

// continues tells that line i belongs to the paragraph of the line above.
func (e *Editor) continues(i int) bool {
	above, words := leadOf(e.buf.at(i - 1))
	l, rest := leadOf(e.buf.at(i))
	return l.marker == "" && l.depth() == above.depth() && !fixed(words) && !fixed(rest)
}

// fixed tells that the words of a line stand for themselves: none at all, what
// rules off, code, a table, a heading.
func fixed(words string) bool {
	for _, lead := range []string{"```", "~~~", "|", "# ", "## ", "### "} {
		if strings.HasPrefix(words, lead) {
			return true
		}
	}
	return !strings.ContainsFunc(words, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsSymbol(r) })
}

// broken returns the paragraph of n lines from line i as it is to be.
func (e *Editor) broken(i, n int) []string {
	l, rest := leadOf(e.buf.at(i))
	if n == 1 && fixed(rest) {
		return []string{e.buf.at(i)}
	}
	words := e.words(nil, rest)
	further := l.hang(*e.cells)
	for k := 1; k < n; k++ {
		next, rest := leadOf(e.buf.at(i + k))
		if k == 1 && l.marker == "" {
			further.indent = next.indent
			if strings.HasSuffix(l.quote, ">") { // whose space it would be taken for
				further.indent = strings.TrimLeft(next.indent, " ")
			}
		}
		words = e.words(words, rest)
	}
	var rows []string
	start, room := l.String(), e.fill
	for at := 0; at < len(words); {
		row, col, end := start, e.advance(start), at
		for end < len(words) {
			width := e.cells.Width(words[end].s)
			if end > at {
				width += len(words[end].gap)
			}
			if end > at && col+width > room {
				break
			}
			col += width
			end++
		}
		for k, w := range words[at:end] {
			if k > 0 {
				row += w.gap
			}
			row += w.s
		}
		rows = append(rows, row)
		start, at = further.String(), end
	}
	return rows
}

// piece is a word, or a part of one that a line may begin with, and what
// stands in front of it within a line.
type piece struct{ gap, s string }

// words appends those of a line. What would be taken for something else at the
// beginning of a line goes with the word in front of it. Between ideographs there is no white space to
// break at, nor any to be put where lines meet.
func (e *Editor) words(all []piece, line string) []piece {
	for _, word := range strings.Fields(line) {
		gap, n := " ", len(all)
		switch {
		case n > 0 && text.Breakable(all[n-1].s, word):
			gap = ""
		case n > 0 && marks(word):
			all[n-1].s += gap + word
			continue
		}
		start := 0
		for i := 0; i < len(word); {
			cluster, _ := e.cells.Next(word[i:])
			if i > start && text.Breakable(word[:i], cluster) {
				all = append(all, piece{gap, word[start:i]})
				gap, start = "", i
			}
			i += len(cluster)
		}
		all = append(all, piece{gap, word[start:]})
	}
	return all
}

// advance returns the column behind a lead.
func (e *Editor) advance(s string) int {
	col := 0
	for s != "" {
		cluster, n := e.cells.Next(s)
		col += text.Advance(cluster, n, col)
		s = s[len(cluster):]
	}
	return col
}

// marks tells that a word would be the mark of a quote or a list at the
// beginning of a line, or is none.
func marks(word string) bool {
	return quoteLen(word) > 0 || markerLen(word+" ") > 0 || fixed(word)
}

// lettersBefore counts the octets from line first to p that are neither lead
// nor white space. ahead tells that p is in front of a word.
func (e *Editor) lettersBefore(first int, p pos) (n int, ahead bool) {
	for i := first; i <= p.line; i++ {
		s := e.buf.at(i)
		_, rest := leadOf(s)
		if i == p.line {
			if p.col <= len(s)-len(rest) {
				return n, true
			}
			r, _ := utf8.DecodeLastRuneInString(s[:p.col])
			ahead = unicode.IsSpace(r)
			rest = rest[:p.col-(len(s)-len(rest))]
		}
		for _, word := range strings.Fields(rest) {
			n += len(word)
		}
	}
	return n, ahead
}

// afterLetters is the place that lettersBefore was asked about, in text that
// goes from there to the cursor.
func (e *Editor) afterLetters(from pos, n int, ahead bool) pos {
	end := e.cur
	for i := from.line; i <= end.line; i++ {
		s := e.buf.at(i)
		_, rest := leadOf(s)
		at := len(s) - len(rest)
		for at < len(s) {
			r, size := utf8.DecodeRuneInString(s[at:])
			switch {
			case unicode.IsSpace(r):
				if n == 0 && !ahead {
					return pos{i, at}
				}
			case n == 0:
				return pos{i, at}
			default:
				n -= size
			}
			at += size
		}
		if n <= 0 && !ahead {
			return pos{i, at}
		}
	}
	return end
}
