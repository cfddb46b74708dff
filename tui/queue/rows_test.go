package queue

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// archive is an outbox with many mails that were sent, newest first.
type archive []outbox.Item

func newArchive(n int) archive {
	a := make(archive, n)
	for i := range a {
		id := outbox.ID(n - i)
		a[i] = outbox.Item{
			ID: id, State: outbox.Sent, Account: "work", Subject: fmt.Sprintf("Mail %d of a long history", id), Attempts: 1,
			Recipients: []outbox.Recipient{{Address: fmt.Sprintf("person%d@example.org", id), State: outbox.RecipientAccepted, Code: 250}},
			Updated:    tuitest.Now().Add(-time.Duration(i) * time.Minute), Size: 2000,
		}
	}
	return a
}

// answer gives a screen what it wants, and what it wants then.
func (a archive) answer(t testing.TB, s *Screen, want kit.Intent) {
	t.Helper()
	switch want := want.(type) {
	case kit.Do:
		for _, w := range want {
			a.answer(t, s, w)
		}
	case kit.LoadItems:
		s.Update(kit.Counted{Search: want.Query.Search, Counts: map[outbox.State]int{outbox.Sent: len(a)}})
		if want.Query.Limit > kept+1 {
			t.Fatalf("asks for %d mails at once", want.Query.Limit)
		}
		a.answer(t, s, s.Update(kit.ItemsLoaded{
			Query: want.Query, More: want.More, Items: a.page(want.Query),
		}))
	}
}

func (a archive) page(q outbox.Query) []outbox.Item {
	at := slices.IndexFunc(a, func(it outbox.Item) bool { return it.ID == q.Before })
	from, to := at+1, at+1+q.Limit
	if q.Backward {
		if at < 0 {
			at = len(a)
		}
		from, to = at-q.Limit, at
	}
	return slices.Clone(a[max(0, from):min(to, len(a))])
}

// long returns a screen on the tab of a long history.
func long(t testing.TB, env kit.Env, a archive) *Screen {
	t.Helper()
	s := New(env)
	s.SetSize(80, 19)
	a.answer(t, s, s.choose(2))
	return s
}

// TestLongList: any mail of a long list is reached, in order, and only those
// around the cursor are kept.
func TestLongList(t *testing.T) {
	t.Parallel()
	const n = 100_000
	a := newArchive(n)
	s := long(t, tuitest.Env(), a)
	at := func() outbox.ID {
		it, ok := s.Selected()
		if !ok {
			t.Fatal("nothing is selected")
		}
		if len(s.rows.items) > kept {
			t.Fatalf("keeps %d mails", len(s.rows.items))
		}
		return it.ID
	}
	press := func(key string) { t.Helper(); a.answer(t, s, tuitest.Press(s, key)) }
	move := func(key string, times int, by outbox.ID) {
		t.Helper()
		for range times {
			want := at() + by
			press(key)
			if got := at(); got != want {
				t.Fatalf("%s goes to %d, want %d", key, got, want)
			}
		}
	}
	move("pgdown", 200, -16)
	move("up", 1500, 1)
	move("pgup", 100, 16)
	press("end")
	if at() != 1 {
		t.Fatalf("end goes to %d", at())
	}
	move("pgup", 100, 16)
	move("down", 1600, -1)
	press("down")
	if at() != 1 {
		t.Errorf("below the end is %d", at())
	}
	press("home")
	if at() != n {
		t.Errorf("home goes to %d", at())
	}
}

// TestLongListChanges: in the middle of a long list the cursor stays on its
// mail, and the rows in their places, whatever comes or goes.
func TestLongListChanges(t *testing.T) {
	t.Parallel()
	a := newArchive(5000)
	env := tuitest.Env()
	s := long(t, env, a)
	for range 80 {
		a.answer(t, s, tuitest.Press(s, "pgdown"))
	}
	frame := tuitest.Frame(t, env, s, 80, 19)
	before, _ := s.Selected()

	a = append(archive{{ID: 5002, State: outbox.Sent}, {ID: 5001, State: outbox.Sent}}, a...)
	a.answer(t, s, s.Update(kit.OutboxChanged{}))
	if after, _ := s.Selected(); after.ID != before.ID {
		t.Fatalf("was on %d, is on %d", before.ID, after.ID)
	}
	if got := tuitest.Frame(t, env, s, 80, 19); got[200:] != frame[200:] {
		t.Errorf("the rows moved from\n%s\nto\n%s", frame, got)
	}
	// What is deleted under the cursor leaves it on the next.
	i := slices.IndexFunc(a, func(it outbox.Item) bool { return it.ID == before.ID })
	a = slices.Delete(a, i, i+1)
	a.answer(t, s, s.Update(kit.OutboxChanged{}))
	if after, _ := s.Selected(); after.ID != before.ID-1 {
		t.Errorf("after %d went it is on %d", before.ID, after.ID)
	}
	// All of it may go.
	a = nil
	a.answer(t, s, s.Update(kit.OutboxChanged{}))
	if _, ok := s.Selected(); ok || !s.rows.loaded {
		t.Error("of an empty outbox something is shown")
	}
}

// TestLateAnswers: an answer about a list that changed since is not mixed in.
func TestLateAnswers(t *testing.T) {
	t.Parallel()
	a := newArchive(2000)
	s := long(t, tuitest.Env(), a)
	late := kit.ItemsLoaded{Query: outbox.Query{States: tabs[2].states, Limit: atOnce, Before: 1700}, More: true, Items: a.page(outbox.Query{Limit: atOnce, Before: 1700})}
	s.Update(late)
	if n := len(s.rows.items); n != atOnce {
		t.Errorf("takes it: %d mails", n)
	}
}

// TestSort goes through the orders, each from its start.
func TestSort(t *testing.T) {
	t.Parallel()
	a := newArchive(300)
	env := tuitest.Env()
	s := long(t, env, a)
	tuitest.Press(s, "down", "down")
	for _, o := range append(orders[1:], orders[0]) {
		load, ok := tuitest.Press(s, "o").(kit.LoadItems)
		if !ok || load.Query.Sort != o.sort || load.Query.Before != 0 {
			t.Fatalf("%s: asks %+v", o.words, load)
		}
		a.answer(t, s, load)
		if got := s.list.Cursor(); got != 0 {
			t.Errorf("%s: begins at row %d", o.words, got)
		}
		if o.sort == outbox.BySubject {
			tuitest.Golden(t, "sorted-80x24", tuitest.Frame(t, env, s, 80, 19))
		}
	}
}

// BenchmarkLongList is a key and its View in the middle of 100 000 mails; with
// 1000 it must cost the same.
func BenchmarkLongList(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			a := newArchive(n)
			s := long(b, tuitest.Env(), a)
			s.SetSize(200, 60)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				key := "down"
				if i/400%2 == 1 {
					key = "up"
				}
				a.answer(b, s, tuitest.Press(s, key))
				s.View()
			}
		})
	}
}
