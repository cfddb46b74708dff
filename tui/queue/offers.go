package queue

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
)

// offer is a key that works now and what it does: an action on the mail, which
// can be done to many at once, or something else.
type offer struct {
	key.Binding
	action kit.Action
	do     func() kit.Intent
}

// Bindings implements kit.Screen: first what helps the selected mail most.
func (s *Screen) Bindings() []key.Binding {
	var out []key.Binding
	for _, o := range s.offers() {
		out = append(out, o.Binding)
	}
	return out
}

// offers lists what can be done now.
func (s *Screen) offers() []offer {
	it, ok := s.Selected()
	switch {
	case s.search.typing:
		return s.searching()
	case s.detail.open:
		return append(s.forOne(it), s.elsewhere()...)
	case s.marked() > 0:
		return append(s.withMarks(), s.elsewhere()...)
	case ok:
		return slices.Concat(s.forOne(it), s.elsewhere(), s.marking())
	}
	return s.elsewhere()
}

// elsewhere is what does not depend on the mail.
func (s *Screen) elsewhere() []offer {
	k := s.keys
	var out []offer
	if len(s.undo.acts) > 0 {
		out = append(out, offer{k.Undo, "", s.takeBack})
	}
	write := offer{k.New, "", func() kit.Intent { return kit.Do{kit.Show{Screen: kit.Compose}, kit.NewDraft{}} }}
	back := offer{k.Back, "", s.back}
	if s.detail.open {
		return append(out, write, back)
	}
	if s.marked() > 0 {
		back.SetHelp(back.Help().Key, "unmark")
	} else if s.search.words() != "" {
		back.SetHelp(back.Help().Key, "end search")
	}
	look, mark := offer{k.Search, "", s.startSearch}, offer{k.Mark, "", s.mark}
	next := offer{k.NextTab, "", func() kit.Intent { return s.choose(s.tab + 1) }}
	previous := offer{k.PreviousTab, "", func() kit.Intent { return s.choose(s.tab - 1) }}
	if _, ok := s.Selected(); !ok {
		return append(out, write, look, next, previous, back)
	}
	return append(out, look, mark, next, previous, write, back)
}

// actions lists what a mail's state allows to be done to it.
func (s *Screen) actions(state outbox.State) []offer {
	k := s.keys
	act := func(b key.Binding, a kit.Action) offer { return offer{b, a, nil} }
	another := act(k.Reassign, kit.Reassign)
	switch state {
	case outbox.Held:
		return []offer{act(k.Release, kit.Release), act(k.Schedule, kit.Delay), act(k.Cancel, kit.Cancel), act(k.Delete, kit.Delete), another}
	case outbox.Scheduled:
		return []offer{act(k.Retry, kit.Release), act(k.Schedule, kit.Delay), act(k.Hold, kit.Hold), act(k.Cancel, kit.Cancel), act(k.Delete, kit.Delete), another}
	case outbox.Queued:
		return []offer{act(k.Hold, kit.Hold), act(k.Cancel, kit.Cancel), act(k.Schedule, kit.Delay), act(k.Delete, kit.Delete), another}
	case outbox.Sending:
		return []offer{act(k.Cancel, kit.Cancel)}
	case outbox.Deferred:
		return []offer{act(k.Retry, kit.Retry), act(k.Hold, kit.Hold), act(k.Cancel, kit.Cancel), act(k.Schedule, kit.Delay), act(k.Delete, kit.Delete), another}
	case outbox.Partial, outbox.Failed:
		return []offer{act(k.Retry, kit.Retry), act(k.Delete, kit.Delete), another}
	case outbox.Uncertain:
		return []offer{act(k.SendAgain, kit.SendAgain), act(k.MarkSent, kit.MarkSent), act(k.Delete, kit.Delete), another}
	case outbox.Cancelled:
		return []offer{act(k.SendAgain, kit.Retry), act(k.Schedule, kit.Delay), act(k.Delete, kit.Delete), another}
	}
	return []offer{act(k.Delete, kit.Delete)}
}

// forOne lists what can be done to a mail: first what most likely comes next.
func (s *Screen) forOne(it outbox.Item) []offer {
	if it.ID == 0 {
		return nil
	}
	k := s.keys
	edit := offer{k.Edit, "", func() kit.Intent { return s.edit(it) }}
	var last []offer
	own := s.actions(it.State)
	if i := len(own) - 1; own[i].action == kit.Reassign {
		own, last = own[:i:i], own[i:]
	}
	switch it.State {
	case outbox.Sending: // it can't be edited now
	case outbox.Draft, outbox.Sent, outbox.Partial, outbox.Failed:
		own = slices.Insert(own, 0, edit)
	case outbox.Queued, outbox.Deferred, outbox.Cancelled:
		own = slices.Insert(own, len(own)-2, edit)
	default:
		own = slices.Insert(own, len(own)-1, edit)
	}
	if it.State == outbox.Uncertain {
		own = slices.Insert(own, 0, offer{k.LookAgain, "", s.look})
	}
	watch := offer{k.Watch, "", func() kit.Intent { return kit.Watch{ID: it.ID} }}
	switch {
	case it.State == outbox.Sending:
		own = slices.Insert(own, 0, watch)
	case it.State == outbox.Queued && s.parked[it.Account] != "":
		own = slices.Insert(own, 0, offer{k.TestAccount, "", func() kit.Intent { return kit.TestAccount{Name: it.Account} }}, last[0])
		last = nil
	case it.State == outbox.Queued:
		own = slices.Insert(own, 0, watch)
	}
	if !s.detail.open {
		at := min(2, len(own))
		switch it.State {
		case outbox.Draft:
			at = 0
		case outbox.Uncertain:
			at = 3 // the three ways out of it stand together
		}
		own = slices.Insert(own, at, offer{s.details(it), "", s.enter})
	}
	if it.Attempts > 0 {
		own = append(own, offer{k.Transcript, "", s.transcript})
	}
	return append(append(own, offer{k.Source, "", s.asSent}, offer{k.Export, "", s.export}), last...)
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

// press does what a key means now.
func (s *Screen) press(msg tea.KeyPressMsg) kit.Intent {
	if s.search.typing {
		return s.typeSearch(msg)
	}
	s.status, s.doing, s.giving = kit.Status{}, 0, giving{}
	for _, o := range s.offers() {
		switch {
		case !key.Matches(msg, o.Binding):
		case o.action == "":
			return o.do()
		case s.marked() > 0 && !s.detail.open:
			return s.actAll(o)
		default:
			it, _ := s.Selected()
			return s.act(it, o.action)
		}
	}
	if s.detail.open {
		return s.detail.scroll(msg)
	}
	s.list.Update(msg)
	switch list := s.env.Keys.List; {
	case key.Matches(msg, list.Top) && s.rows.above != 0:
		return s.startOver(atStart)
	case key.Matches(msg, list.Bottom) && s.rows.below:
		return s.startOver(atEnd)
	}
	return s.follow()
}
