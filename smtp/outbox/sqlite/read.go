package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
)

// Item implements outbox.Store.
func (s *Store) Item(ctx context.Context, id outbox.ID) (outbox.Item, error) {
	it, err := s.item(ctx, s.read, id)
	return it, known(err)
}

func (s *Store) item(ctx context.Context, q queryer, id outbox.ID) (outbox.Item, error) {
	items, err := s.items(ctx, q, sqlReadItem, id)
	if err != nil {
		return outbox.Item{}, err
	}
	if len(items) == 0 {
		return outbox.Item{}, outbox.ErrNotFound
	}
	return items[0], nil
}

// List implements outbox.Store.
func (s *Store) List(ctx context.Context, q outbox.Query) ([]outbox.Item, error) {
	before, limit := q.Before, q.Limit
	if before == 0 {
		before = math.MaxInt64
	}
	if limit == 0 {
		limit = -1
	}
	if words := searchWords(q.Search); words != "" {
		items, err := s.items(ctx, s.read, sqlSearch, words, before, stateList(q.States), limit)
		return items, known(err)
	}
	if len(q.States) == 0 {
		items, err := s.items(ctx, s.read, sqlListItems, before, limit)
		return items, known(err)
	}
	var args []any
	for _, state := range q.States {
		args = append(args, state, before, limit)
	}
	items, err := s.items(ctx, s.read, sqlListStates(len(q.States)), append(args, limit)...)
	return items, known(err)
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

// items returns the items that a query of sqlColumns selects.
func (s *Store) items(ctx context.Context, q queryer, query string, args ...any) ([]outbox.Item, error) {
	var items []outbox.Item
	err := each(ctx, q, query, args, func(rows *sql.Rows) error {
		it, err := scanItem(rows)
		items = append(items, it)
		return err
	})
	if err != nil || len(items) == 0 {
		return nil, err
	}
	return items, s.addRecipients(ctx, q, items)
}

// each calls f for each row. It holds no connection when it returns: another
// query, which needs one too, must wait until then.
func each(ctx context.Context, q queryer, query string, args []any, f func(rows *sql.Rows) error) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// scanItem reads a row of sqlColumns, and what comes after them.
func scanItem(rows *sql.Rows, more ...any) (outbox.Item, error) {
	var it outbox.Item
	var people string
	err := rows.Scan(append([]any{
		&it.ID, &it.State, &it.Account, &it.MessageID, &it.From, &it.Subject, &people, &it.Size, &it.UTF8, wishes{&it.Wishes},
		moment{&it.Created}, moment{&it.Updated}, moment{&it.NotBefore}, moment{&it.Since}, moment{&it.NextTry},
		&it.Committing, &it.Attempts, &it.Reply, &it.Problem,
	}, more...)...)
	if people != "" {
		for address := range strings.SplitSeq(people, "\n") {
			it.Recipients = append(it.Recipients, outbox.Recipient{Address: address, State: outbox.Pending})
		}
	}
	return it, err
}

// addRecipients reads the recipients of items with one query.
func (s *Store) addRecipients(ctx context.Context, q queryer, items []outbox.Item) error {
	place := make(map[outbox.ID]*outbox.Item, len(items))
	ids := make([]outbox.ID, len(items))
	for i := range items {
		place[items[i].ID] = &items[i]
		ids[i] = items[i].ID
	}
	return each(ctx, q, sqlReadRecipients, []any{list(ids)}, func(rows *sql.Rows) error {
		var id outbox.ID
		var r outbox.Recipient
		err := rows.Scan(&id, &r.Address, &r.State, &r.Code, &r.Enhanced, &r.Text, &r.Tries, moment{&r.NextTry})
		if err != nil {
			return err
		}
		place[id].Recipients = append(place[id].Recipients, r)
		return nil
	})
}

// Counts implements outbox.Store.
func (s *Store) Counts(ctx context.Context) (map[outbox.State]int, error) {
	counts := map[outbox.State]int{}
	err := each(ctx, s.read, sqlCounts, nil, func(rows *sql.Rows) error {
		var state outbox.State
		var n int
		err := rows.Scan(&state, &n)
		counts[state] = n
		return err
	})
	return counts, known(err)
}

// Attempts implements outbox.Store.
func (s *Store) Attempts(ctx context.Context, id outbox.ID) ([]outbox.Attempt, error) {
	if err := s.exists(ctx, id); err != nil {
		return nil, err
	}
	var attempts []outbox.Attempt
	err := each(ctx, s.read, sqlReadAttempts, []any{id}, func(rows *sql.Rows) error {
		var a outbox.Attempt
		var elapsed int64
		err := rows.Scan(&a.N, moment{&a.Started}, &elapsed, &a.Stage, &a.Code, &a.Enhanced, &a.Text,
			&a.Bytes, &a.Waits, &a.Transcript)
		a.Elapsed = time.Duration(elapsed) * time.Microsecond
		attempts = append(attempts, a)
		return err
	})
	return attempts, known(err)
}

// exists returns ErrNotFound for an item that is not there.
func (s *Store) exists(ctx context.Context, id outbox.ID) error {
	var state outbox.State
	return known(s.read.QueryRowContext(ctx, sqlReadState, id).Scan(&state))
}

// list returns ids as json_each wants them.
func list[T ~int64](ids []T) string {
	b := []byte{'['}
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(id), 10)
	}
	return string(append(b, ']'))
}

// stateList returns states as json_each wants them.
func stateList(states []outbox.State) string {
	quoted := make([]string, len(states))
	for i, s := range states {
		quoted[i] = strconv.Quote(string(s))
	}
	return "[" + strings.Join(quoted, ",") + "]"
}

// stamp returns t as the file has it.
func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// moment scans what stamp wrote.
type moment struct{ t *time.Time }

// Scan implements sql.Scanner.
func (m moment) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("a time is %T", v)
	}
	*m.t = time.Time{}
	if n != 0 {
		*m.t = time.UnixMicro(n).UTC()
	}
	return nil
}

// wishes scans and writes what is asked for a mail, as JSON; the empty text
// stands for nothing.
type wishes struct{ w *message.Wishes }

// Scan implements sql.Scanner.
func (w wishes) Scan(v any) error {
	*w.w = message.Wishes{}
	switch s, ok := v.(string); {
	case !ok:
		return fmt.Errorf("wishes are %T", v)
	case s == "":
		return nil
	default:
		return json.Unmarshal([]byte(s), w.w)
	}
}

// Value implements driver.Valuer.
func (w wishes) Value() (driver.Value, error) {
	if *w.w == (message.Wishes{}) {
		return "", nil
	}
	b, err := json.Marshal(w.w)
	return string(b), err
}
