package outbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Options says how a Worker works. Store and Sender are needed; the zero
// value of everything else is for everyday use.
type Options struct {
	Store  Deliveries
	Sender Sender

	// Owner names the worker among all that share the store; empty for a name
	// that nobody else has.
	Owner string

	// Notify hears the news, from one goroutine at a time. It must neither
	// block for long nor call the Worker. Nil for nobody.
	Notify func(Event)

	// Ready tells Run why an account can't be used yet, when only the person
	// can change that; nil if it can. It is asked before mail is tried, and
	// again after a Kick. Nil for accounts that always can.
	Ready func(ctx context.Context, account string) error

	// Network describes this machine's ways to the network; empty without any.
	// When it changes, and when the machine was asleep, Run tries again the
	// accounts that wait for the network or a server. Nil not to look.
	Network func() string

	// Refused returns a fingerprint of what an account's last login showed. It
	// is asked when a server refused that login, and kept as Parking.Refused, so
	// that another secret is noticed without a try. Nil for none.
	Refused func(account string) string

	// Late is how long after its time scheduled mail is still sent; what is
	// later is held until the person says what is to become of it. 0 for ever.
	Late time.Duration

	// Explain words what went wrong with a try where no server said it, and why
	// an account waits. Nil for the error's own text.
	Explain func(error) string

	Policy Policy
	Clock  func() time.Time // nil for the system's
	Random func() float64   // numbers in [0, 1); nil for the system's

	Lease time.Duration // how long a claim lasts unless renewed; 0 for a minute
	Poll  time.Duration // how often to look for changes by others; 0 for a second
	Grace time.Duration // how long a stop waits for a reply that decides; 0 for three seconds
}

// Worker delivers the mail of a store. It uses one session for each account
// that has mail due, all at once, so that none waits for another. Of Run and
// Flush one may run at a time; the other methods may be called meanwhile.
type Worker struct {
	opts  Options
	store Deliveries
	kick  chan struct{}

	notifyMu sync.Mutex

	mu      sync.Mutex
	flights map[ID]*flight    // what this worker has claimed
	parked  map[string]string // what was told of accounts that wait
	waiting map[string]bool   // accounts that were told not to be ready
	tried   map[ID]State      // by the Flush that runs
	kept    []*flight         // what became of them is not on disk yet
}

// NewWorker returns a worker that does nothing yet.
func NewWorker(opts Options) *Worker {
	if opts.Owner == "" {
		opts.Owner = rand.Text()
	}
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	if opts.Random == nil {
		opts.Random = mathrand.Float64
	}
	orElse := func(d *time.Duration, otherwise time.Duration) {
		if *d == 0 {
			*d = otherwise
		}
	}
	orElse(&opts.Lease, time.Minute)
	orElse(&opts.Poll, time.Second)
	orElse(&opts.Grace, 3*time.Second)
	return &Worker{
		opts:    opts,
		store:   opts.Store,
		kick:    make(chan struct{}, 1),
		flights: map[ID]*flight{},
		parked:  map[string]string{},
		waiting: map[string]bool{},
		tried:   map[ID]State{},
	}
}

// Run delivers what is or becomes due until ctx ends, and returns its error.
// Mail under way is then back in the queue, or in its true state. Trouble with
// the store is told to Notify, as the Problem of no account, and waited out.
func (w *Worker) Run(ctx context.Context) error {
	for {
		err := w.work(ctx, Only{}, true)
		if ctx.Err() != nil {
			_ = w.finishLast(ctx) // what fails was told before
			return ctx.Err()
		}
		w.notify(Event{Problem: err})
		select {
		case <-ctx.Done():
		case <-w.kick:
		case <-time.After(10 * w.opts.Poll):
		}
	}
}

// Summary is what a Flush came to.
type Summary struct {
	States map[ID]State // of the mails that were tried, taken from a program that died, or held back
	Parked []Parking    // the accounts whose mail waits
}

