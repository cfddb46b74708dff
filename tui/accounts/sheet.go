package accounts

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/dialog"
	"sendoff/tui/editor"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/widget"
)

// labelWidth is the column of names.
const labelWidth = 13

// row is one row of a sheet: a text to type, or one of several words.
type row struct {
	label string
	hint  string
	line  *editor.Editor // nil where there is a word to choose
	words []string
	at    int    // the word that is chosen
	mask  bool   // what is typed never shows
	tall  int    // rows of a text of several lines; 0 for one line
	gone  bool   // it has no meaning now, and is not there
	fixed string // what stands there and can't be changed; empty if it can
}

// sheet is rows to fill in, one below the other.
type sheet struct {
	env     kit.Env
	pen     widget.Pen
	keys    keys.Form
	rows    []row
	at      int
	touched bool // something was typed or chosen
	trouble string
}

func newSheet(env kit.Env, rows []row) sheet {
	return sheet{env: env, pen: widget.Pen{Styles: env.Styles, Method: env.Cells}, keys: env.Keys.Form, rows: rows}
}

// line is the row of a text.
func (s *sheet) line(label, hint string) row {
	return row{label: label, hint: hint, line: editor.NewLine(s.env.Keys.Text, s.env.Styles, s.env.Cells)}
}

// verdict is what a key means for the whole sheet.
type verdict int

const (
	goesOn  verdict = iota
	save            // what is there is to be taken
	cancel          // nothing is
	chooses         // another word is chosen
	leaves          // the cursor goes to another row
)

// press takes a key. before is called as the cursor leaves a row, and may fill
// in others.
func (s *sheet) press(msg tea.KeyPressMsg) verdict {
	here := &s.rows[s.at]
	enter := msg.Code == tea.KeyEnter
	switch {
	case key.Matches(msg, s.keys.Cancel):
		return cancel
	case key.Matches(msg, s.keys.Save), enter && here.tall == 0 && s.next(1) <= s.at:
		return save
	case here.tall > 0 && (enter || msg.Code == tea.KeyUp || msg.Code == tea.KeyDown):
		s.update(msg)
	case key.Matches(msg, s.keys.Next):
		s.at = s.next(1)
		return leaves
	case key.Matches(msg, s.keys.Previous):
		s.at = s.next(-1)
		return leaves
	case here.line == nil && key.Matches(msg, s.keys.Choose):
		s.choose(1)
		return chooses
	case here.line == nil && key.Matches(msg, s.keys.ChooseBack):
		s.choose(-1)
		return chooses
	default:
		s.update(msg)
	}
	return goesOn
}

// next is the row before or after this one in which something can be entered.
func (s *sheet) next(by int) int {
	for i := s.at; ; {
		i = (i + by + len(s.rows)) % len(s.rows)
		if r := s.rows[i]; !r.gone && r.fixed == "" || i == s.at {
			return i
		}
	}
}

func (s *sheet) choose(by int) {
	s.trouble, s.touched = "", true
	r := &s.rows[s.at]
	r.at = (r.at + by + len(r.words)) % max(1, len(r.words))
}

// update lets the row of the cursor have a key or a paste.
func (s *sheet) update(msg tea.Msg) {
	s.trouble = ""
	if line := s.rows[s.at].line; line != nil {
		before := line.Text()
		line.Update(msg)
		s.touched = s.touched || line.Text() != before
	}
}

// abandon asks whether what was typed is to go; nil if nothing was.
func (s *sheet) abandon() kit.Intent {
	if !s.touched {
		return nil
	}
	return kit.Confirm{
		Title: "Leave without saving?",
		Text:  "What you typed here will be gone.",
		Yes:   "leave",
		Then:  kit.DropForm{},
	}
}

func (s *sheet) set(row int, value string) {
	s.rows[row].line.SetText(value)
	s.rows[row].line.ToEnd()
}

func (s *sheet) value(row int) string {
	if s.rows[row].gone {
		return ""
	}
	return strings.TrimSpace(s.rows[row].line.Text())
}

// wrong moves to a row and says what is wrong there.
func (s *sheet) wrong(row int, what string) { s.at, s.trouble = row, what }

// view draws the rows, those around the cursor if not all fit.
func (s *sheet) view(title string, width, height int) ([]string, *tea.Cursor) {
	var all []string
	var cursor *tea.Cursor
	for i := range s.rows {
		r := &s.rows[i]
		if r.gone {
			continue
		}
		lines, x, y := s.draw(r, i == s.at, max(1, width-labelWidth-2))
		if i == s.at && r.line != nil {
			cursor = tea.NewCursor(labelWidth+1+x, len(all)+y)
		}
		for n, line := range lines {
			label, style := r.label, s.pen.Label
			if n > 0 {
				label = ""
			}
			if i == s.at {
				style = s.pen.Accent
			}
			all = append(all, " "+style.Render(s.pen.Pad(label, labelWidth))+line)
		}
	}
	top, from := s.window(height)
	head := []string{s.pen.Strong.Render(s.pen.Truncate(" "+title, width)), ""}[:top]
	if cursor != nil {
		cursor.Y += top - from
	}
	return append(head, all[from:min(len(all), from+height-top)]...), cursor
}

// window tells in which of height lines the rows begin, and with which of theirs.
func (s *sheet) window(height int) (top, from int) {
	total, at := 0, 0
	for i, r := range s.rows {
		if i == s.at {
			at = total
		}
		total += r.height()
	}
	if height >= total+2 {
		top = 2
	}
	return top, max(0, min(at-(height-top)/2, total-(height-top)))
}

// rowAt is the row that view draws in line y of height, and which of its lines
// that is; -1 if there is none.
func (s *sheet) rowAt(y, height int) (row, line int) {
	top, from := s.window(height)
	if y -= top; y < 0 {
		return -1, 0
	}
	y += from
	for i, r := range s.rows {
		if y < r.height() {
			return i, y
		}
		y -= r.height()
	}
	return -1, 0
}

// height is how many lines a row takes.
func (r row) height() int {
	if r.gone {
		return 0
	}
	return max(1, r.tall)
}

// draw returns the lines of a row, and where in them the cursor is.
func (s *sheet) draw(r *row, here bool, width int) (lines []string, x, y int) {
	switch {
	case r.fixed != "":
		return []string{s.pen.Dim.Render(s.pen.Truncate(r.fixed, width))}, 0, 0
	case r.line == nil:
		word := ""
		if r.at < len(r.words) {
			word = s.pen.Truncate(r.words[r.at], width)
		}
		if here {
			word = s.pen.Here.Render(word)
		}
		return []string{word}, 0, 0
	case r.mask:
		dots, at := dialog.Mask(s.pen, r.line, width)
		return []string{dots}, at, 0
	}
	r.line.SetSize(width, max(1, r.tall))
	x, y, _ = r.line.Cursor()
	return strings.Split(r.line.View(), "\n"), x, y
}

func (s *sheet) bindings() []key.Binding {
	k := s.keys
	if s.rows[s.at].line == nil {
		return []key.Binding{k.Save, k.Choose, k.Next, k.Cancel, k.Previous}
	}
	return []key.Binding{k.Save, k.Next, k.Cancel, k.Previous}
}
