package storetest

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
)

var draft = message.Draft{
	Account: "home", From: "me@example.org", To: "Ann <ann@example.org>,\n bob@example.org", Bcc: "carl@example.org, ",
	Subject: "Half a", Body: "thought", Attachments: []string{"/tmp/a"}, Wishes: wishes, Focus: "body", Line: 3, Column: 7,
}

// wishes is all that can be asked for.
var wishes = message.Wishes{
	Notify: "success,delay", Return: "headers", Priority: -3, RequireTLS: true, Importance: "high",
	HoldUntil: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), DeliverBy: time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC),
}

func testPut(t *testing.T, r *rig) {
	big := strings.Repeat("0123456789abcdef", 1<<16) // more than one piece, whatever the pieces
	id := r.put(func(n *outbox.New) { n.Write, n.UTF8, n.Wishes = text(big), true, wishes })
	want := outbox.Item{
		ID: id, State: outbox.Queued, Account: "home", MessageID: "1@example.org", From: "me@example.org", Subject: "Grüße",
		Recipients: []outbox.Recipient{
			{Address: "ann@example.org", State: outbox.Pending},
			{Address: "bob@example.org", State: outbox.Pending},
		},
		Size: int64(len(big)), UTF8: true, Wishes: wishes, Created: r.now(), Updated: r.now(), Since: r.now(),
	}
	if diff := cmp.Diff(want, r.item(id)); diff != "" {
		t.Error("-want +got\n", diff)
	}
	if got := r.content(id); got != big {
		t.Errorf("content of %d octets came back as %d, or changed", len(big), len(got))
	}
	empty := r.put(func(n *outbox.New) { n.Write = text("") })
	if got := r.content(empty); got != "" {
		t.Errorf("no content came back as %q", got)
	}
	attempts, err := r.Attempts(t.Context(), id)
	r.must(err)
	if len(attempts) != 0 {
		t.Errorf("a new mail has attempts %v", attempts)
	}
	again := r.again()
	got, err := again.Item(t.Context(), id)
	r.must(err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("after opening again: -want +got\n", diff)
	}
}

func testPutFails(t *testing.T, r *rig) {
	broken := errors.New("the attachment is gone")
	for name, n := range map[string]outbox.New{
		"Write":           mail(func(n *outbox.New) { n.Write = func(io.Writer) error { return broken } }),
		"WriteAfterALot":  mail(func(n *outbox.New) { n.Write = writeThenFail(broken) }),
		"StateNotAllowed": mail(func(n *outbox.New) { n.State = outbox.Sent }),
		"NoRecipients":    mail(func(n *outbox.New) { n.Recipients = nil }),
		"NoTime":          mail(func(n *outbox.New) { n.State = outbox.Scheduled }),
		"DraftNotThere":   mail(func(n *outbox.New) { n.Draft.ID = 99 }),
		"DraftIsAMail":    mail(func(n *outbox.New) { n.Draft.ID = r.in(outbox.Held) }),
	} {
		before, err := r.Counts(t.Context(), "")
		r.must(err)
		if _, err := r.Put(t.Context(), n); err == nil {
			t.Errorf("%s: no error", name)
		} else if strings.HasPrefix(name, "Write") && !errors.Is(err, broken) {
			t.Errorf("%s: error %v, want it to wrap the writer's", name, err)
		}
		after, err := r.Counts(t.Context(), "")
		r.must(err)
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("%s: something was put:\n%s", name, diff)
		}
	}
}

func writeThenFail(err error) func(io.Writer) error {
	return func(w io.Writer) error {
		if _, err := w.Write(make([]byte, 1<<20)); err != nil {
			return err
		}
		return err
	}
}

func testIDs(t *testing.T, r *rig) {
	first := r.put()
	r.act(first, outbox.Delete)
	if second := r.put(); second <= first {
		t.Errorf("mail %s came after mail %s was deleted", second, first)
	}
}

