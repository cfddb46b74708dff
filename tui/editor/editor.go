// Package editor is a text editor for a part of the screen, made for mail:
// what a key costs depends on the screen and the line the cursor is in, not on
// the length of the text; what moves and goes at once is what a person sees as
// one character; and nothing that was typed is ever changed or refused.
//
// The same Editor serves as a line of a form, see NewLine.
package editor

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"sendoff/tui/keys"
	"sendoff/tui/text"
	"sendoff/tui/theme"
)

// Editor is a text, a cursor in it, and the window through which it is seen.
type Editor struct {
	all     *keys.Map
	keys    []command
	styles  *theme.Styles
	cells   *text.Method
	oneLine bool

	buf      buffer
	cur      pos
	goal     int // column that up and down keep to; below 0 for none
	past     history
	revision uint64

	anchor   pos  // where the selection began
	selected bool // between anchor and cursor
	marking  bool // motions select
	grab     grab

	clock func() time.Time

	cut *string // what yank puts back

	panel  panel   // nil for none
	sought *search // the last one

	spelling spelling

	full  int // rows, with those of the panel
	taken int // by the panel

	width, height, wrapAt int
	fill                  int  // cells of a line that reflow makes
	top                   row  // first row seen
	placed                bool // the cursor was put where it is, and no key came since
	shift                 int  // cells off the left edge, of a line
}

// Result is what came of a message.
type Result struct {
	Used   bool   // false: it was not for the editor
	Copied string // what the person wants on the clipboard; empty for nothing
	Said   string // what came of it, in words; mostly empty

	// Known is a word that the spelling checker is to take as right: from now on
	// if it is to Learn it, else as long as it runs.
	Known string
	Learn bool
}

// New returns an empty editor. Styles and cells may change in place; the next
// View is by then.
func New(k *keys.Map, styles *theme.Styles, cells *text.Method) *Editor {
	return &Editor{
		all: k, keys: commands(k.Text), styles: styles, cells: cells,
		buf: newBuffer(""), cut: new(string), goal: -1, width: 80, height: 24, full: 24, fill: 72,
		clock: func() time.Time { return time.Time{} },
	}
}

// NewLine returns an editor of a single line that scrolls sideways. Line ends
// become spaces, and the keys for other lines are left to the caller.
func NewLine(k keys.Text, styles *theme.Styles, cells *text.Method) *Editor {
	e := New(&keys.Map{Text: k}, styles, cells)
	e.oneLine, e.height, e.full = true, 1, 1
	return e
}

// Share makes what is cut in one of the two come back in the other as well.
func (e *Editor) Share(other *Editor) { e.cut = other.cut }

// SetSize tells the columns and rows that View may fill.
func (e *Editor) SetSize(width, height int) {
	width, height = max(1, width), max(1, height)
	if e.oneLine {
		height = 1
	}
	if width == e.width && height == e.full {
		return // what the wheel shows stays
	}
	e.width, e.full = width, height
	e.divide()
	if e.placed {
		e.reveal()
		return
	}
	e.follow()
}

// SetClock tells how clicks that are meant together are known. Without it all
// those at one place are.
func (e *Editor) SetClock(now func() time.Time) { e.clock = now }

// SetFill makes reflowing break lines after at most cells.
func (e *Editor) SetFill(cells int) { e.fill = cells }

// SetWrap makes rows of at most cells, even in a wider window; 0 for the
// window's width.
func (e *Editor) SetWrap(cells int) {
	if cells != e.wrapAt {
		e.wrapAt = cells
		e.follow()
	}
}

// Text returns the text, its lines ended by LF.
func (e *Editor) Text() string { return e.buf.text() }

// Lines returns the number of lines, which is at least one.
func (e *Editor) Lines() int { return len(e.buf.lines) }

// Empty tells whether there is no text at all.
func (e *Editor) Empty() bool { return e.buf.end() == pos{} }

// Revision grows with every change of the text.
func (e *Editor) Revision() uint64 { return e.revision }

