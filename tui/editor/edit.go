package editor

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
			e.anchor, e.selected = e.outside(e.cur), true
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
	e.anchor, e.selected, e.marking = e.outside(e.cur), true, true
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
