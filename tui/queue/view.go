package queue

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/outbox"
	"sendoff/tui/text"
)

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
		rows = append(rows, s.list.Rows(func(i int, selected bool) string {
			row := s.row(s.items[i], width)
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

// row draws one mail: mark and state, subject, who, and when or how far.
func (s *Screen) row(it outbox.Item, width int) string {
	when := s.when(it)
	state := s.pen.State(string(it.State))
	if width < 60 {
		mark := s.pen.Tone(string(it.State)).Render(s.pen.Mark(string(it.State)))
		left := " " + mark + " " + s.pen.Pad(subject(it), max(10, width-s.pen.Width(when)-5))
		return s.pen.Ends(left, when+" ", width)
	}
	room := width - 14 - s.pen.Width(when) - 4
	who := max(14, min(40, room*2/5))
	left := " " + s.pen.Pad(state, 12) + " " +
		s.pen.Pad(subject(it), room-who) + "  " + s.pen.Dim.Render(s.pen.Pad(recipients(it, 2), who-1))
	return s.pen.Ends(left, when+" ", width)
}

// when says what a person asks of a mail in that state.
func (s *Screen) when(it outbox.Item) string {
	switch it.State {
	case outbox.Sending:
		return s.progress(it)
	case outbox.Scheduled:
		return text.FormatTime(it.NotBefore, s.now)
	case outbox.Deferred:
		if s.width < 60 {
			return s.pen.Glyphs.Here + text.FormatTime(it.NextTry, s.now)
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
	if s.width < 60 {
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
		names = append(names, text.Clean(r.Address))
	}
	if len(names) == 0 {
		return "nobody yet"
	}
	return strings.Join(names, ", ")
}
