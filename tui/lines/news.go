package lines

import (
	"sync"

	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/stage"
)

// news keeps what happens to mail until the person is not in the middle of
// something.
type news struct {
	mu     sync.Mutex
	events []outbox.Event
	more   chan struct{} // holds one while there are events
}

func newNews() *news { return &news{more: make(chan struct{}, 1)} }

// hear never blocks.
func (n *news) hear(e outbox.Event) {
	n.mu.Lock()
	n.events = append(n.events, e)
	n.mu.Unlock()
	select {
	case n.more <- struct{}{}:
	default:
	}
}

// take returns what came since it was last called, oldest first.
func (n *news) take() []outbox.Event {
	n.mu.Lock()
	defer n.mu.Unlock()
	events := n.events
	n.events = nil
	return events
}

// tell says what happened by itself since the last question: where mails stand
// that nobody watched, and which accounts wait.
func (d *desk) tell() {
	changed := map[outbox.ID]outbox.State{}
	var order []outbox.ID
	events := append(d.later, d.news.take()...)
	d.later = nil
	for _, e := range events {
		switch {
		case e.ID == 0 && e.Account != "":
			d.accountNews(e)
		case e.ID == 0 && e.Problem != nil:
			d.trouble("Mail is kept, and not sent", e.Problem)
		case e.State != "":
			if _, known := changed[e.ID]; !known {
				order = append(order, e.ID)
			}
			changed[e.ID] = e.State
		}
	}
	for _, id := range order {
		switch state := changed[id]; {
		case state == outbox.Queued, state == outbox.Sending, state == outbox.Scheduled, state == d.told[id]:
			continue
		}
		if it, _, err := d.service.Item(d.ctx, id); err == nil {
			sentence, _ := stage.Explain(it, d.opts.Clock())
			d.say("Meanwhile, mail %s, %s: %s", id, d.describe(it), sentence)
		}
	}
}

// accountNews says that the mail of an account waits. That it goes on again is
// seen by what becomes of it.
func (d *desk) accountNews(e outbox.Event) {
	if e.Problem == nil {
		delete(d.parked, e.Account)
		return
	}
	before := d.parked[e.Account]
	d.parked[e.Account] = e.Problem
	if before != nil && before.Error() == e.Problem.Error() {
		return
	}
	way := "It goes on by itself when that is over."
	if kit.LacksPassword(e.Problem) {
		way = "/password " + e.Account + " gives it."
	}
	d.say("The mail of %s waits: %s. %s", e.Account, kit.Waits(e.Problem), way)
}
