package editor

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"

	tea "charm.land/bubbletea/v2"

	"sendoff/tui/text"
)

// model is an editor made in the simplest way: a string and an offset.
type model struct {
	s  string
	at int
}

func (m *model) insert(s string) {
	m.s = m.s[:m.at] + s + m.s[m.at:]
	m.at += len(s)
}

var leads = regexp.MustCompile(`^((?:> ?)*)([ \t]*)((?:[-*+•]|\d{1,9}[.)]) +(?:\[[ xX]\] +)?)?`)

// enter is a new line with what lists and quotes add to it.
func (m *model) enter() {
	start := strings.LastIndexByte(m.s[:m.at], '\n') + 1
	line, _, _ := strings.Cut(m.s[start:], "\n")
	end := start + len(line)
	part := leads.FindStringSubmatch(line)
	n := len(part[0])
	switch {
	case n == 0 || m.at < start+n:
		m.insert("\n")
	case line == part[0]:
		kept := ""
		if part[3] != "" {
			kept = part[1]
		}
		m.s, m.at = m.s[:start]+kept+m.s[end:], start+len(kept)
	case m.at == start+n && part[2]+part[3] == "":
		m.s, m.at = m.s[:start]+"\n"+line+m.s[end:], start
	default:
		number := regexp.MustCompile(`^\d+`).ReplaceAllStringFunc(part[3], func(s string) string {
			n, _ := strconv.Atoi(s)
			return fmt.Sprintf("%0*d", len(s), n+1)
		})
		m.insert("\n" + part[1] + part[2] + strings.NewReplacer("[x]", "[ ]", "[X]", "[ ]").Replace(number))
	}
}

// bounds returns the places between clusters of the line the cursor is in.
func (m *model) bounds() []int {
	start := strings.LastIndexByte(m.s[:m.at], '\n') + 1
	line, _, _ := strings.Cut(m.s[start:], "\n")
	all := []int{start}
	for it := graphemes.FromString(line); it.Next(); {
		all = append(all, start+it.End())
	}
	return all
}

func (m *model) left() int {
	if i, _ := slices.BinarySearch(m.bounds(), m.at); i > 0 {
		return m.bounds()[i-1]
	}
	return max(0, m.at-1)
}

func (m *model) right() int {
	for _, b := range m.bounds() {
		if b > m.at {
			return b
		}
	}
	return min(len(m.s), m.at+1)
}

// pieces are what the fuzzer types.
var pieces = []string{
	"a", " ", "word ", "\n", "\t", "e", "\u0301", "漢字", "👨", "\u200d", "👩", "🇩", "🇪", "न", "\u093f", "\u094d",
	"\u1112", "\u1161", "🏽", "--", "> ", strings.Repeat("long ", 9), strings.Repeat("x", 50), "a\nb\n\nc",
	"- ", "9. one", "- [x] do", "\n\n",
}

// FuzzEditor looks for operations after which editor and model differ.
func FuzzEditor(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 30, 31, 32, 33})
	f.Add([]byte{8, 9, 10, 8, 9, 8, 30, 30, 31, 0})
	f.Add([]byte{11, 12, 11, 12, 30, 11, 32, 32})
	f.Add([]byte{21, 22, 21, 30, 30, 9, 9, 40, 40, 33})
	f.Fuzz(func(t *testing.T, ops []byte) {
		if len(ops) <= 200 {
			compare(t, ops)
		}
	})
}

// TestEditor runs what chance finds, the same at each run.
func TestEditor(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(1, 2))
	for range 150 {
		ops := make([]byte, 80)
		for i := range ops {
			ops[i] = byte(chance.IntN(256))
		}
		compare(t, ops)
	}
}

// everything is every key that does something, and more.
var everything = []string{
	"a", "é", "漢", "\u0301", "space", "enter", "backspace", "delete", "left", "right", "up", "down", "home", "end",
	"pgup", "pgdown", "alt+b", "alt+f", "alt+<", "alt+>", "ctrl+w", "alt+d", "ctrl+u", "ctrl+k", "ctrl+y", "ctrl+z", "alt+y",
	"shift+left", "shift+right", "shift+up", "shift+down", "shift+home", "shift+end", "ctrl+shift+left", "ctrl+shift+right",
	"ctrl+@", "alt+a", "alt+w", "alt+6", "esc", "tab", "f1", "f7", "alt+{", "alt+}", "alt+j", "ctrl+j", "ctrl+shift+home", "ctrl+r", "alt+r", "alt+g",
}

// motions are those of them that only move the cursor.
var motions = []string{
	"left", "right", "up", "down", "home", "end", "pgup", "pgdown", "alt+b", "alt+f", "alt+<", "alt+>", "alt+{", "alt+}",
	"shift+left", "shift+right", "shift+up", "shift+down", "shift+home", "shift+end", "ctrl+shift+left", "ctrl+shift+right", "ctrl+shift+home",
}

