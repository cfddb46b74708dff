package editor

import (
	"unicode"
	"unicode/utf8"
)

// left returns the place one cluster to the left of p, over a line's start to
// the end of the line above. Inside a cluster it is the cluster's start.
func (e *Editor) left(p pos) pos {
	if p.col == 0 {
		if p.line == 0 {
			return p
		}
		return pos{p.line - 1, len(e.buf.at(p.line - 1))}
	}
	r := e.rowOf(p)
	start, _ := e.span(r)
	if start == p.col {
		r.n--
		start, _ = e.span(r)
	}
	s := e.buf.at(p.line)
	for i := start; ; {
		cluster, _ := e.cells.Next(s[i:])
		if i+len(cluster) >= p.col {
			return pos{p.line, i}
		}
		i += len(cluster)
	}
}

// right returns the place one cluster to the right of p, over a line's end to
// the start of the line below.
func (e *Editor) right(p pos) pos {
	s := e.buf.at(p.line)
	if p.col == len(s) {
		if p.line+1 == len(e.buf.lines) {
			return p
		}
		return pos{p.line + 1, 0}
	}
	start, _ := e.span(e.rowOf(p))
	for i := start; ; {
		cluster, _ := e.cells.Next(s[i:])
		i += len(cluster)
		if i > p.col {
			return pos{p.line, i}
		}
	}
}

// outside returns p, or the end of the cluster that p is inside of, where only
// typing gets.
func (e *Editor) outside(p pos) pos {
	if p.col == 0 {
		return p
	}
	return e.right(e.left(p))
}

// kind sorts clusters for motions by word.
type kind int

const (
	space kind = iota
	word
	punctuation
)

// kindOf looks at the cluster that begins at p; a line's end is space.
func (e *Editor) kindOf(p pos) kind {
	s := e.buf.at(p.line)[p.col:]
	if s == "" {
		return space
	}
	switch r, _ := utf8.DecodeRuneInString(s); {
	case unicode.IsSpace(r):
		return space
	case r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r):
		return word
	default:
		return punctuation
	}
}

// wordLeft returns the start of the word in front of p.
func (e *Editor) wordLeft(p pos) pos {
	return e.back(e.back(p, func(k kind) bool { return k != word }), func(k kind) bool { return k == word })
}

// wordRight returns the end of the word behind p.
func (e *Editor) wordRight(p pos) pos {
	return e.on(e.on(p, func(k kind) bool { return k != word }), func(k kind) bool { return k == word })
}

// chunkLeft returns where deleting a word backwards from p ends: over white
// space, then over one run of either letters or signs, and not beyond the
// line, unless p is at its start.
func (e *Editor) chunkLeft(p pos) pos {
	if p.col == 0 {
		return e.left(p)
	}
	stop := pos{p.line, 0}
	for stop.before(p) && e.kindOf(e.left(p)) == space {
		p = e.left(p)
	}
	if p == stop {
		return p
	}
	run := e.kindOf(e.left(p))
	for stop.before(p) && e.kindOf(e.left(p)) == run {
		p = e.left(p)
	}
	return p
}

// back goes left over clusters of which while holds.
func (e *Editor) back(p pos, while func(kind) bool) pos {
	for p != (pos{}) {
		q := e.left(p)
		if !while(e.kindOf(q)) {
			break
		}
		p = q
	}
	return p
}

// on goes right over clusters of which while holds.
func (e *Editor) on(p pos, while func(kind) bool) pos {
	for end := e.buf.end(); p != end && while(e.kindOf(p)); {
		p = e.right(p)
	}
	return p
}

// home returns the start of the row, and from there the start of the line.
func (e *Editor) home(p pos) pos {
	if start, _ := e.span(e.rowOf(p)); start < p.col {
		return pos{p.line, start}
	}
	return pos{p.line, 0}
}

// lineEnd returns the last place of the row, and from there the end of the
// line.
func (e *Editor) lineEnd(p pos) pos {
	whole := pos{p.line, len(e.buf.at(p.line))}
	_, end := e.span(e.rowOf(p))
	if end == whole.col {
		return whole
	}
	if last := e.left(pos{p.line, end}); last != p {
		return last
	}
	return whole
}

// paragraphUp returns the blank line above the paragraph of p, or the start of
// the text.
func (e *Editor) paragraphUp(p pos) pos {
	i := p.line
	if p.col == 0 {
		i--
	}
	for i > 0 && blank(e.buf.at(i)) {
		i--
	}
	for i > 0 && !blank(e.buf.at(i)) {
		i--
	}
	return pos{max(0, i), 0}
}

// paragraphDown returns the blank line below the paragraph of p, or the end of
// the text.
func (e *Editor) paragraphDown(p pos) pos {
	i := p.line
	for i < len(e.buf.lines) && blank(e.buf.at(i)) {
		i++
	}
	for i < len(e.buf.lines) && !blank(e.buf.at(i)) {
		i++
	}
	if i == len(e.buf.lines) {
		return e.buf.end()
	}
	return pos{i, 0}
}

// vertical moves the cursor n rows, in the column where the motion began.
func (e *Editor) vertical(n int) {
	if e.goal < 0 {
		e.goal = e.column(e.cur)
	}
	r, moved := e.step(e.rowOf(e.cur), n)
	switch {
	case moved != 0:
		e.cur = e.place(r, e.goal)
	case n < 0:
		e.cur = pos{}
	default:
		e.cur = e.buf.end()
	}
}
