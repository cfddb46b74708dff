package tui

import (
	"errors"
	"fmt"
	"image/color"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"sendoff/config"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/theme"
	"sendoff/tui/tuitest"
)

var sizes = map[string][2]int{"80x24": {80, 24}, "40x12": {40, 12}, "200x60": {200, 60}}

// scenes are the windows a person sees first.
var scenes = map[string]func(*driver){
	"compose": func(d *driver) {
		d.app.handle(loaded{DraftLoaded: kit.DraftLoaded{ID: 1, Fields: message.Draft{
			To: "bob@example.org, Carol <carol@b.example>, dave@@x", Subject: "Minutes of Tuesday",
			Body: "Dear all,\n\nthe minutes are attached.\n", Focus: "body", Line: 2,
		}}})
	},
	"outbox": func(d *driver) {
		d.fake.put(outbox.Item{State: outbox.Uncertain, Account: "work", Subject: "Contract, signed", Updated: tuitest.Now(),
			Recipients: []outbox.Recipient{{Address: "lawyer@firm.example", State: outbox.RecipientUncertain}}})
		d.fake.put(outbox.Item{State: outbox.Failed, Account: "work", Subject: "Photos", Updated: tuitest.Now(), Problem: "the mail is too big",
			Recipients: []outbox.Recipient{{Address: "jo@example.org", State: outbox.RecipientRejected, Code: 552, Text: "too big"}}})
		d.press("alt+2")
	},
	"every state": func(d *driver) {
		for i, state := range []outbox.State{
			outbox.Draft, outbox.Held, outbox.Scheduled, outbox.Queued, outbox.Sending, outbox.Deferred,
			outbox.Sent, outbox.Partial, outbox.Failed, outbox.Uncertain, outbox.Cancelled,
		} {
			d.fake.put(outbox.Item{
				State: state, Account: "work", Subject: "Mail that is " + string(state), Updated: tuitest.Now(), NotBefore: tuitest.Now().Add(time.Hour),
				NextTry: tuitest.Now().Add(time.Hour), Recipients: []outbox.Recipient{{Address: fmt.Sprintf("person%d@example.org", i), State: outbox.Pending}},
			})
		}
		d.press("alt+2", "shift+tab", "/")
		d.typed("that")
		d.press("enter", "space", "down", "v")
	},
	"help":    func(d *driver) { d.press("alt+2", "?") },
	"palette": func(d *driver) { d.press("f2") },
	"start": func(d *driver) {
		d.fake.accounts = nil
		d.app.handle(kit.AccountsLoaded{})
	},
}

// TestGoldenFrames pins whole windows without colour at three sizes.
func TestGoldenFrames(t *testing.T) {
	t.Parallel()
	for name, scene := range scenes {
		for size, wh := range sizes {
			drive(t, wh[0], wh[1], newFake(), Options{Home: "/home/alice/.local/state/sendoff"}, func(d *driver) {
				scene(d)
				d.wait(1200 * time.Millisecond)
				tuitest.Golden(t, strings.ReplaceAll(name, " ", "-")+"-"+size, d.screen())
			})
		}
	}
}

// themes are those that a window is pinned in.
var themes = []struct {
	name    string
	ground  color.Color
	profile colorprofile.Profile
}{
	{"dark", color.Black, colorprofile.TrueColor},
	{"light", color.White, colorprofile.TrueColor},
	{"high-contrast", color.Black, colorprofile.TrueColor},
	{"sixteen", color.Black, colorprofile.ANSI},
	{"none", color.Black, colorprofile.TrueColor},
}

// TestGoldenLooks pins the same windows in every theme. All of them draw the
// same text, and each role in one way.
func TestGoldenLooks(t *testing.T) {
	t.Parallel()
	apart := theme.Choice{Name: "dark", Colors: map[string]string{}}
	for i, role := range config.Roles() {
		apart.Colors[role] = strconv.Itoa(100 + i)
	}
	for name, scene := range scenes {
		drive(t, 80, 24, newFake(), Options{Environ: []string{"LANG=C.UTF-8"}}, func(d *driver) {
			scene(d)
			d.wait(1200 * time.Millisecond)
			in := func(name string, c theme.Choice, profile colorprofile.Profile, ground color.Color) tuitest.Look {
				d.app.theme = c
				d.send(tea.ColorProfileMsg{Profile: profile}, tea.BackgroundColorMsg{Color: ground})
				return tuitest.Look{Theme: name, Content: d.app.View().Content}
			}
			looks := []tuitest.Look{in("", apart, colorprofile.TrueColor, color.Black)}
			for _, th := range themes {
				looks = append(looks, in(th.name, theme.Choice{Name: th.name}, th.profile, th.ground))
			}
			tuitest.Golden(t, strings.ReplaceAll(name, " ", "-")+"-looks", tuitest.Looks(t, looks...))
		})
	}
}

// TestNoColor: without colour no escape sequence asks for one.
func TestNoColor(t *testing.T) {
	t.Parallel()
	for name, scene := range scenes {
		drive(t, 80, 24, newFake(), Options{}, func(d *driver) {
			d.send(tea.ColorProfileMsg{Profile: colorprofile.ASCII}, tea.BackgroundColorMsg{Color: color.White})
			scene(d)
			d.settle()
			for _, code := range []string{"38;", "48;", "[3", "[4", "[9"} {
				if content := d.app.View().Content; strings.Contains(content, "\x1b"+code) || strings.Contains(content, ";"+code) {
					t.Errorf("%s asks for colour", name)
				}
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
