package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"sendoff/smtp"
)

// session is one use of the Sender: it gives it the mails of an account and
// writes down what becomes of them.
type session struct {
	worker  *Worker
	account string
	only    Only
	ctx     context.Context // ends when no more mail is to be taken
	wire    context.Context // ends when the connection is cut
	cut     context.CancelFunc

	mu       sync.Mutex
	ready    []Claimed // not handed over yet
	flying   map[string]*flight
	landed   []*flight // to be written to disk
	leaving  *leaving  // the same; nil if nobody waits for that
	lingered bool      // landed need not wait for company
	written  int       // how many groups of those were taken for that
	changed  sync.Cond // of these, of over and of supplied
	over     bool      // the Sender is done
	batch    int       // how many were to be claimed the last time
	claimed  time.Time // when that was
	plenty   bool      // it was all of those, so that there may be more
	supplied bool      // more are being claimed
	ended    int       // flights that came down
	stopping bool
	parked   bool             // the account has to wait: no more mail of it
	setup    *smtp.Transcript // of what belongs to no mail, for the next one
	failed   error            // trouble with the store
}

// flight is a mail that was claimed, until its outcome is on disk.
type flight struct {
	Claimed
	session    *session
	taken      bool // by the Sender
	committing bool
	withdrawn  bool // the person wants it back
	landing    bool
	content    []byte // of a small mail, if it was read ahead
	progress   Progress
	reported   Progress // what was told of that

	// Set when landing.
	finished   Finished
	problem    *smtp.Error
	transcript *smtp.Transcript
	down       chan struct{} // closed when the outcome is on disk
}

// name is what the Sender calls the mail of a flight. It tells one claim from the
// next: who lost a mail must not go on with it because the session has it again.
func (l Lease) name() string { return fmt.Sprintf("%s/%d", l.ID, l.N) }

// leaving are mails that are about to be past the point of no return.
type leaving struct {
	leases []Lease
	done   chan error // tells when they are on disk as such, or why not
}

const (
	// company is how many outcomes are written to disk at a time, and linger
	// how long the first waits for more: that a session has many ends in a row
	// is usual, and each write to disk takes as long as many of them.
	company = 32
	linger  = 20 * time.Millisecond
)

var (
	errWithdrawn = errors.New("taken back by the person")
	errStopping  = errors.New("the program is about to end")
	errIdle      = errors.New("the session ended before the mail had its turn")
)

func newSession(ctx context.Context, w *Worker, account string, only Only) *session {
	s := &session{worker: w, account: account, only: only, ctx: ctx, flying: map[string]*flight{}, setup: &smtp.Transcript{}}
	s.changed.L = &s.mu
	s.wire, s.cut = context.WithCancel(context.WithoutCancel(ctx))
	return s
}

// run sends what was claimed and what more is due.
func (s *session) run() error {
	stop := context.AfterFunc(s.ctx, s.stop)
	var renewing, writing sync.WaitGroup
	renewing.Go(s.renew)
	renewing.Go(s.report)
	writing.Go(s.write)

	err := s.worker.opts.Sender.Deliver(s.wire, s.account, s, s.trace)
	s.settle(err)
	writing.Wait()

	stop()
	s.cut()
	renewing.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

// renew keeps the leases until the session ends. If it can't, that is noticed
// where it matters: in Commit.
func (s *session) renew() {
	tick := time.NewTicker(s.worker.opts.Lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-s.wire.Done():
			return
		case <-tick.C:
		}
		var leases []Lease
		s.mu.Lock()
		for _, f := range s.flying {
			leases = append(leases, f.Lease)
		}
		s.mu.Unlock()
		_ = s.worker.store.Renew(s.wire, s.worker.opts.Lease, leases...)
	}
}

func (s *session) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil {
		s.failed = err
	}
}

// Commit implements smtp.Source.
func (s *session) Commit(ctx context.Context, mails ...*smtp.Mail) error {
	flights, err := s.commit(mails)
	if err != nil {
		return err
	}
	l := &leaving{done: make(chan error, 1)}
	for i, f := range flights {
		l.leases = append(l.leases, f.Lease)
		if aside := f.without(mails[i].To); len(aside) > 0 && err == nil {
			err = s.worker.store.Aside(ctx, f.Lease, aside)
		}
	}
	if err == nil {
		s.mu.Lock()
		s.leaving = l
		s.changed.Broadcast()
		s.mu.Unlock()
		err = <-l.done
	}
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, f := range flights {
			f.committing = false
		}
	}
	return err
}

// without returns the recipients of the try that are not among to.
func (f *flight) without(to []string) []string {
	if len(to) == len(f.To) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(f.To), func(address string) bool { return slices.Contains(to, address) })
}

// commit makes it too late to take mails back, if nobody was faster.
func (s *session) commit(mails []*smtp.Mail) ([]*flight, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return nil, errStopping
	}
	flights := make([]*flight, len(mails))
	for i, m := range mails {
		flights[i] = s.flying[m.ID]
		if flights[i] == nil {
			return nil, ErrLeaseLost
		}
		if flights[i].withdrawn {
			return nil, errWithdrawn
		}
	}
	for _, f := range flights {
		f.committing = true
	}
	return flights, nil
}

// Part implements smtp.Source. What can't be written down stays as uncertain as
// it was.
func (s *session) Part(mail *smtp.Mail, outcomes []smtp.Outcome) {
	s.mu.Lock()
	f := s.flying[mail.ID]
	s.mu.Unlock()
	if f == nil {
		return
	}
	w := s.worker
	so := w.opts.Policy.Decide(f.Claimed, smtp.Result{Recipients: outcomes}, w.opts.Clock(), w.opts.Random)
	if w.store.Part(context.WithoutCancel(s.wire), f.Lease, so.Recipients) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f.committing = false
	s.cutIfSafe()
}

// Done implements smtp.Source.
func (s *session) Done(mail *smtp.Mail, result smtp.Result) {
	s.mu.Lock()
	f := s.flying[mail.ID]
	s.mu.Unlock()
	if f != nil {
		s.land(f, result)
	}
}

// stop ends the session: at once, or when the replies are in to mails that
// are past the point of no return, but not later than the grace.
func (s *session) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopping = true
	time.AfterFunc(s.worker.opts.Grace, s.cut)
	s.cutIfSafe()
}

// cutIfSafe ends the connection if somebody wants that and no mail would
// become uncertain by it.
func (s *session) cutIfSafe() {
	wanted := s.stopping
	for _, f := range s.flying {
		if f.committing && !f.landing {
			return
		}
		wanted = wanted || f.withdrawn && f.taken
	}
	if wanted {
		s.cut()
	}
}

// withdraw tries to take a mail back. The channel is closed when its fate is
// on disk.
func (s *session) withdraw(f *flight) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.withdrawn = true
	if f.taken {
		s.cutIfSafe()
		return f.down
	}
	s.ready = slices.DeleteFunc(s.ready, func(c Claimed) bool { return c.Lease == f.Lease })
	go s.land(f, f.abandoned(errWithdrawn, true))
	return f.down
}
