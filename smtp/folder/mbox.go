package folder

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// addToMbox appends to a file as RFC 4155 has it, with every line that could be
// taken for the beginning of the next mail quoted so that it can be undone
// (mboxrd).
func addToMbox(ctx context.Context, path string, m Mail) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	unlock, err := lock(ctx, path+".lock")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if m.Again {
		if there, err := has(f, m.ID); there || err != nil {
			return err
		}
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if err = appendMail(f, size, m); err == nil {
		err = f.Sync()
	}
	if err != nil {
		return errors.Join(err, f.Truncate(size)) // half a mail would spoil the next one
	}
	return nil
}

func appendMail(f *os.File, size int64, m Mail) error {
	if err := beginLine(f, size); err != nil {
		return err
	}
	from := m.From
	if from == "" || strings.ContainsAny(from, " \t\r\n") {
		from = "MAILER-DAEMON"
	}
	if _, err := fmt.Fprintf(f, "From %s %s\n", from, m.Date.UTC().Format(time.ANSIC)); err != nil {
		return err
	}
	err := copyLines(f, m.Content, func(line []byte) string {
		if bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte("From ")) {
			return ">"
		}
		return ""
	})
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, "\n")
	return err
}

// beginLine ends what the file ends with, if that was cut off.
func beginLine(f *os.File, size int64) error {
	last := make([]byte, min(size, 2))
	if _, err := f.ReadAt(last, size-int64(len(last))); err != nil {
		return err
	}
	missing := "\n\n"
	switch {
	case size == 0, string(last) == "\n\n":
		return nil
	case bytes.HasSuffix(last, []byte("\n")):
		missing = "\n"
	}
	_, err := io.WriteString(f, missing)
	return err
}

// has tells whether the header of a mail in the file has that Message-ID.
func has(f io.Reader, id string) (bool, error) {
	want := []byte("<" + id + ">")
	in := bufio.NewReaderSize(f, 64<<10)
	header, field := false, false // whether the line is of a header, and of that field
	for begins, after := true, true; ; {
		line, err := in.ReadSlice('\n')
		blank := len(bytes.TrimSpace(line)) == 0
		switch {
		case !begins:
		case after && bytes.HasPrefix(line, []byte("From ")):
			header, field = true, false
		case blank:
			header = false
		case header:
			value := line
			if line[0] != ' ' && line[0] != '\t' { // else it goes on with the field
				var name []byte
				name, value, _ = bytes.Cut(line, []byte(":"))
				field = bytes.EqualFold(name, []byte("message-id"))
			}
			if field && bytes.Equal(bytes.TrimSpace(value), want) {
				return true, nil
			}
		}
		begins, after = err == nil, begins && blank
		switch {
		case err == io.EOF:
			return false, nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return false, err
		}
	}
}

// lock makes the file that keeps other programs from an mbox, and waits for one
// that is there.
func lock(ctx context.Context, path string) (unlock func() error, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			return func() error { return os.Remove(path) }, f.Close()
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > 10*time.Minute {
			_ = os.Remove(path) // whoever made it was killed
			continue
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("another program keeps %s locked", strings.TrimSuffix(path, ".lock"))
		case <-again.C:
		}
	}
}
