package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"sendoff/smtp/outbox"
)

// List implements outbox.Store.
func (s *Store) List(ctx context.Context, q outbox.Query) ([]outbox.Item, error) {
	query, args, err := selection(q)
	if err != nil {
		return nil, err
	}
	items, err := s.items(ctx, s.read, query, args...)
	if q.Backward {
		slices.Reverse(items)
	}
	return items, known(err)
}

// order is a way to sort: by what, and what comes after one item; and the same
// from its other end. No two items are equal in it, so that it is clear where
// the next page begins.
type order struct{ by, after, byBack, afterBack string }

func (o order) backward() order { return order{o.byBack, o.afterBack, o.by, o.after} }

var orders = map[outbox.Sort]order{
	outbox.ByNewest: {"item.id DESC", "item.id < ?", "item.id", "item.id > ?"},
	outbox.ByOldest: {"item.id", "item.id > ?", "item.id DESC", "item.id < ?"},
	outbox.ByChange: {
		"item.updated DESC, item.id DESC", "(item.updated, item.id) < (SELECT updated, id FROM item WHERE id = ?)",
		"item.updated, item.id", "(item.updated, item.id) > (SELECT updated, id FROM item WHERE id = ?)",
	},
	outbox.BySubject: {
		"item.subject COLLATE NOCASE, -item.id",
		"(item.subject COLLATE NOCASE, -item.id) > (SELECT subject, -id FROM item WHERE id = ?)",
		"item.subject COLLATE NOCASE DESC, item.id",
		"(item.subject COLLATE NOCASE, -item.id) < (SELECT subject, -id FROM item WHERE id = ?)",
	},
	outbox.BySize: {
		"item.size DESC, item.id DESC", "(item.size, item.id) < (SELECT size, id FROM item WHERE id = ?)",
		"item.size, item.id", "(item.size, item.id) > (SELECT size, id FROM item WHERE id = ?)",
	},
}

// selection returns q as a query of sqlColumns.
func selection(q outbox.Query) (query string, args []any, err error) {
	o, ok := orders[q.Sort]
	if !ok {
		return "", nil, fmt.Errorf("mails can't be sorted by %q", q.Sort)
	}
	if q.Backward {
		o = o.backward()
	}
	byID := q.Sort == outbox.ByNewest || q.Sort == outbox.ByOldest
	limit := q.Limit
	if limit == 0 {
		limit = -1
	}
	words := searchWords(q.Search)
	if words == "" && byID && len(q.States) > 0 {
		query, args = merged(q, o, limit)
		return query, args, nil
	}
	by := o.by
	from, where := "item", []string{"1"}
	if words != "" {
		from, where, args = "search JOIN item ON item.id = search.rowid", []string{"search MATCH ?"}, []any{words}
		if byID { // which is the order of the index
			o.by = strings.Replace(o.by, "item.id", "search.rowid", 1)
			o.after = strings.Replace(o.after, "item.id", "search.rowid", 1)
		}
	}
	if q.Before != 0 {
		where, args = append(where, o.after), append(args, q.Before)
	}
	if len(q.States) > 0 {
		each := make([]string, len(q.States))
		for i, state := range q.States {
			each[i], args = isIn(state, args)
		}
		where = append(where, "("+strings.Join(each, " OR ")+")")
	}
	// The IDs are sorted alone: rows are long, and a page needs few of them.
	return `SELECT ` + sqlColumns + ` FROM item WHERE id IN (SELECT item.id FROM ` + from + ` WHERE ` + strings.Join(where, " AND ") +
		` ORDER BY ` + o.by + ` LIMIT ?) ORDER BY ` + by, append(args, limit), nil
}

// merged selects by state in the order of IDs. Each state is read from its own
// end of the index: sorting all of them would take time by the length of the
// history.
func merged(q outbox.Query, o order, limit int) (query string, args []any) {
	each := make([]string, len(q.States))
	for i, state := range q.States {
		each[i], args = isIn(state, args)
		if q.Before != 0 {
			each[i], args = each[i]+" AND "+o.after, append(args, q.Before)
		}
		each[i] = `SELECT id FROM (SELECT id FROM item WHERE ` + each[i] + ` ORDER BY ` + o.by + ` LIMIT ?)`
		args = append(args, limit)
	}
	return `SELECT ` + sqlColumns + ` FROM item WHERE id IN (` + strings.Join(each, ` UNION ALL `) +
		`) ORDER BY ` + o.by + ` LIMIT ?`, append(args, limit)
}

// isIn returns the condition that an item is in a state.
func isIn(state outbox.State, args []any) (string, []any) {
	if state == outbox.NeedsYou {
		return "item.needs = 1", args
	}
	return "item.state = ?", append(args, state)
}

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
	query, args := sqlCounts, []any(nil)
	if words := searchWords(search); words != "" {
		query, args = sqlCountFound, []any{words}
	}
	counts := map[outbox.State]int{}
	err := each(ctx, s.read, query, args, func(rows *sql.Rows) error {
		var state outbox.State
		var n, needing int
		err := rows.Scan(&state, &n, &needing)
		for state, n := range map[outbox.State]int{state: n, outbox.NeedsYou: needing} {
			if n > 0 {
				counts[state] += n
			}
		}
		return err
	})
	return counts, known(err)
}
