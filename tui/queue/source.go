package queue

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/outbox"
	"sendoff/smtp/submit"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/text"
	"sendoff/tui/widget"
)

// excerpt is how many octets of a mail's source are kept: its rows are some
// screens above and below the one that shows, however big the mail is.
const excerpt = 64 << 10

// source is the part of a mail, as it is sent, around what shows of it.
type source struct {
	pen   widget.Pen
	keys  keys.List
	pager widget.Pager

	id      outbox.ID
	from    int64 // where in the mail octets begins
	octets  []byte
	size    int64
	lines   []int64 // for each row, where in the mail its line begins
	asked   bool
	goal    goal
	trouble string
}

func newSource(env kit.Env, pen widget.Pen) source {
	return source{pen: pen, keys: env.Keys.List, pager: widget.NewPager(env.Keys.List)}
}

// open begins with the head of a mail.
func (s *source) open(id outbox.ID) kit.Intent {
	s.id, s.octets, s.from, s.size, s.lines, s.trouble, s.goal = id, nil, 0, 0, nil, "", atStart
	s.pager.SetLines(nil)
	s.asked = true
	return kit.LoadSource{ID: id, N: excerpt}
}

// load takes a part, and goes on showing the line that showed.
func (s *source) load(msg kit.SourceLoaded, width int) {
	if msg.ID != s.id {
		return
	}
	s.asked = false
	if msg.Err != nil {
		s.trouble = submit.Explain(msg.Err).String()
		return
	}
	s.octets, s.from, s.size = msg.Octets, msg.From, msg.Size
	if s.from > 0 { // begin with a whole line, if there is one
		if i := bytes.IndexByte(s.octets, '\n'); i >= 0 {
			s.octets, s.from = s.octets[i+1:], s.from+int64(i)+1
		}
	}
	if s.end() < s.size { // and end with one
		if i := bytes.LastIndexByte(s.octets, '\n'); i >= 0 {
			s.octets = s.octets[:i+1]
		}
	}
	s.draw(width)
	switch s.goal {
	case atStart:
		s.pager.ToStart()
	case atEnd:
		s.pager.ToEnd()
	}
	s.goal = samePlace
}

func (s *source) end() int64 { return s.from + int64(len(s.octets)) }

// draw wraps the lines to width. The row that showed first does so again.
func (s *source) draw(width int) {
	line, below := s.place()
	var rows []string
	s.lines = s.lines[:0]
	at := s.from
	for raw := range bytes.Lines(s.octets) {
		for _, row := range s.pen.Wrap(text.Clean(strings.TrimRight(string(raw), "\r\n")), max(10, width-2)) {
			rows = append(rows, " "+row)
			s.lines = append(s.lines, at)
		}
		at += int64(len(raw))
	}
	s.pager.SetLines(rows)
	first, _ := slices.BinarySearch(s.lines, line)
	s.pager.ToLine(first + below)
}

// place returns which line shows first, and how many of its rows are above.
func (s *source) place() (line int64, below int) {
	top, _ := s.pager.Position()
	if top >= len(s.lines) {
		return s.from, 0
	}
	first, _ := slices.BinarySearch(s.lines, s.lines[top])
	return s.lines[top], top - first
}

// scroll moves, and asks for another part when the end of this one comes near.
func (s *source) scroll(msg tea.Msg, height int) kit.Intent {
	press, _ := msg.(tea.KeyPressMsg)
	s.pager.Update(msg)
	top, rows := s.pager.Position()
	line, _ := s.place()
	want := kit.LoadSource{ID: s.id, N: excerpt}
	switch {
	case s.asked:
		return nil
	case key.Matches(press, s.keys.Bottom) && s.end() < s.size:
		s.goal = atEnd
		want.From = s.size - excerpt
	case key.Matches(press, s.keys.Top) && s.from > 0:
		s.goal = atStart
	case top < height && s.from > 0, rows-top < 2*height && s.end() < s.size:
		want.From = max(0, line-excerpt/2)
	default:
		return nil
	}
	s.asked = true
	return want
}

// heading says how far the mail is seen.
func (s *source) heading(width int) string {
	left := " " + s.pen.Strong.Render("Source")
	if s.size == 0 {
		return left
	}
	line, _ := s.place()
	right := fmt.Sprintf("%d %% of %s ", line*100/s.size, text.FormatSize(s.size))
	if _, rows := s.pager.Position(); !s.pager.More() && rows > 0 {
		right = text.FormatSize(s.size) + " "
	}
	return s.pen.Ends(left, s.pen.Dim.Render(right), width)
}

func (s *source) rows(width int) []string {
	if s.trouble != "" {
		out := []string{s.heading(width), ""}
		for _, row := range s.pen.Wrap(s.trouble, max(10, width-2)) {
			out = append(out, " "+s.pen.Bad.Render(row))
		}
		return out
	}
	return append([]string{s.heading(width), ""}, s.pager.Rows()...)
}
