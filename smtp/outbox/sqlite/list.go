package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"sendoff/smtp/outbox"
)

// List implements outbox.Store.
func (s *Store) List(ctx context.Context, q outbox.Query) ([]outbox.Item, error) {
	w, err := s.weigh(ctx, q)
	if err != nil {
		return nil, known(err)
	}
	return s.list(ctx, q, w)
}

func (s *Store) list(ctx context.Context, q outbox.Query, w weight) ([]outbox.Item, error) {
	o, ok := orders[q.Sort]
	if !ok {
		return nil, fmt.Errorf("mails can't be sorted by %q", q.Sort)
	}
	if q.Backward {
		o = o.backward()
	}
	query, args := selection(q, o, w)
	items, err := s.items(ctx, s.read, query, args...)
	if q.Backward {
		slices.Reverse(items)
	}
	return items, known(err)
}

// order is a way to sort: by what, and what comes after item ?1; and the same
// from its other end. No two items are equal in it, so that it is clear where
// the next page begins. What comes after is in several parts where that makes
// each a range of an index.
type order struct {
	by, byBack       string
	after, afterBack []string
}

func (o order) backward() order { return order{o.byBack, o.by, o.afterBack, o.after} }

var orders = map[outbox.Sort]order{
	outbox.ByNewest: {"item.id DESC", "item.id", []string{"item.id < ?1"}, []string{"item.id > ?1"}},
	outbox.ByOldest: {"item.id", "item.id DESC", []string{"item.id > ?1"}, []string{"item.id < ?1"}},
	outbox.ByChange: {
		"item.updated DESC, item.id DESC", "item.updated, item.id",
		[]string{
			"item.updated = (SELECT updated FROM item WHERE id = ?1) AND item.id < ?1",
			"item.updated < (SELECT updated FROM item WHERE id = ?1)",
		},
		[]string{
			"item.updated = (SELECT updated FROM item WHERE id = ?1) AND item.id > ?1",
			"item.updated > (SELECT updated FROM item WHERE id = ?1)",
		},
	},
	outbox.BySubject: {
		"item.subject COLLATE NOCASE, item.id DESC", "item.subject COLLATE NOCASE DESC, item.id",
		[]string{
			"item.subject COLLATE NOCASE = (SELECT subject FROM item WHERE id = ?1) AND item.id < ?1",
			"item.subject COLLATE NOCASE > (SELECT subject FROM item WHERE id = ?1)",
		},
		[]string{
			"item.subject COLLATE NOCASE = (SELECT subject FROM item WHERE id = ?1) AND item.id > ?1",
			"item.subject COLLATE NOCASE < (SELECT subject FROM item WHERE id = ?1)",
		},
	},
	outbox.BySize: {
		"item.size DESC, item.id DESC", "item.size, item.id",
		[]string{
			"item.size = (SELECT size FROM item WHERE id = ?1) AND item.id < ?1",
			"item.size < (SELECT size FROM item WHERE id = ?1)",
		},
		[]string{
			"item.size = (SELECT size FROM item WHERE id = ?1) AND item.id > ?1",
			"item.size > (SELECT size FROM item WHERE id = ?1)",
		},
	},
}

// weight tells how much of the outbox a query is about, as far as that says how
// to go about it.
type weight struct {
	rare  bool  // few mails are in its states: read those first
	found found // what its words find, if that is so much that sorting it takes long
}

const (
	few  = 2_000
	many = 5_000
)

func (s *Store) weigh(ctx context.Context, q outbox.Query) (w weight, err error) {
	if len(q.States) > 0 {
		states, err := json.Marshal(q.States)
		if err != nil {
			return w, err
		}
		var n int
		err = s.read.QueryRowContext(ctx, sqlCountStates, string(states), slices.Contains(q.States, outbox.NeedsYou)).Scan(&n)
		if w.rare = n <= few; err != nil || w.rare {
			return w, err
		}
	}
	if words := searchWords(q.Search); words != "" && !byID(q.Sort) {
		found, n, err := s.find(ctx, words)
		if err != nil {
			return w, err
		}
		if n >= many {
			w.found = found
		}
	}
	return w, err
}

// found is a set of mails: the octet at ID-1 is 1 for each that is in it. SQLite
// looks a mail up in it faster than in a table.
type found []byte

// find returns what words find, and how many mails that is.
func (s *Store) find(ctx context.Context, words string) (found, int, error) {
	var listed []byte // each ID and a comma, as one value: a row each takes longer than to find them
	if err := s.read.QueryRowContext(ctx, sqlFind, words).Scan(&listed); err != nil {
		return nil, 0, err
	}
	var f found
	var n, id int
	for _, c := range listed {
		if c != ',' {
			id = 10*id + int(c-'0')
			continue
		}
		if id > len(f) {
			f = append(f, make(found, id-len(f))...)
		}
		f[id-1] = 1
		n, id = n+1, 0
	}
	return f, n, nil
}

