package compose

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// atOnce is how many words are asked about together.
const atOnce = 40

// spelling is how far the spelling checker has come with the text.
type spelling struct {
	language string // that its answers are about
	set      bool   // the text knows whether it is on
	asking   bool
	stopped  bool // it failed, and is not asked before the person wants it
}

// writing takes over how the person wants to write.
func (s *Screen) setWriting(w kit.Writing) {
	if w.Spelling != s.writing.Spelling {
		s.spelling = spelling{}
	}
	s.writing = w
	if w.Fill > 0 {
		s.body.SetFill(w.Fill)
	}
}

// wrapAt is the width of a row of text at most.
func (s *Screen) wrapAt() int {
	if s.writing.Wrap > 0 {
		return s.writing.Wrap
	}
	return measure
}

// spell asks about the next words, unless an answer is still to come: there is
// never more than one question, so a checker that is slow costs nothing.
func (s *Screen) spell() kit.Intent {
	if language := s.from.identity().Language; language != s.spelling.language || !s.spelling.set {
		s.spelling = spelling{language: language, set: true}
		s.body.SetSpelling(s.writing.Spelling)
	}
	if !s.writing.Spelling || s.spelling.asking || s.spelling.stopped {
		return nil
	}
	words := s.body.Unknown(atOnce)
	if len(words) == 0 {
		return nil
	}
	s.spelling.asking = true
	return kit.CheckWords{Language: s.spelling.language, Words: words}
}

// wordsChecked takes over an answer. One about another language is of no use.
func (s *Screen) wordsChecked(msg kit.WordsChecked) kit.Intent {
	switch {
	case msg.Language != s.spelling.language:
		return nil
	case msg.Err != nil:
		s.unspelled(msg.Err)
		return nil
	}
	s.spelling.asking = false
	return s.came(s.body.Spelled(msg.Words, msg.Wrong))
}

// unspelled tells that the checker failed. Writing goes on without it.
func (s *Screen) unspelled(err error) {
	s.spelling.asking, s.spelling.stopped = false, true
	s.status = kit.Status{
		Trouble: true,
		Text:    "spelling is not checked: " + text.Clean(err.Error()) + "; " + s.env.Keys.Text.Spell.Help().Key + " tries again",
	}
}

// wake has a checker that failed asked once more, if a key says so.
func (s *Screen) wake(msg tea.KeyPressMsg) {
	if key.Matches(msg, s.env.Keys.Text.Spell) {
		s.spelling.stopped = false
	}
}
