package compose

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/message"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// TestChaos presses keys, clicks, resizes and answers by chance, the same at
// each run. Nothing may panic, draw beyond its size, or change a field that
// was loaded but not touched.
func TestChaos(t *testing.T) {
	t.Parallel()
	names := strings.Fields(`a , @ space enter tab shift+tab up down left right home end backspace delete esc ctrl+s ctrl+o
		alt+c alt+r alt+e alt+n alt+k ctrl+w ctrl+u ctrl+k ctrl+y ctrl+z alt+y alt+a alt+w ctrl+@ pgdown pgup alt+o alt+h alt+i`)
	chance := rand.New(rand.NewPCG(7, 8))
	wishes := message.Wishes{Notify: "delay", Priority: 3}
	for range 80 {
		s := begun()
		s.Update(kit.DraftLoaded{Fields: message.Draft{
			To: "a@x.example, b@@x", Headers: []message.Header{{Name: "X-A", Value: "b"}}, Wishes: wishes, Body: "one\ntwo", Attachments: []string{"/w/a", "/w/missing"},
		}})
		width, height, asked, opened := 80, 20, false, false
		for range 100 {
			var want kit.Intent
			switch chance.IntN(12) {
			case 0:
				width, height = 1+chance.IntN(90), 1+chance.IntN(40)
				s.SetSize(width, height)
			case 1:
				at := tea.Mouse{X: chance.IntN(width), Y: chance.IntN(height), Button: tea.MouseLeft}
				want = s.Update([]tea.Msg{tea.MouseClickMsg(at), tea.MouseMotionMsg(at), tea.MouseReleaseMsg(at)}[chance.IntN(3)])
			case 2:
				want = s.Update(tea.PasteMsg{Content: "x@y.example,\n漢字\t\x1b[31m"})
			default:
				name := names[chance.IntN(len(names))]
				asked = asked || name == "alt+o"
				want = tuitest.Press(s, name)
				_, fields := s.over.(*fielding)
				opened = opened || fields
			}
			s.Update(answer(want))
			view, cursor := s.View()
			rows := strings.Split(view, "\n")
			if len(rows) != height {
				t.Fatalf("%d rows of %d", len(rows), height)
			}
			for _, row := range rows {
				if n := s.pen.Width(row); n > width {
					t.Fatalf("%d cells of %d: %q", n, width, row)
				}
			}
			if cursor != nil && width > label+1 && (cursor.X < 0 || cursor.X >= width) {
				t.Fatalf("cursor in column %d of %d", cursor.X, width)
			}
			s.Status()
			s.Bindings()
		}
		if got := s.Draft().Headers; len(got) != 1 && !opened {
			t.Fatalf("headers are %v", got)
		}
		if got := s.Draft().Wishes; got != wishes && !asked {
			t.Fatalf("wishes are %+v", got)
		}
	}
}

// answer is what the program says to an intent, failures included.
func answer(want kit.Intent) tea.Msg {
	switch want := want.(type) {
	case kit.CheckFiles:
		return found(want)
	case kit.ListFolder:
		return listing(want.Path, "/w/", "docs/", "a", "missing")
	case kit.EditOutside:
		return kit.Edited{Text: want.Text + "!", Err: errors.New("the editor failed")}
	case kit.Send:
		return kit.Queued{Err: errors.New("disk full")}
	}
	return nil
}
