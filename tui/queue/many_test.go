package queue

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// marked returns the marked mails in order.
func marked(s *Screen) (ids []outbox.ID) {
	for id := range s.marks.stands {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// TestMarks: one by one, a range, all and the others.
func TestMarks(t *testing.T) {
	t.Parallel()
	env := tuitest.Env()
	s := waiting(env)
	tuitest.Press(s, "space", "down", "v")
	if diff := cmp.Diff([]outbox.ID{7, 8, 9}, marked(s)); diff != "" {
		t.Errorf("a range (-want +got):\n%s", diff)
	}
	tuitest.Golden(t, "marked-80x24", tuitest.Frame(t, env, s, 80, 19))
	tuitest.Golden(t, "marked-40x12", tuitest.Frame(t, env, s, 40, 9))

	want := kit.LoadStands{Query: outbox.Query{States: tabs[1].states}, Others: true}
	if diff := cmp.Diff(kit.Intent(want), tuitest.Press(s, "i")); diff != "" {
		t.Errorf("the others (-want +got):\n%s", diff)
	}
	s.Update(kit.StandsLoaded{Query: want.Query, Others: true, Stands: map[outbox.ID]kit.Stand{
		9: {State: outbox.Sending}, 8: {State: outbox.Deferred}, 7: {State: outbox.Scheduled}, 6: {State: outbox.Held}, 5: {State: outbox.Queued},
		1: {State: outbox.Queued},
	}})
	if diff := cmp.Diff([]outbox.ID{1, 5, 6}, marked(s)); diff != "" {
		t.Errorf("the others (-want +got):\n%s", diff)
	}
	if got := tuitest.Press(s, "esc"); got != nil || s.marked() != 0 {
		t.Errorf("esc leaves %d marks and wants %+v", s.marked(), got)
	}
}

// TestActOnMany: what a key means is done to each marked mail that allows it,
// after one question where it can't be undone, with one summary.
func TestActOnMany(t *testing.T) {
	t.Parallel()
	s := waiting(tuitest.Env())
	tuitest.Press(s, "space", "down", "down", "down", "v") // from 9, sending, to 5
	hold := kit.ActAll{Acts: []kit.Act{{ID: 5, Action: kit.Hold}, {ID: 7, Action: kit.Hold}, {ID: 8, Action: kit.Hold}}}
	if diff := cmp.Diff(kit.Intent(hold), tuitest.Press(s, "h")); diff != "" {
		t.Errorf("h (-want +got):\n%s", diff)
	}
	ask, _ := tuitest.Press(s, "r").(kit.Confirm)
	now := kit.ActAll{Acts: []kit.Act{{ID: 7, Action: kit.Release}, {ID: 8, Action: kit.Retry}}}
	if diff := cmp.Diff(kit.Intent(now), ask.Then); diff != "" || ask.Title != "Try now: 2 mails?" {
		t.Errorf("r asks %q (-want +got):\n%s", ask.Title, diff)
	}
	ask, _ = tuitest.Press(s, "d").(kit.Confirm)
	if all, ok := ask.Then.(kit.ActAll); !ok || len(all.Acts) != 4 || !strings.Contains(ask.Text, "For 1 of the 5 marked") {
		t.Errorf("d asks %+v", ask)
	}

	s.Update(kit.ActedAll{
		{ID: 5, Action: kit.Hold}, {ID: 7, Action: kit.Hold}, {ID: 8, Action: kit.Hold, Err: errors.New("it is being sent")},
	})
	if got := s.Status(); got.Text != "2 mails held. z undoes it. 1 mail could not be changed: it is being sent" || !got.Trouble {
		t.Errorf("says %+v", got)
	}
	if diff := cmp.Diff([]outbox.ID{6, 8, 9}, marked(s)); diff != "" {
		t.Errorf("still marked (-want +got):\n%s", diff)
	}
}

// TestActOnManyAsksTheWorst: mails that may have arrived are never sent again
// under the question for others.
func TestActOnManyAsksTheWorst(t *testing.T) {
	t.Parallel()
	s := New(tuitest.Env())
	s.SetSize(80, 19)
	s.goTo(len(tabs) - 1)
	s.Update(kit.ItemsLoaded{Items: []outbox.Item{{ID: 3, State: outbox.Cancelled}, {ID: 2, State: outbox.Uncertain}}})
	tuitest.Press(s, "space", "v")
	for range 10 { // whatever the order of the states
		if ask, ok := tuitest.Press(s, "s").(kit.Confirm); !ok || !strings.Contains(ask.Text, "twice") {
			t.Fatalf("asks %+v", ask)
		}
	}
}

// TestSearch: it narrows the list with each letter, in every tab, and ends
// with esc.
func TestSearch(t *testing.T) {
	t.Parallel()
	env := tuitest.Env()
	s := waiting(env)
	tuitest.Press(s, "/")
	if !s.Typing() {
		t.Fatal("/ does not begin a search")
	}
	var last kit.Intent
	for _, r := range "q hd" { // none of them is a command
		last = tuitest.Press(s, string(r))
	}
	want := kit.LoadItems{Query: outbox.Query{States: tabs[1].states, Search: "q hd", Limit: atOnce}}
	if diff := cmp.Diff(kit.Intent(want), last); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	s.Update(kit.ItemsLoaded{Query: outbox.Query{States: tabs[1].states, Limit: atOnce}, Items: items()[:1]})
	if len(s.rows.items) != 5 {
		t.Error("takes the answer to an earlier question")
	}
	s.Update(kit.ItemsLoaded{Query: want.Query, Items: items()[1:3]})
	s.Update(kit.Counted{Search: "q hd", Counts: counts})
	tuitest.Golden(t, "search-80x24", tuitest.Frame(t, env, s, 80, 19))
	tuitest.Golden(t, "search-40x12", tuitest.Frame(t, env, s, 40, 9))

	want.Query.States = tabs[2].states
	if diff := cmp.Diff(kit.Intent(want), tuitest.Press(s, "tab")); diff != "" {
		t.Errorf("in the next tab (-want +got):\n%s", diff)
	}
	s.Update(kit.ItemsLoaded{Query: want.Query})
	s.Update(kit.Counted{Search: "q hd", Counts: counts})
	if frame := tuitest.Frame(t, env, s, 80, 19); !strings.Contains(frame, "No mail under Sent has these words") {
		t.Errorf("nothing found:\n%s", frame)
	}
	tuitest.Press(s, "enter")
	if s.Typing() {
		t.Error("enter does not go to the list")
	}
	want.Query.Search = ""
	if diff := cmp.Diff(kit.Intent(want), tuitest.Press(s, "esc")); diff != "" {
		t.Errorf("esc (-want +got):\n%s", diff)
	}
}

// TestMarksInOtherTabs: marks stay when another tab shows, which tells of them;
// what is done there is not done to them.
func TestMarksInOtherTabs(t *testing.T) {
	t.Parallel()
	env := tuitest.Env()
	s := waiting(env)
	refused := items()[1]
	refused.Recipients[0].State = outbox.RecipientRejected // it needs the person as well
	s.Update(kit.ItemsLoaded{Query: outbox.Query{States: tabs[1].states, Limit: atOnce}, Items: append([]outbox.Item{refused}, items()[2:]...)})
	tuitest.Press(s, "home", "space", "space")
	show := func(tab int, items ...outbox.Item) string {
		t.Helper()
		s.choose(tab)
		s.Update(kit.ItemsLoaded{Query: outbox.Query{States: tabs[tab].states, Limit: atOnce}, Items: items})
		return tuitest.Frame(t, env, s, 80, 19)
	}
	sent := outbox.Item{ID: 2, State: outbox.Sent, Subject: "Done"}
	if frame := show(2, sent); !strings.Contains(frame, " 2 marked in other tabs") {
		t.Errorf("Sent does not tell of the marks:\n%s", frame)
	}
	if ask, ok := tuitest.Press(s, "d").(kit.Confirm); !ok || ask.Then != kit.Intent(kit.Act{ID: 2, Action: kit.Delete}) {
		t.Errorf("d is for %+v", ask)
	}
	tuitest.Press(s, "space")
	if frame := show(0, refused); !strings.Contains(frame, " 1 marked, 2 in other tabs") {
		t.Errorf("Needs you:\n%s", frame)
	}
	want := kit.ActAll{Acts: []kit.Act{{ID: 8, Action: kit.Hold}}}
	if diff := cmp.Diff(kit.Intent(want), tuitest.Press(s, "h")); diff != "" {
		t.Errorf("h, of one mail here (-want +got):\n%s", diff)
	}
	if frame := show(4, append([]outbox.Item{sent}, refused, items()[2])...); !strings.Contains(frame, " 3 marked\n") {
		t.Errorf("All:\n%s", frame)
	}
	all := outbox.Query{States: tabs[2].states}
	show(2, sent)
	s.Update(kit.StandsLoaded{Query: all, Others: true, Stands: map[outbox.ID]kit.Stand{2: kit.StandOf(sent), 1: {State: outbox.Sent}}})
	if diff := cmp.Diff([]outbox.ID{1, 7, 8}, marked(s)); diff != "" {
		t.Errorf("the others of Sent (-want +got):\n%s", diff)
	}
	tuitest.Press(s, "esc")
	if len(s.marks.stands) != 0 {
		t.Errorf("esc leaves %v", marked(s))
	}
}

// TestMarkFollows: a marked mail that went on is no longer under the tab where it
// was marked, and nothing there is done to it.
func TestMarkFollows(t *testing.T) {
	t.Parallel()
	s := waiting(tuitest.Env())
	tuitest.Press(s, "end", "space")
	s.Update(kit.Events{{ID: 5, State: outbox.Sent}})
	if s.marked() != 0 || len(marked(s)) != 1 {
		t.Errorf("%d marked here, %d at all", s.marked(), len(marked(s)))
	}
	s.Update(kit.Events{{ID: 5, State: outbox.Failed}})
	if s.goTo(0); s.marked() != 1 {
		t.Errorf("%d marked where it needs the person", s.marked())
	}
}
