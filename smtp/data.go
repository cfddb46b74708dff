package smtp

import (
	"bytes"
	"io"
)

// lines writes a message as RFC 5321 section 2.3.8 wants it: every line ends
// with CRLF, whatever the source used. A lone CR or LF is not passed on, since
// servers disagree on it and the end of a message can be forged with it.
type lines struct {
	w       io.Writer
	stuff   bool // double the dot that begins a line (RFC 5321 section 4.5.2)
	started bool // the line has octets
	cr      bool // the last octet was a CR, not yet written
}

var (
	crlf = []byte("\r\n")
	dot  = []byte(".")
)

// Write encodes p. Where p begins and ends has no influence on the result.
func (l *lines) Write(p []byte) (int, error) {
	rest := p
	for len(rest) > 0 {
		if l.cr {
			l.cr = false
			if rest[0] == '\n' {
				rest = rest[1:]
			}
			if err := l.endLine(); err != nil {
				return len(p) - len(rest), err
			}
			continue
		}
		line := rest
		end := bytes.IndexByte(rest, '\n')
		if end >= 0 {
			line = rest[:end]
		}
		if i := bytes.IndexByte(line, '\r'); i >= 0 {
			line = line[:i]
			l.cr = true
		}
		if err := l.text(line); err != nil {
			return len(p) - len(rest), err
		}
		rest = rest[len(line):]
		switch {
		case l.cr:
			rest = rest[1:]
		case end >= 0:
			rest = rest[1:]
			if err := l.endLine(); err != nil {
				return len(p) - len(rest), err
			}
		}
	}
	return len(p), nil
}

// text writes octets of one line.
func (l *lines) text(p []byte) error {
	if len(p) == 0 {
		return nil
	}
	if l.stuff && !l.started && p[0] == '.' {
		if _, err := l.w.Write(dot); err != nil {
			return err
		}
	}
	l.started = true
	_, err := l.w.Write(p)
	return err
}

func (l *lines) endLine() error {
	l.started = false
	_, err := l.w.Write(crlf)
	return err
}

// finish ends the last line, if it has not ended. It does not end the message.
func (l *lines) finish() error {
	if l.cr || l.started {
		l.cr = false
		return l.endLine()
	}
	return nil
}
