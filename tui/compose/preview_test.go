package compose

import (
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/message"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// TestPreviewOfLongParagraph: what the recipients will see is seen to its end.
func TestPreviewOfLongParagraph(t *testing.T) {
	t.Parallel()
	s := begun()
	s.Update(kit.DraftLoaded{Fields: message.Draft{To: "ok@x.example", Subject: "x"}})
	tuitest.Press(s, "alt+p")
	s.Update(kit.Previewed{Preview: kit.Preview{Text: strings.Repeat("word ", 5000) + "the last of it"}})
	tuitest.Press(s, "end")
	if view, _ := s.View(); !strings.Contains(view, "the last of it") {
		t.Errorf("its end does not show in\n%s", view)
	}
}

// TestPreview: the mail is looked at as it will be sent, page and source too;
// what is typed there goes nowhere.
func TestPreview(t *testing.T) {
	t.Parallel()
	s := begun()
	s.Update(kit.DraftLoaded{Fields: message.Draft{To: "ok@x.example", Subject: "x", Body: "# Title"}})
	tuitest.Press(s, "alt+m")
	if got := s.Draft().Format; got != message.Markdown || !strings.Contains(s.Status().Right, "markdown") {
		t.Errorf("format %q, status %+v", got, s.Status())
	}
	ask, ok := tuitest.Press(s, "alt+p").(kit.MakePreview)
	if !ok || ask.Fields.Format != message.Markdown {
		t.Fatalf("it wants %+v", ask)
	}
	s.Update(kit.Previewed{Preview: kit.Preview{Text: "Title\n=====\x1b", Page: "<h1>Title</h1>", PageText: "the page", Source: strings.Repeat("line\n", 100) + "end", Comments: 1}})
	see := func(want string) {
		t.Helper()
		if view, cursor := s.View(); !strings.Contains(view, want) || strings.Contains(view, "=\x1b") || cursor != nil {
			t.Errorf("%q does not show in\n%s", want, view)
		}
	}
	see("=====")
	if got := s.Status().Text; got != "As the recipients will see it. What stands between <!-- and --> is left out." {
		t.Errorf("it says %q", got)
	}
	tuitest.Press(s, "tab")
	see("the page")
	if got := tuitest.Press(s, "b"); !cmp.Equal(got, kit.Intent(kit.ShowPage{Page: "<h1>Title</h1>"})) {
		t.Errorf("b wants %v", got)
	}
	s.Update(kit.PageShown{Err: errors.New("no browser can be started here")})
	if got := s.Status(); !strings.Contains(got.Text, "no browser") {
		t.Errorf("it says %+v", got)
	}
	tuitest.Press(s, "tab")
	see("line")
	tuitest.Press(s, "end")
	see("end")
	s.SetSize(40, 8)
	tuitest.Press(s, "end")
	see("end")
	tuitest.Press(s, "pgup", "x", "home")
	see("line")
	s.Update(tea.PasteMsg{Content: "pasted"})
	tuitest.Press(s, "esc")
	if got := s.Draft(); got.Body != "# Title" || s.over != nil {
		t.Errorf("the draft is %+v", got)
	}
	tuitest.Press(s, "alt+m")
	if got := s.Draft().Format; got != message.Plain {
		t.Errorf("format %q", got)
	}
	tuitest.Press(s, "alt+p")
	s.Update(kit.Previewed{Err: errors.New("To: x has no domain")})
	if got := s.Status(); s.over != nil || !strings.Contains(got.Text, "no domain") {
		t.Errorf("it says %+v", got)
	}
}
