package editor

import (
	"strings"

	"charm.land/lipgloss/v2"

	"sendoff/tui/text"
)

// signature is the line in front of a signature (RFC 3676 section 4.3).
const signature = "-- "

// View draws the rows of SetSize. It costs what is seen.
func (e *Editor) View() string {
	var b strings.Builder
	if e.oneLine {
		e.draw(&b, row{}, false)
		return b.String()
	}
	e.drawText(&b, e.full-e.taken)
	if e.panel == nil {
		return b.String()
	}
	rows, _, _ := e.panel.view(e)
	for i, row := range rows[:min(len(rows), e.taken)] {
		if i > 0 || e.full > e.taken {
			b.WriteByte('\n')
		}
		b.WriteString(row)
	}
	return b.String()
}

// drawText writes the rows of the text.
func (e *Editor) drawText(b *strings.Builder, rows int) {
	r := e.first()
	signed := e.signedAbove(r)
	for y := range rows {
		if y > 0 {
			b.WriteByte('\n')
		}
		if e.buf.at(r.line) == signature {
			signed = true
		}
		e.draw(b, r, signed)
		next, moved := e.step(r, 1)
		if moved == 0 {
			b.WriteString(strings.Repeat("\n", rows-1-y))
			break
		}
		r = next
	}
}

// signedAbove tells whether a signature begins not far above the window.
func (e *Editor) signedAbove(r row) bool {
	for i := r.line - 1; i >= max(0, r.line-farSigned); i-- {
		if e.buf.at(i) == signature {
			return true
		}
	}
	return false
}

// draw writes one row: as it is, dim where it quotes or signs, marked where it
// is selected.
func (e *Editor) draw(b *strings.Builder, r row, signed bool) {
	start, end := e.span(r)
	s := e.buf.at(r.line)
	cells := painter{out: b, width: e.width}
	var plain *lipgloss.Style
	if !e.oneLine && (signed || strings.HasPrefix(s, ">")) {
		plain = &e.styles.Dim
	}
	from, to := e.marked(r.line)
	special, tone := e.special(r, start, end)
	col := -e.shift
	for i := start; i < end; {
		cluster, n := e.cells.Next(s[i:])
		n = text.Advance(cluster, n, col+e.shift)
		for len(special) > 0 && special[0].to <= i {
			special = special[1:]
		}
		style := plain
		switch {
		case from <= i && i < to:
			style = &e.styles.Marked
		case len(special) > 0 && special[0].from <= i:
			style = tone
		}
		cells.put(e.cells.Shown(cluster, n), n, col, style)
		col += n
		i += len(cluster)
		if col >= e.width {
			break
		}
	}
	if to > len(s) && end == len(s) {
		cells.put(" ", 1, col, &e.styles.Marked) // the selected line end
	}
	cells.flush()
}

// special returns which parts of a row, that is from start to end of its line,
// are drawn in a tone of their own: what a search finds, or wrong words.
func (e *Editor) special(r row, start, end int) ([]span, *lipgloss.Style) {
	if s, ok := e.panel.(*search); ok {
		all := s.matches(e)
		all = all[max(0, s.after(e, pos{r.line, start})-1):] // one may begin in the row above
		n := 0
		for n < len(all) && all[n].start().before(pos{r.line, end}) {
			n++
		}
		all = all[:n]
		for len(all) > 0 && all[0].line < r.line {
			all = all[1:]
		}
		return all, &e.styles.Found
	}
	if e.oneLine {
		return nil, nil
	}
	return e.misspelled(r), &e.styles.Misspelled
}

// marked returns which octets of line i are selected; the line end counts as
// one more octet.
func (e *Editor) marked(i int) (from, to int) {
	a, z := e.selection()
	if a == z || i < a.line || i > z.line {
		return 0, 0
	}
	from, to = 0, len(e.buf.at(i))+1
	if i == a.line {
		from = a.col
	}
	if i == z.line {
		to = z.col
	}
	return from, to
}

// painter writes the clusters of a row that lie within the window, in runs of
// one style.
type painter struct {
	out   *strings.Builder
	width int
	run   strings.Builder
	style *lipgloss.Style // of run; nil for none
}

func (p *painter) put(s string, n, col int, style *lipgloss.Style) {
	switch {
	case col+n <= 0 || col >= p.width:
		return
	case col < 0:
		s = strings.Repeat(" ", col+n) // cut by the left edge
	case col+n > p.width:
		s = strings.Repeat(" ", p.width-col)
	}
	if style != p.style {
		p.flush()
		p.style = style
	}
	p.run.WriteString(s)
}

func (p *painter) flush() {
	if p.run.Len() == 0 {
		return
	}
	if p.style != nil {
		p.out.WriteString(p.style.Render(p.run.String()))
	} else {
		p.out.WriteString(p.run.String())
	}
	p.run.Reset()
}

// Cursor returns where the cursor is seen, and whether it is seen at all: the
// wheel can leave it behind.
func (e *Editor) Cursor() (x, y int, visible bool) {
	col := e.column(e.cur)
	if e.oneLine {
		return col - e.shift, 0, true
	}
	if e.panel != nil {
		_, x, y = e.panel.view(e)
		return x, e.full - e.taken + y, true
	}
	x = min(col, e.width-1)
	at := e.rowOf(e.cur)
	top := e.first()
	if at.before(top) {
		return x, 0, false
	}
	for r := top; y < e.height; y++ {
		if r == at {
			return x, y, true
		}
		r, _ = e.step(r, 1)
	}
	return x, 0, false
}
