package compose

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// sheet says what may be wrong with a mail that is about to go.
type sheet struct {
	kit.MailChecked
	from int // the first row that shows
}

// answerSheet sends the mail anyway, or goes back to it. Other keys are no
// answer: they may have been meant for the text.
func (s *Screen) answerSheet(msg tea.KeyPressMsg) kit.Intent {
	k := s.env.Keys
	switch {
	case key.Matches(msg, k.Dialog.Press):
		sure := s.sheet.Sure
		s.sheet, s.sending = nil, queuing
		return sure
	case key.Matches(msg, k.Dialog.Close):
		s.sheet = nil
	case key.Matches(msg, k.Text.Down):
		s.sheet.from = min(s.sheet.from+1, max(0, len(s.sheetRows())-s.height))
	case key.Matches(msg, k.Text.Up):
		s.sheet.from = max(0, s.sheet.from-1)
	}
	return nil
}

func (s *Screen) sheetView() string {
	rows := s.sheetRows()
	return s.pen.Page(s.width, s.height, rows[min(s.sheet.from, len(rows)-1):])
}

func (s *Screen) sheetRows() []string {
	rows := []string{s.pen.Accent.Render(s.pen.Truncate(" Before it goes", s.width)), s.pen.Line(s.width)}
	for _, f := range s.sheet.Findings {
		lead := " " + s.pen.Glyphs.Dot + " "
		said := sentence(text.Clean(f.Text))
		for _, line := range s.pen.Wrap(said, max(1, min(measure, s.width)-s.pen.Width(lead)-1)) {
			rows = append(rows, s.pen.Truncate(lead+line, s.width))
			lead = strings.Repeat(" ", s.pen.Width(lead))
		}
	}
	return rows
}

// sentence makes one of what was found. Addresses stay as they are written.
func sentence(found string) string {
	if first, _, _ := strings.Cut(found, " "); first != "" && !strings.Contains(first, "@") {
		r, n := utf8.DecodeRuneInString(found)
		found = string(unicode.ToUpper(r)) + found[n:]
	}
	if strings.ContainsAny(found[max(0, len(found)-1):], ".?!") {
		return found
	}
	return found + "."
}

func (s *Screen) sheetBindings() []key.Binding {
	k := s.env.Keys.Dialog
	send, back := k.Press, k.Close
	send.SetHelp(send.Help().Key, "send anyway")
	back.SetHelp(back.Help().Key, "back")
	return []key.Binding{send, back}
}
