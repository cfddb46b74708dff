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
	*Screen
	kit.Preview
	made  bool
	shown int // of views
	first int // row that shows
	rows  []string
	fit   int // the width that rows were made for; 0 for none
}

// views are what there is to see of a mail that has been made.
func (p *preview) views() []string {
	if p.PageText != "" {
		return []string{"Text", "Page", "Source"}
	}
	return []string{"Text", "Source"}
}

func (p *preview) content() string {
	switch p.views()[p.shown] {
	case "Text":
		return p.Text
	case "Page":
		return p.PageText
	}
	return p.Source
}

// openPreview has the mail made as it stands.
func (s *Screen) openPreview() kit.Intent {
	s.over = &preview{Screen: s}
	return kit.MakePreview{Fields: s.Draft()}
}

// previewed takes over the mail, or why it can't be made.
func (s *Screen) previewed(msg kit.Previewed) {
	p, ok := s.over.(*preview)
	switch {
	case !ok:
	case msg.Err != nil:
		s.over = nil
		s.trouble(msg.Err)
	default:
		p.Preview, p.made = msg.Preview, true
	}
}

// press goes through the preview, or leaves it.
func (p *preview) press(msg tea.KeyPressMsg) kit.Intent {
	k := p.env.Keys
	p.Screen.status = kit.Status{}
	switch {
	case key.Matches(msg, k.Dialog.Close, k.Compose.Preview):
		p.over = nil
	case key.Matches(msg, k.Compose.Next):
		p.turn(p.shown + 1)
	case key.Matches(msg, k.Compose.Browser) && p.Page != "":
		return kit.ShowPage{Page: p.Page}
	default:
		p.scroll(p.step(msg))
	}
	return nil
}

func (p *preview) paste(tea.PasteMsg) kit.Intent { return nil }

func (p *preview) mouse(msg tea.MouseMsg) kit.Intent {
	p.scroll(wheel(msg))
	if click, ok := msg.(tea.MouseClickMsg); ok && click.Y == 0 {
		x := click.X - 1
		for i, name := range p.views() {
			if x >= 0 && x < len(name) {
				p.turn(i)
			}
			x -= len(name) + len(viewGap)
		}
	}
	return nil
}

// turn shows another of the views from its beginning.
func (p *preview) turn(to int) { p.shown, p.first, p.fit = to%len(p.views()), 0, 0 }

// viewGap stands between the names of the views.
const viewGap = "   "

// step returns how many rows a key goes on.
func (p *preview) step(msg tea.KeyPressMsg) int {
	switch k := p.env.Keys.List; {
	case key.Matches(msg, k.Up):
		return -1
	case key.Matches(msg, k.Down):
		return 1
	case key.Matches(msg, k.PageUp):
		return -p.page()
	case key.Matches(msg, k.PageDown):
		return p.page()
	case key.Matches(msg, k.Top):
		return -len(p.rows)
	case key.Matches(msg, k.Bottom):
		return len(p.rows)
	}
	return 0
}

func (p *preview) scroll(by int) {
	p.first = max(0, min(p.first+by, len(p.rows)-p.page()))
}

// page is how many rows show.
func (p *preview) page() int { return max(1, p.height-2) }

// arrange makes the rows for the width there is.
func (p *preview) arrange() {
	if p.fit == p.width || !p.made {
		return
	}
	p.fit, p.rows = p.width, nil
	for line := range strings.SplitSeq(strings.TrimRight(p.content(), "\n"), "\n") {
		line = strings.ReplaceAll(line, "\t", "    ")
		p.rows = append(p.rows, p.pen.Wrap(text.CleanWhole(line), max(1, min(measure, p.width-2)))...)
	}
	p.scroll(0)
}

func (p *preview) view() (string, *tea.Cursor) {
	var names []string
	for i, name := range p.views() {
		if style := p.pen.Dim; i != p.shown {
			name = style.Render(name)
		} else {
			name = p.pen.Accent.Render(name)
		}
		names = append(names, name)
	}
	rows := []string{p.pen.Truncate(" "+strings.Join(names, viewGap), p.width), p.pen.Line(p.width)}
	for _, row := range p.rows[min(p.first, len(p.rows)):min(len(p.rows), p.first+p.page())] {
		rows = append(rows, p.pen.Truncate(" "+row, p.width))
	}
	return p.pen.Page(p.width, p.height, rows), nil
}

func (p *preview) status() kit.Status {
	if !p.made {
		return kit.Status{Text: "making the mail"}
	}
	status := p.Screen.status
	if status.Text == "" {
		status.Text = "As the recipients will see it."
		if sealed := p.Screen.sealed(); sealed != "" {
			status.Text = "As the recipients will see it; it goes " + sealed + "."
		}
		if p.Comments > 0 {
			status.Text += " What stands between <!-- and --> is left out."
		}
	}
	if n := len(p.rows); n > p.page() {
		status.Right = fmt.Sprintf("%d of %d", min(n, p.first+p.page()), n)
	}
	return status
}

func (p *preview) bindings() []key.Binding {
	k, views := p.env.Keys, p.views()
	next := k.Compose.Next
	next.SetHelp(next.Help().Key, strings.ToLower(views[(p.shown+1)%len(views)]))
	all := []key.Binding{next}
	if p.Page != "" {
		all = append(all, k.Compose.Browser)
	}
	return append(all, k.List.PageDown, k.List.PageUp, k.Dialog.Close)
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
