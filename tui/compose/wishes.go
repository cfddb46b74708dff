package compose

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/message"
	"sendoff/tui/field"
	"sendoff/tui/kit"
	"sendoff/tui/text"
	"sendoff/tui/when"
)

// wishing is the page on which a person says what is asked for the mail beyond
// its content. What is chosen counts at once; a time when it can be read.
type wishing struct {
	*Screen
	row   int // that has the focus
	hold  *field.Line
	back  *field.Line
	wrong error // what is typed as a time and can't be read
}

// wish is one row of the page: one of a few values, or a time to be typed.
type wish struct {
	label, needs string
	values       []string // as they are kept
	words        []string // as they are shown
	get          func(message.Wishes) string
	set          func(*message.Wishes, string)
	line         func(*wishing) *field.Line
	moment       func(*message.Wishes) *time.Time
}

// wishes lists the rows. needs is the extension that the server has to offer.
func wishes() []wish {
	var numbers []string
	for n := -9; n <= 9; n++ {
		numbers = append(numbers, strconv.Itoa(n))
	}
	return []wish{
		{
			label: "Importance", values: []string{"", "high", "low"}, words: []string{"usual", "high", "low"},
			get: func(w message.Wishes) string { return w.Importance },
			set: func(w *message.Wishes, v string) { w.Importance = v },
		},
		{
			label: "Reports", needs: "DSN",
			values: []string{"", "success,failure,delay", "success", "failure", "failure,delay", "never"},
			words:  []string{"as servers do", "of success, failure, delay", "of success", "of failure", "of failure, delay", "never"},
			get:    func(w message.Wishes) string { return w.Notify },
			set:    func(w *message.Wishes, v string) { w.Notify = v },
		},
		{
			label: "Reports hold", needs: "DSN", values: []string{"", "headers", "full"},
			words: []string{"as servers do", "the header alone", "the whole mail"},
			get:   func(w message.Wishes) string { return w.Return },
			set:   func(w *message.Wishes, v string) { w.Return = v },
		},
		{
			label: "Encrypted", needs: "REQUIRETLS", values: []string{"false", "true"}, words: []string{"where servers can", "all the way, or it comes back"},
			get: func(w message.Wishes) string { return strconv.FormatBool(w.RequireTLS) },
			set: func(w *message.Wishes, v string) { w.RequireTLS = v == "true" },
		},
		{
			label: "Priority", needs: "MT-PRIORITY", values: numbers, words: numbers,
			get: func(w message.Wishes) string { return strconv.Itoa(w.Priority) },
			set: func(w *message.Wishes, v string) { w.Priority, _ = strconv.Atoi(v) },
		},
		{
			label: "Server holds", needs: "FUTURERELEASE", line: func(p *wishing) *field.Line { return p.hold },
			moment: func(w *message.Wishes) *time.Time { return &w.HoldUntil },
		},
		{
			label: "Back if not by", needs: "DELIVERBY", line: func(p *wishing) *field.Line { return p.back },
			moment: func(w *message.Wishes) *time.Time { return &w.DeliverBy },
		},
		{
			label: "Read receipt", values: []string{"false", "true"}, words: []string{"not asked for", "asked for"},
			get: func(w message.Wishes) string { return strconv.FormatBool(w.Receipt) },
			set: func(w *message.Wishes, v string) { w.Receipt = v == "true" },
		},
	}
}

// openWishes begins with what is asked for now.
func (s *Screen) openWishes() {
	line := func(t time.Time) *field.Line {
		if t.IsZero() {
			return s.line("")
		}
		return s.line(t.In(s.env.Now().Location()).Format("2006-01-02 15:04"))
	}
	s.over = &wishing{Screen: s, hold: line(s.wishes.HoldUntil), back: line(s.wishes.DeliverBy)}
}

func (p *wishing) press(msg tea.KeyPressMsg) kit.Intent {
	rows, form := wishes(), p.env.Keys.Form
	w := rows[p.row]
	switch {
	case key.Matches(msg, p.env.Keys.Dialog.Close, p.keys.Wishes):
		if p.wrong == nil { // else it would be forgotten what was meant
			p.over = nil
		}
	case key.Matches(msg, form.Next):
		p.row = (p.row + 1) % len(rows)
	case key.Matches(msg, form.Previous):
		p.row = (p.row + len(rows) - 1) % len(rows)
	case w.line != nil:
		w.line(p).Update(msg)
		p.settleTimes()
	case key.Matches(msg, form.Choose):
		p.choose(w, 1)
	case key.Matches(msg, form.ChooseBack):
		p.choose(w, -1)
	}
	return nil
}

