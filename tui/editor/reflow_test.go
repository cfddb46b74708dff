package editor

import (
	"strings"
	"testing"
)

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
