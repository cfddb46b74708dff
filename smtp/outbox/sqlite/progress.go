package sqlite

import (
	"context"
	"database/sql"
	"net/url"

	"sendoff/smtp/outbox"
)

// Report implements outbox.Store.
func (s *Store) Report(ctx context.Context, reports ...outbox.Report) error {
	p, err := s.forHints(ctx)
	if err != nil {
		return known(err)
	}
	t, err := p.BeginTx(ctx, nil)
	if err != nil {
		return known(err)
	}
	defer t.Rollback() // of no effect after Commit
	for _, r := range reports {
		_, err := t.ExecContext(ctx, sqlReport, r.Lease.ID, r.Lease.N, r.Progress.Octets, r.Progress.Total, r.Progress.Rate, stamp(r.Progress.At))
		if err != nil {
			return known(err)
		}
	}
	return known(t.Commit())
}

// forHints returns what to write with that may get lost: it does not wait for
// the disk. Without a write-ahead log that could damage the file, and is not
// done.
func (s *Store) forHints(ctx context.Context) (*pool, error) {
	s.hintsMu.Lock()
	defer s.hintsMu.Unlock()
	if s.hints != nil {
		return s.hints, nil
	}
	var mode string
	if err := s.read.QueryRowContext(ctx, sqlReadMode).Scan(&mode); err != nil {
		return nil, err
	}
	if mode != "wal" {
		s.hints = s.write
		return s.hints, nil
	}
	p, err := connect(s.path, url.Values{
		"vfs":     {s.vfs},
		"_txlock": {"immediate"},
		"_pragma": {"synchronous(normal)", "foreign_keys(on)", "trusted_schema(off)"},
	})
	if err != nil {
		return nil, err
	}
	p.SetMaxOpenConns(1)
	s.hints = p
	return p, nil
}

// closeHints closes what forHints opened.
func (s *Store) closeHints() error {
	s.hintsMu.Lock()
	defer s.hintsMu.Unlock()
	if s.hints == nil || s.hints == s.write {
		return nil
	}
	return s.hints.Close()
}

// addProgress reads how far those of items are that are being sent.
func (s *Store) addProgress(ctx context.Context, q queryer, items []outbox.Item) error {
	place := map[outbox.ID]*outbox.Item{}
	var ids []outbox.ID
	for i := range items {
		if items[i].State == outbox.Sending {
			place[items[i].ID] = &items[i]
			ids = append(ids, items[i].ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return each(ctx, q, sqlReadProgress, []any{list(ids)}, func(rows *sql.Rows) error {
		var id outbox.ID
		var p outbox.Progress
		if err := rows.Scan(&id, &p.Octets, &p.Total, &p.Rate, moment{&p.At}); err != nil {
			return err
		}
		place[id].Progress = p
		return nil
	})
}
