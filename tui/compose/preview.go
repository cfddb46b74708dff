package compose

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/message"
	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// preview shows the mail as its recipients will see it: the text, what the page
// says, or the source.
type preview struct {
	kit.Preview
	made  bool
	view  int // of views
	from  int // the first row that shows
	rows  []string
	width int // that rows were made for; 0 for none
}

// views are what there is to see of a mail that has been made.
func (p *preview) views() []string {
	if p.PageText != "" {
		return []string{"Text", "Page", "Source"}
	}
	return []string{"Text", "Source"}
}

func (p *preview) content() string {
	switch p.views()[p.view] {
	case "Text":
		return p.Text
	case "Page":
		return p.PageText
	}
	return p.Source
}

// openPreview has the mail made as it stands.
func (s *Screen) openPreview() kit.Intent {
	s.preview = &preview{}
	return kit.MakePreview{Fields: s.Draft()}
}

// previewed takes over the mail, or why it can't be made.
func (s *Screen) previewed(msg kit.Previewed) {
	switch {
	case s.preview == nil:
	case msg.Err != nil:
		s.preview = nil
		s.trouble(msg.Err)
	default:
		s.preview.Preview, s.preview.made = msg.Preview, true
	}
}

// pressPreview goes through the preview, or leaves it.
func (s *Screen) pressPreview(msg tea.KeyPressMsg) kit.Intent {
	p, k := s.preview, s.env.Keys
	s.status = kit.Status{}
	switch {
	case key.Matches(msg, k.Dialog.Close, s.keys.Preview):
		s.preview = nil
	case key.Matches(msg, k.Compose.Next):
		p.view, p.from, p.width = (p.view+1)%len(p.views()), 0, 0
	case key.Matches(msg, k.Compose.Browser) && p.Page != "":
		return kit.ShowPage{Page: p.Page}
	default:
		s.scrollPreview(s.previewStep(msg))
	}
	return nil
}

// previewStep returns how many rows a key goes on.
func (s *Screen) previewStep(msg tea.KeyPressMsg) int {
	switch k := s.env.Keys.List; {
	case key.Matches(msg, k.Up):
		return -1
	case key.Matches(msg, k.Down):
		return 1
	case key.Matches(msg, k.PageUp):
		return -s.previewHeight()
	case key.Matches(msg, k.PageDown):
		return s.previewHeight()
	case key.Matches(msg, k.Top):
		return -len(s.preview.rows)
	case key.Matches(msg, k.Bottom):
		return len(s.preview.rows)
	}
	return 0
}

func (s *Screen) scrollPreview(by int) {
	p := s.preview
	p.from = max(0, min(p.from+by, len(p.rows)-s.previewHeight()))
}

func (s *Screen) previewHeight() int { return max(1, s.height-2) }

// arrangePreview makes the rows for the width there is.
func (s *Screen) arrangePreview() {
	p := s.preview
	if p.width == s.width || !p.made {
		return
	}
	p.width, p.rows = s.width, nil
	for line := range strings.SplitSeq(strings.TrimRight(p.content(), "\n"), "\n") {
		line = strings.ReplaceAll(line, "\t", "    ")
		p.rows = append(p.rows, s.pen.Wrap(text.Clean(line), max(1, min(measure, s.width-2)))...)
	}
	s.scrollPreview(0)
}

func (s *Screen) previewView() string {
	p := s.preview
	var names []string
	for i, name := range p.views() {
		if style := s.pen.Dim; i != p.view {
			name = style.Render(name)
		} else {
			name = s.pen.Accent.Render(name)
		}
		names = append(names, name)
	}
	rows := []string{s.pen.Truncate(" "+strings.Join(names, "   "), s.width), s.pen.Line(s.width)}
	for _, row := range p.rows[min(p.from, len(p.rows)):min(len(p.rows), p.from+s.previewHeight())] {
		rows = append(rows, s.pen.Truncate(" "+row, s.width))
	}
	return s.pen.Page(s.width, s.height, rows)
}

func (s *Screen) previewStatus() kit.Status {
	p := s.preview
	if !p.made {
		return kit.Status{Text: "making the mail"}
	}
	status := s.status
	if status.Text == "" {
		status.Text = "As the recipients will see it."
	}
	if n := len(p.rows); n > s.previewHeight() {
		status.Right = fmt.Sprintf("%d of %d", min(n, p.from+s.previewHeight()), n)
	}
	return status
}

func (s *Screen) previewBindings() []key.Binding {
	next := s.keys.Next
	next.SetHelp(next.Help().Key, strings.ToLower(s.preview.views()[(s.preview.view+1)%len(s.preview.views())]))
	all := []key.Binding{next}
	if s.preview.Page != "" {
		all = append(all, s.keys.Browser)
	}
	return append(all, s.env.Keys.List.PageDown, s.env.Keys.List.PageUp, s.env.Keys.Dialog.Close)
}

// markdown tells that the text is written in it.
func (s *Screen) markdown() bool {
	if s.format != message.Unset {
		return s.format == message.Markdown
	}
	return s.from.identity().Markdown
}

// toggleFormat says of this mail what its sender's identity does not.
func (s *Screen) toggleFormat() {
	if s.markdown() {
		s.format = message.Plain
		s.status = kit.Status{Text: "It goes as plain text."}
		return
	}
	s.format = message.Markdown
	s.status = kit.Status{Text: "It goes as text and as a page; " + s.keys.Preview.Help().Key + " shows both."}
}
