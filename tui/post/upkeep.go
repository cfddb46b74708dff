package post

import (
	"context"

	"sendoff/smtp/outbox"
	"sendoff/smtp/outbox/sqlite"
)

// Salvage puts what can be read of a damaged outbox into a new one.
func (r *Room) Salvage(ctx context.Context) (sqlite.Salvaged, error) {
	return sqlite.Salvage(ctx, r.home.OutboxFile(), sqlite.Options{Clock: r.opts.Clock})
}

// upkeep does what is due beside deliveries: it makes copies of what was sent,
// and deletes what the person does not want to keep any longer.
func (r *Room) upkeep(ctx context.Context, store outbox.Store) error {
	if err := r.file(ctx, store); err != nil {
		return err
	}
	conf, err := r.config()
	if err != nil || conf.Outbox.Keep == 0 {
		return nil // who can't say how long keeps everything
	}
	_, err = store.Sweep(ctx, r.opts.Clock().Add(-conf.Outbox.Keep))
	return err
}
