package compose

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/address"
	"sendoff/tui/text"
)

const (
	label   = 10 // cells of a field's name, margins included
	measure = 78 // cells of a row of text, however wide the window
	across  = 90 // of one that has something at both ends
	tall    = 34 // rows from which Cc and Bcc always show
	roomy   = 12 // rows from which a rule stands above the attachments
	folding = 8  // rows of text below which the header folds
)

var labels = map[place]string{
	inFrom: "From", inTo: "To", inCc: "Cc", inBcc: "Bcc", inReplyTo: "Reply-To", inSubject: "Subject", inHeaders: "Fields",
}

// layout is which row shows what.
type layout struct {
	header []place // from row 0; nil when the header is folded into one row
	body   int     // first row
	rows   int     // of the body
	files  int     // row; below 0 when they don't show
	rule   bool    // above the files
}

// arrange decides on the layout and tells everybody of it.
func (s *Screen) arrange() {
	l := layout{header: s.fields(), files: -1}
	rest := s.height
	if len(s.files.list) > 0 && (rest > len(l.header)+2 || s.focus == inFiles || s.focus == inBody) {
		rest--
		if l.files = rest; s.height >= roomy {
			l.rule = true
			rest--
		}
	}
	if s.focus == inBody && rest < len(l.header)+1+min(folding, s.height-3) {
		l.header = nil
		l.body = 2
	} else {
		if most := max(1, rest-2); len(l.header) > most { // keep the focus in sight
			at := max(0, slices.Index(l.header, s.focus))
			from := max(0, min(at, len(l.header)-most))
			l.header = l.header[from : from+most]
		}
		l.body = len(l.header) + 1
	}
	l.rows = max(0, rest-l.body)
	s.layout = l

	s.body.SetSize(max(1, s.width-1), max(1, l.rows))
	s.body.SetWrap(s.wrapAt())
	for _, list := range s.lists {
		list.SetWidth(s.width - label - 1)
	}
	s.subject.SetWidth(s.width - label - 1)
	if s.over != nil {
		s.over.arrange()
	}
}

// View implements kit.Screen.
func (s *Screen) View() (string, *tea.Cursor) {
	if s.over != nil {
		return s.over.view()
	}
	l := s.layout
	var rows []string
	if l.header == nil {
		rows = append(rows, " "+s.folded(s.width-2))
	}
	for _, p := range l.header {
		rows = append(rows, s.fieldRow(p))
	}
	rows = append(rows, s.pen.Line(s.width))
	if l.rows > 0 {
		for row := range strings.SplitSeq(s.body.View(), "\n") {
			rows = append(rows, " "+row)
		}
	}
	if l.files >= 0 {
		if l.rule {
			rows = append(rows, s.pen.Line(s.width))
		}
		row, _ := s.filesRow(s.width)
		rows = append(rows, row)
	}
	return s.pen.Page(s.width, s.height, s.withOffer(rows)), s.cursor()
}

func (s *Screen) fieldRow(p place) string {
	style := s.pen.Label
	if p == s.focus {
		style = s.pen.Accent
	}
	name := style.Render(s.pen.Pad(" "+labels[p], label))
	switch p {
	case inFrom:
		value, hint := s.fromText()
		return s.pen.Ends(name+value, hint+" ", s.width)
	case inSubject:
		return name + s.subject.View()
	case inHeaders:
		return name + s.pen.Truncate(s.headersText(), max(0, s.width-label-1))
	default:
		return name + s.lists[p].View()
	}
}

// folded says in one row whom the mail is to and what it is about.
func (s *Screen) folded(width int) string {
	subject := text.Clean(s.subject.Text())
	if subject == "" {
		subject = "no subject"
	}
	subject = s.pen.Glyphs.Dot + " " + subject
	to := s.people(max(width/2, width-s.pen.Width(subject)-1))
	return s.pen.Pad(to+" "+subject, width)
}

// people names in width cells the first recipients and how many more there
// are.
func (s *Screen) people(width int) string {
	var names []string
	for _, p := range []place{inTo, inCc, inBcc} {
		typed := s.lists[p].Text()
		for _, e := range s.lists[p].Entries() {
			names = append(names, called(e, typed))
		}
	}
	if len(names) == 0 {
		return "to nobody yet"
	}
	for n := min(2, len(names)); ; n-- {
		to := "to " + strings.Join(names[:n], ", ")
		if more := len(names) - n; more > 0 {
			to += fmt.Sprintf(" +%d", more)
		}
		if n == 1 || s.pen.Width(to) <= width {
			return s.pen.Truncate(to, width)
		}
	}
}

func called(e address.Entry, typed string) string {
	switch {
	case e.Group != "":
		return text.Clean(e.Group)
	case len(e.Mailboxes) == 0:
		return text.Clean(typed[e.Start:e.End])
	case e.Mailboxes[0].Name != "":
		return text.Clean(e.Mailboxes[0].Name)
	default:
		return text.Clean(e.Mailboxes[0].Local)
	}
}

// cursor returns where the real cursor stands.
func (s *Screen) cursor() *tea.Cursor {
	l := s.layout
	row := slices.Index(l.header, s.focus)
	switch s.focus {
	case inBody:
		x, y, visible := s.body.Cursor()
		if !visible || y >= l.rows {
			return nil
		}
		return tea.NewCursor(1+x, l.body+y)
	case inFiles:
		_, columns := s.filesRow(s.width)
		return tea.NewCursor(max(0, columns[s.files.at]), l.files)
	case inFrom, inHeaders:
		return tea.NewCursor(label, max(0, row))
	case inSubject:
		return tea.NewCursor(label+s.subject.Cursor(), max(0, row))
	default:
		return tea.NewCursor(label+s.lists[s.focus].Cursor(), max(0, row))
	}
}
