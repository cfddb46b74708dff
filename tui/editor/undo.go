package editor

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// change is one step that undo takes back: at a place, one text stood and
// another came.
type change struct {
	at            pos
	removed, made string
	before, after pos // the cursor
	how           how
}

// how a change was made; changes of the same kind in a row become one step.
type how int

const (
	alone how = iota // never joined
	typed
	erased
	deleted
	killed
)

// history is what can be undone and done again.
type history struct {
	done, undone []change
	paused       bool // the next change is a step of its own
}

// add keeps c, joined with the step before where both are one to a person:
// the letters of a word with the white space behind it, a run of deletions.
func (h *history) add(c change) {
	h.undone = nil
	paused := h.paused
	h.paused = false
	if n := len(h.done); n > 0 && !paused && h.done[n-1].join(c) {
		return
	}
	h.done = append(h.done, c)
}

func (c *change) join(next change) bool {
	if c.how != next.how || c.after != next.before {
		return false
	}
	switch c.how {
	case typed:
		if next.removed != "" || strings.Contains(c.made, "\n") || spaceLast(c.made) && !spaceLast(next.made) {
			return false
		}
		c.made += next.made
	case erased:
		c.removed = next.removed + c.removed
		c.at = next.at
	case deleted:
		c.removed += next.removed
	default:
		return false
	}
	c.after = next.after
	return true
}

func spaceLast(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsSpace(r)
}

// replace is the one way text changes: it replaces, moves the cursor behind
// the new text, and remembers.
func (e *Editor) replace(from, to pos, s string, how how) {
	c := change{at: from, removed: e.buf.slice(from, to), made: s, before: e.cur, how: how}
	if c.removed == s {
		e.moveTo(to)
		return
	}
	e.moveTo(e.buf.replace(from, to, s))
	c.after = e.cur
	e.past.add(c)
	e.revision++
}

// Steps returns how many steps undo can take back.
func (e *Editor) Steps() int { return len(e.past.done) }

// Pause makes what is typed next a step of its own.
func (e *Editor) Pause() { e.past.paused = true }

func (e *Editor) undo() {
	n := len(e.past.done)
	if n == 0 {
		return
	}
	c := e.past.done[n-1]
	e.past.done = e.past.done[:n-1]
	e.past.undone = append(e.past.undone, c)
	e.buf.replace(c.at, behind(c.at, c.made), c.removed)
	e.moveTo(c.before)
	e.drop()
	e.revision++
}

func (e *Editor) redo() {
	n := len(e.past.undone)
	if n == 0 {
		return
	}
	c := e.past.undone[n-1]
	e.past.undone = e.past.undone[:n-1]
	e.past.done = append(e.past.done, c)
	e.buf.replace(c.at, behind(c.at, c.removed), c.made)
	e.moveTo(c.after)
	e.drop()
	e.revision++
}
