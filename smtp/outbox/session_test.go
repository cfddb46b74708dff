package outbox_test

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sendoff/smtp"
	"sendoff/smtp/outbox"
	"sendoff/smtp/outbox/sqlite"
)

// accept takes the rest of the mails.
func accept(ctx context.Context, src smtp.Source) error {
	for {
		m, err := src.Next(ctx)
		if err != nil {
			return nil
		}
		if err := src.Commit(ctx, m); err != nil {
			return err
		}
		src.Done(m, smtp.Result{Recipients: []smtp.Outcome{{Address: m.To[0], Status: smtp.Accepted}}})
	}
}

// untried is the result of a mail that failed before anybody had it.
func untried(m *smtp.Mail, e *smtp.Error) smtp.Result {
	return smtp.Result{Err: e, Recipients: []smtp.Outcome{{Address: m.To[0], Status: smtp.Untried}}}
}

// eager asks for another mail when its connection is cut already.
type eager struct{ sessions *int }

func (e eager) Deliver(ctx context.Context, _ string, src smtp.Source, _ func(smtp.Event)) error {
	if *e.sessions++; *e.sessions > 1 {
		return accept(ctx, src)
	}
	m, err := src.Next(ctx)
	if err != nil {
		return err
	}
	<-ctx.Done()
	cut := &smtp.Error{Stage: smtp.StageContent, Class: smtp.ClassCanceled, Scope: smtp.ScopeServer, Retry: smtp.RetrySafe, Err: ctx.Err()}
	src.Done(m, untried(m, cut))
	if m, err := src.Next(ctx); err == nil {
		src.Done(m, untried(m, cut))
	}
	return cut
}

// TestCancelStopsNothingElse takes a mail back just before the session asks
// for the next one.
func TestCancelStopsNothingElse(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		first, second := b.put("ann@x"), b.put("bob@x")
		defer b.run()()
		time.Sleep(time.Second)
		synctest.Wait()
		b.must(b.worker.Cancel(b.Context(), first))
		time.Sleep(2 * time.Second)
		synctest.Wait()
		b.want(first, outbox.Cancelled)
		b.want(second, outbox.Sent)
		for _, e := range b.news {
			if e.ID == 0 && e.Problem != nil {
				t.Errorf("told of trouble: %v", e.Problem)
			}
		}
	}, func(o *outbox.Options) { o.Sender = eager{new(int)} })
}

// abrupt is a server that hangs up at the first of three mails.
type abrupt struct{ sessions *int }

func (a abrupt) Deliver(ctx context.Context, _ string, src smtp.Source, _ func(smtp.Event)) error {
	if *a.sessions++; *a.sessions > 1 {
		return accept(ctx, src)
	}
	var mails []*smtp.Mail
	for range 3 {
		m, err := src.Next(ctx)
		if err != nil {
			return err
		}
		mails = append(mails, m)
	}
	broke := &smtp.Error{Stage: smtp.StageMail, Class: smtp.ClassNetwork, Scope: smtp.ScopeServer, Retry: smtp.RetrySafe, Err: errors.New("hung up")}
	noTurn := &smtp.Error{Stage: smtp.StageConnect, Class: smtp.ClassCanceled, Scope: smtp.ScopeServer, Retry: smtp.RetrySafe, Err: errors.New("no turn")}
	src.Done(mails[0], untried(mails[0], broke))
	src.Done(mails[1], untried(mails[1], noTurn))
	src.Done(mails[2], untried(mails[2], noTurn))
	return broke
}

func TestBrokenLinkIsOneMailsTrouble(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		poison := b.put("ann@x")
		others := []outbox.ID{b.put("bob@x"), b.put("carl@x")}
		b.flush()
		b.want(poison, outbox.Deferred)
		for _, id := range others {
			b.want(id, outbox.Sent)
			attempts, err := b.store.Attempts(b.Context(), id)
			b.must(err)
			if len(attempts) != 1 || attempts[0].Stage != smtp.StageAccepted {
				t.Errorf("mail %s was tried: %+v", id, attempts)
			}
		}
	}, func(o *outbox.Options) { o.Sender = abrupt{new(int)} })
}

