package editor

import tea "charm.land/bubbletea/v2"

// typeText puts what a key types in the place of the selection.
func (e *Editor) typeText(s string) {
	from, to := e.selection()
	e.replace(from, to, e.admit(s), typed)
	e.drop()
}

// erase removes the selection, or what stands between the cursor and to.
func (e *Editor) erase(to func(pos) pos, how how) {
	if e.selected {
		from, to := e.selection()
		e.replace(from, to, "", alone)
		e.drop()
		return
	}
	from, end := ordered(e.cur, to(e.cur))
	e.replace(from, end, "", how)
}

// kill is erase that keeps what it removes, to be put back elsewhere. Kills in
// a row are kept as one text.
func (e *Editor) kill(to func(pos) pos) {
	if !e.selected {
		from, end := ordered(e.cur, to(e.cur))
		if n := len(e.past.done); n == 0 || e.past.done[n-1].how != killed || e.past.done[n-1].after != e.cur {
			*e.cut = ""
		}
		if s := e.buf.slice(from, end); from.before(e.cur) {
			*e.cut = s + *e.cut
		} else {
			*e.cut += s
		}
	}
	e.erase(to, killed)
}

// killEnd is the end of the line, and from there the start of the next.
func (e *Editor) killEnd(p pos) pos {
	if end := (pos{p.line, len(e.buf.at(p.line))}); p != end {
		return end
	}
	return e.right(p)
}

// move runs a motion and lets the selection follow, end or stay.
func (e *Editor) move(c *command) {
	switch {
	case c.extend || e.marking:
		if !e.selected {
			e.anchor, e.selected = e.cur, true
		}
	case e.selected && c.edge != 0:
		// Left and right go to the edges of what was selected.
		from, to := e.selection()
		e.drop()
		e.moveTo(from)
		if c.edge > 0 {
			e.moveTo(to)
		}
		return
	default:
		e.drop()
	}
	c.motion(e)
	e.selected = e.selected && e.anchor != e.cur || e.marking
}

// mark makes motions select from here on, or ends that.
func (e *Editor) mark() {
	if e.marking {
		e.drop()
		return
	}
	e.anchor, e.selected, e.marking = e.cur, true, true
}

func (e *Editor) selectAll() {
	e.anchor, e.selected = pos{}, true
	e.moveTo(e.buf.end())
}

// drop ends the selection.
func (e *Editor) drop() { e.selected, e.marking = false, false }

// selection returns the selected places in order, or the cursor twice.
func (e *Editor) selection() (from, to pos) {
	if !e.selected {
		return e.cur, e.cur
	}
	return ordered(e.anchor, e.cur)
}

// Selection returns which octets of the text are selected; from and to are the
// same where nothing is. It reads all the text in front.
func (e *Editor) Selection() (from, to int) {
	a, z := e.selection()
	return len(e.buf.slice(pos{}, a)), len(e.buf.slice(pos{}, z))
}

func ordered(p, q pos) (from, to pos) {
	if q.before(p) {
		return q, p
	}
	return p, q
}

func (e *Editor) copySelection(remove bool) Result {
	from, to := e.selection()
	if from == to {
		return Result{Used: true}
	}
	*e.cut = e.buf.slice(from, to)
	if remove {
		e.replace(from, to, "", alone)
	}
	e.drop()
	return Result{Used: true, Copied: *e.cut}
}

// mouse sets the cursor by a click, selects by dragging or shift, and scrolls
// by the wheel without moving the cursor.
func (e *Editor) mouse(msg tea.MouseMsg) bool {
	m := msg.Mouse()
	switch msg.(type) {
	case tea.MouseClickMsg:
		if m.Button != tea.MouseLeft {
			return false
		}
		if m.Mod.Contains(tea.ModShift) {
			if !e.selected {
				e.anchor, e.selected = e.cur, true
			}
		} else {
			e.drop()
		}
		e.moveTo(e.under(m.X, m.Y))
		if !e.selected {
			e.anchor = e.cur
		}
		e.dragging = true
	case tea.MouseReleaseMsg:
		e.dragging = false
	case tea.MouseMotionMsg:
		if !e.dragging {
			return false
		}
		e.moveTo(e.under(m.X, m.Y))
		e.anchor = e.buf.clamp(e.anchor) // keys may have come in between
		e.selected = e.anchor != e.cur
		e.follow()
	case tea.MouseWheelMsg:
		return e.wheel(m.Button)
	default:
		return false
	}
	return true
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
		e.fill()
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
