package compose

import (
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/kit"
)

// mouse moves the focus to what is clicked, and the cursor in it.
func (s *Screen) mouse(msg tea.MouseMsg) kit.Intent {
	if s.over != nil {
		return s.over.mouse(msg)
	}
	m, l := msg.Mouse(), s.layout
	click, clicked := msg.(tea.MouseClickMsg)
	clicked = clicked && click.Button == tea.MouseLeft
	if clicked && s.clickOffer(m.Y) {
		return nil
	}
	inText := m.Y >= l.body && m.Y < l.body+l.rows
	if clicked && !inText {
		s.click(m.X, m.Y)
		return nil
	}
	if clicked {
		s.goTo(inBody)
	}
	return s.came(s.body.Update(shifted(msg, -1, -l.body)))
}

// click goes to the field in a row. A second click on the sender takes the next
// one there is, one on further fields opens them.
func (s *Screen) click(x, y int) {
	l := s.layout
	switch {
	case l.header == nil && y == 0:
		s.goTo(inTo)
	case y < len(l.header):
		again := s.focus == l.header[y]
		s.goTo(l.header[y])
		switch p := s.focus; {
		case p == inFrom && again:
			s.chooseFrom(1)
		case p == inHeaders && again:
			s.openFields()
		case p == inFrom, p == inHeaders:
		case p == inSubject:
			s.subject.Click(max(0, x-label))
		default:
			s.lists[p].Click(max(0, x-label))
		}
	case y == l.files:
		if i := s.fileAt(x); i >= 0 {
			s.files.at = i
		}
		s.goTo(inFiles)
	}
}

// wheel returns how many rows the wheel goes on; 0 if msg is none of it.
func wheel(msg tea.MouseMsg) int {
	if _, ok := msg.(tea.MouseWheelMsg); !ok {
		return 0
	}
	return map[tea.MouseButton]int{tea.MouseWheelUp: -3, tea.MouseWheelDown: 3}[msg.Mouse().Button]
}

// shifted returns a mouse event as seen from elsewhere.
func shifted(msg tea.MouseMsg, dx, dy int) tea.Msg {
	m := msg.Mouse()
	m.X += dx
	m.Y += dy
	switch msg.(type) {
	case tea.MouseClickMsg:
		return tea.MouseClickMsg(m)
	case tea.MouseReleaseMsg:
		return tea.MouseReleaseMsg(m)
	case tea.MouseMotionMsg:
		return tea.MouseMotionMsg(m)
	default:
		return tea.MouseWheelMsg(m)
	}
}
