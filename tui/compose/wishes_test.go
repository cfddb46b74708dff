package compose

import (
	"strings"
	"testing"
	"time"

	"sendoff/smtp/message"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// TestWishes: what is chosen on the page is in the draft, and there again when
// the draft is opened again.
func TestWishes(t *testing.T) {
	t.Parallel()
	s := begun()
	s.Update(kit.DraftLoaded{Fields: message.Draft{To: "ann@x.example", Subject: "Hi"}})
	before := s.Revision()
	tuitest.Press(s, "alt+o", "right")         // importance: high
	tuitest.Press(s, "down", "right", "right") // reports: of success
	tuitest.Press(s, "down", "left")           // with the whole mail
	tuitest.Press(s, "down", "space")          // encrypted
	tuitest.Press(s, "down", "right", "right", "left")
	tuitest.Press(s, "down")
	tuitest.Type(s, "in 2h")
	tuitest.Press(s, "tab", "esc")
	want := message.Wishes{
		Importance: "high", Notify: "success", Return: "full", RequireTLS: true, Priority: 1,
		HoldUntil: tuitest.Now().Add(2 * time.Hour).UTC(),
	}
	got := s.Draft()
	if got.Wishes != want || got.To != "ann@x.example" || s.Revision() == before {
		t.Errorf("the draft is %+v", got)
	}
	if status := s.Status().Text; !strings.Contains(status, "reports of success") || !strings.Contains(status, "encrypted all the way") {
		t.Errorf("the status is %q", status)
	}
	s.Update(kit.DraftLoaded{})
	if s.Draft().Wishes != (message.Wishes{}) || !s.Empty() {
		t.Error("a new mail asks for what the last one did")
	}
	s.Update(kit.DraftLoaded{ID: 3, Fields: got})
	tuitest.Press(s, "alt+o", "esc")
	if again := s.Draft().Wishes; again != want {
		t.Errorf("opened again it asks for %+v", again)
	}
}

// TestWrongTime: a time that can't be read is said, and not forgotten.
func TestWrongTime(t *testing.T) {
	t.Parallel()
	s := begun()
	tuitest.Press(s, "alt+o", "up", "up")
	tuitest.Type(s, "yesterdy")
	if status := s.Status(); !status.Trouble || !strings.Contains(status.Text, "is not a time") {
		t.Errorf("the status is %+v", status)
	}
	tuitest.Press(s, "esc")
	if s.over == nil {
		t.Error("the page closed over it")
	}
	tuitest.Press(s, "ctrl+u", "esc")
	if s.over != nil || s.Draft().Wishes != (message.Wishes{}) {
		t.Error("without it the page does not close")
	}
}
