package queue

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"sendoff/smtp/outbox"
	"sendoff/smtp/submit"
	"sendoff/tui/dialog"
	"sendoff/tui/kit"
	"sendoff/tui/stage"
	"sendoff/tui/text"
)

// act does something to one mail, after a question where it can't be undone.
func (s *Screen) act(it outbox.Item, action kit.Action) kit.Intent {
	act := kit.Act{ID: it.ID, Action: action}
	if undoable(action) {
		s.undo.note(map[outbox.ID]kit.Stand{it.ID: kit.StandOf(it)})
	}
	switch action {
	case kit.Delay:
		return dialog.AskWhen(s.env.Now, "Send it later", func(at time.Time) kit.Intent {
			act.At = at
			return act
		})
	case kit.Reassign:
		return s.reassign(giving{[]kit.Act{act}, map[outbox.ID]kit.Stand{it.ID: kit.StandOf(it)}, false})
	case kit.SendAgain:
		return stage.SendAgain(it, s.keys.MarkSent)
	case kit.MarkSent:
		return stage.MarkSent(it)
	case kit.Delete:
		return kit.Confirm{
			Title: `Delete "` + subject(it) + `"?`,
			Text:  s.consequence(it),
			Yes:   "delete",
			Then:  act,
		}
	}
	return act
}

func (s *Screen) acted(msg kit.Acted) kit.Intent {
	if msg.Err != nil {
		s.undo = undo{}
		s.status = kit.Status{Text: "Could not " + string(msg.Action) + " it: " + submit.Explain(msg.Err).String(), Trouble: true}
		return s.changed()
	}
	before := s.undo.before[msg.ID].State
	s.undo.did(msg)
	s.status, s.doing = kit.Status{Text: s.undone(done[msg.Action])}, 0
	if msg.Action == kit.Reassign && (before == outbox.Failed || before == outbox.Partial) {
		s.status.Text += " " + s.keys.Retry.Help().Key + " tries it."
	}
	if msg.Action == kit.Retry || msg.Action == kit.SendAgain || msg.Action == kit.Release {
		s.doing = msg.ID
	}
	if msg.Action == kit.Delete && msg.ID == s.detail.item.ID {
		s.detail.open = false
		s.detail.preview(outbox.Item{})
	}
	return s.changed()
}

// settled puts the outcome in place of the word that it is under way.
func (s *Screen) settled(msg kit.ItemLoaded) kit.Intent {
	it := msg.Item
	if s.doing == 0 || it.ID != s.doing || it.State == outbox.Queued || it.State == outbox.Sending {
		return nil
	}
	s.doing = 0
	sentence, needs := stage.Explain(it, s.env.Now())
	s.status = kit.Status{Text: sentence, Trouble: needs}
	if s.sideBySide() && s.detail.item.ID != it.ID {
		return s.inspect()
	}
	return nil
}

var done = map[kit.Action]string{
	kit.Retry: "It is tried now.", kit.SendAgain: "It is sent again now.", kit.Hold: "Held.", kit.Release: "Released; it goes out now.",
	kit.Cancel: "Cancelled. It is kept under All.", kit.Delay: "Scheduled.", kit.Delete: "Deleted.", kit.MarkSent: "Marked as sent.",
	kit.Reassign: "Given to another account.",
}

// edit opens a mail in the composer: one that nobody has got yet is taken back
// for that, of others a new mail is made.
func (s *Screen) edit(it outbox.Item) kit.Intent {
	got := slices.ContainsFunc(it.Recipients, func(r outbox.Recipient) bool {
		return r.State == outbox.RecipientAccepted || r.State == outbox.RecipientUncertain || r.Doubt
	})
	switch it.State {
	case outbox.Held, outbox.Scheduled, outbox.Queued, outbox.Deferred, outbox.Cancelled:
		return kit.OpenDraft{ID: it.ID, Rest: got, TakeBack: !got}
	}
	return kit.OpenDraft{ID: it.ID, Rest: it.State == outbox.Partial}
}

