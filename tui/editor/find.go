package editor

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// span is a part of a line.
type span struct{ line, from, to int }

func (s span) start() pos { return pos{s.line, s.from} }
func (s span) end() pos   { return pos{s.line, s.to} }

// search is the panel that finds and replaces.
type search struct {
	needle, with *Editor
	replacing    bool // with has the cursor
	from         pos  // where it began

	all      []span // what is found, in order
	found    string // all is of this
	revision uint64 // in this text
}

// search opens the panel, for what is selected if that is within a line.
func (e *Editor) search() {
	s := &search{needle: NewLine(e.all.Text, e.styles, e.cells), with: NewLine(e.all.Text, e.styles, e.cells)}
	from, to := e.selection()
	s.from = from
	if e.sought != nil {
		s.needle.SetText(e.sought.needle.Text())
		s.with.SetText(e.sought.with.Text())
	}
	if from.line == to.line && from != to {
		s.needle.SetText(e.buf.slice(from, to))
	}
	s.needle.ToEnd()
	s.with.ToEnd()
	s.needle.selectAll()
	s.needle.Share(e)
	s.with.Share(e)
	e.sought = s
	e.open(s)
	s.goFrom(e, s.from)
}

func (s *search) press(e *Editor, msg tea.KeyPressMsg) Result {
	k := e.all.Search
	switch {
	case key.Matches(msg, k.Close):
		e.Close()
	case key.Matches(msg, k.Swap):
		s.replacing = !s.replacing
	case key.Matches(msg, k.All):
		return Result{Used: true, Said: s.replaceAll(e)}
	case key.Matches(msg, k.Next) && s.replacing:
		s.replace(e)
	case key.Matches(msg, k.Next, e.all.Text.Find):
		s.step(e, 1)
	case key.Matches(msg, k.Previous):
		s.step(e, -1)
	case s.replacing:
		return s.with.Update(msg)
	default:
		r := s.needle.Update(msg)
		s.goFrom(e, s.from)
		return r
	}
	return Result{Used: true}
}

func (s *search) paste(e *Editor, text string) {
	if s.replacing {
		s.with.Insert(text)
		return
	}
	s.needle.Insert(text)
	s.goFrom(e, s.from)
}

func (s *search) rows() int { return 2 }

func (s *search) view(e *Editor) (rows []string, x, y int) {
	find, with := e.asked("Find", s.needle, s.told(e)), e.asked("Replace", s.with, "")
	line := s.needle
	if s.replacing {
		line, y = s.with, 1
	}
	x = e.cursorIn(line)
	if e.taken < 2 { // one row shows the line that is typed in
		return []string{[]string{find, with}[y]}, x, 0
	}
	return []string{find, with}, x, y
}

// told says which of how many matches is selected.
func (s *search) told(e *Editor) string {
	switch n := len(s.matches(e)); {
	case s.needle.Empty():
		return ""
	case n == 0:
		return "not found"
	case s.at(e) < 0:
		return fmt.Sprintf("%d found", n)
	default:
		return fmt.Sprintf("%d of %d", s.at(e)+1, n)
	}
}

func (s *search) bindings(e *Editor) []key.Binding {
	k := e.all.Search
	if s.replacing {
		return []key.Binding{named(k.Next, "replace"), k.All, named(k.Swap, "what to find"), k.Close}
	}
	return []key.Binding{k.Next, k.Previous, k.Swap, k.All, k.Close}
}

// matches returns all that is found in the text as it is.
func (s *search) matches(e *Editor) []span {
	needle := s.needle.Text()
	if s.found == needle && s.revision == e.revision {
		return s.all
	}
	s.found, s.revision, s.all = needle, e.revision, nil
	m := newMatcher(needle)
	for i := range e.buf.lines {
		s.all = m.spans(s.all, i, e.buf.at(i))
	}
	return s.all
}

// at is the number of the match that is selected, below 0 if none is.
func (s *search) at(e *Editor) int {
	from, to := e.selection()
	i := s.after(e, from)
	if i < len(s.all) && s.all[i].start() == from && s.all[i].end() == to {
		return i
	}
	return -1
}

