package message

import (
	"strings"
	"unicode/utf8"
)

const (
	longestLine = 78    // RFC 5322 section 2.1.1, RFC 3676 section 4.2
	flowAt      = 72    // leaves room for marks of quotes
	signature   = "-- " // RFC 3676 section 4.3
)

// flows tells that a text is better sent as format=flowed (RFC 3676): it has
// paragraphs that are longer than a line, and no blanks at the end of lines,
// which are what the format speaks with. Whoever wrote such blanks, as a patch
// has them, wants them to arrive.
func flows(lines []string) bool {
	long := false
	for _, line := range lines {
		_, rest := unquote(line)
		if strings.HasSuffix(line, " ") && rest != signature && !(rest == "" && strings.HasPrefix(line, ">")) {
			return false
		}
		long = long || breaks(rest) && utf8.RuneCountInString(line) > longestLine
	}
	return long
}

// breaks tells that a line may be broken: what is indented is set so.
func breaks(line string) bool {
	return strings.Contains(line, " ") && line[0] != ' ' && line[0] != '\t'
}

// flow breaks the long lines of a text between words. Each line that goes on
// in the next one ends in a blank.
func flow(lines []string) []string {
	var out []string
	for _, line := range lines {
		depth, rest := unquote(line)
		lead := strings.Repeat(">", depth)
		for _, piece := range pieces(rest, flowAt-depth) {
			out = append(out, lead+stuff(piece, depth > 0))
		}
	}
	return out
}

// unquote takes the marks of quotes off a line, with a blank behind each, and
// counts them.
func unquote(line string) (depth int, rest string) {
	for strings.HasPrefix(line, ">") {
		line = line[1:]
		// A signature's mark in a quote has two.
		line = strings.TrimPrefix(line, " ")
		depth++
	}
	return depth, line
}

// stuff puts a blank before what would be taken for something else (RFC 3676
// section 4.4); within a quote, before all but empty lines.
func stuff(line string, quoted bool) string {
	if quoted && line != "" || strings.HasPrefix(line, " ") || strings.HasPrefix(line, ">") || strings.HasPrefix(line, "From ") {
		return " " + line
	}
	return line
}

// pieces breaks a line behind its blanks. None of the pieces is longer than
// most unless it is one word, and none can be taken for a signature's mark.
func pieces(line string, most int) []string {
	most = max(most, 20)
	if !breaks(line) || utf8.RuneCountInString(line) <= most {
		return []string{line}
	}
	var all []string
	for line != "" {
		end, count := 0, 0 // of the piece
		for i := 0; i < len(line); {
			word := i
			for i < len(line) && line[i] != ' ' {
				i++
			}
			letters := utf8.RuneCountInString(line[word:i])
			if end > 0 && count+letters+1 > most && line[:end] != signature {
				break
			}
			for i < len(line) && line[i] == ' ' {
				i++
			}
			count += utf8.RuneCountInString(line[word:i])
			end = i
		}
		all = append(all, line[:end])
		line = line[end:]
	}
	return all
}

// Unflow joins the lines of a text in format=flowed as they were written,
// quotes marked with "> " once for each depth. With delsp the blank at a line's
// end goes when lines are joined.
func Unflow(text string, delsp bool) string {
	var b strings.Builder
	open, last := false, 0 // the line above goes on; its depth
	for _, line := range splitLines(text) {
		depth := len(line) - len(strings.TrimLeft(line, ">"))
		line = strings.TrimPrefix(line[depth:], " ")
		if open && depth != last { // RFC 3676 section 4.5
			b.WriteByte('\n')
			open = false
		}
		if !open {
			lead := strings.Repeat("> ", depth)
			if line == "" {
				lead = strings.TrimSuffix(lead, " ")
			}
			b.WriteString(lead)
		}
		flowed := strings.HasSuffix(line, " ") && line != signature
		if flowed && delsp {
			line = line[:len(line)-1]
		}
		b.WriteString(line)
		if open, last = flowed, depth; !flowed {
			b.WriteByte('\n')
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}
