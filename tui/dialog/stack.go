// Package dialog lays small windows over a screen: questions, the password
// entry, help and the palette of commands. The top one gets all keys.
package dialog

import (
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"sendoff/tui/kit"
	"sendoff/tui/text"
	"sendoff/tui/widget"
)

// grace is how long a dialog that opens by itself ignores keys: what was being
// typed must not answer it.
const grace = 700 * time.Millisecond

// Dialog is a window over a screen.
type Dialog interface {
	// Update takes a message; done closes the dialog.
	Update(msg tea.Msg) (done bool, intent kit.Intent)

	// View draws the inside in at most width columns and height rows, and
	// says where in it the cursor stands; nil hides it.
	View(width, height int) (rows []string, cursor *tea.Cursor)

	Title() string
	Bindings() []key.Binding
}

// Stack is the dialogs that are open.
type Stack struct {
	now  kit.Clock
	pen  widget.Pen
	open []entry
}

type entry struct {
	Dialog
	deaf time.Time // no keys before
}

// NewStack returns a stack with nothing open.
func NewStack(env kit.Env) *Stack {
	return &Stack{now: env.Now, pen: widget.Pen{Styles: env.Styles, Method: env.Cells}}
}

// Open lays d over all, because the person asked for it.
func (s *Stack) Open(d Dialog) { s.open = append(s.open, entry{Dialog: d}) }

// OpenUnasked lays d over all; for a moment it ignores keys.
func (s *Stack) OpenUnasked(d Dialog) {
	s.open = append(s.open, entry{Dialog: d, deaf: s.now().Add(grace)})
}

// Close closes every dialog for which which is true.
func (s *Stack) Close(which func(Dialog) bool) {
	kept := s.open[:0]
	for _, e := range s.open {
		if !which(e.Dialog) {
			kept = append(kept, e)
		}
	}
	s.open = kept
}

// Empty tells that no dialog is open.
func (s *Stack) Empty() bool { return len(s.open) == 0 }

// Top returns the dialog that has the keys; nil if there is none.
func (s *Stack) Top() Dialog {
	if s.Empty() {
		return nil
	}
	return s.open[len(s.open)-1].Dialog
}

// Update hands msg to the top dialog.
func (s *Stack) Update(msg tea.Msg) kit.Intent {
	if s.Empty() {
		return nil
	}
	top := len(s.open) - 1
	switch msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg, tea.MouseClickMsg:
		if s.now().Before(s.open[top].deaf) {
			return nil
		}
	}
	done, intent := s.open[top].Update(msg)
	if done {
		s.open = append(s.open[:top], s.open[top+1:]...)
	}
	return intent
}

// Mouse hands a click or the wheel to the top dialog, as seen from the corner of
// its inside, in a window of width and height. A click beside it means nothing.
func (s *Stack) Mouse(msg tea.MouseMsg, width, height int) kit.Intent {
	if s.Empty() {
		return nil
	}
	p := s.place(width, height)
	at := msg.Mouse()
	at.X -= p.x
	at.Y -= p.y
	switch msg.(type) {
	case tea.MouseWheelMsg:
		return s.Update(tea.MouseWheelMsg(at))
	case tea.MouseClickMsg:
		if at.Button == tea.MouseLeft && at.X >= 0 && at.X < p.width && at.Y >= 0 && at.Y < len(p.rows) {
			at.Y += p.above
			return s.Update(tea.MouseClickMsg(at))
		}
	}
	return nil
}

// placed is the inside of a dialog and where it stands in the window.
type placed struct {
	rows        []string
	cursor      *tea.Cursor
	x, y, width int
	above       int // rows that have no room, so that the one with the cursor has
}

// place lays out the top dialog.
func (s *Stack) place(width, height int) placed {
	d := s.Top()
	p := placed{width: min(width-4, 64)}
	p.rows, p.cursor = d.View(p.width, height-4)
	if room := max(1, height-3); len(p.rows) > room { // a frame that is cut is none, and the keys stay below it
		if p.cursor != nil {
			p.above = max(0, min(p.cursor.Y+2-room, len(p.rows)-room))
		}
		p.rows = p.rows[p.above:][:room]
	}
	used := s.pen.Width(d.Title()) + 2
	for _, row := range p.rows {
		used = max(used, s.pen.Width(row))
	}
	p.width = min(p.width, used)
	p.x, p.y = max(0, (width-p.width-4)/2)+2, max(0, (height-len(p.rows)-2)/3)+1
	return p
}

// View lays the top dialog over base, a screen of width and height.
func (s *Stack) View(base string, width, height int) (string, *tea.Cursor) {
	if s.Empty() {
		return base, nil
	}
	p := s.place(width, height)
	lines := strings.Split(base, "\n")
	for i, row := range s.box(s.Top().Title(), p.rows, p.width) {
		if y := p.y - 1 + i; y < len(lines) {
			lines[y] = s.over(lines[y], row, p.x-2, width)
		}
	}
	if p.cursor != nil {
		moved := *p.cursor
		moved.X += p.x
		moved.Y += p.y - p.above
		p.cursor = &moved
	}
	return strings.Join(lines, "\n"), p.cursor
}

// over lays row over a line of width cells, from column x on. Only the lines
// under the dialog are touched, so it costs little on any screen.
func (s *Stack) over(line, row string, x, width int) string {
	line = s.pen.Pad(line, width)
	end := x + s.pen.Width(row)
	left, right := s.pen.Cut(line, x), s.from(line, end)
	if s.pen.Width(right) > width-end { // begins with half of a wide character
		right = s.from(line, end+1)
	}
	gap := func(n int) string { return strings.Repeat(" ", max(0, n)) }
	return left + gap(x-s.pen.Width(left)) + row + gap(width-end-s.pen.Width(right)) + right
}

// from returns a line without its first cells.
func (s *Stack) from(line string, cells int) string {
	if *s.pen.Method == text.Clusters {
		return ansi.TruncateLeft(line, cells, "")
	}
	return ansi.TruncateLeftWc(line, cells, "")
}

// box frames rows, each filled to width.
func (s *Stack) box(title string, rows []string, width int) []string {
	g, frame := s.pen.Glyphs, s.pen.Frame.Render
	title = s.pen.Truncate(title, width-1)
	line := strings.Repeat(g.Rule, max(0, width-s.pen.Width(title)-1))
	out := []string{frame(g.TopLeft+g.Rule) + " " + s.pen.Strong.Render(title) + " " + frame(line+g.TopRight)}
	for _, row := range rows {
		out = append(out, frame(g.Side)+" "+s.pen.Pad(row, width)+" "+frame(g.Side))
	}
	return append(out, frame(g.BottomLeft+strings.Repeat(g.Rule, width+2)+g.BottomRight))
}
