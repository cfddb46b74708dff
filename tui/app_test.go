package tui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/message"
	"sendoff/smtp/message/seal"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/presend"
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

// toBody moves from the first field of an empty composer to the text.
func (d *driver) toBody() {
	for range 8 {
		if d.app.composer.Draft().Focus == "body" {
			return
		}
		d.press("tab")
	}
	d.t.Fatalf("the text is not reached by tab:\n%s", d.screen())
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
		if d.quit || !strings.Contains(d.screen(), "lose what you typed") {
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
	if _, err := f.SaveDraft(context.Background(), 0, want); err != nil {
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

// TestSend: the mail replaces its draft, its session shows, and the composer
// is empty afterwards.
func TestSend(t *testing.T) {
	t.Parallel()
	f := newFake()
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.app.handle(loaded{DraftLoaded: kit.DraftLoaded{Fields: message.Draft{
			To: "bob@example.org", Subject: "Minutes", Body: "Dear Bob,", Focus: "body",
		}}})
		d.typed("!")
		d.wait(2 * time.Second)
		if _, n := f.lastDraft(); n != 1 {
			t.Fatalf("%d drafts", n)
		}
		d.press("ctrl+s")
		d.wait(100 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "Minutes") || d.app.here != kit.Session {
			t.Errorf("the session does not show:\n%s", s)
		}
		if _, n := f.lastDraft(); n != 0 {
			t.Errorf("%d drafts are left", n)
		}
		d.wait(3 * time.Second)
		if !d.app.composer.Empty() {
			t.Error("the composer still has the mail")
		}
		if _, n := f.lastDraft(); n != 0 {
			t.Errorf("the mail was saved as a draft again")
		}
	})
}

// TestSendFails: the text is where it was, and why is said.
func TestSendFails(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.queueErr = errors.New("no room left for the outbox")
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.app.handle(loaded{DraftLoaded: kit.DraftLoaded{Fields: message.Draft{
			To: "bob@example.org", Subject: "Minutes", Body: "Dear Bob,",
		}}})
		d.press("ctrl+s")
		d.wait(100 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "o room left") || d.app.composer.Draft().Body != "Dear Bob," {
			t.Errorf("after a failed send:\n%s", s)
		}
	})
}

// TestPasswordWaitsForRest: a dialog that opens by itself neither takes what
// is being typed nor opens while a person types.
func TestPasswordWaitsForRest(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.put(outbox.Item{State: outbox.Queued, Account: "work"})
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.toBody()
		d.typed("a")
		f.hear(outbox.Event{Account: "work", Problem: &secret.Error{Account: "work", Err: secret.ErrNotFound}})
		for range 20 {
			d.wait(200 * time.Millisecond)
			d.typed("b")
		}
		if s := d.screen(); strings.Contains(s, "Password of") || !strings.Contains(s, "is needed") {
			t.Errorf("opened over typing, or said nothing:\n%s", s)
		}
		d.wait(3 * time.Second)
		if !strings.Contains(d.screen(), "Password of work") {
			t.Fatalf("never asked:\n%s", d.screen())
		}
		d.typed("hunter2")
		if s := d.screen(); strings.Contains(s, "hunter2") || !strings.Contains(s, "•••••••") {
			t.Errorf("the password shows, or was not taken:\n%s", s)
		}
		d.press("enter")
		d.wait(100 * time.Millisecond)
		if f.given["work"] != "hunter2" {
			t.Errorf("given: %q", f.given)
		}
		if got := d.app.composer.Draft().Body; strings.Contains(got, "hunter") {
			t.Errorf("the password went into the mail: %q", got)
		}
	})
}

