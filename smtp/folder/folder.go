// Package folder puts copies of mails into a person's own mail folders, in the
// forms that mail programs read: maildir, and mbox.
package folder

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// The kinds of folders: what stands in front of the path in a folder's name, as
// in "maildir:/home/alice/Mail/Sent".
const (
	Maildir = "maildir:"
	Mbox    = "mbox:"
)

// Mail is a copy to be put into a folder.
type Mail struct {
	ID   string    // Message-ID without angle brackets: what it is known by if it is there already
	Key  string    // tells it from other mails of that Message-ID
	From string    // envelope sender
	Date time.Time // when it was sent

	// Again tells that it may be there already: an earlier attempt was not seen
	// to end.
	Again bool

	Content io.Reader // with CRLF line ends; the copy has the system's
}

// Add puts a mail into the folder of that name, and makes the folder if it is
// not there. When it returns nil the copy survives a crash of the machine.
func Add(ctx context.Context, name string, m Mail) error {
	if dir, ok := strings.CutPrefix(name, Maildir); ok {
		return addToMaildir(dir, m)
	}
	if file, ok := strings.CutPrefix(name, Mbox); ok {
		return addToMbox(ctx, file, m)
	}
	return fmt.Errorf("%q is neither a maildir nor an mbox", name)
}

const bufferSize = 64 << 10

// copyLines copies r with LF line ends. before is called at the beginning of
// each line and returns what to put in front of it.
func copyLines(w io.Writer, r io.Reader, before func(line []byte) string) error {
	in := bufio.NewReaderSize(r, bufferSize)
	out := bufio.NewWriterSize(w, bufferSize) // w itself if it is one
	for begins := true; ; {
		line, err := in.ReadSlice('\n')
		if begins && before != nil && len(line) > 0 {
			if _, err := out.WriteString(before(line)); err != nil {
				return err
			}
		}
		if begins = err == nil; begins && bytes.HasSuffix(line, []byte("\r\n")) {
			line = append(line[:len(line)-2], '\n')
		}
		if _, err := out.Write(line); err != nil {
			return err
		}
		switch {
		case err == io.EOF:
			return out.Flush()
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
	}
}
