package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"sendoff/tui/text"
)

// line prints one line of what was asked for. Text of others may be among the
// arguments: nothing in it reaches a terminal but what can be read.
func (p *program) line(format string, args ...any) error {
	_, err := io.WriteString(p.Stdout, text.Clean(fmt.Sprintf(format, args...))+"\n")
	return err
}

// object prints one JSON object on a line of its own.
func (p *program) object(v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(p.Stdout, escape(b.String()))
	return err
}

// escape replaces what a terminal could take for a command by JSON's notation
// for it. The encoder itself does so within ASCII only, and controls of
// Unicode are as able.
func escape(encoded string) string {
	if !strings.ContainsFunc(encoded, hidden) {
		return encoded
	}
	var b strings.Builder
	for _, r := range encoded {
		if !hidden(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// hidden tells of a character outside ASCII that shows nothing or changes how
// others show.
func hidden(r rune) bool { return r >= utf8.RuneSelf && !unicode.IsGraphic(r) }

// tell prints one line of what happens on the way. Nobody may be listening,
// and a mail is not given up because of that.
func (p *program) tell(format string, args ...any) {
	if !p.quiet {
		fmt.Fprintln(p.Stderr, text.Clean(fmt.Sprintf(format, args...)))
	}
}

// table prints rows in aligned columns, the last one ragged.
func (p *program) table(rows [][]string) error {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], text.CodePoints.Width(text.Clean(cell)))
		}
	}
	for _, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			cell = text.Clean(cell)
			b.WriteString(cell)
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-text.CodePoints.Width(cell)+2))
			}
		}
		if err := p.line("%s", strings.TrimRight(b.String(), " ")); err != nil {
			return err
		}
	}
	return nil
}
