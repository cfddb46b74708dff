package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sendoff/config"
	"sendoff/smtp"
	"sendoff/smtp/outbox"
	"sendoff/tui/post"
)

func (p *program) flushCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "flush",
		Short: "Deliver all mail that is due, then exit",
		Long: `flush delivers every mail of the outbox that is due and exits when none is left.
Several may run at the same time, next to an open sendoff; no mail goes out twice.

Mail that was put off stays until it is due; "sendoff outbox retry" makes it so.
Mail of an account whose login was refused waits until something was changed, the
password for one, or a person tries again: in a terminal, or with "sendoff
account test". With
--account only mail of that account is delivered.`,
		Args: exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.flush(cmd.Context(), outbox.Only{Account: p.account})
		},
	}
}

// deliver sends one mail now, tells what became of it, and returns that as an
// outcome. Hooks are told after that.
func (p *program) deliver(ctx context.Context, room *post.Room, id outbox.ID) error {
	err := p.sendNow(ctx, room, id)
	p.tellHooks(ctx, room)
	return err
}

func (p *program) sendNow(ctx context.Context, room *post.Room, id outbox.ID) error {
	// What becomes of the mail is told even after a signal.
	after := context.WithoutCancel(ctx)
	item, _, err := room.Item(after, id)
	if err != nil {
		return err
	}
	news := p.progress()
	summary, failure := room.Send(ctx, id, func(e outbox.Event) {
		if e.ID == id || e.ID == 0 && (e.Account == item.Account || e.Account == "") {
			news.hear(e)
		}
	})
	news.clear()
	news.left(summary.Parked)

	item, attempts, err := room.Item(after, id)
	if err != nil {
		return errors.Join(failure, err)
	}
	unprinted := p.printResult(item, attempts)
	switch {
	case item.State == outbox.Sent:
		return p.untold(fmt.Sprintf("mail %s was sent", id), unprinted)
	case failure != nil && ctx.Err() == nil:
		return p.undelivered(room, item, failure, nil)
	}
	return p.undelivered(room, item, news.waits[item.Account], news.unable)
}

// printResult prints who got the mail and who did not.
func (p *program) printResult(item outbox.Item, attempts []outbox.Attempt) error {
	if p.json {
		return p.object(resultOf(item, attempts))
	}
	if p.mute {
		return nil
	}
	rows := [][]string{}
	for _, r := range item.Recipients {
		rows = append(rows, []string{string(r.State), r.Address, verdict(r)})
	}
	return p.table(rows)
}

// verdict is what a server said of a recipient.
func verdict(r outbox.Recipient) string {
	switch {
	case r.Doubt:
		r.Doubt = false
		return strings.TrimPrefix(verdict(r)+"; an earlier copy may have arrived", "; ")
	case byHand(r):
		return strings.TrimSuffix("said by hand, not by the server; before: "+r.Text, "; before: ")
	case r.Code == 0:
		return r.Text
	case r.Enhanced == "":
		return fmt.Sprintf("%d %s", r.Code, r.Text)
	}
	return fmt.Sprintf("%d %s %s", r.Code, r.Enhanced, r.Text)
}

// byHand tells that a person said that the mail arrived: a server that takes it
// has a code.
func byHand(r outbox.Recipient) bool { return r.State == outbox.RecipientAccepted && r.Code == 0 }

// undelivered says why a mail is not, or not wholly, sent, where it is now and
// what can be done. obstacle is what kept it from being tried, and unable why it
// can't go to this server as it is; nil if nothing.
func (p *program) undelivered(room *post.Room, item outbox.Item, obstacle error, unable *smtp.Error) error {
	code := stateCode(item.State)
	title, hint := "", ""
	switch item.State {
	case outbox.Uncertain:
		title = fmt.Sprintf("it is not known whether the server took mail %s%s", item.ID, fates(item))
		hint = fmt.Sprintf("it won't be sent again by itself; see where it was to arrive, then: sendoff outbox resolve %s --sent, or --again",
			item.ID)
	case outbox.Partial:
		title = fmt.Sprintf("mail %s was refused for some recipients%s", item.ID, fates(item))
		hint = "sendoff outbox show " + item.ID.String() + " tells who"
	case outbox.Failed:
		if unable != nil && unable.Scope == smtp.ScopeMessage {
			p.complain(fmt.Sprintf("mail %s was not sent: %v", item.ID, unable.Err), wayOut(item.ID, unable))
			return outcome(code)
		}
		title = fmt.Sprintf("mail %s was refused", item.ID)
		hint = fmt.Sprintf("the mail is kept in the outbox; when what is wrong is mended: sendoff outbox retry %s", item.ID)
	case outbox.Deferred:
		title = fmt.Sprintf("mail %s could not be delivered yet%s", item.ID, fates(item))
		hint = fmt.Sprintf("the mail is kept in the outbox; the next try is due %s", item.NextTry.Local().Format(time.DateTime))
	default:
		title = fmt.Sprintf("mail %s was not delivered and is %s", item.ID, item.State)
		hint = "the mail is kept in the outbox"
		if !errors.As(obstacle, new(parked)) {
			hint += `; "sendoff flush" tries again`
		}
	}
	switch {
	case obstacle != nil && stateCode(item.State) == exitDeferred:
		reason, remedy := "", ""
		code, reason, remedy = judgeWait(obstacle)
		title += ": " + reason
		if remedy != "" {
			hint = remedy + "; " + hint
		}
	case item.Problem != "":
		title += ": " + item.Problem
	}
	if room.Fleeting() {
		hint = "the sandbox's outbox, and the mail with it, goes with this command; set SENDOFF_HOME to keep it"
	}
	p.complain(title, hint)
	return outcome(code)
}

