package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/post"
)

// outboxAct is the command for an action that needs nothing but mails.
func (p *program) outboxAct(action kit.Action, short, long string) *cobra.Command {
	return &cobra.Command{
		Use:   string(action) + " ID...",
		Short: short,
		Long:  long,
		Args: func(cmd *cobra.Command, args []string) error {
			return exactly(max(1, len(args)), "the numbers of mails")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.act(cmd.Context(), action, args, func(it outbox.Item) error {
				if action == kit.Retry && it.State == outbox.Uncertain {
					return hinted{
						fmt.Errorf("mail %s may have been sent: %w", it.ID, outbox.ErrTransition),
						whatCanBeDone(it),
					}
				}
				return nil
			})
		},
	}
}

func (p *program) outboxResolve() *cobra.Command {
	var sent, again bool
	cmd := &cobra.Command{
		Use:   "resolve ID... --sent|--again",
		Short: "Say what became of mails when sendoff can't know",
		Long: `A mail is uncertain when the connection broke after all of it was handed over and
before the server answered. Only you can find out whether it arrived: look into
the Sent folder of the account, or ask a recipient.`,
		Args: func(cmd *cobra.Command, args []string) error {
			return exactly(max(1, len(args)), "the numbers of mails")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if sent == again {
				return usagef("say one of --sent and --again")
			}
			action := kit.MarkSent
			if again {
				action = kit.SendAgain
			}
			return p.act(cmd.Context(), action, args, func(it outbox.Item) error {
				if it.State != outbox.Uncertain {
					return hinted{
						fmt.Errorf("mail %s is %s, not uncertain: %w", it.ID, it.State, outbox.ErrTransition),
						whatCanBeDone(it),
					}
				}
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&sent, "sent", false, "they arrived")
	cmd.Flags().BoolVar(&again, "again", false, "send them again, though they may arrive twice")
	return cmd
}

// verbs are the commands for what a person can do to a mail.
var verbs = []struct {
	action outbox.Action
	name   string
}{
	{outbox.Release, "release"},
	{outbox.Hold, "hold"},
	{outbox.Cancel, "cancel"},
	{outbox.Resolve, "resolve --sent"},
	{outbox.Resend, "resolve --again"},
	{outbox.Retry, "retry"},
	{outbox.Delete, "delete"},
}

// whatCanBeDone says what a mail's state does allow.
func whatCanBeDone(it outbox.Item) string {
	var names []string
	for _, v := range verbs {
		if outbox.Allowed(it.State, v.action) {
			names = append(names, v.name)
		}
	}
	return fmt.Sprintf("a mail that is %s can take, after sendoff outbox: %s", it.State, strings.Join(names, ", "))
}

// act does action to each mail that args name and check lets pass. One that
// fails keeps none of the others from it.
func (p *program) act(ctx context.Context, action kit.Action, args []string, check func(outbox.Item) error) error {
	room, err := p.room()
	if err != nil {
		return err
	}
	var failures []error
	for _, arg := range args {
		if err := p.actOn(ctx, room, action, arg, check); err != nil {
			failures = append(failures, err)
		}
	}
	// All but the last are told here, and the last one gives the exit code.
	for len(failures) > 1 {
		_, title, hint := judge(failures[0])
		p.complain(title, hint)
		failures = failures[1:]
	}
	return errors.Join(failures...)
}

func (p *program) actOn(ctx context.Context, room *post.Room, action kit.Action, arg string, check func(outbox.Item) error) error {
	id, err := outbox.ParseID(arg)
	if err != nil {
		return usageError{err}
	}
	item, _, err := room.Item(ctx, id)
	if err != nil {
		return mailError(arg, err)
	}
	if err := check(item); err != nil {
		return err
	}
	err = room.Act(ctx, id, action)
	if errors.Is(err, outbox.ErrTransition) {
		return hinted{mailError(arg, err), whatCanBeDone(item)}
	}
	if err != nil {
		return mailError(arg, err)
	}
	if action == kit.Delete {
		if p.json {
			return p.object(struct {
				ID      outbox.ID `json:"id"`
				Deleted bool      `json:"deleted"`
			}{id, true})
		}
		return p.line("deleted %s", id)
	}
	item, _, err = room.Item(ctx, id)
	if err != nil {
		return mailError(arg, err)
	}
	if p.json {
		return p.object(itemOf(item))
	}
	return p.line("%s %s", item.State, item.ID)
}
