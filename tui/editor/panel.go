package editor

import (
	"strconv"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/keys"
)

// panel takes the lowest rows of the window, and the keys, until it is left.
type panel interface {
	// press takes a key; what is not Used is for the text.
	press(e *Editor, msg tea.KeyPressMsg) Result
	paste(e *Editor, s string)
	rows() int
	// view draws the rows, and tells where in them the cursor is.
	view(e *Editor) (rows []string, x, y int)
	bindings(e *Editor) []key.Binding
}

// label is how many cells the name of a line in a panel takes.
const label = 9

// Asking tells that keys are for a panel first: the search, a line to go to,
// what else a word could be.
func (e *Editor) Asking() bool { return e.panel != nil }

// Bindings lists what the keys do in the panel.
func (e *Editor) Bindings() []key.Binding {
	if e.panel == nil {
		return nil
	}
	return e.panel.bindings(e)
}

// Close leaves the panel.
func (e *Editor) Close() {
	if e.panel != nil {
		e.open(nil)
	}
}

func (e *Editor) open(p panel) {
	e.panel = p
	e.divide()
	e.follow()
}

// divide gives the panel what it needs of the window's rows, and the text the
// rest.
func (e *Editor) divide() {
	e.taken = 0
	if e.panel != nil {
		e.taken = min(e.panel.rows(), max(1, e.full-1))
	}
	e.height = max(1, e.full-e.taken)
}

// asked draws one line of a panel: its name, what is typed, and a word at the
// right edge.
func (e *Editor) asked(name string, line *Editor, right string) string {
	room := e.width - label
	if right != "" && room > 2*len(right) {
		room -= e.cells.Width(right) + 1
	} else {
		right = ""
	}
	line.SetSize(max(1, room), 1)
	row := e.styles.Label.Render(e.cells.PadRight(name, label)) + line.View()
	if right != "" {
		gap := max(1, e.width-e.cells.Width(row)-e.cells.Width(right))
		row += strings.Repeat(" ", gap) + e.styles.Dim.Render(right)
	}
	return e.cells.Cut(row, e.width)
}

func (e *Editor) cursorIn(line *Editor) int {
	x, _, _ := line.Cursor()
	return min(label+x, max(0, e.width-1))
}

// jump is the panel that asks for the number of a line.
type jump struct {
	line *Editor
	keys keys.Search
}

func (e *Editor) jump() {
	e.open(&jump{NewLine(e.all.Text, e.styles, e.cells), e.all.Search})
}

func (j *jump) press(e *Editor, msg tea.KeyPressMsg) Result {
	switch {
	case key.Matches(msg, j.keys.Close, e.all.Text.GoTo):
		e.Close()
	case key.Matches(msg, e.all.Text.Newline):
		n, err := strconv.Atoi(strings.TrimSpace(j.line.Text()))
		if err != nil {
			return Result{Used: true, Said: "that is no number of a line"}
		}
		e.Close()
		e.SetPosition(n-1, 0)
	default:
		return j.line.Update(msg)
	}
	return Result{Used: true}
}

func (j *jump) paste(_ *Editor, s string) { j.line.Insert(s) }

func (j *jump) rows() int { return 1 }

func (j *jump) view(e *Editor) (rows []string, x, y int) {
	where := strconv.Itoa(e.cur.line+1) + " of " + strconv.Itoa(len(e.buf.lines))
	return []string{e.asked("Line", j.line, where)}, e.cursorIn(j.line), 0
}

func (j *jump) bindings(e *Editor) []key.Binding {
	return []key.Binding{named(e.all.Text.Newline, "go there"), j.keys.Close}
}

func named(b key.Binding, desc string) key.Binding {
	b.SetHelp(b.Help().Key, desc)
	return b
}
