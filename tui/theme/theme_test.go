package theme

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// TestMarks keeps the marks in step with what the documents show, and every
// mark one column wide so that lists line up.
func TestMarks(t *testing.T) {
	t.Parallel()
	states := strings.Fields("draft held scheduled queued sending deferred sent partial failed uncertain cancelled")
	uni, ascii := New(Dark(), Unicode()), New(None(), ASCII())
	var got, plain []string
	for _, s := range states {
		got, plain = append(got, uni.Mark(s)), append(plain, ascii.Mark(s))
		if w := ansi.StringWidth(uni.Mark(s)); w != 1 {
			t.Errorf("mark of %s is %d columns wide", s, w)
		}
		if have := ansi.Strip(uni.State(s)); have != uni.Mark(s)+" "+s {
			t.Errorf("State(%s) = %q", s, have)
		}
	}
	if want := "◦ ‖ ◷ · ▸ ↻ ✓ ◐ ✗ ? –"; strings.Join(got, " ") != want {
		t.Errorf("marks %q, want %q", got, want)
	}
	if want := "o = @ . > ~ + % x ? -"; strings.Join(plain, " ") != want {
		t.Errorf("plain marks %q, want %q", plain, want)
	}
}

// TestNoneHasNoColor: without colour nothing may ask for one, and a selection
// must still be seen.
func TestNoneHasNoColor(t *testing.T) {
	t.Parallel()
	s := New(None(), Unicode())
	for name, out := range map[string]string{
		"text": s.Text.Render("x"), "dim": s.Dim.Render("x"), "bad": s.Bad.Render("x"), "good": s.Good.Render("x"),
		"accent": s.Accent.Render("x"), "here": s.Here.Render("x"), "selected": s.Selected.Render("x"),
	} {
		for _, code := range []string{"38;", "48;", "[3", "[4", ";3", ";4"} {
			if strings.Contains(out, code) {
				t.Errorf("%s uses colour: %q", name, out)
			}
		}
	}
	if s.Selected.Render("x") == "x" || s.Bad.Render("x") == "x" {
		t.Error("selection or trouble can't be told from text")
	}
}
