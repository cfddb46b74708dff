package tui

import (
	"slices"
	"strconv"
	"strings"

	"sendoff/config"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// status is the passing word, if there is one, or the screen's.
func (m *App) status() kit.Status {
	switch {
	case m.notice.Text != "":
		s := m.notice
		s.Right = m.screens[m.here].Status().Right
		return s
	case m.start:
		return kit.Status{}
	case len(m.wanted) > 0 && m.dialogs.Empty():
		what := " is needed. It is asked for when you stop typing."
		if m.wanted[0].Refused {
			what = " was refused. It is asked for again when you stop typing."
		}
		return kit.Status{Text: "The password of " + text.Clean(config.PasswordOwner(m.wanted[0].Account)) + what, Trouble: true}
	}
	own := m.screens[m.here].Status()
	if p, ok := m.parting(); ok && !own.Trouble {
		own.Text = m.countdown(p)
	}
	return own
}

// statusRows draws the status: one row, or more if it says what is wrong.
func (m *App) statusRows() []string {
	s := m.status()
	if m.rehearsal {
		s.Text = kit.InSandbox(s.Text)
	}
	style := m.pen.Text
	if s.Trouble {
		style = m.pen.Bad
	}
	limit := 3
	if m.height < compactHeight {
		limit = 2
	}
	out := m.pen.Wrap(capital(text.Clean(s.Text)), m.width-2)
	if len(out) > limit {
		out = append(out[:limit-1], m.pen.Truncate(strings.Join(out[limit-1:], " "), m.width-2))
	}
	for i, row := range out {
		out[i] = " " + style.Render(row)
	}
	if len(out) == 1 {
		out[0] = m.pen.Ends(out[0], m.corner(s.Right, m.width-m.pen.Width(out[0])-1), m.width)
	}
	return out
}

// corner is the end of the status: what waits, and what the screen adds. Where
// there is no room for all of it, what waits is said in part, or not.
func (m *App) corner(own string, room int) string {
	needs, waits := m.outstanding()
	if own = text.Clean(own); own != "" {
		own = m.pen.Dim.Render(own)
	}
	for _, parts := range [][]string{{needs, waits, own}, {needs, own}, {own}} {
		parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
		row := " " + strings.Join(parts, m.pen.Dim.Render(" "+m.pen.Glyphs.Dot+" ")) + " "
		if len(parts) > 0 && m.pen.Width(row) <= room {
			return row
		}
	}
	return ""
}

// outstanding says how many mails need the person and how many wait, where the
// screen does not say it itself.
func (m *App) outstanding() (needs, waits string) {
	if m.here == kit.Outbox || m.start {
		return "", ""
	}
	waiting, needing := m.waiting()
	if waiting -= needing; m.leaving() {
		waiting-- // the countdown tells of that one
	}
	switch {
	case waiting > 0 && needing > 0:
		waits = m.pen.Dim.Render(strconv.Itoa(waiting) + " " + verb(waiting, "waits", "wait"))
	case waiting > 0:
		waits = m.pen.Dim.Render(strconv.Itoa(waiting) + " " + verb(waiting, "mail waits", "mails wait"))
	}
	if needing > 0 {
		needs = m.pen.Bad.Render(strconv.Itoa(needing) + " " + verb(needing, "mail needs you", "mails need you"))
	}
	return needs, waits
}

func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// capital begins a sentence, which an error does not, with a capital; but not
// an address or a name of something.
func capital(s string) string {
	word, _, _ := strings.Cut(s, " ")
	if strings.Trim(word, "abcdefghijklmnopqrstuvwxyz'") != "" || word == "" || word == "sendoff" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// goingOut are the states of mails that go out by themselves.
var goingOut = outbox.Unsent[:4]

// waiting counts the mails that are not done with, and those of them whose next
// step is the person's.
func (m *App) waiting() (all, needing int) {
	for _, s := range outbox.Unsent {
		all += m.counts[s]
	}
	for _, s := range []outbox.State{outbox.Uncertain, outbox.Failed, outbox.Partial} {
		all += m.counts[s]
	}
	return all, m.counts[outbox.NeedsYou]
}
