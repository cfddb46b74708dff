package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"sendoff/smtp/outbox"
)

// ClaimCopies implements outbox.Store.
func (s *Store) ClaimCopies(ctx context.Context, while time.Duration, most int) ([]outbox.Copy, error) {
	now := s.clock()
	var copies []outbox.Copy
	err := s.transact(ctx, func(tx *tx) error {
		copies = nil
		return each(ctx, tx, sqlClaimCopies, []any{stamp(now), stamp(now.Add(while)), most, stamp(now.Add(outbox.LongestWait))}, func(rows *sql.Rows) error {
			c, err := scanCopy(rows.Scan)
			copies = append(copies, c)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(copies, func(a, b outbox.Copy) int { return cmp.Compare(a.ID, b.ID) })
	return copies, nil
}

// EndCopy implements outbox.Store.
func (s *Store) EndCopy(ctx context.Context, id outbox.ID, next time.Time, problem string) error {
	var done time.Time
	if next.IsZero() {
		done = s.clock()
	}
	return s.transact(ctx, func(tx *tx) error {
		_, err := tx.ExecContext(ctx, sqlEndCopy, stamp(next), stamp(done), problem, id)
		return err
	})
}

// Copy implements outbox.Store.
func (s *Store) Copy(ctx context.Context, id outbox.ID) (outbox.Copy, error) {
	c, err := scanCopy(s.read.QueryRowContext(ctx, sqlReadCopy, id).Scan)
	return c, known(err)
}

func scanCopy(scan func(...any) error) (outbox.Copy, error) {
	var c outbox.Copy
	err := scan(&c.ID, &c.Folder, &c.Tries, moment{&c.NextTry}, moment{&c.Done}, &c.Problem)
	return c, err
}
