package queue

import (
	"slices"
	"strings"

	"sendoff/smtp/outbox"
	"sendoff/tui/keys"
)

// Obstacle says what keeps an action of the key map from being done now; it is
// empty if nothing does.
func (s *Screen) Obstacle(a keys.Action) string {
	_, selected := s.Selected()
	switch _, name, _ := strings.Cut(a.Name, "."); {
	case s.search.typing:
		return "words to search for are being typed"
	case s.detail.open && slices.Contains([]string{"search", "mark", "mark-to", "mark-all", "invert", "sort", "next-tab", "previous-tab", "details"}, name):
		return "only in the list of mails"
	case name == "undo":
		return "nothing was done to a mail that could be undone"
	case name == "test-account":
		return "only for mail whose account waits"
	case s.marked() > 0:
		return "not with mails marked, or none of them allows it"
	case !selected:
		return "no mail is selected"
	case name == "transcript":
		return "this mail was never tried"
	}
	it, _ := s.Selected()
	return "only for mail that is " + or(s.allowing(a)) + "; this one is " + string(it.State)
}

// allowing lists the states of a mail in which an action can be done to it.
func (s *Screen) allowing(a keys.Action) (states []string) {
	for _, state := range outbox.States {
		offers := s.forOne(outbox.Item{ID: 1, State: state, Attempts: 1})
		if slices.ContainsFunc(offers, func(o offer) bool { return o.Help() == a.Binding.Help() }) {
			states = append(states, string(state))
		}
	}
	return states
}

func or(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
	return strings.Join(words, "")
}
