package editor

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"sendoff/tui/keys"
	"sendoff/tui/text"
	"sendoff/tui/theme"
)

// shown returns text with a bar where the cursor is.
func shown(e *Editor) string {
	line, col := e.Position()
	lines := strings.Split(e.Text(), "\n")
	lines[line] = lines[line][:col] + "|" + lines[line][col:]
	return strings.Join(lines, "\n")
}

// frame returns what is seen, with a bar at the cursor.
func frame(e *Editor) []string {
	rows := strings.Split(ansi.Strip(e.View()), "\n")
	if x, y, ok := e.Cursor(); ok {
		at := len(e.cells.Cut(rows[y], x))
		rows[y] += strings.Repeat(" ", max(0, x-e.cells.Width(rows[y])))
		at = max(at, len(e.cells.Cut(rows[y], x)))
		rows[y] = rows[y][:at] + "|" + rows[y][at:]
	}
	return rows
}

func TestView(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		keys       []string
		want       []string
	}{
		{"empty", "", nil, []string{"|", "", "", "", ""}},
		{"short", "ab", []string{"end"}, []string{"ab|", "", "", "", ""}},
		{"scrolled", "1\n2\n3\n4\n5\n6\n7", []string{"alt+>"}, []string{"3", "4", "5", "6", "7|"}},
		{"scrolled back", "1\n2\n3\n4\n5\n6\n7", []string{"alt+>", "up", "up", "up", "up", "up"}, []string{"2|", "3", "4", "5", "6"}},
		{"wrapped", "aaaa bbbb cccc dddd eeee", []string{"end", "end"}, []string{"aaaa bbbb cccc dddd ", "eeee|", "", "", ""}},
		{"full row", strings.Repeat("x", 19), []string{"end"}, []string{strings.Repeat("x", 19) + "|", "", "", "", ""}},
		{"one more", strings.Repeat("x", 20), []string{"end", "end"}, []string{strings.Repeat("x", 19), "x|", "", "", ""}},
		{"spaces hang", "a" + strings.Repeat(" ", 30), []string{"end"}, []string{"a" + strings.Repeat(" ", 18) + "| ", "", "", "", ""}},
		{"tab", "a\tb", []string{"end"}, []string{"a       b|", "", "", "", ""}},
		{"wide", "漢字", []string{"right"}, []string{"漢|字", "", "", "", ""}},
		{"joiner that hides", "a\u200db", []string{"end"}, []string{"\ufffdb|", "", "", "", ""}},
		{"override", "a\u202eb", []string{"end"}, []string{"a\ufffdb|", "", "", "", ""}},
		{"mark alone", "\u0301", []string{"end"}, []string{"◌\u0301|", "", "", "", ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newEditor(tt.text)
			press(e, tt.keys...)
			if diff := cmp.Diff(tt.want, frame(e)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestLineScrolls(t *testing.T) {
	t.Parallel()
	e := newLine("0123456789abcdef")
	for _, tt := range []struct{ key, want string }{
		{"end", "789abcdef|"}, {"left", "789abcde|f"}, {"home", "|0123456789"}, {"right", "0|123456789"},
	} {
		press(e, tt.key)
		if got := frame(e)[0]; got != tt.want {
			t.Errorf("%s: %q, want %q", tt.key, got, tt.want)
		}
	}
	e = newLine("漢字漢字漢字")
	press(e, "end")
	if got, want := frame(e)[0], " 漢字漢字|"; got != want {
		t.Errorf("wide characters: %q, want %q", got, want)
	}
}

func TestStyles(t *testing.T) {
	t.Parallel()
	styles, cells := theme.New(theme.Dark(), theme.Unicode()), text.CodePoints
	e := New(keys.Default(), &styles, &cells)
	e.SetSize(20, 6)
	e.SetText("hi\n> quoted\n-- \nAlice")
	rows := strings.Split(e.View(), "\n")
	for i, dim := range []bool{false, true, true, true} {
		if got := strings.Contains(rows[i], "\x1b["); got != dim {
			t.Errorf("row %q: dim is %v", rows[i], got)
		}
	}
	press(e, "shift+down")
	if got, want := strings.Split(e.View(), "\n")[0], styles.Marked.Render("hi "); got != want {
		t.Errorf("selected row %q, want %q", got, want)
	}
}

func TestMouse(t *testing.T) {
	t.Parallel()
	e := newEditor("one two\nthree")
	click := func(x, y int, mod tea.KeyMod) {
		e.Update(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft, Mod: mod})
	}
	for _, tt := range []struct {
		x, y int
		want string
	}{
		{4, 0, "one |two\nthree"}, {99, 0, "one two|\nthree"}, {2, 1, "one two\nth|ree"}, {0, 4, "one two\nthree|"},
	} {
		click(tt.x, tt.y, 0)
		if got := shown(e); got != tt.want {
			t.Errorf("click at %d, %d: %q, want %q", tt.x, tt.y, got, tt.want)
		}
	}
	click(0, 0, 0)
	e.Update(tea.MouseMotionMsg{X: 3, Y: 0, Button: tea.MouseLeft})
	e.Update(tea.MouseReleaseMsg{X: 3, Y: 0})
	e.Update(tea.MouseMotionMsg{X: 5, Y: 1, Button: tea.MouseLeft}) // not ours
	if got := press(e, "alt+6").Copied; got != "one" {
		t.Errorf("dragging selected %q", got)
	}
	click(1, 0, 0)
	click(2, 1, tea.ModShift)
	if got := press(e, "alt+6").Copied; got != "ne two\nth" {
		t.Errorf("shift and click selected %q", got)
	}
}

func TestClicks(t *testing.T) {
	t.Parallel()
	now := time.Time{}
	e := newEditor("one two, three\nfour\nfive")
	e.SetClock(func() time.Time { return now })
	click := func(x, y int) string {
		now = now.Add(100 * time.Millisecond)
		e.Update(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
		return press(e, "alt+6").Copied
	}
	motion := func(x, y int) {
		e.Update(tea.MouseMotionMsg{X: x, Y: y, Button: tea.MouseLeft})
	}
	for i, want := range []string{"", "two", "one two, three\n", ""} {
		if got := click(5, 0); got != want {
			t.Errorf("click %d selects %q, want %q", i+1, got, want)
		}
	}
	now = now.Add(time.Second)
	click(5, 0)
	now = now.Add(time.Second)
	if got := click(5, 0); got != "" {
		t.Errorf("two slow clicks select %q", got)
	}
	for _, tt := range []struct {
		x, y int
		want string
	}{{10, 0, "two, three"}, {1, 0, "one two"}, {1, 1, "two, three\nfour"}} {
		now = now.Add(time.Second)
		click(5, 0)
		click(5, 0)
		motion(tt.x, tt.y)
		if got := press(e, "alt+6").Copied; got != tt.want {
			t.Errorf("dragging a word to %d, %d selects %q, want %q", tt.x, tt.y, got, tt.want)
		}
	}
	e = newEditor(strings.Repeat("x\n", 40))
	e.Update(tea.MouseClickMsg{Button: tea.MouseLeft, Y: 3})
	for range 10 {
		motion(0, 5) // below the window
	}
	if line, _ := e.Position(); line != 14 {
		t.Errorf("dragging beyond the edge leads to line %d", line)
	}
	for range 20 {
		motion(0, -1)
	}
	if got := press(e, "alt+6").Copied; got != "x\nx\nx\n" {
		t.Errorf("dragging back selects %q", got)
	}
}

func TestWheelLeavesTheCursor(t *testing.T) {
	t.Parallel()
	e := newEditor(strings.Repeat("x\n", 40))
	e.Update(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	if _, _, visible := e.Cursor(); visible {
		t.Error("the cursor is seen where it is not")
	}
	if line, _ := e.Position(); line != 0 {
		t.Error("the wheel moved the cursor")
	}
	press(e, "right")
	if _, y, visible := e.Cursor(); !visible || y != 0 {
		t.Error("a key must bring the cursor back")
	}
}

// TestMethodChanges: the terminal says how it counts cells after text was
// wrapped.
func TestMethodChanges(t *testing.T) {
	t.Parallel()
	e := newEditor(strings.Repeat(family, 12))
	press(e, "alt+>")
	before := frame(e)
	*e.cells = text.Clusters
	after := frame(e)
	if strings.TrimSpace(before[1]) == "" || len(after) != len(before) {
		t.Errorf("frames %q and %q", before, after)
	}
	if got := e.cells.Width(after[0]); got > 21 {
		t.Errorf("a row has %d cells", got)
	}
}

// TestUndoShowsWhatIsLeft: a text that gets short does not stand at the top
// of an empty window with its beginning out of sight.
func TestUndoShowsWhatIsLeft(t *testing.T) {
	t.Parallel()
	e := newEditor("1\n2\n3")
	press(e, "alt+>")
	e.Update(tea.PasteMsg{Content: strings.Repeat("\nx", 50)})
	press(e, "ctrl+z")
	if diff := cmp.Diff([]string{"1", "2", "3|", "", ""}, frame(e)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for range 9 {
		e.Update(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	}
	if diff := cmp.Diff([]string{"1", "2", "3|", "", ""}, frame(e)); diff != "" {
		t.Errorf("after the wheel -want +got\n%s", diff)
	}
}

func TestGrowingShowsMore(t *testing.T) {
	t.Parallel()
	e := newEditor("1\n2\n3\n4\n5\n6\n7")
	press(e, "alt+>")
	e.SetSize(20, 6)
	if diff := cmp.Diff([]string{"2", "3", "4", "5", "6", "7|"}, frame(e)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	e.SetSize(20, 9)
	if diff := cmp.Diff([]string{"1", "2", "3", "4", "5", "6", "7|", "", ""}, frame(e)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	l := newLine("0123456789abcdef")
	press(l, "end")
	l.SetSize(30, 1)
	if got := frame(l)[0]; got != "0123456789abcdef|" {
		t.Errorf("a line shows %q", got)
	}
}

// TestPlacedShowsTheLine: a cursor that is put into a long line, as when a
// draft comes back, shows what follows in that line, also in a window that
// becomes smaller before a key is pressed.
func TestPlacedShowsTheLine(t *testing.T) {
	t.Parallel()
	e := newEditor("one\ntwo\nthree\nfour\nfive words that need more than one row\nsix\nseven")
	for _, height := range []int{5, 3} {
		e.SetSize(20, height)
		e.SetPosition(4, 2)
		if got := ansi.Strip(e.View()); !strings.Contains(got, "\nneed more") || !strings.Contains(got, "\nrow") {
			t.Errorf("in %d rows:\n%s", height, got)
		}
	}
	e.SetSize(20, 2) // less room than the line takes
	if got := ansi.Strip(e.View()); !strings.HasPrefix(got, "five") {
		t.Errorf("in 2 rows:\n%s", got)
	}
}
