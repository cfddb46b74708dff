package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
)

func testCorrespondents(t *testing.T, r *rig) {
	ctx := t.Context()
	told := func(most int, want ...outbox.Correspondent) {
		t.Helper()
		got, err := r.Correspondents(ctx, most)
		r.must(err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error("-want +got\n", diff)
		}
	}
	told(9)
	_, err := r.SaveDraft(ctx, outbox.Ref{}, message.Draft{To: "nobody@example.org"})
	r.must(err)
	told(9)
	first := r.now()
	r.finish(r.claimOne(r.put()), outbox.RecipientAccepted, outbox.RecipientRejected)
	r.pass(time.Hour)
	r.put(func(n *outbox.New) {
		n.Recipients = []string{"ann@example.org", "eve@example.org"}
		n.Fields = []byte(`{"to":"Ann <ann@example.org>","bcc":"eve@example.org","body":"x"}`)
	})
	typed := "Ann <ann@example.org>, eve@example.org"
	ann := outbox.Correspondent{Address: "ann@example.org", Mails: 2, Last: r.now(), Typed: typed}
	eve := outbox.Correspondent{Address: "eve@example.org", Mails: 1, Last: r.now(), Typed: typed}
	told(9, ann, eve)
	r.pass(time.Hour)
	r.put(func(n *outbox.New) { n.Recipients, n.Fields = []string{"bob@example.org"}, nil })
	told(2, outbox.Correspondent{Address: "bob@example.org", Mails: 1, Last: first.Add(2 * time.Hour)}, ann)
}
