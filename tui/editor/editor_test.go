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

const family = "👨\u200d👩\u200d👧\u200d👦"

func newEditor(s string) *Editor {
	styles, cells := theme.New(theme.None(), theme.Unicode()), text.CodePoints
	e := New(keys.Default(), &styles, &cells)
	e.SetSize(20, 5)
	e.SetText(s)
	return e
}

func newLine(s string) *Editor {
	styles, cells := theme.New(theme.None(), theme.Unicode()), text.CodePoints
	e := NewLine(keys.Default().Text, &styles, &cells)
	e.SetSize(10, 1)
	e.SetText(s)
	return e
}

// codes are the keys that type nothing.
var codes = map[string]rune{
	"f7": tea.KeyF7, "left": tea.KeyLeft, "right": tea.KeyRight, "up": tea.KeyUp, "down": tea.KeyDown, "home": tea.KeyHome,
	"end": tea.KeyEnd, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "enter": tea.KeyEnter, "esc": tea.KeyEscape,
	"backspace": tea.KeyBackspace, "delete": tea.KeyDelete, "space": tea.KeySpace, "tab": tea.KeyTab,
}

// stroke makes the message of a key named as bindings name it.
func stroke(name string) tea.KeyPressMsg {
	var k tea.KeyPressMsg
	for rest := name; ; {
		mod, after, more := strings.Cut(rest, "+")
		m, known := map[string]tea.KeyMod{"ctrl": tea.ModCtrl, "alt": tea.ModAlt, "shift": tea.ModShift}[mod]
		if !more || !known {
			if code, ok := codes[rest]; ok {
				k.Code = code
			} else {
				k.Code = []rune(rest)[0]
				if k.Mod == 0 {
					k.Text = rest
				}
			}
			return k
		}
		k.Mod |= m
		rest = after
	}
}

// press sends keys; a word in quotes is typed.
func press(e *Editor, names ...string) (last Result) {
	for _, name := range names {
		if typed, ok := strings.CutPrefix(name, "'"); ok {
			for _, r := range typed {
				last = e.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
			}
			continue
		}
		last = e.Update(stroke(name))
	}
	return last
}

// shown returns text with a bar where the cursor is.
func shown(e *Editor) string {
	line, col := e.Position()
	lines := strings.Split(e.Text(), "\n")
	lines[line] = lines[line][:col] + "|" + lines[line][col:]
	return strings.Join(lines, "\n")
}

