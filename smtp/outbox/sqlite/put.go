package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
)

// Put implements outbox.Store.
func (s *Store) Put(ctx context.Context, n outbox.New) (outbox.ID, error) {
	if len(n.Recipients) == 0 {
		return 0, errors.New("a mail without recipients can't be queued")
	}
	now := s.clock()
	if err := s.already(ctx, n.Once, now); err != nil {
		return 0, err
	}
	it := outbox.Item{State: n.State, Updated: now, Since: now, NotBefore: n.NotBefore}
	switch n.State {
	case outbox.Queued, outbox.Held:
		it.NotBefore = time.Time{}
	case outbox.Scheduled:
		if n.NotBefore.IsZero() {
			return 0, errors.New("a mail can't be scheduled for no time")
		}
		it.Since = n.NotBefore
	default:
		return 0, fmt.Errorf("put a mail that is %s: %w", n.State, outbox.ErrTransition)
	}

	if n.Undated {
		it.Date = now
		if it.State == outbox.Scheduled {
			it.Date = n.NotBefore
		}
		it.Size = int64(len(message.DateField(it.Date)))
	}

	// The content is made before the transaction begins: it may come from a
	// slow disk, and nobody else can write meanwhile.
	content, err := s.spool(n.Write)
	if err != nil {
		return 0, known(err)
	}
	defer content.close()

	var id outbox.ID
	var open bool
	err = s.transact(ctx, func(tx *tx) (err error) {
		if err := remember(ctx, tx, n.Once, now); err != nil {
			return err
		}
		if open, err = wasOpen(ctx, tx, n.Draft.ID, n.Fields); err != nil {
			return err
		}
		if n.Draft.ID != 0 {
			if err := dropDraft(ctx, tx, n.Draft); err != nil {
				return err
			}
		}
		res, err := tx.ExecContext(ctx, sqlInsertItem, n.State, n.Account, n.MessageID, n.From, n.Subject,
			it.Size+content.size, n.UTF8, wishes{&n.Wishes}, dated(it.Date),
			stamp(now), stamp(now), stamp(it.NotBefore), stamp(it.Since), dueAt(it))
		if err != nil {
			return err
		}
		last, err := res.LastInsertId()
		if err != nil {
			return err
		}
		id = outbox.ID(last)
		for i, address := range n.Recipients {
			if _, err := tx.ExecContext(ctx, sqlInsertRecipient, id, i, address, outbox.Pending); err != nil {
				return err
			}
		}
		if n.Fields != nil {
			if _, err := tx.ExecContext(ctx, sqlWriteFields, id, n.Fields); err != nil {
				return err
			}
		}
		if n.Copy != "" {
			if _, err := tx.ExecContext(ctx, sqlInsertCopy, id, n.Copy); err != nil {
				return err
			}
		}
		who := n.From + " " + strings.Join(n.Recipients, " ")
		if _, err := tx.ExecContext(ctx, sqlIndex, id, n.Subject, who, n.MessageID, n.Text); err != nil {
			return err
		}
		return content.store(ctx, tx, id)
	})
	if err == nil && open {
		s.scrub(ctx)
	}
	return id, err
}

// already tells early what remember would find out after all the work.
func (s *Store) already(ctx context.Context, once string, now time.Time) error {
	var n int
	if once == "" {
		return nil
	}
	err := s.read.QueryRowContext(ctx, sqlReadOnce, once, stamp(now.Add(-outbox.OnceFor))).Scan(&n)
	if err == nil && n > 0 {
		err = outbox.ErrAlready
	}
	return known(err)
}

// remember keeps what a mail is put in under.
func remember(ctx context.Context, tx *tx, once string, now time.Time) error {
	if once == "" {
		return nil
	}
	if _, err := tx.ExecContext(ctx, sqlForgetOnce, stamp(now.Add(-outbox.OnceFor))); err != nil {
		return err
	}
	first, err := changedOne(tx.ExecContext(ctx, sqlInsertOnce, once, stamp(now)))
	if err == nil && !first {
		err = outbox.ErrAlready
	}
	return err
}

func dropDraft(ctx context.Context, tx *tx, ref outbox.Ref) error {
	if err := unchanged(ctx, tx, ref); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, sqlDeleteItem, ref.ID)
	return err
}