// TestGrace: keys under way when a dialog opens by itself do not answer it.
func TestGrace(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.put(outbox.Item{State: outbox.Queued, Account: "work"})
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.wait(3 * time.Second)
		f.hear(outbox.Event{Account: "work", Problem: &smtp.Error{Stage: smtp.StageAuth, Class: smtp.ClassAuth, Reply: smtp.Reply{Code: 535}}})
		for range 300 {
			d.wait(10 * time.Millisecond)
			if !d.app.dialogs.Empty() {
				break
			}
		}
		if d.app.dialogs.Empty() {
			t.Fatalf("never asked:\n%s", d.screen())
		}
		d.press("x", "enter", "esc")
		if d.app.dialogs.Empty() || len(f.given) > 0 {
			t.Error("keys under way answered the dialog")
		}
		d.wait(time.Second)
		d.press("esc")
		if !d.app.dialogs.Empty() {
			t.Error("esc does not close it later")
		}
	})
}

// TestQuitWithMailInFlight asks, and stays unless told otherwise.
func TestQuitWithMailInFlight(t *testing.T) {
	t.Parallel()
	f := newFake()
	id := f.put(outbox.Item{State: outbox.Sending, Account: "work", Subject: "Photos"})
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		f.hear(outbox.Event{ID: id, State: outbox.Sending})
		d.wait(100 * time.Millisecond)
		d.press("ctrl+c")
		if d.quit || !strings.Contains(d.screen(), "being sent") {
			t.Fatalf("quits without a word:\n%s", d.screen())
		}
		d.press("enter")
		if d.quit || !d.app.dialogs.Empty() {
			t.Error("enter alone quits, or the question stays")
		}
		f.hear(outbox.Event{ID: id, State: outbox.Sent})
		d.wait(100 * time.Millisecond)
		d.press("ctrl+c")
		if !d.quit {
			t.Error("asks though nothing is under way")
		}
	})
}

// TestStaleAnswers: an answer to an older question changes nothing.
func TestStaleAnswers(t *testing.T) {
	t.Parallel()
	f := newFake()
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		older := d.app.ask("", "draft", time.Second, func(context.Context) tea.Msg {
			return loaded{DraftLoaded: kit.DraftLoaded{ID: 1, Fields: message.Draft{Body: "older"}}}
		})()
		newer := d.app.ask("", "draft", time.Second, func(context.Context) tea.Msg {
			return loaded{DraftLoaded: kit.DraftLoaded{ID: 2, Fields: message.Draft{Body: "newer"}}}
		})()
		d.send(newer, older)
		d.settle()
		if got := d.app.composer.Draft().Body; got != "newer" {
			t.Errorf("the composer has %q", got)
		}
	})
}

// TestPaletteRunsCommands: what a key does can be found by its name.
func TestPaletteRunsCommands(t *testing.T) {
	t.Parallel()
	drive(t, 80, 24, newFake(), Options{}, func(d *driver) {
		d.press("f2")
		d.typed("accou")
		if !strings.Contains(d.screen(), "alt+3") {
			t.Errorf("the palette does not find the accounts:\n%s", d.screen())
		}
		d.press("enter")
		d.wait(100 * time.Millisecond)
		if d.app.here != kit.Accounts {
			t.Errorf("leads to %s", d.app.here)
		}
	})
}

