package outbox_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp"
	"sendoff/smtp/outbox"
)

func TestFlush(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		want := map[outbox.ID]outbox.State{
			b.put("ann@x", "bob@x"):      outbox.Sent,
			b.put("ann@x", "refused@x"):  outbox.Partial,
			b.put("refused@x"):           outbox.Failed,
			b.put("ann@x", "deferred@x"): outbox.Deferred,
		}
		held := b.putNew(outbox.New{Account: "home", State: outbox.Held}, "ann@x")
		work := b.putNew(outbox.New{Account: "work", State: outbox.Queued}, "ann@x")
		want[work] = outbox.Sent
		sum := b.flush()
		if diff := cmp.Diff(want, sum.States); diff != "" {
			t.Error("-want +got\n", diff)
		}
		for id, state := range want {
			b.want(id, state)
		}
		b.want(held, outbox.Held)
		if got := b.server.deliveries(); len(got) != 4 || got[0].content != "Subject: x\r\n\r\nhi\r\n" {
			t.Errorf("the server has %v", got)
		}
		if again := b.flush(); len(again.States) != 0 {
			t.Errorf("flushed again: %v", again.States)
		}
	})
}

func TestFlushOnly(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		first, second := b.put("ann@x"), b.put("bob@x")
		b.flush(second)
		b.want(first, outbox.Queued)
		b.want(second, outbox.Sent)
	})
}

func TestManyMailsAreOneSession(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		for range 40 {
			b.put("ann@x")
		}
		b.flush()
		if got := len(b.server.deliveries()); got != 40 || b.server.sessions != 1 {
			t.Errorf("%d mails in %d sessions", got, b.server.sessions)
		}
	})
}

func TestRunRetriesOnTime(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		start := time.Now()
		b.put("deferred@x")
		scheduled := b.putNew(outbox.New{Account: "work", State: outbox.Scheduled, NotBefore: start.Add(90 * time.Second)}, "ann@x")
		stop := b.run()
		var tries []time.Duration
		for range 100 {
			time.Sleep(20 * time.Second)
			synctest.Wait()
			attempts, err := b.store.Attempts(b.Context(), 1)
			b.must(err)
			for _, a := range attempts[len(tries):] {
				tries = append(tries, a.Started.Sub(start).Round(10*time.Second))
			}
		}
		stop()
		want := []time.Duration{0, time.Minute, 6 * time.Minute, 21 * time.Minute}
		if diff := cmp.Diff(want, tries); diff != "" {
			t.Error("tries: -want +got\n", diff)
		}
		b.want(scheduled, outbox.Sent)
		if got := b.server.deliveries(); len(got) != 1 || got[0].at.Sub(start).Truncate(2*time.Second) != 90*time.Second {
			t.Errorf("scheduled mail was delivered as %v", got)
		}
	})
}

func TestRunSeesOtherProcesses(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		defer b.run()()
		other := b.open()
		time.Sleep(time.Minute)
		id, err := other.Put(b.Context(), outbox.New{Account: "home", Recipients: []string{"ann@x"}, State: outbox.Queued, Write: write("")})
		b.must(err)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		b.want(id, outbox.Sent)
	})
}

func TestWrongPasswordParksTheAccount(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		wrong := &smtp.Error{Stage: smtp.StageAuth, Class: smtp.ClassAuth, Scope: smtp.ScopeAccount, Retry: smtp.RetryNo, Reply: smtp.Reply{Code: 535}}
		b.server.down = func(account string) error {
			if account == "home" {
				return wrong
			}
			return nil
		}
		var ids []outbox.ID
		for range 10 {
			ids = append(ids, b.put("ann@x"))
		}
		work := b.putNew(outbox.New{Account: "work", State: outbox.Queued}, "ann@x")
		stop := b.run()
		time.Sleep(20 * time.Minute)
		synctest.Wait()
		if b.server.sessions != 2 {
			t.Errorf("%d logins, want one for each account", b.server.sessions)
		}
		b.want(work, outbox.Sent)
		for _, id := range ids {
			b.want(id, outbox.Queued)
		}
		attempts, err := b.store.Attempts(b.Context(), ids[0])
		b.must(err)
		if len(attempts) != 1 || attempts[0].Code != 535 || !strings.Contains(attempts[0].Transcript, "EHLO me") {
			t.Errorf("the first mail does not tell why: %+v", attempts)
		}
		var told []error
		for _, e := range b.news {
			if e.Account == "home" {
				told = append(told, e.Problem)
			}
		}
		if len(told) != 1 || !errors.Is(told[0], wrong) {
			t.Errorf("told of the account: %v", told)
		}

		b.server.mu.Lock()
		b.server.down = nil
		b.server.mu.Unlock()
		b.must(b.store.Unpark(b.Context(), "home"))
		b.worker.Kick()
		time.Sleep(time.Second)
		synctest.Wait()
		stop()
		for _, id := range ids {
			b.want(id, outbox.Sent)
		}
		if e := b.news[len(b.news)-1]; b.told("home") != nil {
			t.Errorf("nobody told that the account goes on; last %v", e)
		}
	})
}

// told returns the last problem told of an account.
func (b *bench) told(account string) error {
	var last error
	for _, e := range b.news {
		if e.Account == account {
			last = e.Problem
		}
	}
	return last
}

// refusing is a Sender whose server wants a login at every mail.
type refusing struct{ mails int }

func (r *refusing) Deliver(ctx context.Context, _ string, src smtp.Source, _ func(smtp.Event)) error {
	for {
		m, err := src.Next(ctx)
		if err != nil {
			return nil
		}
		r.mails++
		src.Done(m, smtp.Result{Err: &smtp.Error{
			Stage: smtp.StageMail, Class: smtp.ClassAuth, Scope: smtp.ScopeAccount, Retry: smtp.RetryNo, Reply: smtp.Reply{Code: 530},
		}})
	}
}

