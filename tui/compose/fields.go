package compose

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/message"
	"sendoff/tui/field"
	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// headers are the fields that have no row of their own, as they were typed.
type headers struct {
	list    []message.Header
	changes int
}

func (h *headers) set(list []message.Header) {
	if !slices.Equal(list, h.list) {
		h.list = slices.Clone(list)
		h.changes++
	}
}

// split parts the fields that say which mail this one belongs to from others,
// and from those that have to be mended first.
func (h *headers) split() (thread, own []message.Header) {
	for _, f := range h.list {
		if f.Threads() && message.CheckHeaders([]message.Header{f}) == nil {
			thread = append(thread, f)
		} else {
			own = append(own, f)
		}
	}
	return thread, own
}

// belongs says in short which mail those fields of a thread name.
func belongs(thread []message.Header) string {
	var parent string
	var all []string
	for _, f := range thread {
		ids := strings.Fields(f.Value)
		if strings.EqualFold(f.Name, "In-Reply-To") {
			parent = strings.Join(ids, " ")
		}
		for _, id := range ids {
			if !slices.Contains(all, id) {
				all = append(all, id)
			}
		}
	}
	words := "answer to " + parent
	if parent == "" && len(all) > 0 {
		parent = all[len(all)-1]
		words = "after " + parent
	}
	if n := len(all) - 1; n > 0 {
		words += fmt.Sprintf(", and %d before it", n)
	}
	return text.Clean(words)
}

// headersText is what the row of further fields says.
func (s *Screen) headersText() string {
	thread, own := s.headers.split()
	var parts []string
	if len(thread) > 0 {
		parts = append(parts, belongs(thread))
	}
	for _, f := range own {
		parts = append(parts, text.Clean(f.String()))
	}
	return strings.Join(parts, "  "+s.pen.Glyphs.Dot+"  ")
}

// wrongHeader says why the fields can't stand in a header.
func wrongHeader(err error) string { return text.Clean(strings.TrimPrefix(err.Error(), "Header: ")) }

// fielding is the page on which fields are added to the header, one in a row.
// What is typed counts at once, as it stands; what is wrong with it is said.
type fielding struct {
	*Screen
	thread []message.Header
	lines  []*field.Line // the last is for one more field, and empty
	row    int           // that has the focus: -1 for that of the thread
}

// openFields begins with the fields there are, and a row for another.
func (s *Screen) openFields() {
	thread, own := s.headers.split()
	p := &fielding{Screen: s, thread: thread}
	for _, f := range own {
		p.lines = append(p.lines, p.line(f.String()))
	}
	p.lines = append(p.lines, p.line(""))
	p.row = len(p.lines) - 1
	s.over = p
}

func (s *Screen) line(typed string) *field.Line {
	l := field.NewLine(s.env.Keys.Text, s.env.Styles, s.env.Cells)
	l.SetText(typed)
	l.ToEnd()
	return l
}

func (p *fielding) press(msg tea.KeyPressMsg) kit.Intent {
	form := p.env.Keys.Form
	switch {
	case key.Matches(msg, p.env.Keys.Dialog.Close, p.keys.Fields):
		if p.over = nil; p.focus == inHeaders && len(p.headers.list) == 0 {
			p.goTo(inBody)
		}
	case key.Matches(msg, p.keys.Detach):
		p.remove()
	case key.Matches(msg, form.Next):
		p.move(1)
	case key.Matches(msg, form.Previous):
		p.move(-1)
	case p.row < 0:
		if text := p.env.Keys.Text; key.Matches(msg, text.DeleteBack, text.DeleteForward) {
			p.remove()
		}
	default:
		p.lines[p.row].Update(msg)
	}
	p.settle()
	return nil
}

func (p *fielding) paste(msg tea.PasteMsg) kit.Intent {
	if p.row >= 0 {
		p.lines[p.row].Update(msg)
		p.settle()
	}
	return nil
}