func TestKeys(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		keys       []string
		want       string
	}{
		{"type", "", []string{"'hi", "enter", "'you"}, "hi\nyou|"},
		{"left over a family", family + "a", []string{"end", "left", "left"}, "|" + family + "a"},
		{"backspace takes a family", "a" + family, []string{"end", "backspace"}, "a|"},
		{"backspace takes a flag", "🇩🇪🇫🇷", []string{"end", "backspace"}, "🇩🇪|"},
		{"delete takes an accent along", "e\u0301x", []string{"delete"}, "|x"},
		{"devanagari", "नि", []string{"right"}, "नि|"},
		{"hangul jamo", "\u1112\u1161\u11abx", []string{"right"}, "\u1112\u1161\u11ab|x"},
		{"accent typed apart", "", []string{"'e", "'\u0301", "'x", "left", "left"}, "|e\u0301x"},
		{"letter before an accent", "\u0301x", []string{"'e", "'f"}, "ef|\u0301x"},
		{"join lines", "a\nb", []string{"down", "backspace"}, "a|b"},
		{"delete at line end", "a\nb", []string{"end", "delete"}, "a|b"},
		{"delete at the end", "a", []string{"end", "delete"}, "a|"},
		{"backspace at the start", "a", []string{"backspace"}, "|a"},
		{"left over a line end", "a\nb", []string{"down", "left"}, "a|\nb"},
		{"right over a line end", "a\nb", []string{"end", "right"}, "a\n|b"},
		{"word right", "one, two", []string{"alt+f", "alt+f"}, "one, two|"},
		{"word left", "one, two", []string{"end", "alt+b", "alt+b"}, "|one, two"},
		{"word over lines", "one\n\n two", []string{"alt+f", "alt+f"}, "one\n\n two|"},
		{"ctrl+w", "to bob@example.org", []string{"end", "ctrl+w", "ctrl+w", "ctrl+w"}, "to bob@|"},
		{"ctrl+w over spaces", "one two   ", []string{"end", "ctrl+w"}, "one |"},
		{"ctrl+w at line start", "a\nb", []string{"down", "ctrl+w"}, "a|b"},
		{"alt+d", "one two", []string{"alt+d"}, "| two"},
		{"alt+backspace", "one two", []string{"end", "alt+backspace"}, "one |"},
		{"ctrl+k", "one\ntwo", []string{"right", "ctrl+k"}, "o|\ntwo"},
		{"ctrl+k joins", "one\ntwo", []string{"end", "ctrl+k"}, "one|two"},
		{"kills add up", "one\ntwo\nthree", []string{"ctrl+k", "ctrl+k", "ctrl+k", "down", "ctrl+y"}, "\none\ntwo|three"},
		{"kills apart don't", "one\ntwo", []string{"ctrl+k", "down", "ctrl+k", "ctrl+y", "ctrl+y"}, "\ntwotwo|"},
		{"ctrl+u", "one two", []string{"alt+f", "ctrl+u"}, "| two"},
		{"ctrl+u and back", "one two", []string{"alt+f", "ctrl+u", "end", "ctrl+y"}, " twoone|"},
		{"undo a word", "", []string{"'one two", "ctrl+z"}, "one |"},
		{"undo two words", "", []string{"'one two", "ctrl+z", "ctrl+z"}, "|"},
		{"undo and redo", "", []string{"'one two", "ctrl+z", "ctrl+z", "alt+y", "alt+y", "alt+y"}, "one two|"},
		{"typing forgets redo", "", []string{"'one", "ctrl+z", "'x", "alt+y"}, "x|"},
		{"undo a run of backspace", "abc", []string{"end", "backspace", "backspace", "backspace", "ctrl+z"}, "abc|"},
		{"undo parts by motion", "", []string{"'a", "left", "'b", "ctrl+z"}, "|a"},
		{"undo a kill", "abc", []string{"ctrl+k", "ctrl+_"}, "|abc"},
		{"selection replaced", "one two", []string{"ctrl+shift+right", "'x"}, "x| two"},
		{"selection undone", "one two", []string{"ctrl+shift+right", "'x", "ctrl+z"}, "one| two"},
		{"selection erased", "one\ntwo", []string{"shift+down", "backspace"}, "|two"},
		{"selection left by left", "one", []string{"shift+end", "left"}, "|one"},
		{"selection left by right", "one two", []string{"shift+right", "shift+right", "right"}, "on|e two"},
		{"selection dropped", "one", []string{"shift+right", "esc", "'x"}, "ox|ne"},
		{"mark", "one two", []string{"ctrl+@", "alt+f", "delete"}, "| two"},
		{"cut and yank", "one two", []string{"ctrl+shift+right", "alt+w", "end", "ctrl+y"}, " twoone|"},
		{"copy and yank", "one", []string{"alt+a", "alt+6", "ctrl+y"}, "oneone|"},
		{"up keeps the column", "abcd\nx\nabcd", []string{"end", "down", "down"}, "abcd\nx\nabcd|"},
		{"down at the bottom", "ab", []string{"down"}, "ab|"},
		{"up at the top", "ab", []string{"end", "up"}, "|ab"},
		{"down a wrapped row", "aaaa bbbb cccc dddd eeee", []string{"right", "down"}, "aaaa bbbb cccc dddd e|eee"},
		{"end of a wrapped row", "aaaa bbbb cccc dddd eeee", []string{"end"}, "aaaa bbbb cccc dddd| eeee"},
		{"end twice", "aaaa bbbb cccc dddd eeee", []string{"end", "end"}, "aaaa bbbb cccc dddd eeee|"},
		{"home of a wrapped row", "aaaa bbbb cccc dddd eeee", []string{"end", "end", "home"}, "aaaa bbbb cccc dddd |eeee"},
		{"home twice", "aaaa bbbb cccc dddd eeee", []string{"end", "end", "ctrl+a", "ctrl+a"}, "|aaaa bbbb cccc dddd eeee"},
		{"top and bottom", "a\nb", []string{"alt+>", "'x", "alt+<", "'y"}, "y|a\nbx"},
		{"tab column", "\tx\nabcdefghij", []string{"down", "right", "right", "up"}, "|\tx\nabcdefghij"},
		{"paragraph down", "a\nb\n\nc", []string{"alt+}", "'x"}, "a\nb\nx|\nc"},
		{"paragraph down twice", "a\n> \nc\nd", []string{"alt+}", "ctrl+down"}, "a\n> \nc\nd|"},
		{"paragraph up", "a\n\nb\nc", []string{"alt+>", "alt+{"}, "a\n|\nb\nc"},
		{"paragraph up twice", "a\n\nb\nc", []string{"alt+>", "alt+up", "ctrl+up"}, "|a\n\nb\nc"},
		{"a list goes on", "- one", []string{"end", "enter", "'two"}, "- one\n- two|"},
		{"numbers count", "> 9. one", []string{"end", "end", "enter", "'two"}, "> 9. one\n> 10. two|"},
		{"a box is not ticked", "- [x] one", []string{"end", "enter", "'two"}, "- [x] one\n- [ ] two|"},
		{"an empty item ends the list", "> - one", []string{"end", "end", "enter", "enter"}, "> - one\n> |"},
		{"an empty quote ends", "> one", []string{"end", "enter", "enter"}, "> one\n|"},
		{"an item in between", "- one\n- two", []string{"end", "left", "enter"}, "- on\n- |e\n- two"},
		{"in front of an item", "- one", []string{"enter"}, "\n|- one"},
		{"answer within a quote", "> one two", []string{"end", "alt+b", "enter", "enter", "'no"}, "> one \nno|\n> two"},
		{"indent", "\tone", []string{"end", "enter", "'two"}, "\tone\n\ttwo|"},
		{"out of the list", "- one", []string{"end", "ctrl+j", "'two"}, "- one\ntwo|"},
		{"undo an item", "- one", []string{"end", "enter", "ctrl+z"}, "- one|"},
		{"signature is no list", "-- ", []string{"end", "enter", "'A"}, "-- \nA|"},
		{"page down", "1\n2\n3\n4\n5\n6", []string{"pgdown"}, "1\n2\n3\n4\n|5\n6"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newEditor(tt.text)
			press(e, tt.keys...)
			if got := shown(e); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestReflow(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		keys       []string
		want       string
	}{
		{"one line", "aaa bbb ccc ddd eee fff ggg", []string{"right"}, "a|aa bbb ccc ddd\neee fff ggg"},
		{"joined", "aaa\nbbb\nccc\n\nddd", []string{"down"}, "aaa |bbb ccc\n\nddd"},
		{"at its word", "aaa bbb ccc ddd eee fff", []string{"end", "end", "left"}, "aaa bbb ccc ddd\neee ff|f"},
		{"the next one", "\n\naaa\nbbb", nil, "\n\naaa bbb|"},
		{"nothing", "\n\n", nil, "|\n\n"},
		{"quote", "> aaa bbb ccc ddd eee\n> fff\n> \n> ggg", nil, "> |aaa bbb ccc ddd\n> eee fff\n> \n> ggg"},
		{"nested", "> > aaa bbb ccc ddd\n> eee", nil, "> > |aaa bbb ccc\n> > ddd\n> eee"},
		{"tight quotes", ">>aaa bbb ccc ddd eee", nil, ">>|aaa bbb ccc ddd\n>>eee"},
		{"item", "- aaa bbb ccc ddd eee\n- fff", nil, "- |aaa bbb ccc ddd\n  eee\n- fff"},
		{"item of lines", "- aaa\n  bbb\n- ccc", []string{"down"}, "- aaa |bbb\n- ccc"},
		{"numbered", "10. aaa bbb ccc ddd", nil, "10. |aaa bbb ccc\n    ddd"},
		{"selection", "aaa\nbbb\n\n- ccc\n  ddd\nend", []string{"alt+a"}, "aaa bbb\n\n- ccc ddd end|"},
		{"part of it", "aaa\nbbb\nccc", []string{"shift+down", "shift+down"}, "aaa bbb\nccc"},
		{"a long word", "a http://example.org/a/long/way b", nil, "|a\nhttp://example.org/a/long/way\nb"},
		{"no mark of a list", "aaaa bbbbb ccccc - d", nil, "|aaaa bbbbb\nccccc - d"},
		{"wide", "漢字漢字漢字\n漢字漢字漢字", nil, "|漢字漢字漢字漢字\n漢字漢字"},
		{"code", "```\na\nb\n```", []string{"alt+a"}, "```\na b\n```|"},
		{"signature", "aaa\n-- \nbbb", nil, "|aaa\n-- \nbbb"},
		{"undone", "aaa\nbbb", []string{"alt+j", "ctrl+z"}, "|aaa\nbbb"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newEditor(tt.text)
			e.SetFill(17)
			press(e, append(tt.keys, "alt+j")...)
			got := shown(e)
			if tt.name == "undone" {
				press(e, "ctrl+z")
				got = shown(e)
			}
			if strings.Contains(tt.want, "|") && got != tt.want || strings.ReplaceAll(got, "|", "") != strings.ReplaceAll(tt.want, "|", "") {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// FuzzReflow: no letter is lost or changes its place, and what was broken once
// stays as it is.
func FuzzReflow(f *testing.F) {
	f.Add("> - one two three\n> four\n\n12. five - six > seven", uint8(12))
	f.Add("漢字 and 漢字\n\t- [x] a\n  b\n```\nx\n```\n-- \nAlice", uint8(9))
	f.Fuzz(func(t *testing.T, s string, fill uint8) {
		e := newEditor(s)
		e.SetFill(int(fill))
		for i := 0; i < e.Lines() && i < 40; i++ {
			before := e.Text()
			e.SetPosition(i, 0)
			press(e, "alt+j")
			if got, want := letters(e.Text()), letters(before); got != want {
				t.Fatalf("%q became %q", before, e.Text())
			}
			once := e.Text()
			press(e, "alt+j")
			if e.Text() != once {
				t.Fatalf("%q became %q, then %q", before, once, e.Text())
			}
		}
	})
}

// letters is a text without white space and the marks of quotes, of which
// reflowing makes more or less.
func letters(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, ">", "")), "")
}

func TestCopied(t *testing.T) {
	t.Parallel()
	e := newEditor("one two")
	if got := press(e, "alt+6").Copied; got != "" {
		t.Errorf("without a selection %q was copied", got)
	}
	if got := press(e, "ctrl+shift+right", "alt+6").Copied; got != "one" {
		t.Errorf("copied %q", got)
	}
}

func TestUnknownKeysAreLeft(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ctrl+s", "ctrl+o", "esc", "tab"} {
		if press(newEditor("x"), name).Used {
			t.Errorf("the editor took %s", name)
		}
	}
	for _, name := range []string{"up", "down", "enter", "pgup", "pgdown"} {
		if press(newLine("x"), name).Used {
			t.Errorf("a line took %s", name)
		}
	}
}

func TestPaste(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"line ends", "a\r\nb\rc\nd", "a\nb\nc\nd"},
		{"tabs stay", "a\tb", "a\tb"},
		{"controls go", "a\x1b[31m\x00b\x7f\u009bc", "a[31mbc"},
		{"invalid", "a\xffb", "a\ufffdb"},
		{"replacement character", "a\ufffdb", "a\ufffdb"},
	}
	for _, tt := range tests {
		e := newEditor("")
		e.Update(tea.PasteMsg{Content: tt.in})
		if got := e.Text(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		press(e, "ctrl+z")
		if !e.Empty() {
			t.Errorf("%s: undo leaves %q", tt.name, e.Text())
		}
	}
	e := newLine("")
	e.Update(tea.PasteMsg{Content: "a\nb"})
	if got := e.Text(); got != "a b" {
		t.Errorf("a line took %q", got)
	}
}