// SetText puts a text in the place of the old, with the cursor at its start.
// It can't be undone.
func (e *Editor) SetText(s string) {
	e.buf = newBuffer(e.admit(s))
	e.past = history{}
	e.cur, e.goal, e.selected, e.marking = pos{}, -1, false, false
	e.top, e.shift = row{}, 0
	e.revision++
	e.Close()
	e.follow()
}

// ReplaceAll puts a text in the place of the old as a change that can be
// undone; the cursor keeps its place as far as there is one.
func (e *Editor) ReplaceAll(s string) {
	cur := e.cur
	e.replace(pos{}, e.buf.end(), e.admit(s), alone)
	e.moveTo(e.buf.clamp(cur))
	e.drop()
	e.follow()
}

// Insert puts s in the place of the selection, or at the cursor.
func (e *Editor) Insert(s string) {
	from, to := e.selection()
	e.replace(from, to, e.admit(s), alone)
	e.drop()
	e.follow()
}

func (e *Editor) admit(s string) string {
	s = normalize(s)
	if e.oneLine {
		s = strings.ReplaceAll(s, "\n", " ")
	}
	return s
}

// Position returns where the cursor is: the line, counted from 0, and the
// octets in front of it in that line.
func (e *Editor) Position() (line, column int) { return e.cur.line, e.cur.col }

// SetPosition moves the cursor, as far as there is such a place.
func (e *Editor) SetPosition(line, column int) {
	e.moveTo(e.buf.clamp(pos{line, column}))
	e.drop()
	e.placed = true
	e.reveal()
}

// ToEnd moves the cursor behind the last character.
func (e *Editor) ToEnd() {
	end := e.buf.end()
	e.SetPosition(end.line, end.col)
}

// moveTo sets the cursor and forgets the column that up and down keep to.
func (e *Editor) moveTo(p pos) { e.cur, e.goal = p, -1 }

// Update takes keys, pastes and mouse events, whose place is relative to the
// editor's upper left corner.
func (e *Editor) Update(msg tea.Msg) Result {
	e.placed = false
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		if e.panel != nil {
			if r := e.panel.press(e, msg); r.Used {
				return r
			}
		}
		return e.press(msg)
	case tea.PasteMsg:
		if e.panel != nil {
			e.panel.paste(e, msg.Content)
			return Result{Used: true}
		}
		e.Insert(msg.Content)
		return Result{Used: true}
	case tea.MouseMsg:
		return Result{Used: e.mouse(msg)}
	}
	return Result{}
}

// follow scrolls so that the cursor is seen.
func (e *Editor) follow() {
	if e.oneLine {
		at, whole := e.column(e.cur), e.column(e.buf.end())
		e.shift = max(min(e.shift, at, whole-e.width+1), at-e.width+1, 0)
		return
	}
	e.top = e.first()
	at := e.rowOf(e.cur)
	if at.before(e.top) {
		e.top = at
	}
	if lowest, _ := e.step(at, 1-e.height); e.top.before(lowest) {
		e.top = lowest
	}
	e.fillWindow()
}

// reveal is follow that shows the rest of the cursor's line too, as far as there
// is room: who comes back to a text is to see what they were writing.
func (e *Editor) reveal() {
	e.follow()
	if e.oneLine {
		return
	}
	rest := row{e.cur.line, len(e.wrapped(e.cur.line).rows)}
	top, _ := e.step(rest, 1-e.height)
	if at := e.rowOf(e.cur); at.before(top) {
		top = at
	}
	if e.top.before(top) {
		e.top = top
	}
}

// fillWindow leaves no rows empty below the text while there is text above.
func (e *Editor) fillWindow() {
	if last, _ := e.step(e.rowOf(e.buf.end()), 1-e.height); last.before(e.top) {
		e.top = last
	}
}

// first returns the first row seen. Lines may have gone, or be wrapped in
// another way, since top was set.
func (e *Editor) first() row {
	line := min(e.top.line, len(e.buf.lines)-1)
	return row{line, min(e.top.n, len(e.wrapped(line).rows))}
}
