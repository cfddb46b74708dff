package tui

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"sendoff/config"
	"sendoff/smtp"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// strange returns a key map in which every action has a key that none had: alt
// and a Cyrillic letter.
func strange(t *testing.T) *keys.Map {
	t.Helper()
	m := keys.Default()
	for i, a := range m.Actions() {
		if err := a.Set([]string{"alt+" + string(rune(0x430+i))}); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// usual finds names of keys as they come: with ctrl, alt or shift, of their own
// name, or a single letter that does something in a sentence.
var usual = regexp.MustCompile(`(?i:\b(ctrl|shift)\+|alt\+[a-z0-9<>{}]|\bF[0-9]+\b|\b(esc|tab|enter|backspace|pgup|pgdown)\b)|[.;,:] [b-z] [a-z]{2,}s `)

// tabWord is no key but one of the views of the outbox.
var tabWord = regexp.MustCompile(`(next|previous)[ -]tab`)

// TestKeyNames: a key that the person changed is named by its new name wherever
// one is named.
func TestKeyNames(t *testing.T) {
	t.Parallel()
	m := strange(t)
	press := func(d *driver, name string) {
		for _, a := range m.Actions() {
			if a.Name == name {
				d.send(keys.Press(a.Binding.Keys()[0]))
				d.settle()
				d.wait(10 * time.Millisecond)
				return
			}
		}
		t.Fatalf("no action is called %s", name)
	}
	check := func(d *driver, where string) {
		t.Helper()
		var parts [4]string // beside, in and behind a window or a rule
		for _, row := range strings.Split(d.screen(), "\n") {
			for i, part := range strings.SplitN(row, "│", len(parts)) {
				parts[i] += " " + part
			}
		}
		for _, part := range parts {
			part = tabWord.ReplaceAllString(strings.Join(strings.Fields(part), " "), "")
			if found := usual.FindString(part); found != "" {
				t.Errorf("%s names a key as it comes, %q:\n%s", where, found, d.screen())
			}
		}
	}
	walk := func(f *fake, test func(*driver, func(actions ...string))) {
		for _, size := range [][2]int{{80, 24}, {140, 40}} {
			drive(t, size[0], size[1], f, Options{Keys: m, Home: "/h"}, func(d *driver) {
				test(d, func(actions ...string) {
					t.Helper()
					for _, name := range actions {
						press(d, name)
					}
					check(d, strings.Join(actions, " "))
				})
			})
		}
	}

	empty := newFake()
	empty.accounts = nil
	walk(empty, func(d *driver, at func(...string)) {
		at()
		at("start.write")
		at("compose.send")
		at("compose.detach")
		at("compose.markdown")
		at("global.accounts")
		at("accounts.add")
		at("form.next")
		at("form.cancel")
		at("global.session")
		at("global.outbox")
		for range 5 {
			at("outbox.next-tab")
		}
		at("global.help")
		at("dialog.close", "global.palette")
		for range 40 {
			at("list.down")
		}
		at("dialog.close", "global.tour")
		for range 4 {
			at("dialog.press")
		}
	})

	all := newFake()
	for i, state := range outbox.States {
		id := all.put(outbox.Item{
			State: state, Account: "work", Subject: "Mail " + string(state), Updated: tuitest.Now(), NotBefore: tuitest.Now().Add(time.Hour),
			Recipients: []outbox.Recipient{{Address: fmt.Sprintf("person%d@example.org", i), State: outbox.RecipientUncertain}},
		})
		all.drafts[id] = message.Draft{Body: "text", Attachments: []string{"/w/a.pdf", "/w/b.pdf"}}
	}
	walk(all, func(d *driver, at func(...string)) {
		at()
		at("compose.detach")
		at("compose.preview")
		at("dialog.close", "compose.attach")
		at("dialog.close", "compose.wishes")
		at("dialog.close", "compose.discard")
		at("dialog.close", "compose.later")
		at("dialog.close", "global.outbox", "outbox.previous-tab")
		for range outbox.States {
			at("list.down")
			for _, action := range []string{"delete", "send-again", "mark-sent", "schedule", "export"} {
				at("outbox." + action)
				at("dialog.close")
			}
			at("outbox.transcript")
			at("outbox.source")
			at("outbox.back", "outbox.back", "global.outbox")
		}
		at("outbox.mark", "outbox.mark-to")
		at("outbox.delete")
		at("dialog.close", "outbox.back", "outbox.search")
		d.typed("nowhere")
		at()
		at("dialog.close")
		at("outbox.cancel")
		for id := range all.items {
			d.run(d.app.do(kit.Outbox, kit.Watch{ID: id}))
			d.wait(10 * time.Millisecond)
			at()
			at("session.transcript")
			at("session.details")
		}
		at("global.accounts")
		at("accounts.edit")
		at("form.cancel", "accounts.test")
		at("global.quit")
	})

	waits := newFake()
	waits.undo = time.Minute
	waits.accounts = append(waits.accounts, kit.AccountInfo{Account: config.Account{Name: "other", Address: "me@other.example"}})
	waits.queueErr = errors.New("no room")
	walk(waits, func(d *driver, at func(...string)) {
		at("compose.previous") // the sender
		d.app.handle(loaded{DraftLoaded: kit.DraftLoaded{Fields: message.Draft{To: "bob@example.org", Subject: "x", Body: "y"}}})
		at("compose.send")
		d.fake.queueErr = nil
		at("compose.send")
		d.wait(time.Second)
		at("global.compose")
		at("global.outbox")
		at("global.take-back")
		at()
		d.fake.hear(outbox.Event{Account: "work", Problem: &smtp.Error{Stage: smtp.StageAuth, Class: smtp.ClassAuth, Reply: smtp.Reply{Code: 535}}})
		d.wait(5 * time.Second)
		at()
		d.send(tea.WindowSizeMsg{Width: 25, Height: 7})
		at()
	})
}
