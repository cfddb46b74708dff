// Package session is the screen that shows a mail being sent, step by step,
// and afterwards is its receipt.
package session

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/smtp"
	"sendoff/smtp/outbox"
	"sendoff/smtp/submit"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/stage"
	"sendoff/tui/text"
	"sendoff/tui/widget"
)

// kept is how many mails' steps are remembered, for a person who looks into
// one after the other while many go out.
const kept = 32

// wide is the width from which the steps and what was said stand side by side.
const wide = 120

// Screen is the session of one mail. It listens to all of them, because news
// of a mail may come before the screen is told to watch it.
type Screen struct {
	env  kit.Env
	pen  widget.Pen
	keys keys.Session

	width, height int
	now           time.Time

	live map[outbox.ID]*stage.Steps

	id        outbox.ID
	item      outbox.Item
	attempts  []outbox.Attempt
	loaded    bool
	parked    map[string]string // account -> what its mail waits for
	status    kit.Status
	canceling bool
	looking   bool  // again, into what is known of a mail in doubt
	open      sheet // what stands in place of the steps
	steps     widget.Pager
	sheet     widget.Pager
	scrolled  bool
}

// sheet is a page that is opened over the steps.
type sheet int

const (
	noSheet sheet = iota
	transcript
	particulars
)

// New returns the screen, watching nothing yet.
func New(env kit.Env) *Screen {
	return &Screen{
		env: env, pen: widget.Pen{Styles: env.Styles, Method: env.Cells}, keys: env.Keys.Session,
		live: map[outbox.ID]*stage.Steps{}, parked: map[string]string{},
		steps: widget.NewPager(env.Keys.List), sheet: widget.NewPager(env.Keys.List),
	}
}

// Watch shows the mail id and asks for what the store knows of it.
func (s *Screen) Watch(id outbox.ID) kit.Intent {
	if s.id != id {
		s.id, s.item, s.attempts, s.loaded = id, outbox.Item{}, nil, false
		s.scrolled, s.open = false, noSheet
	}
	s.status, s.canceling, s.looking, s.now = kit.Status{}, false, false, s.env.Now()
	s.steps.ToStart()
	s.refresh()
	return kit.LoadItem{ID: id}
}

// Watched returns the mail the screen shows; 0 for none.
func (s *Screen) Watched() outbox.ID { return s.id }

// Counting tells that a time on the screen runs.
func (s *Screen) Counting() bool { return s.id != 0 && s.running() }

func (s *Screen) running() bool {
	switch s.item.State {
	case outbox.Queued, outbox.Sending:
		return true
	}
	return !s.loaded
}

// waits tells that the mail can't go because its account can't.
func (s *Screen) waits() bool { return s.parked[s.item.Account] != "" && s.item.State == outbox.Queued }

// SetSize implements kit.Screen.
func (s *Screen) SetSize(width, height int) {
	s.width, s.height = width, height
	s.steps.SetHeight(height)
	s.sheet.SetHeight(height - 1)
	s.refresh()
}

// Update implements kit.Screen.
func (s *Screen) Update(msg tea.Msg) kit.Intent {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return s.press(msg)
	case tea.MouseWheelMsg:
		if s.sideBySide() && msg.X >= s.stepsWidth() {
			s.sheet.Update(msg)
			return nil
		}
		s.scroll(msg)
	case kit.Events:
		return s.hear(msg)
	case kit.ItemLoaded:
		s.load(msg)
	case kit.OutboxChanged:
		if s.id != 0 {
			return kit.LoadItem{ID: s.id}
		}
	case kit.Acted:
		if msg.ID == s.id {
			return s.acted(msg)
		}
	case kit.Tick:
		s.now = msg.Now
		s.refresh()
	case kit.Restyled:
		s.refresh()
	}
	return nil
}

func (s *Screen) scroll(msg tea.Msg) bool {
	if s.open != noSheet {
		return s.sheet.Update(msg)
	}
	moved := s.steps.Update(msg)
	s.scrolled = s.scrolled || moved
	return moved
}