func (p *wishing) paste(tea.PasteMsg) kit.Intent { return nil }
func (p *wishing) arrange()                      {}

// mouse goes to the row that is clicked, and changes it by another click.
func (p *wishing) mouse(msg tea.MouseMsg) kit.Intent {
	rows := wishes()
	p.row = max(0, min(p.row+max(-1, min(wheel(msg), 1)), len(rows)-1))
	if click, ok := msg.(tea.MouseClickMsg); ok && click.Button == tea.MouseLeft {
		switch row := click.Y - wishesTop + p.above(); {
		case row < 0 || row >= len(rows):
		case row != p.row:
			p.row = row
		case rows[row].line == nil:
			p.choose(rows[row], 1)
		}
	}
	return nil
}

// wishesTop is how many rows stand above the first wish.
const wishesTop = 2

// above is how many rows don't show, so that the one with the focus does.
func (p *wishing) above() int { return max(0, p.row+wishesTop+1-p.height) }

func (p *wishing) choose(w wish, step int) {
	n := len(w.values)
	at := max(0, slices.Index(w.values, w.get(p.wishes)))
	w.set(&p.wishes, w.values[(at+step+n)%n])
}

// settleTimes reads the times that are typed.
func (p *wishing) settleTimes() {
	p.wrong = nil
	for _, w := range wishes() {
		if w.line == nil {
			continue
		}
		at := w.moment(&p.wishes)
		*at = time.Time{}
		typed := strings.TrimSpace(w.line(p).Text())
		if typed == "" {
			continue
		}
		t, err := when.Parse(typed, p.env.Now())
		if err != nil {
			p.wrong = err
			continue
		}
		*at = t.UTC().Round(0)
	}
}

func (p *wishing) view() (string, *tea.Cursor) {
	const labels = 17
	var cursor *tea.Cursor
	lines := []string{" " + p.pen.Strong.Render("Asked for this mail"), ""}
	for i, w := range wishes() {
		name, value := p.pen.Label, ""
		if i == p.row {
			name = p.pen.Accent
			cursor = tea.NewCursor(labels, len(lines))
		}
		if w.line == nil {
			value = w.words[max(0, slices.Index(w.values, w.get(p.wishes)))]
		} else {
			value = p.timeRow(w, i == p.row, cursor)
		}
		needs := ""
		if w.needs != "" && p.width >= 60 {
			needs = p.pen.Dim.Render("needs " + w.needs + " ")
		}
		lines = append(lines, p.pen.Ends(name.Render(p.pen.Pad(" "+w.label, labels))+value, needs, min(across, p.width)))
	}
	// With few rows the one that has the focus is kept in sight.
	lines = lines[p.above():]
	cursor.Y -= p.above()
	if cursor.X >= p.width {
		cursor = nil
	}
	return p.pen.Page(p.width, p.height, lines), cursor
}

func (p *wishing) timeRow(w wish, here bool, cursor *tea.Cursor) string {
	line := w.line(p)
	line.SetWidth(min(24, max(1, p.width-18)))
	line.Focus(here)
	if here {
		cursor.X += line.Cursor()
	}
	at := *w.moment(&p.wishes)
	switch {
	case at.IsZero() && line.Empty() && !here:
		return p.pen.Dim.Render("no time")
	case at.IsZero():
		return line.View()
	}
	if p.width < 60 {
		return line.View()
	}
	return p.pen.Pad(line.View(), 25) + p.pen.Dim.Render(when.Full(at.In(p.env.Now().Location())))
}

// status tells what is wrong, or how the page works.
func (p *wishing) status() kit.Status {
	if p.wrong != nil {
		return kit.Status{Text: text.Clean(p.wrong.Error()), Trouble: true}
	}
	if w := wishes()[p.row]; w.needs != "" {
		return kit.Status{Text: fmt.Sprintf("a server without %s does not get the mail, and you are told", w.needs)}
	}
	return kit.Status{Text: "a mark for the readers; it asks nothing of the server"}
}

func (p *wishing) bindings() []key.Binding {
	form, done := p.env.Keys.Form, p.env.Keys.Dialog.Close
	done.SetHelp(done.Help().Key, "done")
	all := []key.Binding{form.Next, done}
	if wishes()[p.row].line == nil {
		all = append([]key.Binding{form.Choose}, all...)
	}
	return all
}

// asked says in short what is asked for the mail; empty for nothing.
func (s *Screen) asked() string {
	return strings.Join(kit.Wishes(s.wishes, s.env.Now().Location()), "; ")
}
