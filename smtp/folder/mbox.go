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
	"strconv"
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
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if m.Again {
		at, last, err := find(io.NewSectionReader(f, 0, size), m.ID)
		if err != nil || at >= 0 && !last {
			return err
		}
		if at >= 0 { // it may have been cut off, and is written anew
			size = at
			if err := f.Truncate(size); err != nil {
				return err
			}
		}
	}
	if _, err := f.Seek(size, io.SeekStart); err != nil {
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

// appendMail writes a mail that is small in one piece, so that it is there whole
// or not at all when the program is killed.
func appendMail(f *os.File, size int64, m Mail) error {
	end, err := missing(f, size)
	if err != nil {
		return err
	}
	from := m.From
	if from == "" || strings.ContainsAny(from, " \t\r\n") {
		from = "MAILER-DAEMON"
	}
	out := bufio.NewWriterSize(f, bufferSize)
	if _, err := fmt.Fprintf(out, "%sFrom %s %s\n", end, from, m.Date.UTC().Format(time.ANSIC)); err != nil {
		return err
	}
	content := io.MultiReader(m.Content, strings.NewReader("\n"))
	return copyLines(out, content, func(line []byte) string {
		if bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte("From ")) {
			return ">"
		}
		return ""
	})
}

// missing returns what ends the last mail of the file, if that was cut off.
func missing(f *os.File, size int64) (string, error) {
	last := make([]byte, min(size, 2))
	if _, err := f.ReadAt(last, size-int64(len(last))); err != nil {
		return "", err
	}
	switch {
	case size == 0, string(last) == "\n\n":
		return "", nil
	case bytes.HasSuffix(last, []byte("\n")):
		return "\n", nil
	}
	return "\n\n", nil
}

// find tells where a mail begins whose header has that Message-ID, -1 if there is
// none, and whether it is the last.
func find(f io.Reader, id string) (at int64, last bool, err error) {
	want := []byte("<" + id + ">")
	in := bufio.NewReaderSize(f, bufferSize)
	at = -1
	var here, begun int64         // where the line, and the mail it is of, begin
	header, field := false, false // whether the line is of a header, and of that field
	for begins, after := true, true; ; {
		line, err := in.ReadSlice('\n')
		blank := len(bytes.TrimSpace(line)) == 0
		switch {
		case !begins:
		case after && bytes.HasPrefix(line, []byte("From ")):
			header, field, last = true, false, false
			begun = here
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
				at, last = begun, true
			}
		}
		here += int64(len(line))
		begins, after = err == nil, begins && blank
		switch {
		case err == io.EOF:
			return at, last, nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return -1, false, err
		}
	}
}

// ErrLocked is that another program keeps an mbox for longer than is waited.
var ErrLocked = errors.New("another program keeps it locked")

// lock makes the file that keeps other programs from an mbox, and waits for one
// that is there. As usual it has the number of the process in it.
func lock(ctx context.Context, path string) (unlock func() error, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		err := makeLock(path)
		if err == nil {
			return func() error { return os.Remove(path) }, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		if forsaken(path) {
			_ = os.Remove(path)
			continue
		}
		select {
		case <-ctx.Done():
			return nil, ErrLocked
		case <-again.C:
		}
	}
}

// makeLock makes a lock that names its process from its first moment on, since
// one that is empty, of a process that was killed, would stand until it is old.
func makeLock(path string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, err = fmt.Fprintln(f, os.Getpid())
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	err = os.Link(f.Name(), path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	return makeLockAt(path) // no links here, as on a memory stick
}

func makeLockAt(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, os.Getpid())
	if err = errors.Join(err, f.Close()); err != nil {
		err = errors.Join(err, os.Remove(path)) // nobody would end it
	}
	return err
}

// forsaken tells that whoever made a lock was killed: the process it names is not
// there any more, or it is old.
func forsaken(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	if time.Since(info.ModTime()) > 10*time.Minute {
		return true
	}
	said, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(said)))
	return err == nil && pid > 0 && dead(pid)
}
