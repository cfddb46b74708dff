package compose

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/message"
	"sendoff/smtp/message/template"
	"sendoff/tui/field"
	"sendoff/tui/kit"
	"sendoff/tui/text"
	"sendoff/tui/widget"
)

// templates is the page on which a template is found by typing, and shown
// before it is taken.
type templates struct {
	*Screen
	kit.TemplatesLoaded
	known bool
	line  *field.Line
	list  widget.List
	shown []kit.Template // those that fit what is typed
}

// openTemplates asks which there are.
func (s *Screen) openTemplates() kit.Intent {
	p := &templates{Screen: s, line: s.line(""), list: widget.NewList(s.env.Keys.List)}
	p.line.Focus(true)
	s.over = p
	return kit.LoadTemplates{}
}

func (p *templates) loaded(msg kit.TemplatesLoaded) {
	p.TemplatesLoaded, p.known = msg, true
	p.filter()
}

// filter keeps the templates that fit what is typed, the best first.
func (p *templates) filter() {
	typed := strings.ToLower(strings.TrimSpace(p.line.Text()))
	p.shown = slices.DeleteFunc(slices.Clone(p.Templates), func(t kit.Template) bool { return misfit(t, typed) < 0 })
	slices.SortStableFunc(p.shown, func(a, b kit.Template) int { return cmp.Compare(misfit(a, typed), misfit(b, typed)) })
	p.list.SetLength(len(p.shown))
	p.list.Select(0)
}

// misfit says how badly a template fits what is typed; below 0 if it does not.
func misfit(t kit.Template, typed string) int {
	name, subject := strings.ToLower(t.Name), strings.ToLower(t.Fields.Subject)
	switch {
	case strings.HasPrefix(name, typed):
		return 0
	case strings.Contains(name, typed):
		return 1
	case strings.Contains(subject, typed):
		return 2
	case text.InOrder(name, typed):
		return 3
	}
	return -1
}

func (p *templates) chosen() (t kit.Template, ok bool) {
	if i := p.list.Cursor(); i >= 0 {
		return p.shown[i], true
	}
	return t, false
}

func (p *templates) press(msg tea.KeyPressMsg) kit.Intent {
	k := p.env.Keys.Text
	switch {
	case key.Matches(msg, p.env.Keys.Dialog.Close, p.keys.Template):
		p.over = nil
	case key.Matches(msg, k.Newline):
		return p.choose()
	case key.Matches(msg, k.Up):
		p.list.Select(p.list.Cursor() - 1)
	case key.Matches(msg, k.Down):
		p.list.Select(p.list.Cursor() + 1)
	default:
		p.line.Update(msg)
		p.filter()
	}
	return nil
}

func (p *templates) paste(msg tea.PasteMsg) kit.Intent {
	p.line.Update(msg)
	p.filter()
	return nil
}

// mouse points at a template; a click on the one under the cursor takes it.
func (p *templates) mouse(msg tea.MouseMsg) kit.Intent {
	was, hit := p.list.Cursor(), false
	switch msg.(type) {
	case tea.MouseClickMsg, tea.MouseWheelMsg:
		hit = p.list.Update(shifted(msg, 0, -2))
	}
	if _, click := msg.(tea.MouseClickMsg); click && hit && p.list.Cursor() == was {
		return p.choose()
	}
	return nil
}

// choose takes the template under the cursor, or asks for what it leaves open
// first.
func (p *templates) choose() kit.Intent {
	t, ok := p.chosen()
	switch {
	case !ok || t.Err != nil:
		return nil
	case len(t.Open) == 0:
		return p.take(t.Fields)
	}
	p.over = newFilling(p.Screen, t)
	return nil
}

func (p *templates) arrange() {
	p.line.SetWidth(p.width - label - 1)
	p.list.SetHeight(p.rows())
}

// rows is how many rows the list has: a third of the page at most, so that
// there is room to show the template.
func (p *templates) rows() int { return max(1, min(len(p.shown), (p.height-3)/3)) }

func (p *templates) view() (string, *tea.Cursor) {
	rows := []string{
		p.pen.Accent.Render(p.pen.Pad(" Find", label)) + p.line.View(),
		p.pen.Line(p.width),
	}
	switch t, ok := p.chosen(); {
	case p.Err != nil:
		rows = append(rows, " "+p.pen.Bad.Render(reason(p.Err)))
	case !p.known:
		rows = append(rows, p.pen.Dim.Render(" looking"))
	case len(p.Templates) == 0:
		for _, row := range p.pen.Wrap("No template is there yet. One is a file in "+text.Clean(p.Folder)+
			": a header with Subject and what else is to be filled in, an empty line, and a text.", max(1, min(measure, p.width-2))) {
			rows = append(rows, " "+row)
		}
	case !ok:
		rows = append(rows, p.pen.Dim.Render(" no template is called like that"))
	default:
		rows = append(append(rows, p.list.Rows(p.row)...), p.pen.Line(p.width))
		rows = append(rows, p.sample(t.Fields, t.Err, p.height-len(rows))...)
	}
	return p.pen.Page(p.width, p.height, rows), tea.NewCursor(label+p.line.Cursor(), 0)
}

