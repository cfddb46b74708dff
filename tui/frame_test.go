package tui

import (
	"errors"
	"image/color"
	"regexp"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"sendoff/config"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
)

// colours finds what sets a colour, or a ground (ECMA-48 section 8.3.117).
var colours = regexp.MustCompile(`\x1b\[([0-9:]*;)*(3[0-8]|4[0-8]|9[0-7]|10[0-7])[;:m]`)

// TestNoColor: without colour no escape sequence asks for one.
func TestNoColor(t *testing.T) {
	t.Parallel()
	for name, scene := range scenes {
		drive(t, 80, 24, newFake(), Options{}, func(d *driver) {
			d.send(tea.ColorProfileMsg{Profile: colorprofile.ASCII}, tea.BackgroundColorMsg{Color: color.White})
			scene(d)
			d.settle()
			if coloured := colours.FindString(d.app.View().Content); coloured != "" {
				t.Errorf("%s asks for colour: %q", name, coloured)
			}
		})
	}
}

// TestASCII: a terminal that shows no Unicode gets none of ours.
func TestASCII(t *testing.T) {
	t.Parallel()
	for _, env := range [][]string{{"TERM=linux"}, {"TERM=xterm", "LC_ALL=C", "LANG=de_DE.UTF-8"}, {"TERM=dumb", "LANG=C.UTF-8"}} {
		for name, scene := range scenes {
			drive(t, 80, 24, newFake(), Options{Environ: env}, func(d *driver) {
				scene(d)
				d.settle()
				for _, r := range d.screen() {
					if r > 0x7e {
						t.Errorf("%v, %s: shows %q:\n%s", env, name, r, d.screen())
						return
					}
				}
			})
		}
	}
}

// TestForeignText: what a server or a sender wrote is harmless wherever it
// shows, and the window's title never has any of it.
func TestForeignText(t *testing.T) {
	t.Parallel()
	const evil = "\x1b]52;c;ZXZpbA==\a\x1b[2J\u009b31m\u202e\r\n"
	f := newFake()
	f.accounts[0].Account.Name, f.accounts[0].Account.Address = "work"+evil, "a@b"+evil
	id := f.put(outbox.Item{
		State: outbox.Failed, Account: "work", Subject: evil, From: evil, Reply: evil, Problem: evil, MessageID: evil,
		Recipients: []outbox.Recipient{{Address: "x" + evil, State: outbox.RecipientRejected, Code: 550, Text: evil}},
	})
	f.attempts[id] = []outbox.Attempt{{N: 1, Code: 550, Text: evil, Transcript: "S: 550 " + evil + "\n"}}
	drive(t, 80, 24, f, Options{Home: evil}, func(d *driver) {
		check := func(where string) {
			t.Helper()
			v := d.app.View()
			if strings.ContainsAny(v.Content, "\a\r\u009b\u202e") || strings.Contains(v.Content, "\x1b]") || strings.Contains(v.Content, "\x1b[2J") {
				t.Errorf("%s lets it through:\n%q", where, v.Content)
			}
			if v.WindowTitle != "sendoff" {
				t.Errorf("%s: title %q", where, v.WindowTitle)
			}
		}
		for _, keys := range []string{"alt+1", "alt+2", "enter", "t", "esc", "esc", "d", "esc", "alt+3"} {
			d.press(keys)
			d.wait(800 * time.Millisecond)
			check(keys)
		}
		d.app.do(kit.Outbox, kit.Watch{ID: id})
		d.send(kit.ItemLoaded{})
		d.press("alt+4")
		d.wait(800 * time.Millisecond)
		check("session")
		d.app.say(trouble("", errors.New("it says "+evil)))
		check("status")
		f.hear(outbox.Event{Account: "work", Problem: errors.New(evil)})
		d.wait(100 * time.Millisecond)
		check("parked")
	})
}

// TestSizes: every window keeps to its size, down to where there is no room.
func TestSizes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"compose", "outbox", "every state", "help", "palette", "start"} {
		drive(t, 80, 24, newFake(), Options{}, func(d *driver) {
			scenes[name](d)
			d.settle()
			for h := leastHeight; h <= 30; h += 3 {
				for w := leastWidth; w <= 130; w += 11 {
					d.send(tea.WindowSizeMsg{Width: w, Height: h})
					d.settle()
					d.screen()
				}
			}
			d.send(tea.WindowSizeMsg{Width: 8, Height: 2})
			d.settle()
			if got := d.app.View().Content; len(got) > 10 {
				t.Errorf("in no room: %q", got)
			}
		})
	}
}

// TestAccountInUse: the account that the program was started with is the one that
// the top line names, and that each new mail goes through.
func TestAccountInUse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ account, want string }{{"HOME", "home"}, {"", "work"}, {"gone", "work"}} {
		f := newFake()
		f.accounts = append(f.accounts, kit.AccountInfo{Account: config.Account{Name: "home", Address: "alice@home.example"}})
		opts := Options{Account: c.account}
		if c.account != "" {
			opts.Draft = &message.Draft{Account: c.account}
		}
		drive(t, 80, 24, f, opts, func(d *driver) {
			check := func(when string) {
				t.Helper()
				rows := strings.Split(d.screen(), "\n")
				if !strings.Contains(rows[0], " "+c.want+"  alice@") || !strings.HasSuffix(strings.TrimRight(rows[2], " "), " "+c.want) {
					t.Errorf("%q, %s:\n%s", c.account, when, d.screen())
				}
			}
			check("at first")
			d.press("alt+n")
			check("for the next mail")
		})
	}
}
