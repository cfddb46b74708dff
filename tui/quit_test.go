package tui

import (
	"testing"
	"time"

	"sendoff/config"
)

// TestQuitHandsOver: what becomes of a mail that is about to go is the
// person's choice, in the settings or in an answer.
func TestQuitHandsOver(t *testing.T) {
	t.Parallel()
	somebody := func(int) error { return nil }
	for name, c := range map[string]struct {
		handOver  func(int) error
		afterQuit string
		keys      []string
		want      int // mails that go on
	}{
		"asked":           {somebody, "", []string{"ctrl+q", "b"}, 1},
		"marked":          {somebody, "", []string{"ctrl+q", "tab", "tab", "enter"}, 1},
		"asked, left":     {somebody, "", []string{"ctrl+q", "y"}, 0},
		"deliver":         {somebody, config.AfterQuitDeliver, []string{"ctrl+q"}, 1},
		"wait":            {somebody, config.AfterQuitWait, []string{"ctrl+q"}, 0},
		"nobody is there": {nil, config.AfterQuitDeliver, []string{"ctrl+q", "b", "y"}, 0},
	} {
		opts := Options{HandOver: c.handOver, AfterQuit: c.afterQuit}
		drive(t, 80, 24, newFake(), opts, func(d *driver) {
			d.sendAway("Hasty")
			d.wait(time.Second)
			d.press(c.keys...)
			if got := d.app.handedOver(); !d.quit || got != c.want {
				t.Errorf("%s: quit %v, %d mails handed over, want %d:\n%s", name, d.quit, got, c.want, d.screen())
			}
		})
	}
}

// TestHangUpHandsOver: without a chance to be asked, the settings count.
func TestHangUpHandsOver(t *testing.T) {
	t.Parallel()
	for afterQuit, want := range map[string]int{"": 0, config.AfterQuitDeliver: 1} {
		opts := Options{HandOver: func(int) error { return nil }, AfterQuit: afterQuit}
		drive(t, 80, 24, newFake(), opts, func(d *driver) {
			d.sendAway("Hasty")
			if got := d.app.handedOver(); got != want {
				t.Errorf("after-quit %q: %d mails handed over, want %d", afterQuit, got, want)
			}
		})
	}
}
