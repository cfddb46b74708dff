package tui

import (
	"reflect"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
)

// How long a frame stays at least: right after something changed, and when
// nothing has for a while.
const (
	quickest = time.Millisecond
	slowest  = 256 * time.Millisecond
)

// stage is how many frames are of one length, before the next are twice as long.
const stage = 4

// pace says how often the renderer looks whether there is a new frame. By itself
// it does so 120 times a second, which is late for whoever types, since a key is
// seen 4 ms after it could be, and costs a hundredth of a processor while nobody
// does. So frames are short after news and ever longer without.
type pace struct {
	find func() *time.Ticker // the renderer's clock; nil while it has none

	mu     sync.Mutex
	clock  *time.Ticker
	frame  time.Duration
	slower *time.Timer
}

// newPace keeps the pace of a program that will run. Bubble Tea does not show
// its clock. Should it come to keep it elsewhere the pace stays as it is there.
func newPace(program *tea.Program) *pace {
	field := reflect.ValueOf(program).Elem().FieldByName("ticker")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*time.Ticker]() {
		return nil
	}
	return &pace{find: func() *time.Ticker { return (*time.Ticker)(field.UnsafePointer()) }}
}

// news makes the next frame seen at once. It must be called by the model's Update,
// in whose goroutine the renderer starts and stops.
func (p *pace) news() {
	if p == nil {
		return
	}
	clock := p.find()
	p.mu.Lock()
	defer p.mu.Unlock()
	if clock == nil || clock == p.clock && p.frame == quickest {
		return // to set it again would put the next frame off
	}
	p.clock = clock
	p.set(quickest)
}

// set makes frames of one length for a stage.
func (p *pace) set(frame time.Duration) {
	p.frame = frame
	p.clock.Reset(frame)
	switch {
	case frame >= slowest:
	case p.slower == nil:
		p.slower = time.AfterFunc(stage*frame, p.slow)
	default:
		p.slower.Reset(stage * frame)
	}
}

// slow begins the next stage.
func (p *pace) slow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.frame < slowest {
		p.set(2 * p.frame)
	}
}
