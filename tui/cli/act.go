package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sendoff/config"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/post"
	"sendoff/tui/when"
)

// outboxAct is the command for an action that needs nothing but mails.
func (p *program) outboxAct(action kit.Action, short, long string) *cobra.Command {
	return &cobra.Command{
		Use:   strings.ReplaceAll(string(action), " ", "-") + " ID...",
		Short: short,
		Long:  strings.TrimSpace(long + "\n\n" + pickHelp),
		Args:  severalMails,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.act(cmd.Context(), acting(action), args, func(it outbox.Item) error {
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

// severalMails is for commands that take one mail or more.
func severalMails(cmd *cobra.Command, args []string) error {
	return exactly(max(1, len(args)), "the numbers of mails")(cmd, args)
}

func (p *program) outboxSchedule() *cobra.Command {
	var at string
	cmd := &cobra.Command{
		Use:   "schedule ID... --at TIME",
		Short: "Keep mails until a moment",
		Long: `schedule makes mails wait, or wait for another moment. An open sendoff, or the
first "sendoff flush" after that moment, delivers them.

` + timeHelp + "\n\n" + pickHelp,
		Example: `  sendoff outbox schedule 7 --at 'tomorrow 9:00'
  sendoff outbox schedule all held --at 'mon 8:30'`,
		Args: severalMails,
		RunE: func(cmd *cobra.Command, args []string) error {
			moment, err := parseTime("at", at)
			if err != nil {
				return err
			}
			do := func(ctx context.Context, room *post.Room, id outbox.ID) error { return room.Schedule(ctx, id, moment) }
			return p.act(cmd.Context(), do, args, func(outbox.Item) error { return nil })
		},
	}
	cmd.Flags().StringVar(&at, "at", "", "the `TIME` to send them at")
	return cmd
}

func (p *program) outboxReassign() *cobra.Command {
	var through string
	cmd := &cobra.Command{
		Use:   "reassign ID... --through ACCOUNT",
		Short: "Have another account send mails",
		Long: `reassign gives mails that wait, or that somebody has not got, to another account:
when theirs is removed, or can't log in. Their state stays as it is, so that what
is queued goes out with the next "sendoff flush", and what failed with
"sendoff outbox retry". Whom they are from stays as well; you are told where that is
no sender of the account. To change it, take a mail back with "sendoff outbox edit".
With --account only mails of that account are meant by states and ranges; nothing
need be called so any more.

` + pickHelp,
		Example: `  sendoff outbox reassign 12 --through other
  sendoff outbox reassign queued scheduled deferred held --account work --through other`,
		Args: severalMails,
		RunE: func(cmd *cobra.Command, args []string) error { return p.reassign(cmd.Context(), args, through) },
	}
	cmd.Flags().StringVar(&through, "through", "", "the `ACCOUNT` to send them")
	return cmd
}

// reassign gives the mails that args name to an account.
func (p *program) reassign(ctx context.Context, args []string, through string) error {
	if through == "" {
		return usagef("say --through which account")
	}
	room, err := p.room()
	if err != nil {
		return err
	}
	a, err := room.Account(through)
	if err != nil {
		return err
	}
	var senders []string
	err = p.act(ctx, func(ctx context.Context, room *post.Room, id outbox.ID) error {
		it, _, err := room.Item(ctx, id)
		if err == nil {
			err = room.Reassign(ctx, id, a.Name)
		}
		if err == nil {
			senders = append(senders, it.From)
		}
		return err
	}, args, func(outbox.Item) error { return nil })
	for _, sender := range kit.Strangers(a, senders) {
		p.tell("sendoff: note: mail stays from %s, which is no sender of %s: its server may refuse that", sender, a.Name)
	}
	return err
}

// timeHelp says what a moment can look like.
const timeHelp = `TIME is said like 'tomorrow 9:00', 'fri 17:30', 'in 2h', '18:00', '24 dec 9:00',
'2026-12-24 9:00 +0100'; a day alone means 9:00.`

// parseTime reads the moment that a flag names.
func parseTime(flag, typed string) (time.Time, error) {
	moment, err := when.Parse(typed, time.Now())
	if err == nil {
		return moment, nil
	}
	err = usagef("--%s: %w", flag, err)
	words := strings.Fields(typed)
	for i, word := range words {
		if near, ok := config.Nearest(word, when.Words()); ok && len(word) > 3 {
			words[i] = near
		}
	}
	right := strings.Join(words, " ")
	if _, wrong := when.Parse(right, time.Now()); wrong == nil {
		return moment, slip{err, flag, []string{typed}, []string{right}}
	}
	return moment, err
}

// doing does something to one mail.
type doing func(ctx context.Context, room *post.Room, id outbox.ID) error

// acting is doing an action that the screens know.
func acting(action kit.Action) doing {
	return func(ctx context.Context, room *post.Room, id outbox.ID) error { return room.Act(ctx, id, action) }
}

func (p *program) outboxResolve() *cobra.Command {
	var sent, again bool
	cmd := &cobra.Command{
		Use:   "resolve ID... --sent|--again",
		Short: "Say what became of mails when sendoff can't know",
		Long: `A mail is uncertain when the connection broke after all of it was handed over and
before the server answered. Only you can find out whether it arrived: look into
the Sent folder of the account, or ask a recipient.`,
		Args: severalMails,
		RunE: func(cmd *cobra.Command, args []string) error {
			if sent == again {
				return usagef("say one of --sent and --again")
			}
			action := kit.MarkSent
			if again {
				action = kit.SendAgain
			}
			return p.act(cmd.Context(), acting(action), args, func(it outbox.Item) error {
				if it.State != outbox.Uncertain {
					return hinted{
						fmt.Errorf("mail %s is %s, not uncertain: %w", it.ID, it.State.Phrase(), outbox.ErrTransition),
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
	{outbox.Schedule, "schedule"},
	{outbox.Cancel, "cancel"},
	{outbox.Resolve, "resolve --sent"},
	{outbox.Resend, "resolve --again"},
	{outbox.Retry, "retry"},
	{outbox.TakeBack, "take-back"},
	{outbox.Reassign, "reassign"},
	{outbox.Delete, "delete"},
}

// whatCanBeDone says what a mail's state does allow.
func whatCanBeDone(it outbox.Item) string {
	if it.State == outbox.Draft {
		return fmt.Sprintf("a draft is kept, and goes out only when it is sent: sendoff outbox send %s; or edit it, or delete it", it.ID)
	}
	var names []string
	for _, v := range verbs {
		if outbox.Allowed(it.State, v.action) {
			names = append(names, v.name)
		}
	}
	return fmt.Sprintf("a mail that is %s can take, after sendoff outbox: %s", it.State, strings.Join(names, ", "))
}

// act does something to each mail that args name and check lets pass. One that
// fails keeps none of the others from it.
func (p *program) act(ctx context.Context, do doing, args []string, check func(outbox.Item) error) error {
	room, err := p.room()
	if err != nil {
		return err
	}
	ids, err := p.pick(ctx, room, args)
	if err != nil {
		return err
	}
	if len(ids) == 0 { // only states can name none
		states := slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return strings.EqualFold(arg, "all") })
		p.remark("no mail is %s; nothing was changed", strings.ToLower(strings.Join(states, " or ")))
	}
	var failures []error
	for _, id := range ids {
		if err := p.actOn(ctx, room, do, id, check); err != nil {
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

func (p *program) actOn(ctx context.Context, room *post.Room, do doing, id outbox.ID, check func(outbox.Item) error) error {
	arg := id.String()
	item, _, err := room.Item(ctx, id)
	if err != nil {
		return mailError(arg, err)
	}
	if err := check(item); err != nil {
		return err
	}
	err = do(ctx, room, id)
	if errors.Is(err, outbox.ErrTransition) {
		return hinted{mailError(arg, err), whatCanBeDone(item)}
	}
	if err != nil {
		return mailError(arg, err)
	}
	item, _, err = room.Item(ctx, id)
	if errors.Is(err, outbox.ErrNotFound) {
		if p.json {
			return p.object(struct {
				ID      outbox.ID `json:"id"`
				Deleted bool      `json:"deleted"`
			}{id, true})
		}
		return p.line("deleted %s", id)
	}
	if err != nil {
		return mailError(arg, err)
	}
	if p.json {
		return p.object(itemOf(item))
	}
	if item.State == outbox.Scheduled {
		return p.line("scheduled %s for %s", item.ID, when.Full(item.NotBefore.Local()))
	}
	return p.line("%s %s", item.State, item.ID)
}
