package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
)

// parting is a mail sent from here that waits a moment, in case the person
// wants it back. On disk it is scheduled like any other.
type parting struct {
	id outbox.ID
	at time.Time // when it goes out
}

// stood is where the store says that a mail stands which was sent from here.
type stood struct {
	id   outbox.ID
	item outbox.Item
	err  error
}

// standing asks the store whether a mail can be taken back, and until when.
func (m *App) standing(id outbox.ID) tea.Cmd {
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(m.ctx, quick)
		defer cancel()
		item, _, err := m.service.Item(ctx, id)
		return stood{id, item, err}
	}
}

// watchPartings asks again after the outbox changed: others may hold, send or
// delete the mail.
func (m *App) watchPartings() tea.Cmd {
	var cmds []tea.Cmd
	for _, p := range m.partings {
		cmds = append(cmds, m.standing(p.id))
	}
	return tea.Batch(cmds...)
}

func (m *App) learnStanding(msg stood) {
	m.partings = slices.DeleteFunc(m.partings, func(p parting) bool { return p.id == msg.id })
	if msg.err == nil && msg.item.State == outbox.Scheduled {
		m.partings = append(m.partings, parting{msg.id, msg.item.NotBefore})
		slices.SortFunc(m.partings, func(a, b parting) int { return a.at.Compare(b.at) })
	}
}

// parting returns the mail that was sent last and can be taken back.
func (m *App) parting() (parting, bool) {
	n := len(m.partings)
	if n == 0 || !m.partings[n-1].at.After(m.env.Now()) {
		return parting{}, false
	}
	return m.partings[n-1], true
}

// leaving tells that a mail is about to go.
func (m *App) leaving() bool {
	_, ok := m.parting()
	return ok
}

// countdown is the status while a mail can be taken back.
func (m *App) countdown(p parting) string {
	seconds := int(p.at.Sub(m.env.Now()).Round(time.Second) / time.Second)
	return fmt.Sprintf("Sending in %d s. %s takes it back.", max(1, seconds), m.takeBackKey().Help().Key)
}

func (m *App) takeBackKey() key.Binding {
	if m.typing() {
		return m.keys.TakeBack
	}
	return m.keys.TakeBackPlain
}

// takesBack tells that msg takes p back into the composer.
func (m *App) takesBack(msg tea.KeyPressMsg) (parting, bool) {
	p, ok := m.parting()
	return p, ok && (key.Matches(msg, m.keys.TakeBack) || key.Matches(msg, m.takeBackKey()))
}

// nothingBack answers a key that came too late, or for nothing.
func nothingBack() kit.Status {
	return kit.Status{Text: "Nothing waits that can be taken back. What was sent is in the outbox."}
}

// late says why a mail could not be taken back.
func late(err error) kit.Status {
	if errors.Is(err, outbox.ErrBusy) || errors.Is(err, outbox.ErrTransition) {
		return kit.Status{Trouble: true, Text: "Too late to take it back: it is on its way, or gone."}
	}
	return trouble("It can't be taken back: ", err)
}