// TestPaletteEverywhere: every action of every screen is there, what can't be
// done says why, and one of another screen is done there. What was chosen last
// comes first.
func TestPaletteEverywhere(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.put(outbox.Item{State: outbox.Failed, Account: "work", Subject: "Photos"})
	drive(t, 100, 40, f, Options{}, func(d *driver) {
		d.press("alt+2", "alt+1") // it knows the outbox by now
		var names []string
		for _, g := range append(onScreens, everywhere, writing) {
			for _, c := range d.app.commandsOf(g) {
				names = append(names, c.Name)
			}
		}
		for _, a := range d.app.env.Keys.Actions() {
			context, _, _ := strings.Cut(a.Name, ".")
			if slices.Contains([]string{"global", "compose", "text", "outbox", "session", "accounts"}, context) && !d.app.twin(a) && !slices.Contains(names, a.Name) {
				t.Errorf("%s is not in the palette", a.Name)
			}
		}
		d.press("f2")
		for _, want := range []string{"Composer", "ctrl+s", "Composer · compose.send"} {
			if !strings.Contains(d.screen(), want) {
				t.Errorf("%q does not show:\n%s", want, d.screen())
			}
		}
		d.press("esc", "f2")
		d.typed("outbox release")
		if s := d.screen(); !strings.Contains(s, "Outbox: not now, only for mail that is held; this one is failed") {
			t.Errorf("nothing says when it can be released:\n%s", s)
		}
		d.press("enter")
		if d.app.here != kit.Compose || d.app.dialogs.Empty() {
			t.Errorf("it was chosen though it can't be done:\n%s", d.screen())
		}
		d.press("ctrl+u")
		d.typed("outbox try now")
		d.press("enter")
		d.wait(100 * time.Millisecond)
		if d.app.here != kit.Outbox || strings.Join(f.acted, "") != "retry 1" {
			t.Errorf("on %s, done: %q", d.app.here, f.acted)
		}
		d.press("alt+1", "f2", "enter")
		d.wait(100 * time.Millisecond)
		if d.app.here != kit.Outbox || len(f.acted) != 2 {
			t.Errorf("what was chosen last is not the first: on %s, done: %q", d.app.here, f.acted)
		}
	})
}

// TestFirstStart: without an account the person is told what to do, and n
// leads to an account that is tested at once.
func TestFirstStart(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.accounts = nil
	drive(t, 80, 24, f, Options{Home: "/home/alice/.local/share/sendoff", Settings: "/home/alice/.config/sendoff"}, func(d *driver) {
		for _, want := range []string{"add an account", "sandbox", "/home/alice/.local/share/sendoff", "in /home/alice/.config/sendoff,", "F1"} {
			if !strings.Contains(d.screen(), want) {
				t.Errorf("%q is missing:\n%s", want, d.screen())
			}
		}
		d.press("n")
		d.typed("alice@example.org")
		d.press("enter")
		d.wait(200 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "No server was found") || f.found != "alice@example.org" {
			t.Errorf("the search for servers, of %q:\n%s", f.found, s)
		}
		d.press("m")
		d.typed("Alice Example")
		d.press("tab", "tab", "tab", "tab", "tab", "tab", "tab", "tab", "tab")
		d.typed("hunter2")
		if strings.Contains(d.screen(), "hunter2") || !strings.Contains(d.screen(), "smtp.example.org") {
			t.Errorf("the form:\n%s", d.screen())
		}
		d.press("ctrl+s")
		d.wait(200 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "192.0.2.7") || !strings.Contains(s, "It works") {
			t.Errorf("the test does not show:\n%s", s)
		}
		if f.given["example"] != "hunter2" {
			t.Errorf("given: %v", f.given)
		}
		d.press("esc", "alt+1")
		if !strings.Contains(d.screen(), "Alice Example <alice@example.org>") {
			t.Errorf("the composer does not know the account:\n%s", d.screen())
		}
	})
}

// TestProgressIsMerged: a flood of progress reaches the model in few batches.
func TestProgressIsMerged(t *testing.T) {
	t.Parallel()
	f := newFake()
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		batches := 0
		for i := range 1000 {
			f.hear(outbox.Event{ID: 1, Session: &smtp.Event{
				Kind: smtp.KindProgress, Stage: smtp.StageContent, Bytes: int64(i), Total: 1000, Time: time.Now(),
			}})
			time.Sleep(time.Millisecond) // made-up time
			select {
			case msg := <-d.msgs:
				if e, ok := msg.(kit.Events); ok {
					batches++
					if len(e) > 1 {
						t.Errorf("a batch has %d reports of one mail", len(e))
					}
				}
				d.send(msg)
			default:
			}
		}
		if batches == 0 || batches > 21 {
			t.Errorf("%d batches in a second", batches)
		}
	})
}