// consequence says what is lost with a mail.
func (s *Screen) consequence(it outbox.Item) string {
	switch it.State {
	case outbox.Draft:
		return "What is written is gone then, and can't be brought back."
	case outbox.Sent:
		return "Your copy is gone then. Who got the mail keeps it."
	case outbox.Queued, outbox.Deferred, outbox.Held, outbox.Scheduled:
		return "It won't be sent, and can't be brought back. " + s.keys.Cancel.Help().Key + " cancels it and keeps it."
	}
	return "It can't be brought back."
}

func (s *Screen) enter() kit.Intent {
	it, ok := s.Selected()
	switch {
	case !ok:
		return nil
	case it.State == outbox.Draft:
		return kit.OpenDraft{ID: it.ID}
	case it.State == outbox.Sending:
		return kit.Watch{ID: it.ID}
	}
	s.detail.show(it)
	return kit.LoadItem{ID: it.ID}
}

// back closes what is open, one thing at a time.
func (s *Screen) back() kit.Intent {
	switch {
	case s.detail.open && s.detail.page != facts:
		s.detail.turn(facts)
	case s.detail.open:
		s.detail.open = false
		return s.follow()
	case s.marked() > 0:
		s.marks = newMarks()
	case s.search.shown():
		return s.endSearch()
	default:
		return kit.Back{}
	}
	return nil
}

// look reads again what the store knows of an uncertain mail, and shows what
// to look for elsewhere.
func (s *Screen) look() kit.Intent {
	it, _ := s.Selected()
	s.looking = it.ID
	s.detail.show(it)
	return kit.LoadItem{ID: it.ID}
}

// looked says what came of it.
func (s *Screen) looked(msg kit.ItemLoaded) {
	it := msg.Item
	if s.looking == 0 || it.ID != s.looking {
		return
	}
	s.looking = 0
	s.status = stage.LookedAgain(it, s.env.Now())
}

func (s *Screen) transcript() kit.Intent { return s.show(transcript, nil) }

func (s *Screen) asSent() kit.Intent {
	it, _ := s.Selected()
	if s.detail.open && s.detail.page == asSent {
		s.detail.turn(facts)
		return nil
	}
	return s.show(asSent, s.detail.source.open(it.ID))
}

// show opens a page of the detail, for which it asks what first asks for.
func (s *Screen) show(p page, first kit.Intent) kit.Intent {
	it, _ := s.Selected()
	if s.detail.open && s.detail.item.ID == it.ID {
		s.detail.turn(p)
		return first
	}
	s.detail.show(it)
	s.detail.turn(p)
	return kit.Do{kit.LoadItem{ID: it.ID}, first}
}

// export asks for the file to write the mail to.
func (s *Screen) export() kit.Intent {
	it, _ := s.Selected()
	return kit.Ask{
		Title: "Export the mail", Yes: "write it", Value: fileName(it),
		Text: "It is written as it is sent, without Bcc, to a file that must not exist yet:",
		Hint: func(path string) (string, bool) {
			if strings.TrimSpace(path) == "" {
				return "The name of a file, ~ for your home.", false
			}
			return "Only you can read the file.", true
		},
		Then: func(path string) kit.Intent { return kit.Export{ID: it.ID, Path: strings.TrimSpace(path)} },
	}
}

// fileName makes a name for a file of a mail's subject.
func fileName(it outbox.Item) string {
	words := strings.FieldsFunc(it.Subject, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	name := []rune(strings.Join(words, "-"))
	if len(name) == 0 {
		name = []rune("mail-" + it.ID.String())
	}
	return string(name[:min(len(name), 60)]) + ".eml"
}

func (s *Screen) exported(msg kit.Exported) {
	s.status = kit.Status{Text: "Written to " + msg.Path}
	if msg.Err != nil {
		s.status = kit.Status{Text: "Not written: " + submit.Explain(msg.Err).String(), Trouble: true}
	}
}

func subject(it outbox.Item) string {
	if it.Subject == "" {
		return "no subject"
	}
	return text.Clean(it.Subject)
}
