// Package lines is the program without screens, for screen readers and
// terminals that can do no more than show one line after the other: the way
// from writing a mail to what became of it as questions, answers and sentences.
//
// Nothing is ever drawn again, no escape sequence is written, and no question
// waits with a time limit. A line that begins with / is a command and ? alone
// helps, whatever is asked for. The draft is on disk soon after each line.
package lines

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"sendoff/config"
	"sendoff/config/book"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/presend"
)

// Service is what the lines need of the domain. Every method may block and
// obeys its context.
type Service interface {
	Items(ctx context.Context, q outbox.Query) ([]outbox.Item, error)
	Counts(ctx context.Context, search string) (map[outbox.State]int, error)
	Item(ctx context.Context, id outbox.ID) (outbox.Item, []outbox.Attempt, error)
	Excerpt(ctx context.Context, id outbox.ID, from int64, n int) (octets []byte, size int64, err error)
	Act(ctx context.Context, id outbox.ID, action kit.Action) error
	Schedule(ctx context.Context, id outbox.ID, at time.Time) error
	Reassign(ctx context.Context, id outbox.ID, account string) error

	SaveDraft(ctx context.Context, ref outbox.Ref, fields message.Draft) (outbox.Ref, error)
	Draft(ctx context.Context, id outbox.ID) (fields message.Draft, ref outbox.Ref, err error)
	LatestDraft(ctx context.Context) (outbox.ID, error)
	Occupy(id outbox.ID) (elsewhere bool)

	// Rescue writes a draft that can't be saved into a file in a folder; an empty
	// one is for the service to choose.
	Rescue(ctx context.Context, d message.Draft, folder string) (kit.Rescued, error)

	// PostDraft builds the mail durably into the outbox in place of the draft,
	// to go out at a moment, or at once if that is zero.
	PostDraft(ctx context.Context, draft outbox.Ref, fields message.Draft, at time.Time) (outbox.ID, error)

	// Asking returns a context in which programs may ask the person in the
	// terminal.
	Asking(ctx context.Context) context.Context

	Accounts(ctx context.Context) ([]kit.AccountInfo, string, []kit.SecretStore, error)

	UpdateAccount(ctx context.Context, a config.Account, password secret.Secret) error

	// Sender tells whom a mail is from as it stands, and Sign puts the
	// signature of that under its text.
	Sender(d message.Draft) (config.Account, config.Identity, error)
	Sign(d *message.Draft, before bool) error

	GivePassword(ctx context.Context, account string, password secret.Secret) error
	TestAccount(ctx context.Context, name string, trace func(smtp.Event)) error

	Check(ctx context.Context, fields message.Draft) []presend.Finding
	Preview(ctx context.Context, fields message.Draft) (kit.Preview, error)
	People(ctx context.Context, typed string) ([]book.Contact, error)
	AskBook(ctx context.Context, typed string) ([]book.Contact, error)
	LookUp(ctx context.Context, addresses []string) map[string]kit.Known
	CheckFiles(ctx context.Context, paths []string) []kit.File

	// Templates reads those in TemplateFolder.
	Templates(ctx context.Context) ([]kit.Template, error)
	TemplateFolder() string

	// Deliver sends what is due until ctx ends. Its news goes to hear, from one
	// goroutine at a time.
	Deliver(ctx context.Context, hear func(outbox.Event)) error
}

// Options says what to run with. Service, In and Out are needed.
type Options struct {
	Service Service
	In      io.Reader
	Out     io.Writer

	// Echo repeats what was read behind its question, for where no terminal
	// does that.
	Echo bool

	// Draft is what to begin with; nil to go on with Open, or if that wants no
	// item with the latest draft. Outbox begins with the list of mails.
	Draft  *message.Draft
	Open   kit.OpenDraft
	Outbox bool

	Account string // what new mail goes through instead of the default; empty for that

	Notice   string // to be said first; empty for nothing
	Sandbox  bool   // nothing is real
	Fleeting bool   // the outbox is thrown away when Run has returned
	Clock    func() time.Time

	// Edit opens a mail in the person's own editor.
	Edit func(ctx context.Context, d message.Draft) (message.Draft, error)

	// Hidden asks for a password, which is not shown.
	Hidden func(ctx context.Context, question string) (secret.Secret, error)

	// Command has the program that gives the password of an account ask the
	// person.
	Command func(ctx context.Context, account string) error

	// AddAccount has the person set up an account, by questions that go through
	// ask, and hear of its login. Nil where there can be no other.
	AddAccount func(ctx context.Context, ask func(question string) (string, error), hear func(smtp.Event)) error

	// AfterQuit and HandOver are as those of the screens.
	AfterQuit string
	HandOver  func(waiting int) error
}

// finalStop is how long the delivery may take to stop; its own grace is shorter.
const finalStop = 8 * time.Second

// Interrupted is what Run returns when it was stopped while a mail was being
// sent.
type Interrupted struct{ State outbox.State }

// Error says where the mail stands.
func (e *Interrupted) Error() string { return "interrupted while a mail was " + string(e.State) }

// Where the person goes next; what is done where they are ends with it.
var (
	errQuit   = errors.New("quit")
	errNew    = errors.New("a new mail")
	errOpen   = errors.New("a mail that was begun")
	errOutbox = errors.New("the outbox")
	errDone   = errors.New("nothing in particular")
)

