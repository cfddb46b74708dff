package stage

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sendoff/smtp/outbox"
	"sendoff/tui/text"
	"sendoff/tui/when"
	"sendoff/tui/widget"
)

// Explain says in plain words where a mail stands and what comes next, without
// naming a key; needs tells that the next step is the person's.
func Explain(it outbox.Item, now time.Time) (sentence string, needs bool) {
	sentence, needs = explain(it, now)
	return text.Clean(sentence), needs
}

func explain(it outbox.Item, now time.Time) (sentence string, needs bool) {
	switch it.State {
	case outbox.Draft:
		return "A draft, kept as you left it.", false
	case outbox.Held:
		return held(it), it.NeedsYou()
	case outbox.Scheduled:
		return scheduled(it.NotBefore, now), false
	case outbox.Queued:
		return queued(it, now), false
	case outbox.Sending:
		return "It is on its way; the server has not taken responsibility yet.", false
	case outbox.Deferred:
		return deferred(it, now), len(of(it, outbox.RecipientRejected)) > 0
	case outbox.Sent:
		return sent(it), false
	case outbox.Partial:
		return join(refusals(it), served(it)), true
	case outbox.Failed:
		return join("Nobody gets it.", failure(it), "It is kept; edit it."), true
	case outbox.Uncertain:
		return "The connection broke after the whole mail was handed over and before the server answered. " +
			"It may have arrived. sendoff won't send it again by itself.", true
	case outbox.Cancelled:
		if got := of(it, outbox.RecipientAccepted); len(got) > 0 {
			return "Cancelled, but " + People(got) + " had it already.", false
		}
		return "Cancelled before anybody got it. It is kept here.", false
	}
	return "", false
}

func held(it outbox.Item) string {
	if it.Problem == "" {
		return "Held: it stays here until you release it."
	}
	return "Held: " + sentence(it.Problem)
}

func scheduled(at, now time.Time) string {
	switch left := at.Sub(now); {
	case left <= 0:
		return "It goes out now."
	case left < time.Minute:
		return "It goes out " + soon(at, now) + "; until then it can be taken back."
	}
	return "It goes out on " + when.Full(at.In(now.Location())) + ", if sendoff runs then."
}

func sent(it outbox.Item) string {
	if len(claimed(it)) == len(it.Recipients) {
		return "Marked as sent by you; no server said so."
	}
	return "The server took responsibility for it; " + served(it)
}

// byHand tells that a person said of a recipient that they have the mail: a
// server that says so gives a code.
func byHand(r outbox.Recipient) bool { return r.State == outbox.RecipientAccepted && r.Code == 0 }

// claimed returns those who have the mail because a person said so.
func claimed(it outbox.Item) []string {
	return addresses(it, byHand)
}

// served says who has the mail or will have it, and how that is known.
func served(it outbox.Item) string {
	var b []string
	if got := addresses(it, func(r outbox.Recipient) bool { return r.State == outbox.RecipientAccepted && !byHand(r) }); len(got) > 0 {
		b = append(b, People(got)+" will get it.")
	}
	if got := claimed(it); len(got) > 0 {
		b = append(b, "For "+People(got)+" you marked it as sent.")
	}
	return join(b...)
}

// join puts sentences, or words, in a row.
func join(sentences ...string) string {
	return strings.Join(slices.DeleteFunc(sentences, func(s string) bool { return s == "" }), " ")
}

func queued(it outbox.Item, now time.Time) string {
	if it.Problem == "" {
		return "It waits for its turn and goes out by itself."
	}
	s := "It waits: " + sentence(it.Problem)
	if it.NextTry.IsZero() {
		return s + " It goes on once its account can send."
	}
	return s + " Next try " + soon(it.NextTry, now) + ", by itself."
}

func deferred(it outbox.Item, now time.Time) string {
	said, again := it.Reply, "by itself"
	if !it.NextTry.IsZero() {
		again = soon(it.NextTry, now)
	}
	for _, r := range it.Recipients {
		if r.State == outbox.RecipientDeferred {
			said = Reply(r)
			break
		}
	}
	later, refused := of(it, outbox.RecipientDeferred), of(it, outbox.RecipientRejected)
	if len(later) > 0 && len(later) < len(it.Recipients) {
		return mixed(it, refused, later, again, said)
	}
	s := "The server asked to wait."
	if said != "" {
		s = "The server asked to wait: " + sentence(said)
	}
	if it.NextTry.IsZero() {
		return s + " sendoff tries again by itself."
	}
	return s + " Next try " + again + ", by itself."
}

