package queue

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"

	"sendoff/smtp/outbox"
	"sendoff/smtp/submit"
	"sendoff/tui/dialog"
	"sendoff/tui/kit"
)

// marks is the mails that the next action is for, and where each stood when it
// was last seen. They stay when another tab shows; what is done is done to those
// of that tab alone.
type marks struct {
	stands map[outbox.ID]kit.Stand
	tally  map[kind]int
	last   outbox.ID // marked or unmarked last: where a range begins
}

// kind is what decides under which tabs a mail is.
type kind struct {
	state    outbox.State
	needsYou bool
}

func kindOf(s kit.Stand) kind { return kind{s.State, s.NeedsYou} }

func newMarks() marks {
	return marks{stands: map[outbox.ID]kit.Stand{}, tally: map[kind]int{}}
}

func (m *marks) has(id outbox.ID) bool {
	_, marked := m.stands[id]
	return marked
}

func (m *marks) set(id outbox.ID, stand kit.Stand) {
	m.remove(id)
	m.stands[id] = stand
	m.tally[kindOf(stand)]++
}

func (m *marks) remove(id outbox.ID) {
	if stand, marked := m.stands[id]; marked {
		m.tally[kindOf(stand)]--
		delete(m.stands, id)
	}
}

// marked counts the marked mails of the tab.
func (s *Screen) marked() (n int) {
	for k, of := range s.marks.tally {
		if tabs[s.tab].has(k) {
			n += of
		}
	}
	return n
}

// markedHere are the marked mails of the tab.
func (s *Screen) markedHere() map[outbox.ID]kit.Stand {
	here := maps.Clone(s.marks.stands)
	maps.DeleteFunc(here, func(_ outbox.ID, stand kit.Stand) bool { return !tabs[s.tab].has(kindOf(stand)) })
	return here
}

// see notes the present states of marked mails.
func (m *marks) see(items []outbox.Item) {
	for _, it := range items {
		if m.has(it.ID) {
			m.set(it.ID, kit.StandOf(it))
		}
	}
}

// hear notes the new state of a marked mail, which may be under another tab now.
func (m *marks) hear(e outbox.Event) {
	stand, marked := m.stands[e.ID]
	switch {
	case !marked:
		return
	case e.Item != nil:
		stand = kit.StandOf(*e.Item)
	default:
		stand.State, stand.NeedsYou = e.State, outbox.Item{State: e.State}.NeedsYou()
	}
	m.set(e.ID, stand)
}

// Marked tells how many mails the next action is for, if not for the selected
// one.
func (s *Screen) Marked() int {
	if s.detail.open {
		return 0
	}
	return s.marked()
}

// marking is what marks many mails at once, and what sorts them.
func (s *Screen) marking() []offer {
	k := s.keys
	return []offer{
		{k.MarkTo, "", s.markTo},
		{k.MarkAll, "", s.markAll},
		{k.Invert, "", s.invert},
		{k.Sort, "", s.nextOrder},
	}
}

// mark marks the selected mail, or takes its mark away, and goes on.
func (s *Screen) mark() kit.Intent {
	it, ok := s.Selected()
	if !ok {
		return nil
	}
	if s.marks.has(it.ID) {
		s.marks.remove(it.ID)
	} else {
		s.marks.set(it.ID, kit.StandOf(it))
	}
	s.marks.last = it.ID
	s.list.Select(s.list.Cursor() + 1)
	return s.follow()
}

// markTo marks all from the mail marked last to the selected one.
func (s *Screen) markTo() kit.Intent {
	to := s.list.Cursor()
	from := s.rows.place(s.marks.last)
	switch {
	case to < 0:
		return nil
	case from < 0 && s.marks.has(s.marks.last):
		s.status = kit.Status{Text: "That is too far from the mail marked last. " + s.keys.MarkAll.Help().Key + " marks all."}
		return nil
	case from < 0:
		from = to
	}
	for _, it := range s.rows.items[min(from, to) : max(from, to)+1] {
		s.marks.set(it.ID, kit.StandOf(it))
	}
	s.marks.last = s.rows.items[to].ID
	return nil
}

// markAll marks every mail that the tab and the search select, on the screen
// or not.
func (s *Screen) markAll() kit.Intent { return kit.LoadStands{Query: s.selection()} }

// invert marks those of the same that are not marked, and no others.
func (s *Screen) invert() kit.Intent { return kit.LoadStands{Query: s.selection(), Others: true} }

// loadMarks takes the answer to both.
func (s *Screen) loadMarks(msg kit.StandsLoaded) kit.Intent {
	switch {
	case msg.Err != nil:
		s.status = kit.Status{Text: "The outbox can't be read: " + submit.Explain(msg.Err).String(), Trouble: true}
		return nil
	case !s.selects(msg.Query):
		return nil
	}
	before := s.markedHere()
	for id := range before {
		s.marks.remove(id)
	}
	for id, stand := range msg.Stands {
		if _, was := before[id]; !msg.Others || !was {
			s.marks.set(id, stand)
		}
	}
	return nil
}