// couple is a Sender that has two mails under way and leaves it at that.
type couple struct{}

func (couple) Deliver(ctx context.Context, _ string, src smtp.Source, _ func(smtp.Event)) error {
	for range 2 {
		if _, err := src.Next(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// TestDeafListener has nobody listen while a session goes on: that must not
// keep the worker from looking after its mails.
func TestDeafListener(t *testing.T) {
	t.Parallel()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "outbox.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for range 2 {
		if _, err := s.Put(t.Context(), outbox.New{Account: "home", State: outbox.Queued, Recipients: []string{"ann@x"}, Write: write("")}); err != nil {
			t.Fatal(err)
		}
	}
	deaf, hear := make(chan struct{}), make(chan struct{})
	block := sync.OnceFunc(func() { close(deaf); <-hear })
	w := outbox.NewWorker(outbox.Options{Store: s, Sender: couple{}, Notify: func(e outbox.Event) {
		if e.ID == 2 && e.State == outbox.Sending {
			block()
		}
	}})
	flushed := make(chan error)
	go func() {
		_, err := w.Flush(t.Context(), outbox.Only{})
		flushed <- err
	}()
	<-deaf
	asked := make(chan struct{})
	go func() {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_ = w.Cancel(ctx, 1)
		close(asked)
	}()
	select {
	case <-asked:
	case <-time.After(10 * time.Second):
		t.Error("the worker waits for its listener")
	}
	close(hear)
	if err := <-flushed; err != nil {
		t.Error(err)
	}
}

// halves is a server that takes two recipients one after the other, and stalls
// over the second until the connection is cut.
type halves struct{}

func (halves) Deliver(ctx context.Context, _ string, src smtp.Source, _ func(smtp.Event)) error {
	m, err := src.Next(ctx)
	if err != nil {
		return nil
	}
	if err := src.Commit(ctx, m); err != nil {
		return err
	}
	outcomes := []smtp.Outcome{
		{Address: m.To[0], Status: smtp.Accepted, Reply: smtp.Reply{Code: 250}}, {Address: m.To[1], Status: smtp.Untried},
	}
	src.Part(m, outcomes)
	<-ctx.Done()
	src.Done(m, smtp.Result{Recipients: outcomes, Err: &smtp.Error{
		Stage: smtp.StageContent, Class: smtp.ClassCanceled, Scope: smtp.ScopeServer, Retry: smtp.RetrySafe, Err: ctx.Err(),
	}})
	return nil
}

// TestCancelBetweenParts takes a mail back that one of two recipients has.
func TestCancelBetweenParts(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		id := b.put("ann@x", "bob@x")
		defer b.run()()
		synctest.Wait()
		it, err := b.store.Item(b.Context(), id)
		b.must(err)
		if it.Committing || it.Recipients[0].State != outbox.RecipientAccepted || it.Recipients[1].State != outbox.Pending {
			t.Errorf("after the first part: %+v", it)
		}
		b.must(b.worker.Cancel(b.Context(), id))
		b.want(id, outbox.Cancelled)
	}, func(o *outbox.Options) { o.Sender = halves{} })
}

// thirds is a server that takes the first of three recipients, and is still at the
// second.
type thirds struct{}

