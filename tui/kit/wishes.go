package kit

import (
	"fmt"
	"strings"
	"time"

	"sendoff/smtp/message"
	"sendoff/tui/when"
)

// Wishes says what is asked for a mail, a few words for each thing. Moments
// are told in the time zone of here.
func Wishes(w message.Wishes, here *time.Location) []string {
	var list []string
	add := func(asked bool, format string, args ...any) {
		if asked {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	add(w.Importance != "", "marked as of %s importance", w.Importance)
	add(w.Receipt, "a receipt when it is read")
	add(w.Notify == "never", "no reports")
	add(w.Notify != "" && w.Notify != "never", "reports of %s", strings.ReplaceAll(w.Notify, ",", ", "))
	add(w.Return == "full", "the whole mail in reports")
	add(w.Return == "headers", "only the header in reports")
	add(!w.HoldUntil.IsZero(), "held by the server until %s", when.Full(w.HoldUntil.In(here)))
	add(!w.DeliverBy.IsZero(), "back if not delivered by %s", when.Full(w.DeliverBy.In(here)))
	add(w.Priority != 0, "priority %d on the way", w.Priority)
	add(w.RequireTLS, "encrypted all the way")
	return list
}
