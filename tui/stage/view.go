package stage

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"sendoff/tui/text"
	"sendoff/tui/widget"
)

// nameWidth is the width of the column of names.
const nameWidth = 8

// patience is how long a step runs before it is said what is waited for.
const patience = 3 * time.Second

// widest is how far apart a step and its time stand at most.
const widest = 110

// View draws the steps, one a row and in their order, with the recipients
// below the sender. now is for what is counted while it runs.
func (s *Steps) View(p widget.Pen, width int, now time.Time) []string {
	out, _ := s.Layout(p, width, now)
	return out
}

// Layout is View, and tells in which row the first recipient is.
func (s *Steps) Layout(p widget.Pen, width int, now time.Time) (out []string, people int) {
	width = min(width, widest)
	for _, name := range rows {
		for _, r := range s.steps {
			if r.name == name {
				out = append(out, s.draw(p, width, r, now)...)
			}
		}
		if name == "sender" {
			people = len(out)
			for _, to := range s.recipients {
				if to.state == "running" && !to.deadline.IsZero() && now.Sub(to.begun) >= patience {
					to.text = waiting(to.deadline, now, width)
				}
				out = append(out, Recipient(p, width, to.address, to.state, to.text)...)
			}
		}
	}
	return out, people
}

// Recipient draws the outcome of one recipient: beside the address, or below
// it where there is no room.
func Recipient(p widget.Pen, width int, address, state, reply string) []string {
	room := max(12, min(34, width/2-4))
	mark := fmt.Sprintf("   %s ", p.Tone(state).Render(p.Mark(state)))
	if reply == "" {
		return []string{p.Truncate(mark+address, width)}
	}
	if room+7+p.Width(reply) <= width {
		return []string{mark + p.Pad(address, room) + "  " + p.Tone(state).Render(reply)}
	}
	out := []string{p.Truncate(mark+address, width)}
	for _, row := range p.Wrap(reply, max(10, width-8)) {
		out = append(out, "       "+p.Tone(state).Render(row))
	}
	return out
}

func (s *Steps) draw(p widget.Pen, width int, r step, now time.Time) []string {
	head := fmt.Sprintf(" %s %s  ", p.Tone(r.state).Render(p.Mark(r.state)), p.Strong.Render(pad(r.name)))
	if r.state != "running" {
		head = fmt.Sprintf(" %s %s  ", p.Tone(r.state).Render(p.Mark(r.state)), p.Label.Render(pad(r.name)))
	}
	room := width - nameWidth - 5
	switch {
	case r.name == "content" && r.state == "running":
		out := []string{p.Truncate(head+s.content(p, room, r, now), width)}
		if speed := s.speed(p, room); speed != "" {
			out = append(out, strings.Repeat(" ", nameWidth+5)+speed)
		}
		return out
	case r.name == "sender" && r.state == "running":
		r.text = cmp.Or(s.sender, r.text)
	case r.name == "sender" && r.state != "failed":
		r.text = s.from(p, r.text, room)
	case r.name == "content" && r.state == "done":
		r.text = text.FormatSize(s.sent)
		if r.elapsed >= time.Second {
			r.text += fmt.Sprintf("   %s/s", text.FormatSize(int64(float64(s.sent)/r.elapsed.Seconds())))
		}
		if past := s.flow.whole(); past != nil && room >= 30+stretches {
			r.text += "   " + p.Spark(past)
		}
	case r.state == "running" && r.name == "answer":
		return []string{p.Truncate(head+waiting(r.deadline, now, room), width)}
	}
	if r.state == "running" && now.Sub(r.begun) >= patience {
		r.text = strings.TrimSpace(r.text + "  " + waiting(r.deadline, now, room))
	}
	took := p.Width(elapsed(r.elapsed))
	if r.state == "done" && r.short != "" && p.Width(r.text)+took >= room {
		r.text = r.short
	}
	if r.name == "answer" && p.Width(r.text)+took > room ||
		r.state == "failed" || r.state == "rejected" || r.state == "uncertain" {
		return wrapped(p, head, r, room)
	}
	return []string{p.Ends(p.Truncate(head+r.text, width), p.Dim.Render(elapsed(r.elapsed)), width)}
}

