package sqlite

import (
	"context"
	"time"

	"sendoff/smtp/outbox"
)

// Sweep implements outbox.Store.
func (s *Store) Sweep(ctx context.Context, before time.Time) (int, error) {
	const most = 100 // at a time, so that others get to write
	swept := 0
	for {
		var n int64
		err := s.transact(ctx, func(tx *tx) error {
			res, err := tx.ExecContext(ctx, sqlSweep, outbox.Sent, stamp(before), most)
			if err != nil {
				return err
			}
			n, err = res.RowsAffected()
			return err
		})
		if err != nil {
			return swept, err
		}
		swept += int(n)
		if n < most {
			break
		}
	}
	if swept > 0 {
		s.shrink(ctx)
	}
	return swept, nil
}
