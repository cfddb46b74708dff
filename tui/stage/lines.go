package stage

import (
	"fmt"
	"slices"
	"time"

	"sendoff/smtp"
	"sendoff/tui/text"
)

// Told is what an event that was just heard has to say in a line of its own:
// how a step ended, or a recipient, in the words of its row. It is empty for
// all that only begins or goes on.
func (s *Steps) Told(e smtp.Event) string {
	if e.Kind != smtp.KindEnd {
		return ""
	}
	if e.Stage == smtp.StageRecipient {
		i := slices.IndexFunc(s.recipients, func(r recipient) bool { return r.address == text.Clean(e.Recipient) })
		return said(s.recipients[i].address, s.recipients[i].state, s.recipients[i].text, 0)
	}
	name, shown := rowOf[e.Stage]
	if !shown || e.Stage == smtp.StageGreeting && e.Err == nil {
		return ""
	}
	r := *s.row(name)
	switch {
	case r.state != "done":
	case name == "sender" && s.sender != "":
		r.text = s.sender
	case name == "content":
		r.text = text.FormatSize(s.sent)
		if r.elapsed >= time.Second {
			r.text += fmt.Sprintf(", %s/s", text.FormatSize(int64(float64(s.sent)/r.elapsed.Seconds())))
		}
	}
	return said(r.name, r.state, r.text, r.elapsed)
}

// said is a row without its columns and marks: "auth: failed, 535 no (12 ms)".
func said(name, state, words string, took time.Duration) string {
	switch {
	case state == "done" && words != "":
		name += ": " + words
	case words == "":
		name += ": " + state
	default:
		name += ": " + state + ", " + words
	}
	if took >= time.Millisecond {
		name += " (" + text.FormatElapsed(took) + ")"
	}
	return name
}

// Part tells how much of the content went, as "40 %, 0.9 of 1.4 MB, 412 kB/s".
func (s *Steps) Part() string {
	if s.total <= 0 {
		return text.FormatSize(s.sent)
	}
	words := fmt.Sprintf("%d %%, %s of %s", min(100, s.sent*100/s.total), text.FormatSize(s.sent), text.FormatSize(s.total))
	if s.rate > 0 {
		words += fmt.Sprintf(", %s/s", text.FormatSize(int64(s.rate)))
	}
	return words
}
