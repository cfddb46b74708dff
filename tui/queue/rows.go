package queue

import (
	"slices"

	"sendoff/smtp/outbox"
	"sendoff/smtp/submit"
	"sendoff/tui/kit"
)

const (
	atOnce = 200 // how many mails are asked for at once
	kept   = 600 // how many are kept: those around the cursor
)

// rows is the part of the list that is loaded. The list itself may be of any
// length: nothing depends on it but what the store takes to read a part.
type rows struct {
	items  []outbox.Item
	above  outbox.ID // the mail before them; 0 when they are the list's first
	below  bool      // there are more after them
	loaded bool
	asked  bool // for what is above or below
	goal   goal
}

// goal is where the next part is to be seen.
type goal int

const (
	samePlace goal = iota
	atStart
	atEnd
)

// place returns where in the part a mail is; -1 if it is not.
func (r *rows) place(id outbox.ID) int {
	return slices.IndexFunc(r.items, func(it outbox.Item) bool { return it.ID == id })
}

// selection is what the list shows a part of.
func (s *Screen) selection() outbox.Query {
	return outbox.Query{States: tabs[s.tab].states, Search: s.search.words(), Sort: s.sort}
}

// orders are the ways to sort, as the key goes through them.
var orders = []struct {
	sort  outbox.Sort
	words string
}{
	{outbox.ByNewest, "newest first"}, {outbox.ByOldest, "oldest first"}, {outbox.ByChange, "last changed first"},
	{outbox.BySubject, "by subject"}, {outbox.BySize, "largest first"},
}

// order returns which of orders is in use.
func (s *Screen) order() int {
	for i, o := range orders {
		if o.sort == s.sort {
			return i
		}
	}
	return 0
}

// nextOrder sorts the list another way, and shows it from its start.
func (s *Screen) nextOrder() kit.Intent {
	s.sort = orders[(s.order()+1)%len(orders)].sort
	return s.startOver(atStart)
}

// selects tells that q is about what the list shows.
func (s *Screen) selects(q outbox.Query) bool {
	now := s.selection()
	return slices.Equal(q.States, now.States) && q.Search == now.Search && q.Sort == now.Sort
}

// reload asks for the loaded part anew.
func (s *Screen) reload() kit.Intent {
	q := s.selection()
	q.Limit = max(atOnce, len(s.rows.items))
	q.Before = s.rows.above
	s.rows.asked = false
	return kit.LoadItems{Query: q}
}

// startOver asks for the list from its start, or from its end.
func (s *Screen) startOver(g goal) kit.Intent {
	s.rows.above, s.rows.goal, s.rows.asked = 0, g, false
	q := s.selection()
	q.Limit, q.Backward = atOnce, g == atEnd
	return kit.LoadItems{Query: q}
}

// more asks for what comes next when an end of the part comes near; nil if
// there is no need.
func (s *Screen) more() kit.Intent {
	r := &s.rows
	q, n, at := s.selection(), len(r.items), s.list.Cursor()
	switch {
	case !r.loaded || r.asked || n == 0:
		return nil
	case r.below && at >= n-atOnce/4:
		q.Limit, q.Before = atOnce, r.items[n-1].ID
	case r.above != 0 && at < atOnce/4:
		q.Limit, q.Before, q.Backward = atOnce+1, r.items[0].ID, true // one to know what is above
	default:
		return nil
	}
	r.asked = true
	return kit.LoadItems{Query: q, More: true}
}

// load takes a part of the list and keeps the cursor on the mail it was on.
func (s *Screen) load(msg kit.ItemsLoaded) kit.Intent {
	switch {
	case msg.Err != nil:
		s.status = kit.Status{Text: "The outbox can't be read: " + submit.Explain(msg.Err).String(), Trouble: true}
		return nil
	case !s.selects(msg.Query):
		return nil // an answer for what was shown before
	}
	s.now = s.env.Now()
	s.marks.see(msg.Items)
	r := &s.rows
	r.asked = false
	switch q := msg.Query; {
	case msg.More && q.Backward:
		s.prepend(msg)
	case msg.More:
		s.append(msg)
	case q.Before != 0 && len(msg.Items) == 0:
		return s.startOver(atStart) // what was above is gone
	default:
		s.replace(msg)
	}
	return s.follow()
}

// replace shows a part instead of the one before.
func (s *Screen) replace(msg kit.ItemsLoaded) {
	r := &s.rows
	before, had := s.listed()
	was := s.list.Cursor()
	full := len(msg.Items) == msg.Query.Limit
	r.items, r.above, r.below, r.loaded = msg.Items, msg.Query.Before, full, true
	if msg.Query.Backward {
		r.below = false
		if full {
			r.above, r.items = r.items[0].ID, r.items[1:]
		}
	}
	s.list.SetLength(len(r.items))
	g := r.goal
	r.goal = samePlace
	switch i := r.place(before.ID); {
	case g == atStart:
		s.list.Select(0)
	case g == atEnd:
		s.list.Select(len(r.items) - 1)
	case !had || i < 0:
	case s.atTop():
		s.list.Select(i) // and see what is new
	default:
		s.list.Shift(i - was)
	}
}

// atTop tells that the first mail of the list is in sight.
func (s *Screen) atTop() bool {
	from, _ := s.list.Window()
	return from == 0 && s.rows.above == 0
}

// append adds what is below, and lets go of what is far above.
func (s *Screen) append(msg kit.ItemsLoaded) {
	r := &s.rows
	if n := len(r.items); n == 0 || r.items[n-1].ID != msg.Query.Before {
		return // the list changed since
	}
	r.items = append(r.items, msg.Items...)
	r.below = len(msg.Items) == msg.Query.Limit
	drop := max(0, len(r.items)-kept)
	if drop > 0 {
		r.above = r.items[drop-1].ID
		r.items = slices.Clone(r.items[drop:])
	}
	s.list.Shift(-drop)
	s.list.SetLength(len(r.items))
}

// prepend adds what is above, and lets go of what is far below.
func (s *Screen) prepend(msg kit.ItemsLoaded) {
	r := &s.rows
	if len(r.items) == 0 || r.items[0].ID != msg.Query.Before {
		return
	}
	got := msg.Items
	r.above = 0
	if len(got) == msg.Query.Limit {
		r.above, got = got[0].ID, got[1:]
	}
	r.items = slices.Concat(got, r.items)
	if len(r.items) > kept {
		r.items, r.below = slices.Clone(r.items[:kept]), true
	}
	s.list.SetLength(len(r.items))
	s.list.Shift(len(got))
}

// listed returns the mail the cursor of the list is on.
func (s *Screen) listed() (outbox.Item, bool) {
	i := s.list.Cursor()
	if i < 0 || i >= len(s.rows.items) {
		return outbox.Item{}, false
	}
	return s.rows.items[i], true
}
