package message

import (
	"encoding/base64"
	"io"
)

// A line of base64 has 76 characters (RFC 2045 section 6.8), which are 57
// octets.
const (
	lineOctets = 57
	lineChars  = 76
	lineSize   = lineChars + len("\r\n")
)

// blocks is the memory that attachments stream through, whole lines at a time:
// blocks this large keep the cost of reading and writing out of sight.
type blocks struct {
	plain [1024 * lineOctets]byte
	coded [1024 * lineSize]byte
}

// EncodedSize is about what an attachment of n octets has in a mail.
func EncodedSize(n int64) int64 {
	return (n + lineOctets - 1) / lineOctets * int64(lineSize)
}

// encodeLines writes src to dst as lines of base64 and returns their length.
func encodeLines(dst, src []byte) int {
	n := 0
	for len(src) > 0 {
		line := src[:min(len(src), lineOctets)]
		base64.StdEncoding.Encode(dst[n:], line)
		n += base64.StdEncoding.EncodedLen(len(line))
		n += copy(dst[n:], "\r\n")
		src = src[len(line):]
	}
	return n
}

// fill reads until a block is full or r ends; err is nil at the end.
func (b *blocks) fill(r io.Reader) (plain []byte, end bool, err error) {
	n, err := io.ReadFull(r, b.plain[:])
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return b.plain[:n], true, nil
	}
	return b.plain[:n], false, err
}
