package sandbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"os"
	"slices"
)

// maxContentLine is in octets, without CRLF (RFC 5322 section 2.1.1).
const maxContentLine = 998

// content takes the octets of a mail: into memory, a hash, a file.
type content struct {
	size, limit int64
	data        []byte
	hash        hash.Hash
	maildir     *maildir
	file        *os.File
	err         error // of the file

	// What is wrong with it so far. last is the octet before the next one, and
	// line how many octets its line has.
	last                  byte
	line                  int
	inHeader              bool
	bareLF, bareCR, long  bool
	eightBit, headerEight bool
}

func newContent(opts *Options, dir *maildir, id string, declared int64) *content {
	c := &content{limit: opts.MaxSize, last: '\n', inHeader: true, maildir: dir}
	if opts.HashOnly {
		c.hash = sha256.New()
	}
	c.grow(declared)
	if dir != nil {
		c.file, c.err = dir.create(id)
	}
	return c
}

// grow makes room for n octets that were announced, as far as they can be taken.
func (c *content) grow(n int64) {
	if c.hash == nil && n > 0 && n <= c.limit-c.size {
		c.data = slices.Grow(c.data, int(n))
	}
}

// Write never fails: what a client sends must be read whatever becomes of it.
func (c *content) Write(p []byte) (int, error) {
	c.check(p)
	c.size += int64(len(p))
	if c.size > c.limit {
		c.data = nil
		return len(p), nil
	}
	if c.hash != nil {
		c.hash.Write(p)
	} else {
		c.data = append(c.data, p...)
	}
	if c.file != nil && c.err == nil {
		_, c.err = c.file.Write(p)
	}
	return len(p), nil
}

func (c *content) check(p []byte) {
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		text, rest := p, []byte(nil)
		if end >= 0 {
			text, rest = p[:end], p[end+1:]
		}
		c.checkText(text)
		if end >= 0 {
			c.endLine()
		}
		p = rest
	}
}

// checkText looks at octets without LF.
func (c *content) checkText(text []byte) {
	if len(text) == 0 {
		return
	}
	if c.last == '\r' {
		c.bareCR = true
	}
	if i := bytes.IndexByte(text, '\r'); i >= 0 && i < len(text)-1 {
		c.bareCR = true
	}
	if hasEightBit(text) {
		c.eightBit = true
		c.headerEight = c.headerEight || c.inHeader
	}
	c.line += len(text)
	c.last = text[len(text)-1]
}

func (c *content) endLine() {
	if c.last != '\r' {
		c.bareLF = true
	} else {
		c.line--
	}
	c.long = c.long || c.line > maxContentLine
	if c.line == 0 {
		c.inHeader = false
	}
	c.line, c.last = 0, '\n'
}

func hasEightBit(p []byte) bool {
	for ; len(p) >= 8; p = p[8:] {
		if binary.NativeEndian.Uint64(p)&0x8080808080808080 != 0 {
			return true
		}
	}
	return slices.ContainsFunc(p, func(b byte) bool { return b >= 0x80 })
}

// discard throws away what was written to a file.
func (c *content) discard() {
	if c.file != nil {
		// The file lies in tmp, which readers of a Maildir clean up.
		_ = c.maildir.discard(c.file)
		c.file = nil
	}
}

// keep makes what was written a file for good.
func (c *content) keep() error {
	if c.file == nil || c.err != nil {
		return c.err
	}
	f := c.file
	c.file = nil
	return c.maildir.deliver(f)
}