// mouse goes to the row that is clicked, and to the place in it.
func (p *fielding) mouse(msg tea.MouseMsg) kit.Intent {
	click, ok := msg.(tea.MouseClickMsg)
	if !ok || click.Button != tea.MouseLeft {
		return nil
	}
	_, cursor := p.view()
	row := p.row + click.Y - cursor.Y
	if first := p.first(); row >= first && row < len(p.lines) {
		if p.row = row; row >= 0 {
			p.lines[row].Click(max(0, click.X-1))
		}
	}
	return nil
}

// first is the first row there is.
func (p *fielding) first() int {
	if len(p.thread) > 0 {
		return -1
	}
	return 0
}

func (p *fielding) arrange() {
	for i, l := range p.lines {
		l.SetWidth(max(1, p.width-2))
		l.Focus(i == p.row)
	}
}

// move goes n rows on, around the end. A row that was emptied goes.
func (p *fielding) move(n int) {
	if at := p.row; at >= 0 && at < len(p.lines)-1 && p.lines[at].Empty() {
		p.lines = slices.Delete(p.lines, at, at+1)
		n = min(n, 0)
	}
	first := p.first()
	rows := len(p.lines) - first
	p.row = first + (p.row-first+n+rows)%rows
}

// remove takes the row away that has the focus: a field, or all that makes the
// mail an answer.
func (p *fielding) remove() {
	switch {
	case p.row < 0:
		p.thread, p.row = nil, 0
	case p.row < len(p.lines)-1:
		p.lines = slices.Delete(p.lines, p.row, p.row+1)
	default:
		p.lines[p.row].SetText("")
	}
}

// settle takes over what is typed, and keeps an empty row at the end.
func (p *fielding) settle() {
	if last := p.lines[len(p.lines)-1]; !last.Empty() {
		p.lines = append(p.lines, p.line(""))
	}
	list := slices.Clone(p.thread)
	for _, l := range p.lines {
		if !l.Empty() {
			list = append(list, message.ReadHeader(l.Text()))
		}
	}
	p.headers.set(list)
}

func (p *fielding) view() (string, *tea.Cursor) {
	rows := []string{" " + p.pen.Strong.Render("More fields of the header"), ""}
	cursor := tea.NewCursor(1, len(rows))
	if len(p.thread) > 0 {
		row := p.pen.Truncate(" "+belongs(p.thread), p.width)
		if p.row < 0 {
			row = p.pen.Pick(row, p.width)
		}
		rows = append(rows, row)
	}
	for i, l := range p.lines {
		if i == p.row {
			cursor = tea.NewCursor(1+l.Cursor(), len(rows))
		}
		if i == len(p.lines)-1 && i != p.row {
			rows = append(rows, p.pen.Dim.Render(" another"))
			continue
		}
		rows = append(rows, " "+l.View())
	}
	if over := cursor.Y + 1 - p.height; over > 0 { // the row that has the focus is kept in sight
		rows = rows[over:]
		cursor.Y -= over
	}
	return p.pen.Page(p.width, p.height, rows), cursor
}

// status tells what is wrong, or how the page works.
func (p *fielding) status() kit.Status {
	typing := p.row >= 0 && !strings.Contains(p.lines[p.row].Text(), ":")
	if err := message.CheckHeaders(p.headers.list); err != nil && !typing {
		return kit.Status{Text: wrongHeader(err), Trouble: true}
	}
	if p.row < 0 {
		return kit.Status{Text: "without it the mail begins a thread of its own"}
	}
	return kit.Status{Text: "one field in a row, as in List-Id: <news.example.org>"}
}

func (p *fielding) bindings() []key.Binding {
	done, remove := p.env.Keys.Dialog.Close, p.keys.Detach
	done.SetHelp(done.Help().Key, "done")
	remove.SetHelp(remove.Help().Key, "remove")
	return []key.Binding{p.env.Keys.Form.Next, remove, done}
}
