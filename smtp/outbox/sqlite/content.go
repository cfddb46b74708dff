package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
)

// chunkSize is how many octets of content a row holds: few enough for memory,
// enough to be read and written at full speed.
const chunkSize = 256 << 10

// spool holds content on its way into the file: in memory while it is small.
type spool struct {
	size int64
	head bytes.Buffer // up to one chunk
	file *os.File     // what does not fit, or nil
	dir  string
	gone bool // file has no name any more
}

// spool runs write and keeps what it writes.
func (s *Store) spool(write func(io.Writer) error) (*spool, error) {
	sp := &spool{dir: filepath.Dir(s.path)}
	if err := write(sp); err != nil {
		return nil, errors.Join(err, sp.close())
	}
	return sp, nil
}

// spoolPattern names the files of spools.
const spoolPattern = "spool-*"

// sweepSpools removes mail that programs left in files when they were killed,
// which happens where a file in use keeps its name. What is young may be in use.
func (s *Store) sweepSpools() {
	files, err := filepath.Glob(filepath.Join(escape(filepath.Dir(s.path)), spoolPattern))
	if err != nil {
		return
	}
	for _, name := range files {
		if info, err := os.Stat(name); err == nil && s.clock().Sub(info.ModTime()) > time.Hour {
			_ = os.Remove(name) // the next one tries again
		}
	}
}

// Write implements io.Writer.
func (sp *spool) Write(p []byte) (int, error) {
	sp.size += int64(len(p))
	if sp.file == nil && sp.head.Len()+len(p) <= chunkSize {
		return sp.head.Write(p)
	}
	if sp.file == nil {
		f, err := os.CreateTemp(sp.dir, spoolPattern)
		if err != nil {
			return 0, err
		}
		sp.file = f
		// Unlinked at once where the system allows it: nothing stays behind
		// if the program is killed.
		sp.gone = os.Remove(f.Name()) == nil
	}
	return sp.file.Write(p)
}

func (sp *spool) close() error {
	switch {
	case sp.file == nil:
		return nil
	case sp.gone:
		return sp.file.Close()
	}
	return errors.Join(sp.file.Close(), os.Remove(sp.file.Name()))
}

// store writes the content into rows of tx.
func (sp *spool) store(ctx context.Context, tx *tx, id outbox.ID) error {
	var from io.Reader = &sp.head
	if sp.file != nil {
		if _, err := sp.file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		from = io.MultiReader(&sp.head, sp.file)
	}
	insert, err := tx.PrepareContext(ctx, sqlInsertChunk)
	if err != nil {
		return err
	}
	defer insert.Close()
	chunk := make([]byte, min(sp.size, chunkSize))
	for n := 0; ; n++ {
		got, err := io.ReadFull(from, chunk)
		if got == 0 {
			if errors.Is(err, io.EOF) || len(chunk) == 0 {
				return nil
			}
			return err
		}
		if _, err := insert.ExecContext(ctx, id, n, chunk[:got], checksum(chunk[:got])); err != nil {
			return err
		}
	}
}

// Content implements outbox.Store.
func (s *Store) Content(ctx context.Context, id outbox.ID) (io.ReadCloser, error) {
	c := &content{ctx: ctx, store: s, id: id, n: -1}
	var letGo time.Time
	if err := s.read.QueryRowContext(ctx, sqlReadSize, id).Scan(&c.size, date{&letGo}); err != nil {
		return nil, known(err)
	}
	c.head = head(letGo)
	return c, nil
}

// head returns what stands in front of the rows of a mail.
func head(letGo time.Time) string {
	if letGo.IsZero() {
		return ""
	}
	return message.DateField(letGo)
}

// Contents implements outbox.Store.
func (s *Store) Contents(ctx context.Context, ids ...outbox.ID) (map[outbox.ID][]byte, error) {
	contents := make(map[outbox.ID][]byte, len(ids))
	sizes := make(map[outbox.ID]int64, len(ids))
	err := each(ctx, s.read, sqlReadContents, []any{list(ids)}, func(rows *sql.Rows) error {
		var id outbox.ID
		var size int64
		var letGo time.Time
		var raw sql.RawBytes
		var crc sql.NullInt64
		if err := rows.Scan(&id, &size, date{&letGo}, &raw, &crc); err != nil {
			return err
		}
		if sizes[id] == 0 {
			contents[id] = append(make([]byte, 0, size), head(letGo)...)
		}
		sizes[id] = size
		if changed(raw, crc) {
			sizes[id] = -1
		}
		contents[id] = append(contents[id], raw...)
		return nil
	})
	for id, content := range contents {
		if sizes[id] != int64(len(content)) {
			delete(contents, id)
		}
	}
	return contents, known(err)
}

// changed tells that the octets of a row are not those that were written.
func changed(raw []byte, crc sql.NullInt64) bool {
	return crc.Valid && crc.Int64 != int64(checksum(raw))
}

// content reads the Date field, if the outbox writes it, and the rows of a mail,
// one at a time. It holds no transaction in between: rows never change, and that
// field does not once the mail was claimed.
type content struct {
	ctx   context.Context // of the caller of Content, who reads too
	store *Store
	id    outbox.ID
	size  int64
	head  string // in front of the rows
	at    int64  // what is read next
	n     int64  // which row is in chunk; -1 for none
	chunk []byte // its room is used again
}

// Read implements io.Reader.
func (c *content) Read(p []byte) (int, error) {
	if c.at >= c.size {
		return 0, io.EOF
	}
	row := c.at - int64(len(c.head))
	if row < 0 {
		n := copy(p, c.head[c.at:])
		c.at += int64(n)
		return n, nil
	}
	if n := row / chunkSize; n != c.n {
		if err := c.load(n); err != nil {
			return 0, fmt.Errorf("content of mail %s: %w", c.id, known(err))
		}
	}
	n := copy(p, c.chunk[row%chunkSize:])
	c.at += int64(n)
	return n, nil
}

// Seek implements io.Seeker; it costs nothing.
func (c *content) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += c.at
	case io.SeekEnd:
		offset += c.size
	}
	if offset < 0 {
		return c.at, fmt.Errorf("octet %d of mail %s", offset, c.id)
	}
	c.at = offset
	return c.at, nil
}

// load reads the nth row.
func (c *content) load(n int64) error {
	c.n = -1
	rows, err := c.store.read.QueryContext(c.ctx, sqlReadChunk, c.id, n)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		return errors.Join(io.ErrUnexpectedEOF, rows.Err())
	}
	var raw sql.RawBytes
	var crc sql.NullInt64
	if err := rows.Scan(&raw, &crc); err != nil {
		return err
	}
	if int64(len(raw)) != min(chunkSize, c.size-int64(len(c.head))-n*chunkSize) {
		return io.ErrUnexpectedEOF
	}
	if changed(raw, crc) {
		return damaged(errors.New("its octets changed on the disk"))
	}
	c.chunk, c.n = append(c.chunk[:0], raw...), n
	return nil
}

// Close implements io.Closer.
func (c *content) Close() error {
	c.at = c.size
	return nil
}
