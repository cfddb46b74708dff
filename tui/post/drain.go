package post

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"sendoff/config"
	"sendoff/config/private"
	"sendoff/smtp/outbox"
)

// How Drain looks whether it is done.
const (
	drainLook = time.Second
	drainFar  = 24 * time.Hour // mail for later than that is not waited for
)

// Drain is Deliver, until no mail is left that goes by itself within a day. It
// leaves at once if another one is at it.
func (r *Room) Drain(ctx context.Context, hear func(outbox.Event)) error {
	for {
		unlock, err := private.LockFor(ctx, filepath.Join(r.home.StateDir, "drain"), "the outbox", time.Nanosecond)
		if errors.Is(err, private.ErrLocked) {
			return nil // the other one looks once more when it has let go of the lock
		}
		if err != nil {
			return err
		}
		err = r.drain(ctx, hear)
		unlock()
		if err != nil {
			return err
		}
		store, err := r.outbox(ctx)
		if err != nil {
			return err
		}
		if done, err := r.drained(ctx, store); done || err != nil {
			return err
		}
	}
}

func (r *Room) drain(ctx context.Context, hear func(outbox.Event)) error {
	store, err := r.outbox(ctx)
	if err != nil {
		return err
	}
	delivery, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		tick := time.NewTicker(drainLook)
		defer tick.Stop()
		for delivery.Err() == nil {
			if done, err := r.drained(delivery, store); done && err == nil {
				stop()
			}
			select {
			case <-delivery.Done():
			case <-tick.C:
			}
		}
	}()
	if err = r.Deliver(delivery, hear); errors.Is(err, context.Canceled) {
		err = ctx.Err()
	}
	return err
}

// drained tells that nothing is under way, due, or becomes so within a day. Mail
// whose account waits for a person does not count.
func (r *Room) drained(ctx context.Context, store outbox.Store) (bool, error) {
	due, next, err := store.Due(ctx, outbox.Only{})
	if err != nil {
		return false, err
	}
	for _, account := range due {
		if r.ready(ctx, account) == nil {
			return false, nil
		}
	}
	return next.IsZero() || next.Sub(r.opts.Clock()) > drainFar, nil
}

// AfterQuit is what the person wants of mail that waits when the screens are
// left; empty where that is not known.
func (r *Room) AfterQuit() string {
	conf, err := r.config()
	if err != nil || r.Fleeting() {
		return config.AfterQuitWait
	}
	return conf.Outbox.AfterQuit
}
