package editor

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/tui/keys"
	"sendoff/tui/text"
	"sendoff/tui/theme"
)

func TestSpellable(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Hello, wrld! don't (you’re)": "Hello wrld don't you’re",
		"> quoted":                    "quoted", // the line is left out, not the words
		"see http://example.org/teh or www.teh.example": "see or",
		"bob@teh.example example.org e.g. end.":         "end",
		"run `teh code` and `teh`, not teh":             "run and not teh",
		"camelCase snake_case 3rd {{teh place}} --flag": "",
		"/usr/teh ~/teh and/or C:\\teh":                 "and or",
		"漢字 ไทย Größe е\u0301ж":                         "Größe е\u0301ж",
		"rock 'n' roll 'quoted'":                        "rock roll quoted",
		"McDonald I a e-mail well-known":                "mail well known",
	} {
		var got []string
		for _, f := range spellable(in) {
			got = append(got, in[f.from:f.to])
		}
		if in[0] == '>' {
			want = "quoted"
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// spelled has all words looked up as a checker would that knows none with an x.
func spelled(e *Editor) (asked []string, last Result) {
	for {
		words := e.Unknown(7)
		if len(words) == 0 {
			return asked, last
		}
		asked = append(asked, words...)
		wrong := map[string][]string{}
		for _, w := range words {
			if strings.Contains(w, "x") {
				wrong[w] = []string{strings.ReplaceAll(w, "x", "s"), "other", "third"}
			}
		}
		last = e.Spelled(words, wrong)
	}
}

func TestUnknown(t *testing.T) {
	t.Parallel()
	e := newEditor("one twx\n> quoted\n```\ncode\n```\nmore\n\n-- \nAlice\n")
	e.SetSize(40, 20)
	if got := e.Unknown(9); got != nil {
		t.Errorf("without a checker it asks for %q", got)
	}
	e.SetSpelling(true)
	got, _ := spelled(e)
	if diff := cmp.Diff([]string{"one", "twx", "more"}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	press(e, "end", "'new")
	if got := e.Unknown(9); got != nil {
		t.Errorf("while it is typed it asks for %q", got)
	}
	press(e, "' ")
	if got := e.Unknown(9); !slices.Equal(got, []string{"twxnew"}) {
		t.Errorf("once it is typed it asks for %q", got)
	}
	e.SetText(strings.Repeat("many\n", 500) + "below\n")
	if got, _ := spelled(e); !slices.Equal(got, []string{"many"}) {
		t.Errorf("of what does not show it asks for %q", got)
	}
}

func TestMisspelledAreMarked(t *testing.T) {
	t.Parallel()
	for _, p := range []theme.Palette{theme.Dark(), theme.Light(), theme.Sixteen(), theme.None()} {
		styles, cells := theme.New(p, theme.Unicode()), text.CodePoints
		e := New(keys.Default(), &styles, &cells)
		e.SetSize(12, 4)
		e.SetText("one twx\n> twx\naaaa bbbb twxxxx")
		e.SetSpelling(true)
		spelled(e)
		bad := styles.Misspelled.Render("twx")
		if !strings.Contains(bad, "\x1b[") {
			t.Error("it has no mark of its own")
		}
		want := []string{"one " + bad, styles.Dim.Render("> twx"), "aaaa bbbb ", styles.Misspelled.Render("twxxxx")}
		if diff := cmp.Diff(want, strings.Split(e.View(), "\n")); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		press(e, "end")
		if strings.Contains(strings.Split(e.View(), "\n")[0], bad) {
			t.Error("what may still be typed is marked")
		}
		e.SetSpelling(false)
		if strings.Contains(e.View(), bad) {
			t.Error("it stays marked")
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	check := func(s string, more ...string) (*Editor, Result) {
		e := newEditor(s)
		e.SetSize(30, 8)
		e.SetSpelling(true)
		press(e, "f7")
		_, r := spelled(e)
		for _, k := range more {
			if last := press(e, k); last.Used {
				r = last
			}
			spelled(e)
		}
		return e, r
	}
	e, _ := check("fine\n\nthe twx end")
	if got := shown(e); got != "fine\n\nthe |twx end" {
		t.Errorf("it goes to %q", got)
	}
	rows := frame(e)
	if diff := cmp.Diff([]string{"Instead of twx (3)", "| 1 tws                        ", " 2 other", " 3 third"}, trimmed(rows[4:])); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for _, tt := range []struct {
		name string
		keys []string
		want string
	}{
		{"take", []string{"enter"}, "fine tws| ax"},
		{"take another", []string{"down", "enter"}, "fine other| ax"},
		{"by its number", []string{"'3"}, "fine third| ax"},
		{"undo", []string{"enter", "ctrl+z"}, "fine |twx ax"},
		{"next", []string{"f7", "enter"}, "fine twx as|"},
		{"typing goes on", []string{"'q"}, "fine q|twx ax"},
		{"leave", []string{"esc"}, "fine |twx ax"},
	} {
		if e, _ := check("fine twx ax", tt.keys...); shown(e) != tt.want || e.Asking() {
			t.Errorf("%s: %q, want %q", tt.name, shown(e), tt.want)
		}
	}
	if _, r := check("fine twx", "l"); r.Known != "twx" || !r.Learn {
		t.Errorf("learning leads to %+v", r)
	}
	e, r := check("fine twx twx", "i")
	if r.Known != "twx" || r.Learn {
		t.Errorf("ignoring leads to %+v", r)
	}
	if press(e, "f7"); e.Asking() {
		t.Error("what is ignored is shown again")
	}
	if _, r := check("all fine\n" + strings.Repeat("fine\n", 50)); r.Said != "no word is misspelled" {
		t.Errorf("without a wrong word it says %q", r.Said)
	}
	if _, r := check("fine twx here", "f7"); r.Said != "no word below is misspelled" {
		t.Errorf("after the last wrong word it says %q", r.Said)
	}
	above := newEditor("")
	above.SetSpelling(true)
	for _, word := range []string{"a", " twx", " fine", " here"} {
		above.Insert(word)
	}
	press(above, "f7")
	spelled(above)
	if got := shown(above); got != "a |twx fine here" || !above.Asking() {
		t.Errorf("from below the last wrong word it goes to %q", got)
	}
	far, _ := check(strings.Repeat("fine\n", 500) + "twx")
	if line, _ := far.Position(); line != 500 || !far.Asking() {
		t.Errorf("a word far below: line %d", line)
	}
	if got := press(newEditor("twx"), "f7").Said; !strings.Contains(got, "hunspell") {
		t.Errorf("without a checker it says %q", got)
	}
}

func trimmed(rows []string) []string {
	for i, r := range rows {
		if !strings.HasPrefix(r, "|") {
			rows[i] = strings.TrimRight(r, " ")
		}
	}
	return rows
}

// BenchmarkSpelling is a key in a text of which all words are known.
func BenchmarkSpelling(b *testing.B) {
	for name, n := range map[string]int{"100": 100, "1000": 1000, "10000": 10_000, "100000": 100_000} {
		e := middle(prose(n))
		e.SetSpelling(true)
		spelled(e)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				touch(e)
				e.Unknown(40)
			}
		})
	}
}
