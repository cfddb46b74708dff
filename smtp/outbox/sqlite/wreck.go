package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
)

// wreck is a damaged outbox, and what takes the mails out of it.
type wreck struct {
	from *pool
	to   *Store
}

func (w wreck) salvage(ctx context.Context) (Salvaged, error) {
	var s Salvaged
	for _, id := range w.ids(ctx) {
		r := w.raise(ctx, id)
		if ctx.Err() != nil {
			return s, ctx.Err()
		}
		if err := w.keep(ctx, id, r); err != nil {
			return s, err
		}
		switch {
		case r.whole():
			s.Whole = append(s.Whole, id)
		case r.fields != nil:
			s.Drafts = append(s.Drafts, id)
		default:
			s.Lost = append(s.Lost, id)
		}
	}
	return s, w.keepBeside(ctx)
}

// keepBeside takes over the tables that are of no one mail: of each what can be
// read from its two ends.
func (w wreck) keepBeside(ctx context.Context) error {
	for _, table := range []struct{ name, key string }{{"notice", "n"}, {"parking", "account"}, {"once", "key"}} {
		for _, order := range []string{"", "DESC"} {
			got, err := w.read(ctx, fmt.Sprintf(sqlWreckTable, table.name, table.key, order))
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err := w.add(ctx, table.name, got); err != nil {
				return err
			}
			if err == nil {
				break
			}
		}
	}
	return nil
}

// add adds rows to a table that may have some of them. Those of a mail that is
// lost are left out.
func (w wreck) add(ctx context.Context, table string, r *rows) error {
	return w.to.transact(ctx, func(tx *tx) error {
		if _, err := tx.ExecContext(ctx, sqlWreckDefer); err != nil {
			return err
		}
		if err := insert(ctx, tx, sqlWreckAdd, table, r); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, sqlWreckNoItem)
		return err
	})
}