func (p *templates) row(i int, selected bool) string {
	t := p.shown[i]
	right := text.Clean(t.Fields.Subject)
	if t.Err != nil {
		right = "can't be used"
	}
	name := p.pen.Truncate(text.Clean(t.Name), p.width-2)
	room := max(0, p.width-p.pen.Width(name)-4)
	row := p.pen.Ends(" "+name, p.pen.Dim.Render(p.pen.Truncate(right, room))+" ", p.width)
	if selected {
		return p.pen.Pick(row, p.width)
	}
	return row
}

// sample shows the beginning of what a template makes.
func (s *Screen) sample(d message.Draft, err error, rows int) (lines []string) {
	width := max(1, min(measure, s.width-2))
	if err != nil {
		for _, line := range s.pen.Wrap(sentence(text.Clean(err.Error())), width) {
			lines = append(lines, " "+s.pen.Bad.Render(line))
		}
		return lines[:min(len(lines), max(0, rows))]
	}
	for _, f := range []struct{ name, value string }{
		{"From", d.From}, {"To", d.To}, {"Cc", d.Cc}, {"Bcc", d.Bcc}, {"Reply-To", d.ReplyTo}, {"Subject", d.Subject},
		{"Files", strings.Join(d.Attachments, ", ")},
	} {
		if f.value != "" {
			lines = append(lines, s.pen.Label.Render(s.pen.Pad(" "+f.name, label))+s.pen.Truncate(text.Clean(f.value), max(0, s.width-label-1)))
		}
	}
	lines = append(lines, "")
	for line := range strings.SplitSeq(d.Body, "\n") {
		if len(lines) >= rows {
			break
		}
		for _, part := range s.pen.Wrap(text.Clean(strings.ReplaceAll(line, "\t", "    ")), width) {
			lines = append(lines, " "+part)
		}
	}
	return lines[:min(len(lines), max(0, rows))]
}

func (p *templates) status() kit.Status {
	t, ok := p.chosen()
	switch {
	case !ok || t.Err != nil:
		return kit.Status{}
	case len(t.Open) > 0:
		return kit.Status{Text: "To be filled in: " + text.Clean(strings.Join(t.Open, ", ")) + "."}
	case !p.wordless():
		return kit.Status{Text: "Its text goes where the cursor is; what is filled in already stays."}
	}
	return kit.Status{}
}

func (p *templates) bindings() []key.Binding {
	take, back := p.env.Keys.Text.Newline, p.env.Keys.Dialog.Close
	take.SetHelp(take.Help().Key, "take it")
	back.SetHelp(back.Help().Key, "back")
	if t, ok := p.chosen(); !ok || t.Err != nil {
		return []key.Binding{back}
	}
	return []key.Binding{take, back}
}

// filling is the page on which the places of a template are filled in, one in a
// row. One that is left empty stays open.
type filling struct {
	*Screen
	kit.Template
	lines []*field.Line // of Open
	row   int
}

func newFilling(s *Screen, t kit.Template) *filling {
	p := &filling{Screen: s, Template: t}
	for range t.Open {
		p.lines = append(p.lines, s.line(""))
	}
	return p
}

// filled is the template with what has been typed.
func (p *filling) filled() message.Draft {
	values := map[string]string{}
	for i, l := range p.lines {
		if !l.Empty() {
			values[p.Open[i]] = l.Text()
		}
	}
	d, _ := template.Fill(p.Fields, values)
	return d
}

func (p *filling) press(msg tea.KeyPressMsg) kit.Intent {
	form, n := p.env.Keys.Form, len(p.lines)
	last := p.row == n-1 && key.Matches(msg, p.env.Keys.Text.Newline)
	switch {
	case key.Matches(msg, p.env.Keys.Dialog.Close):
		return p.openTemplates()
	case last, key.Matches(msg, p.keys.Send):
		return p.take(p.filled())
	case key.Matches(msg, form.Next):
		p.row = (p.row + 1) % n
	case key.Matches(msg, form.Previous):
		p.row = (p.row + n - 1) % n
	default:
		p.lines[p.row].Update(msg)
	}
	return nil
}

func (p *filling) paste(msg tea.PasteMsg) kit.Intent {
	p.lines[p.row].Update(msg)
	return nil
}

