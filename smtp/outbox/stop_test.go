package outbox_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"sendoff/smtp"
	"sendoff/smtp/outbox"
)

func write(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

// wait waits for d or for the end of ctx.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestStop(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		before, after time.Duration // how long the server takes
		want          outbox.State
		within        time.Duration
	}{
		{"before the end of the content", time.Hour, 0, outbox.Queued, time.Second},
		{"waiting for a reply that comes", 0, 12 * time.Second, outbox.Sent, 4 * time.Second},
		{"waiting for a reply that does not come", 0, time.Hour, outbox.Uncertain, 4 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(b *bench) {
				b.server.before = func(ctx context.Context, _ *smtp.Mail) error { return wait(ctx, c.before) }
				b.server.after = func(ctx context.Context, _ *smtp.Mail) error { return wait(ctx, c.after) }
				id, next := b.put("ann@x"), b.put("bob@x")
				stop := b.run()
				time.Sleep(10 * time.Second)
				synctest.Wait()
				b.want(id, outbox.Sending)
				began := time.Now()
				stop()
				if took := time.Since(began); took > c.within {
					t.Errorf("stopping took %v", took)
				}
				b.want(id, c.want)
				b.want(next, outbox.Queued)
				attempts, err := b.store.Attempts(b.Context(), next)
				b.must(err)
				if len(attempts) != 0 {
					t.Errorf("a mail that had no turn has attempts: %v", attempts)
				}
			})
		})
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.server.before = func(ctx context.Context, m *smtp.Mail) error {
			if number(m) == "1" {
				return wait(ctx, time.Hour)
			}
			return nil
		}
		b.server.after = func(ctx context.Context, m *smtp.Mail) error { return wait(ctx, time.Minute) }
		flying, next, third := b.put("ann@x"), b.put("bob@x"), b.put("carl@x")
		defer b.run()()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		b.must(b.worker.Cancel(b.Context(), third))
		b.want(third, outbox.Cancelled)
		b.must(b.worker.Cancel(b.Context(), flying))
		b.want(flying, outbox.Cancelled)

		time.Sleep(10 * time.Second) // the next mail waits for its reply now
		synctest.Wait()
		if err := b.worker.Cancel(b.Context(), next); !errors.Is(err, outbox.ErrTransition) {
			t.Errorf("cancel past the point of no return: %v", err)
		}
		b.want(next, outbox.Sent)
		if got := b.server.deliveries(); len(got) != 1 {
			t.Errorf("delivered: %v", got)
		}
		if err := b.worker.Cancel(b.Context(), next); !errors.Is(err, outbox.ErrTransition) {
			t.Errorf("cancel a sent mail: %v", err)
		}
	})
}

// pair is a Sender that has two mails under way: the second one comes to its
// end only when the reply to the first one is in.
type pair struct{}

func (pair) Deliver(ctx context.Context, _ string, src smtp.Source, _ func(smtp.Event)) error {
	first, err := src.Next(ctx)
	if err != nil {
		return nil
	}
	second, err := src.Next(ctx)
	if err != nil {
		return nil
	}
	if err := src.Commit(ctx, first); err != nil {
		return err
	}
	if err := wait(ctx, time.Minute); err != nil {
		return err
	}
	failed := src.Commit(ctx, second)
	src.Done(first, smtp.Result{Recipients: []smtp.Outcome{{Address: first.To[0], Status: smtp.Accepted}}})
	if failed == nil {
		src.Done(second, smtp.Result{Recipients: []smtp.Outcome{{Address: second.To[0], Status: smtp.Accepted}}})
		return nil
	}
	e := &smtp.Error{Stage: smtp.StageContent, Class: smtp.ClassLocal, Scope: smtp.ScopeLocal, Retry: smtp.RetrySafe, Err: failed}
	src.Done(second, smtp.Result{Recipients: []smtp.Outcome{{Address: second.To[0], Status: smtp.Untried}}, Err: e})
	return e
}

// TestCancelSparesTheNeighbor takes back a mail while another one of the same
// session waits for the reply that decides.
func TestCancelSparesTheNeighbor(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		first, second := b.put("ann@x"), b.put("bob@x")
		defer b.run()()
		time.Sleep(30 * time.Second)
		synctest.Wait()
		b.must(b.worker.Cancel(b.Context(), second))
		b.want(first, outbox.Sent)
		b.want(second, outbox.Cancelled)
	}, func(o *outbox.Options) { o.Sender = pair{} })
}

