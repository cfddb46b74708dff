package queue

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// TestUndo: what can be taken back is, to what it was.
func TestUndo(t *testing.T) {
	t.Parallel()
	at := tuitest.Now().Add(time.Hour)
	for _, c := range []struct {
		before outbox.State
		key    string
		action kit.Action
		back   kit.Act
	}{
		{outbox.Held, "h", kit.Release, kit.Act{ID: 3, Action: kit.Hold}},
		{outbox.Held, "c", kit.Cancel, kit.Act{ID: 3, Action: kit.Hold}},
		{outbox.Scheduled, "h", kit.Hold, kit.Act{ID: 3, Action: kit.Delay, At: at}},
		{outbox.Scheduled, "r", kit.Release, kit.Act{ID: 3, Action: kit.Delay, At: at}},
		{outbox.Queued, "h", kit.Hold, kit.Act{ID: 3, Action: kit.Release}},
		{outbox.Queued, "c", kit.Cancel, kit.Act{ID: 3, Action: kit.Retry}},
		{outbox.Deferred, "c", kit.Cancel, kit.Act{ID: 3, Action: kit.Retry}},
		{outbox.Deferred, "r", kit.Retry, kit.Act{}},
		{outbox.Failed, "r", kit.Retry, kit.Act{}},
	} {
		s := New(tuitest.Env())
		s.SetSize(80, 19)
		s.goTo(len(tabs) - 1)
		s.Update(kit.ItemsLoaded{Items: []outbox.Item{{ID: 3, State: c.before, NotBefore: at}}})
		if got := tuitest.Press(s, c.key); got != kit.Intent(kit.Act{ID: 3, Action: c.action}) {
			t.Errorf("%s: %s wants %+v", c.before, c.key, got)
		}
		s.Update(kit.Acted{ID: 3, Action: c.action})
		if said, can := s.Status().Text, c.back.ID != 0; strings.Contains(said, "z undoes it") != can {
			t.Errorf("%s, %s: says %q", c.before, c.action, said)
		}
		got := tuitest.Press(s, "z")
		if c.back.ID == 0 {
			if got != nil {
				t.Errorf("%s, %s: undoes it by %+v", c.before, c.action, got)
			}
			continue
		}
		if got != kit.Intent(c.back) {
			t.Errorf("%s, %s: undoes it by %+v", c.before, c.action, got)
		}
		s.Update(kit.Acted{ID: 3, Action: c.back.Action})
		if got := s.Status().Text; !strings.HasPrefix(got, "Undone. ") || tuitest.Press(s, "z") != nil {
			t.Errorf("%s, %s: undone, it says %q", c.before, c.action, got)
		}
	}
}

// TestUndoMany: those it was done to are as they were, each by its own way.
func TestUndoMany(t *testing.T) {
	t.Parallel()
	s := waiting(tuitest.Env())
	tuitest.Press(s, "down", "space", "down", "down", "v", "c") // 8 to 5
	s.Update(kit.ActedAll{
		{ID: 5, Action: kit.Cancel}, {ID: 6, Action: kit.Cancel}, {ID: 7, Action: kit.Cancel}, {ID: 8, Action: kit.Cancel, Err: outbox.ErrBusy},
	})
	want := kit.ActAll{Acts: []kit.Act{
		{ID: 5, Action: kit.Retry}, {ID: 6, Action: kit.Hold}, {ID: 7, Action: kit.Delay, At: items()[2].NotBefore},
	}}
	if diff := cmp.Diff(kit.Intent(want), tuitest.Press(s, "z")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestUndoIsOfTheLast: an undo of one thing never follows another.
func TestUndoIsOfTheLast(t *testing.T) {
	t.Parallel()
	s := waiting(tuitest.Env())
	tuitest.Press(s, "down", "h")
	s.Update(kit.Acted{ID: 8, Action: kit.Hold})
	s.Update(kit.Acted{ID: 6, Action: kit.Delete})
	if got := tuitest.Press(s, "z"); got != nil {
		t.Errorf("z does %+v", got)
	}
}

// TestSchedule: the moment is shown in full before it counts.
func TestSchedule(t *testing.T) {
	t.Parallel()
	s := waiting(tuitest.Env())
	ask, ok := tuitest.Press(s, "down", "p").(kit.Ask)
	if !ok {
		t.Fatal("p does not ask when")
	}
	for line, want := range map[string]string{"": "sendoff has to run", "tomorrow 9:00": "Thu 19 Nov 2026 09:00 UTC, in 18 h 30 min", "blue": "not a time"} {
		if got, ok := ask.Hint(line); !strings.Contains(got, want) || ok != (line == "tomorrow 9:00") {
			t.Errorf("%q: %q, %v", line, got, ok)
		}
	}
	at := time.Date(2026, 11, 19, 9, 0, 0, 0, time.UTC)
	if got := ask.Then("tomorrow 9:00"); got != kit.Intent(kit.Act{ID: 8, Action: kit.Delay, At: at}) {
		t.Errorf("wants %+v", got)
	}
}

// TestEditTakesBack: editing a mail that nobody got must not leave it waiting
// to go out as well.
func TestEditTakesBack(t *testing.T) {
	t.Parallel()
	got := []outbox.Recipient{{Address: "a@example.org", State: outbox.RecipientAccepted, Code: 250}}
	for _, c := range []struct {
		it   outbox.Item
		want kit.OpenDraft
	}{
		{outbox.Item{ID: 3, State: outbox.Queued}, kit.OpenDraft{ID: 3, TakeBack: true}},
		{outbox.Item{ID: 3, State: outbox.Scheduled}, kit.OpenDraft{ID: 3, TakeBack: true}},
		{outbox.Item{ID: 3, State: outbox.Deferred}, kit.OpenDraft{ID: 3, TakeBack: true}},
		{outbox.Item{ID: 3, State: outbox.Deferred, Recipients: got}, kit.OpenDraft{ID: 3, Rest: true}},
		{outbox.Item{ID: 3, State: outbox.Partial, Recipients: got}, kit.OpenDraft{ID: 3, Rest: true}},
		{outbox.Item{ID: 3, State: outbox.Sent, Recipients: got}, kit.OpenDraft{ID: 3}},
	} {
		s := New(tuitest.Env())
		s.SetSize(80, 19)
		s.goTo(len(tabs) - 1)
		s.Update(kit.ItemsLoaded{Items: []outbox.Item{c.it}})
		if got := tuitest.Press(s, "e"); got != kit.Intent(c.want) {
			t.Errorf("%s: %+v", c.it.State, got)
		}
	}
}

// TestUndoNotOffered: what can't be taken back is not said to be, whatever was done
// to the same mail before.
func TestUndoNotOffered(t *testing.T) {
	t.Parallel()
	for _, last := range []kit.Action{kit.Delete, kit.Retry} {
		s := waiting(tuitest.Env())
		tuitest.Press(s, "end", "h")
		s.Update(kit.Acted{ID: 5, Action: kit.Hold})
		s.Update(kit.Acted{ID: 5, Action: last})
		if got := s.Status().Text; got != done[last] {
			t.Errorf("%s: it says %q", last, got)
		}
		if got := tuitest.Press(s, "z"); got != nil {
			t.Errorf("%s: z does %+v", last, got)
		}
		tuitest.Press(s, "h")
		s.Update(kit.ActedAll{{ID: 5, Action: kit.Hold}})
		s.Update(kit.ActedAll{{ID: 5, Action: last}})
		if got := s.Status().Text; got != "1 mail "+doneToMany[last]+"." {
			t.Errorf("%s: it says %q", last, got)
		}
	}
}