// mouse goes to the place in a row, and the wheel to the next.
func (p *filling) mouse(msg tea.MouseMsg) kit.Intent {
	p.row = max(0, min(p.row+max(-1, min(wheel(msg), 1)), len(p.lines)-1))
	click, ok := msg.(tea.MouseClickMsg)
	first, rows := p.seen()
	if row := first + click.Y; ok && click.Button == tea.MouseLeft && click.Y < rows {
		p.row = row
		p.lines[row].Click(max(0, click.X-p.names()))
	}
	return nil
}

// seen is the first place that shows, and how many do.
func (p *filling) seen() (first, rows int) {
	most := max(1, (p.height-1)/2) // so that what comes of it shows
	first = max(0, min(p.row-most+1, len(p.lines)-most))
	return first, min(most, len(p.lines)-first)
}

func (p *filling) arrange() {
	for i, l := range p.lines {
		l.SetWidth(max(1, p.width-p.names()-1))
		l.Focus(i == p.row)
	}
}

// names is how many cells the names of the places have.
func (p *filling) names() (cells int) {
	for _, name := range p.Open {
		cells = max(cells, p.pen.Width(text.Clean(name))+2)
	}
	return min(cells, p.width/2)
}

func (p *filling) view() (string, *tea.Cursor) {
	names := p.names()
	first, n := p.seen()
	var rows []string
	for i := first; i < first+n; i++ {
		style := p.pen.Label
		if i == p.row {
			style = p.pen.Accent
		}
		rows = append(rows, style.Render(p.pen.Pad(" "+text.Clean(p.Open[i]), names))+p.lines[i].View())
	}
	rows = append(rows, p.pen.Line(p.width))
	rows = append(rows, p.sample(p.filled(), nil, p.height-len(rows))...)
	return p.pen.Page(p.width, p.height, rows), tea.NewCursor(min(names+p.lines[p.row].Cursor(), p.width-1), p.row-first)
}

func (p *filling) status() kit.Status {
	return kit.Status{Text: "What is left empty stays open, and is asked about before the mail goes."}
}

func (p *filling) bindings() []key.Binding {
	next, take, back := p.env.Keys.Form.Next, p.keys.Send, p.env.Keys.Dialog.Close
	take.SetHelp(take.Help().Key, "take it")
	back.SetHelp(back.Help().Key, "back")
	return []key.Binding{next, take, back}
}

// take puts a template into the mail. What the person wrote stays: recipients
// and files come to those there are, the text goes where the cursor is.
func (s *Screen) take(d message.Draft) kit.Intent {
	s.over, s.status = nil, kit.Status{}
	before, blank := s.signature(), s.wordless()
	if d.Account != "" || d.From != "" {
		s.from.name, s.from.typed, s.from.chosen = d.Account, strings.TrimSpace(d.From), true
		s.settle()
	}
	for p, more := range map[place]string{inTo: d.To, inCc: d.Cc, inBcc: d.Bcc, inReplyTo: d.ReplyTo} {
		if list := s.lists[p]; more != "" && (p != inReplyTo || list.Empty()) {
			list.Add(more)
		}
	}
	if s.subject.Empty() {
		s.subject.ReplaceAll(d.Subject)
		s.subject.ToEnd()
	}
	more := slices.DeleteFunc(slices.Clone(d.Headers), func(h message.Header) bool {
		return slices.ContainsFunc(s.headers.list, func(other message.Header) bool { return strings.EqualFold(h.Name, other.Name) })
	})
	s.headers.set(slices.Concat(s.headers.list, more))
	if s.sign(before); !blank {
		s.body.Insert(d.Body)
	} else {
		s.begin(d)
	}
	for _, path := range d.Attachments {
		s.attach(kit.File{Path: path, Name: filepath.Base(path)})
	}
	s.files.decide(d.Attached)
	s.seal.sign, s.seal.encrypt, s.seal.crypto = cmp.Or(d.Sign, s.seal.sign), cmp.Or(d.Encrypt, s.seal.encrypt), cmp.Or(d.Crypto, s.seal.crypto)
	s.wishes = s.wishes.Or(d.Wishes)
	s.status = kit.Status{}
	s.goTo(s.first(""))
	return s.look()
}

// begin has the text be that of a template, with the sender's signature unless
// it has one.
func (s *Screen) begin(d message.Draft) {
	if d.Format != message.Unset {
		s.format = d.Format
	}
	body := strings.TrimRight(d.Body, "\n")
	if !strings.Contains("\n"+body+"\n", "\n-- \n") {
		body += s.signature()
	}
	s.body.ReplaceAll(body)
	s.body.SetPosition(0, 0)
}
