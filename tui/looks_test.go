package tui

import (
	"fmt"
	"image/color"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"sendoff/config"
	"sendoff/config/book"
	"sendoff/config/discover"
	"sendoff/smtp"
	"sendoff/smtp/address"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/presend"
	"sendoff/tui/theme"
	"sendoff/tui/tuitest"
)

// letter is the mail that is being written in most scenes.
var letter = message.Draft{
	To: "bob@example.org, Carol <carol@b.example>, dave@@x", Subject: "Minutes of Tuesday",
	Body: "Dear all,\n\nthe minutes are attached. Pleese tell me\nwhat the others got wrong.\n\n> said the one\n\n-- \nAlice\n", Focus: "body", Line: 2,
}

// scenes are the windows of the program.
var scenes = map[string]func(*driver){
	"start": func(d *driver) {
		d.fake.accounts = nil
		d.app.handle(kit.AccountsLoaded{})
	},
	"help":    func(d *driver) { d.press("alt+2", "?") },
	"palette": func(d *driver) { d.press("f2") },

	"compose": func(d *driver) { d.open(letter) },
	"find": func(d *driver) {
		d.open(letter)
		d.press("ctrl+r")
		d.typed("the")
	},
	"replace": func(d *driver) {
		d.open(letter)
		d.press("ctrl+r")
		d.typed("the")
		d.press("tab")
		d.typed("our")
	},
	"spelling": func(d *driver) {
		d.fake.misspelled = map[string][]string{"Pleese": {"Please", "Pleas", "Pleased"}}
		d.run(d.app.loadAccounts(""))
		d.settle()
		d.open(letter)
		d.press("f7")
	},
	"completion": func(d *driver) {
		for _, name := range []string{"Carol", "Carl", "Carla"} {
			box := address.Mailbox{Name: name, Local: strings.ToLower(name), Domain: "example.org"}
			d.fake.people = append(d.fake.people, book.Contact{Name: name, Boxes: []address.Mailbox{box}, Source: "vCard"})
		}
		d.typed("car")
	},
	"attachments": func(d *driver) {
		with := letter
		with.Focus, with.Attachments = "attachments", []string{"minutes.pdf", "photo.jpg", "a much longer name of a file.tar.gz"}
		d.open(with)
	},
	"preview": func(d *driver) {
		whole := letter
		whole.To = "bob@example.org"
		d.open(whole)
		d.press("alt+p")
	},
	"sheet": func(d *driver) {
		d.fake.findings = []presend.Finding{{Kind: presend.Attachment, Text: "it speaks of an attachment, and nothing is attached"}}
		whole := letter
		whole.To = "bob@example.org"
		d.open(whole)
		d.press("ctrl+s")
	},

	"outbox": func(d *driver) {
		d.trouble()
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
	"detail": func(d *driver) {
		d.trouble()
		d.press("alt+2", "enter")
	},
	"session": func(d *driver) {
		id := d.fake.put(outbox.Item{State: outbox.Sending, Account: "work", Subject: "Minutes of Tuesday", Size: 1_400_000, Created: time.Now(),
			Recipients: []outbox.Recipient{{Address: "bob@example.org", State: outbox.Pending}, {Address: "dave@example.org", State: outbox.Pending}}})
		d.app.do(kit.Outbox, kit.Watch{ID: id})
		d.press("alt+4")
		for _, e := range []smtp.Event{
			{Kind: smtp.KindBegin, Stage: smtp.StageConnect},
			{Kind: smtp.KindEnd, Stage: smtp.StageConnect, Text: "203.0.113.7 port 465", Elapsed: 31 * time.Millisecond},
			{Kind: smtp.KindBegin, Stage: smtp.StageRecipient, Recipient: "bob@example.org"},
			{Kind: smtp.KindEnd, Stage: smtp.StageRecipient, Recipient: "bob@example.org", Reply: smtp.Reply{Code: 250, Lines: []string{"fine"}}},
			{Kind: smtp.KindBegin, Stage: smtp.StageRecipient, Recipient: "dave@example.org"},
			{Kind: smtp.KindEnd, Stage: smtp.StageRecipient, Recipient: "dave@example.org", Reply: smtp.Reply{Code: 550, Enhanced: "5.1.1", Lines: []string{"no such user here"}}},
			{Kind: smtp.KindBegin, Stage: smtp.StageContent, Total: 1_400_000},
			{Kind: smtp.KindProgress, Stage: smtp.StageContent, Bytes: 824_000, Total: 1_400_000},
		} {
			e.Time = time.Now()
			d.fake.hear(outbox.Event{ID: id, Account: "work", Session: &e})
		}
	},

	"accounts": func(d *driver) { d.press("alt+3") },
	"wizard": func(d *driver) {
		a := config.Account{Address: "eve@example.org", Host: "mail.example.org", Port: 465, TLS: config.TLSImplicit, User: "eve"}
		b := a
		b.Host, b.Port, b.TLS = "out.hoster.example", 587, config.TLSStart
		d.fake.servers = discover.Found{
			Servers: []discover.Server{{Source: discover.SRV, Account: a}, {Source: discover.SRV, Account: b, Outside: true}},
			Steps:   []discover.Step{{Source: discover.SRV, Asked: "DNS", Text: "mail.example.org:465", Found: true}},
		}
		d.press("alt+3", "n")
		d.typed("eve@example.org")
		d.press("enter")
	},
}

// open shows a draft.
func (d *driver) open(fields message.Draft) {
	d.run(d.app.handle(loaded{DraftLoaded: kit.DraftLoaded{ID: 1, Fields: fields}}))
	d.settle()
}

// trouble fills the outbox with mails that need the person.
func (d *driver) trouble() {
	d.fake.put(outbox.Item{State: outbox.Uncertain, Account: "work", Subject: "Contract, signed", Updated: tuitest.Now(),
		Recipients: []outbox.Recipient{{Address: "lawyer@firm.example", State: outbox.RecipientUncertain}}})
	id := d.fake.put(outbox.Item{State: outbox.Failed, Account: "work", Subject: "Photos", Updated: tuitest.Now(), Problem: "the mail is too big",
		Recipients: []outbox.Recipient{
			{Address: "jo@example.org", State: outbox.RecipientRejected, Code: 552, Text: "too big"},
			{Address: "mum@example.org", State: outbox.RecipientAccepted, Code: 250, Text: "fine"},
		}})
	d.fake.attempts[id] = []outbox.Attempt{
		{N: 1, Started: tuitest.Now().Add(-20 * time.Minute), Elapsed: 300 * time.Millisecond, Stage: smtp.StageRecipient, Code: 451, Enhanced: "4.7.1", Text: "greylisted"},
		{N: 2, Started: tuitest.Now(), Elapsed: 9 * time.Second, Stage: smtp.StageContent, Code: 552, Text: "too big"},
	}
}

// sizes and themes are those that a window is pinned in.
var sizes = [][2]int{{40, 12}, {80, 24}, {220, 60}}

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

// TestGoldenWindows pins every window at three sizes in every theme. All themes
// draw the same text, and each role in one way. After a change that is wanted:
//
//	go test ./tui -run GoldenWindows -update
func TestGoldenWindows(t *testing.T) {
	t.Parallel()
	apart := theme.Choice{Name: "dark", Colors: map[string]string{}}
	for i, role := range config.Roles() {
		apart.Colors[role] = strconv.Itoa(100 + i)
	}
	for name, scene := range scenes {
		t.Run(name, func(t *testing.T) {
			var windows []tuitest.Window
			for _, size := range sizes {
				drive(t, size[0], size[1], newFake(), Options{Home: "/home/alice/.local/state/sendoff", Environ: []string{"LANG=C.UTF-8"}}, func(d *driver) {
					scene(d)
					d.wait(1200 * time.Millisecond)
					in := func(name string, c theme.Choice, profile colorprofile.Profile, ground color.Color) tuitest.Look {
						d.app.theme = c
						d.send(tea.ColorProfileMsg{Profile: profile}, tea.BackgroundColorMsg{Color: ground})
						return tuitest.Look{Theme: name, Content: d.app.View().Content}
					}
					w := tuitest.Window{Title: d.title(), Looks: []tuitest.Look{in("", apart, colorprofile.TrueColor, color.Black)}}
					for _, th := range themes {
						w.Looks = append(w.Looks, in(th.name, theme.Choice{Name: th.name}, th.profile, th.ground))
					}
					windows = append(windows, w)
				})
			}
			tuitest.Golden(t, strings.ReplaceAll(name, " ", "-"), tuitest.Looks(t, windows...))
		})
	}
}

// title says how large the window is and where the cursor.
func (d *driver) title() string {
	d.screen() // which looks whether the window keeps to its size
	size := fmt.Sprintf("%dx%d", d.app.width, d.app.height)
	if c := d.app.View().Cursor; c != nil {
		return fmt.Sprintf("%s, cursor in column %d of row %d", size, c.X+1, c.Y+1)
	}
	return size + ", no cursor"
}