// byID tells that an order is that of the IDs, one way or the other.
func byID(s outbox.Sort) bool { return s == outbox.ByNewest || s == outbox.ByOldest }

// selection returns q as a query of sqlColumns, in the order o. It is put
// together of parts, each of which reads a range in that order and stops at the
// limit: reading and sorting all there is would take time by the length of the
// history.
func selection(q outbox.Query, o order, w weight) (query string, args []any) {
	limit := q.Limit
	if limit == 0 {
		limit = -1
	}
	words := searchWords(q.Search)
	args = []any{q.Before, limit, words}

	var in []string // a state each
	for _, state := range q.States {
		condition := "item.needs = 1"
		if state != outbox.NeedsYou {
			args = append(args, state)
			condition = fmt.Sprintf("item.state = ?%d", len(args))
		}
		in = append(in, condition)
	}
	either := "(" + strings.Join(in, " OR ") + ")"
	chosen := "(SELECT id FROM item WHERE " + strings.Join(in, " UNION SELECT id FROM item WHERE ") + ")"

	from, ranges, by, after := "item", []string{"1"}, o.by, o.after
	switch {
	case w.found != nil:
		args[2] = []byte(w.found)
		ranges[0] = "substr(?3, item.id, 1) = x'01'"
		if len(in) > 0 {
			ranges[0] += " AND " + unindexed(either)
		}
	case words != "":
		from, ranges[0] = "search JOIN item ON item.id = search.rowid", "search MATCH ?3"
		if byID(q.Sort) { // which is the order of the index
			by = strings.ReplaceAll(by, "item.id", "search.rowid")
			after = []string{strings.ReplaceAll(after[0], "item.id", "search.rowid")}
		} else { // an index in that order would have each of its mails looked up in the words'
			by, after = unindexed(by), []string{"(" + unindexed(strings.Join(after, " OR ")) + ")"}
		}
		if w.rare {
			ranges[0] += " AND +search.rowid IN " + chosen
		} else if len(in) > 0 {
			ranges[0] += " AND " + either
		}
	case len(in) == 0:
	case byID(q.Sort):
		ranges = in // of the index by state
	case w.rare:
		from = chosen + " AS chosen CROSS JOIN item ON item.id = chosen.id"
	default:
		ranges[0] = unindexed(either)
	}
	if q.Before == 0 {
		after = []string{"1"}
	}
	var parts []string
	for _, condition := range ranges {
		for _, a := range after {
			parts = append(parts, `SELECT id FROM (SELECT item.id AS id FROM `+from+` WHERE `+condition+` AND `+a+` ORDER BY `+by+` LIMIT ?2)`)
		}
	}
	// The IDs are sorted alone: rows are long, and a page needs few of them. The
	// order of those that are in it is no reason to read an index.
	return `SELECT ` + sqlColumns + ` FROM item WHERE id IN (` + strings.Join(parts, ` UNION ALL `) + `) ORDER BY ` +
		unindexed(o.by) + ` LIMIT ?2`, args
}

// unindexed makes what is said of items no reason to read them by an index.
func unindexed(s string) string { return strings.ReplaceAll(s, "item.", "+item.") }

// searchWords returns what a person typed as an FTS5 query: every word, or the
// beginning of one, has to be there. It is empty if there is no word.
func searchWords(typed string) string {
	var b strings.Builder
	apart := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
	for word := range strings.FieldsFuncSeq(typed, apart) {
		if strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) {
			fmt.Fprintf(&b, `"%s"* `, strings.ReplaceAll(word, `"`, `""`))
		}
	}
	return b.String()
}

// Counts implements outbox.Store.
func (s *Store) Counts(ctx context.Context, search string) (map[outbox.State]int, error) {
	counts := map[outbox.State]int{}
	count := func(query string, args ...any) error {
		return each(ctx, s.read, query, args, func(rows *sql.Rows) error {
			var state outbox.State
			var n int
			err := rows.Scan(&state, &n)
			counts[state] += n
			return err
		})
	}
	words := searchWords(search)
	if words == "" {
		return counts, known(count(sqlCounts))
	}
	found, n, err := s.find(ctx, words)
	if err != nil || n == 0 {
		return counts, known(err)
	}
	// All that is found is counted as of the state that most mails are in, and
	// what is not is taken off again: those need not be looked up.
	var most outbox.State
	if err := s.read.QueryRowContext(ctx, sqlMost).Scan(&most); err != nil {
		return nil, known(err)
	}
	err = count(sqlCountFound, []byte(found), most)
	for state, others := range counts {
		if state != outbox.NeedsYou {
			n -= others
		}
	}
	if n > 0 {
		counts[most] = n
	}
	return counts, known(err)
}