// after is the number of the first match that does not begin before p.
func (s *search) after(e *Editor, p pos) int {
	i, _ := slices.BinarySearchFunc(s.matches(e), p, func(f span, p pos) int {
		if f.start().before(p) {
			return -1
		}
		return 1
	})
	return i
}

// goFrom selects the first match from p on, around the end.
func (s *search) goFrom(e *Editor, p pos) {
	i := s.after(e, e.buf.clamp(p))
	if len(s.all) == 0 {
		e.drop()
		e.moveTo(e.buf.clamp(p))
		e.follow()
		return
	}
	e.choose(s.all[i%len(s.all)])
}

// step selects the next match, or the one before.
func (s *search) step(e *Editor, n int) {
	at, count := s.at(e), len(s.matches(e))
	switch {
	case count == 0:
		return
	case at < 0 && n > 0:
		at = s.after(e, e.cur) - 1
	case at < 0:
		at = s.after(e, e.cur)
	}
	e.choose(s.all[(at+n+count)%count])
	s.from = e.anchor
}

func (e *Editor) choose(f span) {
	e.drop()
	e.anchor, e.selected = f.start(), true
	e.moveTo(f.end())
	e.follow()
}

// replace puts the other text in the place of the match that is selected, and
// selects the next.
func (s *search) replace(e *Editor) {
	if at := s.at(e); at >= 0 {
		f := s.all[at]
		e.replace(f.start(), f.end(), s.with.Text(), alone)
		e.drop()
	}
	s.from = e.cur
	s.goFrom(e, e.cur)
}

// replaceAll does so with all matches, as one change.
func (s *search) replaceAll(e *Editor) (said string) {
	all, with := s.matches(e), s.with.Text()
	if len(all) == 0 {
		return "not found"
	}
	from, to := all[0].start(), all[len(all)-1].end()
	var made strings.Builder
	at := from
	for _, f := range all {
		made.WriteString(e.buf.slice(at, f.start()))
		made.WriteString(with)
		at = f.end()
	}
	e.drop()
	e.replace(from, to, made.String(), alone)
	e.follow()
	s.from = e.cur
	if len(all) == 1 {
		return "replaced one"
	}
	return fmt.Sprintf("replaced %d", len(all))
}

// matcher finds a text in lines: whatever its case, unless it has a capital.
type matcher struct {
	needle string
	exact  bool
}

func newMatcher(needle string) matcher {
	m := matcher{needle, strings.ContainsFunc(needle, unicode.IsUpper)}
	if !m.exact {
		m.needle = strings.Map(folded, needle)
	}
	return m
}

func folded(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	return unicode.ToLower(r)
}

// spans appends the matches in line i, which says s.
func (m matcher) spans(all []span, i int, s string) []span {
	if m.needle == "" {
		return all
	}
	for at := 0; at < len(s); {
		if m.exact {
			n := strings.Index(s[at:], m.needle)
			if n < 0 {
				return all
			}
			at += n
		}
		if n := m.begins(s[at:]); n > 0 && !joined(s[at+n:]) {
			all = append(all, span{i, at, at + n})
			at += n
			continue
		}
		_, n := utf8.DecodeRuneInString(s[at:])
		at += n
	}
	return all
}

// begins returns how many octets of s are a match at its beginning.
func (m matcher) begins(s string) int {
	if m.exact {
		if strings.HasPrefix(s, m.needle) {
			return len(m.needle)
		}
		return 0
	}
	at := 0
	for _, want := range m.needle {
		r, n := utf8.DecodeRuneInString(s[at:])
		if n == 0 || folded(r) != want {
			return 0
		}
		at += n
	}
	return at
}

// joined tells that s begins with something that belongs to the character in
// front of it.
func joined(s string) bool {
	r, n := utf8.DecodeRuneInString(s)
	return n > 0 && (r == 0x200d || unicode.Is(unicode.M, r))
}
