package tui

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"sendoff/config"
	"sendoff/smtp/outbox"
	"sendoff/tui/dialog"
	"sendoff/tui/kit"
)

// quitNow is the answer to the question that Quit asks.
type quitNow struct {
	kit.Quit
	behind bool // what waits is to be delivered in the background
}

// quit asks only if something would be left behind that the outbox does not
// hold, or a mail would be cut off on its way, unless the person said in the
// settings what becomes of it.
func (m *App) quit() tea.Cmd {
	ask := kit.Confirm{Yes: "quit", Then: quitNow{}}
	if m.mayHand {
		ask.Other, ask.OtherThen = "send in the background", quitNow{behind: true}
	}
	switch {
	case m.autosave.err != nil && m.autosave.dirty():
		ask = kit.Confirm{Yes: ask.Yes, Then: ask.Then}
		ask.Title = "Quit though the draft is not saved?"
		ask.Text = "It could not be saved: " + trouble("", m.autosave.err).Text + ". What you typed will be in a file, if that can be written; its name is told."
	case m.accounts.Unsaved() || m.accounts.Adding() && m.here == kit.Accounts:
		ask = kit.Confirm{Yes: ask.Yes, Then: ask.Then}
		ask.Title = "Quit without the new account?"
		ask.Text = "What you typed into the form is not saved."
	case m.behind:
		return tea.Quit
	case len(m.flying) > 0:
		ask.Title = "Quit while a mail is being sent?"
		ask.Text = "It stays in the outbox and goes out when sendoff runs again. " +
			"If the server has all of it but has not answered, it becomes uncertain."
	case m.leaving() && !m.fleeting && m.afterQuit != config.AfterQuitWait:
		ask.Title = "Quit before your mail is sent?"
		ask.Text = "It stays in the outbox and goes out when sendoff runs again, in this program or another. " +
			"In a moment it would be on its way."
	case m.fleeting && m.left() != "":
		ask.Title = "Quit and throw it away?"
		ask.Text = "This sandbox is kept only while it runs: " + m.left() + " will be gone. " +
			"Started with SENDOFF_HOME set to a folder, it keeps everything there."
	default:
		return tea.Quit
	}
	m.dialogs.Close(func(d dialog.Dialog) bool { return d.Title() == ask.Title })
	m.dialogs.Open(dialog.NewConfirm(m.env, ask, "stay"))
	return nil
}

// handedOver counts the mails that go on in the background when the program has
// ended: those that go by themselves, if that is wanted.
func (m *App) handedOver() int {
	if !m.behind || m.sandbox {
		return 0
	}
	waiting := 0
	for _, s := range goingOut {
		waiting += m.counts[s]
	}
	return max(waiting, len(m.flying), len(m.partings))
}

// left names what was written and not sent; empty if there is nothing.
func (m *App) left() string {
	drafts := m.counts[outbox.Draft]
	if drafts == 0 && !m.composer.Empty() {
		drafts = 1 // it was not saved yet
	}
	waiting := 0
	for _, s := range outbox.Unsent {
		waiting += m.counts[s]
	}
	var parts []string
	for _, p := range []struct {
		n         int
		one, many string
	}{{drafts, "your draft", "drafts"}, {waiting, "a mail that waits", "mails that wait"}} {
		switch {
		case p.n == 1:
			parts = append(parts, p.one)
		case p.n > 1:
			parts = append(parts, strconv.Itoa(p.n)+" "+p.many)
		}
	}
	return strings.Join(parts, " and ")
}
