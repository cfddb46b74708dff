package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/post"
	"sendoff/tui/text"
)

func (p *program) outboxCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "outbox",
		Short: "See and steer the mail in the outbox",
		Args:  exactly(0, "a command"),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		p.outboxList(),
		p.outboxShow(),
		p.outboxTranscript(),
		p.outboxExport(),
		p.outboxResolve(),
		p.outboxAct(kit.Retry, "Try again at once", `Makes mails due for everybody who has not got them yet. "sendoff flush" delivers
them. A mail whose fate is not known is not taken: see "sendoff outbox resolve".`),
		p.outboxAct(kit.Hold, "Keep mails until they are released", ""),
		p.outboxAct(kit.Release, "Let held mails go", ""),
		p.outboxAct(kit.Cancel, "Don't send mails, but keep them", ""),
		p.outboxAct(kit.Delete, "Remove mails for good", ""),
	)
	return cmd
}

func (p *program) outboxList() *cobra.Command {
	var states []string
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List mails, newest first",
		Args:  exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			q := outbox.Query{Limit: limit}
			for _, s := range states {
				state, err := parseState(s)
				if err != nil {
					return err
				}
				q.States = append(q.States, state)
			}
			return p.list(cmd.Context(), q)
		},
	}
	cmd.Flags().StringSliceVar(&states, "state", nil, "only mails in this `STATE`; may be repeated")
	cmd.Flags().IntVar(&limit, "limit", 0, "at most `N` mails; 0 for all")
	return cmd
}

// states lists every state there is, as people type them.
var states = []outbox.State{
	outbox.Draft, outbox.Held, outbox.Scheduled, outbox.Queued, outbox.Sending, outbox.Deferred,
	outbox.Sent, outbox.Partial, outbox.Failed, outbox.Uncertain, outbox.Cancelled,
}

func parseState(s string) (outbox.State, error) {
	names := make([]string, len(states))
	for i, state := range states {
		if strings.EqualFold(s, string(state)) {
			return state, nil
		}
		names[i] = string(state)
	}
	return "", hinted{usagef("%q is not a state", s), "states are " + strings.Join(names, ", ")}
}

func (p *program) list(ctx context.Context, q outbox.Query) error {
	room, err := p.room()
	if err != nil {
		return err
	}
	items, _, err := room.Items(ctx, q)
	if err != nil {
		return err
	}
	var rows [][]string
	for _, it := range items {
		if p.json {
			if err := p.object(itemOf(it)); err != nil {
				return err
			}
			continue
		}
		rows = append(rows, []string{it.ID.String(), string(it.State), when(it), it.Account, addresses(it), it.Subject})
	}
	return p.table(rows)
}

// when tells the time that matters most about an item.
func when(it outbox.Item) string {
	at, prefix := it.Updated, ""
	switch {
	case !it.NextTry.IsZero():
		at, prefix = it.NextTry, "next "
	case !it.NotBefore.IsZero():
		at, prefix = it.NotBefore, "at "
	}
	return prefix + at.Local().Format("2006-01-02 15:04")
}

// addresses names the first recipient and counts the others.
func addresses(it outbox.Item) string {
	switch n := len(it.Recipients); n {
	case 0:
		return "-"
	case 1:
		return it.Recipients[0].Address
	default:
		return fmt.Sprintf("%s +%d", it.Recipients[0].Address, n-1)
	}
}

func (p *program) outboxShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show one mail with its recipients and all that was tried",
		Args:  exactly(1, "the number of a mail"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withItem(cmd.Context(), args[0], p.show)
		},
	}
}

// withItem reads the mail that arg names and hands it to do.
func (p *program) withItem(ctx context.Context, arg string, do func(outbox.Item, []outbox.Attempt) error) error {
	id, err := outbox.ParseID(arg)
	if err != nil {
		return usageError{err}
	}
	room, err := p.room()
	if err != nil {
		return err
	}
	item, attempts, err := room.Item(ctx, id)
	if err != nil {
		return mailError(arg, err)
	}
	return do(item, attempts)
}

// mailError names the mail that an action failed for.
func mailError(arg string, err error) error {
	err = fmt.Errorf("mail %s: %w", arg, err)
	if errors.Is(err, outbox.ErrNotFound) {
		return hinted{err, "sendoff outbox list tells the numbers"}
	}
	return err
}

