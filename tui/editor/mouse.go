package editor

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// double is how soon after one another clicks are meant together.
const double = 500 * time.Millisecond

// grain is what dragging selects by, from the number of clicks before it.
type grain int

const (
	characters grain = iota
	words
	wholeLines
)

// grab is what the mouse holds.
type grab struct {
	on       bool // its button is down
	by       grain
	from, to pos // what the clicks selected
	x, y     int // of the last click
	at       time.Time
}

// mouse sets the cursor by a click, selects a word by two and a line by three,
// selects more by dragging or shift, and scrolls by the wheel without moving
// the cursor.
func (e *Editor) mouse(msg tea.MouseMsg) bool {
	m := msg.Mouse()
	switch msg.(type) {
	case tea.MouseClickMsg:
		if m.Button != tea.MouseLeft {
			return false
		}
		if row := m.Y - e.height; e.panel != nil && row >= 0 {
			e.clickPanel(row)
			return true
		}
		e.click(m)
	case tea.MouseReleaseMsg:
		e.grab.on = false
	case tea.MouseMotionMsg:
		if !e.grab.on {
			return false
		}
		e.drag(e.under(m.X, m.Y))
	case tea.MouseWheelMsg:
		return e.wheel(m.Button)
	default:
		return false
	}
	return true
}

// clickPanel takes the suggestion in a row of the panel.
func (e *Editor) clickPanel(row int) {
	if s, ok := e.panel.(*suggestions); ok && row > 0 && row < e.taken {
		s.take(e, s.first(e.taken-1)+row-1)
	}
}

func (e *Editor) click(m tea.Mouse) {
	at := e.under(m.X, m.Y)
	now := e.clock()
	if m.Mod.Contains(tea.ModShift) {
		if !e.selected {
			e.anchor = e.cur
		}
		e.grab = grab{on: true, from: e.anchor, to: e.anchor}
		e.drag(at)
		return
	}
	by := characters
	if again := !e.grab.at.IsZero() && now.Sub(e.grab.at) < double; again && m.X == e.grab.x && m.Y == e.grab.y {
		by = (e.grab.by + 1) % (wholeLines + 1)
	}
	from, to := e.extent(at, by)
	e.grab = grab{on: true, by: by, from: from, to: to, x: m.X, y: m.Y, at: now}
	e.drop()
	e.anchor, e.selected = from, from != to
	e.moveTo(to)
}

// drag selects from what was clicked to a place. Beyond the window's edge that
// is one that does not show, and the window follows.
func (e *Editor) drag(at pos) {
	g := &e.grab
	g.from, g.to = e.buf.clamp(g.from), e.buf.clamp(g.to) // keys may have come in between
	from, to := e.extent(at, g.by)
	if from.before(g.from) {
		e.anchor = g.to
		e.moveTo(from)
	} else {
		e.anchor = g.from
		e.moveTo(to)
	}
	e.selected = e.anchor != e.cur
	e.follow()
}

// extent returns what is selected by clicking at p.
func (e *Editor) extent(p pos, by grain) (from, to pos) {
	switch by {
	case words:
		return e.wordAt(p)
	case wholeLines:
		from, to = pos{p.line, 0}, pos{p.line + 1, 0}
		if to.line == len(e.buf.lines) {
			to = e.buf.end()
		}
		return from, to
	}
	return p, p
}

// wordAt returns the run of letters, signs or spaces that p is in.
func (e *Editor) wordAt(p pos) (from, to pos) {
	end := pos{p.line, len(e.buf.at(p.line))}
	if p == end && p.col > 0 {
		p = e.left(p)
	}
	kind := e.kindOf(p)
	for from = p; from.col > 0 && e.kindOf(e.left(from)) == kind; {
		from = e.left(from)
	}
	for to = p; to.before(end) && e.kindOf(to) == kind; {
		to = e.right(to)
	}
	return from, to
}

func (e *Editor) wheel(b tea.MouseButton) bool {
	const rows = 3
	if e.oneLine {
		return false
	}
	switch b {
	case tea.MouseWheelUp:
		e.top, _ = e.step(e.first(), -rows)
	case tea.MouseWheelDown:
		e.top, _ = e.step(e.first(), rows)
		e.fillWindow()
	default:
		return false
	}
	return true
}

// under returns the place that is shown at x, y.
func (e *Editor) under(x, y int) pos {
	if e.oneLine {
		return e.place(row{}, max(0, x)+e.shift)
	}
	r, moved := e.step(e.first(), y)
	if moved != y && y > 0 {
		return e.buf.end()
	}
	return e.place(r, max(0, x))
}
