package message

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// param is a parameter of a MIME field (RFC 2045 section 5.1).
type param struct{ key, value string }

// structured writes a MIME field with its parameters.
func (h *header) structured(name, value string, params ...param) {
	h.begin(name)
	var pieces []string
	for _, p := range params {
		pieces = append(pieces, p.pieces()...)
	}
	for i, s := range append([]string{value}, pieces...) {
		if i < len(pieces) {
			s += ";"
		}
		h.put(" ", s)
	}
	h.end()
}

// pieces renders a parameter: as a token, quoted, or, where it is long or not
// ASCII, in the form of RFC 2231, continued over as many lines as it takes.
func (p param) pieces() []string {
	const longest = foldAt - len(" ;")
	if isToken(p.value) && len(p.key)+1+len(p.value) <= longest {
		return []string{p.key + "=" + p.value}
	}
	// Some readers decode encoded-words here, where RFC 2047 has none.
	if isPrintable(strings.ReplaceAll(p.value, " ", "")) && !strings.Contains(p.value, "=?") {
		if s := p.key + "=" + quote(p.value); len(s) <= longest {
			return []string{s}
		}
	}
	const charset = "utf-8''"
	if s := p.key + "*=" + charset + percent(p.value); len(s) <= longest {
		return []string{s}
	}
	var list []string
	piece := p.key + "*0*=" + charset
	for _, r := range p.value {
		s := percent(string(r))
		if len(piece)+len(s) > longest {
			list = append(list, piece)
			piece = fmt.Sprintf("%s*%d*=", p.key, len(list))
		}
		piece += s
	}
	return append(list, piece)
}

// percent encodes s for an extended parameter (RFC 2231 section 7).
func percent(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; isAlnum(c) || strings.IndexByte("!#$&+-.^_`{|}~", c) >= 0 {
			b.WriteByte(c)
		} else {
			writeHex(&b, '%', c)
		}
	}
	return b.String()
}

// isToken tells that s can stand unquoted (RFC 2045 section 5.1).
func isToken(s string) bool {
	return s != "" && isPrintable(s) && !strings.ContainsAny(s, `()<>@,;:\"/[]?='*%`)
}

// FileName returns what a recipient sees of an attachment's name: its base,
// with neither control characters nor octets that are no text.
func FileName(name string) string {
	name = strings.ToValidUTF8(name, "_")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if r < ' ' || 0x7f <= r && r < 0xa0 || r == '\u2028' || r == '\u2029' {
			return '_'
		}
		return r
	}, name)
	name = strings.Trim(name, " ")
	if strings.Trim(name, ".") == "" {
		return "attachment"
	}
	return name
}

// asciiName returns a short form of a file name for readers that do not know
// RFC 2231, or the name itself when it needs no other form.
func asciiName(name string) string {
	const longest = 48
	if isPrintable(strings.ReplaceAll(name, " ", "")) && len(name) <= longest {
		return name
	}
	base, ext := name, ""
	if i := strings.LastIndexByte(name, '.'); i > 0 && isToken(name[i+1:]) && len(name)-i <= 10 {
		base, ext = name[:i], name[i:]
	}
	base = strings.Trim(toASCII(base), "_ ")
	if base == "" {
		base = "attachment"
	}
	return base[:min(len(base), longest-len(ext))] + ext
}

// toASCII takes accents off letters and writes _ for what is left.
func toASCII(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	return b.String()
}
