package compose

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/message"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// TestFields: fields are added, changed and removed on their page, and what the
// page shows is in the draft at once.
func TestFields(t *testing.T) {
	t.Parallel()
	s := begun()
	s.Update(kit.DraftLoaded{Fields: message.Draft{To: "ann@x.example", Subject: "Hi"}})
	before := s.Revision()
	tuitest.Press(s, "alt+h")
	tuitest.Type(s, "X-Ticket: 47")
	s.Update(tea.PasteMsg{Content: "11"})
	tuitest.Press(s, "enter")
	tuitest.Type(s, "List-Id:<news.example.org>\n")
	want := []message.Header{{Name: "X-Ticket", Value: "4711"}, {Name: "List-Id", Value: "<news.example.org>"}}
	if got := s.Draft().Headers; !cmp.Equal(got, want) || s.Revision() == before {
		t.Fatalf("the draft has %+v", got)
	}
	tuitest.Press(s, "up", "up", "backspace", "9", "esc") // the first is changed
	if got := s.Draft().Headers[0].Value; got != "4719" || s.over != nil {
		t.Errorf("changed it is %q", got)
	}
	if _, ok := tuitest.Press(s, "ctrl+s").(kit.Send); !ok {
		t.Error("it can't be sent")
	}
	s.Update(kit.MailChecked{})
	tuitest.Press(s, "esc", "alt+h", "up", "ctrl+u", "up", "alt+r", "esc") // emptied, and removed
	if got := s.Draft().Headers; len(got) != 0 {
		t.Errorf("the draft still has %+v", got)
	}
}

// TestWrongFields: what can't stand in a header is said where it is typed, kept
// as it is, and no mail goes with it.
func TestWrongFields(t *testing.T) {
	t.Parallel()
	for typed, says := range map[string]string{
		"Bcc: x@example.org":          "Bcc has a place of its own",
		"content-type: text/html":     "content-type is written by sendoff itself",
		"Received: by me":             "is for servers to write",
		"two words: x":                "is not the name of a header field",
		": x":                         "has no name",
		"Sender: nobody":              "nobody",
		"In-Reply-To: the last mail":  "is not a message id",
		"References: <a@x.example> b": "is not a message id",
	} {
		s := begun()
		s.Update(kit.DraftLoaded{Fields: message.Draft{To: "ann@x.example", Subject: "Hi", Headers: []message.Header{{Name: "X-A", Value: "b"}}}})
		tuitest.Press(s, "alt+h")
		tuitest.Type(s, typed)
		if got := s.Status(); !got.Trouble || !strings.Contains(got.Text, says) {
			t.Errorf("%q: the page says %+v", typed, got)
		}
		tuitest.Press(s, "esc")
		if got := s.Status(); !got.Trouble || !strings.Contains(got.Text, says) {
			t.Errorf("%q: the composer says %+v", typed, got)
		}
		if got := tuitest.Press(s, "ctrl+s"); got != nil || s.Draft().Focus != "headers" {
			t.Errorf("%q: it wants %v, focus in %s", typed, got, s.Draft().Focus)
		}
		tuitest.Press(s, "enter", "up", "alt+r", "esc", "ctrl+s")
		if s.sending != queuing {
			t.Errorf("%q: without it the mail does not go: %+v", typed, s.Status())
		}
	}
}

// TestThread: a reply shows what it answers in one row, which can be removed as
// one.
func TestThread(t *testing.T) {
	t.Parallel()
	s := begun()
	s.SetSize(80, 20)
	s.Update(kit.DraftLoaded{Fields: message.Draft{To: "ann@x.example", Subject: "Re: Hi", Body: "x", Focus: "subject", Headers: []message.Header{
		{Name: "In-Reply-To", Value: "<3@x.example>"}, {Name: "References", Value: "<1@x.example> <2@x.example> <3@x.example>"}, {Name: "X-A", Value: "b"},
	}}})
	if view, _ := s.View(); !strings.Contains(view, "answer to <3@x.example>, and 2 before it") || !strings.Contains(view, "X-A: b") {
		t.Errorf("it shows\n%s", view)
	}
	tuitest.Press(s, "down", "enter", "up", "up", "alt+r", "esc")
	if got := s.Draft().Headers; !cmp.Equal(got, []message.Header{{Name: "X-A", Value: "b"}}) {
		t.Errorf("left are %+v", got)
	}
	if got := belongs([]message.Header{{Name: "references", Value: "<1@x> <2@x>"}}); got != "after <2@x>, and 1 before it" {
		t.Errorf("passed on it is %q", got)
	}
}
