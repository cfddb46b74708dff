package tui

import (
	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/outbox"
	"sendoff/tui/dialog"
	"sendoff/tui/kit"
)

// accountNews asks for a password when deliveries wait for one.
func (m *App) accountNews(e outbox.Event) {
	if e.Problem == nil {
		m.forget(e.Account)
		return
	}
	if kit.LacksPassword(e.Problem) && !m.refused[e.Account] {
		m.want(kit.PasswordWanted{Account: e.Account, Why: "Mail of this account waits: " + kit.Waits(e.Problem) + "."})
	}
}

// want keeps a question for a password until the person rests.
func (m *App) want(ask kit.PasswordWanted) {
	for _, w := range m.wanted {
		if w.Account == ask.Account {
			return
		}
	}
	if top, ok := m.dialogs.Top().(*dialog.Password); ok && top.Account() == ask.Account {
		return
	}
	m.wanted = append(m.wanted, ask)
}

// forget drops the question for an account's password.
func (m *App) forget(account string) {
	delete(m.refused, account)
	kept := m.wanted[:0]
	for _, w := range m.wanted {
		if w.Account != account {
			kept = append(kept, w)
		}
	}
	m.wanted = kept
	m.dialogs.Close(func(d dialog.Dialog) bool {
		p, ok := d.(*dialog.Password)
		return ok && p.Account() == account
	})
}

// openWanted asks for a password, but not a person who is typing.
func (m *App) openWanted() tea.Cmd {
	if len(m.wanted) == 0 || !m.dialogs.Empty() || m.env.Now().Sub(m.typed) < settle {
		return nil
	}
	ask := m.wanted[0]
	m.wanted = m.wanted[1:]
	m.refused[ask.Account] = true // until it is given, or the account goes on
	m.dialogs.OpenUnasked(dialog.NewPassword(m.env, ask))
	return nil
}

func (m *App) afterPassword(msg passwordGiven) tea.Cmd {
	if msg.err != nil {
		m.say(trouble("The password could not be used: ", msg.err))
		return nil
	}
	if m.retest == msg.account {
		m.retest = ""
		return m.do(kit.Accounts, m.accounts.Test(msg.account))
	}
	return nil
}

// afterTest offers to enter the password that a test lacked.
func (m *App) afterTest(t kit.Tested) {
	if t.Err != nil && kit.LacksPassword(t.Err) && m.here == kit.Accounts {
		m.retest = t.Name
		m.want(kit.PasswordWanted{Account: t.Name, Why: "The test waits: " + kit.Waits(t.Err) + "."})
	}
}
