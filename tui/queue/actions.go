package queue

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/stage"
	"sendoff/tui/text"
)

// Bindings implements kit.Screen: first what helps the selected mail most.
func (s *Screen) Bindings() []key.Binding {
	k := s.keys
	back := []key.Binding{k.NextTab, k.PreviousTab, k.New, k.Back}
	if s.detail.open {
		back = []key.Binding{k.New, k.Back}
	}
	it, ok := s.Selected()
	if !ok {
		return append([]key.Binding{k.New, k.NextTab, k.PreviousTab}, k.Back)
	}
	var own []key.Binding
	switch it.State {
	case outbox.Draft:
		own = []key.Binding{s.details(it), k.Edit, k.Delete}
	case outbox.Held, outbox.Scheduled:
		own = []key.Binding{k.Release, k.Edit, k.Cancel, k.Delete}
		if it.State == outbox.Scheduled {
			own = []key.Binding{k.Retry, k.Hold, k.Edit, k.Cancel, k.Delete}
		}
	case outbox.Queued:
		own = []key.Binding{k.Watch, k.Hold, k.Cancel, k.Edit, k.Delete}
		if s.parked[it.Account] != "" {
			own[0] = k.TestAccount
		}
	case outbox.Sending:
		own = []key.Binding{k.Watch, k.Cancel}
	case outbox.Deferred:
		own = []key.Binding{k.Retry, k.Hold, k.Cancel, k.Edit, k.Delete}
	case outbox.Sent:
		own = []key.Binding{k.Edit, k.Delete}
	case outbox.Partial, outbox.Failed:
		own = []key.Binding{k.Edit, k.Retry, k.Delete}
	case outbox.Uncertain:
		own = []key.Binding{k.SendAgain, k.MarkSent, k.Edit, k.Delete}
	case outbox.Cancelled:
		own = []key.Binding{k.SendAgain, k.Edit, k.Delete}
	}
	if !s.detail.open && it.State != outbox.Draft {
		own = slices.Insert(own, min(2, len(own)), s.details(it))
	}
	if it.Attempts > 0 {
		own = append(own, k.Transcript)
	}
	return append(own, back...)
}

// details is the key that opens a mail, with the word for what that does.
func (s *Screen) details(it outbox.Item) key.Binding {
	b := s.keys.Details
	switch it.State {
	case outbox.Draft:
		b.SetHelp(b.Help().Key, "go on writing")
	case outbox.Sending:
		b.SetHelp(b.Help().Key, "watch")
	}
	return b
}

// press does what a key means for the selected mail.
func (s *Screen) press(msg tea.KeyPressMsg) kit.Intent {
	s.status, s.doing = kit.Status{}, 0
	k := s.keys
	it, _ := s.Selected()
	switch {
	case s.matches(msg, s.details(it)):
		return s.enter()
	case s.matches(msg, k.Back):
		return s.back()
	case s.matches(msg, k.NextTab):
		s.chosen = true
		return s.goTo(s.tab + 1)
	case s.matches(msg, k.PreviousTab):
		s.chosen = true
		return s.goTo(s.tab - 1)
	case s.matches(msg, k.New):
		return kit.Do{kit.Show{Screen: kit.Compose}, kit.NewDraft{}}
	case s.matches(msg, k.Transcript):
		return s.transcript(it)
	case s.matches(msg, k.Edit):
		rest := it.State == outbox.Partial || it.State == outbox.Deferred
		return kit.OpenDraft{ID: it.ID, Rest: rest}
	case s.matches(msg, k.Watch):
		return kit.Watch{ID: it.ID}
	case s.matches(msg, k.TestAccount):
		return kit.TestAccount{Name: it.Account}
	}
	if intent := s.act(msg, it); intent != nil {
		return intent
	}
	if s.detail.open {
		s.detail.scroll(msg)
		return nil
	}
	s.list.Update(msg)
	return s.follow()
}

// act is press for the keys that change the mail.
func (s *Screen) act(msg tea.KeyPressMsg, it outbox.Item) kit.Intent {
	k := s.keys
	act := func(a kit.Action) kit.Intent { return kit.Act{ID: it.ID, Action: a} }
	switch {
	case s.matches(msg, k.Retry) && it.State == outbox.Scheduled:
		return act(kit.Release)
	case s.matches(msg, k.Retry):
		return act(kit.Retry)
	case s.matches(msg, k.SendAgain) && it.State == outbox.Uncertain:
		return kit.Confirm{
			Title: "Send it again?",
			Text: "The server may have it already. If it does, " + stage.People(addresses(it)) + " will get it twice. " +
				"Better ask them first; m marks it as sent.",
			Yes:  "send again",
			Then: act(kit.SendAgain),
		}
	case s.matches(msg, k.SendAgain):
		return act(kit.Retry)
	case s.matches(msg, k.Release):
		return act(kit.Release)
	case s.matches(msg, k.Hold):
		return act(kit.Hold)
	case s.matches(msg, k.Cancel):
		return act(kit.Cancel)
	case s.matches(msg, k.MarkSent):
		return kit.Confirm{
			Title: "Mark it as sent?",
			Text: "No server said that it arrived. " + stage.People(addresses(it)) +
				" will count as having it on your word, and sendoff won't send it to them again.",
			Yes:  "mark as sent",
			Then: act(kit.MarkSent),
		}
	case s.matches(msg, k.Delete):
		return kit.Confirm{
			Title: `Delete "` + subject(it) + `"?`,
			Text:  consequence(it),
			Yes:   "delete",
			Then:  act(kit.Delete),
		}
	}
	return nil
}

// addresses returns those of whom it is not known whether they have the mail.
func addresses(it outbox.Item) []string {
	var out []string
	for _, r := range it.Recipients {
		if r.State == outbox.RecipientUncertain {
			out = append(out, text.Clean(r.Address))
		}
	}
	return out
}

// consequence says what is lost with a mail.
func consequence(it outbox.Item) string {
	switch it.State {
	case outbox.Draft:
		return "What is written is gone then, and can't be brought back."
	case outbox.Sent:
		return "Your copy is gone then. Who got the mail keeps it."
	case outbox.Queued, outbox.Deferred, outbox.Held, outbox.Scheduled:
		return "It won't be sent, and can't be brought back. c takes it back and keeps it."
	}
	return "It can't be brought back."
}

func (s *Screen) enter() kit.Intent {
	it, ok := s.Selected()
	switch {
	case !ok:
		return nil
	case it.State == outbox.Draft:
		return kit.OpenDraft{ID: it.ID}
	case it.State == outbox.Sending:
		return kit.Watch{ID: it.ID}
	}
	s.detail.show(it)
	return kit.LoadItem{ID: it.ID}
}

// back closes what is open, one thing at a time.
func (s *Screen) back() kit.Intent {
	switch {
	case s.detail.transcript:
		s.detail.transcript = false
		s.detail.draw()
	case s.detail.open:
		s.detail.open = false
		return s.follow()
	default:
		return kit.Back{}
	}
	return nil
}

func (s *Screen) transcript(it outbox.Item) kit.Intent {
	if s.detail.open && s.detail.item.ID == it.ID {
		s.detail.transcript = !s.detail.transcript
		s.detail.draw()
		return nil
	}
	s.detail.show(it)
	s.detail.transcript = true
	return kit.LoadItem{ID: it.ID}
}

func subject(it outbox.Item) string {
	if it.Subject == "" {
		return "no subject"
	}
	return text.Clean(it.Subject)
}
