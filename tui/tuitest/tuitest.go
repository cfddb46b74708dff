// Package tuitest drives a screen in tests, without a terminal: keys by their
// names, frames as text, golden files.
package tuitest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/text"
	"sendoff/tui/theme"
	"sendoff/tui/widget"
)

var update = flag.Bool("update", false, "write golden files instead of comparing with them")

// Now is the time in tests: a Wednesday, half past two in the afternoon.
func Now() time.Time { return time.Date(2026, 11, 18, 14, 30, 0, 0, time.UTC) }

// Env returns what a screen is given: no color, Unicode, the keys as they come.
func Env() kit.Env {
	styles, cells := theme.New(theme.None(), theme.Unicode()), text.CodePoints
	return kit.Env{Now: Now, Keys: keys.Default(), Styles: &styles, Cells: &cells}
}

// Key returns the press of a key that is named as bindings name it.
func Key(name string) tea.KeyPressMsg { return keys.Press(name) }

// Press sends keys to s and returns what the last of them made it want.
func Press(s kit.Screen, names ...string) (last kit.Intent) {
	for _, name := range names {
		last = s.Update(Key(name))
	}
	return last
}

// Type sends every character of a text to s; a line feed is enter.
func Type(s kit.Screen, typed string) {
	for _, r := range typed {
		if r == '\n' {
			Press(s, "enter")
			continue
		}
		s.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

// Frame draws s with its status and key line below as text, and says where the
// cursor is. It fails if the screen does not keep to the size.
func Frame(t *testing.T, env kit.Env, s kit.Screen, width, height int) string {
	t.Helper()
	s.SetSize(width, height)
	view, cursor := s.View()
	rows := strings.Split(view, "\n")
	if len(rows) != height {
		t.Errorf("the screen draws %d rows of %d", len(rows), height)
	}
	pen := widget.Pen{Styles: env.Styles, Method: env.Cells}
	rows = append(rows,
		pen.Ends(" "+s.Status().Text, s.Status().Right+" ", width),
		pen.Keys(width, s.Bindings(), nil))
	var b strings.Builder
	for i, row := range rows {
		if n := pen.Width(row); n > width {
			t.Errorf("row %d has %d cells of %d: %q", i, n, width, row)
		}
		b.WriteString(strings.TrimRight(ansi.Strip(row), " ") + "\n")
	}
	switch {
	case cursor == nil:
		b.WriteString("no cursor\n")
	case cursor.X < 0 || cursor.X >= width || cursor.Y < 0 || cursor.Y >= height:
		t.Errorf("the cursor is at %d, %d, outside", cursor.X, cursor.Y)
	default:
		fmt.Fprintf(&b, "cursor in column %d of row %d\n", cursor.X+1, cursor.Y+1)
	}
	return b.String()
}

// Find returns where s shows some words.
func Find(t *testing.T, s kit.Screen, words string) (x, y int) {
	t.Helper()
	view, _ := s.View()
	x, y, ok := in(view, words)
	if !ok {
		t.Fatalf("%q does not show:\n%s", words, ansi.Strip(view))
	}
	return x, y
}

// FindIn returns where a window shows some words.
func FindIn(t *testing.T, v tea.View, words string) (x, y int) {
	t.Helper()
	x, y, ok := in(v.Content, words)
	if !ok {
		t.Fatalf("%q does not show:\n%s", words, ansi.Strip(v.Content))
	}
	return x, y
}

func in(view, words string) (x, y int, found bool) {
	for y, row := range strings.Split(ansi.Strip(view), "\n") {
		if i := strings.Index(row, words); i >= 0 {
			return text.CodePoints.Width(row[:i]), y, true
		}
	}
	return 0, 0, false
}

// Golden compares got with the file testdata/name.golden, or writes it when
// the test runs with -update.
func Golden(t *testing.T, name, got string) {
	t.Helper()
	Kept(t, filepath.Join("testdata", name+".golden"), got)
}

// Kept does the same with any file.
func Kept(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
		t.Errorf("%s: -want +got\n%s", path, diff)
	}
}

// Plain draws a whole window as text, without trailing blanks, and fails if it
// does not keep to its size.
func Plain(t *testing.T, v tea.View, width, height int) string {
	t.Helper()
	rows := strings.Split(v.Content, "\n")
	if len(rows) != height {
		t.Errorf("the window has %d rows of %d", len(rows), height)
	}
	for i, row := range rows {
		if n := text.CodePoints.Width(row); n > width {
			t.Errorf("row %d has %d cells of %d: %q", i, n, width, row)
		}
		rows[i] = strings.TrimRight(ansi.Strip(row), " ")
	}
	if c := v.Cursor; c != nil && (c.X < 0 || c.X >= width || c.Y < 0 || c.Y >= height) {
		t.Errorf("the cursor is at %d, %d, outside", c.X, c.Y)
	}
	return strings.Join(rows, "\n") + "\n"
}