// unchanged tells whether a draft is still one, and as it was seen.
func unchanged(ctx context.Context, tx *tx, ref outbox.Ref) error {
	var state outbox.State
	var updated int64
	if err := tx.QueryRowContext(ctx, sqlReadDraftState, ref.ID).Scan(&state, &updated); err != nil {
		return err
	}
	switch {
	case state != outbox.Draft:
		return fmt.Errorf("write a draft that is %s by now: %w", state, outbox.ErrTransition)
	case !ref.Seen.IsZero() && updated != stamp(ref.Seen):
		return outbox.ErrChanged
	}
	return nil
}

// SaveDraft implements outbox.Store.
func (s *Store) SaveDraft(ctx context.Context, ref outbox.Ref, d message.Draft) (outbox.Ref, error) {
	fields, err := json.Marshal(d)
	if err != nil {
		return outbox.Ref{}, err
	}
	now := s.clock().Truncate(time.Microsecond) // as the file has it
	if !now.After(ref.Seen) {
		now = ref.Seen.Add(time.Microsecond) // so that no two states of a draft look alike
	}
	id := ref.ID
	var open bool
	err = s.transact(ctx, func(tx *tx) (err error) {
		if open, err = wasOpen(ctx, tx, id, fields); err != nil {
			return err
		}
		if id == 0 {
			res, err := tx.ExecContext(ctx, sqlInsertDraft, d.Account, d.From, d.Subject, people(d), stamp(now), stamp(now))
			if err != nil {
				return err
			}
			last, err := res.LastInsertId()
			if err != nil {
				return err
			}
			id = outbox.ID(last)
		} else if err := updateDraft(ctx, tx, ref, d, stamp(now)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, sqlWriteFields, id, fields); err != nil {
			return err
		}
		return indexDraft(ctx, tx, id, d)
	})
	if err != nil {
		return outbox.Ref{}, err
	}
	if open {
		s.scrub(ctx)
	}
	return outbox.Ref{ID: id, Seen: now}, nil
}

func updateDraft(ctx context.Context, tx *tx, ref outbox.Ref, d message.Draft, now int64) error {
	if err := unchanged(ctx, tx, ref); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, sqlUpdateDraft, d.Account, d.From, d.Subject, people(d), now, ref.ID)
	return err
}

// Draft implements outbox.Store.
func (s *Store) Draft(ctx context.Context, id outbox.ID) (message.Draft, error) {
	d, err := readDraft(ctx, s.read, id)
	return d, known(err)
}

func readDraft(ctx context.Context, q queryer, id outbox.ID) (message.Draft, error) {
	var d message.Draft
	var fields []byte
	if err := q.QueryRowContext(ctx, sqlReadFields, id).Scan(&fields); err != nil {
		return d, err
	}
	if fields == nil {
		return d, outbox.ErrNoDraft
	}
	if err := json.Unmarshal(fields, &d); err != nil {
		return d, fmt.Errorf("draft %s: %w", id, err)
	}
	return d, nil
}

// indexed is how much of a draft's text a search looks into. It is saved while a
// person writes: to index all of a long one takes ten times as long as to keep it,
// which the keys then wait for.
const indexed = 64 << 10

// indexDraft makes a draft be found.
func indexDraft(ctx context.Context, tx *tx, id outbox.ID, d message.Draft) error {
	text := strings.ToValidUTF8(d.Body[:min(indexed, len(d.Body))], "")
	_, err := tx.ExecContext(ctx, sqlIndex, id, d.Subject, d.From+" "+people(d), "", text)
	return err
}

// people returns the recipients of a draft as they were typed, one field a
// line, without the comma that the next would follow.
func people(d message.Draft) string {
	var lines []string
	for _, field := range []string{d.To, d.Cc, d.Bcc} {
		if field = strings.TrimRight(strings.Join(strings.Fields(field), " "), ", "); field != "" {
			lines = append(lines, field)
		}
	}
	return strings.Join(lines, "\n")
}

// longAgo is taken off the times at which mails were queued. They keep their
// order, but are past even if the clock was wrong then and is set back now.
const longAgo = 1 << 60

// dueAt returns what the column due holds for it.
func dueAt(it outbox.Item) any {
	switch due := it.Due(); {
	case due.IsZero():
		return nil
	case it.State == outbox.Queued:
		return stamp(due) - longAgo
	default:
		return stamp(due)
	}
}
