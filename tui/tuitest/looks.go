package tuitest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"sendoff/tui/text"
)

// Window is what is drawn at one size, in several themes.
type Window struct {
	Title string // its size, and where the cursor is
	Looks []Look
}

// Look is a window as one theme draws it.
type Look struct{ Theme, Content string }

// Looks writes windows in several themes compactly: the text of each, below it a
// letter for the style of each cell, and at the end what each letter is in each
// theme. The first look of a window must give every role of a theme a colour of
// its own; it is the one the letters are made of, and is not listed. It fails if
// a theme draws other text, or cells of one letter in several ways.
func Looks(t *testing.T, windows ...Window) string {
	t.Helper()
	var b strings.Builder
	l := legend{letters: map[string]byte{"": '.'}, means: map[string]map[string]string{}}
	for _, w := range windows {
		text, styles := layers(w.Looks[0].Content)
		fmt.Fprintf(&b, "== %s\n%s\n", w.Title, text)
		for _, row := range styles {
			b.WriteString(l.row(row) + "\n")
		}
		b.WriteString("\n")
		for _, look := range w.Looks[1:] {
			same, theirs := layers(look.Content)
			if same != text {
				t.Errorf("%s, %s draws other text:\n%s", w.Title, look.Theme, same)
				continue
			}
			for y, row := range theirs {
				if problem := l.learn(look.Theme, styles[y], row); problem != "" {
					t.Errorf("%s, row %d: %s", w.Title, y+1, problem)
				}
			}
		}
	}
	for _, role := range l.order {
		fmt.Fprintf(&b, "%c", l.letters[role])
		for _, look := range windows[0].Looks[1:] {
			fmt.Fprintf(&b, "  %s %s", look.Theme, l.means[look.Theme][role])
		}
		b.WriteString("\n")
	}
	return b.String()
}

// legend is which letter stands for a style, and what that is in each theme.
type legend struct {
	letters map[string]byte
	order   []string
	means   map[string]map[string]string
}

// row writes a row of styles as letters.
func (l *legend) row(styles []string) string {
	row := make([]byte, len(styles))
	for i, s := range styles {
		if l.letters[s] == 0 {
			l.letters[s] = byte('a' + len(l.order))
			l.order = append(l.order, s)
		}
		row[i] = l.letters[s]
	}
	return strings.TrimRight(string(row), ".")
}

// learn takes up how a theme draws a row of roles, and says what is wrong with it.
func (l *legend) learn(theme string, roles, drawn []string) (problem string) {
	if l.means[theme] == nil {
		l.means[theme] = map[string]string{}
	}
	for x, role := range roles {
		if was, ok := l.means[theme][role]; ok && was != drawn[x] {
			problem = fmt.Sprintf("%s draws %q and %q for one role", theme, was, drawn[x])
		}
		l.means[theme][role] = drawn[x]
	}
	return problem
}

// layers takes a window apart into its text and the attributes of each cell, as
// they stand in SGR (ECMA-48 section 8.3.117).
func layers(content string) (plain string, styles [][]string) {
	var b strings.Builder
	for _, row := range strings.Split(content, "\n") {
		var cells []string
		style, state := "", byte(0)
		for row != "" {
			seq, _, n, next := ansi.DecodeSequence(row, state, nil)
			row, state = row[n:], next
			if sgr, ok := strings.CutPrefix(seq, "\x1b["); ok {
				style = strings.TrimPrefix(strings.TrimSuffix(sgr, "m"), "0")
				continue
			}
			b.WriteString(seq)
			for range text.CodePoints.Width(seq) {
				cells = append(cells, style)
			}
		}
		b.WriteString("\n")
		styles = append(styles, cells)
	}
	lines := strings.Split(b.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n", styles
}
