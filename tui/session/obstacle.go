package session

import (
	"slices"
	"strings"

	"sendoff/smtp/outbox"
	"sendoff/tui/keys"
)

// Obstacle says what keeps an action of the key map from being done now; it is
// empty if nothing does.
func (s *Screen) Obstacle(a keys.Action) string {
	_, name, _ := strings.Cut(a.Name, ".")
	switch {
	case s.open != noSheet:
		return "only beside the steps, which " + s.keys.Back.Help().Key + " goes back to"
	case s.id == 0:
		return "nothing was sent since the program started"
	case name == "cancel":
		return "only while the mail is on its way"
	case name == "test-account":
		return "only while its account waits"
	case s.item.State != outbox.Uncertain && slices.Contains([]string{"look-again", "send-again", "mark-sent"}, name):
		return "only for a mail of which nobody knows whether it arrived"
	case s.running():
		return "only when the mail is no longer on its way"
	}
	return "only for a mail that somebody has not got; this one is " + string(s.item.State)
}
