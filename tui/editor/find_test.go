package editor

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"sendoff/tui/keys"
	"sendoff/tui/text"
	"sendoff/tui/theme"
)

func TestFind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		keys       []string
		selected   string // what is, with the octets in front of it
		told       string
	}{
		{"while typing", "one two three", []string{"'t"}, "4 t", "1 of 2"},
		{"more of it", "one two three", []string{"'th"}, "8 th", "1 of 1"},
		{"less of it", "one two three", []string{"'th", "backspace"}, "4 t", "1 of 2"},
		{"not there", "one", []string{"'x"}, "0 ", "not found"},
		{"next", "a b a b a", []string{"'a", "enter"}, "4 a", "2 of 3"},
		{"around", "a b a", []string{"'a", "enter", "enter"}, "0 a", "1 of 2"},
		{"back", "a b a", []string{"'a", "up"}, "4 a", "2 of 2"},
		{"its key again", "a b a", []string{"'a", "ctrl+r"}, "4 a", "2 of 2"},
		{"any case", "Über ÜBER", []string{"'über", "enter"}, "6 ÜBER", "2 of 2"},
		{"this case", "über Über", []string{"'Über"}, "6 Über", "1 of 1"},
		{"over lines", "one\ntwo\none", []string{"'one", "enter"}, "8 one", "2 of 2"},
		{"no letter without its accent", "e\u0301 e", []string{"'e"}, "4 e", "1 of 1"},
		{"they don't overlap", "aaaa", []string{"'aa", "enter"}, "2 aa", "2 of 2"},
		{"pasted", "one two", []string{"\x00two"}, "4 two", "1 of 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newEditor(tt.text)
			e.SetSize(30, 6)
			press(e, "ctrl+r")
			for _, k := range tt.keys {
				if pasted, ok := strings.CutPrefix(k, "\x00"); ok {
					e.Update(tea.PasteMsg{Content: pasted})
					continue
				}
				press(e, k)
			}
			from, to := e.Selection()
			if got := strings.TrimSpace(strings.Join([]string{itoa(from), e.Text()[from:to]}, " ")); got != strings.TrimSpace(tt.selected) {
				t.Errorf("selected %q, want %q", got, tt.selected)
			}
			if got := frame(e)[4]; !strings.HasSuffix(got, tt.told) {
				t.Errorf("it says %q, want %q", got, tt.told)
			}
			press(e, "esc")
			if e.Asking() || len(frame(e)) != 6 {
				t.Error("esc does not leave the search")
			}
		})
	}
}

func itoa(n int) string { return string(rune('0' + n)) }

func TestReplace(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		keys       []string
		want       string
	}{
		{"one", "a b a", []string{"'a", "tab", "'x", "enter", "esc"}, "x b a|"},
		{"two", "a b a", []string{"'a", "tab", "'xa", "enter", "enter", "esc"}, "xa| b xa"},
		{"all", "a b\nA b\na", []string{"'a", "tab", "'xx", "alt+r", "esc"}, "xx b\nxx b\nxx|"},
		{"all by nothing", "a b a", []string{"'a", "alt+r", "esc"}, " b |"},
		{"undone at once", "a b\na b", []string{"'a", "tab", "'x", "alt+r", "esc", "ctrl+z"}, "a| b\na b"},
		{"again the same", "a b a", []string{"'a", "tab", "'x", "enter", "esc", "home", "ctrl+r", "tab", "enter", "esc"}, "x b x|"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newEditor(tt.text)
			press(e, append([]string{"ctrl+r"}, tt.keys...)...)
			if got := shown(e); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
	e := newEditor("a b a")
	if got := press(e, "ctrl+r", "'a", "alt+r").Said; got != "replaced 2" {
		t.Errorf("it says %q", got)
	}
}

// TestReplaceAsRegexp compares with what the standard library finds.
func TestReplaceAsRegexp(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(9, 10))
	letters := []string{"a", "A", "b", " ", "ß", "É", "é", "漢", "\n"}
	random := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteString(letters[chance.IntN(len(letters))])
		}
		return b.String()
	}
	for range 300 {
		whole, needle := random(40), strings.ReplaceAll(random(1+chance.IntN(2)), "\n", "a")
		flags := "(?i)"
		if strings.ContainsAny(needle, "AÉ") {
			flags = ""
		}
		want := regexp.MustCompile(flags+regexp.QuoteMeta(needle)).ReplaceAllLiteralString(whole, "<>")
		e := newEditor(whole)
		press(e, "ctrl+r", "'"+needle, "tab", "'<>", "alt+r")
		if e.Text() != want {
			t.Fatalf("%q for %q in %q is %q, want %q", "<>", needle, whole, e.Text(), want)
		}
		press(e, "esc")
		if whole != want {
			press(e, "ctrl+z")
		}
		if e.Text() != whole {
			t.Fatalf("undone it is %q, want %q", e.Text(), whole)
		}
	}
}

func TestGoToLine(t *testing.T) {
	t.Parallel()
	e := newEditor("1\n2\n3\n4\n5\n6\n7")
	press(e, "alt+g", "'6")
	if got := frame(e)[4]; got != "Line     6|" {
		t.Errorf("asked by %q", got)
	}
	press(e, "enter")
	if got := shown(e); got != "1\n2\n3\n4\n5\n|6\n7" || e.Asking() {
		t.Errorf("%q", got)
	}
	if got := press(e, "alt+g", "'x", "enter"); got.Said == "" || !e.Asking() {
		t.Errorf("a letter leads to %+v", got)
	}
	press(e, "esc", "alt+g", "'99", "enter")
	if line, _ := e.Position(); line != 6 {
		t.Errorf("too far leads to line %d", line)
	}
}

// TestFoundIsMarked: all that shows of what is found, the one selected apart.
func TestFoundIsMarked(t *testing.T) {
	t.Parallel()
	styles, cells := theme.New(theme.Dark(), theme.Unicode()), text.CodePoints
	e := New(keys.Default(), &styles, &cells)
	e.SetSize(20, 5)
	e.SetText("ab a\nxx aaaa aaaa aaaa aaaa")
	press(e, "ctrl+r", "'a")
	rows := strings.Split(e.View(), "\n")
	if got, want := rows[0], styles.Marked.Render("a")+"b "+styles.Found.Render("a"); got != want {
		t.Errorf("row %q, want %q", got, want)
	}
	found := styles.Found.Render("aaaa")
	if diff := cmp.Diff("xx "+found+" "+found+" "+found+" ", rows[1]); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if rows[2] != found {
		t.Errorf("wrapped row %q", rows[2])
	}
}

func BenchmarkFind(b *testing.B) {
	e := middle(prose(10_000))
	press(e, "ctrl+r")
	for b.Loop() {
		press(e, "'w", "backspace")
		_ = e.View()
	}
}
