package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

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
	if err := s.addRecipients(ctx, q, items); err != nil {
		return nil, err
	}
	return items, s.addProgress(ctx, q, items)
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
		&it.ID, &it.State, &it.Account, &it.MessageID, &it.From, &it.Subject, &people, &it.Size, &it.UTF8, wishes{&it.Wishes}, date{&it.Date}, moment{&it.Created}, moment{&it.Updated}, moment{&it.NotBefore}, moment{&it.Since}, moment{&it.NextTry},
		&it.Committing, &it.Attempts, &it.Reply, &it.Problem, &it.Owner, moment{&it.Claimed},
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
		err := rows.Scan(&id, &r.Address, &r.State, &r.Code, &r.Enhanced, &r.Text, &r.Tries, moment{&r.NextTry}, &r.Doubt)
		if err != nil {
			return err
		}
		place[id].Recipients = append(place[id].Recipients, r)
		return nil
	})
}

// Correspondents implements outbox.Store.
func (s *Store) Correspondents(ctx context.Context, most int) (all []outbox.Correspondent, err error) {
	err = each(ctx, s.read, sqlCorrespondents, []any{most}, func(rows *sql.Rows) error {
		var c outbox.Correspondent
		err := rows.Scan(&c.Address, &c.Mails, moment{&c.Last}, &c.Typed)
		all = append(all, c)
		return err
	})
	return all, known(err)
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

// stamp returns t as the file has it.
func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// dated returns t as the file has the Date field of a mail: in its time zone.
func dated(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// date scans what dated wrote.
type date struct{ t *time.Time }

// Scan implements sql.Scanner.
func (d date) Scan(v any) (err error) {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a date is %T", v)
	}
	*d.t = time.Time{}
	if s != "" {
		*d.t, err = time.Parse(time.RFC3339, s)
	}
	return err
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
