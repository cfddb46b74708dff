package field

import (
	"net/url"
	"slices"
	"strings"

	"sendoff/smtp/address"
)

// oneLine makes one list of what is pasted as lines, as the columns of a table,
// or as links.
func oneLine(s string) string {
	s = unlinked(s)
	if !strings.ContainsAny(s, "\r\n\t") {
		return s
	}
	var out []string
	for _, line := range strings.FieldsFunc(s, func(r rune) bool { return r == '\r' || r == '\n' }) {
		if line = strings.Trim(row(line), " \t,;"); line != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out, ", ")
}

// named quotes the names that a paste has bare with a comma in them, as Outlook
// writes them: Doe, Jane <jane@example.org>. What stands in front of the comma
// would be a recipient that can't be read.
func named(s string) string {
	broken := func(e address.Entry) bool { return e.Err != nil }
	var b strings.Builder
	for piece := range strings.SplitAfterSeq(s, ">") {
		start := strings.LastIndexAny(piece, ";\r\n\t") + 1
		start += len(piece[start:]) - len(strings.TrimLeft(piece[start:], ", "))
		entry := piece[start:]
		name, box, _ := strings.Cut(entry, "<")
		if strings.Contains(name, ",") && !strings.ContainsAny(name, `":@`) && slices.ContainsFunc(address.Split(entry), broken) {
			if m, err := address.Parse("<" + box); err == nil {
				m.Name = strings.TrimSpace(name)
				entry = m.String()
			}
		}
		b.WriteString(piece[:start] + entry)
	}
	return b.String()
}

const mailto = "mailto:"

// unlinked puts the addresses of mailto URLs (RFC 6068) in their place. What
// else such a URL asks for is not for a list of addresses.
func unlinked(s string) string {
	var b strings.Builder
	for {
		i := link(s)
		if i < 0 {
			return b.String() + s
		}
		b.WriteString(s[:i])
		s = s[i+len(mailto):]
		end := strings.IndexAny(s, " \t\r\n<>\"")
		if end < 0 {
			end = len(s)
		}
		to, _, _ := strings.Cut(s[:end], "?")
		if plain, err := url.PathUnescape(to); err == nil {
			to = plain
		}
		b.WriteString(to)
		s = s[end:]
	}
}

// link finds where such a URL begins; -1 if there is none.
func link(s string) int {
	for i := range len(s) - len(mailto) + 1 {
		if strings.EqualFold(s[i:i+len(mailto)], mailto) {
			return i
		}
	}
	return -1
}

// row makes entries of the columns of a row: the address with the name beside
// it, or else one entry a column.
func row(line string) string {
	columns := strings.Split(line, "\t")
	var names, boxes []string
	for _, c := range columns {
		switch c = strings.Trim(c, " ,;"); {
		case c == "":
		case strings.Contains(c, "@"):
			boxes = append(boxes, c)
		default:
			names = append(names, strings.Trim(c, `"`))
		}
	}
	if len(columns) == 1 || len(boxes) == 0 {
		return strings.Join(strings.Fields(line), " ")
	}
	if m, err := address.Parse(boxes[0]); err == nil && len(boxes) == 1 && m.Name == "" {
		m.Name = strings.Join(names, " ")
		return m.String()
	}
	return strings.Join(boxes, ", ")
}
