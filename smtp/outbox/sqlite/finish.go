package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"sendoff/smtp/outbox"
)

// Committing implements outbox.Store.
func (s *Store) Committing(ctx context.Context, leases ...outbox.Lease) error {
	_, begun := s.Exchange(ctx, nil, leases)
	return begun
}

// commit marks all of leases, or none and returns ErrLeaseLost.
func commit(ctx context.Context, tx *tx, leases []outbox.Lease) error {
	var marks batch
	for _, l := range leases {
		marks.add(l.ID, l.N)
	}
	held, err := marks.exec(ctx, tx, sqlCommitting)
	if err != nil || held == int64(len(leases)) {
		return err
	}
	for _, l := range leases {
		if _, err := tx.ExecContext(ctx, sqlParted, l.ID, l.N); err != nil {
			return err
		}
	}
	return outbox.ErrLeaseLost
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
	held, err := s.finish(ctx, tx, finished)
	if err != nil {
		return err
	}
	var lost error
	reached := map[string]bool{}
	for i, f := range finished {
		account := held[i]
		if account == nil {
			account = new(string)
			*account, err = s.finishLate(ctx, tx, f)
		}
		switch {
		case errors.Is(err, outbox.ErrLeaseLost):
			lost, err = err, nil
			if p := f.Decision.Park; p != nil { // which is true whoever has the mail
				reached[p.Account] = false
				err = s.park(ctx, tx, *p)
			}
		case err != nil:
			return err
		case f.Decision.Park != nil:
			reached[*account] = false
			err = s.park(ctx, tx, *f.Decision.Park)
		case f.Decision.Reached && !reached[*account]: // once is enough for all
			reached[*account] = true
			_, err = tx.ExecContext(ctx, sqlReached, *account)
		}
		if err != nil {
			return err
		}
	}
	return lost
}

// finish writes down what became of mails whose leases hold, and returns whose
// each of them is; nil for a lease that was lost. As long as a lease holds nobody
// else changes the mail, so that nothing need be read first.
func (s *Store) finish(ctx context.Context, tx *tx, finished []outbox.Finished) ([]*string, error) {
	items := make([]outbox.Item, len(finished))
	place := make(map[outbox.Lease]int, len(finished))
	var ends batch
	for i, f := range finished {
		it, err := outbox.Item{ID: f.Lease.ID, State: outbox.Sending}.Finish(f, f.Lease.N, s.clock())
		if err != nil {
			return nil, err
		}
		items[i] = it
		place[outbox.Lease{ID: f.Lease.ID, N: f.Lease.N}] = i
		ends.add(it.ID, f.Lease.N, it.State, stamp(it.Updated), stamp(it.NextTry), dueAt(it),
			it.Reply, it.Problem, tried(f.Attempt), it.NeedsYou())
	}
	accounts := make([]*string, len(finished))
	err := ends.each(sqlFinish, func(query string, values []any) error {
		return each(ctx, tx, query, values, func(rows *sql.Rows) error {
			var l outbox.Lease
			var account string
			var attempts int
			if err := rows.Scan(&l.ID, &l.N, &account, &attempts); err != nil {
				return err
			}
			i := place[l]
			accounts[i], items[i].Attempts = &account, attempts
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return accounts, s.finishRest(ctx, tx, finished, items, accounts)
}

// finishRest writes down what does not stand with the items themselves, of
// those that have an account.
func (s *Store) finishRest(
	ctx context.Context, tx *tx, finished []outbox.Finished, items []outbox.Item, accounts []*string,
) error {
	var recipients, attempts batch
	for i, it := range items {
		if accounts[i] == nil {
			continue
		}
		for n, r := range it.Recipients {
			recipients.add(it.ID, n, r.State, r.Code, r.Enhanced, r.Text, r.Tries, stamp(r.NextTry), r.Doubt)
		}
		if err := s.notice(ctx, tx, it); err != nil {
			return err
		}
		if a := finished[i].Attempt; tried(a) {
			a.N = it.Attempts
			attempts.add(attemptRow(it.ID, a)...)
		}
	}
	if _, err := recipients.exec(ctx, tx, sqlFinishRecipients); err != nil {
		return err
	}
	_, err := attempts.exec(ctx, tx, sqlInsertAttempts)
	return err
}

// tried tells that a is the record of a try.
func tried(a outbox.Attempt) bool { return a.Stage != "" || a.Text != "" }

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
	if tried(f.Attempt) {
		if err := s.addAttempt(ctx, tx, it, f.Attempt); err != nil {
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
