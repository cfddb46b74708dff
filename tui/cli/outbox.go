package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/post"
	"sendoff/tui/text"
)

func (p *program) outboxCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "outbox",
		Short: "See and steer the mail in the outbox",
		Args:  p.subcommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !p.plain {
				return cmd.Help()
			}
			return p.outboxInLines(cmd.Context())
		},
	}
	cmd.AddCommand(
		p.outboxList(),
		p.outboxShow(),
		p.outboxWatch(),
		p.outboxTranscript(),
		p.outboxExport(),
		p.outboxResolve(),
		p.outboxAct(kit.Retry, "Try again at once", `Makes mails due for everybody who has not got them yet. "sendoff flush" delivers
them. A mail whose fate is not known is not taken: see "sendoff outbox resolve".`),
		p.outboxSchedule(),
		p.outboxSearch(),
		p.outboxSalvage(),
		p.outboxEdit(),
		p.outboxSend(),
		p.outboxAct(kit.TakeBack, "Make drafts of mails that nobody has got yet", `The drafts are opened with sendoff, or "sendoff outbox edit". What was attached is
read again from its file when a draft is sent.`),
		p.outboxReassign(),
		p.outboxAct(kit.Hold, "Keep mails until they are released", ""),
		p.outboxAct(kit.Release, "Let held mails go", ""),
		p.outboxAct(kit.Cancel, "Don't send mails, but keep them", ""),
		p.outboxAct(kit.Delete, "Remove mails for good", ""),
	)
	return cmd
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
		Args:  oneMail,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withItem(cmd.Context(), args[0], func(room *post.Room, it outbox.Item, attempts []outbox.Attempt) error {
				if it.State == outbox.Draft {
					return p.showDraft(cmd.Context(), room, it)
				}
				return p.show(cmd.Context(), room, it, attempts)
			})
		},
	}
}

// withItem reads the mail that arg names and hands it to do.
func (p *program) withItem(
	ctx context.Context, arg string, do func(*post.Room, outbox.Item, []outbox.Attempt) error,
) error {
	id, err := outbox.ParseID(arg)
	if err != nil {
		return notOneMail(arg)
	}
	room, err := p.room()
	if err != nil {
		return err
	}
	item, attempts, err := room.Item(ctx, id)
	if err != nil {
		return mailError(arg, err)
	}
	return do(room, item, attempts)
}

// mailError names the mail that an action failed for.
func mailError(arg string, err error) error {
	err = fmt.Errorf("mail %s: %w", arg, err)
	if errors.Is(err, outbox.ErrNotFound) {
		return hinted{err, "sendoff outbox list tells the numbers"}
	}
	return err
}

func (p *program) show(ctx context.Context, room *post.Room, it outbox.Item, attempts []outbox.Attempt) error {
	c, copied, err := room.Copy(ctx, it.ID)
	if err != nil {
		return err
	}
	waits, err := accountWaits(ctx, room, it)
	if err != nil {
		return err
	}
	if p.json {
		all := make([]attemptJSON, len(attempts))
		for i, a := range attempts {
			all[i] = attemptOf(a)
		}
		return p.object(struct {
			itemJSON
			Waits   string        `json:"account_waits,omitempty"`
			Copy    *copyJSON     `json:"copy,omitempty"`
			History []attemptJSON `json:"history"`
		}{itemOf(it), waits, copyOf(c, copied), all})
	}
	state := string(it.State)
	if slices.ContainsFunc(it.Recipients, byHand) {
		state += ", as was said by hand"
	}
	if waits != "" {
		waits = "for its account: " + waits
	}
	rows := [][]string{
		{"mail", it.ID.String()},
		{"state", state},
		{"account", it.Account},
		{"from", it.From},
		{"subject", it.Subject},
		{"message-id", it.MessageID},
		{"size", text.FormatSize(it.Size)},
		{"created", stamp(it.Created)},
		{"changed", stamp(it.Updated)},
		{"not before", stamp(it.NotBefore)},
		{"next try", stamp(it.NextTry)},
		{"waits", waits},
		{"sent by", sender(it)},
		{"reply", it.Reply},
		{"problem", it.Problem},
		{"copy", tellCopy(c, copied)},
	}
	rows = append(rows, wishRows(it.Wishes, granted(it))...)
	if err := p.fields(rows); err != nil {
		return err
	}
	rows = nil
	for _, r := range it.Recipients {
		rows = append(rows, []string{"recipient", string(r.State), r.Address, verdict(r)})
	}
	for _, a := range attempts {
		rows = append(rows, []string{
			fmt.Sprintf("attempt %d", a.N), stamp(a.Started), stageWord(a.Stage, a.Code/100 == 2),
			verdict(outbox.Recipient{Code: a.Code, Enhanced: a.Enhanced, Text: a.Text}) + " " + elapsed(a.Elapsed),
		})
	}
	return p.table(rows)
}

// accountWaits tells why the account of a mail that is to go can't send; empty
// if nothing is known to keep it.
func accountWaits(ctx context.Context, room *post.Room, it outbox.Item) (string, error) {
	if it.State != outbox.Queued && it.State != outbox.Deferred {
		return "", nil
	}
	parked, err := room.Waits(ctx)
	for _, p := range parked {
		if p.Account == it.Account {
			return p.Reason, err
		}
	}
	return "", err
}

// sender tells who sends a mail that is on its way, and how far that is.
func sender(it outbox.Item) string {
	if it.State != outbox.Sending || it.Claimed.IsZero() {
		return ""
	}
	who, _, _ := strings.Cut(it.Owner, " #")
	who += " since " + stamp(it.Claimed)
	if it.Progress.Total > 0 {
		who += ", " + strings.TrimSpace(underway(it))
	}
	return who
}

// fields prints those of rows that have a value.
func (p *program) fields(rows [][]string) error {
	return p.table(slices.DeleteFunc(rows, func(row []string) bool { return row[1] == "" }))
}

// showDraft shows a draft by the fields that it has so far.
func (p *program) showDraft(ctx context.Context, room *post.Room, it outbox.Item) error {
	d, _, err := room.Draft(ctx, it.ID)
	if err != nil {
		return mailError(it.ID.String(), err)
	}
	if p.json {
		return p.object(struct {
			itemJSON
			Draft message.Draft `json:"draft"`
		}{itemOf(it), d})
	}
	rows := [][]string{
		{"mail", it.ID.String()},
		{"state", string(it.State)},
		{"account", d.Account},
		{"from", d.From},
		{"to", d.To},
		{"cc", d.Cc},
		{"bcc", d.Bcc},
		{"reply-to", d.ReplyTo},
		{"subject", d.Subject},
	}
	for _, path := range d.Attachments {
		if name := d.Attached[path].Name; name != "" {
			path += ", as " + name
		}
		rows = append(rows, []string{"attachment", path})
	}
	rows = append(rows, wishRows(d.Wishes, "")...)
	return p.fields(append(rows, []string{"text", text.FormatSize(int64(len(d.Body)))},
		[]string{"created", stamp(it.Created)}, []string{"changed", stamp(it.Updated)}))
}

// stamp is a moment in full, with its zone; nothing for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("Mon 2 Jan 2006 15:04:05 MST")
}