// Flush delivers what is due of the mail that is meant, and returns. Where
// mails are named it waits for those that another process is sending. Their
// accounts are tried once more if they wait for the network or a server, and
// not if they wait for a person.
func (w *Worker) Flush(ctx context.Context, only Only) (Summary, error) {
	w.mu.Lock()
	w.tried = map[ID]State{}
	w.mu.Unlock()
	err := w.endWaits(ctx, only)
	if err == nil {
		err = errors.Join(w.work(ctx, only, false), w.finishLast(ctx))
	}
	if err == nil {
		err = ctx.Err()
	}
	parked, perr := w.store.Parked(context.WithoutCancel(ctx))
	parked = slices.DeleteFunc(parked, func(p Parking) bool { return !p.Waiting })
	w.mu.Lock()
	defer w.mu.Unlock()
	return Summary{States: w.tried, Parked: parked}, errors.Join(err, perr)
}

// finishLast is finishKept when there is no later.
func (w *Worker) finishLast(ctx context.Context) error {
	return w.insist(func() error { return w.finishKept(ctx) })
}

// Kick makes Run look at the store at once, and try again the accounts that
// wait for the network or a server.
func (w *Worker) Kick() {
	select {
	case w.kick <- struct{}{}:
	default: // it will look anyway
	}
}

// endWaits ends the waits, other than for a person, of the accounts whose mail
// is meant.
func (w *Worker) endWaits(ctx context.Context, only Only) error {
	var accounts []string
	if only.Account != "" {
		accounts = append(accounts, only.Account)
	}
	for _, id := range only.IDs {
		it, err := w.store.Item(ctx, id)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		accounts = append(accounts, it.Account)
	}
	if len(accounts) == 0 && len(only.IDs) > 0 {
		return nil
	}
	return w.store.EndWaits(ctx, accounts...)
}

// work starts a goroutine for each account with due mail, and returns when all
// have ended and there is no more to do, ctx ended or the store failed.
func (w *Worker) work(ctx context.Context, only Only, forever bool) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	tick := time.NewTicker(w.opts.Poll)
	defer tick.Stop()
	ends := make(chan end)
	busy := map[string]bool{}
	senses := w.newSenses()
	var failed error
	fail := func(err error) {
		if err != nil && ctx.Err() == nil {
			failed = err
			stop()
		}
	}
	for ctx.Err() == nil {
		agenda, err := w.survey(ctx, only)
		if fail(err); err != nil {
			break
		}
		if forever {
			agenda.accounts = w.able(ctx, agenda.accounts)
		}
		for _, account := range agenda.accounts {
			if !busy[account] {
				busy[account] = true
				go func() { ends <- end{account, w.deliver(ctx, account, only)} }()
			}
		}
		if len(busy) == 0 && !forever && !agenda.wait {
			return nil
		}
		for again := false; !again && ctx.Err() == nil; {
			select {
			case e := <-ends:
				delete(busy, e.account)
				fail(e.err)
				again = true
			case <-w.kick:
				fail(w.endWaits(ctx, only))
				again = true
			case <-tick.C:
				if forever && senses.stirred(w.opts.Clock(), time.Now(), w.waits()) {
					w.Kick()
				}
				again = w.changed(ctx, agenda)
			case <-ctx.Done():
			}
		}
	}
	for range busy {
		e := <-ends
		if e.err != nil && failed == nil && !errors.Is(e.err, context.Canceled) {
			failed = e.err
		}
	}
	return failed
}

// end tells that no more is delivered for an account.
type end struct {
	account string
	err     error
}

// agenda is what there is to do.
type agenda struct {
	accounts []string  // have mail due
	next     time.Time // when to look again; zero: when something changes
	version  int64     // of the store, before it was looked at
	wait     bool      // for mail that another process is sending
}

