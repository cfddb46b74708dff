package lines

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"sendoff/config"
	"sendoff/smtp"
	"sendoff/smtp/address"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/stage"
	"sendoff/tui/text"
	"sendoff/tui/when"
)

// send puts the mail into the outbox after a last look and a question, and tells
// what becomes of it.
func (d *desk) send(arg string) error {
	var at time.Time
	if arg != "" {
		var err error
		if at, err = when.Parse(arg, d.opts.Clock()); err != nil {
			d.say("%s.", err)
			return nil
		}
	}
	if lacks := d.lacks(); lacks != "" {
		d.say("%s", lacks)
		return nil
	}
	if d.save() != nil {
		return nil // which was told
	}
	fields := d.draft()
	question := fmt.Sprintf("Send it to %s", d.recipients())
	if found := d.service.Check(d.ctx, fields); len(found) > 0 {
		d.say("Before it goes:")
		for i, f := range found {
			d.say("%d %s.", i+1, f.Text)
		}
		question += " all the same"
	}
	if !at.IsZero() {
		question += ", " + when.Full(at)
	}
	if yes, err := d.yes(question); err != nil || !yes {
		return err
	}
	id, err := d.service.PostDraft(d.service.Asking(d.ctx), d.ref, fields, at)
	if err != nil {
		if errors.Is(err, outbox.ErrChanged) {
			d.touch()
			_ = d.save() // apart from what the other window has; trouble is told
		}
		d.trouble("It can't be sent like that", err)
		return nil
	}
	d.blank()
	if !at.IsZero() {
		d.say("Mail %s goes out %s, if sendoff runs then.", id, when.Full(at))
		return errDone
	}
	return d.watch(id)
}

// lacks says what the mail needs before it can go; empty for nothing.
func (d *desk) lacks() string {
	boxes := 0
	for _, f := range []struct{ name, list string }{
		{"to", d.fields.To}, {"cc", d.fields.Cc}, {"bcc", d.fields.Bcc}, {"reply-to", d.fields.ReplyTo},
	} {
		list, err := address.ParseList(f.list)
		if err != nil {
			return text.Clean(err.Error()) + ". /" + f.name + " asks for all anew."
		}
		if f.name != "reply-to" {
			boxes += len(list)
		}
	}
	if _, _, err := d.service.Sender(d.fields); err != nil {
		return "There is no account to send it with; /account adds one."
	}
	for _, file := range d.service.CheckFiles(d.ctx, d.fields.Attachments) {
		if file.Err != nil {
			return text.Clean(file.Name+": "+file.Err.Error()) + ". /detach takes it out."
		}
	}
	switch {
	case boxes == 0:
		return "Whom is it to? There is no recipient yet; /to names them."
	case strings.TrimSpace(d.fields.Subject) == "" && d.wordless() && len(d.fields.Attachments) == 0:
		return "The mail has neither a subject nor a text."
	}
	return ""
}

// recipients names those who will get the mail.
func (d *desk) recipients() string {
	boxes, _ := address.ParseList(d.fields.To + ", " + d.fields.Cc + ", " + d.fields.Bcc) // lacks has seen to it
	names := make([]string, len(boxes))
	for i, m := range boxes {
		names[i] = m.Addr()
	}
	return stage.People(names)
}

// Waiting for longer than patience is told.
const patience = 10 * time.Second

// watch tells of a mail's session while it lasts, and then what became of it.
func (d *desk) watch(id outbox.ID) error {
	d.watched = id
	d.say("Mail %s is in the outbox and is sent now. You will hear of each step.", id)
	w := &watching{desk: d, id: id, last: d.opts.Clock()}
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for {
		select {
		case <-d.news.more:
		case <-look.C:
		case <-d.ctx.Done():
			return d.ctx.Err()
		}
		w.hear()
		it, _, err := d.service.Item(d.ctx, id)
		if err != nil {
			if d.ctx.Err() == nil {
				d.watched = 0
				d.trouble("The mail can't be found", err)
			}
			return nextAfter(d.ctx.Err())
		}
		waits := d.parked[it.Account]
		if it.State == outbox.Queued && kit.LacksPassword(waits) {
			if d.password(it.Account, waits) {
				continue
			}
		}
		if waits == nil && (it.State == outbox.Queued || it.State == outbox.Sending) {
			w.patient()
			continue
		}
		d.watched = 0
		d.told[id] = it.State
		return d.outcome(it)
	}
}

// nextAfter is err, or what comes when nothing is being done.
func nextAfter(err error) error {
	if err != nil {
		return err
	}
	return errDone
}

// watching is a session that is told line by line.
type watching struct {
	*desk
	id    outbox.ID
	steps *stage.Steps
	tenth int64     // of the content, as it was last told
	last  time.Time // something was told
	slow  bool      // that something takes long was told
}