func (thirds) Deliver(ctx context.Context, _ string, src smtp.Source, _ func(smtp.Event)) error {
	m, err := src.Next(ctx)
	if err != nil {
		return nil
	}
	part := *m
	outcomes := []smtp.Outcome{{Address: m.To[0], Status: smtp.Accepted, Reply: smtp.Reply{Code: 250}}}
	for _, to := range m.To[1:] {
		outcomes = append(outcomes, smtp.Outcome{Address: to, Status: smtp.Untried})
	}
	for i := range 2 {
		if part.To = m.To[i : i+1]; i == 1 {
			src.Part(m, outcomes)
		}
		if err := src.Commit(ctx, &part); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return ctx.Err()
}

// TestKilledBetweenParts: of a mail that goes out in three parts, a program that
// died at the second leaves the second in doubt, and that alone.
func TestKilledBetweenParts(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		id := b.put("ann@x", "bob@x", "carl@x")
		defer b.run()()
		synctest.Wait()
		it, err := b.store.Item(b.Context(), id)
		b.must(err)
		if !it.Committing || it.Recipients[0].State != outbox.RecipientAccepted {
			t.Errorf("at the second part: %+v", it)
		}
		later := b.openAt(func() time.Time { return time.Now().Add(time.Hour) })
		_, err = later.Recover(b.Context())
		b.must(err)
		if it, err = later.Item(b.Context(), id); err != nil || it.State != outbox.Uncertain {
			t.Errorf("it is %s, %v", it.State, err)
		}
		for i, want := range []outbox.RecipientState{outbox.RecipientAccepted, outbox.RecipientUncertain, outbox.Pending} {
			if got := it.Recipients[i].State; got != want {
				t.Errorf("%s is %s, want %s", it.Recipients[i].Address, got, want)
			}
		}
		b.must(later.Act(b.Context(), id, outbox.Resolve))
		if it, err = later.Item(b.Context(), id); err != nil || it.State != outbox.Queued {
			t.Errorf("with that settled, the third is not sent: %s, %v", it.State, err)
		}
	}, func(o *outbox.Options) { o.Sender = thirds{} })
}

// frugal takes two mails in a session, as a server with MAILMAX=2 does.
type frugal struct{ sessions *int }

func (f frugal) Deliver(ctx context.Context, _ string, src smtp.Source, _ func(smtp.Event)) error {
	*f.sessions++
	for range 2 {
		m, err := src.Next(ctx)
		if err != nil {
			return nil
		}
		if err := src.Commit(ctx, m); err != nil {
			return err
		}
		src.Done(m, smtp.Result{Recipients: []smtp.Outcome{{Address: m.To[0], Status: smtp.Accepted}}})
	}
	return nil
}

// TestManySessions needs more than one session for what is due, in silence.
func TestManySessions(t *testing.T) {
	t.Parallel()
	sessions := 0
	inBubble(t, func(b *bench) {
		var all []outbox.ID
		for range 7 {
			all = append(all, b.put("ann@x"))
		}
		b.flush()
		for _, id := range all {
			b.want(id, outbox.Sent)
			if it, err := b.store.Item(b.Context(), id); err != nil || it.Attempts != 1 {
				t.Errorf("mail %s had %d attempts, %v", id, it.Attempts, err)
			}
		}
		for _, e := range b.news {
			if e.Problem != nil || e.State != "" && e.State != outbox.Sending && e.State != outbox.Sent && e.State != outbox.Queued {
				t.Errorf("told of %+v", e)
			}
		}
		if sessions > 6 {
			t.Errorf("took %d sessions", sessions)
		}
	}, func(o *outbox.Options) { o.Sender = frugal{&sessions} })
}

// curt takes one mail in a session and ends it at the next, without a word of
// that before.
type curt struct{ sessions *int }

func (c curt) Deliver(ctx context.Context, _ string, src smtp.Source, _ func(smtp.Event)) error {
	*c.sessions++
	m, err := src.Next(ctx)
	if err != nil {
		return nil
	}
	if err := src.Commit(ctx, m); err != nil {
		return err
	}
	src.Done(m, smtp.Result{Recipients: []smtp.Outcome{{Address: m.To[0], Status: smtp.Accepted}}})
	if m, err = src.Next(ctx); err != nil {
		return nil
	}
	over := &smtp.Error{
		Stage: smtp.StageConnect, Class: smtp.ClassCanceled, Scope: smtp.ScopeServer, Retry: smtp.RetrySafe,
		Reply: smtp.Reply{Code: 421, Lines: []string{"too many mails"}},
	}
	src.Done(m, untried(m, over))
	return over
}

