package outbox_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sendoff/smtp"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
)

// TestWishesReachTheServer asks for all there is, and for next to nothing.
func TestWishesReachTheServer(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		asked := map[string]smtp.Mail{}
		b.server.before = func(_ context.Context, m *smtp.Mail) error {
			asked[number(m)] = *m
			return nil
		}
		tomorrow := time.Now().Add(24 * time.Hour).UTC()
		all := b.putNew(outbox.New{
			Account: "home", State: outbox.Queued, MessageID: "1@x", From: "me@x",
			Wishes: message.Wishes{
				Notify: "success,delay", Return: "headers", HoldUntil: tomorrow, DeliverBy: tomorrow.Add(time.Hour),
				Priority: -3, RequireTLS: true, Importance: "high",
			},
		}, "ann@x")
		late := b.putNew(outbox.New{
			Account: "home", State: outbox.Queued, MessageID: "ä@x", From: "me@x",
			Wishes: message.Wishes{Return: "full", HoldUntil: time.Now().Add(-time.Second).UTC()},
		}, "ann@x")
		plain := b.put("ann@x")
		b.flush()
		for id, want := range map[outbox.ID]smtp.Mail{
			all: {
				DSN:       &smtp.DSN{Return: "HDRS", EnvelopeID: "1@x", Notify: []string{"SUCCESS", "DELAY"}},
				HoldUntil: tomorrow, DeliverBy: tomorrow.Add(time.Hour), Priority: -3, RequireTLS: true,
			},
			late:  {DSN: &smtp.DSN{Return: "FULL", EnvelopeID: late.String()}},
			plain: {},
		} {
			got := asked[id.String()]
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(smtp.Mail{}, "ID", "From", "To", "Size", "Open")); diff != "" {
				t.Errorf("mail %s: -want +got\n%s", id, diff)
			}
		}
	})
}
