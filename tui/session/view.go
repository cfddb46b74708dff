package session

import (
	"sendoff/tui/stage"
	"sendoff/tui/text"
)

// refresh draws the rows anew after anything they show changed.
func (s *Screen) refresh() {
	if s.width == 0 {
		return
	}
	switch s.shown() {
	case transcript:
		s.sheet.SetLines(s.dialogueLines())
		if s.open == noSheet { // nobody scrolls it
			s.sheet.ToEnd()
		}
	case particulars:
		s.sheet.SetLines(s.particulars())
	}
	rows, people := s.rows()
	s.steps.SetLines(rows)
	switch {
	case s.scrolled:
	case s.running():
		s.steps.ToEnd()
	default:
		s.steps.ToLine(people)
	}
}

// rows draws the steps; people is the row of the first recipient.
func (s *Screen) rows() (rows []string, people int) {
	if s.id == 0 {
		says := "Nothing was sent since the program started. What you send is shown here, step by step. " +
			s.keys.New.Help().Key + " begins a mail, " + s.keys.Outbox.Help().Key + " shows those of before."
		for _, row := range s.pen.Wrap(says, max(10, min(s.width-2, 78))) {
			rows = append(rows, " "+s.pen.Dim.Render(row))
		}
		return rows, 0
	}
	steps := s.live[s.id]
	if steps == nil {
		return s.stored(), 0
	}
	steps.Sender(text.Clean(s.item.From))
	if !s.running() {
		for _, r := range s.item.Recipients {
			state, words := stage.Outcome(s.item, r)
			steps.Settle(r.Address, state, words)
		}
	}
	rows, people = steps.Layout(s.pen, s.stepsWidth(), s.now)
	rows = append(rows, s.identity()...)
	if !s.running() {
		rows = append(rows, s.tries()...)
	}
	return rows, people
}

// stored is the screen for a mail of which no step was heard: it was sent
// before, or by another program.
func (s *Screen) stored() []string {
	if !s.loaded {
		return nil
	}
	var rows []string
	if far := stage.Afar(s.item, s.now); far != nil {
		rows = append(far.View(s.pen, s.stepsWidth(), s.now), "")
	}
	for _, row := range s.pen.Wrap(stage.By(s.item, s.now), max(10, s.stepsWidth()-2)) {
		if row != "" {
			rows = append(rows, " "+row)
		}
	}
	if len(rows) > 0 {
		rows = append(rows, "")
	}
	rows = append(rows, s.heading("Recipients"))
	rows = append(rows, s.recipients()...)
	rows = append(rows, s.identity()...)
	return append(rows, s.tries()...)
}

// identity is what to look for elsewhere when the outcome is in doubt.
func (s *Screen) identity() []string {
	id := stage.Identity(s.item)
	if id == "" {
		return nil
	}
	rows := []string{""}
	for _, row := range s.pen.Wrap(id, max(10, s.stepsWidth()-2)) {
		rows = append(rows, " "+s.pen.Strong.Render(row))
	}
	return rows
}

func (s *Screen) heading(words string) string { return " " + s.pen.Strong.Render(words) }

func (s *Screen) recipients() []string {
	var rows []string
	for _, r := range s.item.Recipients {
		state, words := stage.Outcome(s.item, r)
		rows = append(rows, stage.Recipient(s.pen, s.stepsWidth(), text.Clean(r.Address), state, words)...)
	}
	return rows
}

func (s *Screen) tries() []string {
	if len(s.attempts) == 0 {
		return nil
	}
	return append([]string{"", s.heading("Tries")}, stage.Attempts(s.pen, s.attempts, s.stepsWidth(), s.now)...)
}

func (s *Screen) dialogueLines() []string {
	lines := stage.Dialogue(s.attempts, s.now)
	if steps := s.live[s.id]; steps != nil && s.running() && len(steps.Transcript()) > 0 {
		lines = append(lines, steps.Transcript()...)
	}
	if len(lines) == 0 {
		return []string{s.pen.Dim.Render(" Nothing was said yet.")}
	}
	return stage.DrawDialogue(s.pen, lines, s.sheetWidth())
}
