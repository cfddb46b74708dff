package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sendoff/smtp/outbox"
)

// KeepNotices implements outbox.Store.
func (s *Store) KeepNotices() { s.notices.Store(true) }

// TakeNotice implements outbox.Store.
func (s *Store) TakeNotice(ctx context.Context, lease time.Duration) (outbox.Notice, error) {
	var n outbox.Notice
	now, until := stamp(s.clock()), stamp(s.clock().Add(lease))
	var any bool
	if err := s.read.QueryRowContext(ctx, sqlAnyNotice, now, until).Scan(&any); err != nil {
		return n, known(err)
	}
	if !any { // seen without keeping writers out
		return n, outbox.ErrNotFound
	}
	err := s.write.QueryRowContext(ctx, sqlTakeNotice, now, until).Scan(&n.N, &n.ID, &n.State, moment{&n.At})
	if errors.Is(err, sql.ErrNoRows) {
		return n, outbox.ErrNotFound
	}
	return n, known(err)
}

// DropNotice implements outbox.Store.
func (s *Store) DropNotice(ctx context.Context, n outbox.Notice) error {
	_, err := s.write.ExecContext(ctx, sqlDropNotice, n.N)
	return known(err)
}

// notice notes that somebody is to be told of the state of an item, if anybody
// wants to know.
func (s *Store) notice(ctx context.Context, tx *tx, it outbox.Item) error {
	switch it.State {
	case outbox.Sent, outbox.Partial, outbox.Failed, outbox.Uncertain, outbox.Deferred:
	default:
		return nil
	}
	if !s.notices.Load() {
		return nil
	}
	_, err := tx.ExecContext(ctx, sqlInsertNotice, it.ID, it.State, stamp(it.Updated))
	return err
}
