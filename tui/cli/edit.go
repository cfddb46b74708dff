package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/post"
)

func (p *program) outboxEdit() *cobra.Command {
	return &cobra.Command{
		Use:   "edit ID",
		Short: "Open a draft or a mail in the composer",
		Long: `edit opens the composer. A mail that nobody has got yet is taken back for that
and is a draft then, which is sent only when you say so again. Of a mail that
somebody has got, it begins another one for those who have not; the first stays
as it is.`,
		Args: oneMail,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !p.plain && (!isTerminal(p.Stdin) || !isTerminal(p.Stdout)) {
				return hinted{
					usagef("the screens need a terminal, and standard input or output is none"),
					`"sendoff outbox take-back" makes a draft of a mail, and "sendoff outbox export" writes its text out`,
				}
			}
			var open kit.OpenDraft
			err := p.withItem(cmd.Context(), args[0], func(room *post.Room, it outbox.Item, _ []outbox.Attempt) error {
				if it.State == outbox.Sending {
					return mailError(args[0], outbox.ErrBusy)
				}
				if _, _, err := room.Draft(cmd.Context(), it.ID); err != nil {
					return mailError(args[0], err)
				}
				_, back := it.Apply(outbox.TakeBack, time.Now())
				open = kit.OpenDraft{ID: it.ID, TakeBack: back == nil, Rest: back != nil && it.State != outbox.Sent && it.State != outbox.Draft}
				return nil
			})
			if err != nil {
				return err
			}
			return p.screens(cmd.Context(), nil, open)
		},
	}
}

func (p *program) outboxSend() *cobra.Command {
	var at string
	cmd := &cobra.Command{
		Use:   "send ID...",
		Short: "Put drafts into the queue",
		Long: `send makes mails of drafts. "sendoff flush", or an open sendoff, delivers them.

` + timeHelp + "\n\n" + pickHelp,
		Args: severalMails,
		RunE: func(cmd *cobra.Command, args []string) error {
			moment := time.Time{}
			if cmd.Flags().Changed("at") {
				var err error
				if moment, err = parseTime("at", at); err != nil {
					return err
				}
			}
			return p.sendDrafts(cmd.Context(), args, moment)
		},
	}
	cmd.Flags().StringVar(&at, "at", "", "the `TIME` to send them at")
	return cmd
}

// sendDrafts queues the drafts that args name, each as a mail with a number of
// its own.
func (p *program) sendDrafts(ctx context.Context, args []string, at time.Time) error {
	room, err := p.room()
	if err != nil {
		return err
	}
	ids, err := p.pick(ctx, room, args)
	if err != nil {
		return err
	}
	for _, id := range ids {
		it, _, err := room.Item(ctx, id)
		if err != nil {
			return mailError(id.String(), err)
		}
		if it.State != outbox.Draft {
			return hinted{fmt.Errorf("mail %s is %s, not a draft: %w", id, it.State, outbox.ErrTransition), whatCanBeDone(it)}
		}
		sent, err := room.QueueNow(ctx, id, at)
		if err != nil {
			return mailError(id.String(), err)
		}
		if err := p.stored(ctx, room, sent); err != nil {
			return err
		}
	}
	return nil
}