func (p *program) show(it outbox.Item, attempts []outbox.Attempt) error {
	if p.json {
		all := make([]attemptJSON, len(attempts))
		for i, a := range attempts {
			all[i] = attemptOf(a)
		}
		return p.object(struct {
			itemJSON
			History []attemptJSON `json:"history"`
		}{itemOf(it), all})
	}
	rows := [][]string{
		{"mail", it.ID.String()},
		{"state", string(it.State)},
		{"account", it.Account},
		{"from", it.From},
		{"subject", it.Subject},
		{"message-id", it.MessageID},
		{"size", text.FormatSize(it.Size)},
		{"created", stamp(it.Created)},
		{"changed", stamp(it.Updated)},
		{"not before", stamp(it.NotBefore)},
		{"next try", stamp(it.NextTry)},
		{"reply", it.Reply},
		{"problem", it.Problem},
	}
	filled := rows[:0]
	for _, row := range rows {
		if row[1] != "" {
			filled = append(filled, row)
		}
	}
	if err := p.table(filled); err != nil {
		return err
	}
	rows = nil
	for _, r := range it.Recipients {
		rows = append(rows, []string{"recipient", string(r.State), r.Address, verdict(r)})
	}
	for _, a := range attempts {
		rows = append(rows, []string{
			fmt.Sprintf("attempt %d", a.N), stamp(a.Started), string(a.Stage),
			verdict(outbox.Recipient{Code: a.Code, Enhanced: a.Enhanced, Text: a.Text}) + " " + elapsed(a.Elapsed),
		})
	}
	return p.table(rows)
}

// stamp is a moment in full, or nothing for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04:05 -0700")
}

func (p *program) outboxTranscript() *cobra.Command {
	return &cobra.Command{
		Use:   "transcript ID",
		Short: "Print what was said between sendoff and the server, without passwords",
		Args:  exactly(1, "the number of a mail"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withItem(cmd.Context(), args[0], func(_ outbox.Item, attempts []outbox.Attempt) error {
				for _, a := range attempts {
					if err := p.transcript(a); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

func (p *program) transcript(a outbox.Attempt) error {
	if p.json {
		return p.object(attemptOf(a))
	}
	if err := p.line("attempt %d, %s", a.N, stamp(a.Started)); err != nil {
		return err
	}
	for line := range strings.Lines(a.Transcript) {
		if err := p.line("%s", strings.TrimRight(line, "\r\n")); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) outboxExport() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "export ID",
		Short: "Write the mail out, exactly as it is sent",
		Args:  exactly(1, "the number of a mail"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.export(cmd.Context(), args[0], output)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "`FILE` to write, which must not exist; standard output if not given")
	return cmd
}

func (p *program) export(ctx context.Context, arg, output string) error {
	id, err := outbox.ParseID(arg)
	if err != nil {
		return usageError{err}
	}
	room, err := p.room()
	if err != nil {
		return err
	}
	content, err := room.Content(ctx, id)
	if err != nil {
		return mailError(arg, err)
	}
	defer content.Close()
	if output == "" {
		return p.copyOut(content)
	}
	file, err := os.OpenFile(output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close())
}

// copyOut copies a mail to standard output as it is, but for what a terminal
// would take for commands.
func (p *program) copyOut(r io.Reader) error {
	if !isTerminal(p.Stdout) {
		_, err := io.Copy(p.Stdout, r)
		return err
	}
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(content)) {
		if err := p.line("%s", strings.TrimRight(line, "\r\n")); err != nil {
			return err
		}
	}
	return nil
}

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
						fmt.Sprintf("sendoff outbox resolve %s --again sends it once more; --sent says that it arrived", it.ID),
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
				action = kit.Retry
			}
			return p.act(cmd.Context(), action, args, func(it outbox.Item) error {
				if it.State != outbox.Uncertain {
					return fmt.Errorf("mail %s is %s, not uncertain: %w", it.ID, it.State, outbox.ErrTransition)
				}
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&sent, "sent", false, "they arrived")
	cmd.Flags().BoolVar(&again, "again", false, "send them again, though they may arrive twice")
	return cmd
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
	if err := room.Act(ctx, id, action); err != nil {
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
