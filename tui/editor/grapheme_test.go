package editor

import (
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"sendoff/tui/tuitest"
)

// TestGraphemes types each text a code point at a time, as terminals send it,
// then goes over it, and takes it away again: each press is one character as a
// reader sees them, and undo brings all of it back.
func TestGraphemes(t *testing.T) {
	t.Parallel()
	looked := 0
	for _, characters := range tuitest.Graphemes(t) {
		whole := strings.Join(characters, "")
		e := newEditor("")
		for _, r := range whole {
			e.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
		}
		if e.Text() != whole || strings.Contains(whole, "\n") {
			continue // what is no text is not typed, and lines are another matter
		}
		looked++
		at := func() int { _, column := e.Position(); return column }
		var right, left, gone []string
		press(e, "home")
		for from := 0; from < len(whole); from = at() {
			press(e, "right")
			right = append(right, whole[from:max(from, at())])
			if at() <= from {
				t.Fatalf("%+q: it stands still at %d", whole, from)
			}
		}
		for from := at(); from > 0; from = at() {
			press(e, "left")
			left = append([]string{whole[min(from, at()):from]}, left...)
			if at() >= from {
				t.Fatalf("%+q: it stands still at %d", whole, from)
			}
		}
		press(e, "end")
		for before := e.Text(); before != ""; before = e.Text() {
			press(e, "backspace")
			gone = append([]string{strings.TrimPrefix(before, e.Text())}, gone...)
			if e.Text() == before {
				t.Fatalf("%+q: nothing is taken from %+q", whole, before)
			}
		}
		for _, got := range [][]string{right, left, gone} {
			if !slices.Equal(got, characters) {
				t.Errorf("%+q is gone over as %+q", characters, got)
			}
		}
		for e.Text() != whole && len(e.past.done) > 0 {
			press(e, "ctrl+z")
		}
		if e.Text() != whole {
			t.Errorf("%+q comes back as %+q", whole, e.Text())
		}
	}
	if looked < 25 {
		t.Errorf("only %d texts were gone over", looked)
	}
}
