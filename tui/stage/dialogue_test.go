package stage

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"sendoff/tui/text"
	"sendoff/tui/theme"
	"sendoff/tui/widget"
)

// TestDrawDialogue: what each side said and what nobody did stand in one column,
// and none of it is cut.
func TestDrawDialogue(t *testing.T) {
	t.Parallel()
	styles, cells := theme.New(theme.None(), theme.Unicode()), text.CodePoints
	p := widget.Pen{Styles: &styles, Method: &cells}
	lines := []string{"Try 1, at 14:30", "0.005 * auth by PLAIN: the best of PLAIN, LOGIN and a third", "0.005 C: AUTH PLAIN ***", "0.007 S: 235 2.7.0 welcome"}
	want := map[int]string{
		60: " Try 1, at 14:30\n    0.005 · auth by PLAIN: the best of PLAIN, LOGIN and a\n            third\n    0.005 C AUTH PLAIN ***\n    0.007 S 235 2.7.0 welcome",
		30: " Try 1, at 14:30\n · auth by PLAIN: the best of\n   PLAIN, LOGIN and a third\n C AUTH PLAIN ***\n S 235 2.7.0 welcome",
	}
	for width, want := range want {
		if got := ansi.Strip(strings.Join(DrawDialogue(p, lines, width), "\n")); got != want {
			t.Errorf("in %d cells:\n%s\nwant:\n%s", width, got, want)
		}
	}
}
