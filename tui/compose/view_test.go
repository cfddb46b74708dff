package compose

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/message"
	"sendoff/tui/kit"
	"sendoff/tui/presend"
	"sendoff/tui/theme"
	"sendoff/tui/tuitest"
)

func TestWheel(t *testing.T) {
	t.Parallel()
	s := begun()
	s.Update(kit.DraftLoaded{Fields: message.Draft{Focus: "body", Body: strings.Repeat("x\n", 100) + "end"}})
	for range 40 {
		s.Update(tea.MouseWheelMsg{Button: tea.MouseWheelDown, Y: 8})
	}
	if view, cursor := s.View(); !strings.Contains(view, "end") || cursor != nil {
		t.Error("the wheel does not lead to the end")
	}
	tuitest.Press(s, "right")
	if _, cursor := s.View(); cursor == nil {
		t.Error("a key does not lead back to the cursor")
	}
}

func TestFrames(t *testing.T) {
	t.Parallel()
	minutes := message.Draft{
		To: "bob@example.org, Carol <carol@b.example>, dave@@x.example", Subject: "Minutes of Tuesday",
		Body:        "Dear all,\n\nthe minutes are attached. Please tell me by Friday what I got wrong.\n\n> quoted: 漢字 and 👨\u200d👩\u200d👧\n\n-- \nAlice",
		Attachments: []string{"/w/minutes.pdf", "/w/photo.jpg", "/w/missing.txt"},
	}
	hostile := message.Draft{
		To: "\u202eeve@x.example, b\x1b[31m@x.example", Subject: "a\u200bb \u202e", Body: "tab\tand \u202e override",
		Attachments: []string{"/w/\x1b]52;c;x\x07.txt", "/w/gpj\u202e.exe"},
	}
	answer := message.Draft{To: "bob@example.org", Subject: "Re: Minutes", Body: "Yes.", Headers: []message.Header{
		{Name: "In-Reply-To", Value: "<c3f2a@mail.example.org>"}, {Name: "References", Value: "<a1@example.org> <b2@example.org> <c3f2a@mail.example.org>"},
		{Name: "X-Ticket", Value: "\u202e4711, a word from the desk that is longer than most rows are in the end"},
	}}
	many := message.Draft{To: "a@x.example", Attachments: make([]string, 40)}
	for i := range many.Attachments {
		many.Attachments[i] = fmt.Sprintf("/w/attachment-number-%d.pdf", i+1)
	}
	many.Focus = "attachments"
	pick := func(s *Screen) {
		tuitest.Press(s, "ctrl+o")
		s.Update(listing("", "/w/", "docs/", "photos/", "minutes.pdf", "photo.jpg"))
		tuitest.Type(s, "p")
	}
	frames := []struct {
		name   string
		fields message.Draft
		focus  place
		do     func(*Screen)
	}{
		{"new", message.Draft{}, "", nil},
		{"header", minutes, inTo, nil},
		{"body", minutes, inBody, func(s *Screen) { tuitest.Press(s, "alt+>") }},
		{"more", minutes, inBody, func(s *Screen) { tuitest.Press(s, "alt+c") }},
		{"refused", minutes, inBody, func(s *Screen) { tuitest.Press(s, "ctrl+s") }},
		{"files", minutes, inFiles, func(s *Screen) { tuitest.Press(s, "right") }},
		{"many-files", many, "", func(s *Screen) { tuitest.Press(s, "right", "right", "right", "right", "right") }},
		{"picker", minutes, inBody, pick},
		{"wishes", minutes, inBody, func(s *Screen) {
			tuitest.Press(s, "alt+o", "right", "down", "right", "right", "up", "up")
			tuitest.Press(s, "up")
			tuitest.Type(s, "tomorrow 9:00")
		}},
		{"chip", minutes, inTo, func(s *Screen) { tuitest.Press(s, "home", "right") }},
		{"fields", answer, inHeaders, nil},
		{"fields-page", answer, inBody, func(s *Screen) {
			tuitest.Press(s, "alt+h")
			tuitest.Type(s, "Bcc: x@example.org")
		}},
		{"templates", message.Draft{}, inTo, func(s *Screen) { opened(t, s) }},
		{"filling", message.Draft{}, inTo, func(s *Screen) {
			opened(t, s)
			tuitest.Press(s, "enter")
			tuitest.Type(s, "bob@x.example\n4711")
		}},
		{"sheet", minutes, inBody, func(s *Screen) {
			s.Update(kit.MailChecked{Findings: []presend.Finding{
				{Kind: presend.LookAlike, Text: "carol@gmial.com: did you mean gmail.com?"},
				{Kind: presend.Attachment, Text: `it speaks of an attachment ("attached"), and nothing is attached`},
			}})
		}},
		{"preview", minutes, inBody, func(s *Screen) {
			tuitest.Press(s, "alt+m", "alt+p")
			s.Update(kit.Previewed{Preview: kit.Preview{Text: "Dear all,\n\n> quoted \u202e\x1b[31m\tand more, to the end of a long line that wraps where it has to\n", Page: "x", PageText: "x", Source: "x"}})
			s.SetSize(s.width, s.height)
		}},
		{"hostile", hostile, inSubject, nil},
	}
	for _, size := range []struct{ width, height int }{{80, 20}, {40, 8}, {200, 56}} {
		for _, f := range frames {
			name := fmt.Sprintf("%s-%dx%d", f.name, size.width, size.height)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := begun()
				s.SetSize(size.width, size.height)
				if f.focus != "" {
					f.fields.Focus = string(f.focus)
				}
				if ask, ok := s.Update(kit.DraftLoaded{Fields: f.fields}).(kit.CheckFiles); ok {
					s.Update(found(ask))
				}
				s.Update(kit.DraftSaved{ID: 1, At: tuitest.Now().Add(-28 * time.Minute)})
				if f.do != nil {
					f.do(s)
				}
				tuitest.Golden(t, name, tuitest.Frame(t, tuitest.Env(), s, size.width, size.height))
			})
		}
	}
}