// TestWornSessions goes on at once, in silence, where sessions end early.
func TestWornSessions(t *testing.T) {
	t.Parallel()
	sessions := 0
	inBubble(t, func(b *bench) {
		began := time.Now()
		var all []outbox.ID
		for range 4 {
			all = append(all, b.put("ann@x"))
		}
		b.flush()
		for _, id := range all {
			b.want(id, outbox.Sent)
			if it, err := b.store.Item(b.Context(), id); err != nil || it.Problem != "" {
				t.Errorf("mail %s: %q, %v", id, it.Problem, err)
			}
		}
		for _, e := range b.news {
			if e.Problem != nil {
				t.Errorf("told of %v", e.Problem)
			}
		}
		if took := time.Since(began); sessions > 4 || took > 5*time.Second {
			t.Errorf("took %d sessions and %v", sessions, took)
		}
	}, func(o *outbox.Options) { o.Sender = curt{&sessions} })
}

// cutOff is a Sender whose link breaks while a mail's content goes out.
type cutOff struct{ err *smtp.Error }

func (c cutOff) Deliver(ctx context.Context, _ string, src smtp.Source, _ func(smtp.Event)) error {
	m, err := src.Next(ctx)
	if err != nil {
		return nil
	}
	src.Done(m, untried(m, c.err))
	return c.err
}

// TestTriesInWords: what no server said of a try is told in the words that
// explain it; what one said is told as it was.
func TestTriesInWords(t *testing.T) {
	t.Parallel()
	silent := &smtp.Error{
		Stage: smtp.StageContent, Verb: "BDAT", Class: smtp.ClassNetwork, Scope: smtp.ScopeServer, Retry: smtp.RetrySafe, Err: io.EOF,
	}
	said := *silent
	said.Class, said.Err, said.Reply = smtp.ClassTemporary, nil, smtp.Reply{Code: 451, Lines: []string{"later"}}
	for want, err := range map[string]*smtp.Error{
		"in words: content (BDAT): EOF": silent,
		"content (BDAT): 451 later":     &said,
	} {
		inBubble(t, func(b *bench) {
			id := b.put("ann@x")
			b.flush()
			tries, err := b.store.Attempts(b.Context(), id)
			b.must(err)
			if len(tries) != 1 || tries[0].Text != want {
				t.Errorf("tries %+v, want %q", tries, want)
			}
		}, func(o *outbox.Options) {
			o.Sender = cutOff{err}
			o.Explain = func(err error) string { return "in words: " + err.Error() }
		})
	}
}

// TestWaitsInWords: why an account waits is told in the words that explain it.
func TestWaitsInWords(t *testing.T) {
	t.Parallel()
	refused := &smtp.Error{
		Stage: smtp.StageAuth, Verb: "AUTH", Class: smtp.ClassAuth, Scope: smtp.ScopeAccount, Retry: smtp.RetryNo,
		Reply: smtp.Reply{Code: 535, Lines: []string{"no"}},
	}
	inBubble(t, func(b *bench) {
		b.put("ann@x")
		b.flush()
		waits, err := b.store.Parked(b.Context())
		b.must(err)
		if want := "in words: " + refused.Error(); len(waits) != 1 || waits[0].Reason != want {
			t.Errorf("waits %+v, want %q", waits, want)
		}
	}, func(o *outbox.Options) {
		o.Sender = cutOff{refused}
		o.Explain = func(err error) string { return "in words: " + err.Error() }
	})
}

// ends counts the writes that do nothing but end claims.
type ends struct {
	outbox.Deliveries
	n atomic.Int32
}

func (e *ends) Finish(ctx context.Context, finished ...outbox.Finished) error {
	e.n.Add(1)
	return e.Deliveries.Finish(ctx, finished...)
}

// TestEndsGoWithBeginnings sends mails of which each begins before the one
// before it had to be written down: that is done in the same write, and nothing
// that waited for the one before that comes in between.
func TestEndsGoWithBeginnings(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		store := &ends{Deliveries: b.store}
		b.worker = b.newWorker(store)
		b.server.before = func(context.Context, *smtp.Mail) error {
			time.Sleep(12 * time.Millisecond)
			return nil
		}
		const mails = 10
		for range mails {
			b.put("ann@example.org")
		}
		b.flush()
		if got := len(b.server.deliveries()); got != mails {
			b.Errorf("%d mails arrived", got)
		}
		if n := store.n.Load(); n != 1 {
			b.Errorf("%d writes besides those of the beginnings, want that of the last mail", n)
		}
	})
}