// hear tells the news of the mail, and keeps what is about others.
func (w *watching) hear() {
	for _, e := range w.news.take() {
		switch {
		case e.ID == w.id && e.Session != nil:
			w.session(*e.Session)
		case e.ID == w.id:
		case e.ID == 0 && e.Account != "":
			w.accountNews(e)
		default:
			w.later = append(w.later, e)
		}
	}
}

func (w *watching) session(e smtp.Event) {
	if w.steps == nil || e.Kind == smtp.KindBegin && w.steps.Over(e.Stage) {
		w.steps, w.tenth = &stage.Steps{}, 0
	}
	w.steps.Hear(e)
	switch line := w.steps.Told(e); {
	case line != "":
		w.step(line)
	case e.Kind == smtp.KindStall:
		w.step(fmt.Sprintf("content: nothing got through for %s; given up at %s", text.FormatElapsed(e.Elapsed), w.clock(e.Deadline)))
	case e.Kind == smtp.KindProgress && e.Total > 0:
		// The end of the content has a line of its own.
		if tenth := e.Bytes * 10 / e.Total; tenth > w.tenth && tenth < 10 {
			w.tenth = tenth
			w.step("content: " + w.steps.Part())
		}
	}
}

func (w *watching) step(line string) {
	w.say("%s", line)
	w.last, w.slow = w.opts.Clock(), false
}

// patient says once that something takes long.
func (w *watching) patient() {
	if w.slow || w.opts.Clock().Sub(w.last) < patience {
		return
	}
	w.slow = true
	w.say("Waiting for the server. Ctrl+C leaves; the mail stays in the outbox.")
}

func (d *desk) clock(t time.Time) string {
	return t.In(d.opts.Clock().Location()).Format(time.TimeOnly)
}

// outcome tells where a mail stands, of each recipient, and what can be done.
func (d *desk) outcome(it outbox.Item) error {
	for _, r := range it.Recipients {
		state, words := stage.Outcome(it, r)
		if words == state {
			d.say("%s: %s", r.Address, words)
		} else {
			d.say("%s: %s, %s", r.Address, state, words)
		}
	}
	sentence, needs := stage.Explain(it, d.opts.Clock())
	d.say("Mail %s is %s. %s", it.ID, it.State, sentence)
	if needs {
		return d.decide(it)
	}
	return errDone
}

// password asks for the password of an account, and tells whether one was given.
func (d *desk) password(account string, why error) bool {
	d.say("The mail of %s waits: %s.", account, kit.Waits(why))
	err := d.askPassword(account, why)
	if err == nil {
		delete(d.parked, account)
		return true
	}
	if d.ctx.Err() == nil {
		d.trouble("No password", err)
	}
	return false
}

// askPassword has the person, or the program that knows it, say the password of
// an account.
func (d *desk) askPassword(account string, why error) error {
	accounts, _, _, err := d.service.Accounts(d.ctx)
	if err != nil {
		return err
	}
	question := "Password of " + account
	for _, a := range accounts {
		if a.Account.Name != account {
			continue
		}
		if a.Account.Secret == config.SecretCommand && d.opts.Command != nil {
			return d.opts.Command(d.ctx, account)
		}
		if a.Sealed || kit.WantsPassphrase(why) {
			question = "Passphrase of the vault"
		}
	}
	if d.opts.Hidden == nil {
		return errNobody
	}
	password, err := d.opts.Hidden(d.ctx, question)
	if err != nil {
		return err
	}
	return d.service.GivePassword(d.ctx, account, password)
}

// givePassword gives a password because the person wants to.
func (d *desk) givePassword(account string) error {
	if account == "" {
		_, standard, _, err := d.service.Accounts(d.ctx)
		if err != nil {
			d.trouble("The accounts can't be read", err)
			return nil
		}
		account = standard
	}
	if err := d.askPassword(account, d.parked[account]); err != nil {
		d.trouble("No password", err)
		return nil
	}
	d.say("It is kept until you leave; the mail of %s goes on.", account)
	return nil
}

// test logs in and out again while the person hears of each step.
func (d *desk) test(account string) error {
	if account == "" {
		_, standard, _, err := d.service.Accounts(d.ctx)
		if err != nil {
			d.trouble("The accounts can't be read", err)
			return nil
		}
		account = standard
	}
	w := &watching{desk: d}
	err := d.service.TestAccount(d.ctx, account, w.session)
	if kit.LacksPassword(err) && d.password(account, err) {
		err = d.service.TestAccount(d.ctx, account, w.session)
	}
	if err != nil {
		d.trouble(account+" does not work yet", err)
		return nil
	}
	d.say("%s works.", account)
	return nil
}