// withMarks lists what can be done while mails are marked. First comes another
// account where that of one of them waits.
func (s *Screen) withMarks() []offer {
	k := s.keys
	own := s.forMarked(k.Retry, k.SendAgain, k.Hold, k.Release, k.MarkSent, k.Cancel, k.Schedule, k.Delete)
	another := s.forMarked(k.Reassign)
	for _, stand := range s.marks.stands {
		if len(s.parked) > 0 && s.parked[stand.Account] != "" && tabs[s.tab].has(kindOf(stand)) {
			return slices.Concat(another, own, s.marking())
		}
	}
	return slices.Concat(own, s.marking(), another)
}

// forMarked lists those keys that at least one of the marked mails allows.
func (s *Screen) forMarked(bindings ...key.Binding) []offer {
	k := s.keys
	var out []offer
	for _, b := range bindings {
		if b.Help() == k.Release.Help() && slices.ContainsFunc(out, func(o offer) bool { return o.Help() == k.Hold.Help() }) {
			continue // one key, and it holds those that are not held
		}
		for kind, n := range s.marks.tally {
			if o, ok := s.allowed(kind.state, b); ok && n > 0 && tabs[s.tab].has(kind) {
				out = append(out, o)
				break
			}
		}
	}
	return out
}

// allowed returns what a key does to mails in a state.
func (s *Screen) allowed(state outbox.State, b key.Binding) (offer, bool) {
	all := s.actions(state)
	if i := slices.IndexFunc(all, func(o offer) bool { return o.Help() == b.Help() }); i >= 0 {
		return all[i], true
	}
	return offer{}, false
}

// actAll does what a key means to every marked mail that allows it, after one
// question where it can't be undone.
func (s *Screen) actAll(chosen offer) kit.Intent {
	var acts []kit.Act
	here := s.markedHere()
	for _, id := range slices.Sorted(maps.Keys(here)) {
		if o, ok := s.allowed(here[id].State, chosen.Binding); ok {
			acts = append(acts, kit.Act{ID: id, Action: o.action})
		}
	}
	all := kit.ActAll{Acts: acts}
	if undoable(chosen.action) {
		s.undo.note(here)
	}
	if chosen.action == kit.Reassign {
		return s.reassign(giving{acts, here, true})
	}
	if chosen.action == kit.Delay {
		return dialog.AskWhen(s.env.Now, "Send "+mails(len(acts))+" later", func(at time.Time) kit.Intent {
			for i := range acts {
				acts[i].At = at
			}
			return all
		})
	}
	text := many[worst(acts)]
	if text == "" {
		return all
	}
	text += cannot(len(here)-len(acts), len(here))
	verb := chosen.Help().Desc
	return kit.Confirm{Title: fmt.Sprintf("%s: %s?", capital(verb), mails(len(acts))), Text: text, Yes: verb, Then: all}
}

// cannot says of how many marked mails something can't be done; empty if of none.
func cannot(rest, marked int) string {
	if rest == 0 {
		return ""
	}
	return fmt.Sprintf(" For %d of the %d marked it can't be done.", rest, marked)
}

// many says what can't be undone about an action on many mails.
var many = map[kit.Action]string{
	kit.SendAgain: "Servers may have some of them already. Who has one gets it twice.",
	kit.Delete:    "They can't be brought back, and those that wait won't be sent.",
	kit.MarkSent:  "No server said that they arrived. They count as sent on your word.",
	kit.Retry:     "They go out now, as fast as the servers take them.",
	kit.Release:   "They go out now, as fast as the servers take them.",
}

// worst returns the action that most needs a question.
func worst(acts []kit.Act) kit.Action {
	for _, a := range []kit.Action{kit.SendAgain, kit.Delete, kit.MarkSent, kit.Retry, kit.Release} {
		if slices.ContainsFunc(acts, func(act kit.Act) bool { return act.Action == a }) {
			return a
		}
	}
	return ""
}

// actedAll sums up what became of an action on many. Marks stay on those that
// it failed for.
func (s *Screen) actedAll(all kit.ActedAll) kit.Intent {
	var done, failed []kit.Acted
	for _, a := range all {
		if a.Err != nil {
			failed = append(failed, a)
			continue
		}
		done = append(done, a)
		s.undo.did(a)
		s.marks.remove(a.ID)
	}
	s.status = kit.Status{Trouble: len(failed) > 0}
	if len(done) > 0 {
		s.status.Text = s.undone(fmt.Sprintf("%s %s.", mails(len(done)), doneToMany[done[0].Action]))
	}
	if len(failed) > 0 {
		s.status.Text = strings.TrimSpace(fmt.Sprintf("%s %s could not be changed: %s", s.status.Text, mails(len(failed)), submit.Explain(failed[0].Err)))
	}
	return s.changed()
}

var doneToMany = map[kit.Action]string{
	kit.Retry: "tried now", kit.SendAgain: "sent again now", kit.Hold: "held", kit.Release: "released",
	kit.Cancel: "cancelled", kit.Delay: "scheduled", kit.Delete: "deleted", kit.MarkSent: "marked as sent",
	kit.Reassign: "given to another account",
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func mails(n int) string {
	if n == 1 {
		return "1 mail"
	}
	return fmt.Sprintf("%d mails", n)
}
