package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
)

// Salvaged is what was got out of a damaged outbox.
type Salvaged struct {
	Damaged string // where the damaged file is now; empty if nothing was wrong with it

	Whole  []outbox.ID // all of it is there
	Drafts []outbox.ID // its text is there as a draft, but not all of the mail
	Lost   []outbox.ID // only that there was such a mail
}

// Salvage puts what can be read of the damaged outbox at path into a new one,
// which takes its place. The damaged one is kept beside it. Mail that would be
// sent is held: how far it had come may have been lost with the damage. No other
// program may use the outbox meanwhile; one that sends is noticed.
func Salvage(ctx context.Context, path string, opts Options) (Salvaged, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return Salvaged{}, err
	}
	if _, err := os.Stat(path); err != nil {
		return Salvaged{}, err
	}
	if (&presence{path: path}).anybody() {
		return Salvaged{}, errors.New("another program is sending from the outbox; end it first")
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), "salvage-*")
	if err != nil {
		return Salvaged{}, known(err)
	}
	defer os.RemoveAll(dir)

	// The damaged file itself is not even opened: SQLite would write to it.
	copied := filepath.Join(dir, "damaged.db")
	mended, err := copyDamaged(path, copied)
	if err != nil {
		return Salvaged{}, known(err)
	}
	from, err := connect(copied, url.Values{"_pragma": {"cell_size_check(on)", "trusted_schema(off)"}})
	if err != nil {
		return Salvaged{}, err
	}
	defer from.Close()
	from.SetMaxOpenConns(1)
	if !mended && whole(ctx, from) {
		return Salvaged{}, nil
	}
	fresh := filepath.Join(dir, "outbox.db")
	to, err := Open(ctx, fresh, opts)
	if err != nil {
		return Salvaged{}, err
	}
	w := wreck{from: from, to: to}
	got, err := w.salvage(ctx)
	if err := errors.Join(err, to.Close()); err != nil {
		return got, err
	}
	got.Damaged = fmt.Sprintf("%s.damaged-%s", path, to.clock().UTC().Format("20060102-150405"))
	return got, replace(path, fresh, got.Damaged)
}

// copyDamaged copies the file at path, and what was written ahead of it. A file
// whose first octets are gone gets them back: they are the same in each.
func copyDamaged(path, to string) (mended bool, err error) {
	for _, suffix := range []string{"", "-wal"} {
		if err := copyFile(path+suffix, to+suffix); err != nil && (suffix == "" || !errors.Is(err, fs.ErrNotExist)) {
			return false, err
		}
	}
	f, err := os.OpenFile(to, os.O_RDWR, 0)
	if err != nil {
		return false, err
	}
	defer f.Close()
	// https://www.sqlite.org/fileformat2.html#the_database_header: the magic
	// string, pages of 4096 octets, write-ahead logging, fractions.
	const head = "SQLite format 3\x00\x10\x00\x02\x02\x00\x40\x20\x20"
	first := make([]byte, len(head))
	if _, err := f.ReadAt(first, 0); err != nil && err != io.EOF {
		return false, err
	}
	_, err = f.WriteAt([]byte(head), 0)
	return string(first) != head, err
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// whole tells that nothing is wrong with a file.
func whole(ctx context.Context, from *pool) bool {
	var verdict string
	err := from.QueryRowContext(ctx, sqlCheck).Scan(&verdict)
	if err != nil || verdict != "ok" {
		return false
	}
	steps, err := migrations()
	if err != nil {
		return false
	}
	_, err = checkVersion(ctx, from, len(steps))
	return err == nil
}

// replace puts the file fresh in the place of the one at path, which is kept
// under another name. At no moment is there none at path: a program that starts
// then would begin an empty one.
func replace(path, fresh, kept string) error {
	if err := os.Link(path, kept); err != nil {
		if err := copyFile(path, kept); err != nil { // a file system without links
			return known(err)
		}
	}
	if err := os.Rename(path+"-wal", kept+"-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Remove(path + "-shm"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(fresh, path)
}

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
		case r.item != nil && r.complete:
			s.Whole = append(s.Whole, id)
		case r.fields != nil:
			s.Drafts = append(s.Drafts, id)
		default:
			s.Lost = append(s.Lost, id)
		}
	}
	return s, nil
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
	item, recipients, chunks, attempts *rows // nil: damaged
	fields                             []byte
	complete                           bool
}

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

func (r *rows) set(column string, v any) {
	if i := slices.Index(r.columns, column); i >= 0 {
		r.values[0][i] = v
	}
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
		if !json.Valid(r.fields) {
			r.fields = nil
		}
	}
	r.item = read(sqlWreckItem)
	if r.item == nil || len(r.item.values) != 1 {
		r.item = nil
		return r
	}
	state := outbox.State(fmt.Sprint(r.item.value("state")))
	r.recipients, r.chunks, r.attempts = read(sqlWreckRecipients), read(sqlWreckChunks), read(sqlWreckAttempts)
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

func (w wreck) read(ctx context.Context, query string, id outbox.ID) (*rows, error) {
	got, err := w.from.QueryContext(ctx, query, id)
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
			return nil, err
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
	complete := r.item != nil && r.complete
	if !complete && r.fields == nil {
		return nil
	}
	return w.to.transact(ctx, func(tx *tx) error {
		if complete {
			w.hold(r.item)
			for _, t := range []struct {
				name string
				rows *rows
			}{{"item", r.item}, {"recipient", r.recipients}, {"chunk", r.chunks}, {"attempt", r.attempts}} {
				if err := insert(ctx, tx, t.name, t.rows); err != nil {
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
	switch state := outbox.State(fmt.Sprint(item.value("state"))); state {
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

// insert writes rows of an older or of this version's table.
func insert(ctx context.Context, tx *tx, table string, r *rows) error {
	if r == nil {
		return nil
	}
	query := fmt.Sprintf(sqlWreckInsert, table, strings.Join(r.columns, ", "), strings.TrimSuffix(strings.Repeat("?, ", len(r.columns)), ", "))
	for _, values := range r.values {
		if _, err := tx.ExecContext(ctx, query, values...); err != nil {
			return err
		}
	}
	return nil
}