// fates says who got a mail and who did not, where that is not one thing for
// all: "; accepted for a@example.org; refused for b@example.org".
func fates(it outbox.Item) string {
	words := map[outbox.RecipientState]string{
		outbox.RecipientAccepted:  "accepted for",
		outbox.RecipientRejected:  "refused for good for",
		outbox.RecipientDeferred:  "to be tried again for",
		outbox.RecipientUncertain: "not known for",
		outbox.Pending:            "still to go to",
	}
	var order []outbox.RecipientState
	by := map[outbox.RecipientState][]string{}
	for _, r := range it.Recipients {
		if by[r.State] == nil {
			order = append(order, r.State)
		}
		by[r.State] = append(by[r.State], r.Address)
	}
	if len(order) < 2 {
		return ""
	}
	var b strings.Builder
	for _, state := range order {
		const named = 3
		addresses := by[state]
		fmt.Fprintf(&b, "; %s %s", words[state], strings.Join(addresses[:min(named, len(addresses))], ", "))
		if more := len(addresses) - named; more > 0 {
			fmt.Fprintf(&b, " and %d more", more)
		}
	}
	return b.String()
}

// flush delivers what is due of the mail that is meant, and tells of each.
func (p *program) flush(ctx context.Context, only outbox.Only) error {
	room, err := p.room()
	if err != nil {
		return err
	}
	news := p.progress()
	news.brief = true
	settled := make(chan outbox.Event, 1024)
	printed := make(chan error, 1)
	go func() { printed <- p.printSettled(ctx, room, settled, news) }()

	summary, failure := room.Flush(ctx, func(e outbox.Event) {
		news.hear(e)
		if e.State != "" && e.State != outbox.Sending && !waits(e.State) {
			settled <- e
		}
	}, only)
	// What is queued again had no try that counts; it is told once, at the end.
	for id, state := range summary.States {
		if waits(state) {
			settled <- outbox.Event{ID: id}
		}
	}
	close(settled)
	unprinted := <-printed
	news.clear()
	news.left(summary.Parked)

	code := 0
	for _, state := range summary.States {
		code = worse(code, stateCode(state))
	}
	for _, account := range slices.Sorted(maps.Keys(news.waits)) {
		if waits := news.waits[account]; waits != nil && p.concerns(account) {
			if _, gone := room.Account(account); errors.Is(gone, config.ErrNoAccount) {
				waits = parked{outbox.Parking{Account: account}, gone} // whoever met that
			}
			reason, title, hint := judgeWait(waits)
			p.complain("mail of "+account+" waits: "+title, hint)
			code = worse(code, reason)
		}
	}
	switch {
	case ctx.Err() != nil:
		p.complain("interrupted", `what was not delivered is kept in the outbox; "sendoff flush" goes on`)
		code = worse(code, exitDeferred)
	case failure != nil:
		return failure
	}
	if len(summary.States) == 0 && code == 0 {
		p.remark("no mail is due")
	}
	if unprinted = p.untold("mail was delivered", unprinted); unprinted != nil || code == 0 {
		return unprinted
	}
	return outcome(code)
}

// waits tells that a mail is, or is again, one that nothing has become of.
func waits(s outbox.State) bool { return s == outbox.Queued || s == outbox.Scheduled }

// printSettled prints what became of mails as news of them come in. It reads
// to the end of them, whatever happens, so that nobody waits for it.
func (p *program) printSettled(ctx context.Context, room *post.Room, settled <-chan outbox.Event, news *progress) error {
	ctx = context.WithoutCancel(ctx)
	var failed error
	for e := range settled {
		if failed != nil {
			continue
		}
		failed = p.printEnd(ctx, room, e, news)
	}
	return failed
}

// printEnd prints what became of one mail.
func (p *program) printEnd(ctx context.Context, room *post.Room, e outbox.Event, news *progress) (err error) {
	item, attempts := e.Item, []outbox.Attempt(nil)
	if item == nil || p.json {
		var stored outbox.Item
		stored, attempts, err = room.Item(ctx, e.ID)
		if errors.Is(err, outbox.ErrNotFound) {
			return nil // deleted meanwhile
		}
		if err != nil {
			return err
		}
		item = &stored
	}
	if !p.concerns(item.Account) {
		return nil // taken from a program that died, which is any flush's to do
	}
	news.around(func() {
		if p.json {
			err = p.object(resultOf(*item, attempts))
		} else {
			err = p.line("%-9s  %s  %s  %s", item.State, item.ID, addresses(*item), item.Subject)
		}
	})
	return err
}

// concerns tells whether an account is the one that was named, if one was.
func (p *program) concerns(account string) bool {
	return p.account == "" || strings.EqualFold(account, p.account)
}
