package stage

import (
	"time"

	"charm.land/bubbles/v2/key"

	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// SendAgain is the question before a mail goes out that may have arrived. mark
// is the key of another way out.
func SendAgain(it outbox.Item, mark key.Binding) kit.Confirm {
	return kit.Confirm{
		Title: "Send it again?",
		Text: "The server may have it already. If it does, " + doubtful(it) + " will get it twice. " +
			"Better ask them first; " + mark.Help().Key + " marks it as sent.",
		Yes:  "send again",
		Then: kit.Act{ID: it.ID, Action: kit.SendAgain},
	}
}

// MarkSent is the question before a mail counts as sent on the person's word.
func MarkSent(it outbox.Item) kit.Confirm {
	return kit.Confirm{
		Title: "Mark it as sent?",
		Text: "No server said that it arrived. " + doubtful(it) +
			" will count as having it on your word, and sendoff won't send it to them again.",
		Yes:  "mark as sent",
		Then: kit.Act{ID: it.ID, Action: kit.MarkSent},
	}
}

// LookedAgain says what is known of a mail of which nothing was known.
func LookedAgain(it outbox.Item, now time.Time) kit.Status {
	if it.State != outbox.Uncertain {
		sentence, needs := Explain(it, now)
		return kit.Status{Text: "It is settled. " + sentence, Trouble: needs}
	}
	return kit.Status{Text: "Nothing new is known. Look for the Message-ID where your server keeps sent mail, or ask " + doubtful(it) + "."}
}

func doubtful(it outbox.Item) string { return text.Clean(People(of(it, outbox.RecipientUncertain))) }