func testDraft(t *testing.T, r *rig) {
	ctx := t.Context()
	begun, err := r.SaveDraft(ctx, outbox.Ref{}, message.Draft{Subject: "H"})
	r.must(err)
	r.pass(time.Second)
	ref, err := r.SaveDraft(ctx, begun, draft)
	id := begun.ID
	r.must(err)
	if ref.ID != id {
		t.Errorf("draft %s became %s", id, ref.ID)
	}
	got, err := r.Draft(ctx, id)
	r.must(err)
	if diff := cmp.Diff(draft, got); diff != "" {
		t.Error("-want +got\n", diff)
	}
	it := r.item(id)
	want := outbox.Item{
		ID: id, State: outbox.Draft, Account: "home", From: "me@example.org", Subject: "Half a",
		Recipients: []outbox.Recipient{
			{Address: "Ann <ann@example.org>, bob@example.org", State: outbox.Pending},
			{Address: "carl@example.org", State: outbox.Pending},
		},
		Created: r.now().Add(-time.Second), Updated: r.now(),
	}
	if diff := cmp.Diff(want, it); diff != "" {
		t.Error("-want +got\n", diff)
	}

	// Who saw less of it than there is overwrites nothing.
	if _, err := r.SaveDraft(ctx, begun, message.Draft{Subject: "Other"}); !errors.Is(err, outbox.ErrChanged) {
		t.Errorf("save what somebody changed: %v", err)
	}
	if _, err := r.Put(ctx, mail(func(n *outbox.New) { n.Draft = begun })); !errors.Is(err, outbox.ErrChanged) {
		t.Errorf("queue what somebody changed: %v", err)
	}
	if got, err := r.Draft(ctx, id); err != nil || got.Subject != "Half a" {
		t.Errorf("what somebody else tried to overwrite: %v, %v", got, err)
	}
	again, err := r.SaveDraft(ctx, ref, draft) // within the same moment of the clock
	r.must(err)
	if _, err := r.SaveDraft(ctx, ref, draft); !errors.Is(err, outbox.ErrChanged) {
		t.Errorf("save what was changed in the same moment: %v", err)
	}
	if it := r.item(id); !it.Updated.Equal(again.Seen) {
		t.Errorf("changed at %v, and named by %v", it.Updated, again.Seen)
	}

	queued := r.put(func(n *outbox.New) { n.Draft, n.Fields = again, []byte(`{"subject":"Half a"}`) })
	if _, err := r.Item(ctx, id); !errors.Is(err, outbox.ErrNotFound) {
		t.Errorf("the draft of a queued mail: %v", err)
	}
	if got, err := r.Draft(ctx, queued); err != nil || got.Subject != "Half a" {
		t.Errorf("fields of a queued mail: %v, %v", got, err)
	}
	if _, err := r.Put(ctx, mail(func(n *outbox.New) { n.Draft = again })); !errors.Is(err, outbox.ErrNotFound) {
		t.Errorf("queue a draft twice: %v", err)
	}
	if _, err := r.SaveDraft(ctx, again, draft); !errors.Is(err, outbox.ErrNotFound) {
		t.Errorf("save a draft that was queued: %v", err)
	}
	if _, err := r.SaveDraft(ctx, outbox.Ref{ID: queued}, draft); !errors.Is(err, outbox.ErrTransition) {
		t.Errorf("save a mail as a draft: %v", err)
	}
	if _, err := r.Draft(ctx, r.put(func(n *outbox.New) { n.Fields = nil })); !errors.Is(err, outbox.ErrNoDraft) {
		t.Errorf("draft of a mail that had none: %v", err)
	}
}

