package outbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"sendoff/smtp"
)

// land takes note of what became of a flight; write puts that on disk.
func (s *session) land(f *flight, r smtp.Result) {
	w := s.worker
	now := w.opts.Clock()
	if r.Err != nil && ownDoing(r.Err) {
		canceled := *r.Err
		canceled.Class = smtp.ClassCanceled
		r.Err = &canceled
	}
	refused := s.refused(r.Err)
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.landing {
		return
	}
	f.landing = true
	f.problem = r.Err
	f.finished = Finished{
		Lease:    f.Lease,
		Attempt:  f.attempt(r, now, w.opts.Explain),
		Decision: w.opts.Policy.Decide(f.Claimed, r, now, w.opts.Random),
	}
	f.finished.Decision.Cancel = f.withdrawn
	if p := f.finished.Decision.Park; p != nil {
		s.parked = true
		p.Refused = refused
		if w.opts.Explain != nil {
			p.Reason = w.opts.Explain(r.Err)
		}
	}
	s.landed = append(s.landed, f)
	s.cutIfSafe()
	if len(s.landed) == 1 {
		group := s.written
		time.AfterFunc(linger, func() { s.hurry(group) })
	}
	if len(s.landed) >= company {
		s.changed.Broadcast()
	}
	for len(s.landed) >= company {
		s.changed.Wait()
	}
}

// refused returns the fingerprint of the secret that err says was refused;
// empty if it says no such thing.
func (s *session) refused(err *smtp.Error) string {
	if err == nil || err.Class != smtp.ClassAuth || s.worker.opts.Refused == nil {
		return ""
	}
	return s.worker.opts.Refused(s.account)
}

// hurry has what landed written without waiting for more, unless that was done
// since the first of the group did.
func (s *session) hurry(group int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.written == group {
		s.lingered = true
		s.changed.Broadcast()
	}
}

// write puts on disk what landed and what is leaving, all there is at a time,
// until the session is over and nothing is up any more. Mails that end while it
// writes wait for each other, and not the session for them.
func (s *session) write() {
	for {
		flights, l := s.toWrite()
		if len(flights) == 0 && l == nil {
			return
		}
		if err := s.worker.finish(s.ctx, flights, l); err != nil {
			s.fail(err)
		}
		s.mu.Lock()
		for _, f := range flights {
			delete(s.flying, f.Lease.name())
			close(f.down)
		}
		s.ended += len(flights)
		s.mu.Unlock()
	}
}

// toWrite waits until there is something to write, and returns it. There is
// nothing when the session is over.
func (s *session) toWrite() ([]*flight, *leaving) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		landed := len(s.landed) > 0 && (s.over || s.lingered || len(s.landed) >= company)
		if landed || s.leaving != nil || s.over && len(s.flying) == 0 {
			break
		}
		s.changed.Wait()
	}
	flights, l := s.landed, s.leaving
	s.landed, s.leaving, s.lingered = nil, nil, false
	s.written++
	s.changed.Broadcast()
	return flights, l
}

// finish puts what became of mails on disk, and tells of it. That must not fail
// for passing reasons: what is not on disk counts as uncertain. What can't be
// put there now is kept, for nobody else knows it. What is leaving, if anything,
// goes with it.
func (w *Worker) finish(ctx context.Context, flights []*flight, l *leaving) error {
	ctx = context.WithoutCancel(ctx)
	if len(flights) == 0 {
		l.done <- w.store.Committing(ctx, l.leases...)
		return nil
	}
	var lost bool
	err := w.insist(func() (err error) {
		lost, err = w.record(ctx, flights, l)
		l = nil // it was told
		return err
	})
	w.mu.Lock()
	for _, f := range flights {
		if w.flights[f.Item.ID] == f { // else it was claimed anew meanwhile
			delete(w.flights, f.Item.ID)
		}
	}
	if err != nil {
		w.kept = append(w.kept, flights...)
	}
	w.mu.Unlock()
	if err != nil {
		return err
	}
	return w.tell(ctx, flights, lost)
}

