package lines

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/stage"
	"sendoff/tui/text"
)

// A draft is on disk when nothing more was typed for saveRest, or saveLimit
// after the first line that is not there yet.
const (
	saveRest  = 200 * time.Millisecond
	saveLimit = time.Second
	finalSave = 5 * time.Second
)

// desk is where one mail after the other is written.
type desk struct {
	*talk
	ctx     context.Context
	opts    Options
	service Service
	news    *news

	ref     outbox.Ref // the draft on disk; zero for none
	fields  message.Draft
	body    []string // the lines of its text; fields.Body is as old as the last save
	at      int      // where the next line goes
	begun   bool     // it began with something: a reply, a mailto URL
	changed time.Time
	unsaved error // why the last save failed

	parked  map[string]error           // by account, what its mail waits for
	told    map[outbox.ID]outbox.State // what was said of mails that were watched
	later   []outbox.Event             // news that came while one was
	watched outbox.ID                  // the mail that is being sent; 0 for none
}

func newDesk(ctx context.Context, opts Options) *desk {
	return &desk{
		talk: newTalk(opts.In, opts.Out, opts.Echo, opts.Sandbox),
		ctx:  ctx, opts: opts, service: opts.Service, news: newNews(),
		body: []string{""}, parked: map[string]error{}, told: map[outbox.ID]outbox.State{},
	}
}

// adopt begins with the fields of a draft, or of a mail that is not on disk yet.
func (d *desk) adopt(ref outbox.Ref, fields message.Draft) {
	d.ref, d.fields, d.begun = ref, fields, false
	d.changed, d.unsaved = time.Time{}, nil
	d.body = strings.Split(strings.ReplaceAll(fields.Body, "\r\n", "\n"), "\n")
	d.at = 0
	switch {
	case fields.Focus == "body" && fields.Line < len(d.body):
		d.at = fields.Line
		if fields.Column > 0 {
			d.at++
		}
	case fields.Body != "" && d.body[0] != "": // else it is begun above what it passes on
		d.at = d.ending()
	}
	d.occupy()
}

// blank begins a new mail.
func (d *desk) blank() { d.adopt(outbox.Ref{}, message.Draft{Account: d.opts.Account}) }

// occupy tells other windows what is open here, and the person if it is open there.
func (d *desk) occupy() {
	if d.service.Occupy(d.ref.ID) {
		d.say("This draft is open in another window as well. If both write, what is saved second becomes a draft of its own.")
	}
}

// ending is the line behind the last of what the author says: the signature, or
// the end.
func (d *desk) ending() int {
	end := len(d.body)
	if i := slices.Index(d.body, "-- "); i >= 0 {
		end = i
	}
	for end > 0 && d.body[end-1] == "" {
		end--
	}
	return end
}

// open goes on with an item of the outbox.
func (d *desk) open(want kit.OpenDraft) error {
	ctx := d.service.Asking(d.ctx)
	if want.TakeBack {
		if err := d.service.Act(ctx, want.ID, kit.TakeBack); err != nil {
			return err
		}
	}
	fields, ref, err := d.service.Draft(ctx, want.ID)
	if err != nil {
		return err
	}
	if want.Rest {
		it, _, err := d.service.Item(ctx, want.ID)
		if err != nil {
			return err
		}
		fields = kit.Rest(fields, it.Recipients)
	}
	d.adopt(ref, fields)
	d.begun = true
	return nil
}

// touch notes that something changed that is not on disk.
func (d *desk) touch() {
	if !d.dirty() {
		d.changed = d.opts.Clock()
	}
}

func (d *desk) dirty() bool { return !d.changed.IsZero() }

// draft returns the mail as it stands.
func (d *desk) draft() message.Draft {
	f := d.fields
	f.Body = strings.Join(d.body, "\n")
	f.Focus, f.Line, f.Column = "body", d.at, 0
	return f
}

// empty tells that nothing was written that is worth keeping. A signature alone
// is not.
func (d *desk) empty() bool {
	f := d.fields
	if f.To+f.Cc+f.Bcc+f.ReplyTo+strings.TrimSpace(f.Subject) != "" || len(f.Attachments)+len(f.Headers) > 0 || f.Wishes != (message.Wishes{}) {
		return false
	}
	return d.wordless()
}

// wordless tells that the text holds nothing but white space and signature.
func (d *desk) wordless() bool {
	said, _ := strings.CutSuffix(strings.Join(d.body, "\n"), d.signature())
	return strings.TrimSpace(said) == ""
}

// save puts the draft on disk. Trouble is told once, and each line tries again.
func (d *desk) save() error { return d.saveWithin(d.ctx) }

func (d *desk) saveWithin(ctx context.Context) error {
	if !d.dirty() || d.empty() && d.ref.ID == 0 {
		d.changed = time.Time{}
		return nil
	}
	ref, err := d.service.SaveDraft(ctx, d.ref, d.draft())
	if err != nil {
		if d.unsaved == nil {
			d.trouble("THE DRAFT IS NOT SAVED", err)
		}
		d.unsaved = err
		return err
	}
	if d.unsaved != nil {
		d.say("The draft is saved again.")
	}
	if d.ref.ID != 0 && ref.ID != d.ref.ID {
		d.say("Another window changed, sent or threw away this draft. What you write here is kept as a draft of its own, mail %s.", ref.ID)
	}
	before := d.ref.ID
	d.ref, d.unsaved, d.changed = ref, nil, time.Time{}
	if ref.ID != before {
		d.occupy()
	}
	return nil
}

// saveLast saves when the program ends, whatever ended it, and tells where the
// draft is.
func (d *desk) saveLast() error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(d.ctx), finalSave)
	defer cancel()
	if err := d.saveWithin(ctx); err != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(d.ctx), finalSave)
		defer cancel()
		where, failed := d.service.Rescue(ctx, d.draft(), "")
		return errors.Join(&kit.UnsavedError{Err: err, Where: where}, failed)
	}
	if d.ref.ID != 0 && !d.opts.Fleeting {
		d.say("Your draft is kept as mail %s; sendoff --plain goes on with it.", d.ref.ID)
	}
	return nil
}

// interrupted tells where the mail stands that was being sent.
func (d *desk) interrupted() error {
	it, _, err := d.service.Item(context.WithoutCancel(d.ctx), d.watched)
	if err != nil {
		return err
	}
	sentence, _ := stage.Explain(it, d.opts.Clock())
	d.say("Interrupted. Mail %s: %s", it.ID, sentence)
	return &Interrupted{it.State}
}

// describe names a mail in a list.
func (d *desk) describe(it outbox.Item) string {
	var to []string
	for _, r := range it.Recipients {
		to = append(to, r.Address)
	}
	s := fmt.Sprintf("%q", text.Clean(it.Subject))
	if strings.TrimSpace(it.Subject) == "" {
		s = "without a subject"
	}
	if len(to) > 0 {
		s += " to " + stage.People(to)
	}
	return s + ", " + text.FormatTime(it.Updated, d.opts.Clock())
}