// TestStyledFrames keeps what colors say, on a dark ground and without color.
func TestStyledFrames(t *testing.T) {
	t.Parallel()
	for name, palette := range map[string]theme.Palette{"dark": theme.Dark(), "light": theme.Light(), "sixteen": theme.Sixteen(), "none": theme.None()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := tuitest.Env()
			*env.Styles = theme.New(palette, theme.ASCII())
			s := New(env)
			s.SetSize(60, 14)
			s.Update(kit.AccountsLoaded{Accounts: []kit.AccountInfo{{Account: work}, {Account: home}}})
			s.Update(found(s.Update(kit.DraftLoaded{Fields: message.Draft{
				To: "a@x.example, b@", Subject: "Hi", Body: "text\n> quoted\n-- \nAlice", Focus: "body",
				Attachments: []string{"/w/ok", "/w/missing"},
			}})))
			tuitest.Press(s, "shift+down")
			view, _ := s.View()
			tuitest.Golden(t, "styles-"+name, strings.ReplaceAll(view, "\x1b", "^")+"\n")
		})
	}
}

// TestAnySize: no size makes it panic or draw beyond.
func TestAnySize(t *testing.T) {
	t.Parallel()
	s := begun()
	s.Update(found(s.Update(kit.DraftLoaded{Fields: message.Draft{
		To: "a@x.example", Cc: "b@x.example", Bcc: "c@x.example", ReplyTo: "d@x.example", Attachments: []string{"/a", "/b"}, Body: "text",
	}})))
	for height := 1; height < 16; height++ {
		for _, width := range []int{1, 5, 12, 40} {
			for range s.places() {
				tuitest.Press(s, "tab")
				s.SetSize(width, height)
				view, _ := s.View()
				if rows := strings.Count(view, "\n") + 1; rows != height {
					t.Fatalf("%dx%d, focus in %s: %d rows", width, height, s.focus, rows)
				}
			}
		}
	}
}
