package storetest

import (
	"testing"
	"time"

	"sendoff/smtp/outbox"
)

// testReport follows a mail that is being sent from another opening of the
// outbox, as another program does.
func testReport(t *testing.T, r *rig) {
	ctx := t.Context()
	other := r.again()
	id := r.put()
	c := r.claimOne(id)
	seen := func(want outbox.Progress) {
		t.Helper()
		it, err := other.Item(ctx, id)
		r.must(err)
		if it.Progress != want {
			t.Errorf("the mail is %s at %+v, want %+v", it.State, it.Progress, want)
		}
		listed, err := other.List(ctx, outbox.Query{})
		r.must(err)
		if len(listed) != 1 || listed[0].Progress != want {
			t.Errorf("the list has %+v, want %+v", listed, want)
		}
	}
	seen(outbox.Progress{})
	before, err := other.Version(ctx)
	r.must(err)
	half := outbox.Progress{Octets: 50, Total: 100, Rate: 10, At: r.now()}
	r.must(r.Report(ctx, outbox.Report{Lease: c.Lease, Progress: half}))
	if after, err := other.Version(ctx); err != nil || after == before {
		t.Errorf("nobody notices: version %d, %v", after, err)
	}
	seen(half)
	most := outbox.Progress{Octets: 90, Total: 100, Rate: 40, At: r.now().Add(time.Second)}
	r.must(r.Report(ctx, outbox.Report{Lease: c.Lease, Progress: most}, outbox.Report{Lease: outbox.Lease{ID: 77, N: 1}}))
	seen(most)
	r.finish(c, outbox.RecipientDeferred, outbox.RecipientDeferred)
	seen(outbox.Progress{})

	r.pass(time.Hour)
	again := r.claimOne(id)
	seen(outbox.Progress{}) // that was another try
	r.must(r.Report(ctx, outbox.Report{Lease: c.Lease, Progress: half}))
	seen(outbox.Progress{})
	r.must(r.Report(ctx, outbox.Report{Lease: again.Lease, Progress: half}))
	seen(half)
	r.finish(again, outbox.RecipientAccepted, outbox.RecipientAccepted)
	r.act(id, outbox.Delete)
}