func TestCancelOfAnothersMail(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.server.before = func(ctx context.Context, m *smtp.Mail) error { return wait(ctx, time.Hour) }
		id := b.put("ann@x")
		defer b.run()()
		time.Sleep(time.Second)
		synctest.Wait()
		other := b.newWorker(b.open())
		if err := other.Cancel(b.Context(), id); !errors.Is(err, outbox.ErrBusy) {
			t.Error(err)
		}
	})
}

// sleeper is a store whose worker can't renew leases, as if the process was
// stopped.
type sleeper struct{ outbox.Deliveries }

func (sleeper) Renew(context.Context, time.Duration, ...outbox.Lease) error { return nil }

func TestLostLeaseSendsNoSecondCopy(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.server.before = func(ctx context.Context, m *smtp.Mail) error { return wait(ctx, 10*time.Minute) }
		id := b.put("ann@x")
		b.worker = b.newWorker(sleeper{b.store})
		stop := b.run()
		time.Sleep(5 * time.Minute)
		synctest.Wait()

		other := &bench{T: b.T, path: b.path, server: &server{}}
		other.store = other.open()
		other.worker = other.newWorker(other.store)
		other.flush()
		other.want(id, outbox.Sent)

		time.Sleep(10 * time.Minute) // now the first one wants to go on
		synctest.Wait()
		stop()
		if n := len(b.server.deliveries()) + len(other.server.deliveries()); n != 1 {
			t.Errorf("%d copies were sent", n)
		}
		b.want(id, outbox.Sent)
		attempts, err := b.store.Attempts(b.Context(), id)
		b.must(err)
		if len(attempts) != 3 { // recovered, sent by the other, given up by the first
			t.Errorf("attempts: %+v", attempts)
		}
	})
}

func TestLateReplySettlesUncertain(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.server.after = func(ctx context.Context, m *smtp.Mail) error { return wait(ctx, 10*time.Minute) }
		id := b.put("ann@x")
		b.worker = b.newWorker(sleeper{b.store})
		stop := b.run()
		time.Sleep(5 * time.Minute)
		synctest.Wait()

		other := b.open()
		_, err := other.Recover(b.Context())
		b.must(err)
		b.want(id, outbox.Uncertain)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		stop()
		b.want(id, outbox.Sent)
	})
}

// stale is given a mail, loses it while it is stopped, and is given it anew in the
// same session, as one that asks for mails ahead is. It sends what it may.
type stale struct {
	sent   *int
	failed *error // of the first commit
}

func (s stale) Deliver(ctx context.Context, _ string, src smtp.Source, _ func(smtp.Event)) error {
	first, err := src.Next(ctx)
	if err != nil {
		return nil
	}
	if err := wait(ctx, 5*time.Minute); err != nil {
		return err
	}
	anew, err := src.Next(ctx)
	if err != nil {
		return err
	}
	for i, m := range []*smtp.Mail{first, anew} {
		err := src.Commit(ctx, m)
		if i == 0 {
			*s.failed = err
		}
		if err == nil {
			*s.sent++
			defer src.Done(m, smtp.Result{Recipients: []smtp.Outcome{{Address: m.To[0], Status: smtp.Accepted}}})
			continue
		}
		src.Done(m, smtp.Result{
			Recipients: []smtp.Outcome{{Address: m.To[0], Status: smtp.Untried}},
			Err:        &smtp.Error{Stage: smtp.StageContent, Class: smtp.ClassLocal, Scope: smtp.ScopeMessage, Retry: smtp.RetrySafe, Err: err},
		})
	}
	return nil
}

// TestLostLeaseInTheSameSession: who lost a mail does not go on with it on the
// strength of the claim that the session has on it by now.
func TestLostLeaseInTheSameSession(t *testing.T) {
	t.Parallel()
	var sent int
	var failed error
	inBubble(t, func(b *bench) {
		id := b.put("ann@x")
		b.worker = b.newWorker(sleeper{b.store}, func(o *outbox.Options) { o.Sender = stale{&sent, &failed} })
		stop := b.run()
		time.Sleep(20 * time.Minute)
		synctest.Wait()
		stop()
		if sent != 1 || !errors.Is(failed, outbox.ErrLeaseLost) {
			t.Errorf("%d copies were sent; the first commit: %v", sent, failed)
		}
		b.want(id, outbox.Sent)
	})
}
