package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"sendoff/smtp/outbox"
)

// Due implements outbox.Store.
func (s *Store) Due(ctx context.Context, only outbox.Only) ([]string, time.Time, error) {
	now := s.clock()
	var next time.Time
	sooner := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	query, args := sqlDue, []any(nil)
	if only.Account != "" || len(only.IDs) > 0 {
		query, args = sqlDueOnly, []any{only.Account, list(only.IDs)}
	}
	var accounts []string
	err := each(ctx, s.read, query, args, func(rows *sql.Rows) error {
		var account string
		var due time.Time
		var until sql.NullInt64
		if err := rows.Scan(&account, moment{&due}, &until); err != nil {
			return err
		}
		switch parked := time.UnixMicro(until.Int64).UTC(); {
		case until.Valid && until.Int64 == 0: // until a person does something
		case until.Valid && parked.After(now) && parked.After(due):
			sooner(parked)
		case due.After(now):
			sooner(due)
		default:
			accounts = append(accounts, account)
		}
		return nil
	})
	if err != nil {
		return nil, next, known(err)
	}
	var lease time.Time
	if err := s.read.QueryRowContext(ctx, sqlNextLease).Scan(moment{&lease}); err != nil {
		return nil, next, known(err)
	}
	sooner(lease)
	return accounts, next, nil
}

// Claim implements outbox.Store.
func (s *Store) Claim(ctx context.Context, w outbox.Want) ([]outbox.Claimed, error) {
	if err := s.owners.announce(w.Owner); err != nil {
		return nil, known(err)
	}
	if err := s.write.compile(ctx, sqlDeliver...); err != nil {
		return nil, known(err)
	}
	var claims []outbox.Claimed
	err := s.transact(ctx, func(tx *tx) error {
		var err error
		claims, err = s.take(ctx, tx, w, s.clock().UTC().Truncate(time.Microsecond))
		return err
	})
	if err != nil {
		return nil, err
	}
	return claims, nil
}

// take gives w.Owner the mails it wants, in the order of their IDs.
func (s *Store) take(ctx context.Context, tx *tx, w outbox.Want, now time.Time) ([]outbox.Claimed, error) {
	query := sqlClaim
	args := []any{w.Account, stamp(now), w.Owner, stamp(now.Add(w.Lease)), max(w.Max, 1), stamp(w.Late)}
	if len(w.IDs) > 0 {
		query = sqlClaimOnly
		args = append(args, list(w.IDs))
	}
	var items []outbox.Item
	claims := map[outbox.ID]int64{}
	err := each(ctx, tx, query, args, func(rows *sql.Rows) error {
		var n int64
		it, err := scanItem(rows, &n)
		items = append(items, it)
		claims[it.ID] = n
		return err
	})
	if err != nil || len(items) == 0 {
		return nil, err
	}
	slices.SortFunc(items, func(a, b outbox.Item) int { return cmp.Compare(a.ID, b.ID) })
	if err := s.addRecipients(ctx, tx, items); err != nil {
		return nil, err
	}
	var misses int
	if err := tx.QueryRowContext(ctx, sqlMisses, w.Account).Scan(&misses); err != nil {
		return nil, err
	}
	claimed := make([]outbox.Claimed, len(items))
	for i, it := range items {
		lease := outbox.Lease{ID: it.ID, Owner: w.Owner, N: claims[it.ID]}
		claimed[i] = outbox.Claimed{Item: it, Lease: lease, To: it.Tryable(now), Started: now, Misses: misses}
	}
	return claimed, nil
}

