package tui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"sendoff/smtp"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
)

// TestQuitThrowsAway: a home that goes with the program takes nothing along
// without a question; an empty one, or one that stays, asks nothing.
func TestQuitThrowsAway(t *testing.T) {
	t.Parallel()
	write := func(d *driver) { d.toBody(); d.typed("precious"); d.wait(3 * time.Second) }
	wait := func(d *driver) {
		d.fake.put(outbox.Item{State: outbox.Deferred})
		d.fake.put(outbox.Item{State: outbox.Held})
		d.wait(3 * time.Second)
	}
	for name, c := range map[string]struct {
		fleeting bool
		before   func(*driver)
		asks     string
	}{
		"draft":      {true, write, "your draft will be gone"},
		"not saved":  {true, func(d *driver) { d.toBody(); d.typed("x") }, "your draft will be gone"},
		"mail":       {true, wait, "2 mails that wait will be gone"},
		"both":       {true, func(d *driver) { write(d); wait(d) }, "your draft and 2 mails that wait"},
		"nothing":    {true, func(*driver) {}, ""},
		"home stays": {false, write, ""},
	} {
		drive(t, 80, 24, newFake(), Options{Fleeting: c.fleeting}, func(d *driver) {
			c.before(d)
			d.press("ctrl+q")
			asked := strings.Join(strings.Fields(strings.ReplaceAll(d.screen(), "│", " ")), " ")
			switch {
			case c.asks == "" && !d.quit:
				t.Errorf("%s: does not quit:\n%s", name, d.screen())
			case c.asks != "" && (d.quit || !strings.Contains(asked, c.asks)):
				t.Errorf("%s: quit %v:\n%s", name, d.quit, d.screen())
			}
			if c.asks != "" {
				d.press("esc")
				if d.quit {
					t.Errorf("%s: esc quits", name)
				}
				d.press("ctrl+q", "y")
				if !d.quit {
					t.Errorf("%s: yes does not quit:\n%s", name, d.screen())
				}
			}
		})
	}
}

// TestDamagedOutbox: what is said of it is true, once, and whole.
func TestDamagedOutbox(t *testing.T) {
	t.Parallel()
	for _, size := range sizes {
		drive(t, size[0], size[1], newFake(), Options{}, func(d *driver) {
			d.app.handle(delivered{fmt.Errorf("open outbox: %w (malformed)", outbox.ErrCorrupt)})
			d.settle()
			d.app.layout()
			shown := strings.Join(strings.Fields(d.screen()), " ")
			if !strings.Contains(shown, "outbox is damaged") || strings.Contains(shown, "is kept") || strings.Count(shown, "damaged") != 1 {
				t.Errorf("%v:\n%s", size, d.screen())
			}
			if size[0] > 40 && !strings.Contains(shown, `run "sendoff outbox salvage": it puts what can be read into a new one.`) {
				t.Errorf("%v, cut:\n%s", size, d.screen())
			}
		})
	}
}

// TestBareTerminal: a terminal without attributes shows where one is.
func TestBareTerminal(t *testing.T) {
	t.Parallel()
	drive(t, 80, 24, newFake(), Options{Environ: []string{"TERM=dumb"}}, func(d *driver) {
		scenes["outbox"](d)
		d.send(tea.ColorProfileMsg{Profile: colorprofile.NoTTY})
		d.wait(time.Second)
		if s := d.screen(); !strings.Contains(s, ">Outbox 2 ") || !strings.Contains(s, ">Needs you 2 ") || !strings.Contains(s, "\n>x failed") {
			t.Errorf("nothing is marked:\n%s", s)
		}
	})
}

// TestHelpWhereQuestionMarkIsText: the key reference names only keys that work.
func TestHelpWhereQuestionMarkIsText(t *testing.T) {
	t.Parallel()
	drive(t, 80, 60, newFake(), Options{}, func(d *driver) {
		listed := func() bool {
			for _, row := range strings.Split(d.screen(), "\n") {
				if f := strings.Fields(strings.Trim(row, "│ ")); len(f) == 2 && f[0] == "?" && f[1] == "help" {
					return true
				}
			}
			return false
		}
		d.press("f1")
		if listed() {
			t.Errorf("while writing:\n%s", d.screen())
		}
		d.press("esc", "alt+2", "f1")
		if !listed() {
			t.Errorf("in the outbox:\n%s", d.screen())
		}
	})
}