// mixed names every outcome before it gives a reason: first what needs the
// person, since the end may be cut where there is little room.
func mixed(it outbox.Item, refused, later []string, again, said string) string {
	b := []string{People(later) + " " + verb(later, "is", "are") + " tried again " + again + "."}
	if len(refused) > 0 {
		b = slices.Insert(b, 0, People(refused)+" "+verb(refused, "was", "were")+" refused.")
	}
	b = append(b, served(it))
	for _, r := range it.Recipients {
		if r.State == outbox.RecipientRejected {
			b = append(b, "Refused with "+sentence(Reply(r)))
			break
		}
	}
	if said != "" {
		b = append(b, "The server asked to wait: "+sentence(said))
	}
	return join(b...)
}

func verb(names []string, one, many string) string {
	if len(names) == 1 {
		return one
	}
	return many
}

func refusals(it outbox.Item) string {
	var b []string
	for _, r := range it.Recipients {
		if r.State == outbox.RecipientRejected {
			b = append(b, r.Address+" was refused: "+sentence(Reply(r)))
		}
	}
	if len(b) > 2 {
		b = append(b[:2], fmt.Sprintf("%d more were refused.", len(b)-2))
	}
	return strings.Join(b, " ")
}

func failure(it outbox.Item) string {
	if said := refusals(it); said != "" && it.Problem == "" || len(it.Recipients) == 1 && said != "" {
		return said
	}
	return capital(sentence(it.Problem))
}

// Reply writes what a server said of a recipient, as "550 5.1.1 no such user".
func Reply(r outbox.Recipient) string {
	var b []string
	if r.Code != 0 {
		b = append(b, fmt.Sprintf("%03d", r.Code))
	}
	for _, s := range []string{r.Enhanced, r.Text} {
		if s != "" {
			b = append(b, s)
		}
	}
	return text.Clean(strings.Join(b, " "))
}

// sentence ends s with a full stop.
func sentence(s string) string {
	s = strings.TrimRight(s, ". ")
	if s == "" {
		return ""
	}
	return s + "."
}

// capital begins s with a capital letter.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// of returns the addresses of the recipients in a state.
func of(it outbox.Item, state outbox.RecipientState) []string {
	return addresses(it, func(r outbox.Recipient) bool { return r.State == state })
}

func addresses(it outbox.Item, which func(outbox.Recipient) bool) []string {
	var out []string
	for _, r := range it.Recipients {
		if which(r) {
			out = append(out, r.Address)
		}
	}
	return out
}

// People joins names as a sentence does, and counts when there are many.
func People(names []string) string {
	switch n := len(names); n {
	case 0:
		return "nobody"
	case 1:
		return names[0]
	case 2:
		return names[0] + " and " + names[1]
	case 3:
		return names[0] + ", " + names[1] + " and " + names[2]
	default:
		return fmt.Sprintf("%s, %s and %d more", names[0], names[1], n-2)
	}
}

// soon says a moment to come.
func soon(t, now time.Time) string {
	if t.IsZero() || !t.After(now) {
		return "now"
	}
	if d := t.Sub(now); d < time.Minute {
		return fmt.Sprintf("in %d s", max(1, int(d.Seconds())))
	}
	said := text.FormatTime(t, now)
	if _, err := time.Parse("15:04", said); err == nil {
		return "at " + said
	}
	return "on " + said
}

// Identity is what to look for where a server keeps what was sent, of a mail
// that may have arrived; empty for others.
func Identity(it outbox.Item) string {
	if it.State != outbox.Uncertain || it.MessageID == "" {
		return ""
	}
	return "Its Message-ID is " + text.Clean(it.MessageID)
}