// TestNothingIsLostByLeaving: another mail takes the composer only when all
// that was typed is on disk.
func TestNothingIsLostByLeaving(t *testing.T) {
	t.Parallel()
	f := newFake()
	other, err := f.SaveDraft(context.Background(), 0, message.Draft{Subject: "Other", Body: "other"})
	if err != nil {
		t.Fatal(err)
	}
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

// TestRescue: the draft that could not be saved at the end is in a file that
// nobody else reads.
func TestRescue(t *testing.T) {
	t.Parallel()
	path, err := rescue(message.Draft{To: "bob@example.org", Subject: "Hi", Attachments: []string{"/a.pdf"}, Body: "text\n"}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if want := "To: bob@example.org\nCc: \nBcc: \nSubject: Hi\nAttachment: /a.pdf\n\ntext\n"; err != nil || string(got) != want {
		t.Errorf("%v, %q", err, got)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, mode %v", err, info.Mode())
	}
}

// TestOutsideEditor: the text comes back also when the editor fails, and the
// file goes only then.
func TestOutsideEditor(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	drive(t, 80, 24, newFake(), Options{Temp: folder}, func(d *driver) {
		d.toBody()
		d.typed("before")
		out := func() handed {
			h, ok := d.app.handOut(d.app.composer.Draft().Body)().(handed)
			if !ok || h.err != nil {
				t.Fatalf("handed out: %+v", h)
			}
			return h
		}
		back := func(h handed, exit error) {
			d.run(d.app.handBack(closedEditor{h, exit}))
			d.settle()
		}
		h := out()
		if err := os.WriteFile(h.path, []byte("after\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		back(h, errors.New("exit status 3"))
		if got := d.app.composer.Draft().Body; got != "after\n" {
			t.Errorf("the text is %q", got)
		}
		back(out(), errors.New("exit status 127"))
		if s := d.screen(); !strings.Contains(s, "ditor failed") || d.app.composer.Draft().Body != "after\n" {
			t.Errorf("an editor that does not start:\n%s", s)
		}
		left, err := os.ReadDir(folder)
		if err != nil || len(left) != 0 {
			t.Errorf("%v, left behind: %v", err, left)
		}
	})
}

// TestSendToTheRest: what is edited to be sent again goes to those only whom
// the mail has not reached.
func TestSendToTheRest(t *testing.T) {
	t.Parallel()
	got := withoutServed(message.Draft{
		To: `Bob <bob@example.org>, "Doe, Jane" <jane@example.org>, broken@@x`, Cc: "carol@b.example, dave@example.org", Bcc: "team: eve@example.org, bob@example.org;",
	}, []outbox.Recipient{
		{Address: "bob@example.org", State: outbox.RecipientAccepted},
		{Address: "jane@example.org", State: outbox.RecipientRejected},
		{Address: "carol@b.example", State: outbox.RecipientUncertain},
		{Address: "dave@example.org", State: outbox.RecipientDeferred},
	})
	want := message.Draft{To: `"Doe, Jane" <jane@example.org>, broken@@x`, Cc: "dave@example.org", Bcc: "eve@example.org"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
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
		if _, err := d.save(ctx, f, 1, message.Draft{Body: "x"}, false); err != nil {
			t.Fatal(err)
		}
		if err := end(d); err != nil {
			t.Fatal(err)
		}
		if _, err := d.save(ctx, f, 2, message.Draft{Body: "xy"}, false); err != nil {
			t.Fatal(err)
		}
		if got, n := f.lastDraft(); n != 0 {
			t.Errorf("%d drafts, %+v", n, got)
		}
	}
}

// BenchmarkKey is a key from Update to View, in a draft of 10 000 lines and
// with help lying over it.
func BenchmarkKey(b *testing.B) {
	for _, size := range [][2]int{{80, 24}, {220, 60}} {
		for _, dialog := range []bool{false, true} {
			b.Run(fmt.Sprintf("%dx%d/dialog=%v", size[0], size[1], dialog), func(b *testing.B) {
				ctx, stop := context.WithCancel(b.Context())
				defer stop()
				m := newApp(ctx, Options{Service: newFake(), Clock: time.Now, Environ: []string{"LANG=C.UTF-8"}}, newPump())
				m.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
				m.Update(loaded{DraftLoaded: kit.DraftLoaded{Fields: message.Draft{
					To: "bob@example.org", Body: strings.Repeat("A line of a long letter.\n", 10_000), Focus: "body", Line: 5000,
				}}})
				if dialog {
					m.help()
				}
				b.ResetTimer()
				for range b.N {
					m.Update(tea.KeyPressMsg{Code: 'x', Text: "x"})
					m.View()
				}
			})
		}
	}
}

// TestParkedAccount: mail whose account waits for a password can be helped
// from where it is seen, also after the question was put off.
func TestParkedAccount(t *testing.T) {
	t.Parallel()
	f := newFake()
	missing := &secret.Error{Account: "work", Err: secret.ErrNotFound}
	f.put(outbox.Item{State: outbox.Queued, Account: "work", Subject: "Minutes"})
	f.testErr = missing
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.press("alt+2")
		f.hear(outbox.Event{Account: "work", Problem: missing})
		d.wait(4 * time.Second)
		if !strings.Contains(d.screen(), "Password of work") {
			t.Fatalf("is not asked for:\n%s", d.screen())
		}
		d.press("esc")
		d.wait(10 * time.Second)
		if s := d.screen(); strings.Contains(s, "Password of work") || !strings.Contains(s, "password is needed") {
			t.Fatalf("asks again, or forgets:\n%s", s)
		}
		d.press("r")
		d.wait(4 * time.Second)
		if s := d.screen(); d.app.here != kit.Accounts || !strings.Contains(s, "Password of work") {
			t.Fatalf("r does not help:\n%s", s)
		}
		d.typed("hunter2")
		d.press("enter")
		d.wait(time.Second)
		if s := d.screen(); !strings.Contains(s, "It works") {
			t.Errorf("is not tested with the password:\n%s", s)
		}
	})
}

// TestSheetBeforeItGoes: what is found is said first; the draft stays as it is
// until the person says yes.
func TestSheetBeforeItGoes(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.findings = []presend.Finding{{Kind: presend.Attachment, Text: "it speaks of an attachment, and nothing is attached"}}
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.write()
		d.press("ctrl+s")
		d.wait(50 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "Before it goes") || !strings.Contains(s, "enter send anyway") || !strings.Contains(s, "It speaks of an attachment") {
			t.Fatalf("it shows\n%s", s)
		}
		d.press("esc")
		if s := d.screen(); !strings.Contains(s, "Dear Bob") {
			t.Fatalf("esc leads to\n%s", s)
		}
		if len(f.items) > 0 {
			t.Errorf("it is queued: %v", f.items)
		}
		d.press("ctrl+s")
		d.wait(50 * time.Millisecond)
		d.press("enter")
		d.wait(50 * time.Millisecond)
		if s := d.screen(); !strings.Contains(s, "to 1 person") {
			t.Errorf("enter leads to\n%s", s)
		}
	})
}

// TestPassphraseWanted asserts that a mail whose key needs a passphrase is tried
// again with the terminal, and that nothing is saved or typed meanwhile.
func TestPassphraseWanted(t *testing.T) {
	t.Parallel()
	m := newApp(t.Context(), Options{Service: &fake{}, Clock: time.Now}, newPump())
	m.autosave.sending = true
	asks := &seal.Error{Program: "gpg", Reason: seal.MustAsk}
	if cmd := m.afterQueue(queued{draft: m.autosave.draft, err: asks}); cmd == nil || !m.autosave.sending {
		t.Error("it is given up")
	}
	asks.Reason = seal.Canceled
	m.afterQueue(queued{draft: m.autosave.draft, err: asks})
	if status := m.composer.Status(); m.autosave.sending || !strings.Contains(status.Text, "gpg was cancelled") {
		t.Errorf("cancelled, it says %+v", status)
	}
}
