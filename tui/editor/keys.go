package editor

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/keys"
)

// command is a binding and what it does. A motion says where the cursor goes;
// everything else is run.
type command struct {
	binding   key.Binding
	motion    func(*Editor)
	extend    bool // the motion selects
	edge      int  // of a selection, that the motion goes to: -1 left, 1 right
	multiline bool // makes sense in several lines only
	run       func(*Editor) Result
}

func commands(k keys.Text) []command {
	move := func(b key.Binding, to func(*Editor, pos) pos) command {
		return command{binding: b, motion: func(e *Editor) { e.moveTo(to(e, e.cur)) }}
	}
	rows := func(b key.Binding, n func(*Editor) int) command {
		return command{binding: b, motion: func(e *Editor) { e.vertical(n(e)) }, multiline: true}
	}
	extending := func(b key.Binding, c command) command {
		c.binding, c.extend = b, true
		return c
	}
	edit := func(b key.Binding, f func(*Editor)) command {
		return command{binding: b, run: func(e *Editor) Result {
			f(e)
			return Result{Used: true}
		}}
	}
	left, right := move(k.Left, (*Editor).left), move(k.Right, (*Editor).right)
	left.edge, right.edge = -1, 1
	wordLeft, wordRight := move(k.WordLeft, (*Editor).wordLeft), move(k.WordRight, (*Editor).wordRight)
	home, end := move(k.Home, (*Editor).home), move(k.End, (*Editor).lineEnd)
	up, down := rows(k.Up, func(*Editor) int { return -1 }), rows(k.Down, func(*Editor) int { return 1 })
	top := move(k.Top, func(*Editor, pos) pos { return pos{} })
	bottom := move(k.Bottom, func(e *Editor, _ pos) pos { return e.buf.end() })
	lines := func(b key.Binding, f func(*Editor)) command {
		c := edit(b, f)
		c.multiline = true
		return c
	}
	paragraphUp, paragraphDown := move(k.ParagraphUp, (*Editor).paragraphUp), move(k.ParagraphDown, (*Editor).paragraphDown)
	paragraphUp.multiline, paragraphDown.multiline = true, true
	return []command{
		left, right, up, down, wordLeft, wordRight, home, end, top, bottom, paragraphUp, paragraphDown,
		lines(k.Newline, (*Editor).newline),
		lines(k.LineBreak, func(e *Editor) { e.typeText("\n") }),
		lines(k.Reflow, (*Editor).reflow),
		lines(k.Find, (*Editor).search),
		lines(k.GoTo, (*Editor).jump),
		{binding: k.Spell, run: (*Editor).check, multiline: true},
		rows(k.PageUp, func(e *Editor) int { return -max(1, e.height-1) }),
		rows(k.PageDown, func(e *Editor) int { return max(1, e.height-1) }),
		extending(k.SelectLeft, left), extending(k.SelectRight, right),
		extending(k.SelectUp, up), extending(k.SelectDown, down),
		extending(k.SelectWordLeft, wordLeft), extending(k.SelectWordRight, wordRight),
		extending(k.SelectHome, home), extending(k.SelectEnd, end),
		extending(k.SelectTop, top), extending(k.SelectBottom, bottom),
		edit(k.DeleteBack, func(e *Editor) { e.erase(e.left, erased) }),
		edit(k.DeleteForward, func(e *Editor) { e.erase(e.right, deleted) }),
		edit(k.DeleteWordBack, func(e *Editor) { e.kill(e.chunkLeft) }),
		edit(k.DeleteWordForward, func(e *Editor) { e.kill(e.wordRight) }),
		edit(k.KillStart, func(e *Editor) { e.kill(func(p pos) pos { return pos{p.line, 0} }) }),
		edit(k.KillEnd, func(e *Editor) { e.kill(e.killEnd) }),
		edit(k.Yank, func(e *Editor) { e.Insert(*e.cut) }),
		edit(k.Undo, (*Editor).undo), edit(k.Redo, (*Editor).redo),
		edit(k.Mark, (*Editor).mark),
		edit(k.SelectAll, (*Editor).selectAll),
		{binding: k.Cut, run: func(e *Editor) Result { return e.copySelection(true) }},
		{binding: k.Copy, run: func(e *Editor) Result { return e.copySelection(false) }},
	}
}

// press finds what a key does. What it types comes first: a plain character is
// never a command in a text.
func (e *Editor) press(msg tea.KeyPressMsg) Result {
	e.spelling.seeking = false
	if msg.Text != "" && msg.Mod&^(tea.ModShift|tea.ModCapsLock|tea.ModNumLock) == 0 {
		e.typeText(msg.Text)
		e.follow()
		return Result{Used: true}
	}
	if msg.Code == tea.KeyEscape && (e.selected || e.marking) {
		e.drop()
		return Result{Used: true}
	}
	name := msg.String()
	for i := range e.keys {
		if c := &e.keys[i]; matches(name, c.binding) && !(c.multiline && e.oneLine) {
			return e.do(c)
		}
	}
	return Result{}
}

func matches(name string, b key.Binding) bool {
	if b.Enabled() {
		for _, k := range b.Keys() {
			if k == name {
				return true
			}
		}
	}
	return false
}

func (e *Editor) do(c *command) Result {
	defer e.follow()
	if c.motion == nil {
		return c.run(e)
	}
	e.move(c)
	return Result{Used: true}
}
