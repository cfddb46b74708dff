package tui

import (
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/keys"
)

// mouse sends what the mouse does to what is there: the lines of the frame, the
// top dialog, or the screen, with its place counted from the screen's corner.
func (m *App) mouse(msg tea.MouseMsg) tea.Cmd {
	at := msg.Mouse()
	if click, ok := msg.(tea.MouseClickMsg); ok && click.Button == tea.MouseLeft {
		m.typed = m.env.Now()
		if at.Y == m.height-1 {
			return m.clickKey(at.X)
		}
		if at.Y == 0 && m.dialogs.Empty() {
			return m.clickTab(at.X)
		}
	}
	if !m.dialogs.Empty() {
		return m.do(m.here, m.dialogs.Mouse(msg, m.width, m.height))
	}
	at.Y -= m.body.top
	_, moves := msg.(tea.MouseMotionMsg)
	_, ends := msg.(tea.MouseReleaseMsg)
	if outside := at.Y < 0 || at.Y >= m.body.height; outside && !moves && !ends { // what is dragged may leave
		return nil
	}
	switch msg.(type) {
	case tea.MouseClickMsg:
		if m.start {
			return m.clickStart(at.Y)
		}
		return m.tell(m.here, tea.MouseClickMsg(at))
	case tea.MouseWheelMsg:
		msg = tea.MouseWheelMsg(at)
	case tea.MouseMotionMsg:
		msg = tea.MouseMotionMsg(at)
	default:
		msg = tea.MouseReleaseMsg(at)
	}
	if m.start {
		return nil
	}
	return m.tell(m.here, msg)
}

// clickTab goes to the screen whose tab in the top line is clicked.
func (m *App) clickTab(x int) tea.Cmd {
	if _, own := m.screens[m.here].(titled); own {
		return nil
	}
	list, here := m.tabs()
	if i := m.pen.TabAt(m.tabRoom(), list, here, x-m.tabsAt()); i >= 0 && x >= m.tabsAt() {
		return m.show(tabs[i])
	}
	return nil
}

// clickKey presses the key whose name in the last line is clicked.
func (m *App) clickKey(x int) tea.Cmd {
	if m.width < leastWidth || m.height < leastHeight {
		return nil
	}
	if b, ok := m.pen.KeyAt(m.keyRoom(), m.bindings(), m.alwaysKeys(), x); ok {
		return m.press(keys.Press(b.Keys()[0]))
	}
	return nil
}

// clickStart presses the key of the line of the first-start view that is
// clicked.
func (m *App) clickStart(y int) tea.Cmd {
	_, names := m.startRows()
	if y < len(names) && names[y] != "" {
		return m.press(keys.Press(names[y]))
	}
	return nil
}
