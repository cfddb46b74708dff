package outbox

import (
	"strings"
	"time"

	"sendoff/smtp"
)

// wish asks in m for what the item's author asked for.
func (it Item) wish(m *smtp.Mail, now time.Time) {
	w := it.Wishes
	if w.Notify != "" || w.Return != "" {
		m.DSN = &smtp.DSN{EnvelopeID: it.envelopeID()}
		if w.Notify != "" {
			m.DSN.Notify = strings.Split(strings.ToUpper(w.Notify), ",")
		}
		switch w.Return {
		case "full":
			m.DSN.Return = "FULL"
		case "headers":
			m.DSN.Return = "HDRS"
		}
	}
	if w.HoldUntil.After(now) { // else the time has come, and there is nothing left to hold it for
		m.HoldUntil = w.HoldUntil
	}
	m.DeliverBy, m.Priority, m.RequireTLS = w.DeliverBy, w.Priority, w.RequireTLS
}

// envelopeID is by what reports name the mail: as its author wishes, or by its
// Message-ID, which a search finds, or its number where that can't be had (RFC 3461 section 4.4: at most
// 100 printable characters).
func (it Item) envelopeID() string {
	if it.Wishes.EnvelopeID != "" {
		return it.Wishes.EnvelopeID
	}
	odd := func(r rune) bool { return r < ' ' || r > '~' }
	if it.MessageID == "" || len(it.MessageID) > 100 || strings.ContainsFunc(it.MessageID, odd) {
		return it.ID.String()
	}
	return it.MessageID
}
