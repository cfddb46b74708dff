package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
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

// Committing implements outbox.Store.
func (s *Store) Committing(ctx context.Context, leases ...outbox.Lease) error {
	_, begun := s.Exchange(ctx, nil, leases)
	return begun
}

// commit marks all of leases, or none and returns ErrLeaseLost.
func commit(ctx context.Context, tx *tx, leases []outbox.Lease) error {
	for i, l := range leases {
		held, err := changedOne(tx.ExecContext(ctx, sqlCommitting, l.ID, l.N))
		if err != nil {
			return err
		}
		if held {
			continue
		}
		for _, l := range leases[:i] {
			if _, err := tx.ExecContext(ctx, sqlParted, l.ID, l.N); err != nil {
				return err
			}
		}
		return outbox.ErrLeaseLost
	}
	return nil
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

func changedOne(res sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// Finish implements outbox.Store.
func (s *Store) Finish(ctx context.Context, finished ...outbox.Finished) error {
	ended, _ := s.Exchange(ctx, finished, nil)
	return ended
}

// Exchange implements outbox.Store.
func (s *Store) Exchange(ctx context.Context, finished []outbox.Finished, next []outbox.Lease) (ended, begun error) {
	err := s.transact(ctx, func(tx *tx) error {
		if ended = s.finishAll(ctx, tx, finished); ended != nil && !errors.Is(ended, outbox.ErrLeaseLost) {
			return ended
		}
		if begun = commit(ctx, tx, next); begun != nil && !errors.Is(begun, outbox.ErrLeaseLost) {
			return begun
		}
		return nil
	})
	if err != nil {
		return err, err // none of it was done
	}
	return ended, begun
}

// finishAll ends claims. ErrLeaseLost is of one of them; it keeps no other from
// being ended.
func (s *Store) finishAll(ctx context.Context, tx *tx, finished []outbox.Finished) error {
	var lost error
	reached := map[string]bool{}
	for _, f := range finished {
		account, err := s.finish(ctx, tx, f)
		switch {
		case errors.Is(err, outbox.ErrLeaseLost):
			lost = err
			continue
		case err != nil:
			return err
		case f.Decision.Park != nil:
			reached[account] = false
			err = s.park(ctx, tx, *f.Decision.Park)
		case f.Decision.Reached && !reached[account]: // once is enough for all
			reached[account] = true
			_, err = tx.ExecContext(ctx, sqlReached, account)
		}
		if err != nil {
			return err
		}
	}
	return lost
}

// finish writes down what became of a mail, and returns whose it is. As long
// as the lease holds nobody else changes the mail, so that nothing need be read
// first.
func (s *Store) finish(ctx context.Context, tx *tx, f outbox.Finished) (account string, err error) {
	id := f.Lease.ID
	it, err := outbox.Item{ID: id, State: outbox.Sending}.Finish(f, f.Lease.N, s.clock())
	if err != nil {
		return "", err
	}
	a := f.Attempt
	tried := 0
	if a.Stage != "" || a.Text != "" {
		tried = 1
	}
	err = tx.QueryRowContext(ctx, sqlFinish, it.State, stamp(it.Updated), stamp(it.NextTry), dueAt(it), it.Reply, it.Problem,
		tried, it.NeedsYou(), id, f.Lease.N).Scan(&account, &a.N)
	if errors.Is(err, sql.ErrNoRows) {
		return s.finishLate(ctx, tx, f)
	}
	if err != nil {
		return "", err
	}
	for i, r := range it.Recipients {
		if err := updateRecipient(ctx, tx, id, i, r); err != nil {
			return "", err
		}
	}
	if err := s.notice(ctx, tx, it); err != nil {
		return "", err
	}
	if tried == 0 {
		return account, nil
	}
	return account, insertAttempt(ctx, tx, id, a)
}

// finishLate is finish for a lease that was lost.
func (s *Store) finishLate(ctx context.Context, tx *tx, f outbox.Finished) (account string, err error) {
	id := f.Lease.ID
	it, err := s.item(ctx, tx, id)
	if errors.Is(err, outbox.ErrNotFound) {
		return "", outbox.ErrLeaseLost // deleted meanwhile
	}
	if err != nil {
		return "", err
	}
	if it.State == outbox.Draft {
		return "", outbox.ErrLeaseLost // taken back meanwhile
	}
	var claims int64
	if err := tx.QueryRowContext(ctx, sqlReadClaim, id).Scan(&claims); err != nil {
		return "", err
	}
	if a := f.Attempt; a.Stage != "" || a.Text != "" {
		if err := s.addAttempt(ctx, tx, it, a); err != nil {
			return "", err
		}
	}
	after, err := it.Finish(f, claims, s.clock())
	if err != nil {
		return "", err
	}
	if err := s.update(ctx, tx, it, after); err != nil {
		return "", err
	}
	if after.State == it.State {
		return it.Account, nil
	}
	return it.Account, s.notice(ctx, tx, after)
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
			after, attempt := it.Recover(e.claimed, s.clock())
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

// endWrongWaits ends the waits that were begun when the clock was far ahead.
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
		return nil
	})
}

// expiredLease is a lease that ran out or whose owner is dead.
type expiredLease struct {
	id      outbox.ID
	claimed time.Time
}

func (s *Store) expired(ctx context.Context, q queryer) ([]expiredLease, error) {
	now := s.clock()
	dead := map[string]bool{}
	var expired []expiredLease
	err := each(ctx, q, sqlLeases, nil, func(rows *sql.Rows) error {
		var e expiredLease
		var owner string
		var until time.Time
		if err := rows.Scan(&e.id, &owner, moment{&until}, moment{&e.claimed}); err != nil {
			return err
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
