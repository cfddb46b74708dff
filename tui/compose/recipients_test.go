package compose

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"sendoff/config/book"
	"sendoff/smtp/address"
	"sendoff/smtp/message"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

func contact(name, addr, source string, uses int) book.Contact {
	m, err := address.Parse(addr)
	if err != nil {
		panic(err)
	}
	return book.Contact{Name: name, Boxes: []address.Mailbox{m}, Source: source, Uses: uses}
}

// asked types one letter at a time and answers every question for people.
func asked(s *Screen, typed string, answer ...book.Contact) {
	for _, r := range typed {
		if want, ok := tuitest.Press(s, string(r)).(kit.Complete); ok {
			s.Update(kit.Completed{Typed: want.Typed, People: answer})
		}
	}
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	bob, bobby := contact("Bob Ross", "bob@x.example", "vCard", 12), contact("", "bobby@y.example", "abook", 0)
	for _, tt := range []struct {
		name, typed string
		keys        []string
		to          string
		focus       place
	}{
		{"the first by tab", "bo", []string{"tab"}, "Bob Ross <bob@x.example>, ", inTo},
		{"the second by enter", "bo", []string{"down", "enter"}, "bobby@y.example, ", inTo},
		{"none after esc", "bo", []string{"esc", "tab"}, "bo", inSubject},
		{"up to none", "bo", []string{"up", "tab"}, "bo", inSubject},
		{"what is whole stays", "bo@b.example", []string{"tab"}, "bo@b.example", inSubject},
		{"what is whole, and down", "bo@b.example", []string{"down", "tab"}, "Bob Ross <bob@x.example>, ", inTo},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := begun()
			asked(s, tt.typed, bob, bobby)
			tuitest.Press(s, tt.keys...)
			if got := s.Draft().To; got != tt.to || s.focus != tt.focus {
				t.Errorf("to %q, the focus in %s", got, s.focus)
			}
		})
	}
}

func TestCompletionLate(t *testing.T) {
	t.Parallel()
	s := begun()
	bob := contact("Bob", "bob@x.example", "vCard", 0)
	asked(s, "b", bob)
	tuitest.Press(s, "o")
	s.Update(kit.Completed{Typed: "b", People: []book.Contact{bob}})
	if len(s.offer.people) != 0 {
		t.Error("an answer to what is typed no longer is shown")
	}
	s.Update(kit.Completed{Typed: "bo", People: []book.Contact{bob}})
	s.Update(kit.Completed{Typed: "bo", People: []book.Contact{bob, contact("", "bo@z.example", "khard", 0)}, Asked: true})
	if len(s.offer.people) != 2 {
		t.Errorf("with the command's there are %d", len(s.offer.people))
	}
	tuitest.Press(s, "esc")
	s.Update(kit.Completed{Typed: "bo", People: []book.Contact{bob}, Asked: true})
	if len(s.offer.people) != 0 {
		t.Error("a late answer opens what was closed")
	}
}

func TestOfferFrames(t *testing.T) {
	t.Parallel()
	for name, size := range map[string][2]int{"offer-40x12": {40, 10}, "offer-80x24": {80, 22}} {
		s := begun()
		s.SetSize(size[0], size[1])
		group := book.Contact{Name: "Bobs", Group: true, Boxes: make([]address.Mailbox, 3), Source: "mutt"}
		asked(s, "bo", contact("Bob Ross", "bob@x.example", "vCard", 12), contact("Bo\x1b]0;x\a", "bobby@y.example", "abook", 0), group)
		tuitest.Press(s, "down")
		tuitest.Golden(t, name, tuitest.Frame(t, tuitest.Env(), s, size[0], size[1]))
	}
}

func TestRecipientMarks(t *testing.T) {
	t.Parallel()
	s := begun()
	s.SetSize(100, 20)
	s.Update(kit.DraftLoaded{Fields: message.Draft{To: "a@x.example, b@dead.example, dave@@x, us: c@x.example;", Focus: "subject"}})
	want := s.Update(nil)
	if diff := cmp.Diff(kit.Intent(nil), want); diff != "" {
		t.Errorf("asked twice\n%s", diff)
	}
	s.Update(kit.LookedUp{Known: map[string]kit.Known{"a@x.example": {First: true}, "b@dead.example": {Dead: "there is no such domain"}}})
	view, _ := s.View()
	if view = ansi.Strip(view); !strings.Contains(view, "◇ a@x.example  ? b@dead.example  ✗ dave@@x  ◎ us: c@x.example;") {
		t.Error(view)
	}
	tuitest.Press(s, "shift+tab", "backspace")
	if got := s.Draft().To; got != "a@x.example, b@dead.example, dave@@x, " {
		t.Errorf("%q", got)
	}
}

func TestMoveRecipients(t *testing.T) {
	t.Parallel()
	s := begun()
	tuitest.Type(s, "a@x.example, Bob <b@x.example>, ")
	tuitest.Press(s, "alt+t")
	if d := s.Draft(); d.To != "a@x.example, " || d.Cc != "Bob <b@x.example>, " {
		t.Errorf("to %q, cc %q", d.To, d.Cc)
	}
	tuitest.Press(s, "tab", "alt+t", "tab", "alt+t")
	if d := s.Draft(); d.To != "a@x.example, Bob <b@x.example>, " || d.Cc+d.Bcc != "" {
		t.Errorf("around: to %q, cc %q, bcc %q", d.To, d.Cc, d.Bcc)
	}
	tuitest.Press(s, "alt+1")
	s = begun()
	tuitest.Type(s, "a@x.example, b@x.example, ")
	tuitest.Press(s, "backspace", "left", "alt+t")
	if d := s.Draft(); d.To != "" || d.Cc != "a@x.example, " {
		t.Errorf("one removed, one moved: %+v", d)
	}
}
