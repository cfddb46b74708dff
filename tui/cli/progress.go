package cli

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"sendoff/smtp"
	"sendoff/smtp/outbox"
	"sendoff/tui/text"
)

// progress shows a delivery while it happens: as lines on stderr, on a
// terminal with a last line that lives, or with --json as objects on stdout.
type progress struct {
	*program
	brief bool             // no line for each step: there may be very many
	waits map[string]error // by account, why its mail can't go now

	unable *smtp.Error // why the mail can't go to this server as it is, if so

	mu      sync.Mutex
	live    bool      // stderr is a terminal that can rewrite a line
	open    bool      // such a line stands there now
	started time.Time // when the first octet of the content went
	why     string    // that the mechanism of the login was chosen
}

func (p *program) progress() *progress {
	name, _ := p.Lookup("TERM")
	return &progress{program: p, waits: map[string]error{}, live: !p.json && !p.quiet && !p.plain && isTerminal(p.Stderr) && name != "" && name != "dumb"}
}

// hear takes news of a delivery.
func (g *progress) hear(e outbox.Event) {
	if e.ID == 0 && e.Account != "" {
		g.waits[e.Account] = e.Problem
	}
	if e.ID == 0 && e.Account == "" && e.Problem != nil {
		g.clear()
		g.complain(e.Problem.Error(), "")
	}
	if e.Session != nil && e.Session.Err != nil && e.Session.Err.Class == smtp.ClassUnable {
		g.unable = e.Session.Err
	}
	switch {
	case g.json:
		g.encode(e)
	case g.quiet || e.Session == nil:
	default:
		g.session(*e.Session)
	}
}

// left takes note of the accounts that wait for a person after a delivery. Of
// trouble that this process met itself it knows more than the outbox.
func (g *progress) left(parkings []outbox.Parking) {
	for _, p := range parkings {
		cause := g.waits[p.Account]
		if cause == nil || !p.Until.IsZero() {
			continue
		}
		if !errors.As(cause, new(*smtp.Error)) {
			cause = nil
		}
		g.waits[p.Account] = parked{p, cause}
	}
}

// session shows one event of the wire.
func (g *progress) session(e smtp.Event) {
	switch e.Kind {
	case smtp.KindBegin:
		if g.why = ""; e.Choice != nil {
			g.why = e.Text
		}
		g.rewrite("%-9s  ...", e.Stage)
	case smtp.KindWait:
		g.rewrite("%-9s  waiting for the server, until %s at most", e.Stage, e.Deadline.Local().Format(time.TimeOnly))
	case smtp.KindStall:
		g.rewrite("%-9s  nothing got through for %s; given up at %s",
			e.Stage, text.FormatElapsed(e.Elapsed), e.Deadline.Local().Format(time.TimeOnly))
	case smtp.KindProgress:
		if g.started.IsZero() {
			g.started = e.Time
		}
		rate := 0.0
		if took := e.Time.Sub(g.started); took >= 100*time.Millisecond {
			rate = float64(e.Bytes) / took.Seconds()
		}
		g.rewrite("%-9s  %s", e.Stage, amount(e.Bytes, e.Total, int64(rate)))
	case smtp.KindEnd:
		g.started = time.Time{}
		what := describe(e)
		if e.Stage == smtp.StageAuth && e.Err == nil && g.why != "" {
			what += ", " + g.why
		}
		if what != "" {
			g.say("%-9s  %s", endWord(e), strings.TrimSpace(what+"  "+elapsed(e.Elapsed)))
		}
	}
}

// endWord names the stage that ended. The one that ends with a refusal of the
// whole mail is called rejected only where it was for good; a refusal without an
// error is what servers say when they refused every recipient before.
func endWord(e smtp.Event) string {
	switch {
	case e.Stage == smtp.StageRejected && e.Err == nil:
		return "answer"
	case e.Stage == smtp.StageRejected && e.Err.Class == smtp.ClassTemporary:
		return "deferred"
	}
	return stageWord(e.Stage, e.Err == nil)
}

// stageWord names a stage. The one that ends with the answer to a whole mail is
// called accepted only where that was the answer.
func stageWord(s smtp.Stage, well bool) string {
	if s == smtp.StageAccepted && !well {
		return "answer"
	}
	return string(s)
}

// amount says how much of the content went, and how many octets a second go; 0
// where that is not known.
func amount(sent, total, rate int64) string {
	s := text.FormatSize(sent)
	if total > 0 {
		s = fmt.Sprintf("%3d %%  %s of %s", min(100, sent*100/total), text.FormatSize(sent), text.FormatSize(total))
	}
	if rate > 0 {
		s += fmt.Sprintf("  %s/s", text.FormatSize(rate))
	}
	return s
}

// describe says in a few words how a stage ended.
func describe(e smtp.Event) string {
	switch {
	case e.Stage == smtp.StageRecipient && e.Reply.Code != 0:
		return e.Recipient + "  " + e.Reply.String()
	case e.Err != nil:
		return "failed: " + e.Err.Error()
	case e.TLS != nil:
		return fmt.Sprintf("%s, certificate for %s until %s",
			e.TLS.Version, e.TLS.ServerName, e.TLS.Certificate.NotAfter.Format(time.DateOnly))
	case e.Capabilities != nil:
		return keywords(e.Capabilities.Extensions)
	case e.Stage == smtp.StageAuth && e.Mechanism != "":
		return e.Mechanism
	case e.Stage == smtp.StageContent:
		return text.FormatSize(e.Bytes)
	case e.Text != "":
		return e.Text
	}
	return e.Reply.String()
}

// keywords names what a server offers, without the particulars.
func keywords(extensions []string) string {
	var names []string
	for _, line := range extensions {
		if words := strings.Fields(line); len(words) > 0 {
			names = append(names, words[0])
		}
	}
	return strings.Join(names, " ")
}

// elapsed is a duration worth telling, or nothing.
func elapsed(d time.Duration) string {
	if d < time.Millisecond {
		return ""
	}
	return "(" + text.FormatElapsed(d) + ")"
}

// say prints a line that stays.
func (g *progress) say(format string, args ...any) {
	if !g.brief {
		g.around(func() { g.tell(format, args...) })
	}
}

// rewrite replaces the line that lives, where there can be one. It must not
// reach the edge: only the last row of a line that wraps can be cleared.
func (g *progress) rewrite(format string, args ...any) {
	if !g.live {
		return
	}
	line := text.Clean(fmt.Sprintf(format, args...))
	if width, _, err := term.GetSize(int(g.Stderr.Fd())); err == nil {
		line = text.CodePoints.Cut(line, width-1)
	}
	g.around(func() {
		fmt.Fprint(g.Stderr, line)
		g.open = true
	})
}

// clear removes the line that lives.
func (g *progress) clear() { g.around(func() {}) }

// around lets print write where the line that lives stood.
func (g *progress) around(print func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open {
		fmt.Fprint(g.Stderr, "\r\x1b[K")
		g.open = false
	}
	print()
}
