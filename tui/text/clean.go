package text

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxLine bounds what Clean returns, in octets, so that a server or a file
	// name can't fill the screen's memory.
	maxLine = 4 << 10

	// maxCluster bounds the code points stacked in one cell. The longest
	// sequences in use, families and subdivision flags, have ten.
	maxCluster = 12

	bad = utf8.RuneError // the visible mark for what has no picture of its own
)

// Clean makes one line of foreign text safe to show: nothing in the result
// moves the cursor, changes the direction of text, or hides. Line ends and tabs
// become spaces; controls, invalid UTF-8 and invisible characters become visible
// marks; what is too long ends with an ellipsis.
//
// Everything that a server, a file or another person wrote goes through it
// before it becomes part of a View, a line at a time.
func Clean(s string) string { return clean(s, maxLine) }

// CleanWhole is Clean for the person's own text, of which all is to be seen,
// however long a paragraph is.
func CleanWhole(s string) string { return clean(s, math.MaxInt/2) }

func clean(s string, most int) string {
	if printable(s) && len(s) <= most {
		return s
	}
	s = strings.TrimRight(s[:min(len(s), 2*most)], "\r\n") // no more than that can matter
	s = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\t", " ").Replace(s)
	var b strings.Builder
	for s != "" {
		cluster, _ := Clusters.Next(s)
		s = s[len(cluster):]
		if cluster = marked(cluster); b.Len()+len(cluster) > most {
			b.WriteString("…")
			break
		}
		b.WriteString(cluster)
	}
	return b.String()
}

// Shown returns what is drawn for cluster, which takes the cells that Advance
// said: itself, spaces for a tab, and a visible mark for what is a control, or
// hides, or has no base.
func (m Method) Shown(cluster string, cells int) string {
	if cluster == "\t" {
		return strings.Repeat(" ", cells)
	}
	s := marked(cluster)
	if s != cluster && m.Width(s) != cells {
		return m.PadRight(string(bad), cells) // no room for more than a hint
	}
	return s
}

// marked returns how cluster is shown: itself, or what stands visibly for it if
// it is a control, invisible or without a base. A tab is not its business.
func marked(cluster string) string {
	if len(cluster) == 1 && cluster[0] >= ' ' && cluster[0] < 0x7f {
		return cluster
	}
	var b strings.Builder
	prev := rune(-1)
	n := 0
	for _, r := range cluster {
		if n++; n > maxCluster {
			break
		}
		if prev == -1 && unicode.Is(unicode.M, r) {
			b.WriteRune('◌') // the mark would join whatever stands before it
		}
		b.WriteRune(visible(r, prev))
		prev = r
	}
	return b.String()
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// visible returns r, or the mark that stands for it. prev is what r stands
// behind in its cluster, -1 if nothing.
func visible(r, prev rune) rune {
	switch {
	case r < ' ':
		return '␀' + r
	case r == 0x7f:
		return '␡'
	case r < 0x7f:
		return r
	case r == 0x200c || r == 0x200d:
		// Joiners shape Arabic, Indic and emoji; between Latin letters
		// they only hide.
		if prev < 0x300 {
			return bad
		}
		return r
	case r >= 0xe0020 && r <= 0xe007f:
		// Tags spell the flags of subdivisions, behind a black flag.
		if prev == 0x1f3f4 || prev >= 0xe0020 && prev <= 0xe007f {
			return r
		}
		return bad
	case invisible(r):
		return bad
	default:
		return r
	}
}

// invisible reports what shows nothing or changes how its neighbours show.
func invisible(r rune) bool {
	switch r {
	case 0x115f, 0x1160, 0x3164, 0xffa0, // Hangul fillers
		0x2800,         // empty Braille
		0x034f,         // grapheme joiner
		0x17b4, 0x17b5, // Khmer vowels without a form
		0x2028, 0x2029: // line and paragraph separators
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs) || !unicode.IsGraphic(r)
}
