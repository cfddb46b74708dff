package queue

import (
	"cmp"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/outbox"
	"sendoff/tui/stage"
	"sendoff/tui/text"
)

// narrow is the width below which a mail has room for its subject and little
// else.
const narrow = 60

// View implements kit.Screen.
func (s *Screen) View() (string, *tea.Cursor) {
	if s.detail.open && !s.sideBySide() {
		return s.pen.Page(s.width, s.height, s.detail.rows()), nil
	}
	width := s.listWidth()
	second, cursor := s.secondRow(width)
	rows := []string{s.firstRow(width), second}
	if s.rows.loaded && len(s.rows.items) == 0 {
		for _, row := range s.pen.Wrap(s.empty(), max(10, width-2)) {
			rows = append(rows, " "+s.pen.Dim.Render(row))
		}
	} else {
		last := s.lastColumn()
		rows = append(rows, s.list.Rows(func(i int, selected bool) string {
			row := s.row(s.rows.items[i], width, last)
			if selected {
				return s.pen.Pick(row, width)
			}
			return row
		})...)
	}
	if s.sideBySide() {
		rows = s.pen.Beside(s.height, width, rows, s.detail.rows())
	}
	return s.pen.Page(s.width, s.height, rows), cursor
}

// firstRow has the tabs and, where there is room, the way to search them.
func (s *Screen) firstRow(width int) string {
	return s.pen.Ends(s.pen.Tabs(width, s.tabs(), s.tab), s.searchHint(width), width)
}

// searchHint is the way to search; empty where it is of no use, or has no room.
func (s *Screen) searchHint(width int) string {
	key := s.keys.Search.Help()
	hint := s.pen.Key.Render(key.Key) + " " + s.pen.Dim.Render(key.Desc) + " "
	if s.search.shown() || s.detail.open || s.pen.Width(s.pen.Tabs(width, s.tabs(), s.tab))+s.pen.Width(hint) >= width {
		return ""
	}
	return hint
}

// secondRow has the words searched for, the order, and how many mails are
// marked.
func (s *Screen) secondRow(width int) (string, *tea.Cursor) {
	var says []string
	if i := s.order(); i > 0 {
		says = append(says, s.pen.Dim.Render(orders[i].words))
	}
	here := s.marked()
	away := len(s.marks.stands) - here
	switch {
	case here > 0 && away > 0:
		says = append(says, s.pen.Accent.Render(fmt.Sprintf("%d marked", here))+s.pen.Dim.Render(fmt.Sprintf(", %d in other tabs", away)))
	case here > 0:
		says = append(says, s.pen.Accent.Render(fmt.Sprintf("%d marked", here)))
	case away > 0:
		says = append(says, s.pen.Dim.Render(fmt.Sprintf("%d marked in other tabs", away)))
	}
	if here+away == 0 && s.search.words() != "" && s.rows.loaded {
		says = append(says, s.pen.Dim.Render(fmt.Sprintf("%d found", s.count(s.tab))))
	}
	right := ""
	if len(says) > 0 {
		right = strings.Join(says, "  ") + " "
	}
	if !s.search.shown() {
		return s.pen.Ends("", right, width), nil
	}
	const prompt = " / "
	s.search.line.SetSize(max(1, width-len(prompt)-s.pen.Width(right)-1), 1)
	row := s.pen.Ends(s.pen.Key.Render(prompt)+s.search.line.View(), right, width)
	if !s.search.typing {
		return row, nil
	}
	x, _, _ := s.search.line.Cursor()
	return row, tea.NewCursor(len(prompt)+x, 1)
}

// empty says what to do where there is no mail.
func (s *Screen) empty() string {
	if s.search.words() == "" {
		t := tabs[s.tab]
		if t.next == "" {
			return t.empty
		}
		return t.empty + " " + s.keys.New.Help().Key + " " + t.next + "."
	}
	end := s.keys.Back.Help().Key
	if s.tab == len(tabs)-1 {
		return "No mail has these words. " + end + " ends the search."
	}
	return "No mail under " + tabs[s.tab].title + " has these words. " + s.keys.NextTab.Help().Key + " looks at the next, " + end + " ends the search."
}

// lastColumn returns the width of the column that says when or how far, which
// is that of its widest entry in sight, so that the others line up.
func (s *Screen) lastColumn() int {
	width := 0
	from, to := s.list.Window()
	for _, it := range s.rows.items[from:to] {
		width = max(width, s.pen.Width(s.when(it)))
	}
	return width
}

// row draws one mail: mark and state, subject, who, and when or how far.
func (s *Screen) row(it outbox.Item, width, last int) string {
	if s.marked() > 0 {
		sign := " "
		if s.marks.has(it.ID) {
			sign = s.pen.Accent.Render(s.pen.Glyphs.Chosen)
		}
		return " " + sign + s.plainRow(it, width-2, last)
	}
	return s.plainRow(it, width, last)
}

func (s *Screen) plainRow(it outbox.Item, width, last int) string {
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
		if names, rest := recipients(it, n); s.pen.Width(names+rest) <= width {
			return names + rest
		}
	}
	name, rest := recipients(it, 1)
	return s.pen.Truncate(name, width-s.pen.Width(rest)) + rest
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

// progress says how far a mail on its way is. What this program sends, it hears
// of; of what others send the store knows since when and, once that takes its
// time, how far.
func (s *Screen) progress(it outbox.Item) string {
	steps := s.moving[it.ID]
	if steps == nil {
		steps = cmp.Or(stage.Afar(it, s.now), &stage.Steps{})
	}
	sent, total, rate := steps.Progress()
	switch {
	case it.Committing && (total <= 0 || sent >= total):
		return "waits for the answer"
	case total <= 0 && it.Claimed.IsZero():
		return ""
	case total <= 0:
		return "since " + text.FormatTime(it.Claimed, s.now)
	}
	done := float64(sent) / float64(total)
	words := fmt.Sprintf("%3.0f %%", done*100)
	if s.width < narrow {
		return words
	}
	if stalled := steps.Stalled(); !stalled.IsZero() {
		words += "  stalled " + text.FormatStopwatch(s.now.Sub(stalled))
	} else if rate > 0 {
		words += fmt.Sprintf("  %s/s", text.FormatSize(int64(rate)))
	}
	return s.pen.Bar(10, done) + " " + words
}

// recipients names the first n recipients, and counts the rest.
func recipients(it outbox.Item, n int) (names, rest string) {
	var out []string
	for i, r := range it.Recipients {
		if i == n {
			rest = fmt.Sprintf(" +%d", len(it.Recipients)-n)
			break
		}
		out = append(out, strings.Trim(text.Clean(r.Address), ",; ")) // a draft's is as it was typed
	}
	if len(out) == 0 {
		return "nobody yet", ""
	}
	return strings.Join(out, ", "), rest
}
