package tui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
)

// lastDraft returns the fake's only draft, and how many there are.
func (f *fake) lastDraft() (d message.Draft, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, it := range f.items {
		if it.State == outbox.Draft {
			d = f.drafts[id]
			n++
		}
	}
	return d, n
}

// TestAutosave: what is typed is on disk within two seconds, also while the
// person goes on typing, and as one draft.
func TestAutosave(t *testing.T) {
	t.Parallel()
	f := newFake()
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.toBody()
		for i := range 40 { // four seconds without a rest
			d.typed("x")
			d.wait(100 * time.Millisecond)
			if got, _ := f.lastDraft(); i >= 20 && len(got.Body) < i-20 {
				t.Fatalf("after %d keys the disk has %d", i+1, len(got.Body))
			}
		}
		d.wait(time.Second)
		if got, n := f.lastDraft(); n != 1 || !strings.HasPrefix(got.Body, strings.Repeat("x", 40)) {
			t.Errorf("%d drafts, text %q", n, got.Body)
		}
		saves := f.saves
		if saves > 6 {
			t.Errorf("%d saves in four seconds", saves)
		}
		d.wait(10 * time.Second)
		if f.saves != saves {
			t.Errorf("%d saves of an unchanged draft", f.saves-saves)
		}
		if !strings.Contains(d.screen(), "draft saved") {
			t.Errorf("nothing says that the draft is saved:\n%s", d.screen())
		}
	})
}

// TestSaveFails: trouble is shown, and the draft saved as soon as that works.
func TestSaveFails(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.saveErr = errors.New("no room left on the disk")
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.toBody()
		d.typed("precious")
		d.wait(time.Second)
		if !strings.Contains(d.screen(), "o room left") {
			t.Errorf("the trouble is not shown:\n%s", d.screen())
		}
		d.press("ctrl+q")
		if d.quit || !strings.Contains(d.screen(), "Quit though the draft is not saved") {
			t.Errorf("quits with an unsaved draft:\n%s", d.screen())
		}
		d.press("esc")
		f.mu.Lock()
		f.saveErr = nil
		f.mu.Unlock()
		d.wait(4 * time.Second)
		if got, _ := f.lastDraft(); !strings.HasPrefix(got.Body, "precious") {
			t.Errorf("not saved when that worked again: %q", got.Body)
		}
		d.press("ctrl+q")
		if !d.quit {
			t.Error("does not quit though all is saved")
		}
	})
}

// TestSaveLast: a program that ends at once still keeps the last keys.
func TestSaveLast(t *testing.T) {
	t.Parallel()
	f := newFake()
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.toBody()
		d.typed("last words")
		if err := d.app.saveLast(d.t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, n := f.lastDraft(); n != 1 || !strings.HasPrefix(got.Body, "last words") {
			t.Errorf("%d drafts, text %q", n, got.Body)
		}
	})
}

// TestDraftComesBack: the latest draft is offered, with the key that starts
// afresh; an empty program that ends leaves none behind.
func TestDraftComesBack(t *testing.T) {
	t.Parallel()
	f := newFake()
	want := message.Draft{To: "bob@example.org", Subject: "Minutes", Body: "Dear all,\n", Focus: "body", Line: 1}
	if _, err := f.SaveDraft(context.Background(), outbox.Ref{}, want); err != nil {
		t.Fatal(err)
	}
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		got := d.app.composer.Draft()
		got.From, got.Account, want.From, want.Account = "", "", "", ""
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("the draft came back changed (-want +got):\n%s", diff)
		}
		if s := d.screen(); !strings.Contains(s, "draft is back") || !strings.Contains(s, "alt+n") {
			t.Errorf("nothing says that this is the old draft:\n%s", s)
		}
		d.wait(5 * time.Second)
		d.press("alt+n")
		if got := d.app.composer.Draft(); got.Subject != "" {
			t.Errorf("alt+n leaves %q", got.Subject)
		}
		if err := d.app.saveLast(d.t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, n := f.lastDraft(); n != 1 {
			t.Errorf("%d drafts, want the old one alone", n)
		}
	})
}

// TestNothingIsLostByLeaving: another mail takes the composer only when all
// that was typed is on disk.
func TestNothingIsLostByLeaving(t *testing.T) {
	t.Parallel()
	f := newFake()
	saved, err := f.SaveDraft(context.Background(), outbox.Ref{}, message.Draft{Subject: "Other", Body: "other"})
	if err != nil {
		t.Fatal(err)
	}
	other := saved.ID
	f.items[other] = outbox.Item{ID: other, State: outbox.Failed} // not offered
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.toBody()
		d.typed("unsaved words")
		f.mu.Lock()
		f.saveErr = errors.New("no room left")
		f.mu.Unlock()
		d.run(d.app.do(kit.Outbox, kit.OpenDraft{ID: other}))
		d.wait(100 * time.Millisecond)
		if got := d.app.composer.Draft().Body; !strings.HasPrefix(got, "unsaved words") {
			t.Fatalf("what could not be saved is gone: %q", got)
		}
		f.mu.Lock()
		f.saveErr = nil
		f.mu.Unlock()
		d.typed("!")
		d.run(d.app.do(kit.Outbox, kit.OpenDraft{ID: other}))
		d.wait(100 * time.Millisecond)
		if got := d.app.composer.Draft(); got.Subject != "Other" {
			t.Errorf("the composer has %+v", got)
		}
		if got, n := f.lastDraft(); n != 1 || !strings.HasPrefix(got.Body, "unsaved words!") {
			t.Errorf("%d drafts, %q", n, got.Body)
		}
	})
}

