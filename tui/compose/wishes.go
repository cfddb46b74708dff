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
	at    int
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
	}
}

// openWishes begins with what is asked for now.
func (s *Screen) openWishes() {
	s.wishing = &wishing{}
	line := func(t time.Time) *field.Line {
		l := field.NewLine(s.env.Keys.Text, s.env.Styles, s.env.Cells)
		if !t.IsZero() {
			l.SetText(t.In(s.env.Now().Location()).Format("2006-01-02 15:04"))
			l.ToEnd()
		}
		return l
	}
	s.wishing.hold, s.wishing.back = line(s.wishes.HoldUntil), line(s.wishes.DeliverBy)
}

// wish takes a key while the page is open.
func (s *Screen) wish(msg tea.KeyPressMsg) kit.Intent {
	p, rows, form := s.wishing, wishes(), s.env.Keys.Form
	w := rows[p.at]
	switch {
	case key.Matches(msg, s.env.Keys.Dialog.Close, s.keys.Wishes):
		if p.wrong == nil { // else it would be forgotten what was meant
			s.wishing = nil
		}
	case key.Matches(msg, form.Next):
		p.at = (p.at + 1) % len(rows)
	case key.Matches(msg, form.Previous):
		p.at = (p.at + len(rows) - 1) % len(rows)
	case w.line != nil:
		w.line(p).Update(msg)
		s.settleTimes()
	case key.Matches(msg, form.Choose):
		s.chooseWish(w, 1)
	case key.Matches(msg, form.ChooseBack):
		s.chooseWish(w, -1)
	}
	return nil
}

func (s *Screen) chooseWish(w wish, step int) {
	n := len(w.values)
	at := max(0, slices.Index(w.values, w.get(s.wishes)))
	w.set(&s.wishes, w.values[(at+step+n)%n])
}

// settleTimes reads the times that are typed.
func (s *Screen) settleTimes() {
	s.wishing.wrong = nil
	for _, w := range wishes() {
		if w.line == nil {
			continue
		}
		at := w.moment(&s.wishes)
		*at = time.Time{}
		typed := strings.TrimSpace(w.line(s.wishing).Text())
		if typed == "" {
			continue
		}
		t, err := when.Parse(typed, s.env.Now())
		if err != nil {
			s.wishing.wrong = err
			continue
		}
		*at = t.UTC().Round(0)
	}
}

// wishesView draws the page.
func (s *Screen) wishesView() (string, *tea.Cursor) {
	const labels = 17
	var cursor *tea.Cursor
	lines := []string{" " + s.pen.Strong.Render("Asked for this mail"), ""}
	for i, w := range wishes() {
		name, value := s.pen.Label, ""
		if i == s.wishing.at {
			name = s.pen.Accent
			cursor = tea.NewCursor(labels, len(lines))
		}
		if w.line == nil {
			value = w.words[max(0, slices.Index(w.values, w.get(s.wishes)))]
		} else {
			value = s.timeRow(w, i == s.wishing.at, cursor)
		}
		needs := ""
		if w.needs != "" && s.width >= 60 {
			needs = s.pen.Dim.Render("needs " + w.needs + " ")
		}
		lines = append(lines, s.pen.Ends(name.Render(s.pen.Pad(" "+w.label, labels))+value, needs, s.width))
	}
	// With few rows the one that has the focus is kept in sight.
	if over := s.wishing.at + 3 - s.height; over > 0 {
		lines = lines[over:]
		cursor.Y -= over
	}
	if cursor.X >= s.width {
		cursor = nil
	}
	return s.pen.Page(s.width, s.height, lines), cursor
}

func (s *Screen) timeRow(w wish, here bool, cursor *tea.Cursor) string {
	line := w.line(s.wishing)
	line.SetWidth(min(24, max(1, s.width-18)))
	line.Focus(here)
	if here {
		cursor.X += line.Cursor()
	}
	at := *w.moment(&s.wishes)
	switch {
	case at.IsZero() && line.Empty() && !here:
		return s.pen.Dim.Render("no time")
	case at.IsZero():
		return line.View()
	}
	if s.width < 60 {
		return line.View()
	}
	return s.pen.Pad(line.View(), 25) + s.pen.Dim.Render(when.Full(at.In(s.env.Now().Location())))
}

// wishesStatus tells what is wrong, or how the page works.
func (s *Screen) wishesStatus() kit.Status {
	if s.wishing.wrong != nil {
		return kit.Status{Text: text.Clean(s.wishing.wrong.Error()), Trouble: true}
	}
	if w := wishes()[s.wishing.at]; w.needs != "" {
		return kit.Status{Text: fmt.Sprintf("a server without %s does not get the mail, and you are told", w.needs)}
	}
	return kit.Status{Text: "a mark for the readers; it asks nothing of the server"}
}

func (s *Screen) wishesBindings() []key.Binding {
	form, done := s.env.Keys.Form, s.env.Keys.Dialog.Close
	done.SetHelp(done.Help().Key, "done")
	all := []key.Binding{form.Next, done}
	if wishes()[s.wishing.at].line == nil {
		all = append([]key.Binding{form.Choose}, all...)
	}
	return all
}

// asked says in short what is asked for the mail; empty for nothing.
func (s *Screen) asked() string {
	return strings.Join(kit.Wishes(s.wishes, s.env.Now().Location()), "; ")
}
