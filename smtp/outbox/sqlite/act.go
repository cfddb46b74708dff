package sqlite

import (
	"context"
	"time"

	"sendoff/smtp/outbox"
)

// Act implements outbox.Store.
func (s *Store) Act(ctx context.Context, id outbox.ID, action outbox.Action) error {
	err := s.transact(ctx, func(tx *tx) error {
		it, err := s.item(ctx, tx, id)
		if err != nil {
			return err
		}
		after, err := it.Apply(action, s.clock())
		if err != nil {
			return err
		}
		switch action {
		case outbox.Delete:
			_, err := tx.ExecContext(ctx, sqlDeleteItem, id)
			return err
		case outbox.TakeBack:
			if err := s.makeDraft(ctx, tx, id); err != nil {
				return err
			}
			it.Recipients = nil
		}
		return s.update(ctx, tx, it, after)
	})
	if err == nil && (action == outbox.Delete || action == outbox.TakeBack) {
		s.shrink(ctx)
	}
	return err
}

// Schedule implements outbox.Store.
func (s *Store) Schedule(ctx context.Context, id outbox.ID, at time.Time) error {
	return s.transact(ctx, func(tx *tx) error {
		it, err := s.item(ctx, tx, id)
		if err != nil {
			return err
		}
		after, err := it.Schedule(at, s.clock())
		if err != nil {
			return err
		}
		return s.update(ctx, tx, it, after)
	})
}

// Reassign implements outbox.Store.
func (s *Store) Reassign(ctx context.Context, id outbox.ID, account, folder string) error {
	return s.transact(ctx, func(tx *tx) error {
		it, err := s.item(ctx, tx, id)
		if err != nil {
			return err
		}
		after, err := it.Reassign(account, s.clock())
		if err != nil {
			return err
		}
		for _, query := range []string{sqlReassign, sqlReassignDraft} {
			if _, err := tx.ExecContext(ctx, query, account, id); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, sqlNoOpenCopy, id); err != nil {
			return err
		}
		if folder != "" {
			if _, err := tx.ExecContext(ctx, sqlInsertCopyOnce, id, folder); err != nil {
				return err
			}
		}
		return s.update(ctx, tx, it, after)
	})
}

// makeDraft leaves of a mail what a person wrote.
func (s *Store) makeDraft(ctx context.Context, tx *tx, id outbox.ID) error {
	d, err := readDraft(ctx, tx, id)
	if err != nil {
		return err
	}
	for _, query := range []string{sqlNoRecipients, sqlNoChunks, sqlNoAttempts, sqlNoCopy} {
		if _, err := tx.ExecContext(ctx, query, id); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, sqlMakeDraft, d.From, people(d), id); err != nil {
		return err
	}
	return indexDraft(ctx, tx, id, d)
}

// shrink gives the room of deleted content back to the disk. That it can't,
// because the disk is full or another program reads, harms nothing: the room
// is used for the next mail.
func (s *Store) shrink(ctx context.Context) {
	if rows, err := s.write.QueryContext(ctx, sqlShrink); err == nil {
		for rows.Next() {
		}
		_ = rows.Close()
	}
}

// update writes what changed between two states of an item.
func (s *Store) update(ctx context.Context, tx *tx, before, after outbox.Item) error {
	_, err := tx.ExecContext(ctx, sqlUpdateItem, after.State, stamp(after.Updated), stamp(after.NotBefore),
		stamp(after.Since), stamp(after.NextTry), dueAt(after), after.Reply, after.Problem, dated(after.Date), after.NeedsYou(), after.ID)
	if err != nil {
		return err
	}
	return s.updateRecipients(ctx, tx, before, after.Recipients)
}

// updateRecipients writes what is different of the recipients of an item.
func (s *Store) updateRecipients(ctx context.Context, tx *tx, before outbox.Item, after []outbox.Recipient) error {
	for i, r := range after {
		if r == before.Recipients[i] {
			continue
		}
		if err := updateRecipient(ctx, tx, before.ID, i, r); err != nil {
			return err
		}
	}
	return nil
}

// updateRecipient writes the nth recipient of an item, counted from 0.
func updateRecipient(ctx context.Context, tx *tx, id outbox.ID, n int, r outbox.Recipient) error {
	_, err := tx.ExecContext(ctx, sqlUpdateRecipient, r.State, r.Code, r.Enhanced, r.Text, r.Tries, stamp(r.NextTry), r.Doubt, id, n)
	return err
}

// addAttempt appends to the record of an item as it was read.
func (s *Store) addAttempt(ctx context.Context, tx *tx, it outbox.Item, a outbox.Attempt) error {
	a.N = it.Attempts + 1
	if err := insertAttempt(ctx, tx, it.ID, a); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, sqlCountAttempt, it.ID)
	return err
}

func insertAttempt(ctx context.Context, tx *tx, id outbox.ID, a outbox.Attempt) error {
	_, err := tx.ExecContext(ctx, sqlInsertAttempts.one, attemptRow(id, a)...)
	return err
}

func attemptRow(id outbox.ID, a outbox.Attempt) []any {
	return []any{
		id, a.N, stamp(a.Started), a.Elapsed.Microseconds(), string(a.Stage), a.Code, a.Enhanced, a.Text, a.Bytes, a.Waits, a.Transcript,
	}
}
