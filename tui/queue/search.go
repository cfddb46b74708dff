package queue

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/editor"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
)

// search is the line that narrows every tab to the mails with its words.
type search struct {
	line   *editor.Editor
	keys   keys.Outbox
	arrows keys.List
	typing bool // it has the keys
}

func newSearch(env kit.Env) search {
	arrows := env.Keys.List
	arrows.Up.SetKeys("up", "ctrl+p")
	arrows.Down.SetKeys("down", "ctrl+n")
	arrows.PageUp.SetKeys("pgup")
	arrows.PageDown.SetKeys("pgdown")
	arrows.Top.SetEnabled(false)
	arrows.Bottom.SetEnabled(false)
	return search{line: editor.NewLine(env.Keys.Text, env.Styles, env.Cells), keys: env.Keys.Outbox, arrows: arrows}
}

func (s *search) words() string { return strings.TrimSpace(s.line.Text()) }

// shown tells that the line has its row.
func (s *search) shown() bool { return s.typing || s.words() != "" }

// Typing tells that letters are words to search for.
func (s *Screen) Typing() bool { return s.search.typing }

func (s *Screen) startSearch() kit.Intent {
	s.search.typing = true
	s.search.line.ToEnd()
	return nil
}

// endSearch shows the whole tab again.
func (s *Screen) endSearch() kit.Intent {
	had := s.search.words() != ""
	s.search.typing = false
	s.search.line.SetText("")
	if !had {
		return nil
	}
	s.rows.above = 0
	return s.reload()
}

// searching is what works while words are typed.
func (s *Screen) searching() []offer {
	k := s.keys
	keep, end := k.Details, k.Back
	keep.SetHelp(keep.Help().Key, "to the list")
	end.SetKeys("esc")
	end.SetHelp("esc", "end search")
	next, previous := k.NextTab, k.PreviousTab
	next.SetKeys("tab")
	previous.SetKeys("shift+tab")
	return []offer{
		{keep, "", func() kit.Intent { s.search.typing = false; return nil }},
		{end, "", s.endSearch},
		{next, "", func() kit.Intent { return s.choose(s.tab + 1) }},
		{previous, "", func() kit.Intent { return s.choose(s.tab - 1) }},
	}
}

// typeSearch takes a key for the line, and searches anew after each change.
func (s *Screen) typeSearch(msg tea.Msg) kit.Intent {
	if press, ok := msg.(tea.KeyPressMsg); ok {
		for _, o := range s.searching() {
			if key.Matches(press, o.Binding) {
				return o.do()
			}
		}
		if s.list.Move(press, s.search.arrows) {
			return s.follow()
		}
	}
	before := s.search.words()
	s.search.line.Update(msg)
	if s.search.words() == before {
		return nil
	}
	s.status = kit.Status{}
	if s.search.words() == "" {
		s.rows.above = 0
		return s.reload()
	}
	return s.startOver(atStart)
}