// leaves tells that the person goes on elsewhere.
func leaves(err error) bool {
	return slices.ContainsFunc([]error{errQuit, errNew, errOpen, errOutbox, errDone, io.EOF}, func(e error) bool { return errors.Is(err, e) })
}

var errNobody = errors.New("there is no terminal to ask for it")

// Run goes on until the person leaves, nothing more can be read or ctx ends,
// and delivers mail meanwhile. Whatever way it ends, the draft is saved and the
// delivery has stopped. The error is that of writing to Out, or says what could
// not be kept.
func Run(ctx context.Context, opts Options) error {
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	deliveries, stop := context.WithCancel(ctx)
	defer stop()
	d := newDesk(ctx, opts)
	delivering := make(chan error, 1)
	go func() {
		err := opts.Service.Deliver(deliveries, d.news.hear)
		if deliveries.Err() == nil {
			d.news.hear(outbox.Event{Problem: err})
		}
		delivering <- err
	}()
	err := d.run()
	d.end()
	saved := d.saveLast()
	stop()
	select {
	case <-delivering:
	case <-time.After(finalStop):
		err = errors.Join(err, errors.New("the delivery did not stop in time; its mail is safe in the outbox"))
	}
	if d.watched != 0 { // where it stands is known only now
		err = errors.Join(err, d.interrupted())
	}
	return errors.Join(err, saved, d.part(context.WithoutCancel(ctx)))
}

// run goes from one thing to the next.
func (d *desk) run() error {
	d.greet()
	next, err := d.begin()
	for err == nil {
		switch {
		case errors.Is(next, errNew), errors.Is(next, errOpen):
			next = d.compose()
		case errors.Is(next, errOutbox):
			next = d.outbox()
		case errors.Is(next, errDone):
			next = d.between()
		default:
			err = next
		}
		if errors.Is(next, errNew) {
			d.blank()
		}
	}
	switch {
	case d.failed != nil:
		return d.failed
	case errors.Is(err, errQuit), errors.Is(err, io.EOF), d.ctx.Err() != nil:
		return nil
	}
	return err
}

func (d *desk) greet() {
	if d.opts.Notice != "" {
		d.say("%s", d.opts.Notice)
	}
	d.say("sendoff, line by line. ? alone helps, /quit leaves and keeps what you wrote.")
}

// begin decides what comes first.
func (d *desk) begin() (next, err error) {
	accounts, _, _, err := d.service.Accounts(d.ctx)
	if err != nil {
		return nil, err
	}
	if len(accounts) == 0 && d.opts.AddAccount != nil {
		d.say("There is no account yet to send mail with. sendoff --plain --sandbox has one to look around with: nothing real is sent.")
		if err := d.addAccount(); err != nil {
			return err, nil
		}
	}
	switch {
	case d.opts.Outbox:
		return errOutbox, nil
	case d.opts.Draft != nil:
		d.adopt(outbox.Ref{}, *d.opts.Draft)
		d.begun = true
		d.touch()
		return errOpen, nil
	case d.opts.Open.ID != 0:
		if err := d.open(d.opts.Open); err != nil {
			return nil, err
		}
		return errOpen, nil
	}
	return d.offer()
}

// offer asks whether the latest draft is to be gone on with.
func (d *desk) offer() (next, err error) {
	id, err := d.service.LatestDraft(d.ctx)
	if err != nil || id == 0 {
		return errNew, err
	}
	it, _, err := d.service.Item(d.ctx, id)
	if err != nil {
		return errNew, nil // somebody else has just sent it
	}
	yes, err := d.yes(fmt.Sprintf("There is a draft, %s. Go on with it", d.describe(it)))
	switch {
	case err != nil:
		return err, nil
	case !yes:
		return errNew, nil
	}
	if err := d.open(kit.OpenDraft{ID: id}); err != nil {
		d.trouble("It can't be opened", err)
		return errNew, nil
	}
	return errOpen, nil
}

// between is where nothing is being written.
func (d *desk) between() error {
	for {
		line, err := d.ask("Next (/new, /outbox, /quit)", "/new begins a mail, /outbox lists all mail, /quit leaves.")
		if err != nil {
			return err
		}
		if err := d.bare(line); err != nil {
			return err
		}
	}
}

// part tells what is left behind, and has it delivered if that is wanted.
func (d *desk) part(ctx context.Context) error {
	if d.opts.Fleeting {
		return nil
	}
	counts, err := d.service.Counts(ctx, "")
	if err != nil {
		return nil // what is in the outbox is told by what needs it
	}
	waiting := counts[outbox.Queued] + counts[outbox.Sending] + counts[outbox.Deferred] + counts[outbox.Scheduled]
	switch {
	case waiting == 0:
	case d.opts.AfterQuit == config.AfterQuitDeliver && d.opts.HandOver != nil:
		return d.opts.HandOver(waiting)
	case waiting == 1:
		d.say("1 mail waits in the outbox; sendoff flush, or sendoff when it runs again, delivers it.")
	default:
		d.say("%d mails wait in the outbox; sendoff flush, or sendoff when it runs again, delivers them.", waiting)
	}
	return nil
}
