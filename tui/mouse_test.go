package tui

import (
	"strings"
	"testing"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// click clicks where the window shows some words.
func (d *driver) click(words string) {
	d.t.Helper()
	x, y := tuitest.FindIn(d.t, d.app.View(), words)
	d.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft}, tea.MouseReleaseMsg{X: x, Y: y, Button: tea.MouseLeft})
	d.settle()
}

// TestMouseFrame clicks the tabs of the top line and the keys of the last one.
func TestMouseFrame(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {40, 12}} {
		drive(t, size[0], size[1], newFake(), Options{}, func(d *driver) {
			for words, want := range map[string]kit.Name{"Outbox": kit.Outbox, "Accounts": kit.Accounts, "Compose": kit.Compose} {
				d.click(words)
				if d.app.here != want {
					t.Errorf("a click on %s leads to %s", words, d.app.here)
				}
			}
			d.press("alt+2")
			d.click("F1 help")
			if d.app.dialogs.Empty() {
				t.Error("a click on F1 shows no help")
			}
			d.click("esc close")
			if !d.app.dialogs.Empty() {
				t.Error("a click on esc does not close it")
			}
			d.press("alt+4")
			d.send(tea.MouseClickMsg{X: 12, Button: tea.MouseLeft})
			if d.app.here != kit.Session {
				t.Errorf("a click on the title of the session leads to %s", d.app.here)
			}
			d.press("alt+1")
			d.send(tea.MouseClickMsg{X: size[0] - 1, Y: size[1] - 1, Button: tea.MouseLeft}, tea.MouseClickMsg{Y: size[1] - 1, Button: tea.MouseLeft})
			if d.app.here != kit.Compose || !d.app.dialogs.Empty() {
				t.Error("a click beside the keys does something")
			}
		})
	}
}

// TestMouseDialogs clicks answers and commands.
func TestMouseDialogs(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.put(outbox.Item{State: outbox.Failed, Account: "work", Subject: "Photos"})
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.press("alt+2", "d")
		d.click(" no ")
		if len(f.acted) != 0 || !d.app.dialogs.Empty() {
			t.Errorf("a click on no: %q", f.acted)
		}
		d.press("d")
		d.send(tea.MouseClickMsg{X: 40, Y: 12, Button: tea.MouseLeft}, tea.MouseClickMsg{Y: 5, Button: tea.MouseLeft})
		if d.app.dialogs.Empty() || len(f.acted) != 0 {
			t.Error("a click beside the answers closes the question")
		}
		d.click(" delete ")
		d.wait(100 * time.Millisecond)
		if strings.Join(f.acted, "") != "delete 1" {
			t.Errorf("a click on delete: %q", f.acted)
		}

		d.press("f2")
		d.typed("accounts")
		d.click("alt+3") // it is the first, on which the cursor is
		d.wait(100 * time.Millisecond)
		if d.app.here != kit.Accounts {
			t.Errorf("a click on a command leads to %s:\n%s", d.app.here, d.screen())
		}
		d.press("alt+1", "f2")
		before := d.screen()
		d.send(tea.MouseWheelMsg{X: 40, Y: 12, Button: tea.MouseWheelDown})
		if d.screen() == before {
			t.Error("the wheel does not move the palette")
		}
	})
}

// TestMouseUnasked: a dialog that opened by itself takes no click that was under
// way.
func TestMouseUnasked(t *testing.T) {
	t.Parallel()
	drive(t, 80, 24, newFake(), Options{}, func(d *driver) {
		d.press("alt+2")
		d.app.dialogs.OpenUnasked(clickable{kit.Copy{Text: "clicked"}})
		d.click("inside")
		if d.app.dialogs.Empty() {
			t.Error("a click under way answered the dialog")
		}
		d.wait(time.Second)
		d.click("inside")
		if !d.app.dialogs.Empty() {
			t.Error("a click later does not")
		}
	})
}

// TestMouseAccounts: a click chooses an account, another opens it, and in its
// form a click goes to a row.
func TestMouseAccounts(t *testing.T) {
	t.Parallel()
	f := newFake()
	other := f.accounts[0]
	other.Account.Name, other.Account.Address = "other", "alice@other.example"
	f.accounts = append(f.accounts, other)
	drive(t, 80, 24, f, Options{}, func(d *driver) {
		d.press("alt+3")
		d.click("alice@other.example")
		if d.app.accounts.Adding() {
			t.Error("the first click opens it")
		}
		d.click("alice@other.example")
		if !d.app.accounts.Adding() || !strings.Contains(d.screen(), "Account other") {
			t.Errorf("the second click does not open it:\n%s", d.screen())
		}
		d.click("Server")
		d.typed("x")
		if !strings.Contains(d.screen(), "xsmtp.example.org") && !strings.Contains(d.screen(), "smtp.example.orgx") {
			t.Errorf("a click goes to no row:\n%s", d.screen())
		}
	})
}

// TestMouseStart clicks a line of the first-start view.
func TestMouseStart(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.accounts = nil
	drive(t, 80, 24, f, Options{Home: "/h"}, func(d *driver) {
		d.click("add an account")
		if d.app.here != kit.Accounts || !d.app.accounts.Adding() {
			t.Errorf("leads to %s", d.app.here)
		}
	})
}

// clickable is a dialog that a click closes.
type clickable struct{ then kit.Intent }

func (m clickable) Bindings() []key.Binding { return nil }

func (m clickable) Title() string { return "Message" }

func (m clickable) View(int, int) ([]string, *tea.Cursor) { return []string{"inside"}, nil }

func (m clickable) Update(msg tea.Msg) (bool, kit.Intent) {
	_, clicked := msg.(tea.MouseClickMsg)
	return clicked, m.then
}