// finishKept is finish for what was kept.
func (w *Worker) finishKept(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	w.mu.Lock()
	kept := w.kept
	w.mu.Unlock()
	if len(kept) == 0 {
		return nil
	}
	lost, err := w.record(ctx, kept, nil)
	if err != nil {
		return err
	}
	w.mu.Lock()
	w.kept = w.kept[len(kept):]
	w.mu.Unlock()
	return w.tell(ctx, kept, lost)
}

// insist tries f a few times.
func (w *Worker) insist(f func() error) error {
	const tries = 5
	var err error
	for n := range tries {
		if n > 0 {
			<-time.After(w.opts.Poll)
		}
		if err = f(); err == nil {
			break
		}
	}
	return err
}

// record puts what became of mails on disk, and with it what is leaving, if
// anything. It tells whether a lease was lost.
func (w *Worker) record(ctx context.Context, flights []*flight, l *leaving) (lost bool, err error) {
	finished := make([]Finished, len(flights))
	for i, f := range flights {
		finished[i] = f.finished
	}
	if l == nil {
		err = w.store.Finish(ctx, finished...)
	} else {
		var begun error
		err, begun = w.store.Exchange(ctx, finished, l.leases)
		l.done <- begun
	}
	if errors.Is(err, ErrLeaseLost) {
		return true, nil
	}
	return false, err
}

// tell tells what mails ended as. If a lease was lost, only the store knows.
func (w *Worker) tell(ctx context.Context, flights []*flight, lost bool) error {
	for _, f := range flights {
		it, err := f.Item.Finish(f.finished, f.Lease.N, w.opts.Clock())
		if lost || err != nil {
			if it, err = w.store.Item(ctx, f.Item.ID); err != nil && !errors.Is(err, ErrNotFound) {
				return err
			}
		}
		w.tellOf(f, it)
	}
	return nil
}

func (w *Worker) tellOf(f *flight, it Item) {
	p := f.finished.Decision.Park
	w.mu.Lock()
	w.tried[f.Item.ID] = it.State
	if p != nil {
		w.parked[p.Account] = p.Reason
	}
	w.mu.Unlock()
	e := Event{ID: f.Item.ID, State: it.State}
	if it.ID != 0 { // else it was deleted meanwhile
		e.Item = &it
	}
	w.notify(e)
	if p != nil {
		w.notify(Event{Account: p.Account, Problem: f.problem})
	}
}

// ownDoing tells that err is what Commit made the Sender fail with: that says
// nothing of the server or the account.
func ownDoing(err error) bool {
	return errors.Is(err, errStopping) || errors.Is(err, errWithdrawn) || errors.Is(err, ErrLeaseLost)
}

// settle brings down what is still up after the Sender returned err.
func (s *session) settle(err error) {
	s.mu.Lock()
	s.stopping = true
	for s.supplied {
		s.changed.Wait()
	}
	cut := s.wire.Err() != nil || s.failed != nil || ownDoing(err)
	switch {
	case err == nil:
		err = errIdle
	case !cut && errors.Is(err, context.Canceled):
		err = fmt.Errorf("%w: %w", errIdle, err)
	}
	if len(s.ready) > 0 && s.ended == 0 && len(s.ready) == len(s.flying) && !cut {
		// The session never came to ask for a mail. The first one stands for
		// all, so that there is a record of why.
		s.take(s.flying[s.ready[0].Lease.name()])
	}
	s.ready = nil
	flights := slices.SortedFunc(maps.Values(s.flying), func(a, b *flight) int { return cmp.Compare(a.Item.ID, b.Item.ID) })
	s.mu.Unlock()
	for _, f := range flights {
		s.land(f, f.abandoned(err, cut || !f.taken))
	}
	s.mu.Lock()
	s.over = true
	s.changed.Broadcast()
	s.mu.Unlock()
}
