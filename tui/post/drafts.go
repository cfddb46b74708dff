package post

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
)

// SaveDraft keeps what a person is writing, in place of a draft or as a new one.
// What is to be encrypted is kept so. If somebody else wrote, sent or deleted the
// draft since it was seen, the fields become a draft of their own.
func (r *Room) SaveDraft(ctx context.Context, ref outbox.Ref, fields message.Draft) (outbox.Ref, error) {
	store, err := r.outbox(ctx)
	if err != nil {
		return outbox.Ref{}, err
	}
	if fields, err = r.lock(ctx, fields); err != nil {
		return outbox.Ref{}, err
	}
	saved, err := store.SaveDraft(ctx, ref, fields)
	if ref.ID != 0 && overtaken(err) {
		saved, err = store.SaveDraft(ctx, outbox.Ref{}, fields)
	}
	return saved, err
}

// overtaken tells that somebody else did something to the draft.
func overtaken(err error) bool {
	return errors.Is(err, outbox.ErrChanged) || errors.Is(err, outbox.ErrNotFound) || errors.Is(err, outbox.ErrTransition)
}

// Draft returns what an item was written as. ref names it, or nothing if the item
// is a mail already, so that what is made of its fields must be another.
func (r *Room) Draft(ctx context.Context, id outbox.ID) (fields message.Draft, ref outbox.Ref, err error) {
	store, err := r.outbox(ctx)
	if err != nil {
		return message.Draft{}, outbox.Ref{}, err
	}
	item, err := store.Item(ctx, id) // before its fields, so that no change goes unseen
	if err != nil {
		return message.Draft{}, outbox.Ref{}, err
	}
	if item.State == outbox.Draft {
		ref = outbox.Ref{ID: id, Seen: item.Updated}
	}
	if fields, err = store.Draft(ctx, id); err == nil {
		fields, err = r.unlock(ctx, fields)
	}
	return fields, ref, err
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
	fields, ref, err := r.Draft(ctx, draft)
	if err != nil {
		return 0, err
	}
	if ref.ID == 0 {
		return 0, outbox.ErrTransition // it was sent meanwhile
	}
	return r.PostDraft(ctx, ref, fields, at)
}

// Queue is Post for a mail in place of the draft it was written as. It wakes the
// delivery of this process. After an error the draft is as it was. A mail that
// is to go out at once waits for as long as the person may want it back.
func (r *Room) Queue(ctx context.Context, draft outbox.Ref, fields message.Draft, at time.Time) (outbox.ID, error) {
	if conf, err := r.config(); err == nil && at.IsZero() && conf.Outbox.Undo > 0 {
		at = r.opts.Clock().Add(conf.Outbox.Undo)
	}
	return r.PostDraft(ctx, draft, fields, at)
}

// PostDraft is Queue for a mail that nobody will want back: it can go out at once.
func (r *Room) PostDraft(ctx context.Context, draft outbox.Ref, fields message.Draft, at time.Time) (outbox.ID, error) {
	id, err := r.put(ctx, outbox.New{Draft: draft, NotBefore: at}, fields)
	if err == nil {
		r.wake()
	}
	if draft.ID != 0 && overtaken(err) {
		err = fmt.Errorf("%w: %w", outbox.ErrChanged, err)
	}
	return id, err
}
