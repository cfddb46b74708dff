package tui

import (
	"strings"
	"testing"
	"time"

	"sendoff/smtp/outbox"
)

// TestStatusTellsWhatWaits on every screen that does not show the outbox.
func TestStatusTellsWhatWaits(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.put(outbox.Item{State: outbox.Queued})
	f.put(outbox.Item{State: outbox.Held})
	f.put(outbox.Item{State: outbox.Uncertain})
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		last := func() string {
			rows := strings.Split(strings.TrimRight(d.screen(), "\n"), "\n")
			return rows[len(rows)-2]
		}
		for _, key := range []string{"alt+1", "alt+3", "alt+4"} {
			d.press(key)
			d.wait(time.Second)
			if got := last(); !strings.HasSuffix(got, "1 mail needs you · 2 wait") {
				t.Errorf("%s: %q", key, got)
			}
		}
		d.press("alt+1")
		d.toBody()
		d.typed("x")
		d.wait(2 * time.Second)
		if got := last(); !strings.HasSuffix(got, "1 mail needs you · 2 wait · draft saved 00:00") {
			t.Errorf("with a draft: %q", got)
		}
		d.press("alt+2")
		d.wait(time.Second)
		if got := last(); strings.Contains(got, "1 mail needs you") {
			t.Errorf("the outbox says twice: %q", got)
		}
	})
}
