package message

import (
	"encoding/base64"
	"io"
	"strings"
	"unicode/utf8"
)

const (
	wordStart = "=?utf-8?"
	wordFrame = len(wordStart + "q?" + "?=")
)

// encode writes s as encoded-words, cut between characters. With a blank in
// front each of them keeps to the 75 octets of RFC 2047 section 2.
func (h *header) encode(blanks, s string, phrase bool) {
	const least = 32    // shorter pieces wait for the next line
	method := byte('q') // which is legible, so it may be a little longer
	if quotedLen(s, phrase) > base64.StdEncoding.EncodedLen(len(s))*4/3 {
		method = 'b'
	}
	for s != "" {
		room := foldAt - h.col - len(blanks)
		n := fitting(s, room-wordFrame, method, phrase)
		if n < len(s) && room < least {
			h.fold()
			room = foldAt - len(blanks)
			n = fitting(s, room-wordFrame, method, phrase)
		}
		h.write(blanks + encodedWord(s[:n], method, phrase))
		s, blanks = s[n:], " "
	}
}

// fitting returns how many octets of s, as whole characters, take at most room
// when they are encoded.
func fitting(s string, room int, method byte, phrase bool) int {
	used := 0
	for i, r := range s {
		width := utf8.RuneLen(r)
		if method == 'b' {
			used = base64.StdEncoding.EncodedLen(i + width)
		} else {
			used += quotedLen(s[i:i+width], phrase)
		}
		if used > room {
			return i
		}
	}
	return len(s)
}

func encodedWord(s string, method byte, phrase bool) string {
	var b strings.Builder
	b.WriteString(wordStart)
	b.WriteByte(method)
	b.WriteByte('?')
	if method == 'b' {
		b.WriteString(base64.StdEncoding.EncodeToString([]byte(s)))
	} else {
		for i := range len(s) {
			switch c := s[i]; {
			case c == ' ':
				b.WriteByte('_')
			case isPlainQ(c, phrase):
				b.WriteByte(c)
			default:
				writeHex(&b, '=', c)
			}
		}
	}
	b.WriteString("?=")
	return b.String()
}

func quotedLen(s string, phrase bool) int {
	n := 0
	for i := range len(s) {
		if s[i] == ' ' || isPlainQ(s[i], phrase) {
			n++
		} else {
			n += 3
		}
	}
	return n
}

// isPlainQ tells what the Q encoding leaves as it is; within a phrase that is
// less (RFC 2047 section 5, rule 3).
func isPlainQ(c byte, phrase bool) bool {
	if isAlnum(c) || strings.IndexByte("!*+-/", c) >= 0 {
		return true
	}
	return !phrase && c > ' ' && c < 0x7f && c != '=' && c != '?' && c != '_'
}

func isAlnum(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// writeHex writes an octet as quoted-printable (mark is =) or percent-encoded.
func writeHex(w io.ByteWriter, mark, c byte) {
	const digits = "0123456789ABCDEF"
	w.WriteByte(mark)
	w.WriteByte(digits[c>>4])
	w.WriteByte(digits[c&15])
}
