package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/term"

	"sendoff/tui/text"
)

// outputError tells that standard output can't be written.
type outputError struct{ error }

func (e outputError) Unwrap() error { return e.error }

// left tells that the reader of standard output has read enough.
func (e outputError) left() bool { return errors.Is(e.error, syscall.EPIPE) }

// stdout is standard output, whose trouble is an outputError.
type stdout struct{ file *os.File }

// Write writes to it.
func (w stdout) Write(b []byte) (int, error) {
	n, err := w.file.Write(b)
	if err != nil {
		err = outputError{err}
	}
	return n, err
}

func (p *program) print(s string) error {
	_, err := stdout{p.Stdout}.Write([]byte(s))
	return err
}

// untold is for what was done and could not be told, if err says so. That is no
// reason to fail: who takes it for a failure of the deed would do it again.
func (p *program) untold(deed string, err error) error {
	var out outputError
	if !errors.As(err, &out) {
		return err
	}
	if !out.left() {
		p.complain(deed+", but that can't be told: "+err.Error(), "don't do it again")
	}
	return nil
}

// line prints one line of what was asked for. Text of others may be among the
// arguments: nothing in it reaches a terminal but what can be read.
func (p *program) line(format string, args ...any) error {
	return p.print(text.Clean(fmt.Sprintf(format, args...)) + "\n")
}

// object prints one JSON object on a line of its own.
func (p *program) object(v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	return p.print(escape(b.String()))
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
		fmt.Fprintln(p.Stderr, text.Clean(fmt.Sprintf(p.here(format), args...)))
	}
}

// remark says to a person at a terminal what silence would leave open. A script
// takes silence for an answer.
func (p *program) remark(format string, args ...any) {
	if !p.json && isTerminal(p.Stderr) {
		p.tell(format, args...)
	}
}

// columns returns the width of the terminal that standard output is; 0 if it
// is none.
func (p *program) columns() int {
	if !isTerminal(p.Stdout) {
		return 0
	}
	width, _, err := term.GetSize(int(p.Stdout.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// table prints rows in aligned columns, the last one ragged.
func (p *program) table(rows [][]string) error { return p.tableWithin(0, rows) }

// tableWithin prints a table and cuts what goes beyond a width, unless that is 0.
func (p *program) tableWithin(across int, rows [][]string) error {
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
		line := strings.TrimRight(b.String(), " ")
		if across > 0 {
			line = text.CodePoints.Truncate(line, across)
		}
		if err := p.line("%s", line); err != nil {
			return err
		}
	}
	return nil
}
