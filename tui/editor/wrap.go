package editor

import (
	"slices"

	"sendoff/tui/text"
)

// shape is what the rows of a line depend on besides its text. The zero value
// is no shape.
type shape struct {
	width  int // cells of a row; below 0 nothing wraps
	method text.Method
}

// wrap makes sure that l.rows fits the shape.
func (l *line) wrap(sh shape) {
	if l.shape == sh {
		return
	}
	l.shape, l.rows = sh, l.rows[:0]
	if sh.width > 0 {
		l.rows = sh.method.Breaks(l.rows, l.s, 0, sh.width, nil)
	}
}

// edit replaces l.s[from:to] and wraps again only from two rows above, which a
// shortened word may flow back to, down to where the rows fall as before.
func (l *line) edit(from, to int, s string) {
	l.s = l.s[:from] + s + l.s[to:]
	if l.shape.width <= 0 {
		return
	}
	old, delta, end := l.rows, len(s)-(to-from), from+len(s)
	keep := max(0, rowAt(old, from)-2)
	start := 0
	if keep > 0 {
		start = old[keep-1]
	}
	rest := old[keep:]
	same := func(at int) bool {
		if at < end {
			return false
		}
		i, found := slices.BinarySearch(rest, at-delta)
		rest = rest[i:]
		return found
	}
	met := false
	rows := l.shape.method.Breaks(slices.Clone(old[:keep]), l.s, start, l.shape.width, func(at int) bool {
		met = same(at)
		return met
	})
	if met {
		for _, at := range rest {
			rows = append(rows, at+delta)
		}
	}
	l.rows = rows
}

// rowAt returns the row that the place col is in. A place between two rows
// belongs to the lower one.
func rowAt(rows []int, col int) int {
	i, found := slices.BinarySearch(rows, col)
	if found {
		i++
	}
	return i
}

// row is a row on the screen: a line, and which of its rows.
type row struct{ line, n int }

func (r row) before(q row) bool { return r.line < q.line || r.line == q.line && r.n < q.n }

// wrapped returns line i with its rows made.
func (e *Editor) wrapped(i int) *line {
	l := e.buf.lines[i]
	l.wrap(e.shape())
	return l
}

func (e *Editor) shape() shape {
	if e.oneLine {
		return shape{width: -1, method: *e.cells}
	}
	width := max(2, e.width-1) // the last column is for the cursor
	if e.wrapAt > 0 {
		width = min(width, e.wrapAt)
	}
	return shape{width: width, method: *e.cells}
}

// rowOf returns the row that p is in.
func (e *Editor) rowOf(p pos) row { return row{p.line, rowAt(e.wrapped(p.line).rows, p.col)} }

// span returns the octets of a row.
func (e *Editor) span(r row) (start, end int) {
	l := e.wrapped(r.line)
	if r.n > 0 {
		start = l.rows[r.n-1]
	}
	if r.n < len(l.rows) {
		return start, l.rows[r.n]
	}
	return start, len(l.s)
}

// step returns the row n rows below r, or above it, and how many rows there
// were to go.
func (e *Editor) step(r row, n int) (row, int) {
	moved := 0
	for ; n > 0; n-- {
		switch {
		case r.n < len(e.wrapped(r.line).rows):
			r.n++
		case r.line+1 < len(e.buf.lines):
			r = row{line: r.line + 1}
		default:
			return r, moved
		}
		moved++
	}
	for ; n < 0; n++ {
		switch {
		case r.n > 0:
			r.n--
		case r.line > 0:
			r = row{r.line - 1, len(e.wrapped(r.line - 1).rows)}
		default:
			return r, moved
		}
		moved--
	}
	return r, moved
}

// column returns the cells in front of p within its row. Inside a cluster,
// where only typing gets, it is the column behind the cluster.
func (e *Editor) column(p pos) int {
	start, _ := e.span(e.rowOf(p))
	s, col := e.buf.at(p.line), 0
	for i := start; i < p.col; {
		cluster, cells := e.cells.Next(s[i:])
		col += text.Advance(cluster, cells, col)
		i += len(cluster)
	}
	return col
}

// place returns the place in row r that is nearest to column col from the left.
func (e *Editor) place(r row, col int) pos {
	start, end := e.span(r)
	s, at := e.buf.at(r.line), 0
	i := start
	for i < end {
		cluster, cells := e.cells.Next(s[i:])
		at += text.Advance(cluster, cells, at)
		if at > col || i+len(cluster) == end && end < len(s) {
			break // the end of a wrapped row is the start of the next
		}
		i += len(cluster)
	}
	return pos{r.line, i}
}