// TestNoRoom says what is needed, as far as there is room for that.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	for _, wh := range [][2]int{{20, 5}, {10, 3}, {80, 5}} {
		drive(t, wh[0], wh[1], newFake(), Options{}, func(d *driver) {
			if s := d.screen(); !strings.Contains(s, "room") {
				t.Errorf("%v: %q", wh, s)
			}
		})
	}
}

// TestTopLineAlerts: somebody who was refused is the person's business even if
// the mail still waits for others.
func TestTopLineAlerts(t *testing.T) {
	t.Parallel()
	drive(t, 80, 24, newFake(), Options{}, func(d *driver) {
		d.fake.put(outbox.Item{State: outbox.Deferred, Recipients: []outbox.Recipient{{Address: "a@example.org", State: outbox.RecipientDeferred}}})
		d.wait(time.Second)
		if n, needs := d.app.waiting(); n != 1 || needs != 0 {
			t.Errorf("%d wait, needs the person: %v", n, needs)
		}
		d.fake.put(outbox.Item{State: outbox.Deferred, Recipients: []outbox.Recipient{
			{Address: "a@example.org", State: outbox.RecipientDeferred}, {Address: "b@example.org", State: outbox.RecipientRejected},
		}})
		d.wait(time.Second)
		if n, needs := d.app.waiting(); n != 2 || needs != 1 {
			t.Errorf("%d wait, needs the person: %v", n, needs)
		}
	})
}

// TestPumpIsBounded: news that nobody fetches does not pile up, and the last
// state of every mail and account is among what is left.
func TestPumpIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPump()
		for id := outbox.ID(1); id <= 200; id++ {
			p.hear(outbox.Event{ID: id, State: outbox.Sending})
			for range 500 {
				p.hear(outbox.Event{ID: id, Session: &smtp.Event{Kind: smtp.KindLine, Text: "250 fine"}})
			}
			p.hear(outbox.Event{ID: id, State: outbox.Sent})
			p.hear(outbox.Event{Account: "work"})
		}
		got := p.wait(t.Context())().(kit.Events)
		if len(got) > backlog+1 {
			t.Errorf("%d pieces of news wait", len(got))
		}
		last := map[outbox.ID]outbox.State{}
		for _, e := range got {
			if e.Session == nil {
				last[e.ID] = e.State
			}
		}
		for id := outbox.ID(1); id <= 200; id++ {
			if last[id] != outbox.Sent {
				t.Errorf("mail %d was last heard of as %q", id, last[id])
			}
		}
		if _, ok := last[0]; !ok {
			t.Error("the account's news is lost")
		}
	})
}

// hanging is a Service whose attachments are on a disk that does not answer.
type hanging struct {
	*fake
	queueing, answer chan struct{}
}

func (h *hanging) Queue(context.Context, outbox.Ref, message.Draft, time.Time) (outbox.ID, error) {
	close(h.queueing)
	<-h.answer
	return 0, context.Canceled
}

// TestSaveLastHasALimit: what hangs while a mail is queued does not keep the
// program from ending.
func TestSaveLastHasALimit(t *testing.T) {
	t.Parallel()
	h := &hanging{newFake(), make(chan struct{}), make(chan struct{})}
	defer close(h.answer)
	m := newApp(t.Context(), Options{Service: h, Clock: time.Now}, newPump())
	m.handle(loaded{DraftLoaded: kit.DraftLoaded{Fields: message.Draft{To: "bob@example.org", Body: "Dear Bob,"}}})
	queue := m.queue(m.autosave.draft, m.composer.Draft(), time.Time{})
	go queue()
	<-h.queueing
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := m.saveLast(ctx); err == nil {
		t.Error("says that the draft is saved")
	}
}