// press keys that mean something now; Bindings says which those are.
func (s *Screen) press(msg tea.KeyPressMsg) kit.Intent {
	if key.Matches(msg, s.keys.Back) {
		if s.open != noSheet {
			s.open = noSheet
			s.refresh()
			return nil
		}
		return kit.Back{}
	}
	if i := slices.IndexFunc(s.Bindings(), func(b key.Binding) bool { return key.Matches(msg, b) }); i < 0 {
		s.scroll(msg)
		return nil
	}
	switch {
	case key.Matches(msg, s.keys.Transcript):
		s.turnTo(transcript)
		s.sheet.ToEnd()
	case key.Matches(msg, s.keys.Details):
		s.turnTo(particulars)
		s.sheet.ToStart()
	case key.Matches(msg, s.keys.Cancel):
		s.canceling = true
		return kit.Act{ID: s.id, Action: kit.Cancel}
	case key.Matches(msg, s.keys.TestAccount) && s.waits():
		return kit.TestAccount{Name: s.item.Account}
	case key.Matches(msg, s.keys.Retry) && s.item.State == outbox.Scheduled:
		return kit.Act{ID: s.id, Action: kit.Release}
	case key.Matches(msg, s.keys.Retry):
		return kit.Act{ID: s.id, Action: kit.Retry}
	case key.Matches(msg, s.keys.LookAgain):
		s.looking = true
		return kit.LoadItem{ID: s.id}
	case key.Matches(msg, s.keys.SendAgain):
		return stage.SendAgain(s.item, s.keys.MarkSent)
	case key.Matches(msg, s.keys.MarkSent):
		return stage.MarkSent(s.item)
	case key.Matches(msg, s.keys.Edit):
		return kit.OpenDraft{ID: s.id, Rest: true}
	case key.Matches(msg, s.keys.Outbox):
		return kit.Show{Screen: kit.Outbox}
	case key.Matches(msg, s.keys.New):
		return kit.Do{kit.Show{Screen: kit.Compose}, kit.NewDraft{}}
	}
	return nil
}

// turnTo opens a sheet, or closes it if it is open.
func (s *Screen) turnTo(page sheet) {
	if s.open == page {
		page = noSheet
	}
	s.open = page
	s.refresh()
}

func (s *Screen) acted(msg kit.Acted) kit.Intent {
	s.canceling = s.canceling && msg.Err == nil
	if msg.Err != nil {
		s.status = kit.Status{Text: "Could not " + string(msg.Action) + " it: " + submit.Explain(msg.Err).String(), Trouble: true}
	} else {
		s.status = kit.Status{}
	}
	return kit.LoadItem{ID: s.id}
}

func (s *Screen) load(msg kit.ItemLoaded) {
	if msg.Err != nil {
		if s.id != 0 && !s.loaded {
			s.status = kit.Status{Text: submit.Explain(msg.Err).String(), Trouble: true}
		}
		return
	}
	if msg.Item.ID != s.id {
		return
	}
	if msg.Item.State != s.item.State {
		s.status = kit.Status{} // it was about another state
	}
	s.item, s.attempts, s.loaded, s.now = msg.Item, msg.Attempts, true, s.env.Now()
	if s.item.State != outbox.Sending {
		s.canceling = false
	}
	if s.looking {
		s.looking, s.status = false, stage.LookedAgain(s.item, s.now)
	}
	s.refresh()
}

// hear folds news into the steps of the mails it is about.
func (s *Screen) hear(events kit.Events) kit.Intent {
	changed := false
	for _, e := range events {
		switch {
		case e.Session != nil:
			s.step(e)
		case e.Account != "" && e.Problem != nil:
			s.parked[e.Account] = kit.Waits(e.Problem)
		case e.Account != "":
			delete(s.parked, e.Account)
		}
		changed = changed || e.Session == nil && (e.ID == s.id || e.ID == 0) && s.id != 0
	}
	s.now = s.env.Now()
	s.refresh()
	if changed {
		return kit.LoadItem{ID: s.id}
	}
	return nil
}

// step notes what happened on the wire; a new try begins a new story.
func (s *Screen) step(e outbox.Event) {
	steps := s.live[e.ID]
	if steps == nil || e.Session.Kind == smtp.KindBegin && steps.Over(e.Session.Stage) {
		steps = &stage.Steps{}
		s.live[e.ID] = steps
		s.forget()
	}
	steps.Hear(*e.Session)
}

// forget drops the steps of the oldest mails.
func (s *Screen) forget() {
	ids := slices.Sorted(maps.Keys(s.live))
	for _, id := range ids[:max(0, len(ids)-kept)] {
		if id != s.id {
			delete(s.live, id)
		}
	}
}

// View implements kit.Screen.
func (s *Screen) View() (string, *tea.Cursor) {
	beside := append([]string{s.sheetHead()}, s.sheet.Rows()...)
	switch {
	case s.sideBySide():
		return s.pen.Page(s.width, s.height, s.pen.Beside(s.height, s.stepsWidth(), s.steps.Rows(), beside)), nil
	case s.open != noSheet:
		return s.pen.Page(s.width, s.height, beside), nil
	}
	return s.pen.Page(s.width, s.height, s.steps.Rows()), nil
}

// sideBySide tells that a sheet stands beside the steps and not in their place.
func (s *Screen) sideBySide() bool { return s.width >= wide && s.id != 0 }

// shown is the sheet that is drawn: beside the steps there is always one.
func (s *Screen) shown() sheet {
	if s.open == noSheet && s.sideBySide() {
		return transcript
	}
	return s.open
}

