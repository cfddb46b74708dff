package post

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"sendoff/smtp/address"
	"sendoff/smtp/folder"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
)

// file puts copies of mails that somebody has got into the folders that their
// accounts name. What fails is tried again; the mail has nothing to do with it.
func (r *Room) file(ctx context.Context, store outbox.Store) error {
	locked := map[string]error{} // folders that were waited for in vain, which is enough for all their copies
	for ctx.Err() == nil {
		copies, err := store.ClaimCopies(ctx, copyTime, 16)
		if err != nil || len(copies) == 0 {
			return err
		}
		for _, c := range copies {
			problem, next := "", time.Time{}
			err := locked[c.Folder]
			if err == nil {
				err = r.fileOne(ctx, store, c)
			}
			if errors.Is(err, folder.ErrLocked) {
				locked[c.Folder] = err
			}
			if err != nil {
				problem, next = err.Error(), r.opts.Clock().Add(copyWait(c.Tries))
			}
			if err := store.EndCopy(context.WithoutCancel(ctx), c.ID, next, problem); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// copyTime is how long nobody else makes a copy that is being made.
const copyTime = 10 * time.Minute

// copyWait is how long to wait after that many tries.
func copyWait(tries int) time.Duration {
	return min(time.Minute<<min(tries-1, 6), time.Hour)
}

func (r *Room) fileOne(ctx context.Context, store outbox.Store, c outbox.Copy) error {
	it, err := store.Item(ctx, c.ID)
	if err != nil {
		return err
	}
	content, err := store.Content(ctx, c.ID)
	if err != nil {
		return err
	}
	defer content.Close()
	bcc, err := hiddenField(ctx, store, c.ID)
	if err != nil {
		return err
	}
	sent := it.Date
	if sent.IsZero() {
		sent = it.Created
	}
	err = folder.Add(ctx, c.Folder, folder.Mail{
		ID: it.MessageID, Key: c.ID.String(), From: it.From, Date: sent, Again: c.Tries > 1,
		Content: io.MultiReader(strings.NewReader(bcc), content),
	})
	if err != nil {
		return fmt.Errorf("copy to %s: %w", c.Folder, err)
	}
	return nil
}

// Copy tells of the copy of a mail for the person's own folder. ok is false if
// there is to be none.
func (r *Room) Copy(ctx context.Context, id outbox.ID) (c outbox.Copy, ok bool, err error) {
	store, err := r.outbox(ctx)
	if err != nil {
		return c, false, err
	}
	c, err = store.Copy(ctx, id)
	if errors.Is(err, outbox.ErrNotFound) {
		return c, false, nil
	}
	return c, err == nil, err
}

// hiddenField is the Bcc field of a mail, which stands in the person's own copy
// alone; empty if there is none.
func hiddenField(ctx context.Context, store outbox.Store, id outbox.ID) (string, error) {
	d, err := store.Draft(ctx, id)
	if errors.Is(err, outbox.ErrNoDraft) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	list, err := address.ParseList(d.Bcc)
	if err != nil || len(list) == 0 {
		return "", err
	}
	return message.BccField(list)
}
