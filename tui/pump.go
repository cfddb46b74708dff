package tui

import (
	"context"
	"slices"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"sendoff/smtp"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
)

// beat is the least time between two batches of news.
const beat = 50 * time.Millisecond

// pump carries news from the delivery to the model in batches: nobody waits
// for the screen, and what a mail's progress was a moment ago is not news.
type pump struct {
	mu    sync.Mutex
	news  []outbox.Event
	limit int // of news, beyond which only its gist is kept
	ended bool
	err   error
	wake  chan struct{}
}

// delivered ends the news.
type delivered struct{ err error }

// backlog is how much news waits whole for a screen that does not fetch it,
// because another program has the terminal.
const backlog = 4096

func newPump() *pump { return &pump{wake: make(chan struct{}, 1), limit: backlog} }

// hear takes one piece of news; it never blocks.
func (p *pump) hear(e outbox.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.news); n > 0 && progress(e) && progress(p.news[n-1]) && p.news[n-1].ID == e.ID {
		p.news[n-1] = e
	} else {
		p.news = append(p.news, e)
	}
	if len(p.news) > p.limit {
		p.news = gist(p.news)
		p.limit = max(backlog, 2*len(p.news))
	}
	p.signal()
}

// gist keeps the last state of each mail and account. The steps on the wire
// are in the store when a mail is done.
func gist(news []outbox.Event) []outbox.Event {
	type subject struct {
		id      outbox.ID
		account string
	}
	seen := map[subject]bool{}
	var kept []outbox.Event
	for _, e := range slices.Backward(news) {
		about := subject{e.ID, e.Account}
		if e.Session == nil && !seen[about] {
			seen[about] = true
			kept = append(kept, e)
		}
	}
	slices.Reverse(kept)
	return kept
}

func progress(e outbox.Event) bool {
	return e.Session != nil && e.Session.Kind == smtp.KindProgress
}

func (p *pump) end(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended, p.err = true, err
	p.signal()
}

func (p *pump) signal() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// wait is the command that brings the next batch; the model asks again after
// each.
func (p *pump) wait(ctx context.Context) tea.Cmd {
	return func() tea.Msg {
		select {
		case <-ctx.Done():
			return nil
		case <-p.wake:
		}
		rest := time.NewTimer(beat) // more is likely on its way
		defer rest.Stop()
		select {
		case <-ctx.Done():
			return nil
		case <-rest.C:
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		news := p.news
		p.news, p.limit = nil, backlog
		switch {
		case len(news) > 0:
			if p.ended {
				p.signal()
			}
			return kit.Events(news)
		case p.ended:
			return delivered{p.err}
		}
		return kit.Events(nil)
	}
}

// testPump carries the events of one account test.
type testPump struct {
	events chan smtp.Event
}

func newTestPump() *testPump { return &testPump{make(chan smtp.Event, 256)} }

// hear drops what a screen that is far behind can do without.
func (p *testPump) hear(e smtp.Event) {
	select {
	case p.events <- e:
	default:
	}
}

// testNews is a batch of events, and the pump to ask for the next.
type testNews struct {
	kit.TestEvents
	again tea.Cmd
}

func (p *testPump) wait(ctx context.Context, name string) tea.Cmd {
	return func() tea.Msg {
		var batch []smtp.Event
		select {
		case e := <-p.events:
			batch = append(batch, e)
		case <-ctx.Done():
		}
		for {
			select {
			case e := <-p.events:
				batch = append(batch, e)
				continue
			default:
			}
			break
		}
		news := testNews{TestEvents: kit.TestEvents{Name: name, Events: batch}}
		if ctx.Err() == nil {
			news.again = p.wait(ctx, name)
		}
		return news
	}
}
