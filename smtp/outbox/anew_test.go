package outbox_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sendoff/smtp"
	"sendoff/smtp/outbox"
)

// narrow takes a mail to one recipient at a time, and comes for the next one as
// soon as it is in the outbox what became of the last one.
type narrow struct {
	down    <-chan struct{} // closed when that of the first try is
	before  func(try int)   // runs before each is committed; nil for nothing
	commits []error
}

func (n *narrow) Deliver(ctx context.Context, _ string, src smtp.Source, _ func(smtp.Event)) error {
	for {
		m, err := src.Next(ctx)
		if err != nil {
			return nil
		}
		synctest.Wait() // until all that the first try leaves behind is done
		if n.before != nil {
			n.before(len(n.commits) + 1)
		}
		err = src.Commit(ctx, m)
		n.commits = append(n.commits, err)
		if err != nil {
			return err
		}
		r := smtp.Result{Reply: smtp.Reply{Code: 250}}
		for i, to := range m.To {
			o := smtp.Outcome{Address: to, Status: smtp.Accepted, Reply: smtp.Reply{Code: 250}}
			if i > 0 {
				o.Status, o.Reply = smtp.Deferred, smtp.Reply{Code: 452, Enhanced: "4.5.3"}
			}
			r.Recipients = append(r.Recipients, o)
		}
		src.Done(m, r)
		<-n.down
	}
}

// twice tells when a mail was claimed for the second time.
type twice struct {
	outbox.Deliveries
	claims int
	again  chan struct{}
}

func (t *twice) Claim(ctx context.Context, w outbox.Want) ([]outbox.Claimed, error) {
	claims, err := t.Deliveries.Claim(ctx, w)
	if t.claims += len(claims); len(claims) > 0 && t.claims == 2 {
		close(t.again)
	}
	return claims, err
}

// A mail may be claimed anew, by the same session, before the session is done
// with its last try.
func TestClaimedAnewAtOnce(t *testing.T) {
	inBubble(t, func(b *bench) {
		store := &twice{Deliveries: b.store, again: make(chan struct{})}
		down := make(chan struct{})
		var first sync.Once
		sender := &narrow{down: down}
		id := b.put("a@example.org", "b@example.org")
		b.worker = b.newWorker(store, func(o *outbox.Options) {
			o.Sender = sender
			o.Notify = func(e outbox.Event) {
				if e.State == outbox.Queued {
					first.Do(func() {
						close(down)
						<-store.again
					})
				}
			}
		})
		b.flush(id)
		b.want(id, outbox.Sent)
		if len(sender.commits) != 2 || sender.commits[1] != nil {
			t.Errorf("commits: %v", sender.commits)
		}
	})
}

// slowReturn is a store that takes its time to come back after what became of a
// mail is on disk.
type slowReturn struct {
	outbox.Deliveries
	written func() // runs then
}

func (s slowReturn) Finish(ctx context.Context, finished ...outbox.Finished) error {
	err := s.Deliveries.Finish(ctx, finished...)
	s.written()
	return err
}

// A mail that was claimed anew can be cancelled, whatever its last try leaves
// behind.
func TestCancelOfWhatIsClaimedAnew(t *testing.T) {
	inBubble(t, func(b *bench) {
		down := make(chan struct{})
		var first sync.Once
		id := b.put("a@example.org", "b@example.org")
		cancelled := make(chan error, 1)
		store := slowReturn{b.store, func() {
			first.Do(func() {
				close(down)
				time.Sleep(time.Second) // until it is claimed
			})
		}}
		b.worker = b.newWorker(store, func(o *outbox.Options) {
			o.Sender = &narrow{down: down, before: func(try int) {
				if try == 2 {
					time.Sleep(2 * time.Second) // until the first try is settled
					go func() { cancelled <- b.worker.Cancel(b.Context(), id) }()
					synctest.Wait()
				}
			}}
		})
		b.flush(id)
		b.must(<-cancelled)
		b.want(id, outbox.Cancelled)
	})
}
