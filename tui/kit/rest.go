package kit

import (
	"slices"
	"strings"

	"sendoff/smtp/address"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
)

// Rest leaves out the addresses that a mail need not go to again:
// those whose server took it, and those where that is not known. What can't be
// read as an address stays for the person to see.
func Rest(d message.Draft, recipients []outbox.Recipient) message.Draft {
	served := func(m address.Mailbox) bool {
		wire, err := m.Wire()
		return err == nil && slices.ContainsFunc(recipients, func(r outbox.Recipient) bool {
			done := r.State == outbox.RecipientAccepted || r.State == outbox.RecipientUncertain || r.Doubt
			return done && r.Address == wire
		})
	}
	d.To, d.Cc, d.Bcc = remaining(d.To, served), remaining(d.Cc, served), remaining(d.Bcc, served)
	return d
}

// remaining returns the pieces of a list in which anybody is left to serve.
func remaining(list string, served func(address.Mailbox) bool) string {
	var kept []string
	for _, e := range address.Split(list) {
		left := slices.DeleteFunc(slices.Clone(e.Mailboxes), served)
		switch {
		case e.Err != nil || len(left) == len(e.Mailboxes):
			kept = append(kept, list[e.Start:e.End])
		default:
			for _, m := range left {
				kept = append(kept, m.String())
			}
		}
	}
	return strings.Join(kept, ", ")
}