// FuzzKeys looks for a panic, or a frame that is not what it should be, after
// any keys, pastes, mouse events and changes of size.
func FuzzKeys(f *testing.F) {
	f.Add([]byte{0, 5, 0, 31, 25, 6}, false)
	f.Add([]byte{41, 40, 43, 44, 25, 25, 43, 0}, true)
	f.Add([]byte("yCxZ\x7f0"), true) // selects up to within a character
	f.Fuzz(func(t *testing.T, ops []byte, oneLine bool) {
		if len(ops) <= 300 {
			chaos(t, ops, oneLine)
		}
	})
}

// TestChaos is FuzzKeys with what chance finds, the same at each run.
func TestChaos(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(5, 6))
	for i := range 300 {
		ops := make([]byte, 200)
		for i := range ops {
			ops[i] = byte(chance.IntN(256))
		}
		chaos(t, ops, i%4 == 0)
	}
}

func chaos(t *testing.T, ops []byte, oneLine bool) {
	t.Helper()
	e := newEditor("one two\n\nthree")
	if oneLine {
		e = newLine("one two")
	}
	start := e.Text()
	for _, op := range ops {
		cur := e.cur
		n := int(op) % (len(everything) + 8)
		at := tea.Mouse{X: int(op)%30 - 2, Y: int(op)%9 - 2, Button: tea.MouseLeft}
		switch n - len(everything) {
		case 0:
			e.Update(tea.PasteMsg{Content: pieces[int(op)%len(pieces)] + "\r\n\x00 pasted"})
		case 1:
			e.Update(tea.MouseClickMsg(at))
		case 2:
			e.Update(tea.MouseMotionMsg(at))
		case 3:
			e.Update(tea.MouseReleaseMsg(at))
		case 4:
			at.Mod = tea.ModShift
			e.Update(tea.MouseClickMsg(at))
		case 5:
			at.Button = []tea.MouseButton{tea.MouseWheelUp, tea.MouseWheelDown}[op%2]
			e.Update(tea.MouseWheelMsg(at))
		case 6:
			e.SetSize(int(op)%25, int(op)%7)
		case 7:
			e.SetWrap(int(op) % 20)
		default:
			used := press(e, everything[n]).Used
			if _, _, visible := e.Cursor(); used && everything[n] != "esc" && !visible {
				t.Fatalf("after %s the cursor is out of sight", everything[n])
			}
		}
		for _, row := range strings.Split(e.View(), "\n") {
			if e.cells.Width(row) > max(e.width, 2) {
				t.Fatalf("row %q is wider than %d", row, e.width)
			}
		}
		if e.oneLine && e.Lines() != 1 {
			t.Fatalf("a line holds %q", e.Text())
		}
		moved := e.cur != cur && e.panel == nil && n < len(everything) && slices.Contains(motions, everything[n])
		if s := e.buf.at(e.cur.line); moved && clusterAt(s, e.cur.col) != e.cur.col {
			t.Fatalf("%s moves the cursor from %v to %d within a character of %q", everything[n], cur, e.cur.col, s)
		}
		if !utf8.ValidString(e.Text()) {
			t.Fatalf("text is %q", e.Text())
		}
	}
	e.Close()
	for len(e.past.done) > 0 {
		press(e, "ctrl+z")
	}
	if e.Text() != start {
		t.Fatalf("undoing all makes %q of %q", e.Text(), start)
	}
}

// TestRewrap edits one long line anywhere in it.
func TestRewrap(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(3, 4))
	for range 40 {
		l := &line{s: strings.Repeat("some words of differing length, 漢字 too ", 8)}
		l.wrap(shape{width: 6 + chance.IntN(30)})
		for range 40 {
			from := clusterAt(l.s, chance.IntN(len(l.s)+1))
			to := clusterAt(l.s, min(len(l.s), from+chance.IntN(9)))
			piece := strings.ReplaceAll(pieces[chance.IntN(len(pieces))], "\n", "")
			before := l.s
			l.edit(from, to, piece)
			fresh := &line{s: l.s}
			fresh.wrap(l.shape)
			if !slices.Equal(l.rows, fresh.rows) {
				t.Fatalf("%q in place of %d to %d of %q:\nrows at %v\nwant    %v", piece, from, to, before, l.rows, fresh.rows)
			}
		}
	}
}

// clusterAt returns the last boundary between clusters up to at.
func clusterAt(s string, at int) int {
	last := 0
	for it := graphemes.FromString(s); it.Next() && it.End() <= at; {
		last = it.End()
	}
	return last
}

