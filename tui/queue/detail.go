package queue

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/stage"
	"sendoff/tui/text"
	"sendoff/tui/widget"
)

// detail is all that is known of one mail.
type detail struct {
	pen           widget.Pen
	pager         widget.Pager
	source        source
	width, height int
	now           time.Time

	item     outbox.Item
	attempts []outbox.Attempt
	open     bool // it has the keys, and below wide the whole screen
	page     page
}

// page is what the detail shows of its mail.
type page int

const (
	facts page = iota
	transcript
	asSent
)

func newDetail(env kit.Env, pen widget.Pen) detail {
	return detail{pen: pen, pager: widget.NewPager(env.Keys.List), source: newSource(env, pen), now: env.Now()}
}

func (d *detail) setSize(width, height int) {
	d.width, d.height = width, height
	d.pager.SetHeight(height)
	d.source.pager.SetHeight(height - 2)
	d.source.draw(width)
	d.draw()
}

// turn shows a page of the mail, or the facts again if that showed.
func (d *detail) turn(to page) {
	if d.page == to {
		to = facts
	}
	d.page = to
	d.pager.ToStart()
	d.draw()
}

// preview fills the detail beside the list.
func (d *detail) preview(it outbox.Item) {
	if it.ID != d.item.ID {
		d.attempts, d.page = nil, facts
		d.pager.ToStart()
	}
	d.item = it
	d.draw()
}

func (d *detail) show(it outbox.Item) {
	d.preview(it)
	d.open, d.page = true, facts
	d.pager.ToStart()
	d.draw()
}

func (d *detail) load(msg kit.ItemLoaded, now time.Time) {
	if msg.Err != nil || msg.Item.ID != d.item.ID {
		return
	}
	d.item, d.attempts, d.now = msg.Item, msg.Attempts, now
	d.draw()
}

func (d *detail) scroll(msg tea.Msg) kit.Intent {
	if d.page == asSent {
		return d.source.scroll(msg, d.height)
	}
	d.pager.Update(msg)
	return nil
}

// rows returns what shows.
func (d *detail) rows() []string {
	if d.page == asSent {
		return d.source.rows(d.width)
	}
	return d.pager.Rows()
}

// draw makes the lines anew after what they show changed.
func (d *detail) draw() {
	switch {
	case d.width <= 0:
	case d.item.ID == 0:
		d.pager.SetLines(nil)
	case d.page == transcript:
		head := []string{d.heading("Transcript of all tries"), ""}
		d.pager.SetLines(append(head, stage.DrawDialogue(d.pen, stage.Dialogue(d.attempts, d.now), d.width)...))
	default:
		d.pager.SetLines(d.lines())
	}
}

func (d *detail) heading(words string) string { return " " + d.pen.Strong.Render(words) }

func (d *detail) lines() []string {
	it := d.item
	sentence, needs := stage.Explain(it, d.now)
	style := d.pen.Text
	if needs {
		style = d.pen.Bad
	}
	out := []string{d.heading(subject(it)), " " + d.pen.State(string(it.State)), ""}
	for _, row := range d.pen.Wrap(sentence, max(10, d.width-2)) {
		out = append(out, " "+style.Render(row))
	}
	for _, row := range d.pen.Wrap(stage.By(it, d.now), max(10, d.width-2)) {
		if row != "" {
			out = append(out, " "+row)
		}
	}
	if id := stage.Identity(it); id != "" {
		for _, row := range d.pen.Wrap(id, max(10, d.width-2)) {
			out = append(out, " "+d.pen.Strong.Render(row))
		}
	}
	out = append(out, "", d.heading("Recipients"))
	for _, r := range it.Recipients {
		state, words := stage.Outcome(it, r)
		out = append(out, stage.Recipient(d.pen, d.width, text.Clean(r.Address), state, words)...)
	}
	if len(d.attempts) > 0 {
		out = append(out, "", d.heading("Tries"))
		out = append(out, stage.Attempts(d.pen, d.attempts, d.width, d.now)...)
	}
	out = append(out, "", d.heading("Mail"))
	for _, f := range []struct{ name, value string }{
		{"From", it.From}, {"Account", it.Account}, {"Size", size(it.Size)},
		{"Written", d.date(it.Created)}, {"Changed", d.date(it.Updated)},
		{"Goes out", d.date(it.NotBefore)}, {"Next try", d.date(it.NextTry)}, {"Message-ID", it.MessageID},
		{"Asked for", strings.Join(kit.Wishes(it.Wishes, d.now.Location()), "; ")},
	} {
		if f.value != "" {
			out = append(out, d.field(f.name, text.Clean(f.value))...)
		}
	}
	return out
}

// field draws a value beside its name.
func (d *detail) field(name, value string) []string {
	var out []string
	head := d.pen.Label.Render(d.pen.PadRight(name, 12))
	for _, row := range d.pen.Wrap(value, max(10, d.width-16)) {
		out = append(out, d.pen.Truncate("   "+head+row, d.width))
		head = strings.Repeat(" ", 12)
	}
	return out
}

// date writes a moment in full, with the zone it is told in.
func (d *detail) date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(d.now.Location()).Format("Mon 2 Jan 2006 15:04:05 MST")
}

func size(octets int64) string {
	if octets == 0 {
		return ""
	}
	return text.FormatSize(octets)
}
