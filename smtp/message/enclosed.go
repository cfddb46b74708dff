package message

import (
	"bytes"
	"io"
)

const mailType = "message/rfc822"

// passes tells that a mail can be enclosed as it is (RFC 2046 section 5.2.1
// allows neither base64 nor quoted-printable, and mail is built for servers
// without 8BITMIME too): it begins with a header field, and has nothing but lines
// of printable ASCII of the length that RFC 5322 section 2.1.1 allows; in a
// strict tree also nothing that a relay may change. Any other mail goes as a file
// of octets: writing its parts anew would break signatures in it. It reads the
// file to its end.
func (a Attachment) passes(buf *blocks) (ok bool, err error) {
	file, err := a.Open()
	if err != nil {
		return false, err
	}
	defer func() {
		if cerr := file.Close(); err == nil {
			err = cerr
		}
	}()
	lines := lineRules{strict: a.strict}
	for first := true; ; first = false {
		data, end, err := buf.fill(file)
		if err != nil {
			return false, err
		}
		if first && !beginsField(data) || !lines.take(data) {
			return false, nil
		}
		if end {
			return !lines.cr && !lines.soft(), nil
		}
	}
}

// beginsField tells that data begins with the name of a header field.
func beginsField(data []byte) bool {
	name, _, found := bytes.Cut(data[:min(len(data), hardLine)], []byte(":"))
	return found && len(name) > 0 && isPrintable(string(name))
}

// lineRules watches the lines that go by.
type lineRules struct {
	strict bool
	length int
	cr     bool // the last octet was one
	blank  bool // the one before the end of the line is one
	from   int  // how much of "From " the line began with
}

// soft tells that a relay may change the line that ends here.
func (l *lineRules) soft() bool { return l.strict && (l.blank || l.from == len(mboxLine)) }

const mboxLine = "From "

// take tells that data goes on without breaking a rule.
func (l *lineRules) take(data []byte) bool {
	for _, c := range data {
		switch {
		case c == '\n':
			if l.soft() {
				return false
			}
			*l = lineRules{strict: l.strict}
			continue
		case l.cr, c != '\t' && c != '\r' && (c < ' ' || c > '~'):
			return false
		case c == '\r':
			l.cr = true
			continue
		}
		if l.from == l.length && l.from < len(mboxLine) && c == mboxLine[l.from] {
			l.from++
		}
		l.blank = c == ' ' || c == '\t'
		if l.length++; l.length > hardLine {
			return false
		}
	}
	return true
}

// crlfWriter makes every line end CRLF. What it is given has no CR elsewhere.
type crlfWriter struct{ w io.Writer }

// Write writes p, and counts what was taken of it.
func (c crlfWriter) Write(p []byte) (int, error) {
	out := bytes.ReplaceAll(bytes.ReplaceAll(p, []byte("\r"), nil), []byte("\n"), []byte("\r\n"))
	if _, err := c.w.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}
