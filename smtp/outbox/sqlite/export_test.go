package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"

	"sendoff/smtp/outbox"
)

// Fill puts n mails into the outbox: nine of ten are sent, the rest is queued.
func Fill(ctx context.Context, s *Store, n int) error {
	return s.transact(ctx, func(tx *tx) error {
		for i := range n {
			state, due := "sent", any(nil)
			if i%10 == 0 {
				state, due = "queued", int64(1+i)
			}
			subject := fmt.Sprintf("Subject %d about topic%d", i, i%977)
			res, err := tx.ExecContext(ctx, sqlInsertItem, state, "home", fmt.Sprintf("%d@example.org", i), "me@example.org",
				subject, 20, false, "", "", int64(i), int64(i), 0, int64(i), due)
			if err != nil {
				return err
			}
			id, err := res.LastInsertId()
			if err != nil {
				return err
			}
			body := fmt.Sprintf("some words about item%d and thing%d, which nobody has to read", i, i%499)
			if _, err := tx.ExecContext(ctx, sqlIndex, id, subject, fmt.Sprintf("person%d@example.org", i%1009), fmt.Sprintf("%d@example.org", i), body); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, sqlInsertRecipient, id, 0, fmt.Sprintf("person%d@example.org", i%1009), "pending"); err != nil {
				return err
			}
		}
		return nil
	})
}

// Latest is the number of migrations there are.
func Latest() int {
	steps, err := migrations()
	if err != nil {
		panic(err)
	}
	return len(steps)
}

// Create makes an outbox of an earlier version.
func Create(ctx context.Context, path string, version int) error {
	steps, err := migrations()
	if err != nil {
		return err
	}
	p, err := connect(path, url.Values{"_pragma": {"journal_mode(wal)"}})
	if err != nil {
		return err
	}
	for _, step := range append(steps[:version:version], fmt.Sprintf(sqlSetVersion, applicationID, version)) {
		if _, err := p.ExecContext(ctx, step); err != nil {
			return err
		}
	}
	return p.Close()
}

// WithoutSharedMemory are the options for a file system on which processes can't
// share memory, as some of those in a network.
func WithoutSharedMemory() Options { return Options{vfs: "unix-dotfile"} }

// Plan tells how SQLite goes about a query that is about many mails.
func Plan(ctx context.Context, s *Store, q outbox.Query) (string, error) {
	query, args := selection(q, orders[q.Sort], weight{})
	var steps []string
	err := each(ctx, s.read.DB, "EXPLAIN QUERY PLAN "+query, args, func(rows *sql.Rows) error {
		var id, parent, unused int
		var step string
		err := rows.Scan(&id, &parent, &unused, &step)
		steps = append(steps, step)
		return err
	})
	return strings.Join(steps, "\n"), err
}

// Ways are all the ways to go about a query, whatever the outbox has in it.
func Ways(ctx context.Context, s *Store, q outbox.Query) ([][]outbox.Item, error) {
	ways := []weight{{}}
	if words := searchWords(q.Search); words != "" {
		found, _, err := s.find(ctx, words)
		if err != nil {
			return nil, err
		}
		if found != nil {
			ways = append(ways, weight{found: found})
		}
	}
	if len(q.States) > 0 {
		ways = append(ways, weight{rare: true})
	}
	var all [][]outbox.Item
	for _, w := range ways {
		items, err := s.list(ctx, q, w)
		if err != nil {
			return nil, err
		}
		all = append(all, items)
	}
	return all, nil
}
