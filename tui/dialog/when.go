package dialog

import (
	"time"

	"sendoff/tui/kit"
	"sendoff/tui/text"
	"sendoff/tui/when"
)

// AskWhen asks until when mail is to wait, and shows the moment in full as it
// is typed. Then gets it.
func AskWhen(now kit.Clock, title string, then func(at time.Time) kit.Intent) kit.Ask {
	return kit.Ask{
		Title: title, Yes: "schedule",
		Text: "When? Such as 18:00, tomorrow 9:00, fri 17:30, in 2h, 24 dec.",
		Hint: func(line string) (string, bool) {
			at, err := when.Parse(line, now())
			switch {
			case line == "":
				return "sendoff has to run then, as a program or as a daemon.", false
			case err != nil:
				return err.Error(), false
			}
			return when.Full(at) + ", in " + text.FormatSpan(at.Sub(now())), true
		},
		Then: func(line string) kit.Intent {
			at, err := when.Parse(line, now())
			if err != nil {
				return nil // it is over by now
			}
			return then(at)
		},
	}
}
