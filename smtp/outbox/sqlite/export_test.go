package sqlite

import (
	"context"
	"fmt"
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
				subject, 20, int64(i), int64(i), 0, int64(i), due, nil)
			if err != nil {
				return err
			}
			id, err := res.LastInsertId()
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, sqlInsertRecipient, id, 0, fmt.Sprintf("person%d@example.org", i%1009), "pending"); err != nil {
				return err
			}
		}
		return nil
	})
}