// wrapped draws the text of a step whole, for it says what counts.
func wrapped(p widget.Pen, head string, r step, room int) []string {
	var out []string
	for i, row := range p.Wrap(r.text, max(room, 10)) {
		if i > 0 {
			head = strings.Repeat(" ", nameWidth+5)
		}
		out = append(out, head+p.Tone(r.state).Render(row))
	}
	return out
}

// from names the sender, and the extensions that the mail goes by where there
// is room for them.
func (s *Steps) from(p widget.Pen, announced string, room int) string {
	who, by := cmp.Or(s.sender, announced), strings.Join(s.facts.Used, " ")
	if by == "" || room < 45 {
		return who
	}
	return who + "  " + p.Dim.Render(p.Truncate("by "+by, max(0, room-p.Width(who)-12)))
}

// content draws the bytes on their way.
func (s *Steps) content(p widget.Pen, room int, r step, now time.Time) string {
	if !s.stalled.IsZero() {
		words := "stalled " + text.FormatStopwatch(now.Sub(s.stalled))
		if room >= 50 {
			words += fmt.Sprintf(" at %s of %s", text.FormatSize(s.sent), text.FormatSize(s.total))
		}
		if !r.deadline.IsZero() {
			words += ", ends in " + text.FormatStopwatch(r.deadline.Sub(now))
		}
		return p.Bad.Render(words)
	}
	if s.total <= 0 {
		return text.FormatSize(s.sent)
	}
	done := float64(s.sent) / float64(s.total)
	words := fmt.Sprintf("%3.0f %%", done*100)
	if room >= 40 {
		words += fmt.Sprintf("   %s of %s", text.FormatSize(s.sent), text.FormatSize(s.total))
	}
	if room >= 55 && s.rate > 0 {
		words += fmt.Sprintf("   %s/s", text.FormatSize(int64(s.rate)))
	}
	return p.Bar(min(32, max(8, room-p.Width(words)-3)), done) + "  " + words
}

// speed draws how fast the content went since it began, and says how long the
// rest takes if it goes on like that. It is empty where there is no room, or
// nothing to tell yet.
func (s *Steps) speed(p widget.Pen, room int) string {
	past := s.flow.whole()
	if room < 55 || past == nil || !s.stalled.IsZero() {
		return ""
	}
	row := p.Spark(past)
	if s.rate > 0 && s.total > s.sent {
		left := time.Duration(float64(s.total-s.sent) / s.rate * float64(time.Second))
		row += "  " + p.Dim.Render(text.FormatStopwatch(left)+" left at this speed")
	}
	return row
}

// Progress tells how much of the content went, and how fast in octets a
// second; total is 0 before it is known.
func (s *Steps) Progress() (sent, total int64, rate float64) { return s.sent, s.total, s.rate }

// Stalled returns since when nothing of the content gets through; zero while
// something does.
func (s *Steps) Stalled() time.Time { return s.stalled }

// waiting counts down to when a step will be given up.
func waiting(deadline, now time.Time, room int) string {
	if deadline.IsZero() || now.IsZero() {
		return "waiting"
	}
	left := deadline.Sub(now).Round(time.Second)
	if left <= 0 {
		return "time is up"
	}
	if room < 40 {
		return "waiting, " + text.FormatStopwatch(left) + " left"
	}
	return fmt.Sprintf("waiting; the server has %s more", text.FormatStopwatch(left))
}

func pad(name string) string { return fmt.Sprintf("%-*s", nameWidth, name) }

// elapsed writes how long a step took; nothing when it is not worth telling.
func elapsed(d time.Duration) string {
	if d < time.Millisecond {
		return ""
	}
	return text.FormatElapsed(d) + " "
}
