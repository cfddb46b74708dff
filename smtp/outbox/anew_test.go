package outbox_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"sendoff/smtp"
	"sendoff/smtp/outbox"
)

// narrow takes a mail to one recipient at a time, and comes for the next one as
// soon as it is in the outbox what became of the last one.
type narrow struct {
	down    <-chan struct{} // closed when that of the first try is
	commits []error
}

func (n *narrow) Deliver(ctx context.Context, _ string, src smtp.Source, _ func(smtp.Event)) error {
	for {
		m, err := src.Next(ctx)
		if err != nil {
			return nil
		}
		synctest.Wait() // until all that the first try leaves behind is done
		n.commits = append(n.commits, src.Commit(ctx, m))
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
