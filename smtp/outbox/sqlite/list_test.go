package sqlite_test

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/smtp/outbox/sqlite"
)

// TestListAllWays pages through an outbox in every order, selection and
// direction: however the query is gone about, each page is what sorting all mails
// gives.
func TestListAllWays(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s := open(t, filepath.Join(t.TempDir(), "outbox.db"), sqlite.Options{Clock: func() time.Time { return now }})
	ctx := t.Context()
	subjects := []string{"", "minutes", "Minutes", "Übung", "zebra", "Apple"}
	actions := []outbox.Action{"", "", outbox.Hold, outbox.Cancel}
	for range 30 {
		now = now.Add(time.Duration(rand.IntN(2)) * time.Second)
		text := strings.Repeat("x", rand.IntN(3))
		id, err := s.Put(ctx, outbox.New{
			Account: "home", State: outbox.Queued, Recipients: []string{"ann@example.org"}, Subject: subjects[rand.IntN(len(subjects))],
			Text:  []string{"tea", "toast", "coffee"}[rand.IntN(3)],
			Write: func(w io.Writer) error { _, err := io.WriteString(w, text); return err },
		})
		if err != nil {
			t.Fatal(err)
		}
		if a := actions[rand.IntN(len(actions))]; a != "" {
			if err := s.Act(ctx, id, a); err != nil {
				t.Fatal(err)
			}
		}
	}
	everything, err := s.List(ctx, outbox.Query{})
	if err != nil || len(everything) != 30 {
		t.Fatal(len(everything), err)
	}
	less := map[outbox.Sort]func(a, b outbox.Item) int{
		outbox.ByNewest: func(a, b outbox.Item) int { return 0 },
		outbox.ByOldest: func(a, b outbox.Item) int { return cmp.Compare(a.ID, b.ID) },
		outbox.ByChange: func(a, b outbox.Item) int { return b.Updated.Compare(a.Updated) },
		outbox.BySubject: func(a, b outbox.Item) int {
			return cmp.Compare(strings.ToLower(a.Subject), strings.ToLower(b.Subject)) // of ASCII alone differ in case
		},
		outbox.BySize: func(a, b outbox.Item) int { return cmp.Compare(b.Size, a.Size) },
	}
	for _, search := range []string{"", "t", "coffee", "nothing"} {
		found, err := s.List(ctx, outbox.Query{Search: search})
		if err != nil {
			t.Fatal(err)
		}
		want := map[outbox.State]int{}
		for _, it := range found {
			want[it.State]++
		}
		if got, err := s.Counts(ctx, search); err != nil || !maps.Equal(got, want) {
			t.Errorf("%q: counted %v, %v; want %v", search, got, err, want)
		}
	}
	const page = 5
	for sort, compare := range less {
		for _, states := range [][]outbox.State{nil, {outbox.Queued}, {outbox.Held, outbox.Cancelled}, {outbox.NeedsYou, outbox.Held}, {outbox.Sent}} {
			for _, search := range []string{"", "t", "coffee", "nothing"} {
				q := outbox.Query{States: states, Search: search, Sort: sort}
				found, err := s.List(ctx, outbox.Query{States: states, Search: search})
				if err != nil {
					t.Fatal(err)
				}
				slices.SortFunc(found, func(a, b outbox.Item) int { return cmp.Or(compare(a, b), cmp.Compare(b.ID, a.ID)) })
				want := ids(found)
				for at := range len(want) + 1 {
					q.Before = 0
					if at > 0 {
						q.Before = want[at-1]
					}
					q.Limit, q.Backward = page, false
					checkWays(t, s, q, want[at:min(len(want), at+page)])
					if q.Backward = true; at > 0 {
						checkWays(t, s, q, want[max(0, at-1-page):at-1])
					} else {
						checkWays(t, s, q, want[max(0, len(want)-page):])
					}
				}
				q.Before, q.Limit, q.Backward = 0, 0, false
				checkWays(t, s, q, want)
			}
		}
	}
}

// TestPagesAreRanges: without words to look for, no order and no selection reads
// and sorts the whole history; what is sorted is the page.
func TestPagesAreRanges(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "outbox.db"), sqlite.Options{})
	for _, sort := range []outbox.Sort{outbox.ByNewest, outbox.ByOldest, outbox.ByChange, outbox.BySubject, outbox.BySize} {
		for _, states := range [][]outbox.State{nil, {outbox.Sent}, {outbox.NeedsYou}, {outbox.Queued, outbox.Sending}} {
			for _, before := range []outbox.ID{0, 7} {
				plan, err := sqlite.Plan(t.Context(), s, outbox.Query{States: states, Sort: sort, Before: before, Limit: 50})
				if err != nil {
					t.Fatal(err)
				}
				if strings.Count(plan, "FOR ORDER BY") != 1 {
					t.Errorf("sorted by %q, states %v, before %d:\n%s", sort, states, before, plan)
				}
			}
		}
	}
}

func checkWays(t *testing.T, s *sqlite.Store, q outbox.Query, want []outbox.ID) {
	t.Helper()
	ways, err := sqlite.Ways(t.Context(), s, q)
	if err != nil {
		t.Fatal(err)
	}
	for way, items := range ways {
		if got := ids(items); !slices.Equal(got, want) {
			t.Fatalf("%s: way %d: %v, want %v", fmt.Sprintf("%+v", q), way, got, want)
		}
	}
}

func ids(items []outbox.Item) []outbox.ID {
	out := make([]outbox.ID, len(items))
	for i, it := range items {
		out[i] = it.ID
	}
	return out
}

// TestLongDraftIsFound by what it begins with, even if that ends within a letter.
func TestLongDraftIsFound(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "outbox.db"), sqlite.Options{})
	body := "aubergine " + strings.Repeat("é", 50_000) // of two octets, from an even one
	for _, lead := range []string{"", "x"} {
		ref, err := s.SaveDraft(t.Context(), outbox.Ref{}, message.Draft{Body: lead + " " + body})
		if err != nil {
			t.Fatal(err)
		}
		found, err := s.List(t.Context(), outbox.Query{Search: "aubergine"})
		if err != nil || len(found) == 0 || found[0].ID != ref.ID {
			t.Errorf("found %v, %v; want %s", found, err, ref.ID)
		}
		if whole, err := s.Draft(t.Context(), ref.ID); err != nil || whole.Body != lead+" "+body {
			t.Errorf("kept %d octets of %d, %v", len(whole.Body), len(lead+" "+body), err)
		}
	}
}
