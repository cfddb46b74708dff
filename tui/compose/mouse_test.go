package compose

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"sendoff/config/book"
	"sendoff/smtp/address"
	"sendoff/smtp/message"
	"sendoff/tui/kit"
	"sendoff/tui/presend"
	"sendoff/tui/tuitest"
)

// clickOn clicks where a screen shows some words.
func clickOn(t *testing.T, s *Screen, words string) kit.Intent {
	t.Helper()
	x, y := tuitest.Find(t, s, words)
	return s.Update(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
}

func TestMouse(t *testing.T) {
	t.Parallel()
	s := begun()
	s.SetSize(80, 20)
	s.Update(kit.DraftLoaded{Fields: message.Draft{To: "bob@x.example", Subject: "Minutes", Body: "one\ntwo"}})
	click := func(x, y int) { s.Update(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft}) }
	click(3, 5)
	if d := s.Draft(); d.Focus != "body" || d.Line != 1 || d.Column != 2 {
		t.Errorf("in the text: %s, line %d, column %d", d.Focus, d.Line, d.Column)
	}
	click(label+3, 2)
	tuitest.Type(s, "X")
	if d := s.Draft(); d.Focus != "subject" || d.Subject != "MinXutes" {
		t.Errorf("in the subject: %s, %q", d.Focus, d.Subject)
	}
	click(label+2+3, 1)
	if got := s.Draft().Focus; got != "to" {
		t.Errorf("in To: %s", got)
	}
}

// TestMouseAround clicks through what stands around the text: attachments,
// people who are offered, and the pages that are opened over it.
func TestMouseAround(t *testing.T) {
	t.Parallel()
	s := begun()
	s.SetSize(80, 20)
	s.Update(kit.DraftLoaded{Fields: message.Draft{Subject: "Minutes", Body: "one", Attachments: []string{"/w/a.pdf", "/w/b.pdf"}}})
	clickOn(t, s, "b.pdf")
	tuitest.Press(s, "delete")
	if got := s.Draft().Attachments; len(got) != 1 || got[0] != "/w/a.pdf" {
		t.Errorf("removed the wrong one: %q", got)
	}

	clickOn(t, s, "To ")
	tuitest.Type(s, "bo")
	s.Update(kit.Completed{Typed: "bo", People: []book.Contact{
		{Boxes: []address.Mailbox{{Local: "ann", Domain: "bo.example"}}}, {Boxes: []address.Mailbox{{Local: "bob", Domain: "x.example"}}},
	}})
	clickOn(t, s, "bob@x.example")
	if got := s.Draft().To; !strings.Contains(got, "bob@x.example") || strings.Contains(got, "ann") {
		t.Errorf("took %q", got)
	}

	tuitest.Press(s, "alt+o")
	clickOn(t, s, "Encrypted")
	clickOn(t, s, "Encrypted")
	if !s.wishes.RequireTLS {
		t.Error("a second click does not choose")
	}
	tuitest.Press(s, "esc", "ctrl+o")
	s.Update(listing("", "/w/", "docs/", "minutes.pdf"))
	if want := clickOn(t, s, "minutes.pdf"); want != nil {
		t.Errorf("the first click on a file wants %+v", want)
	}
	if want, ok := clickOn(t, s, "minutes.pdf").(kit.CheckFiles); !ok || want.Paths[0] != "/w/minutes.pdf" {
		t.Errorf("the second click on a file wants %+v", want)
	}
	tuitest.Press(s, "esc", "alt+p")
	s.Update(kit.Previewed{Preview: kit.Preview{Text: "the words", Source: "Subject: the source"}})
	clickOn(t, s, "Source")
	if view, _ := s.View(); !strings.Contains(view, "the source") {
		t.Errorf("the source does not show:\n%s", view)
	}
	tuitest.Press(s, "esc")
	s.SetSize(40, 6)
	s.Update(kit.MailChecked{Findings: make([]presend.Finding, 20)})
	before, _ := s.View()
	s.Update(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	if after, _ := s.View(); after == before {
		t.Error("the wheel does not move the sheet")
	}
}

// TestMouseSender: a second click on the sender takes the next.
func TestMouseSender(t *testing.T) {
	t.Parallel()
	s := begun()
	before := s.Draft().Account
	clickOn(t, s, "From")
	if s.Draft().Account != before {
		t.Error("the first click changes it")
	}
	clickOn(t, s, "From")
	if s.Draft().Account == before {
		t.Error("the second click does not")
	}
}
