package text

import (
	"strings"
	"unicode/utf8"
)

// TabStop is the distance of tab stops in cells.
const TabStop = 8

// Advance returns the cells that cluster takes at column col, given the cells
// Next returned: a tab reaches to its stop, and what has no width of its own
// takes the one cell of the mark that is shown for it.
func Advance(cluster string, cells, col int) int {
	switch {
	case cluster == "\t":
		return TabStop - col%TabStop
	case cells == 0:
		return 1
	default:
		return cells
	}
}

// Breaks appends to rows the offsets in line at which rows of at most width
// cells begin, except the first, which begins at start. It breaks after white
// space, else within a word between clusters. White space at the end of a row
// does not count: it may hang over the edge.
//
// done, if not nil, is asked at each offset found; true ends the search there,
// with that offset not appended.
func (m Method) Breaks(rows []int, line string, start, width int, done func(offset int) bool) []int {
	width = max(width, 2) // so that a wide character has a row to be in
	col := 0
	word, wordCol := -1, 0 // where the word that may go to the next row begins
	afterSpace := false
	for i := start; i < len(line); {
		cluster, cells := line[i:i+1], 1
		if !plain(line[i:]) {
			cluster, cells = m.Next(line[i:])
			cells = Advance(cluster, cells, col)
		}
		if cluster == " " || cluster == "\t" {
			afterSpace = true
			col += cells
			i += len(cluster)
			continue
		}
		if afterSpace || i > start && line[i-1]|cluster[0] >= utf8.RuneSelf && Breakable(line[:i], cluster) {
			word, wordCol, afterSpace = i, col, false
		}
		for col > 0 && col+cells > width {
			at := i
			if word > start {
				at, col = word, col-wordCol
			} else {
				col = 0
			}
			if done != nil && done(at) {
				return rows
			}
			rows = append(rows, at)
			start, word = at, -1
		}
		col += cells
		i += len(cluster)
	}
	return rows
}

// Breakable reports whether a row may end between before and cluster without
// white space: around ideographs and kana, which are written without spaces.
func Breakable(before, cluster string) bool {
	prev, _ := utf8.DecodeLastRuneInString(before)
	r, _ := utf8.DecodeRuneInString(cluster)
	return ideographic(prev) && !closing(r) || ideographic(r) && !opening(prev)
}

// ideographic covers kana, bopomofo, Han and their extensions.
func ideographic(r rune) bool {
	return r >= 0x3041 && r <= 0x31ff || r >= 0x3400 && r <= 0x9fff ||
		r >= 0xf900 && r <= 0xfaff || r >= 0x20000 && r <= 0x3ffff
}

// closing and opening punctuation never begins or ends a row.
func closing(r rune) bool {
	return strings.ContainsRune(")]}.,:;!?…%»”’、。〉》」』】〕〗！），．：；？］｝", r)
}

func opening(r rune) bool {
	return strings.ContainsRune("([{«“‘〈《「『【〔〖（［｛", r)
}

// Wrap breaks s, which must be clean and without styles, into rows of at most
// width cells; a line feed ends a row.
func (m Method) Wrap(s string, width int) []string {
	var rows []string
	for line := range strings.SplitSeq(s, "\n") {
		start := 0
		for _, end := range append(m.Breaks(nil, line, 0, width, nil), len(line)) {
			rows = append(rows, strings.TrimRight(line[start:end], " \t"))
			start = end
		}
	}
	return rows
}
