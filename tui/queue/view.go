package queue

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/outbox"
	"sendoff/tui/text"
)

// narrow is the width below which a mail has room for its subject and little
// else.
const narrow = 60

// View implements kit.Screen.
func (s *Screen) View() (string, *tea.Cursor) {
	if s.detail.open && !s.sideBySide() {
		return s.pen.Page(s.width, s.height, s.detail.pager.Rows()), nil
	}
	width := s.listWidth()
	rows := []string{s.pen.Tabs(width, s.tabs(), s.tab), ""}
	if s.loaded && len(s.items) == 0 {
		for _, row := range s.pen.Wrap(tabs[s.tab].empty, max(10, width-2)) {
			rows = append(rows, " "+s.pen.Dim.Render(row))
		}
	} else {
		last := s.lastColumn()
		rows = append(rows, s.list.Rows(func(i int, selected bool) string {
			row := s.row(s.items[i], width, last)
			if selected {
				return s.pen.Pick(row, width)
			}
			return row
		})...)
	}
	if s.sideBySide() {
		rows = s.beside(rows, s.detail.pager.Rows(), width)
	}
	return s.pen.Page(s.width, s.height, rows), nil
}

// beside puts the detail to the right of the list.
func (s *Screen) beside(list, detail []string, width int) []string {
	out := make([]string, s.height)
	bar := s.pen.Rule.Render(s.pen.Glyphs.Side)
	for i := range out {
		left, right := "", ""
		if i < len(list) {
			left = list[i]
		}
		if i < len(detail) {
			right = detail[i]
		}
		out[i] = s.pen.Pad(left, width) + " " + bar + " " + right
	}
	return out
}

// lastColumn returns the width of the column that says when or how far, which
// is that of its widest entry in sight, so that the others line up.
func (s *Screen) lastColumn() int {
	width := 0
	from, to := s.list.Window()
	for _, it := range s.items[from:to] {
		width = max(width, s.pen.Width(s.when(it)))
	}
	return width
}

// row draws one mail: mark and state, subject, who, and when or how far.
func (s *Screen) row(it outbox.Item, width, last int) string {
	when := s.when(it) + " "
	if width < narrow {
		mark := s.pen.Tone(string(it.State)).Render(s.pen.Mark(string(it.State)))
		return s.pen.Ends(" "+mark+" "+s.pen.Truncate(subject(it), width-last-6), when, width)
	}
	room := width - 14 - last - 3
	who := max(14, min(50, room/2))
	return s.pen.Ends(" "+s.pen.Pad(s.pen.State(string(it.State)), 12)+" "+
		s.pen.Pad(subject(it), room-who)+"  "+s.pen.Dim.Render(s.who(it, who-2)), when, width)
}

// who names the recipients in width cells, so that those who are left out are
// counted.
func (s *Screen) who(it outbox.Item, width int) string {
	for n := 2; n > 0; n-- {
		if names := recipients(it, n); s.pen.Width(names) <= width {
			return names
		}
	}
	return s.pen.Truncate(recipients(it, 1), width)
}

// when says what a person asks of a mail in that state.
func (s *Screen) when(it outbox.Item) string {
	switch it.State {
	case outbox.Sending:
		return s.progress(it)
	case outbox.Scheduled:
		return text.FormatTime(it.NotBefore, s.now)
	case outbox.Deferred:
		if s.width < narrow {
			return text.FormatTime(it.NextTry, s.now)
		}
		return "next try " + text.FormatTime(it.NextTry, s.now)
	}
	return text.FormatTime(it.Updated, s.now)
}

func (s *Screen) progress(it outbox.Item) string {
	steps := s.moving[it.ID]
	if steps == nil {
		return ""
	}
	sent, total, rate := steps.Progress()
	if total <= 0 {
		return ""
	}
	done := float64(sent) / float64(total)
	words := fmt.Sprintf("%3.0f %%", done*100)
	if s.width < narrow {
		return words
	}
	if rate > 0 {
		words += fmt.Sprintf("  %s/s", text.FormatSize(int64(rate)))
	}
	return s.pen.Bar(10, done) + " " + words
}

// recipients names the first n recipients and counts the rest.
func recipients(it outbox.Item, n int) string {
	var names []string
	for i, r := range it.Recipients {
		if i == n {
			return strings.Join(names, ", ") + fmt.Sprintf(" +%d", len(it.Recipients)-n)
		}
		names = append(names, strings.Trim(text.Clean(r.Address), ",; ")) // a draft's is as it was typed
	}
	if len(names) == 0 {
		return "nobody yet"
	}
	return strings.Join(names, ", ")
}
