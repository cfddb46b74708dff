package stage

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"sendoff/smtp"
	"sendoff/smtp/outbox"
	"sendoff/tui/text"
)

// Timeline tells of the tries of a mail in the order given: when each was, and
// how it ended. What a server says again and again is said once.
func Timeline(all []outbox.Attempt, now time.Time) []string {
	parts := make([]string, len(all))
	before := ""
	for i, a := range all {
		ended := ending(a)
		said := ended
		if said == before && a.Code != 0 {
			said = strconv.Itoa(a.Code)
		}
		before = ended
		parts[i] = text.Clean(text.FormatTime(a.Started, now) + " " + said)
	}
	return parts
}

// identity finds the name a server gives to a mail that it took.
var identity = regexp.MustCompile(`(?i)\b(?:queued as|id=|queue id|as id)\s*:?\s*<?([0-9A-Za-z._+/-]{4,})`)

// ending is outcome in as few words as will do.
func ending(a outbox.Attempt) string {
	if a.Code == 0 {
		return outcome(a)
	}
	code := strconv.Itoa(a.Code)
	if a.Stage == smtp.StageAccepted {
		if m := identity.FindStringSubmatch(a.Text); m != nil {
			return code + " accepted as " + m[1]
		}
	}
	return strings.TrimSpace(code + " " + a.Text)
}