func testList(t *testing.T, r *rig) {
	var ids []outbox.ID
	for i := range 12 {
		states := []outbox.State{outbox.Held, outbox.Scheduled, outbox.Queued}
		ids = append(ids, r.put(func(n *outbox.New) { n.State, n.NotBefore = states[i%3], r.now().Add(time.Hour) }))
	}
	slices.Reverse(ids)
	pick := func(places ...int) (picked []outbox.ID) {
		for _, p := range places {
			picked = append(picked, ids[p])
		}
		return picked
	}
	for _, c := range []struct {
		name  string
		query outbox.Query
		want  []outbox.ID
	}{
		{"all", outbox.Query{}, ids},
		{"first page", outbox.Query{Limit: 5}, ids[:5]},
		{"second page", outbox.Query{Limit: 5, Before: ids[4]}, ids[5:10]},
		{"last page", outbox.Query{Limit: 5, Before: ids[9]}, ids[10:]},
		{"after the last page", outbox.Query{Limit: 5, Before: ids[11]}, nil},
		{"one state", outbox.Query{States: []outbox.State{outbox.Held}}, pick(2, 5, 8, 11)},
		{"two states", outbox.Query{States: []outbox.State{outbox.Queued, outbox.Held}, Limit: 3}, pick(0, 2, 3)},
		{"two states, next page", outbox.Query{States: []outbox.State{outbox.Queued, outbox.Held}, Limit: 3, Before: ids[3]}, pick(5, 6, 8)},
		{"no such state", outbox.Query{States: []outbox.State{outbox.Sent}}, nil},
	} {
		items, err := r.List(t.Context(), c.query)
		r.must(err)
		var got []outbox.ID
		for _, it := range items {
			got = append(got, it.ID)
			if diff := cmp.Diff(r.item(it.ID), it); diff != "" {
				t.Errorf("%s: the list has another item: %s", c.name, diff)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", c.name, diff)
		}
	}
	r.act(ids[0], outbox.Cancel)
	r.act(ids[1], outbox.Delete)
	counts, err := r.Counts(t.Context(), "")
	r.must(err)
	want := map[outbox.State]int{outbox.Held: 4, outbox.Scheduled: 3, outbox.Queued: 3, outbox.Cancelled: 1}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Error("counts: -want +got\n", diff)
	}
}