func TestOneRefusalOfTheAccountIsEnough(t *testing.T) {
	t.Parallel()
	server := &refusing{}
	inBubble(t, func(b *bench) {
		for range 10 {
			b.put("ann@x")
		}
		if sum := b.flush(); server.mails != 1 || len(sum.Parked) != 1 {
			t.Errorf("%d mails were tried, parked: %v", server.mails, sum.Parked)
		}
	}, func(o *outbox.Options) { o.Sender = server })
}

func TestNoNetworkIsWaitedOut(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.server.down = func(string) error {
			return &smtp.Error{Stage: smtp.StageConnect, Class: smtp.ClassNetwork, Scope: smtp.ScopeServer, Retry: smtp.RetrySafe, Err: errors.New("no route")}
		}
		id := b.put("ann@x")
		b.put("bob@x")
		stop := b.run()
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		it, err := b.store.Item(b.Context(), id)
		b.must(err)
		if it.State != outbox.Queued || it.NextTry.Before(time.Now()) || !strings.Contains(it.Problem, "no route") || it.Recipients[0].Tries != 0 {
			t.Errorf("after hours offline: %+v", it)
		}
		if n := b.server.sessions; n < 12 || n > 13 { // four soon, then one in 15 minutes
			t.Errorf("%d connections in two hours", n)
		}
		b.server.mu.Lock()
		b.server.down = nil
		b.server.mu.Unlock()
		b.worker.Kick()
		time.Sleep(time.Second)
		synctest.Wait()
		stop()
		b.want(id, outbox.Sent)
		if len(b.server.deliveries()) != 2 {
			t.Errorf("delivered %v", b.server.deliveries())
		}
	})
}

func TestFlushTriesTheNetworkAgain(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.server.down = func(string) error {
			return &smtp.Error{Stage: smtp.StageConnect, Class: smtp.ClassNetwork, Scope: smtp.ScopeServer, Retry: smtp.RetrySafe, Err: errors.New("no route")}
		}
		id := b.put("ann@x")
		sum := b.flush()
		if sum.States[id] != outbox.Queued || len(sum.Parked) != 1 || b.server.sessions != 1 {
			t.Errorf("%+v after %d sessions", sum, b.server.sessions)
		}
		b.server.down = nil
		b.flush()
		b.want(id, outbox.Sent)
	})
}

func TestSlowAccountDelaysNoOther(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.server.before = func(ctx context.Context, m *smtp.Mail) error {
			if strings.HasPrefix(m.To[0], "slow@") {
				select {
				case <-time.After(5 * time.Minute):
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		}
		slow := b.put("slow@x")
		quick := b.putNew(outbox.New{Account: "work", State: outbox.Queued}, "ann@x")
		stop := b.run()
		time.Sleep(time.Second)
		synctest.Wait()
		b.want(slow, outbox.Sending)
		b.want(quick, outbox.Sent)
		time.Sleep(10 * time.Minute) // the lease is renewed all the while
		synctest.Wait()
		stop()
		b.want(slow, outbox.Sent)
		if n := len(b.server.deliveries()); n != 2 {
			t.Errorf("%d deliveries", n)
		}
	})
}

func TestPoisonDelaysNoOther(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.server.before = func(_ context.Context, m *smtp.Mail) error {
			if number(m) == "1" {
				return errors.New("connection reset")
			}
			return nil
		}
		poison, good := b.put("ann@x"), b.put("bob@x")
		b.flush()
		b.want(poison, outbox.Deferred)
		b.want(good, outbox.Sent)
	})
}

func TestSenderThatDoesNothing(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{"nil": nil, "canceled": context.Canceled, "other": errors.New("keyring locked")} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(b *bench) {
				id := b.put("ann@x")
				sum := b.flush()
				b.want(id, outbox.Queued)
				if len(sum.Parked) != 1 || !sum.Parked[0].Until.IsZero() {
					t.Errorf("parked: %v", sum.Parked)
				}
			}, func(o *outbox.Options) { o.Sender = failing{err} })
		})
	}
}

// failing is a Sender that returns an error at once.
type failing struct{ error }

func (f failing) Deliver(context.Context, string, smtp.Source, func(smtp.Event)) error {
	return f.error
}

// TestNotReady: mail of an account that a person has to do something for is
// not tried, and goes once that is done; of all that is told once.
func TestNotReady(t *testing.T) {
	t.Parallel()
	lacking := errors.New("nobody was asked yet")
	var ready atomic.Bool
	inBubble(t, func(b *bench) {
		id := b.put("ann@x")
		stop := b.run()
		time.Sleep(time.Minute)
		b.put("bob@x")
		time.Sleep(time.Minute)
		synctest.Wait()
		b.want(id, outbox.Queued)
		if attempts, err := b.store.Attempts(b.Context(), id); err != nil || len(attempts) > 0 || !errors.Is(b.told("home"), lacking) {
			t.Errorf("%d tries, told %v, %v", len(attempts), b.told("home"), err)
		}
		ready.Store(true)
		b.worker.Kick()
		time.Sleep(time.Second)
		synctest.Wait()
		stop()
		b.want(id, outbox.Sent)
		n := 0
		for _, e := range b.news {
			if e.Account == "home" {
				n++
			}
		}
		if n != 2 || b.told("home") != nil {
			t.Errorf("told %d times, last %v", n, b.told("home"))
		}
	}, func(o *outbox.Options) {
		o.Ready = func(context.Context, string) error {
			if ready.Load() {
				return nil
			}
			return lacking
		}
	})
}
