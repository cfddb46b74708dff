package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sendoff/config"
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
	switch _, err := outbox.ParseID(first); {
	case err != nil:
		return notOneMail(args[0])
	case len(args) > 1 || isRange:
		return slip{usagef("%s takes one mail at a time", cmd.CommandPath()), "", args, []string{first}}
	}
	return nil
}

// notOneMail is the mistake of a word where the number of a mail should be.
func notOneMail(word string) error {
	err := usagef("%q is not the number of a mail", word)
	if state, ok := config.Nearest(word, stateNames()); ok {
		return hinted{err, "to see the numbers of all such: sendoff outbox list --state " + state}
	}
	return hinted{err, "to find its number: sendoff outbox search " + quoted(word)}
}

// notMails is the mistake of a word where mails should be named.
func notMails(word string) error {
	known := append(stateNames(), "all")
	if _, ok := config.Nearest(word, known); !ok {
		return notOneMail(word)
	}
	return slipOf(usagef("%q is neither the number of a mail nor a state", word), "", word, known, "")
}

// parseState reads the name of a state.
func parseState(s string) (outbox.State, bool) {
	i := slices.IndexFunc(outbox.States, func(state outbox.State) bool { return strings.EqualFold(s, string(state)) })
	if i < 0 {
		return "", false
	}
	return outbox.States[i], true
}

// pick returns the mails that args name, in their order.
func (p *program) pick(ctx context.Context, room *post.Room, args []string) ([]outbox.ID, error) {
	var picked []outbox.ID
	for i := 0; i < len(args); i++ {
		word, all := args[i], strings.EqualFold(args[i], "all")
		if all && i+1 == len(args) {
			return nil, hinted{usagef("all of which state?"), "say for example: all failed"}
		}
		if all {
			i++
			word = args[i]
		}
		state, isState := parseState(word)
		first, last, isRange := strings.Cut(word, "-")
		id, err := outbox.ParseID(word)
		var ids []outbox.ID
		switch {
		case isState:
			ids, err = p.found(ctx, room, outbox.Query{States: []outbox.State{state}}, 1)
		case all:
			err = slipOf(usagef("%q is not a state", word), "", word, stateNames(), "states are "+listing(stateNames()))
		case isRange:
			ids, err = p.span(ctx, room, first, last)
		case err != nil:
			err = notMails(word)
		default:
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
		return nil, notMails(first + "-" + last)
	}
	to, err := outbox.ParseID(last)
	if err != nil {
		return nil, notMails(first + "-" + last)
	}
	if to < from {
		return nil, slip{
			usagef("%s-%s names no mail: the second number is the smaller one", first, last),
			"", []string{first + "-" + last}, []string{last + "-" + first},
		}
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