func testSearch(t *testing.T, r *rig) {
	offer := r.put(func(n *outbox.New) {
		n.Subject, n.MessageID, n.Text = "Angebot für März", "a1b2.c3@mail.example.org", "Dear Zoë,\r\nthe price is 42 \"euros\"."
	})
	held := r.put(func(n *outbox.New) {
		n.Subject, n.State, n.Recipients = "Offer declined", outbox.Held, []string{"zoe.miller@example.net"}
	})
	written, err := r.SaveDraft(t.Context(), outbox.Ref{}, message.Draft{Subject: "First", To: "Ann Miller"})
	r.must(err)
	written, err = r.SaveDraft(t.Context(), written, message.Draft{Subject: "Second thoughts", To: "Ann Miller"})
	r.must(err)
	letter := written.ID

	search := func(q outbox.Query, want ...outbox.ID) {
		t.Helper()
		items, err := r.List(t.Context(), q)
		r.must(err)
		var got []outbox.ID
		for _, it := range items {
			got = append(got, it.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%+v: -want +got\n%s", q, diff)
		}
	}
	for typed, want := range map[string][]outbox.ID{
		"angebot":            {offer},
		"AN":                 {letter, offer}, // Ann, and ann@ of the offer too
		"marz":               {offer},
		"zoe":                {held, offer},
		"zoe declined":       {held},
		"zoe second":         nil,
		"mill":               {letter, held},
		"iller":              nil,
		"a1b2.c3@mail":       {offer},
		"example.net":        {held},
		"42 eur":             {offer},
		`"euros"`:            {offer},
		`price" NOR "dear`:   nil,
		"First":              nil,
		"second":             {letter},
		"subject:offer":      nil,
		"NOT zzz":            nil,
		"- * ^ ( ) \" : zoe": {held, offer},
		"":                   {letter, held, offer},
		"\x00zoe":            {held, offer},
	} {
		search(outbox.Query{Search: typed}, want...)
	}
	search(outbox.Query{Search: "zoe", States: []outbox.State{outbox.Held, outbox.Sent}}, held)
	search(outbox.Query{Search: "zoe", Limit: 1}, held)
	search(outbox.Query{Search: "zoe", Before: held}, offer)
	r.act(held, outbox.Delete)
	search(outbox.Query{Search: "zoe"}, offer)
	r.put(func(n *outbox.New) { n.Draft = written })
	search(outbox.Query{Search: "second"})
}

func testVersion(t *testing.T, r *rig) {
	other := r.again()
	last, err := r.Version(t.Context())
	r.must(err)
	moved := func(what string, want bool) {
		t.Helper()
		v, err := r.Version(t.Context())
		r.must(err)
		if (v != last) != want {
			t.Errorf("%s: version went from %d to %d", what, last, v)
		}
		last = v
	}
	moved("nothing", false)
	id := r.put()
	moved("put", true)
	r.item(id)
	moved("read", false)
	r.must(other.Act(t.Context(), id, outbox.Hold))
	moved("act of another", true)
	r.must(r.Park(t.Context(), outbox.Parking{Account: "home", Reason: "x"}))
	moved("park", true)
	if _, err := r.Recover(t.Context()); err != nil {
		t.Error(err)
	}
	moved("recover nothing", false)
}

func testNotFound(t *testing.T, r *rig) {
	ctx := t.Context()
	r.put()
	const id = 77
	_, item := r.Item(ctx, id)
	_, content := r.Content(ctx, id)
	_, attempts := r.Attempts(ctx, id)
	_, fields := r.Draft(ctx, id)
	_, save := r.SaveDraft(ctx, outbox.Ref{ID: id}, draft)
	for name, err := range map[string]error{
		"Item": item, "Content": content, "Attempts": attempts, "Draft": fields, "SaveDraft": save,
		"Act": r.Act(ctx, id, outbox.Retry), "Delete": r.Act(ctx, id, outbox.Delete),
	} {
		if err := is(outbox.ErrNotFound)(err); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// testOnce asserts that what is put in under one key is there once, until that is
// forgotten.
func testOnce(t *testing.T, r *rig) {
	under := func(key string) func(*outbox.New) { return func(n *outbox.New) { n.Once = key } }
	id := r.put(under("a"))
	r.put(under("b"))
	r.put()
	r.put()
	again := func(want error) {
		t.Helper()
		written := false
		n := mail(under("a"))
		write := n.Write
		n.Write = func(w io.Writer) error { written = true; return write(w) }
		if _, err := r.Put(t.Context(), n); !errors.Is(err, want) || written == (want != nil) {
			t.Errorf("once more: %v, written %v", err, written)
		}
	}
	again(outbox.ErrAlready)
	r.act(id, outbox.Cancel)
	r.act(id, outbox.Delete)
	again(outbox.ErrAlready) // it may have been seen by somebody
	r.pass(outbox.OnceFor - time.Minute)
	again(outbox.ErrAlready)
	r.pass(2 * time.Minute)
	again(nil)
}

func testContents(t *testing.T, r *rig) {
	of := func(s string) func(*outbox.New) { return func(n *outbox.New) { n.Write = text(s) } }
	dated := r.put(func(n *outbox.New) { n.Undated = true })
	empty := r.put(of(""))
	long := r.put(of(strings.Repeat("0123456789abcdef", 40<<10)))
	other := r.put()
	got, err := r.Contents(t.Context(), long, dated, empty, other+1)
	r.must(err)
	for _, id := range []outbox.ID{dated, long} {
		if want := r.content(id); string(got[id]) != want {
			t.Errorf("%d octets of mail %s, want %d", len(got[id]), id, len(want))
		}
	}
	if len(got[empty]) != 0 || got[other] != nil || got[other+1] != nil {
		t.Errorf("contents of %d mails", len(got))
	}
}
