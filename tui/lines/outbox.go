package lines

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/stage"
	"sendoff/tui/text"
	"sendoff/tui/when"
)

// page is how many mails are listed at once.
const page = 10

// mostSource is how much of a mail is read out as it is sent, in octets.
const mostSource = 64 << 10

// outbox lists mail, and does with one what the person wants.
func (d *desk) outbox() error {
	counts, err := d.service.Counts(d.ctx, "")
	if err != nil {
		d.trouble("The outbox can't be read", err)
		return errDone
	}
	var words []string
	for _, s := range append([]outbox.State{outbox.NeedsYou}, outbox.States...) {
		if counts[s] > 0 {
			words = append(words, fmt.Sprintf("%d %s", counts[s], s))
		}
	}
	if len(words) == 0 {
		d.say("The outbox is empty.")
		return errDone
	}
	d.say("In the outbox: %s.", strings.Join(words, ", "))
	return d.browse(outbox.Query{}, "The newest first:")
}

// find lists the mails that have all the words.
func (d *desk) find(words string) error {
	if words == "" {
		var err error
		if words, err = d.ask("Words (enter for none)", "Type words of a subject, a text, or of people's names."); err != nil || words == "" {
			return err
		}
	}
	if err := d.save(); err != nil {
		return nil
	}
	if err := d.browse(outbox.Query{Search: words}, "Found:"); !errors.Is(err, errDone) {
		return err
	}
	return nil
}

// browse reads out a list, a page at a time, and takes the numbers of mails.
func (d *desk) browse(q outbox.Query, heading string) error {
	q.Limit = page
	for {
		items, err := d.service.Items(d.ctx, q)
		if err != nil {
			d.trouble("The outbox can't be read", err)
			return errDone
		}
		if len(items) == 0 {
			d.say("There is no mail, or no more.")
			return errDone
		}
		d.say("%s", heading)
		for _, it := range items {
			d.say("%s %s, %s", it.ID, it.State, d.describe(it))
		}
		more, err := d.pick(len(items) == page)
		if err != nil || !more {
			return nextAfter(err)
		}
		q.Before, heading = items[len(items)-1].ID, "The next:"
	}
}

// pick takes the numbers of mails until the next page is wanted, or nothing.
func (d *desk) pick(pages bool) (more bool, err error) {
	question, help := "Number of a mail", "Type the number of a mail to hear of it and do something with it."
	if pages {
		question, help = question+", or more", help+" more lists the next ones."
	}
	for {
		answer, err := d.ask(question+" (enter for none)", help)
		switch {
		case err != nil || answer == "":
			return false, err
		case pages && strings.EqualFold(answer, "more"):
			return true, nil
		}
		if err := d.look(answer); err != nil {
			return false, err
		}
	}
}

// look tells of one mail and asks what is to become of it.
func (d *desk) look(number string) error {
	id, err := outbox.ParseID(number)
	if err != nil {
		d.say("%q is not the number of a mail; /outbox lists them.", number)
		return nil
	}
	it, attempts, err := d.service.Item(d.ctx, id)
	if err != nil {
		d.trouble("Mail "+number, err)
		return nil
	}
	d.say("Mail %s, %s, account %s, %s.", it.ID, d.describe(it), it.Account, text.FormatSize(it.Size))
	for _, r := range it.Recipients {
		state, words := stage.Outcome(it, r)
		if words != state {
			words = state + ", " + words
		}
		d.say("%s: %s", r.Address, words)
	}
	for _, a := range attempts {
		d.say("Try %d: %s", a.N, stage.Try(a, d.opts.Clock()))
	}
	sentence, _ := stage.Explain(it, d.opts.Clock())
	d.say("It is %s. %s", it.State, sentence)
	err = d.decide(it)
	if errors.Is(err, errDone) {
		return nil
	}
	return err
}

// deed is something that can be done with a mail.
type deed struct {
	what string
	do   func(outbox.Item) error
}

// deeds lists what can be done with a mail: first what most likely comes next.
func (d *desk) deeds(it outbox.Item) []deed {
	var all []deed
	if it.State != outbox.Sending {
		what := map[outbox.State]string{
			outbox.Draft: "go on writing", outbox.Partial: "edit it, for those who have not got it", outbox.Sent: "edit it as a new mail",
		}[it.State]
		if what == "" {
			what = "edit it"
		}
		all = append(all, deed{what, d.rewrite})
	}
	for _, a := range []struct {
		by   outbox.Action
		do   kit.Action
		what string
	}{
		{outbox.Retry, kit.Retry, "try again now"},
		{outbox.Release, kit.Release, "send it now"},
		{outbox.Resolve, kit.MarkSent, "mark it as sent"},
		{outbox.Resend, kit.SendAgain, "send it again"},
		{outbox.Hold, kit.Hold, "hold it until you release it"},
		{outbox.Schedule, kit.Delay, "send it at another time"},
		{outbox.Cancel, kit.Cancel, "cancel it and keep it"},
		{outbox.Delete, kit.Delete, "delete it for good"},
	} {
		if outbox.Allowed(it.State, a.by) && !(a.do == kit.Retry && it.State == outbox.Uncertain) {
			all = append(all, deed{a.what, func(it outbox.Item) error { return d.act(it, a.do) }})
		}
	}
	if it.Attempts > 0 {
		all = append(all, deed{"read the transcript", d.transcript})
	}
	all = append(all, deed{"read it as it is sent", d.source})
	if outbox.Allowed(it.State, outbox.Reassign) {
		all = append(all, deed{"have another account send it", func(it outbox.Item) error { return d.act(it, kit.Reassign) }})
	}
	return all
}