// HoldBack implements outbox.Store.
func (s *Store) HoldBack(ctx context.Context, before time.Time) ([]outbox.ID, error) {
	held, err := s.late(ctx, s.read, before) // without keeping writers out
	if err != nil || len(held) == 0 {
		return nil, known(err)
	}
	err = s.transact(ctx, func(tx *tx) error {
		var err error
		if held, err = s.late(ctx, tx, before); err != nil {
			return err
		}
		for _, id := range held {
			it, err := s.item(ctx, tx, id)
			if err != nil {
				return err
			}
			after, err := it.HoldBack(s.clock())
			if err != nil {
				return err
			}
			if err := s.update(ctx, tx, it, after); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return held, nil
}

// late returns the mails that were scheduled for a moment before one.
func (s *Store) late(ctx context.Context, q queryer, before time.Time) ([]outbox.ID, error) {
	var ids []outbox.ID
	err := each(ctx, q, sqlLate, []any{stamp(before)}, func(rows *sql.Rows) error {
		var id outbox.ID
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// Renew implements outbox.Store.
func (s *Store) Renew(ctx context.Context, while time.Duration, leases ...outbox.Lease) error {
	until := stamp(s.clock().Add(while))
	var lost error
	err := s.transact(ctx, func(tx *tx) error {
		for _, l := range leases {
			held, err := changedOne(tx.ExecContext(ctx, sqlRenew, until, l.ID, l.N))
			if err != nil {
				return err
			}
			if !held {
				lost = outbox.ErrLeaseLost
			}
		}
		return nil
	})
	if err != nil {
		return err // none of it was done
	}
	return lost
}

// Part implements outbox.Store.
func (s *Store) Part(ctx context.Context, lease outbox.Lease, recipients []outbox.Recipient) error {
	return s.transact(ctx, func(tx *tx) error {
		held, err := changedOne(tx.ExecContext(ctx, sqlParted, lease.ID, lease.N))
		if err != nil {
			return err
		}
		if !held {
			return outbox.ErrLeaseLost
		}
		it, err := s.item(ctx, tx, lease.ID)
		if err != nil {
			return err
		}
		return s.updateRecipients(ctx, tx, it, recipients)
	})
}

// Aside implements outbox.Store.
func (s *Store) Aside(ctx context.Context, lease outbox.Lease, addresses []string) error {
	aside, err := json.Marshal(addresses)
	if err != nil {
		return err
	}
	return s.transact(ctx, func(tx *tx) error {
		held, err := changedOne(tx.ExecContext(ctx, sqlAside, string(aside), lease.ID, lease.N))
		if err == nil && !held {
			err = outbox.ErrLeaseLost
		}
		return err
	})
}

func changedOne(res sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// Recover implements outbox.Store.
func (s *Store) Recover(ctx context.Context) ([]outbox.ID, error) {
	if err := s.endWrongWaits(ctx); err != nil {
		return nil, known(err)
	}
	expired, err := s.expired(ctx, s.read) // without keeping writers out
	if err != nil || len(expired) == 0 {
		return nil, known(err)
	}
	var ids []outbox.ID
	err = s.transact(ctx, func(tx *tx) error {
		expired, err := s.expired(ctx, tx)
		if err != nil {
			return err
		}
		for _, e := range expired {
			it, err := s.item(ctx, tx, e.id)
			if err != nil {
				return err
			}
			after, attempt := it.Recover(e.claimed, s.clock(), e.aside)
			if err := s.update(ctx, tx, it, after); err != nil {
				return err
			}
			if err := s.addAttempt(ctx, tx, it, attempt); err != nil {
				return err
			}
			if err := s.notice(ctx, tx, after); err != nil {
				return err
			}
			ids = append(ids, e.id)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return ids, nil
}

// renewal is the time in which whoever is at a mail renews the lease on it.
const renewal = time.Minute

// endWrongWaits ends the waits that were begun when the clock was far ahead, and
// the leases when their owners had time to renew them: those would keep the mail
// from everybody as long.
func (s *Store) endWrongWaits(ctx context.Context) error {
	now := s.clock()
	latest := stamp(now.Add(outbox.LongestWait))
	var wrong bool
	if err := s.read.QueryRowContext(ctx, sqlWrongWaits, latest).Scan(&wrong); err != nil || !wrong {
		return err
	}
	return s.transact(ctx, func(tx *tx) error {
		for _, query := range []string{sqlEndRecipients, sqlEndItems, sqlEndParking} {
			if _, err := tx.ExecContext(ctx, query, latest, stamp(now)); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, sqlEndLeases, latest, stamp(now.Add(renewal)))
		return err
	})
}

// expiredLease is a lease that ran out or whose owner is dead.
type expiredLease struct {
	id      outbox.ID
	claimed time.Time
	aside   []string
}

func (s *Store) expired(ctx context.Context, q queryer) ([]expiredLease, error) {
	now := s.clock()
	dead := map[string]bool{}
	var expired []expiredLease
	err := each(ctx, q, sqlLeases, nil, func(rows *sql.Rows) error {
		var e expiredLease
		var owner string
		var until time.Time
		var aside []byte
		if err := rows.Scan(&e.id, &owner, moment{&until}, moment{&e.claimed}, &aside); err != nil {
			return err
		}
		if len(aside) > 0 {
			if err := json.Unmarshal(aside, &e.aside); err != nil {
				return fmt.Errorf("mail %s: aside: %w", e.id, err)
			}
		}
		if _, judged := dead[owner]; !judged {
			dead[owner] = s.owners.dead(owner)
		}
		if dead[owner] || !until.After(now) {
			expired = append(expired, e)
		}
		return nil
	})
	return expired, err
}
