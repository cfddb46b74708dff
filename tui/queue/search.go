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
	return search{line: editor.NewLine(env.Keys.Text, env.Styles, env.Cells), keys: env.Keys.Outbox, arrows: env.Keys.List.WhileTyping()}
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
	k := s.env.Keys
	keep, end := k.Dialog.Press, k.Dialog.Close
	keep.SetHelp(keep.Help().Key, "to the list")
	end.SetHelp(end.Help().Key, "end search")
	moving := append(k.Text.Left.Keys(), k.Text.Right.Keys()...)
	next, previous := keys.Without(keys.Silent(s.keys.NextTab), moving...), keys.Without(keys.Silent(s.keys.PreviousTab), moving...)
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
