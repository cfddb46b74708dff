package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"sendoff/smtp/outbox"
	"sendoff/tui/post"
)

// pickHelp says how commands that take several mails are told which.
const pickHelp = `Mails are named by their numbers: 7, or 3-9 for those there are from 3 to 9. A
state names all that are in it: failed, or all failed.`

// oneMail is for commands that take no more than one mail.
func oneMail(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return exactly(1, "the number of a mail")(cmd, args)
	}
	first, _, isRange := strings.Cut(args[0], "-")
	if _, err := outbox.ParseID(first); err != nil || len(args) == 1 && !isRange {
		return exactly(1, "the number of a mail")(cmd, args)
	}
	return hinted{usagef("%s takes one mail at a time", cmd.CommandPath()), "say: " + cmd.CommandPath() + " " + first}
}

// pick returns the mails that args name, in their order.
func (p *program) pick(ctx context.Context, room *post.Room, args []string) ([]outbox.ID, error) {
	var picked []outbox.ID
	for i := 0; i < len(args); i++ {
		arg := strings.ToLower(args[i])
		first, last, isRange := strings.Cut(arg, "-")
		state, unknown := parseState(arg)
		var ids []outbox.ID
		var err error
		switch {
		case arg == "all" && i+1 < len(args):
			i++
			if state, err = parseState(args[i]); err == nil {
				ids, err = p.found(ctx, room, outbox.Query{States: []outbox.State{state}}, 1)
			}
		case arg == "all":
			err = hinted{usagef("all of which state?"), "say for example: all failed"}
		case unknown == nil:
			ids, err = p.found(ctx, room, outbox.Query{States: []outbox.State{state}}, 1)
		case isRange:
			ids, err = p.span(ctx, room, first, last)
		default:
			var id outbox.ID
			if id, err = outbox.ParseID(arg); err != nil {
				err = usageError{err}
			}
			ids = append(ids, id)
		}
		if err != nil {
			return nil, err
		}
		picked = append(picked, ids...)
	}
	return picked, nil
}

// span returns the mails there are from one number to another.
func (p *program) span(ctx context.Context, room *post.Room, first, last string) ([]outbox.ID, error) {
	from, err := outbox.ParseID(first)
	if err != nil {
		return nil, usageError{err}
	}
	to, err := outbox.ParseID(last)
	if err != nil {
		return nil, usageError{err}
	}
	if to < from {
		return nil, usagef("%s-%s names no mail: the second number is the smaller one", first, last)
	}
	ids, err := p.found(ctx, room, outbox.Query{Before: to + 1}, from)
	if err == nil && len(ids) == 0 {
		err = mailError(first+"-"+last, outbox.ErrNotFound)
	}
	return ids, err
}

// found returns the mails that q selects, newest first as it does, down to a
// number. Those of other accounts are left out when one is named.
func (p *program) found(ctx context.Context, room *post.Room, q outbox.Query, from outbox.ID) ([]outbox.ID, error) {
	var ids []outbox.ID
	err := eachItem(ctx, room, q, func(it outbox.Item) error {
		if it.ID < from {
			return errEnough
		}
		if p.concerns(it.Account) {
			ids = append(ids, it.ID)
		}
		return nil
	})
	return ids, err
}

// errEnough ends eachItem early.
var errEnough = errors.New("no more are wanted")

// lister lists mails.
type lister interface {
	Items(ctx context.Context, q outbox.Query) ([]outbox.Item, error)
}

// eachItem calls f for every item that q selects. It reads them a page at a
// time: there may be a great many.
func eachItem(ctx context.Context, room lister, q outbox.Query, f func(outbox.Item) error) error {
	const page = 500
	left := q.Limit
	for {
		q.Limit = page
		if left > 0 {
			q.Limit = min(page, left)
		}
		items, err := room.Items(ctx, q)
		if err != nil {
			return err
		}
		for _, it := range items {
			if err := f(it); err == errEnough {
				return nil
			} else if err != nil {
				return err
			}
		}
		if left > 0 {
			left -= len(items)
		}
		if len(items) < q.Limit || left == 0 && q.Limit < page {
			return nil
		}
		q.Before = items[len(items)-1].ID
	}
}

// spans writes numbers in order as pick reads them: "3 5-9".
func spans(ids []outbox.ID) string {
	var words []string
	for i := 0; i < len(ids); i++ {
		first := ids[i]
		for i+1 < len(ids) && ids[i+1] == ids[i]+1 {
			i++
		}
		if ids[i] == first {
			words = append(words, first.String())
		} else {
			words = append(words, first.String()+"-"+ids[i].String())
		}
	}
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, " ")
}
