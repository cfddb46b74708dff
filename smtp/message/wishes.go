package message

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Wishes is what an author asks for one mail beyond its content. All but the
// importance and the receipt are asked of the server, which has to offer them. The zero value
// asks for nothing.
type Wishes struct {
	// Notify is when to report what became of the mail: "never", or any of
	// "success", "failure" and "delay" with commas between (RFC 3461 section
	// 4.1); empty for the servers' choice.
	Notify string `json:"notify,omitempty"`

	// Return is how much of the mail a report brings back, "full" or
	// "headers" (RFC 3461 section 4.3); empty for the servers' choice.
	Return string `json:"return,omitempty"`

	// EnvelopeID is by what the reports asked for name the mail (RFC 3461 section
	// 4.4); empty for an ID of the outbox's own.
	EnvelopeID string `json:"envelope_id,omitempty"`

	// HoldUntil has the server keep the mail until then (RFC 4865).
	HoldUntil time.Time `json:"hold_until,omitzero"`

	// DeliverBy has the mail come back if it is not delivered by then (RFC
	// 2852).
	DeliverBy time.Time `json:"deliver_by,omitzero"`

	// Priority is the mail's turn among others on the way, from -9 to 9 (RFC
	// 6710).
	Priority int `json:"priority,omitempty"`

	// RequireTLS has the mail come back rather than go on in clear text (RFC
	// 8689).
	RequireTLS bool `json:"require_tls,omitempty"`

	// Importance is how the mail is marked for its readers, "high" or "low";
	// empty for no mark. It stands in the header and asks nothing of a server.
	Importance string `json:"importance,omitempty"`

	// Receipt asks the readers' programs for a word to the sender when the mail
	// is read (RFC 8098 section 2.1). It too stands in the header.
	Receipt bool `json:"receipt,omitempty"`
}

// Check refuses what can't be asked for, as a *FieldError.
func (w Wishes) Check() error {
	wrong := func(field, text, reason string) error {
		return &FieldError{Field: field, Text: text, Reason: reason}
	}
	notices := strings.Split(w.Notify, ",")
	for i, n := range notices {
		switch {
		case w.Notify == "":
		case !slices.Contains([]string{"never", "success", "failure", "delay"}, n):
			return wrong("Notify", n, "is none of never, success, failure and delay")
		case n == "never" && len(notices) > 1:
			return wrong("Notify", w.Notify, "says never and more")
		case slices.Contains(notices[:i], n):
			return wrong("Notify", w.Notify, "names "+n+" twice")
		}
	}
	switch {
	case !slices.Contains([]string{"", "full", "headers"}, w.Return):
		return wrong("Return", w.Return, "is neither full nor headers")
	case len(w.EnvelopeID) > 100 || strings.ContainsFunc(w.EnvelopeID, func(r rune) bool { return r < ' ' || r > '~' }):
		return wrong("Envelope-ID", w.EnvelopeID, "is more than 100 characters, or not only printable ASCII")
	case w.Priority < -9 || w.Priority > 9:
		return wrong("Priority", fmt.Sprint(w.Priority), "is not between -9 and 9")
	case !slices.Contains([]string{"", "high", "low"}, w.Importance):
		return wrong("Importance", w.Importance, "is neither high nor low")
	}
	return nil
}

// headers returns the fields that mark a mail's importance, of RFC 2156
// section 5.3.4 and as many programs have it, and the one that asks for a
// receipt to the sender, unless they are among own.
func (w Wishes) headers(own []Header, sender string) []Header {
	marks := map[string][]Header{
		"high": {{"Importance", "high"}, {"X-Priority", "1"}},
		"low":  {{"Importance", "low"}, {"X-Priority", "5"}},
	}
	all := marks[w.Importance]
	if w.Receipt {
		all = append(all, Header{"Disposition-Notification-To", sender})
	}
	return slices.DeleteFunc(all, func(mark Header) bool {
		return slices.ContainsFunc(own, func(h Header) bool { return strings.EqualFold(h.Name, mark.Name) })
	})
}