// compare runs the same operations on an editor and on the model.
func compare(t *testing.T, ops []byte) {
	t.Helper()
	e := newEditor("")
	if len(ops) > 0 && ops[0]%2 == 0 {
		*e.cells = text.Clusters
	}
	e.SetSize(12, 4)
	m := &model{}
	for i, op := range ops {
		switch op %= 52; {
		case int(op) < len(pieces):
			for _, r := range pieces[op] {
				if r == '\n' {
					press(e, "enter")
					m.enter()
				} else {
					e.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
					m.insert(string(r))
				}
			}
		case op < 34:
			press(e, "backspace")
			to := m.left()
			m.s, m.at = m.s[:to]+m.s[m.at:], to
		case op < 36:
			press(e, "delete")
			m.s = m.s[:m.at] + m.s[m.right():]
		case op < 40:
			press(e, "left")
			m.at = m.left()
		case op < 44:
			press(e, "right")
			m.at = m.right()
		default:
			// Motions over rows, and undo with redo, leave the text as it is.
			press(e, []string{"up", "down", "home", "end", "pgup", "pgdown", "alt+f", "alt+b"}[op-44])
			m.at = offset(e)
			revision := e.Revision()
			press(e, "ctrl+z")
			if e.Revision() != revision {
				press(e, "alt+y")
				at := e.buf.clamp(locate(m.s, m.at))
				e.SetPosition(at.line, at.col)
			}
		}
		if e.Text() != m.s || offset(e) != m.at {
			t.Fatalf("after %d: %q at %d, want %q at %d", i, e.Text(), offset(e), m.s, m.at)
		}
		checkRows(t, e)
		checkFrame(t, e)
	}
	whole := e.Text()
	for len(e.past.done) > 0 {
		press(e, "ctrl+z")
	}
	if !e.Empty() {
		t.Fatalf("undoing all leaves %q", e.Text())
	}
	for len(e.past.undone) > 0 {
		press(e, "alt+y")
	}
	if e.Text() != whole {
		t.Fatalf("doing all again makes %q of %q", e.Text(), whole)
	}
}

func offset(e *Editor) int { return len(e.buf.slice(pos{}, e.cur)) }

func locate(s string, at int) pos { return behind(pos{}, s[:at]) }

// checkRows compares rows that were kept up to date with rows made anew.
func checkRows(t *testing.T, e *Editor) {
	t.Helper()
	for i, l := range e.buf.lines {
		fresh := &line{s: l.s}
		fresh.wrap(e.shape())
		if got := e.wrapped(i).rows; !slices.Equal(got, fresh.rows) {
			t.Fatalf("rows of %q begin at %v, want %v", l.s, got, fresh.rows)
		}
	}
}

func checkFrame(t *testing.T, e *Editor) {
	t.Helper()
	rows := strings.Split(e.View(), "\n")
	if len(rows) != e.height {
		t.Fatalf("%d rows of %d", len(rows), e.height)
	}
	for _, r := range rows {
		if e.cells.Width(r) > e.width {
			t.Fatalf("row %q is wider than %d", r, e.width)
		}
	}
	if x, y, visible := e.Cursor(); !visible || x < 0 || x >= e.width || y < 0 || y >= e.height {
		t.Fatalf("cursor at %d, %d, visible: %v", x, y, visible)
	}
}

// text of n lines, some of which wrap.
func prose(n int) string {
	return strings.Repeat("Dear all, the minutes are attached. Please tell me by Friday what I got wrong, and who.\n\nok\n> quoted\n", n/4)
}

// touch types into the middle of a text and draws.
func touch(e *Editor) {
	e.Update(tea.KeyPressMsg{Code: 'x', Text: "x"})
	_ = e.View()
	e.Cursor()
	e.Update(tea.KeyPressMsg{Code: tea.KeyBackspace})
	_ = e.View()
	e.Cursor()
}

func middle(s string) *Editor {
	e := newEditor(s)
	e.SetSize(80, 30)
	e.SetPosition(e.Lines()/2, 0)
	return e
}

func BenchmarkKey(b *testing.B) {
	for name, s := range map[string]string{
		"100": prose(100), "10000": prose(10_000), "100000": prose(100_000), "paragraph of 100 kB": strings.Repeat("word ", 20_000),
	} {
		e := middle(s)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				touch(e)
			}
		})
	}
}

func BenchmarkEnter(b *testing.B) {
	e := middle(prose(100_000))
	for b.Loop() {
		press(e, "enter", "backspace")
		_ = e.View()
	}
}

func BenchmarkPaste(b *testing.B) {
	for name, s := range map[string]string{"lines": prose(20_000), "paragraph": strings.Repeat("word ", 200_000), "emoji": strings.Repeat(family, 40_000)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				e := newEditor("")
				e.Update(tea.PasteMsg{Content: s})
				_ = e.View()
			}
		})
	}
}

// TestFlat: a key costs the same in a text a thousand times as long. The best
// of several rounds is compared, so that a busy machine does not matter.
func TestFlat(t *testing.T) {
	cost := func(lines int) time.Duration {
		e, best := middle(prose(lines)), time.Hour
		for range 20 {
			start := time.Now()
			for range 20 {
				touch(e)
			}
			best = min(best, time.Since(start))
		}
		return best
	}
	if small, large := cost(100), cost(100_000); large > 10*small {
		t.Errorf("20 keys take %v in 100 lines and %v in 100 000", small, large)
	}
}
