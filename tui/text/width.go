// Package text measures, cuts and wraps strings for a terminal, makes foreign
// text safe to show there, and writes sizes and times as people read them.
//
// There is one way to count cells, Method, and it is the renderer's: whatever
// else counts differently moves the cursor away from the text.
package text

import (
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// Method is how the terminal counts the cells of a string.
type Method uint8

const (
	// CodePoints adds up the code points of a cluster, as terminals do that
	// know nothing of clusters, and as the renderer does until a terminal
	// says otherwise.
	CodePoints Method = iota

	// Clusters counts what a person sees as one character (UAX #29) as one
	// or two cells: terminals with mode 2027.
	Clusters
)

// Reported returns the method that the renderer changes to at msg. ok is false
// if msg is not about that.
func Reported(msg tea.ModeReportMsg) (m Method, ok bool) {
	if msg.Mode != ansi.ModeUnicodeCore {
		return CodePoints, false
	}
	switch msg.Value {
	case ansi.ModeReset, ansi.ModeSet, ansi.ModePermanentlySet:
		return Clusters, true
	default:
		return CodePoints, true
	}
}

func (m Method) ansi() ansi.Method {
	if m == Clusters {
		return ansi.GraphemeWidth
	}
	return ansi.WcWidth
}

// Next returns the first grapheme cluster of s and its cells, which are 0 for
// controls and for marks without a base. It knows no escape sequences.
func (m Method) Next(s string) (cluster string, cells int) {
	if s == "" {
		return "", 0
	}
	if plain(s) {
		return s[:1], 1
	}
	return ansi.FirstGraphemeCluster(s, m.ansi())
}

// plain tells that s begins with a cluster of one printable ASCII character.
func plain(s string) bool {
	return ' ' <= s[0] && s[0] < 0x7f && (len(s) == 1 || s[1] < utf8.RuneSelf)
}

// token is Next for styled text: an escape sequence is one token of no width.
func (m Method) token(s string) (token string, cells int) {
	if s[0] == ansi.ESC {
		_, _, n, _ := ansi.DecodeSequence(s, 0, nil)
		return s[:n], 0
	}
	return m.Next(s)
}

// Width returns the cells of s, which may be styled.
func (m Method) Width(s string) int {
	width := 0
	for s != "" {
		token, cells := m.token(s)
		width += cells
		s = s[len(token):]
	}
	return width
}

// Truncate returns s if it fits into width cells, or its beginning and an
// ellipsis. Styles survive the cut.
func (m Method) Truncate(s string, width int) string { return m.cut(s, width, "…") }

// Cut returns as much of s as fits into width cells. Styles survive the cut.
func (m Method) Cut(s string, width int) string { return m.cut(s, width, "") }

func (m Method) cut(s string, width int, tail string) string {
	if width <= 0 {
		return ""
	}
	if m.Width(s) <= width {
		return s
	}
	room := width - m.Width(tail)
	if room < 0 {
		return ""
	}
	var b strings.Builder
	full := false
	for s != "" {
		token, cells := m.token(s)
		s = s[len(token):]
		if !full && cells > room {
			full = true
			b.WriteString(tail)
		}
		switch {
		case token[0] == ansi.ESC:
			b.WriteString(token) // what ends a style stands behind the cut
		case !full:
			b.WriteString(token)
			room -= cells
		}
	}
	return b.String()
}

// PadRight returns s cut or filled with spaces to exactly width cells.
func (m Method) PadRight(s string, width int) string {
	s = m.Truncate(s, width)
	return s + strings.Repeat(" ", max(0, width-m.Width(s)))
}

// PadLeft is PadRight with the spaces in front, for numbers.
func (m Method) PadLeft(s string, width int) string {
	s = m.Truncate(s, width)
	return strings.Repeat(" ", max(0, width-m.Width(s))) + s
}
