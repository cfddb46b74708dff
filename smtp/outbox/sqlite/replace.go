package sqlite

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
)

// replacement puts one outbox in the place of another, which no program has
// open, in steps between which the program may be killed. The file and the log
// written ahead of it can't be changed together, so it is the log alone that is
// put in place: one that has every page of the new outbox.
type replacement struct {
	path  string // of the outbox
	fresh string // the new one; nothing is written ahead of it
	log   string // where to make the log; on the same file system
	kept  string // the name for the old one; the one it got after keep
}

// keep copies the old outbox. A link would not do: the file is written to.
func (r *replacement) keep() error {
	copied := r.log + ".kept"
	if err := copyFile(r.path, copied); err != nil {
		return known(err)
	}
	defer os.Remove(copied)
	var err error
	if r.kept, err = keepAs(copied, r.kept); err != nil {
		return err
	}
	return copyBeside(r.path, r.kept)
}

// copyBeside copies what SQLite has beside a file: what is written ahead of it,
// or what takes half a change back.
func copyBeside(path, to string) error {
	for _, suffix := range []string{"-wal", "-journal"} {
		if err := copyFile(path+suffix, to+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return known(err)
		}
	}
	return nil
}

// hasLog tells that changes are written ahead of the outbox at path.
func hasLog(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	head := make([]byte, 20)
	_, err = io.ReadFull(f, head)
	return head[18] == 2, err
}

// put puts the new outbox in place: before it is the old one that a program
// would open, after it the new one.
func (r *replacement) put() error {
	logs, err := hasLog(r.fresh)
	if err != nil {
		return known(err)
	}
	if !logs { // a file system without them: the old one has none either
		if err := os.Remove(r.path + "-journal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return known(err)
		}
		return os.Rename(r.fresh, r.path)
	}
	if err := writeLog(r.fresh, r.log); err != nil {
		return known(err)
	}
	info, err := os.Stat(r.path)
	if err != nil {
		return err
	}
	if info.Size() <= 1 { // SQLite throws away what is written ahead of an empty file
		if err := os.Truncate(r.path, pageSize); err != nil {
			return known(err)
		}
	}
	return os.Rename(r.log, r.path+"-wal")
}

// settle has SQLite take the log into the file. The next program to open the
// outbox would do so too.
func (r *replacement) settle(ctx context.Context, opts Options) error {
	s, err := Open(ctx, r.path, opts)
	if err != nil {
		return err
	}
	return s.Close()
}

// pageSize is how many octets a page of the file has.
const pageSize = 4096

// writeLog writes a log that makes any file the outbox at path: see
// https://www.sqlite.org/fileformat2.html#the_write_ahead_log
func writeLog(path, log string) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(log, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(writeFrames(out, in, uint32(info.Size()/pageSize)), out.Sync(), out.Close())
}

func writeFrames(out io.Writer, in io.Reader, pages uint32) error {
	const (
		magic   = 0x377f0682 // the sums are of numbers that are little-endian
		version = 3007000
		locks   = 1<<30/pageSize + 1 // the page that is only locked, never written
	)
	var sum logSum
	salt := rand.Uint64()
	head := binary.BigEndian.AppendUint32(nil, magic)
	head = binary.BigEndian.AppendUint32(head, version)
	head = binary.BigEndian.AppendUint32(head, pageSize)
	head = binary.BigEndian.AppendUint32(head, 0) // the log's number
	head = binary.BigEndian.AppendUint64(head, salt)
	sum.add(head)
	if _, err := out.Write(sum.append(head)); err != nil {
		return err
	}
	page := make([]byte, pageSize)
	for n := uint32(1); n <= pages; n++ {
		if _, err := io.ReadFull(in, page); err != nil {
			return fmt.Errorf("page %d of %d: %w", n, pages, err)
		}
		if n == locks {
			continue
		}
		frame := binary.BigEndian.AppendUint32(make([]byte, 0, 24+pageSize), n)
		commit := uint32(0)
		if n == pages {
			commit = pages // only now do the frames count
		}
		frame = binary.BigEndian.AppendUint32(frame, commit)
		sum.add(frame)
		sum.add(page)
		frame = sum.append(binary.BigEndian.AppendUint64(frame, salt))
		if _, err := out.Write(append(frame, page...)); err != nil {
			return err
		}
	}
	return nil
}

// logSum is the running sum of a log.
type logSum [2]uint32

func (s *logSum) add(b []byte) {
	for ; len(b) > 0; b = b[8:] {
		s[0] += binary.LittleEndian.Uint32(b) + s[1]
		s[1] += binary.LittleEndian.Uint32(b[4:]) + s[0]
	}
}

func (s *logSum) append(b []byte) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, s[0]), s[1])
}
