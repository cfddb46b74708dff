package tuitest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"sendoff/tui/text"
)

// Look is a window as one theme draws it.
type Look struct{ Theme, Content string }

// Looks writes a window in several themes compactly: its text, below it a letter
// for the style of each cell, and what each letter is in each theme. The first
// look must give every role of a theme a colour of its own; it is the one the
// letters are made of, and is not listed. It fails if a theme draws other text,
// or cells of one letter in several ways.
func Looks(t *testing.T, looks ...Look) string {
	t.Helper()
	text, styles := layers(looks[0].Content)
	var order []string
	letters := map[string]byte{"": '.'}
	var grid strings.Builder
	for _, row := range styles {
		line := make([]byte, len(row))
		for i, s := range row {
			if letters[s] == 0 {
				letters[s] = byte('a' + len(order))
				order = append(order, s)
			}
			line[i] = letters[s]
		}
		grid.WriteString(strings.TrimRight(string(line), ".") + "\n")
	}
	legend := map[string]map[string]string{}
	for _, look := range looks[1:] {
		same, theirs := layers(look.Content)
		if same != text {
			t.Errorf("%s draws other text:\n%s", look.Theme, same)
			continue
		}
		means := map[string]string{}
		for y, row := range theirs {
			for x, s := range row {
				role := styles[y][x]
				if was, ok := means[role]; ok && was != s {
					t.Errorf("%s draws %q and %q for one role, in row %d", look.Theme, was, s, y+1)
				}
				means[role] = s
			}
		}
		legend[look.Theme] = means
	}
	var b strings.Builder
	b.WriteString(text + "\n" + grid.String() + "\n")
	for _, role := range order {
		fmt.Fprintf(&b, "%c", letters[role])
		for _, look := range looks[1:] {
			fmt.Fprintf(&b, "  %s %s", look.Theme, legend[look.Theme][role])
		}
		b.WriteString("\n")
	}
	return b.String()
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
