package stage

import (
	"strings"
	"time"

	"sendoff/smtp/outbox"
	"sendoff/tui/text"
)

// fresh is how long what the store has of a mail on its way tells how fast it
// goes; if nothing is new after that, nothing gets through.
const fresh = 5 * time.Second

// Afar returns the steps of a mail that another program sends, as far as the
// store has them; nil if it has none.
func Afar(it outbox.Item, now time.Time) *Steps {
	p := it.Progress
	if it.State != outbox.Sending || p.Total <= 0 {
		return nil
	}
	s := &Steps{sent: min(p.Octets, p.Total), total: p.Total, rate: float64(p.Rate)}
	content := step{name: "content", state: "running", begun: it.Claimed}
	switch {
	case p.Octets >= p.Total:
		content.state = "done"
		s.steps = append(s.steps, content, step{name: "answer", state: "running", begun: p.At})
		return s
	case now.Sub(p.At) > fresh:
		s.rate, s.stalled = 0, p.At
	}
	s.steps = append(s.steps, content)
	return s
}

// By says who sends a mail that is on its way, for it may be another
// program, and how far that is known to be.
func By(it outbox.Item, now time.Time) string {
	if it.State != outbox.Sending || it.Claimed.IsZero() {
		return ""
	}
	who, _, _ := strings.Cut(it.Owner, " #")
	words := "Sent since " + it.Claimed.In(now.Location()).Format(time.TimeOnly) + " by " + text.Clean(who) + ". "
	if it.Committing {
		return words + "The server may have all of it: it can't be stopped any more."
	}
	return words + "The server does not have all of it yet."
}
