package message

import (
	"bufio"
	"bytes"
	"io"
	"path/filepath"
	"strings"
)

// IsMail tells that a file of that name is a mail.
func IsMail(name string) bool { return typeByName[strings.ToLower(filepath.Ext(name))] == mailType }

// unblinded reads a mail without the fields of its header that name who got it
// unseen by the others, Bcc and Resent-Bcc, as the sender's own copy has them
// (RFC 5322 section 3.6.3). All else stays as it is.
type unblinded struct {
	io.Closer
	in   *bufio.Reader
	left []byte // to be read, until the next of in
	err  error  // of in

	inside bool // of a line
	drop   bool // the field
	found  bool // one that is dropped
	body   bool
}

func unblind(mail io.ReadCloser) *unblinded {
	return &unblinded{Closer: mail, in: bufio.NewReader(mail)}
}

// Blind tells that the header of a mail names who got it unseen by the others.
func Blind(mail io.Reader) (bool, error) {
	u := unblind(io.NopCloser(mail))
	for !u.body && !u.found && u.err == nil {
		u.next()
	}
	if u.err == io.EOF {
		u.err = nil
	}
	return u.found, u.err
}

// Read reads on.
func (u *unblinded) Read(p []byte) (int, error) {
	for len(u.left) == 0 {
		switch {
		case u.err != nil:
			return 0, u.err
		case u.body:
			return u.in.Read(p)
		}
		u.next()
	}
	n := copy(p, u.left)
	u.left = u.left[n:]
	return n, nil
}

// next takes a line of the header, or a piece of a long one.
func (u *unblinded) next() {
	line, err := u.in.ReadSlice('\n')
	switch {
	case u.inside || len(line) == 0:
	case len(bytes.TrimRight(line, "\r\n")) == 0:
		u.body, u.drop = true, false
	case line[0] != ' ' && line[0] != '\t':
		name, _, _ := bytes.Cut(line, []byte(":"))
		name = bytes.TrimPrefix(name, []byte("\ufeff")) // of an editor that saves UTF-8 so
		u.drop = Header{Name: string(bytes.TrimRight(name, " \t"))}.is("Bcc", "Resent-Bcc")
		u.found = u.found || u.drop
	}
	u.inside = err == bufio.ErrBufferFull
	if !u.inside {
		u.err = err
	}
	if !u.drop {
		u.left = line
	}
}
