package smtp

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Limits of a Transcript: how much of the beginning is kept, and how many of
// the lines after that.
const (
	transcriptHead = 48 << 10
	transcriptTail = 100
)

// Transcript gathers events as text that a person reads later: what was said
// ("C:" by the client, "S:" by the server), the other steps ("*"), and when,
// counted in seconds from the first event. It holds no secret and no content,
// and does not grow beyond about 64 KiB however long the session: of what is
// more, the middle is left out. The zero value is ready for use.
type Transcript struct {
	began   time.Time
	head    strings.Builder
	tail    []string
	dropped int
}

// Add takes note of e.
func (t *Transcript) Add(e Event) {
	if t.began.IsZero() {
		t.began = e.Time
	}
	text := transcribe(e)
	if text == "" {
		return
	}
	line := moment(e.Time.Sub(t.began)) + " " + clean(shorten(text, maxErrorText)) + "\n"
	if len(t.tail) == 0 && t.head.Len()+len(line) <= transcriptHead {
		t.head.WriteString(line)
		return
	}
	if len(t.tail) == transcriptTail {
		t.tail = append(t.tail[:0], t.tail[1:]...)
		t.dropped++
	}
	t.tail = append(t.tail, shorten(line[:len(line)-1], 160)+"\n")
}

// moment returns d in seconds as a column of numbers has it.
func moment(d time.Duration) string {
	s := strconv.FormatFloat(d.Seconds(), 'f', 3, 64)
	return strings.Repeat(" ", max(0, 9-len(s))) + s
}

// String returns the text so far, one line for each thing that happened.
func (t *Transcript) String() string {
	var b strings.Builder
	b.WriteString(t.head.String())
	if t.dropped > 0 {
		fmt.Fprintf(&b, "          (%d lines left out)\n", t.dropped)
	}
	for _, line := range t.tail {
		b.WriteString(line)
	}
	return b.String()
}

// transcribe words what the dialogue itself does not show.
func transcribe(e Event) string {
	switch {
	case e.Kind == KindLine && e.FromServer:
		return "S: " + e.Text
	case e.Kind == KindLine:
		return "C: " + e.Text
	case e.Kind == KindStall:
		return "* " + string(e.Stage) + ": " + e.Text
	case e.Kind == KindBegin && e.Mechanism != "":
		return "* auth by " + e.Mechanism + ": " + e.Text
	case e.Kind != KindEnd:
		return ""
	case e.Err != nil && e.Err.Reply.Code == 0:
		return "* " + e.Err.Error()
	case e.Stage == StageResolve, e.Stage == StageConnect, e.Stage == StageTLS:
		return "* " + string(e.Stage) + ": " + e.Text
	}
	return ""
}
