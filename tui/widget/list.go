// Package widget holds the small parts that screens are put together from:
// windowed lists and texts, progress bars, tabs and the line of keys. Each
// draws what it is told and knows nothing of mail.
package widget

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/keys"
)

// List is a cursor in rows of which a window is seen. What it costs depends on
// the rows that show, never on how many there are.
type List struct {
	keys                     keys.List
	length, height, top, cur int
}

// NewList returns an empty list.
func NewList(k keys.List) List { return List{keys: k, height: 1} }

// SetHeight tells how many rows show.
func (l *List) SetHeight(rows int) {
	l.height = max(rows, 1)
	l.follow()
}

// SetLength tells how many rows there are; the cursor stays among them.
func (l *List) SetLength(n int) {
	l.length = max(n, 0)
	l.Select(l.cur)
}

// Length returns how many rows there are.
func (l *List) Length() int { return l.length }

// Cursor returns the selected row; -1 when there is none.
func (l *List) Cursor() int {
	if l.length == 0 {
		return -1
	}
	return l.cur
}

// Window returns the rows that show: from, and the one after the last.
func (l *List) Window() (from, to int) { return l.top, min(l.top+l.height, l.length) }

// Select moves the cursor to row i or the nearest there is.
func (l *List) Select(i int) {
	l.cur = max(0, min(i, l.length-1))
	l.follow()
}

// Shift moves the cursor by rows, and the window with it: what shows stays in
// its place when rows come or go above.
func (l *List) Shift(by int) {
	l.top = max(0, l.top+by)
	l.Select(l.cur + by)
}

// follow keeps the cursor in the window and the window full.
func (l *List) follow() {
	l.top = min(l.top, l.cur)
	l.top = max(l.top, l.cur-l.height+1)
	l.top = max(0, min(l.top, l.length-l.height))
}

// Update moves the cursor by key, wheel or click, where row 0 of the mouse is
// the window's first, and tells whether the message was for the list.
func (l *List) Update(msg tea.Msg) bool {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return l.Move(msg, l.keys)
	case tea.MouseWheelMsg:
		switch msg.Button {
		case tea.MouseWheelUp:
			l.Select(l.cur - 1)
		case tea.MouseWheelDown:
			l.Select(l.cur + 1)
		default:
			return false
		}
		return true
	case tea.MouseClickMsg:
		if i := l.top + msg.Y; msg.Button == tea.MouseLeft && msg.Y >= 0 && msg.Y < l.height && i < l.length {
			l.Select(i)
			return true
		}
	}
	return false
}

// Move moves the cursor by the keys given, and tells whether msg was one.
func (l *List) Move(msg tea.KeyPressMsg, keys keys.List) bool {
	page := max(1, l.height-1)
	switch {
	case key.Matches(msg, keys.Up):
		l.Select(l.cur - 1)
	case key.Matches(msg, keys.Down):
		l.Select(l.cur + 1)
	case key.Matches(msg, keys.PageUp):
		l.Select(l.cur - page)
	case key.Matches(msg, keys.PageDown):
		l.Select(l.cur + page)
	case key.Matches(msg, keys.Top):
		l.Select(0)
	case key.Matches(msg, keys.Bottom):
		l.Select(l.length - 1)
	default:
		return false
	}
	return true
}

// Rows draws the window: draw is called for each row that shows. The result
// has exactly the list's height of lines.
func (l *List) Rows(draw func(i int, selected bool) string) []string {
	out := make([]string, l.height)
	for row := range out {
		if i := l.top + row; i < l.length {
			out[row] = draw(i, i == l.cur)
		}
	}
	return out
}

// Pager shows a window of lines that have no cursor, such as a transcript.
type Pager struct {
	keys        keys.List
	lines       []string
	top, height int
}

// NewPager returns an empty pager.
func NewPager(k keys.List) Pager { return Pager{keys: k, height: 1} }

// SetHeight tells how many lines show.
func (p *Pager) SetHeight(rows int) {
	p.height = max(rows, 1)
	p.scroll(0)
}

// SetLines replaces the lines, which must fit the width as they are. If the
// end was showing, it goes on showing.
func (p *Pager) SetLines(lines []string) {
	atEnd := p.top >= len(p.lines)-p.height
	p.lines = lines
	if atEnd && p.top > 0 {
		p.top = len(lines)
	}
	p.scroll(0)
}

// ToEnd shows the last lines.
func (p *Pager) ToEnd() { p.scroll(len(p.lines)) }

// ToLine shows the lines from the one given on, as far as the end allows.
func (p *Pager) ToLine(i int) { p.scroll(i - p.top) }

// ToStart shows the first lines.
func (p *Pager) ToStart() { p.scroll(-len(p.lines)) }

func (p *Pager) scroll(by int) {
	p.top = max(0, min(p.top+by, len(p.lines)-p.height))
}

// Update scrolls, and tells whether the message was for the pager.
func (p *Pager) Update(msg tea.Msg) bool {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		switch {
		case key.Matches(msg, p.keys.Up):
			p.scroll(-1)
		case key.Matches(msg, p.keys.Down):
			p.scroll(1)
		case key.Matches(msg, p.keys.PageUp):
			p.scroll(1 - p.height)
		case key.Matches(msg, p.keys.PageDown):
			p.scroll(p.height - 1)
		case key.Matches(msg, p.keys.Top):
			p.ToStart()
		case key.Matches(msg, p.keys.Bottom):
			p.ToEnd()
		default:
			return false
		}
		return true
	case tea.MouseWheelMsg:
		switch msg.Button {
		case tea.MouseWheelUp:
			p.scroll(-3)
			return true
		case tea.MouseWheelDown:
			p.scroll(3)
			return true
		}
	}
	return false
}

// Rows returns the window, exactly the pager's height of lines.
func (p *Pager) Rows() []string {
	out := make([]string, p.height)
	copy(out, p.lines[min(p.top, len(p.lines)):])
	return out
}

// Position returns how many lines are above the window, and how many in all.
func (p *Pager) Position() (above, total int) { return p.top, len(p.lines) }

// More tells that there are lines that do not show.
func (p *Pager) More() bool { return len(p.lines) > p.height }
