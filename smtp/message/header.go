package message

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"sendoff/smtp/address"
)

const (
	// foldAt is what RFC 2047 section 2 allows a line with encoded-words. RFC
	// 5322 section 2.1.1 would have two octets more in other lines.
	foldAt   = 76
	hardLine = 998 // RFC 5322 section 2.1.1, without CRLF
)

// header collects the fields of one header. The first error sticks.
type header struct {
	buf   bytes.Buffer
	field string // being written
	col   int    // octets on the line so far
	bare  bool   // nothing stands behind the field's name yet
	err   error
}

// fail keeps the first error.
func (h *header) fail(err error) {
	if h.err == nil {
		h.err = err
	}
}

// writeTo writes what was collected, unless something was wrong with it.
func (h *header) writeTo(w io.Writer) error {
	if h.err != nil {
		return h.err
	}
	_, err := w.Write(h.buf.Bytes())
	return err
}

func (h *header) begin(name string) {
	h.buf.WriteString(name)
	h.buf.WriteByte(':')
	h.field, h.col, h.bare = name, len(name)+1, true
}

func (h *header) end() { h.buf.WriteString("\r\n") }

// write writes s, which must not begin a line unless it begins with a blank.
func (h *header) write(s string) {
	h.buf.WriteString(s)
	h.col += len(s)
	h.bare = false
	if h.col > hardLine {
		h.fail(&FieldError{Field: h.field, Text: s, Reason: "is too long for a line of a mail header"})
	}
}

// fold begins a new line.
func (h *header) fold() {
	h.buf.WriteString("\r\n")
	h.col = 0
}

// put writes s behind blanks, on a new line when this one is too short. Behind
// a field's name it does so only if that helps.
func (h *header) put(blanks, s string) {
	n := len(blanks) + len(s)
	if h.col+n > foldAt && (!h.bare || n <= foldAt) {
		h.fold()
	}
	h.write(blanks + s)
}

// text writes a field of free text (RFC 5322 section 2.2.1). What is not
// printable ASCII becomes encoded-words of RFC 2047, with the least text
// around it. A field of prose may have its long words encoded as well, since
// they can be folded then; programs that read others might not decode them.
func (h *header) text(name, value string, prose bool) {
	if !h.check(name, value) {
		return
	}
	longest := hardLine - 2 - len(name)
	if prose {
		longest = foldAt - 1
	}
	words := splitWords(strings.Trim(value, " "))
	from, to := -1, -1
	for i, w := range words {
		if len(w.blanks) > 20 { // too much white space to fold it safely
			from, to = 0, len(words)-1
			break
		}
		if !isPrintable(w.text) || strings.Contains(w.text, "=?") || len(w.text) > longest {
			if from < 0 {
				from = i
			}
			to = i
		}
	}
	h.begin(name)
	for i := 0; i < len(words); i++ {
		if i != from {
			h.put(words[i].blanks, words[i].text)
			continue
		}
		span := words[from].text
		for _, w := range words[from+1 : to+1] {
			span += w.blanks + w.text
		}
		h.encode(words[from].blanks, span, false)
		i = to
	}
	h.end()
}

// addresses writes a list of mailboxes (RFC 5322 section 3.4).
func (h *header) addresses(name string, list []address.Mailbox) {
	h.begin(name)
	for i, m := range list {
		if !h.check(name, m.Name) {
			return
		}
		wire, err := m.Wire()
		if err != nil {
			h.fail(inField(name, err))
			return
		}
		if m.Name != "" {
			h.phrase(m.Name)
			wire = "<" + wire + ">"
		}
		if i < len(list)-1 {
			wire += ","
		}
		h.put(" ", wire)
	}
	h.end()
}

// phrase writes a display name: as words, quoted, or encoded.
func (h *header) phrase(name string) {
	const longest = 60 // of what is not folded
	words := strings.Split(name, " ")
	plain, atoms := !strings.Contains(name, "=?"), true
	for _, w := range words {
		plain = plain && isPrintable(w)
		atoms = atoms && isAtom(w) && len(w) <= longest
	}
	switch {
	case plain && atoms:
		for _, w := range words {
			h.put(" ", w)
		}
	case plain && len(name) <= longest:
		h.put(" ", quote(name))
	default:
		h.encode(" ", name, true)
	}
}

// check refuses a value that could begin a line of its own, or that has no
// encoding.
func (h *header) check(name, value string) bool {
	switch {
	case strings.ContainsAny(value, "\r\n"):
		h.fail(&FieldError{Field: name, Text: value, Reason: "has a line break in it"})
	case strings.Contains(value, "\x00"):
		h.fail(&FieldError{Field: name, Text: value, Reason: "has a NUL in it"})
	case !utf8.ValidString(value):
		h.fail(&FieldError{Field: name, Text: value, Reason: "is not valid UTF-8"})
	default:
		return true
	}
	return false
}

// spacedWord is a word and the blanks in front of it.
type spacedWord struct{ blanks, text string }

func splitWords(s string) []spacedWord {
	var words []spacedWord
	blanks := " " // behind the colon
	for s != "" {
		word, rest, _ := strings.Cut(s, " ")
		words = append(words, spacedWord{blanks, word})
		s = strings.TrimLeft(rest, " ")
		blanks = strings.Repeat(" ", 1+len(rest)-len(s))
	}
	return words
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// isPrintable tells that s is visible ASCII.
func isPrintable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// isAtom tells that s is an atom of RFC 5322 section 3.2.3.
func isAtom(s string) bool {
	return s != "" && isPrintable(s) && !strings.ContainsAny(s, `()<>[]:;@\,."`)
}

// quote makes a quoted-string (RFC 5322 section 3.2.4).
func quote(s string) string { return `"` + quoter.Replace(s) + `"` }

var quoter = strings.NewReplacer(`\`, `\\`, `"`, `\"`)