// survey looks what there is to do, and tells about accounts that wait.
func (w *Worker) survey(ctx context.Context, only Only) (agenda, error) {
	var a agenda
	var err error
	if a.version, err = w.store.Version(ctx); err != nil {
		return a, err
	}
	if err := w.finishKept(ctx); err != nil {
		return a, err
	}
	moved, err := w.store.Recover(ctx)
	if err != nil {
		return a, err
	}
	if w.opts.Late > 0 {
		held, err := w.store.HoldBack(ctx, w.late())
		if err != nil {
			return a, err
		}
		moved = append(moved, held...)
	}
	for _, id := range moved {
		it, err := w.store.Item(ctx, id)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return a, err
		}
		if err == nil && only.Has(it) {
			w.mu.Lock()
			w.tried[id] = it.State
			w.mu.Unlock()
		}
		w.notify(Event{ID: id, State: it.State})
	}
	if err := w.tellParked(ctx); err != nil {
		return a, err
	}
	if a.accounts, a.next, err = w.store.Due(ctx, only); err != nil {
		return a, err
	}
	for _, id := range only.IDs {
		it, err := w.store.Item(ctx, id)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return a, err
		}
		a.wait = a.wait || it.State == Sending
	}
	if soon := w.opts.Clock().Add(3 * w.opts.Poll); a.wait && (a.next.IsZero() || soon.Before(a.next)) {
		a.next = soon // nobody tells of a program that was killed
	}
	return a, nil
}

// late is the moment before which mail is late that was scheduled; zero for
// none.
func (w *Worker) late() time.Time {
	if w.opts.Late == 0 {
		return time.Time{}
	}
	return w.opts.Clock().Add(-w.opts.Late)
}

// tellParked tells what changed about the accounts that wait.
func (w *Worker) tellParked(ctx context.Context) error {
	parkings, err := w.store.Parked(ctx)
	if err != nil {
		return err
	}
	now := w.opts.Clock()
	parked := map[string]bool{}
	var news []Event
	w.mu.Lock()
	for _, p := range parkings {
		if !p.Waiting || !p.Until.IsZero() && !p.Until.After(now) {
			continue
		}
		parked[p.Account] = true
		if w.parked[p.Account] != p.Reason {
			w.parked[p.Account] = p.Reason
			news = append(news, Event{Account: p.Account, Problem: errors.New(p.Reason)})
		}
	}
	for account := range w.parked {
		if !parked[account] {
			delete(w.parked, account)
			news = append(news, Event{Account: account})
		}
	}
	w.mu.Unlock()
	for _, e := range news {
		w.notify(e)
	}
	return nil
}

// changed tells that it is time to look again, or that the store changed since
// the agenda was made.
func (w *Worker) changed(ctx context.Context, a agenda) bool {
	if !a.next.IsZero() && !w.opts.Clock().Before(a.next) {
		return true
	}
	v, err := w.store.Version(ctx)
	return err != nil || v != a.version
}

// deliver sends what is due of an account, session after session.
func (w *Worker) deliver(ctx context.Context, account string, only Only) error {
	for ctx.Err() == nil {
		s := newSession(ctx, w, account, only)
		claims, err := s.claim(ctx)
		if err != nil || len(claims) == 0 {
			return err
		}
		s.tell(claims)
		if err := s.run(); err != nil {
			return err
		}
	}
	return nil
}

// Cancel takes back a mail, also one that this worker is sending. When it is
// past the point of no return, Cancel waits for the outcome and returns
// ErrTransition, unless that left it uncancelled for another reason.
func (w *Worker) Cancel(ctx context.Context, id ID) error {
	w.mu.Lock()
	f := w.flights[id]
	w.mu.Unlock()
	if f == nil {
		return w.store.Act(ctx, id, Cancel)
	}
	select {
	case <-f.session.withdraw(f):
	case <-ctx.Done():
		return ctx.Err()
	}
	it, err := w.store.Item(ctx, id)
	if err != nil || it.State == Cancelled {
		return err
	}
	return fmt.Errorf("too late to cancel, the mail is %s: %w", it.State, ErrTransition)
}

func (w *Worker) notify(e Event) {
	if w.opts.Notify == nil {
		return
	}
	w.notifyMu.Lock()
	defer w.notifyMu.Unlock()
	w.opts.Notify(e)
}