// Attempts draws the tries of a mail as a timeline, oldest first, each on rows of
// its own. What a server says again and again is said once.
func Attempts(p widget.Pen, all []outbox.Attempt, width int, now time.Time) []string {
	times, column := make([]string, len(all)), 0
	for i, a := range all {
		times[i] = text.FormatTime(a.Started, now)
		column = max(column, p.Width(times[i]))
	}
	var out []string
	for i, a := range all {
		said := outcome(a)
		if i > 0 && a.Code != 0 && said == outcome(all[i-1]) {
			said = fmt.Sprintf("%03d again", a.Code)
		}
		head := "   " + p.Pad(times[i], column) + "  "
		for j, row := range p.Wrap(text.Clean(said)+"  "+facts(a), max(10, width-p.Width(head))) {
			if j > 0 {
				head = strings.Repeat(" ", p.Width(head))
			}
			out = append(out, head+row)
		}
	}
	return out
}

// Try tells of one try in a line: when it was, and how it ended.
func Try(a outbox.Attempt, now time.Time) string {
	return text.Clean(text.FormatTime(a.Started, now) + " " + outcome(a))
}

// outcome says how a try ended: by what the server said, or what went wrong.
func outcome(a outbox.Attempt) string {
	if a.Code != 0 {
		return join(fmt.Sprintf("%03d", a.Code), a.Enhanced, a.Text)
	}
	said := a.Text
	if where, why, ok := strings.Cut(a.Text, ": "); ok && strings.HasPrefix(where, string(a.Stage)) {
		said = why
	}
	if said == "" {
		return "ended at " + string(a.Stage)
	}
	return said
}

// facts says how long a try took, what it moved and how often it waited.
func facts(a outbox.Attempt) string {
	b := []string{text.FormatElapsed(a.Elapsed)}
	if a.Bytes > 0 {
		b = append(b, text.FormatSize(a.Bytes))
	}
	if a.Waits == 1 {
		b = append(b, "1 wait")
	} else if a.Waits > 1 {
		b = append(b, fmt.Sprintf("%d waits", a.Waits))
	}
	return "(" + strings.Join(b, ", ") + ")"
}

// Dialogue writes the transcripts of all tries, each under its time, in the
// time zone of now.
func Dialogue(all []outbox.Attempt, now time.Time) []string {
	var out []string
	for i, a := range all {
		if i > 0 {
			out = append(out, "")
		}
		out = append(out, fmt.Sprintf("-- try %d, %s, %s", a.N, a.Started.In(now.Location()).Format(time.DateTime), strings.Trim(facts(a), "()")))
		for line := range strings.Lines(a.Transcript) {
			out = append(out, text.Clean(strings.TrimRight(line, "\r\n")))
		}
	}
	return out
}

// spoken is a line of a dialogue: when, who, what. A star stands before what
// nobody said: a remark of ours.
var spoken = regexp.MustCompile(`^\s*([0-9.]*) ?(?:([CS]): |\* )(.*)$`)

// DrawDialogue wraps the lines of a dialogue to width, ours told apart from
// the server's.
func DrawDialogue(p widget.Pen, lines []string, width int) []string {
	var out []string
	for _, line := range lines {
		m := spoken.FindStringSubmatch(line)
		if m == nil {
			out = append(out, " "+p.Strong.Render(p.Truncate(line, width-1)))
			continue
		}
		style, at := p.Accent, ""
		switch m[2] {
		case "S":
			style = p.Text
		case "":
			style, m[2] = p.Dim, p.Glyphs.Dot
		}
		if width >= 60 {
			at = p.PadLeft(m[1], 8) + " "
		}
		head := " " + p.Dim.Render(at+m[2]+" ")
		for i, row := range p.Wrap(m[3], max(10, width-p.Width(head)-1)) {
			if i > 0 {
				head = strings.Repeat(" ", p.Width(head))
			}
			out = append(out, head+style.Render(row))
		}
	}
	return out
}

// Outcome says in a few words where a recipient of it stands, and the state
// that theme.Mark knows it by.
func Outcome(it outbox.Item, r outbox.Recipient) (state, words string) {
	switch said := Reply(r); {
	case byHand(r):
		return "claimed", "marked as sent by you"
	case it.State == outbox.Cancelled && (r.State == outbox.Pending || r.State == outbox.RecipientDeferred):
		return "cancelled", "not sent"
	case said != "" && (r.State == outbox.RecipientDeferred || r.State == outbox.RecipientRejected):
		return string(r.State), said
	}
	return string(r.State), string(r.State)
}
