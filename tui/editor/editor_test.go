package editor

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

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
