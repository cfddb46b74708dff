package tui

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
)

// answered takes the answers to the program's own commands.
func (m *App) answered(msg tea.Msg) (cmd tea.Cmd, mine bool) {
	switch msg := msg.(type) {
	case answer:
		if msg.kind != "" && msg.n != m.asked[msg.kind] {
			return nil, true // a newer question was asked since
		}
		if msg.to == "" {
			return m.handle(msg.msg), true
		}
		if t, ok := msg.msg.(kit.Tested); ok {
			m.afterTest(t)
		}
		cmd = m.tell(msg.to, msg.msg)
		if l, ok := msg.msg.(kit.AccountsLoaded); ok && l.Err == nil {
			m.learn(l)
			cmd = tea.Batch(cmd, m.tell(kit.Compose, l))
		}
		return cmd, true
	case draftSaved:
		return m.savedDraft(msg), true
	case occupied:
		if msg.elsewhere && msg.draft == m.autosave.draft {
			m.say(kit.Status{Text: "This draft is open in another window as well. If both write, what is saved second becomes a draft of its own."})
		}
		return nil, true
	case mailChecked:
		return m.afterCheck(msg), true
	case queued:
		return m.afterQueue(msg), true
	case stood:
		m.learnStanding(msg)
		return nil, true
	case dropped:
		if msg.err != nil {
			m.say(trouble("Could not delete the draft: ", msg.err))
			return nil, true
		}
		return m.newMail(), true
	case loaded:
		return m.openLoaded(msg), true
	case handed:
		if msg.err != nil {
			return m.tell(kit.Compose, kit.Edited{Text: msg.text, Err: msg.err}), true
		}
		return m.editor(msg), true
	case closedEditor:
		return m.handBack(msg), true
	case passwordGiven:
		return m.afterPassword(msg), true
	case kit.Counted:
		if msg.Err == nil {
			m.counts = msg.Counts
			m.unwanted()
		}
		return nil, true
	}
	return nil, false
}

// news takes what happens by itself.
func (m *App) news(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case kit.Events:
		return m.events(msg)
	case delivered:
		if msg.err != nil && !errors.Is(msg.err, context.Canceled) {
			m.say(trouble("Mail is kept but not sent: ", msg.err))
		}
	case testNews:
		return tea.Batch(m.tell(kit.Accounts, msg.TestEvents), msg.again)
	case step:
		return tea.Batch(m.tell(kit.Accounts, msg.msg), msg.again)
	case prompt:
		return tea.Batch(m.tell(kit.Accounts, msg.SignInPrompt), msg.again)
	case version:
		return m.polled(msg)
	case kit.AccountsLoaded:
		return m.accountsRead(msg)
	}
	return nil
}

func (m *App) events(events kit.Events) tea.Cmd {
	var reload tea.Cmd
	for _, e := range events {
		switch {
		case e.Account != "":
			m.accountNews(e)
			if m.here == kit.Accounts {
				reload = m.loadAccounts(kit.Accounts)
			}
		case e.ID == 0 && e.Problem != nil:
			m.say(trouble("", e.Problem))
		case e.State == outbox.Sending:
			m.flying[e.ID] = true
		case e.State != "":
			delete(m.flying, e.ID)
		}
	}
	m.openWanted()
	cmd := tea.Batch(m.pump.wait(m.ctx), reload)
	for _, name := range []kit.Name{kit.Session, kit.Outbox} {
		// A screen out of sight hears the news, and reads the store when it
		// is shown again.
		if want := m.screens[name].Update(events); name == m.here {
			cmd = tea.Batch(cmd, m.do(name, want))
		}
	}
	return cmd
}

func (m *App) polled(msg version) tea.Cmd {
	again := m.poll(pollSeen)
	if m.unseen {
		again = m.poll(pollUnseen)
	}
	if msg.err != nil || msg.version == m.version {
		return again
	}
	m.version = msg.version
	return tea.Batch(m.changed(), again)
}

// changed tells whoever shows the outbox that it is not what it was.
func (m *App) changed() tea.Cmd {
	cmd := tea.Batch(m.count("", ""), m.watchPartings())
	if m.here == kit.Outbox || m.here == kit.Session {
		cmd = tea.Batch(cmd, m.tell(m.here, kit.OutboxChanged{}))
	}
	return cmd
}

// accountsRead is how the program first learns whether there is an account.
func (m *App) accountsRead(msg kit.AccountsLoaded) tea.Cmd {
	if msg.Err != nil {
		m.say(trouble("", msg.Err))
	} else {
		m.learn(msg)
		m.start = len(msg.Accounts) == 0 && m.composer.Empty()
	}
	cmd := tea.Batch(m.tell(kit.Compose, msg), m.tell(kit.Accounts, msg))
	if m.first != nil {
		first := *m.first
		m.first = nil
		cmd = tea.Batch(cmd, m.fill(kit.DraftLoaded{Fields: first}))
	}
	return cmd
}

func (m *App) learn(msg kit.AccountsLoaded) {
	m.accountList, m.standard, m.known = msg.Accounts, msg.Default, true
	m.start = m.start && len(msg.Accounts) == 0
}