// TestEmptiedDraftGoes: a draft of which nothing is left is not kept.
func TestEmptiedDraftGoes(t *testing.T) {
	t.Parallel()
	f := newFake()
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.toBody()
		d.typed("x")
		d.wait(time.Second)
		if _, n := f.lastDraft(); n != 1 {
			t.Fatalf("%d drafts", n)
		}
		d.press("backspace")
		d.wait(time.Second)
		if got, n := f.lastDraft(); n != 0 {
			t.Errorf("%d drafts, %+v", n, got)
		}
		d.typed("y")
		d.wait(time.Second)
		if _, n := f.lastDraft(); n != 1 {
			t.Errorf("%d drafts after writing again", n)
		}
	})
}

// TestQueuedIsNotSavedAgain: a save that comes late must not make a draft of
// what is a mail by then.
func TestQueuedIsNotSavedAgain(t *testing.T) {
	t.Parallel()
	f := newFake()
	ctx := context.Background()
	for _, end := range []func(*draft) error{
		func(d *draft) error { _, err := d.queue(ctx, f, message.Draft{Body: "x"}, time.Time{}); return err },
		func(d *draft) error { return d.drop(ctx, f) },
	} {
		d := &draft{}
		if _, _, err := d.save(ctx, f, 1, message.Draft{Body: "x"}, false); err != nil {
			t.Fatal(err)
		}
		if err := end(d); err != nil {
			t.Fatal(err)
		}
		if _, _, err := d.save(ctx, f, 2, message.Draft{Body: "xy"}, false); err != nil {
			t.Fatal(err)
		}
		if got, n := f.lastDraft(); n != 0 {
			t.Errorf("%d drafts, %+v", n, got)
		}
	}
}

// TestTwoWindows: a draft that another window sent is not sent a second time,
// nor lost: what is here becomes a draft of its own, and that is said.
func TestTwoWindows(t *testing.T) {
	t.Parallel()
	f := newFake()
	ref, err := f.SaveDraft(context.Background(), outbox.Ref{}, message.Draft{To: "bob@example.org", Subject: "Shared", Body: "text"})
	if err != nil {
		t.Fatal(err)
	}
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		if d.app.composer.Draft().Subject != "Shared" {
			t.Fatalf("the draft is not there:\n%s", d.screen())
		}
		if _, err := f.Queue(context.Background(), ref, message.Draft{Subject: "Shared"}, time.Time{}); err != nil {
			t.Fatal(err)
		}
		mails := func() (n int) {
			f.mu.Lock()
			defer f.mu.Unlock()
			for _, it := range f.items {
				if it.State != outbox.Draft {
					n++
				}
			}
			return n
		}
		before := mails()
		d.press("ctrl+s")
		d.wait(time.Second)
		if s := d.screen(); mails() != before || !strings.Contains(s, "another window") {
			t.Errorf("%d mails more, and it says:\n%s", mails()-before, s)
		}
		if got, n := f.lastDraft(); n != 1 || got.Body != "text" {
			t.Errorf("%d drafts are kept, %+v", n, got)
		}
	})
}

// TestTwoWindowsWrite: what another window did to the draft is not overwritten.
func TestTwoWindowsWrite(t *testing.T) {
	t.Parallel()
	f := newFake()
	ref, err := f.SaveDraft(context.Background(), outbox.Ref{}, message.Draft{To: "bob@example.org", Subject: "Shared", Body: "text", Focus: "body"})
	if err != nil {
		t.Fatal(err)
	}
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		if err := f.Act(context.Background(), ref.ID, kit.Delete); err != nil {
			t.Fatal(err)
		}
		d.typed("more ")
		d.wait(2 * time.Second)
		if s := d.screen(); !strings.Contains(s, "Another window") || !strings.Contains(s, "draft of its own") {
			t.Errorf("nothing says that there are two:\n%s", s)
		}
		if got, n := f.lastDraft(); n != 1 || got.Body != "more text" {
			t.Errorf("%d drafts are kept, %+v", n, got)
		}
	})
}

// TestOpenInTwoWindows: a draft that another window has open is not offered, and
// where it is asked for that is said. What is written here is marked as open.
func TestOpenInTwoWindows(t *testing.T) {
	t.Parallel()
	f := newFake()
	ref, err := f.SaveDraft(context.Background(), outbox.Ref{}, message.Draft{To: "bob@example.org", Subject: "Shared", Body: "text"})
	if err != nil {
		t.Fatal(err)
	}
	f.elsewhere = map[outbox.ID]bool{ref.ID: true}
	occupied := func() outbox.ID {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.occupied
	}
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		if s := d.screen(); !d.app.composer.Empty() || !strings.Contains(s, "open in another window; this one begins") || occupied() != 0 {
			t.Errorf("draft %v is open:\n%s", occupied(), s)
		}
		d.typed("carol@example.org")
		d.wait(2 * time.Second)
		if got, _, err := f.Draft(context.Background(), occupied()); err != nil || got.To != "carol@example.org" {
			t.Errorf("draft %v is open: %+v, %v", occupied(), got, err)
		}
	})
	drive(t, 80, 24, f, Options{Open: kit.OpenDraft{ID: ref.ID}}, func(d *driver) {
		if s := d.screen(); d.app.composer.Draft().Subject != "Shared" || !strings.Contains(s, "open in another window as well") {
			t.Errorf("nothing says that another has it:\n%s", s)
		}
	})
}
