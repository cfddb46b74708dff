package post

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
)

// Items lists a page of the outbox.
func (r *Room) Items(ctx context.Context, q outbox.Query) ([]outbox.Item, error) {
	store, err := r.outbox(ctx)
	if err != nil {
		return nil, err
	}
	return store.List(ctx, q)
}

// Counts tells how many items there are in each state, and as outbox.NeedsYou:
// of all, or of those that a search finds.
func (r *Room) Counts(ctx context.Context, search string) (map[outbox.State]int, error) {
	store, err := r.outbox(ctx)
	if err != nil {
		return nil, err
	}
	return store.Counts(ctx, search)
}

// Stands tells which items a query selects, whatever its limit, and where each
// stands.
func (r *Room) Stands(ctx context.Context, q outbox.Query) (map[outbox.ID]kit.Stand, error) {
	stands := map[outbox.ID]kit.Stand{}
	for q.Limit = 1000; ; { // a page at a time, for they come with their recipients
		items, err := r.Items(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			stands[it.ID] = kit.StandOf(it)
		}
		if len(items) < q.Limit {
			return stands, nil
		}
		q.Before = items[len(items)-1].ID
	}
}

// Item returns one item and all that was tried, oldest first.
func (r *Room) Item(ctx context.Context, id outbox.ID) (outbox.Item, []outbox.Attempt, error) {
	store, err := r.outbox(ctx)
	if err != nil {
		return outbox.Item{}, nil, err
	}
	item, err := store.Item(ctx, id)
	if err != nil {
		return outbox.Item{}, nil, err
	}
	attempts, err := store.Attempts(ctx, id)
	return item, attempts, err
}

// Version changes whenever any process changed the outbox.
func (r *Room) Version(ctx context.Context) (int64, error) {
	store, err := r.outbox(ctx)
	if err != nil {
		return 0, err
	}
	return store.Version(ctx)
}

// Waits tells which accounts' mail waits, and for what.
func (r *Room) Waits(ctx context.Context) ([]outbox.Parking, error) {
	store, err := r.outbox(ctx)
	if err != nil {
		return nil, err
	}
	return store.Parked(ctx)
}

// hasOutbox tells whether there is one: to look at what waits is no reason to make
// it.
func (r *Room) hasOutbox() bool {
	_, err := os.Stat(r.home.OutboxFile())
	return err == nil
}

// Waiting counts the mails of an account that are to go out yet.
func (r *Room) Waiting(ctx context.Context, account string) (n int, err error) {
	if !r.hasOutbox() {
		return 0, nil
	}
	stands, err := r.Stands(ctx, outbox.Query{States: outbox.Unsent})
	for _, s := range stands {
		if strings.EqualFold(s.Account, account) {
			n++
		}
	}
	return n, err
}

// parked tells of accounts why they wait; of those that wait for a moment only
// if mail of them does. What can't be read is told by who needs it.
func (r *Room) parked(ctx context.Context) map[string]string {
	if !r.hasOutbox() {
		return nil
	}
	all, _ := r.Waits(ctx)
	why := map[string]string{}
	for _, p := range all {
		if p.Until.IsZero() || p.Waiting && p.Until.After(r.opts.Clock()) {
			why[p.Account] = p.Reason
		}
	}
	return why
}

// actions says what the screens' actions are to the outbox.
var actions = map[kit.Action]outbox.Action{
	kit.Retry:     outbox.Retry,
	kit.SendAgain: outbox.Resend,
	kit.Hold:      outbox.Hold,
	kit.Release:   outbox.Release,
	kit.Cancel:    outbox.Cancel,
	kit.Delete:    outbox.Delete,
	kit.MarkSent:  outbox.Resolve,
	kit.TakeBack:  outbox.TakeBack,
}

// Schedule makes an item wait until a moment.
func (r *Room) Schedule(ctx context.Context, id outbox.ID, at time.Time) error {
	store, err := r.outbox(ctx)
	if err != nil {
		return err
	}
	if err := store.Schedule(ctx, id, at); err != nil {
		return err
	}
	r.wake()
	return nil
}

// Reassign has the account of that name send an item, whoever it is from. No
// account needs to be called so: then the item waits for one.
func (r *Room) Reassign(ctx context.Context, id outbox.ID, account string) error {
	store, err := r.outbox(ctx)
	if err != nil {
		return err
	}
	folder := "" // of an account that is not there, nobody knows it
	if a, err := r.Account(account); err == nil {
		folder = a.SentCopy
	}
	if err := store.Reassign(ctx, id, account, folder); err != nil {
		return err
	}
	r.wake()
	return nil
}

// Act does what a person wants with an item. A mail on its way in this process
// can be cancelled until the server has all of it.
func (r *Room) Act(ctx context.Context, id outbox.ID, action kit.Action) error {
	store, err := r.outbox(ctx)
	if err != nil {
		return err
	}
	a, ok := actions[action]
	if !ok {
		return fmt.Errorf("%q is no action", action)
	}
	if w := r.working(); w != nil && a == outbox.Cancel {
		return w.Cancel(ctx, id)
	}
	if err := store.Act(ctx, id, a); err != nil {
		return err
	}
	if a == outbox.Retry || a == outbox.Resend {
		if err := r.letGo(ctx, store, id); err != nil {
			return err
		}
	}
	r.wake()
	return nil
}

// letGo ends what the account of a mail waits for: a person wants a try.
func (r *Room) letGo(ctx context.Context, store outbox.Store, id outbox.ID) error {
	item, err := store.Item(ctx, id)
	if errors.Is(err, outbox.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := store.EndWaits(ctx, item.Account); err != nil {
		return err
	}
	return r.unpark(ctx, store, []string{item.Account})
}
