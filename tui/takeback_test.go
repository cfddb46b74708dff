package tui

import (
	"strings"
	"testing"
	"time"

	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
)

// sendAway sends a mail that can be taken back for ten seconds.
func (d *driver) sendAway(subject string) {
	d.t.Helper()
	d.fake.undo = 10 * time.Second
	d.typed("bob@example.org")
	d.press("tab")
	for d.app.composer.Draft().Focus != "subject" {
		d.press("tab")
	}
	d.typed(subject)
	d.press("ctrl+s")
	d.wait(300 * time.Millisecond)
	if s := d.screen(); !strings.Contains(s, "Sending in 10 s. z takes it back.") {
		d.t.Fatalf("nothing counts down:\n%s", s)
	} else if strings.Contains(s, "waits") {
		d.t.Fatalf("it says that a mail waits, which is this one:\n%s", s)
	}
}

// TestTakeBack: for a moment what was sent comes back by one key, from every
// screen, as it was written.
func TestTakeBack(t *testing.T) {
	t.Parallel()
	for screen, keys := range map[string][2]string{
		"session": {"alt+4", "z"}, "outbox": {"alt+2", "z"}, "accounts": {"alt+3", "z"}, "composer": {"alt+1", "alt+z"},
	} {
		f := newFake()
		drive(t, 80, 24, f, Options{}, func(d *driver) {
			d.sendAway("Hasty")
			d.press(keys[0])
			d.wait(3 * time.Second)
			if s := d.screen(); !strings.Contains(s, "Sending in 7 s. "+keys[1]+" takes it back.") {
				t.Errorf("%s does not count down:\n%s", screen, s)
			}
			d.press(keys[1])
			d.wait(time.Second)
			s := d.screen()
			if d.app.here != kit.Compose || !strings.Contains(s, "Hasty") || !strings.Contains(s, "goes out only when you send it again") {
				t.Errorf("%s: it is not back:\n%s", screen, s)
			}
			if strings.Contains(s, "Sending in") {
				t.Errorf("%s: it still counts down:\n%s", screen, s)
			}
			if got, n := f.lastDraft(); n != 1 || got.Subject != "Hasty" || len(f.items) != 1 {
				t.Errorf("%s: %d drafts among %d mails, %+v", screen, n, len(f.items), got)
			}
		})
	}
}

// TestTakeBackTooLate says so, and z means what it meant before.
func TestTakeBackTooLate(t *testing.T) {
	t.Parallel()
	f := newFake()
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.sendAway("Hasty")
		id := f.next
		f.mu.Lock()
		f.items[id] = outbox.Item{ID: id, State: outbox.Sending, Account: "work"} // and nobody said so yet
		f.mu.Unlock()
		d.press("z")
		if s := d.screen(); !strings.Contains(s, "Too late to take it back") {
			t.Errorf("does not say so:\n%s", s)
		}
		d.wait(11 * time.Second)
		if _, ok := d.app.parting(); ok || d.app.leaving() {
			t.Error("it can still be taken back")
		}
		d.press("alt+z")
		if s := d.screen(); !strings.Contains(s, "Nothing waits that can be taken back") {
			t.Errorf("alt+z says nothing:\n%s", s)
		}
		d.press("alt+1")
		d.toBody()
		d.typed("z")
		if got := d.app.composer.Draft().Body; !strings.Contains(got, "z") {
			t.Errorf("z is lost: %q", got)
		}
	})
}

// TestQuitBeforeItGoes asks, since the person may think that it is sent.
func TestQuitBeforeItGoes(t *testing.T) {
	t.Parallel()
	f := newFake()
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.sendAway("Hasty")
		d.press("ctrl+q")
		if s := d.screen(); d.quit || !strings.Contains(s, "Quit before your mail is sent?") {
			t.Errorf("does not ask:\n%s", s)
		}
		d.press("esc")
		d.wait(11 * time.Second)
		d.press("ctrl+q")
		if !d.quit {
			t.Errorf("asks though nothing is left:\n%s", d.screen())
		}
	})
}
