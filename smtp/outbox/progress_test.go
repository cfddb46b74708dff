package outbox_test

import (
	"context"
	"testing"
	"time"

	"sendoff/smtp"
	"sendoff/smtp/outbox"
)

// line is a Sender to a server that gets so many octets a second, and takes its
// time for the answer.
type line struct {
	rate, total int64
	answer      time.Duration
}

// Deliver implements outbox.Sender.
func (l line) Deliver(ctx context.Context, _ string, src smtp.Source, trace func(smtp.Event)) error {
	for {
		m, err := src.Next(ctx)
		if err != nil {
			return nil
		}
		e := smtp.Event{Kind: smtp.KindBegin, Stage: smtp.StageContent, Mail: m.ID, Total: l.total}
		trace(e)
		for e.Kind = smtp.KindProgress; e.Bytes < l.total; {
			time.Sleep(50 * time.Millisecond)
			e.Bytes += l.rate / 20
			trace(e)
		}
		time.Sleep(l.answer)
		r := smtp.Result{}
		for _, to := range m.To {
			r.Recipients = append(r.Recipients, smtp.Outcome{Address: to, Status: smtp.Accepted})
		}
		src.Done(m, r)
	}
}

// TestProgressIsThereForOthers: how far a mail is that takes long is in the
// store, whoever sends it.
func TestProgressIsThereForOthers(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		id := b.put("ann@example.org")
		other := b.open()
		stop := b.run()
		var last outbox.Progress
		for range 60 {
			time.Sleep(time.Second)
			it, err := other.Item(b.Context(), id)
			b.must(err)
			p := it.Progress
			if p == (outbox.Progress{}) {
				continue
			}
			if p.Octets < last.Octets || p.Total != 10_000 || time.Since(p.At) > 2*time.Second && p.Octets < p.Total {
				b.Errorf("at %+v after %+v", p, last)
			}
			if p.Octets < p.Total && (p.Rate < 900 || p.Rate > 1100) {
				b.Errorf("goes at %d octets a second, not at 1000", p.Rate)
			}
			last = p
		}
		stop()
		if last.Octets != last.Total {
			b.Errorf("was seen last at %+v", last)
		}
		b.want(id, outbox.Sent)
	}, func(o *outbox.Options) { o.Sender = line{rate: 1000, total: 10_000, answer: 30 * time.Second} })
}

// TestQuickMailsAreNotReported: who is done in a moment costs nobody a write.
func TestQuickMailsAreNotReported(t *testing.T) {
	t.Parallel()
	reports := &counting{}
	inBubble(t, func(b *bench) {
		reports.Deliveries = b.store
		for range 20 {
			b.put("ann@example.org")
		}
		b.flush()
		if reports.n > 0 {
			b.Errorf("%d reports", reports.n)
		}
	}, func(o *outbox.Options) {
		reports.Deliveries, o.Store = o.Store, reports
		o.Sender = line{rate: 1 << 20, total: 100 << 10}
	})
}

// counting counts reports.
type counting struct {
	outbox.Deliveries
	n int
}

// Report implements outbox.Deliveries.
func (c *counting) Report(ctx context.Context, r ...outbox.Report) error {
	c.n += len(r)
	return c.Deliveries.Report(ctx, r...)
}