// decide asks what is to be done with a mail, until nothing is or it changed.
func (d *desk) decide(it outbox.Item) error {
	all := d.deeds(it)
	names := make([]string, len(all))
	for i, a := range all {
		names[i] = a.what
	}
	d.say("What you can do with mail %s:", it.ID)
	i, err := d.choose("Number", names)
	if err != nil {
		return err
	}
	if i < 0 {
		return errDone
	}
	return all[i].do(it)
}

// act does something to a mail, after a question where it can't be undone.
func (d *desk) act(it outbox.Item, action kit.Action) error {
	question := map[kit.Action]string{
		kit.SendAgain: "The server may have it already, and then somebody gets it twice. Send it again",
		kit.MarkSent:  "No server said that it arrived, and it won't be sent again. Mark it as sent",
		kit.Delete:    "It can't be brought back. Delete it",
	}[action]
	if question != "" && !(action == kit.SendAgain && it.State != outbox.Uncertain) {
		if yes, err := d.yes(question); err != nil || !yes {
			return nextAfter(err)
		}
	}
	var err error
	switch action {
	case kit.Delay:
		err = d.delay(it)
	case kit.Reassign:
		err = d.reassign(it)
	default:
		err = d.service.Act(d.ctx, it.ID, action)
	}
	switch {
	case leaves(err):
		return err
	case err != nil:
		d.trouble("Mail "+it.ID.String()+" is as it was", err)
		return errDone
	case action == kit.Delete:
		d.say("Mail %s is deleted.", it.ID)
		return errDone
	case action == kit.Retry, action == kit.Release, action == kit.SendAgain, action == kit.Reassign && it.State == outbox.Queued:
		return d.watch(it.ID)
	}
	if it, _, err = d.service.Item(d.ctx, it.ID); err == nil {
		sentence, _ := stage.Explain(it, d.opts.Clock())
		d.say("Mail %s is %s. %s", it.ID, it.State, sentence)
	}
	return errDone
}

// delay asks for the moment a mail is to go out.
func (d *desk) delay(it outbox.Item) error {
	for {
		answer, err := d.ask("When (enter for not)", "Say it like: tomorrow 9:00, fri 17:30, in 2h, 18:00, 2026-12-24 9:00.")
		if err != nil || answer == "" {
			return nextAfter(err)
		}
		at, err := when.Parse(answer, d.opts.Clock())
		if err != nil {
			d.say("%s.", err)
			continue
		}
		return d.service.Schedule(d.ctx, it.ID, at)
	}
}

// reassign asks which account is to send a mail.
func (d *desk) reassign(it outbox.Item) error {
	accounts, _, _, err := d.service.Accounts(d.ctx)
	if err != nil {
		return err
	}
	accounts = slices.DeleteFunc(accounts, func(a kit.AccountInfo) bool { return strings.EqualFold(a.Account.Name, it.Account) })
	if len(accounts) == 0 {
		d.say("There is no other account; /account adds one.")
		return errDone
	}
	var choices []string
	for _, a := range accounts {
		choices = append(choices, a.Account.Name+". "+kit.Stays(a.Account, []string{it.From}))
	}
	i, err := d.choose("Which account", choices)
	if err != nil || i < 0 {
		return nextAfter(err)
	}
	return d.service.Reassign(d.ctx, it.ID, accounts[i].Account.Name)
}

// rewrite opens a mail to be written: one that nobody has got yet is taken back
// for that, of others a new mail is made.
func (d *desk) rewrite(it outbox.Item) error {
	if d.save() != nil {
		return errDone // which was told
	}
	kept := d.ref.ID
	got := slices.ContainsFunc(it.Recipients, func(r outbox.Recipient) bool {
		return r.State == outbox.RecipientAccepted || r.State == outbox.RecipientUncertain || r.Doubt
	})
	want := kit.OpenDraft{ID: it.ID}
	switch it.State {
	case outbox.Held, outbox.Scheduled, outbox.Queued, outbox.Deferred, outbox.Cancelled:
		want.Rest, want.TakeBack = got, !got
	case outbox.Partial:
		want.Rest = true
	}
	if err := d.open(want); err != nil {
		d.trouble("It can't be opened", err)
		return errDone
	}
	if kept != 0 && kept != it.ID {
		d.say("Your draft is kept as mail %s.", kept)
	}
	return errOpen
}

// transcript reads what was said in all tries, without secrets.
func (d *desk) transcript(it outbox.Item) error {
	_, attempts, err := d.service.Item(d.ctx, it.ID)
	if err != nil {
		d.trouble("It can't be read", err)
		return errDone
	}
	for _, line := range stage.Dialogue(attempts, d.opts.Clock()) {
		d.recite(line)
	}
	return d.decide(it)
}

// source reads a mail as it is sent, or the beginning of it.
func (d *desk) source(it outbox.Item) error {
	octets, size, err := d.service.Excerpt(d.ctx, it.ID, 0, mostSource)
	if err != nil {
		d.trouble("It can't be read", err)
		return errDone
	}
	lines := bufio.NewScanner(bytes.NewReader(octets))
	lines.Buffer(nil, mostSource+1)
	for lines.Scan() {
		d.recite(lines.Text())
	}
	if size > int64(len(octets)) {
		d.say("That was the beginning, of %s.", text.FormatSize(size))
	}
	return d.decide(it)
}
