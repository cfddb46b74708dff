package tui

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"sendoff/tui/tuitest"
)

// driver runs an App as a program would, in a synctest bubble: each command in
// a goroutine of its own, their messages one after the other.
type driver struct {
	t    *testing.T
	app  *App
	fake *fake
	msgs chan tea.Msg
	quit bool
}

// drive starts a program in a window of width and height and runs test. All
// time in it is made up.
func drive(t *testing.T, width, height int, f *fake, opts Options, test func(*driver)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer func() {
			stop()
			time.Sleep(time.Minute) // until every timer of the program went off
		}()
		opts.Service, opts.Clock = f, func() time.Time { return time.Now().UTC() }
		if opts.Environ == nil {
			opts.Environ = []string{"NO_COLOR=1", "LANG=C.UTF-8", "TERM=xterm"}
		}
		p := newPump()
		d := &driver{t: t, app: newApp(ctx, opts, p), fake: f, msgs: make(chan tea.Msg, 1000)}
		go func() { _ = deliver(ctx, f, p) }()
		<-f.heard
		d.run(d.app.Init())
		d.send(tea.ColorProfileMsg{}, tea.WindowSizeMsg{Width: width, Height: height})
		d.settle()
		test(d)
	})
}

func (d *driver) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() { d.msgs <- cmd() }()
}

func (d *driver) send(msgs ...tea.Msg) {
	for _, msg := range msgs {
		switch msg := msg.(type) {
		case nil:
		case tea.BatchMsg:
			for _, cmd := range msg {
				d.run(cmd)
			}
		case tea.QuitMsg:
			d.quit = true
		default:
			_, cmd := d.app.Update(msg)
			d.app.View()
			d.run(cmd)
		}
	}
}

// settle takes every message that comes without time going by.
func (d *driver) settle() {
	for {
		synctest.Wait()
		select {
		case msg := <-d.msgs:
			d.send(msg)
		default:
			return
		}
	}
}

// wait lets time go by, and takes what happens meanwhile.
func (d *driver) wait(while time.Duration) {
	until := time.Now().Add(while)
	d.settle()
	for time.Now().Before(until) {
		time.Sleep(min(10*time.Millisecond, time.Until(until))) // made-up time, see drive
		d.settle()
	}
}

func (d *driver) press(names ...string) {
	for _, name := range names {
		d.send(tuitest.Key(name))
		d.settle()
	}
}

// presses returns keys that come so fast that nothing happens in between.
func presses(names ...string) (msgs []tea.Msg) {
	for _, name := range names {
		msgs = append(msgs, tuitest.Key(name))
	}
	return msgs
}

func (d *driver) typed(s string) {
	for _, r := range s {
		d.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	d.settle()
}

// screen returns what is seen, as text.
func (d *driver) screen() string {
	d.t.Helper()
	return tuitest.Plain(d.t, d.app.View(), d.app.width, d.app.height)
}
