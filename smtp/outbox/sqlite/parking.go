package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"sendoff/smtp/outbox"
)

// Park implements outbox.Store.
func (s *Store) Park(ctx context.Context, p outbox.Parking) error {
	return s.transact(ctx, func(tx *tx) error { return s.park(ctx, tx, p) })
}

func (s *Store) park(ctx context.Context, tx *tx, p outbox.Parking) error {
	_, err := tx.ExecContext(ctx, sqlPark, p.Account, p.Reason, stamp(s.clock()), stamp(p.Until), p.Misses, p.Refused)
	return err
}

// Unpark implements outbox.Store.
func (s *Store) Unpark(ctx context.Context, account string) error {
	_, err := s.write.ExecContext(ctx, sqlUnpark, account)
	return known(err)
}

// EndWaits implements outbox.Store.
func (s *Store) EndWaits(ctx context.Context, accounts ...string) error {
	named, err := json.Marshal(append([]string{}, accounts...))
	if err != nil {
		return err
	}
	_, err = s.write.ExecContext(ctx, sqlEndWaits, stamp(s.clock()), string(named))
	return known(err)
}

// Parked implements outbox.Store.
func (s *Store) Parked(ctx context.Context) ([]outbox.Parking, error) {
	var parked []outbox.Parking
	err := each(ctx, s.read, sqlParked, nil, func(rows *sql.Rows) error {
		var p outbox.Parking
		err := rows.Scan(&p.Account, &p.Reason, moment{&p.Since}, moment{&p.Until}, &p.Misses, &p.Refused, &p.Waiting)
		parked = append(parked, p)
		return err
	})
	return parked, known(err)
}