func TestPosition(t *testing.T) {
	t.Parallel()
	e := newEditor("abc\ndéf")
	for _, tt := range []struct{ line, col, wantLine, wantCol int }{
		{0, 2, 0, 2}, {1, 2, 1, 1}, {9, 1, 1, 1}, {0, 99, 0, 3}, {-1, -1, 0, 0},
	} {
		e.SetPosition(tt.line, tt.col)
		if line, col := e.Position(); line != tt.wantLine || col != tt.wantCol {
			t.Errorf("SetPosition(%d, %d) leads to %d, %d", tt.line, tt.col, line, col)
		}
	}
}

func TestRevision(t *testing.T) {
	t.Parallel()
	e := newEditor("a")
	r := e.Revision()
	press(e, "right", "shift+left", "esc", "delete", "ctrl+y")
	if e.Revision() != r+1 { // the delete
		t.Errorf("revision went from %d to %d", r, e.Revision())
	}
	press(e, "ctrl+z")
	if e.Revision() != r+2 {
		t.Error("undo is no change")
	}
}

func TestReplaceAll(t *testing.T) {
	t.Parallel()
	e := newEditor("one\ntwo")
	press(e, "down", "end")
	e.ReplaceAll("1\n22\n333")
	if got := shown(e); got != "1\n22|\n333" {
		t.Errorf("%q", got)
	}
	press(e, "ctrl+z")
	if got := shown(e); got != "one\ntwo|" {
		t.Errorf("undone: %q", got)
	}
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
