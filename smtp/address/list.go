package address

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Entry is one piece of a list, as far as it could be read: what a composer
// marks right or wrong while the person types.
type Entry struct {
	Start, End int       // octets in the input, white space left out
	Group      string    // the name of a group (RFC 5322 section 3.4); empty for a mailbox
	Mailboxes  []Mailbox // one, or a group's members
	Err        error     // why it can't be read, an *Error; nil if it can
}

// Parse reads exactly one mailbox.
func Parse(s string) (Mailbox, error) {
	entries := Split(s)
	switch {
	case len(entries) == 0:
		return Mailbox{}, &Error{Reason: "there is no address"}
	case len(entries) > 1:
		return Mailbox{}, &Error{Text: trimmed(s), Reason: "is more than one address"}
	case entries[0].Err != nil:
		return Mailbox{}, entries[0].Err
	case entries[0].Group != "":
		return Mailbox{}, &Error{Text: trimmed(s), Reason: "is a group, not one address"}
	}
	return entries[0].Mailboxes[0], nil
}

// ParseList reads a list of mailboxes and groups, flattened. Its error names
// the piece that is wrong.
func ParseList(s string) ([]Mailbox, error) {
	var list []Mailbox
	for _, entry := range Split(s) {
		if entry.Err != nil {
			return nil, entry.Err
		}
		list = append(list, entry.Mailboxes...)
	}
	return list, nil
}

// Split reads a list leniently, one Entry a piece. Pieces are separated by
// commas, semicolons or line breaks, outside quotes and comments. Comments alone
// are no piece.
func Split(s string) []Entry {
	var entries []Entry
	groups := true // whether a ; may still follow that closes a group
	for pos := 0; pos < len(s); {
		end, colon := scan(s, pos)
		if colon >= 0 && groups {
			if close := closing(s, colon+1); close >= 0 {
				entry := readGroup(s, pos, colon, close)
				entries = append(entries, entry)
				pos = close + width(s, close)
				continue
			}
			groups = false
		}
		if start, end := trim(s, pos, end); start < end && !isComment(s[start:end]) {
			entry := Entry{Start: start, End: end}
			if colon >= 0 {
				entry.Err = &Error{Text: s[start:end], Reason: "opens a group with its : and needs a ; at the end of it"}
			} else if m, err := readMailbox(s[start:end]); err != nil {
				entry.Err = err
			} else {
				entry.Mailboxes = []Mailbox{m}
			}
			entries = append(entries, entry)
		}
		pos = end + width(s, end)
	}
	return entries
}

// readGroup reads the group s[start:close+1] whose name ends at colon.
func readGroup(s string, start, colon, close int) Entry {
	from, to := trim(s, start, colon)
	entry := Entry{Start: from, End: close + width(s, close)}
	name, reason := readPhrase(s[from:to])
	if reason == "" && name == "" {
		reason = "needs a name before the :"
	}
	if reason != "" {
		entry.Err = &Error{Text: s[entry.Start:entry.End], Reason: reason}
		return entry
	}
	entry.Group = name
	for pos := colon + 1; pos < close; {
		end, _ := scan(s[:close], pos)
		if a, b := trim(s, pos, end); a < b && !isComment(s[a:b]) {
			m, err := readMailbox(s[a:b])
			if err == nil {
				entry.Mailboxes = append(entry.Mailboxes, m)
			} else if entry.Err == nil {
				entry.Err = err
			}
		}
		pos = end + width(s, end)
	}
	return entry
}

// scan finds the end of the piece that starts at pos, and the colon that makes
// it a group, or -1.
func scan(s string, pos int) (end, colon int) {
	colon = -1
	inName := true // before any sign of an address
	for i := pos; i < len(s); {
		switch s[i] {
		case '"':
			i, _ = skipQuoted(s, i)
			continue
		case '(':
			i, _ = skipComment(s, i)
			continue
		case '@', '<':
			inName = false
		case ':':
			if inName {
				colon, inName = i, false
			}
		}
		r, w := utf8.DecodeRuneInString(s[i:])
		if isSeparator(r) {
			return i, colon
		}
		i += w
	}
	return len(s), colon
}

// closing finds the semicolon that ends a group, or returns -1.
func closing(s string, pos int) int {
	for i := pos; i < len(s); {
		switch s[i] {
		case '"':
			i, _ = skipQuoted(s, i)
			continue
		case '(':
			i, _ = skipComment(s, i)
			continue
		}
		r, w := utf8.DecodeRuneInString(s[i:])
		if r == ';' || r == '；' {
			return i
		}
		i += w
	}
	return -1
}

// skipQuoted returns the position behind the quoted-string that starts at i.
// One that is never closed ends with its line: so far it may still be typed.
func skipQuoted(s string, i int) (end int, closed bool) {
	for i++; i < len(s) && !isBreak(s[i]); i++ {
		switch s[i] {
		case '"':
			return i + 1, true
		case '\\':
			if i+1 < len(s) && !isBreak(s[i+1]) {
				i++
			}
		}
	}
	return i, false
}

// skipComment does the same for a comment, which may hold others.
func skipComment(s string, i int) (end int, closed bool) {
	for depth := 0; i < len(s) && !isBreak(s[i]); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1, true
			}
		case '\\':
			if i+1 < len(s) && !isBreak(s[i+1]) {
				i++
			}
		}
	}
	return i, false
}

// isComment tells that a piece is nothing but comments (RFC 5322 section 3.2.2).
func isComment(s string) bool {
	for s != "" {
		end, closed := skipComment(s, 0)
		if s[0] != '(' || !closed {
			return false
		}
		s = strings.TrimLeftFunc(s[end:], isPadding)
	}
	return true
}

func isBreak(c byte) bool { return c == '\r' || c == '\n' }

// isSeparator tells what ends a piece. The full-width forms come from input
// methods for Chinese and Japanese.
func isSeparator(r rune) bool {
	switch r {
	case ',', ';', '\r', '\n', '，', '；':
		return true
	}
	return false
}

// isPadding tells what may surround a piece unseen: white space, and the
// direction marks and byte order marks that come along when people paste.
func isPadding(r rune) bool {
	return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' || r == '\u2060' ||
		'\u200e' <= r && r <= '\u200f' || '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
}

func trimmed(s string) string { return strings.TrimFunc(s, isPadding) }

// trim returns the borders of s[start:end] without padding.
func trim(s string, start, end int) (int, int) {
	part := s[start:end]
	left := strings.TrimLeftFunc(part, isPadding)
	return end - len(left), end - len(left) + len(strings.TrimRightFunc(left, isPadding))
}

// width is the number of octets of the character at i, 0 at the end.
func width(s string, i int) int {
	_, w := utf8.DecodeRuneInString(s[i:])
	return w
}
