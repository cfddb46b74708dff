package queue

import (
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
)

// undo is what takes back the last thing that was done to mails.
type undo struct {
	before map[outbox.ID]kit.Stand // of those it is being done to
	acts   []kit.Act
	going  bool // acts are being done
}

// note keeps where mails stand before something is done to them.
func (u *undo) note(before map[outbox.ID]kit.Stand) {
	*u = undo{before: before}
}

// did adds what takes back one thing that was done.
func (u *undo) did(a kit.Acted) {
	before, known := u.before[a.ID]
	if !u.going && (!known || a.Err == nil && !undoable(a.Action)) {
		*u = undo{} // something else was done since
		return
	}
	if !known || a.Err != nil {
		return
	}
	if back, ok := inverse(before, a.Action); ok {
		back.ID = a.ID
		u.acts = append(u.acts, back)
	}
}

// undoable tells that what an action did can be taken back.
func undoable(a kit.Action) bool {
	return a == kit.Hold || a == kit.Release || a == kit.Cancel || a == kit.Delay || a == kit.Reassign
}

// inverse returns what makes a mail stand where it did, before an action.
func inverse(before kit.Stand, action kit.Action) (kit.Act, bool) {
	if action == kit.Reassign {
		return kit.Act{Action: kit.Reassign, Account: before.Account}, true
	}
	switch before.State {
	case outbox.Held:
		return kit.Act{Action: kit.Hold}, action != kit.Hold
	case outbox.Scheduled:
		return kit.Act{Action: kit.Delay, At: before.NotBefore}, true
	case outbox.Queued, outbox.Deferred:
		if action == kit.Cancel {
			return kit.Act{Action: kit.Retry}, true
		}
		return kit.Act{Action: kit.Release}, true
	case outbox.Cancelled:
		return kit.Act{Action: kit.Cancel}, true
	}
	return kit.Act{}, false
}

// takeBack does what takes back the last action.
func (s *Screen) takeBack() kit.Intent {
	acts := s.undo.acts
	s.undo = undo{going: true}
	if len(acts) == 1 {
		return acts[0]
	}
	return kit.ActAll{Acts: acts}
}

// undone makes of what was done the word for the person, who may undo it.
func (s *Screen) undone(did string) string {
	switch {
	case s.undo.going:
		did = "Undone. " + did
		s.undo = undo{}
	case len(s.undo.acts) > 0:
		did += " " + s.keys.Undo.Help().Key + " undoes it."
	default:
		s.undo = undo{}
	}
	return did
}
