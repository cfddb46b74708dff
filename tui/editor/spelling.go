package editor

import (
	"fmt"
	"slices"
	"strconv"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// spelling is what is known of the words of the text. It is asked for outside
// and may come late, or never.
type spelling struct {
	on      bool
	right   map[string]bool
	wrong   map[string][]string // and what else they could be
	seeking bool                // the next wrong word from the cursor on is wanted
	around  bool                // or else the first above it
	top     bool                // there is none from the cursor on
}

// most is how many words are kept; a text has fewer.
const most = 50_000

// SetSpelling has words marked that Spelled says are wrong, or ends that. What
// was known is forgotten.
func (e *Editor) SetSpelling(on bool) {
	e.spelling = spelling{on: on, right: map[string]bool{}, wrong: map[string][]string{}}
}

// Unknown returns at most n words that nothing is known of yet: of those that
// show, and, while a wrong one is looked for, of those below the cursor. One
// that may still be typed is not among them.
func (e *Editor) Unknown(n int) []string {
	if !e.spelling.on {
		return nil
	}
	var all []string
	add := func(found []span) bool {
		for _, f := range found {
			word := e.word(f)
			if !e.spelling.known(word) && !slices.Contains(all, word) && (e.spelling.seeking || !e.typing(f)) {
				all = append(all, word)
			}
		}
		return len(all) < n
	}
	if e.spelling.seeking {
		e.below(e.since(), func(r row) bool { return add(e.wordsIn(r)) })
	}
	r := e.first()
	for range e.height {
		if e.prose(r.line) && !add(e.wordsIn(r)) {
			break
		}
		next, moved := e.step(r, 1)
		if moved == 0 {
			break
		}
		r = next
	}
	return all[:min(n, len(all))]
}

func (e *Editor) word(f span) string { return e.buf.at(f.line)[f.from:f.to] }

// typing tells that the cursor is at the end of a word.
func (e *Editor) typing(f span) bool { return f.end() == e.cur }

func (s *spelling) known(word string) bool {
	_, wrong := s.wrong[word]
	return wrong || s.right[word]
}

// below calls f for the rows of prose from p on, until it returns false, but not
// for more than a person would wait for. It tells whether the end was reached.
func (e *Editor) below(p pos, f func(row) bool) bool {
	const rows = 2000
	r := e.rowOf(p)
	for range rows {
		if e.prose(r.line) && !f(r) {
			return false
		}
		next, moved := e.step(r, 1)
		if moved == 0 {
			return true
		}
		r = next
	}
	return false
}

// Spelled tells which of words are wrong, and what else they could be.
func (e *Editor) Spelled(words []string, wrong map[string][]string) Result {
	if len(e.spelling.right)+len(e.spelling.wrong) > most {
		e.SetSpelling(e.spelling.on)
	}
	for _, word := range words {
		if others, bad := wrong[word]; bad {
			e.spelling.wrong[word] = others
		} else {
			e.spelling.right[word] = true
		}
	}
	if e.spelling.seeking {
		return e.seek()
	}
	return Result{}
}

// check goes to the first wrong word from the cursor on, or else of the text, and
// shows what else it could be.
func (e *Editor) check() Result {
	if !e.spelling.on {
		return Result{Used: true, Said: "no spelling checker is at work: hunspell, aspell or enchant would do"}
	}
	if from, _ := e.wordAt(e.cur); e.kindOf(from) == word && !e.selected {
		e.moveTo(from)
	}
	e.drop()
	e.spelling.seeking, e.spelling.around, e.spelling.top = true, true, false
	return e.seek()
}

// since is where a wrong word is looked for from.
func (e *Editor) since() pos {
	if e.spelling.top {
		return pos{}
	}
	return e.cur
}

// seek looks for the next wrong word as far as words are known.
func (e *Editor) seek() Result {
	known, bad := true, span{line: -1}
	since := e.since()
	ended := e.below(since, func(r row) bool {
		for _, f := range e.wordsIn(r) {
			word := e.word(f)
			switch _, wrong := e.spelling.wrong[word]; {
			case f.start().before(since):
			case wrong:
				bad = f
				return false
			case !e.spelling.right[word]:
				known = false
				return false
			}
		}
		return true
	})
	switch {
	case bad.line >= 0:
		e.spelling.seeking = false
		e.moveTo(bad.start())
		e.open(&suggestions{span: bad, word: e.word(bad), others: e.spelling.wrong[e.word(bad)]})
	case !known:
		return Result{Used: true, Said: "looking for misspelled words"}
	case ended && e.spelling.around && !e.spelling.top:
		e.spelling.top = true
		return e.seek()
	case ended && e.spelling.top:
		e.spelling.seeking = false
		return Result{Used: true, Said: "no word is misspelled"}
	case ended:
		e.spelling.seeking = false
		return Result{Used: true, Said: "no word below is misspelled"}
	default:
		e.spelling.seeking = false
		return Result{Used: true, Said: "none is misspelled as far as was looked"}
	}
	return Result{Used: true}
}

// suggestions is the panel that shows what else a word could be.
type suggestions struct {
	span
	word   string
	others []string
	at     int
}

// shownOthers is how many suggestions there is a row for.
const shownOthers = 5

func (s *suggestions) press(e *Editor, msg tea.KeyPressMsg) Result {
	k := e.all.Spelling
	digit, err := strconv.Atoi(msg.Text)
	switch {
	case key.Matches(msg, k.Close):
		e.Close()
	case key.Matches(msg, k.Next):
		e.Close()
		e.moveTo(s.end())
		e.spelling.seeking, e.spelling.around, e.spelling.top = true, false, false
		return e.seek()
	case key.Matches(msg, k.Learn, k.Accept):
		e.Close()
		delete(e.spelling.wrong, s.word)
		e.spelling.right[s.word] = true
		return Result{Used: true, Known: s.word, Learn: key.Matches(msg, k.Learn)}
	case key.Matches(msg, k.Down):
		s.at = min(s.at+1, max(0, len(s.others)-1))
	case key.Matches(msg, k.Up):
		s.at = max(0, s.at-1)
	case key.Matches(msg, k.Take):
		s.take(e, s.at)
	case err == nil && 1 <= digit && digit <= min(len(s.others), shownOthers):
		s.take(e, s.first(e.taken-1)+digit-1)
	default:
		e.Close()
		return Result{}
	}
	return Result{Used: true}
}

func (s *suggestions) take(e *Editor, i int) {
	e.Close()
	if i < len(s.others) {
		e.replace(s.start(), s.end(), e.admit(s.others[i]), alone)
		e.follow()
	}
}

func (s *suggestions) paste(e *Editor, text string) {
	e.Close()
	e.Insert(text)
}

// first is the suggestion in the first row.
func (s *suggestions) first(rows int) int { return max(0, s.at-rows+1) }

func (s *suggestions) rows() int { return 1 + min(shownOthers, len(s.others)) }

func (s *suggestions) view(e *Editor) (rows []string, x, y int) {
	title := "Nothing is like " + s.word
	if n := len(s.others); n > 0 {
		title = fmt.Sprintf("Instead of %s (%d)", s.word, n)
	}
	room := max(1, e.taken-1)
	first := s.first(room)
	rows = []string{e.styles.Label.Render(e.cells.Truncate(title, e.width))}
	for i := first; i < min(first+room, len(s.others)); i++ {
		row := e.cells.PadRight(fmt.Sprintf(" %d %s", i-first+1, s.others[i]), min(e.width, 30))
		if i == s.at {
			row = e.styles.Selected.Render(row)
			y = len(rows)
		}
		rows = append(rows, row)
	}
	return rows, 0, y
}

func (s *suggestions) bindings(e *Editor) []key.Binding {
	k := e.all.Spelling
	if len(s.others) == 0 {
		return []key.Binding{k.Next, k.Learn, k.Accept, k.Close}
	}
	return []key.Binding{k.Take, k.Down, k.Next, k.Learn, k.Accept, k.Close}
}

// misspelled returns the wrong words of a row.
func (e *Editor) misspelled(r row) []span {
	if !e.spelling.on || len(e.spelling.wrong) == 0 || !e.prose(r.line) {
		return nil
	}
	var all []span
	for _, f := range e.wordsIn(r) {
		if _, wrong := e.spelling.wrong[e.word(f)]; wrong && !e.typing(f) {
			all = append(all, f)
		}
	}
	return all
}
