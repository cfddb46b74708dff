package queue

import (
	"slices"

	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/widget"
)

// tab is one selection of the outbox by state.
type tab struct {
	title  string
	states []outbox.State
	empty  string // what there would be, where there is nothing
	next   string // what the key for a new mail does then; empty where that helps nothing
}

var tabs = []tab{
	{"Needs you", []outbox.State{outbox.NeedsYou},
		"Nothing needs you. Mail that a server refused, or whose fate is unknown, is shown here.", ""},
	{"Waiting", []outbox.State{outbox.Sending, outbox.Queued, outbox.Deferred, outbox.Scheduled, outbox.Held},
		"Nothing waits. What you send is here until a server takes it.", "writes a mail"},
	{"Sent", []outbox.State{outbox.Sent},
		"Nothing was sent yet.", "writes a mail"},
	{"Drafts", []outbox.State{outbox.Draft},
		"No drafts. What you write is kept here while you write it.", "begins one"},
	{"All", nil, "The outbox is empty.", "writes a mail"},
}

// has tells that a mail of some kind is under the tab.
func (t tab) has(k kind) bool {
	return t.states == nil || slices.Contains(t.states, k.state) || k.needsYou && slices.Contains(t.states, outbox.NeedsYou)
}

// counted takes how many mails there are, and with that where to land.
func (s *Screen) counted(msg kit.Counted) kit.Intent {
	if msg.Err != nil || msg.Search != s.search.words() {
		return nil
	}
	s.counts = msg.Counts
	if tab := s.landing(); tab != s.tab {
		return s.goTo(tab)
	}
	return nil
}

// Arrive tells that the screen comes into sight.
func (s *Screen) Arrive() { s.arrived = true }

// landing returns the tab to show: for who has just come, the first that has
// something, unless they chose one that has.
func (s *Screen) landing() int {
	arrived := s.arrived
	s.arrived = false
	if !arrived || s.search.shown() || s.chosen && s.count(s.tab) > 0 {
		return s.tab
	}
	for i := range tabs {
		if s.count(i) > 0 {
			return i
		}
	}
	return s.tab
}

// count returns how many mails a tab has, or of those that a search finds.
func (s *Screen) count(tab int) int {
	n := 0
	for state, c := range s.counts {
		if tabs[tab].states == nil && state != outbox.NeedsYou || slices.Contains(tabs[tab].states, state) {
			n += c
		}
	}
	return n
}

// choose goes to a tab because the person wants to see it.
func (s *Screen) choose(tab int) kit.Intent {
	s.chosen = true
	return s.goTo(tab)
}

func (s *Screen) goTo(tab int) kit.Intent {
	s.tab = (tab + len(tabs)) % len(tabs)
	s.rows = rows{}
	s.list.SetLength(0)
	s.status, s.doing = kit.Status{}, 0
	s.detail.preview(outbox.Item{})
	return s.reload()
}

// tabs returns the tabs with their counts.
func (s *Screen) tabs() []widget.Tab {
	out := make([]widget.Tab, len(tabs))
	for i, t := range tabs {
		out[i] = widget.Tab{Title: t.title, Alert: i == 0}
		if i != len(tabs)-1 || s.search.words() != "" {
			out[i].Count = s.count(i)
		}
	}
	return out
}
