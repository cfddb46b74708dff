// Package relay takes a finished message from another program, as sendmail
// does, and changes in it only what submission needs: line ends, what a header
// must have (RFC 6409 section 8), what must not be seen (Bcc), and what does
// not fit into lines of SMTP.
package relay

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"sendoff/smtp/message"
)

const (
	maxHeader = 1 << 20 // octets of a header that are read
	maxLine   = 998     // RFC 5321 section 4.5.3.1.6, without CRLF
)

// Message is a message that a program handed in: its header, and what is
// true of its body, which is kept elsewhere.
type Message struct {
	fields []field
	body   body
}

// field is one field of the header as it stands there, line ends as CRLF.
type field struct{ name, raw string }

// body is what the text behind a header is like.
type body struct {
	size     int64 // octets, with CRLF
	longest  int   // octets of the longest line
	eightBit bool
	nul      bool
	latin    bool // what is beyond ASCII is not UTF-8
}

// Read reads a message. Its body goes to spool, with CRLF at the end of each
// line; whatever the program used is taken for one, a lone CR too. With dots a
// line that is a single dot ends the message.
func Read(in io.Reader, spool io.Writer, dots bool) (*Message, error) {
	r := bufio.NewReaderSize(in, 64<<10)
	m := &Message{}
	ended, err := m.readHeader(r, dots)
	if err != nil {
		return nil, fmt.Errorf("read the message: %w", err)
	}
	w := bufio.NewWriterSize(spool, 64<<10)
	if !ended {
		if err := m.body.read(r, w, dots); err != nil {
			return nil, fmt.Errorf("read the message: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return nil, fmt.Errorf("keep the message: %w", err)
	}
	return m, nil
}

// readHeader reads up to the first line that belongs to the body, and tells
// whether the message ended before there was one.
func (m *Message) readHeader(r *bufio.Reader, dots bool) (ended bool, err error) {
	for size := 0; ; {
		start, err := r.Peek(1)
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		folded := len(m.fields) > 0 && (start[0] == ' ' || start[0] == '\t')
		if !folded && !fieldNext(r, size == 0) {
			return false, nil
		}
		line, err := r.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return false, err
		}
		if size += len(line); size > maxHeader {
			return false, &message.FieldError{Field: "Header", Reason: "has more than a million octets"}
		}
		text := strings.TrimRight(line, "\r\n")
		switch {
		case dots && text == ".":
			return true, nil
		case text == "":
			return false, nil
		case folded:
			m.fields[len(m.fields)-1].raw += text + "\r\n"
		case strings.HasPrefix(text, "From "), strings.HasPrefix(text, ">From "):
			// The line that divides mails in a mailbox file.
		default:
			name, _, _ := strings.Cut(text, ":")
			m.fields = append(m.fields, field{strings.TrimRight(name, " \t"), text + "\r\n"})
		}
	}
}

// fieldNext tells whether the next line belongs to a header, its end included.
// A message without one, as people pipe it in, begins with its text.
func fieldNext(r *bufio.Reader, first bool) bool {
	const longestName = 128
	line, _ := r.Peek(longestName)
	end := bytes.IndexByte(line, '\n')
	if end >= 0 {
		line = line[:end]
	}
	text := strings.TrimRight(string(line), "\r")
	if end >= 0 && (text == "" || text == ".") || first && strings.HasPrefix(text, "From ") {
		return true
	}
	name, _, colon := strings.Cut(text, ":")
	name = strings.TrimRight(name, " \t")
	return colon && name != "" && !strings.ContainsFunc(name, func(c rune) bool { return c <= ' ' || c >= 0x7f })
}

// read copies the body, whatever the length of its lines, in constant memory.
func (b *body) read(r *bufio.Reader, w *bufio.Writer, dots bool) error {
	col := 0 // octets of the line so far
	for {
		line, err := r.ReadSlice('\n')
		more := errors.Is(err, bufio.ErrBufferFull)
		if err != nil && !more && !errors.Is(err, io.EOF) {
			return err
		}
		line = bytes.TrimSuffix(line, []byte("\n"))
		if !more {
			line = bytes.TrimSuffix(line, []byte("\r"))
		}
		if col == 0 && !more && (err != nil && len(line) == 0 || dots && string(line) == ".") {
			return nil
		}
		b.latin = b.latin || !validWithin(line, col > 0, more)
		for i, piece := range bytes.Split(line, []byte("\r")) {
			if i > 0 {
				col = 0
				b.size += 2
				_, _ = w.WriteString("\r\n")
			}
			b.look(piece)
			col += len(piece)
			b.longest = max(b.longest, col)
			_, _ = w.Write(piece)
		}
		if more {
			continue
		}
		col = 0
		b.size += 2
		if _, werr := w.WriteString("\r\n"); werr != nil || err != nil {
			return werr
		}
	}
}

func (b *body) look(piece []byte) {
	b.size += int64(len(piece))
	for _, c := range piece {
		b.eightBit = b.eightBit || c >= utf8.RuneSelf
		b.nul = b.nul || c == 0
	}
}

// validWithin tells whether a piece of a line is UTF-8, but for characters that
// were cut where it begins or ends.
func validWithin(piece []byte, cutBefore, cutAfter bool) bool {
	if cutBefore {
		for range utf8.UTFMax - 1 {
			if len(piece) > 0 && !utf8.RuneStart(piece[0]) {
				piece = piece[1:]
			}
		}
	}
	if cutAfter {
		for i := range min(utf8.UTFMax, len(piece)) {
			if tail := piece[len(piece)-1-i:]; utf8.RuneStart(tail[0]) {
				if !utf8.FullRune(tail) {
					piece = piece[:len(piece)-1-i]
				}
				break
			}
		}
	}
	return utf8.Valid(piece)
}

// Has tells whether there is a field of that name.
func (m *Message) Has(name string) bool { return m.index(name) >= 0 }

// Value returns what the first field of that name says, unfolded and as it is
// encoded; empty if there is none.
func (m *Message) Value(name string) string {
	if i := m.index(name); i >= 0 {
		return m.fields[i].value()
	}
	return ""
}

// Values returns what every field of one of these names says.
func (m *Message) Values(names ...string) []string {
	var all []string
	for _, f := range m.fields {
		if slices.ContainsFunc(names, f.is) {
			all = append(all, f.value())
		}
	}
	return all
}

// Remove takes every field of these names out.
func (m *Message) Remove(names ...string) {
	m.fields = slices.DeleteFunc(m.fields, func(f field) bool { return slices.ContainsFunc(names, f.is) })
}

// SetAddresses puts a field of addresses in place of the first one of that
// name, or in front of all. Others of that name go.
func (m *Message) SetAddresses(name, list string) error {
	raw, err := message.AddressField(name, list)
	if err != nil {
		return err
	}
	m.set(name, raw)
	return nil
}

// Set does for prose what SetAddresses does for addresses.
func (m *Message) Set(name, value string) error {
	raw, err := message.Field(name, value)
	if err != nil {
		return err
	}
	m.set(name, raw)
	return nil
}

func (m *Message) set(name, raw string) {
	i := max(0, m.index(name))
	m.Remove(name)
	m.fields = slices.Insert(m.fields, min(i, len(m.fields)), field{name, raw})
}

func (m *Message) index(name string) int {
	return slices.IndexFunc(m.fields, func(f field) bool { return f.is(name) })
}

func (f field) is(name string) bool { return strings.EqualFold(f.name, name) }

// value unfolds what stands behind the colon.
func (f field) value() string {
	_, value, _ := strings.Cut(f.raw, ":")
	return strings.TrimSpace(strings.ReplaceAll(value, "\r\n", ""))
}
