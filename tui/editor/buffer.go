package editor

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// pos is a place between two octets of a line.
type pos struct{ line, col int }

func (p pos) before(q pos) bool { return p.line < q.line || p.line == q.line && p.col < q.col }

// line is one line of text and how it was last wrapped.
type line struct {
	s     string
	rows  []int // where rows after the first begin
	shape shape // what rows was made for
}

// buffer is text as lines, never none. A line is replaced in time proportional
// to itself, and lines are put in or out by moving pointers, so a text of
// 100 000 lines costs no more per key than one of ten.
type buffer struct{ lines []*line }

func newBuffer(s string) buffer { return buffer{lines: split(s)} }

// split makes lines that share the memory of s, and of one block.
func split(s string) []*line {
	block := make([]line, strings.Count(s, "\n")+1)
	lines := make([]*line, len(block))
	for i := range block {
		block[i].s, s, _ = strings.Cut(s, "\n")
		lines[i] = &block[i]
	}
	return lines
}

func (b *buffer) at(i int) string { return b.lines[i].s }

func (b *buffer) end() pos {
	last := len(b.lines) - 1
	return pos{last, len(b.at(last))}
}

func (b *buffer) text() string { return b.slice(pos{}, b.end()) }

// slice returns the text between two places in order.
func (b *buffer) slice(from, to pos) string {
	if from.line == to.line {
		return b.at(from.line)[from.col:to.col]
	}
	size := to.line - from.line
	for _, l := range b.lines[from.line : to.line+1] {
		size += len(l.s)
	}
	var s strings.Builder
	s.Grow(size)
	s.WriteString(b.at(from.line)[from.col:])
	for i := from.line + 1; i < to.line; i++ {
		s.WriteByte('\n')
		s.WriteString(b.at(i))
	}
	s.WriteByte('\n')
	s.WriteString(b.at(to.line)[:to.col])
	return s.String()
}

// replace puts s in the place of what stands between from and to, and returns
// the place behind s.
func (b *buffer) replace(from, to pos, s string) pos {
	head, tail := b.at(from.line)[:from.col], b.at(to.line)[to.col:]
	if from.line == to.line && !strings.Contains(s, "\n") {
		b.lines[from.line].edit(from.col, to.col, s)
		return pos{from.line, from.col + len(s)}
	}
	lines := split(s)
	last := lines[len(lines)-1]
	end := pos{from.line + len(lines) - 1, len(last.s)}
	if len(lines) == 1 {
		end.col += len(head)
	}
	lines[0].s = head + lines[0].s
	last.s += tail
	b.lines = slices.Replace(b.lines, from.line, to.line+1, lines...)
	return end
}

// behind returns the place where s ends if it stands at p.
func behind(p pos, s string) pos {
	if i := strings.LastIndexByte(s, '\n'); i >= 0 {
		return pos{p.line + strings.Count(s, "\n"), len(s) - i - 1}
	}
	return pos{p.line, p.col + len(s)}
}

// clamp returns the nearest place there is, never inside a code point.
func (b *buffer) clamp(p pos) pos {
	p.line = max(0, min(p.line, len(b.lines)-1))
	s := b.at(p.line)
	p.col = max(0, min(p.col, len(s)))
	for p.col > 0 && p.col < len(s) && !utf8.RuneStart(s[p.col]) {
		p.col--
	}
	return p
}

// normalize gives s the form that text has in a buffer: UTF-8, lines ended by
// LF, tabs, no other controls.
func normalize(s string) string {
	if !strings.ContainsFunc(s, foreign) {
		return s
	}
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r' || r == 0x85:
			return '\n'
		case foreign(r) && r != utf8.RuneError:
			return -1
		default:
			return r
		}
	}, s)
}

func foreign(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' || 0x7f <= r && r < 0xa0 || r == utf8.RuneError
}