func (s *Screen) stepsWidth() int {
	if s.sideBySide() {
		return s.width * 55 / 100
	}
	return s.width
}

func (s *Screen) sheetWidth() int {
	if s.sideBySide() {
		return s.width - s.stepsWidth() - 3
	}
	return s.width
}

// sheetHead names the sheet, in the accent while the keys scroll it.
func (s *Screen) sheetHead() string {
	style := s.pen.Strong
	if s.open != noSheet && s.sideBySide() {
		style = s.pen.Accent
	}
	above, total := s.sheet.Position()
	left := style.Render(map[sheet]string{transcript: " Transcript", particulars: " Connection"}[s.shown()])
	return s.pen.Ends(left, s.pen.Dim.Render(strconv.Itoa(above+1)+" of "+strconv.Itoa(total)+" "), s.sheetWidth())
}

// Title replaces the program's top line.
func (s *Screen) Title() (left, right string) {
	switch {
	case s.id == 0:
		return "Session", ""
	case !s.loaded:
		return "Sending", ""
	}
	verb := map[outbox.State]string{
		outbox.Scheduled: "Waiting to send", outbox.Queued: "Waiting to send", outbox.Sending: "Sending", outbox.Sent: "Sent", outbox.Partial: "Sent in part",
		outbox.Failed: "Not sent", outbox.Deferred: "Not sent yet", outbox.Uncertain: "Sent, perhaps", outbox.Cancelled: "Cancelled",
	}[s.item.State]
	if s.item.State == outbox.Deferred && slices.ContainsFunc(s.item.Recipients, func(r outbox.Recipient) bool {
		return r.State == outbox.RecipientAccepted
	}) {
		verb = "Sent in part"
	}
	if verb == "" {
		verb = "Mail"
	}
	subject := text.Clean(s.item.Subject)
	if subject == "" {
		subject = "no subject"
	}
	left, right = fmt.Sprintf(`%s "%s" to %s`, verb, subject, count(len(s.item.Recipients))), s.clock()
	if whole := left + " through " + text.Clean(s.item.Account); s.pen.Width(whole)+s.pen.Width(right)+3 <= s.width {
		left = whole
	}
	return left, right
}

func count(people int) string {
	if people == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", people)
}

// clock is how long the present try runs, or the last one took.
func (s *Screen) clock() string {
	if steps := s.live[s.id]; steps != nil && s.running() {
		return text.FormatStopwatch(s.now.Sub(steps.Began()))
	}
	if s.running() && !s.item.Claimed.IsZero() {
		return text.FormatStopwatch(s.now.Sub(s.item.Claimed))
	}
	if n := len(s.attempts); n > 0 && !s.running() {
		return text.FormatElapsed(s.attempts[n-1].Elapsed)
	}
	return ""
}

// Status implements kit.Screen.
func (s *Screen) Status() kit.Status {
	switch {
	case s.status.Text != "":
		return s.status
	case s.id == 0: // the rows say it
		return kit.Status{}
	case !s.loaded:
		return kit.Status{Text: "The mail is in the outbox."}
	case s.canceling && s.running():
		return kit.Status{Text: "Stopping. If the server has the whole mail already, it can't be taken back."}
	case s.waits():
		return kit.Status{Text: "Its account waits: " + s.parked[s.item.Account], Trouble: true}
	}
	sentence, needs := stage.Explain(s.item, s.now)
	return kit.Status{Text: sentence, Trouble: needs}
}

// Bindings implements kit.Screen.
func (s *Screen) Bindings() []key.Binding {
	k, back := s.keys, s.keys.Back
	edit := k.Edit
	switch {
	case s.open != noSheet:
		back.SetHelp(back.Help().Key, "back")
		return []key.Binding{back, k.Transcript, k.Details}
	case s.id == 0:
		back.SetHelp(back.Help().Key, "back")
		return []key.Binding{k.New, k.Outbox, back}
	case s.waits():
		return []key.Binding{k.TestAccount, k.Cancel, back, k.Outbox}
	case s.running():
		return []key.Binding{k.Cancel, k.Transcript, k.Details, back, k.Outbox}
	}
	back.SetHelp(back.Help().Key, "back")
	out := []key.Binding{}
	switch s.item.State {
	case outbox.Scheduled:
		now := k.Retry
		now.SetHelp(now.Help().Key, "send now")
		out = append(out, now, k.Cancel)
	case outbox.Deferred:
		out = append(out, k.Retry, k.Cancel)
	case outbox.Partial, outbox.Failed:
		edit.SetHelp(edit.Help().Key, "edit for the rest")
		out = append(out, edit, k.Retry)
	case outbox.Cancelled:
		out = append(out, k.Retry, edit)
	case outbox.Uncertain:
		out = append(out, k.LookAgain, k.SendAgain, k.MarkSent)
	}
	return append(out, k.Transcript, k.Details, k.Outbox, k.New, back)
}
