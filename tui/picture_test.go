package tui

import (
	"crypto/x509"
	"image/color"
	"path/filepath"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"sendoff/smtp"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/smtp/sasl"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

//go:generate go test -run TestGoldenPictures -update .

// grounds are the terminals that pictures are of.
var grounds = map[string]struct {
	color color.Color
	tuitest.Ground
}{
	"dark":  {color.Black, tuitest.Ground{Paper: "#16181d", Ink: "#e6e6ea", Edge: "#3a3d46"}},
	"light": {color.White, tuitest.Ground{Paper: "#ffffff", Ink: "#1b1b1f", Edge: "#c9c9d1"}},
}

// pictures are the windows that the README shows, and what is told of them to
// who can't see. They happen in the afternoon.
var pictures = map[string]struct {
	title string
	scene func(*driver)
}{
	"compose": {"The composer with a mail to three people and two files.", pictureCompose},
	"session": {"A mail was sent to three people; one of them was refused.", pictureSession},
	"outbox":  {"The outbox with a mail in each of several states.", pictureOutbox},
}

// TestGoldenPictures draws the pictures of the README, and asserts that those in the
// tree are what the program looks like.
func TestGoldenPictures(t *testing.T) {
	t.Parallel()
	for name, p := range pictures {
		drive(t, 80, 24, newFake(), Options{Environ: []string{"LANG=C.UTF-8", "TERM=xterm"}}, func(d *driver) {
			time.Sleep(14*time.Hour + 2*time.Minute) // made-up time, see drive
			d.settle()
			p.scene(d)
			d.wait(2500 * time.Millisecond)
			for ground, on := range grounds {
				d.send(tea.ColorProfileMsg{Profile: colorprofile.TrueColor}, tea.BackgroundColorMsg{Color: on.color})
				svg := tuitest.Picture(d.app.View(), d.app.width, d.app.height, on.Ground, p.title)
				tuitest.Kept(t, filepath.Join("..", "assets", "picture", name+"-"+ground+".svg"), svg)
			}
		})
	}
}

func pictureCompose(d *driver) {
	d.fake.sizes = map[string]int64{"minutes.pdf": 214_000, "photo.jpg": 1_200_000}
	d.send(loaded{DraftLoaded: kit.DraftLoaded{ID: 1, Fields: message.Draft{
		To: "bob@example.org, Carol Jones <carol@example.org>, dave@@x", Subject: "Minutes of Tuesday",
		Body:        "Dear all,\n\nthe minutes are attached. Please tell me by Friday what I got wrong.\n\n> Will there be pictures?\n\nOne, of the new garden.\n\n-- \nAlice\n",
		Attachments: []string{"minutes.pdf", "photo.jpg"}, Focus: "body", Line: 6, Column: 23,
	}}})
}

func pictureOutbox(d *driver) {
	now := d.app.env.Now()
	put := func(state outbox.State, subject, to string, change func(*outbox.Item)) {
		it := outbox.Item{State: state, Account: "work", Subject: subject, Updated: now, Recipients: []outbox.Recipient{{Address: to, State: outbox.Pending}}}
		if change != nil {
			change(&it)
		}
		d.fake.put(it)
	}
	for i, subject := range []string{"Lunch?", "Re: Garden", "Slides for Monday"} {
		put(outbox.Sent, subject, "carol@example.org", func(it *outbox.Item) {
			it.Updated = now.Add(time.Duration(i-4) * 25 * time.Minute)
			it.Recipients[0].State = outbox.RecipientAccepted
		})
	}
	put(outbox.Draft, "Some thoughts on", "jo@example.org", nil)
	put(outbox.Scheduled, "Happy birthday", "mum@example.org", func(it *outbox.Item) { it.NotBefore = now.Add(43 * time.Hour) })
	put(outbox.Deferred, "Minutes of Tuesday", "bob@example.org", func(it *outbox.Item) {
		it.NextTry, it.Reply = now.Add(33*time.Minute), "451 4.7.1 greylisted, try again"
		it.Recipients[0] = outbox.Recipient{Address: "bob@example.org", State: outbox.RecipientDeferred, Code: 451, Enhanced: "4.7.1", Text: "greylisted"}
	})
	put(outbox.Partial, "Photos", "jo@example.org", func(it *outbox.Item) {
		it.Recipients[0].State = outbox.RecipientAccepted
		it.Recipients = append(it.Recipients, outbox.Recipient{Address: "max@example.org", State: outbox.RecipientRejected, Code: 552, Text: "mailbox full"})
	})
	put(outbox.Uncertain, "Contract, signed", "lawyer@firm.example", func(it *outbox.Item) { it.Recipients[0].State = outbox.RecipientUncertain })
	d.press("alt+2", "shift+tab")
}

// pictureSession is what the sandbox says when one of three is refused.
func pictureSession(d *driver) {
	began := d.app.env.Now()
	it := outbox.Item{
		State: outbox.Partial, Account: "work", From: "alice@example.org", Subject: "Minutes of Tuesday", Size: 1_900_000, Created: began, Updated: began,
		Recipients: []outbox.Recipient{
			{Address: "bob@example.org", State: outbox.RecipientAccepted, Code: 250, Enhanced: "2.0.0", Text: "Ok: queued as 4XyZ"},
			{Address: "carol@example.org", State: outbox.RecipientAccepted, Code: 250, Enhanced: "2.0.0", Text: "Ok: queued as 4XyZ"},
			{Address: "dave@example.org", State: outbox.RecipientRejected, Code: 550, Enhanced: "5.1.1", Text: "User unknown"},
		},
	}
	id := d.fake.put(it)
	d.fake.attempts[id] = []outbox.Attempt{{
		N: 1, Started: began, Elapsed: 1460 * time.Millisecond, Stage: smtp.StageAccepted,
		Code: 250, Enhanced: "2.0.0", Text: "Ok: queued as 4XyZ", Bytes: 1_900_000, Waits: 4,
	}}
	d.app.do(kit.Outbox, kit.Watch{ID: id})
	at := began
	tell := func(e smtp.Event, ms int) {
		e.Kind, e.Time = smtp.KindBegin, at
		d.fake.hear(outbox.Event{ID: id, Session: &e})
		end := e
		end.Kind, end.Elapsed = smtp.KindEnd, time.Duration(ms)*time.Millisecond
		at = at.Add(end.Elapsed)
		end.Time = at
		d.fake.hear(outbox.Event{ID: id, Session: &end})
	}
	tell(smtp.Event{Stage: smtp.StageResolve, Text: "203.0.113.7, 2001:db8::7"}, 12)
	tell(smtp.Event{Stage: smtp.StageConnect, Text: "203.0.113.7 port 465"}, 31)
	tell(smtp.Event{Stage: smtp.StageTLS, TLS: &smtp.TLSInfo{
		Version: "TLS 1.3", ServerName: "smtp.example.org",
		Certificate: &x509.Certificate{DNSNames: []string{"smtp.example.org"}, NotAfter: time.Date(2027, 2, 11, 0, 0, 0, 0, time.UTC)},
	}}, 64)
	tell(smtp.Event{Stage: smtp.StageHello, Capabilities: &smtp.Capabilities{
		Pipelining: true, Chunking: true, Size: 35_000_000, UTF8: true, DSN: true, Greeting: "smtp.example.org",
		Extensions: []string{"PIPELINING", "CHUNKING", "SIZE 35000000", "SMTPUTF8", "DSN"},
	}}, 33)
	tell(smtp.Event{Stage: smtp.StageAuth, Mechanism: "SCRAM-SHA-256-PLUS", Text: "the best of SCRAM-SHA-256-PLUS, SCRAM-SHA-256, PLAIN",
		Choice: &sasl.Choice{Offered: []string{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN"}, Tried: []string{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN"}},
	}, 98)
	tell(smtp.Event{Stage: smtp.StageMail, Used: []string{"PIPELINING", "CHUNKING", "SIZE"}}, 34)
	for _, r := range it.Recipients {
		tell(smtp.Event{Stage: smtp.StageRecipient, Recipient: r.Address, Reply: smtp.Reply{Code: r.Code, Enhanced: r.Enhanced, Lines: []string{r.Text}}}, 0)
	}
	tell(smtp.Event{Stage: smtp.StageContent, Bytes: 1_900_000, Total: 1_900_000}, 1120)
	tell(smtp.Event{Stage: smtp.StageAccepted, Reply: smtp.Reply{Code: 250, Enhanced: "2.0.0", Lines: []string{"Ok: queued as 4XyZ"}}}, 68)
	d.settle()
	d.app.handle(kit.ItemLoaded{Item: it, Attempts: d.fake.attempts[id]})
}
