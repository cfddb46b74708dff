package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
)

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
		for _, g := range append(onScreens, everywhere, files, writing) {
			for _, c := range d.app.commandsOf(g) {
				names = append(names, c.Name)
			}
		}
		for _, a := range d.app.env.Keys.Actions() {
			context, _, _ := strings.Cut(a.Name, ".")
			if slices.Contains([]string{"global", "compose", "files", "text", "outbox", "session", "accounts"}, context) && !slices.Contains(names, a.Name) {
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

// TestHelp: it has the keys that work here by subject, what is typed keeps those
// that fit, and the key that opened it closes it.
func TestHelp(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.put(outbox.Item{State: outbox.Failed, Account: "work", Subject: "Photos"})
	drive(t, 80, 120, f, Options{}, func(d *driver) {
		d.press("f1")
		for _, want := range []string{"The mail", "Its header", "Everywhere", "F2 ", "Moving", "Selecting", "send later"} {
			if !strings.Contains(d.screen(), want) {
				t.Errorf("%q is missing:\n%s", want, d.screen())
			}
		}
		if s := d.screen(); strings.Contains(s, "in the browser") || strings.Contains(s, "  hold") {
			t.Errorf("has what does not work here:\n%s", s)
		}
		d.typed("undo")
		if s := d.screen(); !strings.Contains(s, "ctrl+z") || strings.Contains(s, "ctrl+s") || strings.Contains(s, "The mail") {
			t.Errorf("typing does not find undo:\n%s", s)
		}
		d.press("f1")
		if !d.app.dialogs.Empty() {
			t.Error("F1 does not close it")
		}
		d.press("alt+2")
		d.wait(100 * time.Millisecond)
		d.press("?")
		for _, want := range []string{"This mail", "try now", "The list", "Many mails", "Lists", "page up"} {
			if !strings.Contains(d.screen(), want) {
				t.Errorf("%q is missing:\n%s", want, d.screen())
			}
		}
		d.press("esc", "space", "f1")
		if s := d.screen(); !strings.Contains(s, "The marked mails: 1") || strings.Contains(s, "This mail") {
			t.Errorf("what is done to the marked mails stands elsewhere:\n%s", s)
		}
		d.press("f2")
		if s := d.screen(); !strings.Contains(s, "Commands") || strings.Contains(s, "Keys that work here") {
			t.Errorf("F2 does not put the palette in its place:\n%s", s)
		}
		d.press("f1")
		if s := d.screen(); !strings.Contains(s, "Keys that work here") || strings.Contains(s, "Commands") {
			t.Errorf("F1 does not put the help in its place:\n%s", s)
		}
		d.press("f2", "f2")
		if !d.app.dialogs.Empty() {
			t.Error("F2 does not close the palette")
		}
		d.press("f1")
		d.send(tea.WindowSizeMsg{Width: 40, Height: 12})
		before := d.screen()
		d.press("pgdown")
		if d.screen() == before {
			t.Error("it does not scroll")
		}
		d.press("esc")
		if !d.app.dialogs.Empty() || d.app.here != kit.Outbox {
			t.Error("esc does not close it")
		}
	})
}

// TestTour: it is in the palette, shows a hint on each screen, can be left at
// any, and leads back to where it began.
func TestTour(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.accounts = nil
	drive(t, 80, 24, f, Options{Home: "/h"}, func(d *driver) {
		d.press("f1")
		if s := d.screen(); !strings.Contains(s, "First start") || strings.Contains(s, "send later") || strings.Contains(s, "│ Composer ") {
			t.Errorf("the help of the first start:\n%s", s)
		}
		d.press("esc")
		for leave := range 6 {
			d.press("f2")
			d.typed("tour")
			d.press("enter")
			for i, at := range []kit.Name{kit.Compose, kit.Outbox, kit.Session, kit.Accounts, kit.Accounts}[:min(leave+1, 5)] {
				if s := d.screen(); d.app.here != at || !strings.Contains(s, fmt.Sprintf("%d of 5", i+1)) {
					t.Errorf("hint %d on %s:\n%s", i+1, d.app.here, s)
				}
				if i < leave {
					d.press("enter")
				}
			}
			if leave < 5 {
				d.press("shift+tab", "esc")
			}
			d.wait(time.Minute)
			if s := d.screen(); !d.app.dialogs.Empty() || !strings.Contains(s, "add an account") {
				t.Errorf("left at hint %d:\n%s", leave+1, s)
			}
		}
		d.press("w", "alt+2", "alt+5", "enter", "esc")
		if d.app.here != kit.Outbox {
			t.Errorf("begun in the outbox, left on %s", d.app.here)
		}
	})
}
