package tui

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/dialog"
	"sendoff/tui/kit"
)

// press sends a key where it belongs: to quitting, to the top dialog, to the
// program's own keys, then to the screen.
func (m *App) press(msg tea.KeyPressMsg) tea.Cmd {
	if m.notice.Text != "" && m.env.Now().Sub(m.noticed) >= settle {
		m.notice = kit.Status{}
	}
	leaving, wanted := m.takesBack(msg)
	switch {
	case key.Matches(msg, m.keys.Quit):
		return m.quit()
	case m.turnsOver(msg):
	case !m.dialogs.Empty():
		return m.do(m.here, m.dialogs.Update(msg))
	case m.env.Now().Before(m.deaf):
		return nil
	case wanted:
		return m.do(m.here, kit.OpenDraft{ID: leaving.id, TakeBack: true})
	case key.Matches(msg, m.keys.TakeBack):
		m.say(nothingBack())
	case key.Matches(msg, m.keys.Help), key.Matches(msg, m.keys.HelpPlain) && !m.typing():
		m.help()
	case key.Matches(msg, m.keys.Tour):
		return m.tour()
	case key.Matches(msg, m.keys.Palette):
		m.palette()
	case key.Matches(msg, m.keys.Compose):
		return m.show(kit.Compose)
	case key.Matches(msg, m.keys.Outbox):
		return m.show(kit.Outbox)
	case key.Matches(msg, m.keys.Accounts):
		return m.show(kit.Accounts)
	case key.Matches(msg, m.keys.Session):
		return m.show(kit.Session)
	case key.Matches(msg, m.keys.NextScreen):
		return m.show(next(m.here))
	case key.Matches(msg, m.keys.Refresh):
		return tea.ClearScreen
	case m.start:
		return m.pressStart(msg)
	default:
		return m.tell(m.here, msg)
	}
	return nil
}

// turnsOver puts the palette in place of the help, or the help in place of the
// palette, and closes the palette with the key that opened it.
func (m *App) turnsOver(msg tea.KeyPressMsg) bool {
	top, help, palette := m.dialogs.Top(), key.Matches(msg, m.keys.Help), key.Matches(msg, m.keys.Palette)
	_, helps := top.(*dialog.Help)
	_, offers := top.(*dialog.Palette)
	if !(helps && palette || offers && (help || palette)) {
		return false
	}
	m.dialogs.Close(func(d dialog.Dialog) bool { return d == top })
	switch {
	case help:
		m.help()
	case helps:
		m.palette()
	}
	return true
}

// tabs are the screens of the top line, in its order.
var tabs = []kit.Name{kit.Compose, kit.Outbox, kit.Accounts}

func next(here kit.Name) kit.Name { return tabs[(slices.Index(tabs, here)+1)%len(tabs)] }

// typing tells that a printable key is text.
func (m *App) typing() bool {
	return m.here == kit.Compose && !m.start || m.here == kit.Accounts && m.accounts.Adding() || m.here == kit.Outbox && m.outbox.Typing()
}

// input sends a paste to whoever has the cursor.
func (m *App) input(msg tea.Msg) tea.Cmd {
	switch {
	case !m.dialogs.Empty():
		return m.do(m.here, m.dialogs.Update(msg))
	case m.start:
		return nil
	}
	return m.tell(m.here, msg)
}

// bindings is what works on the present screen.
func (m *App) bindings() []key.Binding {
	switch d := m.dialogs.Top(); {
	case d != nil:
		return d.Bindings()
	case m.start:
		return m.startBindings()
	}
	return m.screens[m.here].Bindings()
}
