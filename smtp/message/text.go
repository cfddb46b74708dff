package message

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// boundaryMark begins every boundary, and no part has it but as such.
const boundaryMark = "=_"

// encodeText chooses a transfer encoding (RFC 2045 section 6) for a text and
// applies it: as it is where that is safe on any way, else the one that is
// legible, unless base64 is clearly shorter.
func encodeText(lines []string, flowed bool) (encoding string, data []byte) {
	plain := []byte(strings.Join(append(lines, ""), "\r\n"))
	if isSafe(lines, flowed) {
		return "7bit", plain
	}
	quoted := quotedPrintable(lines)
	if size := int(EncodedSize(int64(len(plain)))); size < len(quoted)*3/4 {
		coded := make([]byte, size)
		return "base64", coded[:encodeLines(coded, plain)]
	}
	return "quoted-printable", quoted
}

// splitLines cuts a text at its line ends, whichever they are. The last line
// need not have one.
func splitLines(text string) []string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.ReplaceAll(text, "\r", "\n")
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// isSafe tells that lines arrive as they are: short, in ASCII, without blanks
// at the end, which some relays drop (to a flowed text that does little), and
// without the "From " that mailboxes in mbox format change.
func isSafe(lines []string, flowed bool) bool {
	for _, line := range lines {
		if len(line) > longestLine || strings.HasPrefix(line, "From ") || strings.Contains(line, boundaryMark) ||
			!flowed && strings.HasSuffix(line, " ") || strings.HasSuffix(line, "\t") {
			return false
		}
		for i := range len(line) {
			if c := line[i]; c != '\t' && (c < ' ' || c > '~') {
				return false
			}
		}
	}
	return true
}

// quotedPrintable encodes lines (RFC 2045 section 6.7). Other than
// mime/quotedprintable it never cuts through a character, and hides a "From "
// or a dot at the start of a line from programs that would change it.
func quotedPrintable(lines []string) []byte {
	const longest = 76
	var b bytes.Buffer
	for _, line := range lines {
		col := 0
		for i := 0; i < len(line); {
			_, n := utf8.DecodeRuneInString(line[i:])
			last := i+n == len(line)
			width := n
			if !isPlainQP(line, i) {
				width = 3 * n
			}
			if col+width > longest-1 && !(last && col+width <= longest) {
				b.WriteString("=\r\n")
				col = 0
			}
			if col == 0 && (line[i] == '.' || strings.HasPrefix(line[i:], "From ")) {
				width = 3
			}
			if width == n {
				b.WriteString(line[i : i+n])
			} else {
				for j := i; j < i+n; j++ {
					writeHex(&b, '=', line[j])
				}
			}
			col += width
			i += n
		}
		b.WriteString("\r\n")
	}
	return b.Bytes()
}

// isPlainQP tells that the octet at i of a line stands for itself.
func isPlainQP(line string, i int) bool {
	switch c := line[i]; c {
	case ' ', '\t':
		return i < len(line)-1
	default:
		return c > ' ' && c <= '~' && c != '='
	}
}
