package smtp

import (
	"fmt"
	"strings"
)

// Reply is a server's answer to a command (RFC 5321 section 4.2).
type Reply struct {
	Code     int    // 0 when there was no reply
	Enhanced string // "5.1.1" (RFC 2034, RFC 3463), or empty
	Lines    []string
}

// Text returns the lines, without codes, as one.
func (r Reply) Text() string { return strings.Join(r.Lines, " ") }

// String returns code, enhanced code and text: "550 5.1.1 no such user".
func (r Reply) String() string {
	if r.Code == 0 {
		return ""
	}
	s := fmt.Sprintf("%03d", r.Code)
	if r.Enhanced != "" {
		s += " " + r.Enhanced
	}
	if t := r.Text(); t != "" {
		s += " " + t
	}
	return s
}

// clean returns s with everything replaced that is not printable text.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return '?'
		}
		return r
	}, s)
}