// ids returns the mails that any table still knows of.
func (w wreck) ids(ctx context.Context) []outbox.ID {
	seen := map[outbox.ID]bool{}
	for _, query := range sqlWreckIDs {
		for last := outbox.ID(0); ; {
			before := last
			err := each(ctx, w.from, query, []any{last}, func(rows *sql.Rows) error {
				if err := rows.Scan(&last); err != nil {
					return err
				}
				seen[last] = true
				return nil
			})
			if err == nil || ctx.Err() != nil {
				break
			}
			if last == before {
				// Behind the damaged page there may be whole ones: most have
				// more than one mail, and few have more than a hundred.
				last = w.beyond(ctx, query, last)
			}
			if last == before {
				break
			}
		}
	}
	var ids []outbox.ID
	for id := range seen {
		if id > 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// beyond returns a place behind last where query can be read on from; last
// itself if there is none.
func (w wreck) beyond(ctx context.Context, query string, last outbox.ID) outbox.ID {
	for step := outbox.ID(1); step < 1<<24; step += 1 + step/256 {
		var id outbox.ID
		if w.from.QueryRowContext(ctx, query, last+step).Scan(&id) == nil {
			return last + step
		}
	}
	return last
}

// raised is what could be read of a mail.
type raised struct {
	item, recipients, chunks, attempts, copies *rows // nil: damaged, or not there in its form

	fields   []byte
	complete bool
}

// whole tells that all of a mail could be read.
func (r raised) whole() bool { return r.item != nil && r.complete }

// rows are rows of a table as they are.
type rows struct {
	columns []string
	values  [][]any
}

// value returns a column of the first row.
func (r *rows) value(column string) any {
	if i := slices.Index(r.columns, column); i >= 0 && len(r.values) > 0 {
		return r.values[0][i]
	}
	return nil
}

// set sets a column of the first and only row, which a row of an earlier form may
// not have.
func (r *rows) set(column string, v any) {
	i := slices.Index(r.columns, column)
	if i < 0 {
		r.columns, r.values[0] = append(r.columns, column), append(r.values[0], v)
		return
	}
	r.values[0][i] = v
}

// take takes a column out of the first and only row.
func (r *rows) take(column string) any {
	v := r.value(column)
	if i := slices.Index(r.columns, column); i >= 0 {
		r.columns, r.values[0] = slices.Delete(r.columns, i, i+1), slices.Delete(r.values[0], i, i+1)
	}
	return v
}

// raise reads all there is of a mail.
func (w wreck) raise(ctx context.Context, id outbox.ID) raised {
	var r raised
	read := func(query string) *rows {
		got, err := w.read(ctx, query, id)
		if err != nil {
			return nil
		}
		return got
	}
	if fields := read(sqlWreckDraft); fields != nil {
		r.fields, _ = fields.value("fields").([]byte)
	}
	r.item = read(sqlWreckItem)
	if r.item != nil && len(r.item.values) != 1 {
		r.item = nil
	}
	if r.item != nil {
		if fields, ok := r.item.take("fields").([]byte); ok { // in form 1 the item had them
			r.fields = fields
		}
	}
	if !json.Valid(r.fields) {
		r.fields = nil
	}
	if r.item == nil {
		return r
	}
	state := outbox.State(fmt.Sprint(r.item.value("state")))
	r.recipients, r.chunks, r.attempts, r.copies = read(sqlWreckRecipients), read(sqlWreckChunks), read(sqlWreckAttempts), read(sqlWreckCopies)
	switch {
	case state == outbox.Draft:
		r.complete = r.fields != nil
	case r.recipients == nil || len(r.recipients.values) == 0 || r.chunks == nil:
	case !slices.Contains(outbox.States, state):
	default:
		r.complete = w.isContent(r)
	}
	return r
}

// isContent tells that the chunks are all there and as they were written.
func (w wreck) isContent(r raised) bool {
	size, ok := r.item.value("size").(int64)
	if date, _ := r.item.value("date").(string); date != "" {
		size -= int64(len(message.DateField(time.Unix(0, 0))))
	}
	column := func(name string) int { return slices.Index(r.chunks.columns, name) }
	for n, row := range r.chunks.values {
		chunk, isBlob := row[column("bytes")].([]byte)
		if row[column("n")] != int64(n) || !isBlob {
			return false
		}
		if i := column("crc"); i >= 0 && row[i] != nil && row[i] != int64(checksum(chunk)) {
			return false
		}
		size -= int64(len(chunk))
	}
	return ok && size == 0
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum tells a chunk from what a bad disk makes of it.
func checksum(chunk []byte) uint32 { return crc32.Checksum(chunk, castagnoli) }

// read returns the rows there are; with an error those in front of the damage.
func (w wreck) read(ctx context.Context, query string, args ...any) (*rows, error) {
	got, err := w.from.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer got.Close()
	columns, err := got.Columns()
	if err != nil {
		return nil, err
	}
	r := &rows{columns: columns}
	for got.Next() {
		values := make([]any, len(columns))
		places := make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := got.Scan(places...); err != nil {
			return r, err
		}
		r.values = append(r.values, values)
	}
	return r, got.Err()
}

// keep writes what was read of a mail into the new outbox.
func (w wreck) keep(ctx context.Context, id outbox.ID, r raised) error {
	var d message.Draft
	if r.fields != nil && json.Unmarshal(r.fields, &d) != nil {
		r.fields = nil
	}
	complete := r.whole()
	if !complete && r.fields == nil {
		return nil
	}
	return w.to.transact(ctx, func(tx *tx) error {
		if complete {
			w.hold(r.item)
			for _, t := range []struct {
				name string
				rows *rows
			}{{"item", r.item}, {"recipient", r.recipients}, {"chunk", r.chunks}, {"attempt", r.attempts}, {"copy", r.copies}} {
				if err := insert(ctx, tx, sqlWreckInsert, t.name, t.rows); err != nil {
					return err
				}
			}
		} else {
			now := stamp(w.to.clock())
			if _, err := tx.ExecContext(ctx, sqlWreckToDraft, id, d.Account, d.From, d.Subject, people(d), now, now); err != nil {
				return err
			}
		}
		if r.fields != nil {
			if _, err := tx.ExecContext(ctx, sqlWriteFields, id, r.fields); err != nil {
				return err
			}
		}
		if complete && r.item.value("state") != string(outbox.Draft) {
			return w.index(ctx, tx, id, r, d)
		}
		return indexDraft(ctx, tx, id, d)
	})
}

// hold makes a mail that would be sent wait for the person.
func (w wreck) hold(item *rows) {
	state := outbox.State(fmt.Sprint(item.value("state")))
	if !slices.Contains(item.columns, "needs") { // before form 6
		problem, _ := item.value("problem").(string)
		item.set("needs", outbox.Item{State: state, Problem: problem}.NeedsYou())
	}
	switch state {
	case outbox.Queued, outbox.Scheduled, outbox.Deferred:
	case outbox.Sending:
		if item.value("committing") != int64(0) {
			return // its lease is over, and it becomes uncertain
		}
	default:
		return
	}
	item.set("state", string(outbox.Held))
	item.set("due", nil)
	item.set("next_try", int64(0))
	item.set("not_before", int64(0))
	item.set("needs", int64(1))
	item.set("problem", "it was rescued from a damaged outbox, which may have forgotten that it was sent; release it to send it")
}

func (w wreck) index(ctx context.Context, tx *tx, id outbox.ID, r raised, d message.Draft) error {
	who := []string{fmt.Sprint(r.item.value("sender")), d.To, d.Cc, d.Bcc}
	for _, row := range r.recipients.values {
		who = append(who, fmt.Sprint(row[slices.Index(r.recipients.columns, "address")]))
	}
	_, err := tx.ExecContext(ctx, sqlIndex, id, r.item.value("subject"), strings.Join(who, " "), r.item.value("message_id"), d.Body)
	return err
}

// insert writes rows of an older or of this version's table, with sqlWreckInsert
// or sqlWreckAdd.
func insert(ctx context.Context, tx *tx, into, table string, r *rows) error {
	if r == nil {
		return nil
	}
	query := fmt.Sprintf(into, table, strings.Join(r.columns, ", "), strings.TrimSuffix(strings.Repeat("?, ", len(r.columns)), ", "))
	for _, values := range r.values {
		if _, err := tx.ExecContext(ctx, query, values...); err != nil {
			return err
		}
	}
	return nil
}
