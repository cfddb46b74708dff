package post

import (
	"context"
	"time"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
)

// SaveDraft keeps what a person is writing, under id or under a new one. What is
// to be encrypted is kept so.
func (r *Room) SaveDraft(ctx context.Context, id outbox.ID, fields message.Draft) (outbox.ID, error) {
	store, err := r.outbox(ctx)
	if err != nil {
		return 0, err
	}
	if fields, err = r.lock(ctx, fields); err != nil {
		return 0, err
	}
	return store.SaveDraft(ctx, id, fields)
}

// Draft returns what an item was written as. fresh tells that the item is a
// mail already, so that what is made of its fields must be another.
func (r *Room) Draft(ctx context.Context, id outbox.ID) (fields message.Draft, fresh bool, err error) {
	store, err := r.outbox(ctx)
	if err != nil {
		return message.Draft{}, false, err
	}
	item, err := store.Item(ctx, id)
	if err != nil {
		return message.Draft{}, false, err
	}
	if fields, err = store.Draft(ctx, id); err == nil {
		fields, err = r.unlock(ctx, fields)
	}
	return fields, item.State != outbox.Draft, err
}

// LatestDraft returns the draft written last; 0 if there is none.
func (r *Room) LatestDraft(ctx context.Context) (outbox.ID, error) {
	store, err := r.outbox(ctx)
	if err != nil {
		return 0, err
	}
	drafts, err := store.List(ctx, outbox.Query{States: []outbox.State{outbox.Draft}, Sort: outbox.ByChange, Limit: 1})
	if err != nil || len(drafts) == 0 {
		return 0, err
	}
	return drafts[0].ID, nil
}

// QueueNow makes a mail of a draft as it is on disk, to go out at a moment, or at
// once if that is zero.
func (r *Room) QueueNow(ctx context.Context, draft outbox.ID, at time.Time) (outbox.ID, error) {
	fields, _, err := r.Draft(ctx, draft)
	if err != nil {
		return 0, err
	}
	return r.PostDraft(ctx, draft, fields, at)
}

// Queue is Post for a mail in place of the draft it was written as. It wakes the
// delivery of this process. After an error the draft is as it was. A mail that
// is to go out at once waits for as long as the person may want it back.
func (r *Room) Queue(ctx context.Context, draft outbox.ID, fields message.Draft, at time.Time) (outbox.ID, error) {
	if conf, err := r.config(); err == nil && at.IsZero() && conf.Outbox.Undo > 0 {
		at = r.opts.Clock().Add(conf.Outbox.Undo)
	}
	return r.PostDraft(ctx, draft, fields, at)
}

// PostDraft is Queue for a mail that nobody will want back: it can go out at once.
func (r *Room) PostDraft(ctx context.Context, draft outbox.ID, fields message.Draft, at time.Time) (outbox.ID, error) {
	id, err := r.put(ctx, outbox.New{Draft: draft, NotBefore: at}, fields)
	if err == nil {
		r.wake()
	}
	return id, err
}
