package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"

	"sendoff/smtp/outbox"
)

// Salvaged is what was got out of a damaged outbox.
type Salvaged struct {
	Damaged string // where the damaged file is now; empty if nothing was wrong with it

	Whole  []outbox.ID // all of it is there
	Drafts []outbox.ID // its text is there as a draft, but not all of the mail
	Lost   []outbox.ID // only that there was such a mail
}

// Salvage puts what can be read of the damaged outbox at path into a new one,
// which takes its place. The damaged one is kept beside it. Mail that would be
// sent is held: how far it had come may have been lost with the damage. No other
// program may use the outbox meanwhile; one that has it open is an error.
func Salvage(ctx context.Context, path string, opts Options) (Salvaged, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return Salvaged{}, err
	}
	if _, err := os.Stat(path); err != nil {
		return Salvaged{}, err
	}
	if err := unused(path); err != nil {
		return Salvaged{}, err
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), "salvage-*")
	if err != nil {
		return Salvaged{}, known(err)
	}
	defer os.RemoveAll(dir)

	// The damaged file itself is not even opened: SQLite would write to it.
	copied := filepath.Join(dir, "damaged.db")
	mended, err := copyDamaged(path, copied)
	if err != nil {
		return Salvaged{}, known(err)
	}
	from, err := connect(copied, url.Values{"vfs": {opts.vfs}, "_pragma": {"cell_size_check(on)", "trusted_schema(off)"}})
	if err != nil {
		return Salvaged{}, err
	}
	defer from.Close()
	from.SetMaxOpenConns(1)
	if !mended {
		if ok, err := whole(ctx, from); ok || err != nil {
			return Salvaged{}, err
		}
	}
	fresh := filepath.Join(dir, "outbox.db")
	to, err := Open(ctx, fresh, opts)
	if err != nil {
		return Salvaged{}, err
	}
	w := wreck{from: from, to: to}
	got, err := w.salvage(ctx)
	if err := errors.Join(err, to.Close(), from.Close(), os.Remove(copied)); err != nil {
		return got, err
	}
	if err := unused(path); err != nil {
		return Salvaged{}, err
	}
	r := replacement{
		path: path, fresh: fresh, log: filepath.Join(dir, "log"),
		kept: fmt.Sprintf("%s.damaged-%s", path, to.clock().UTC().Format("20060102-150405")),
	}
	if err := r.keep(); err != nil {
		return Salvaged{}, err
	}
	got.Damaged = r.kept
	if err := r.put(); err != nil {
		return got, err
	}
	return got, r.settle(ctx, opts)
}

// unused tells, with an error, that another program uses the outbox.
func unused(path string) error {
	switch {
	case (&presence{path: path}).anybody():
		return errors.New("another program is sending from the outbox; end it first")
	case isOpen(path), isOpen(path + "-shm"):
		return errors.New("another program has the outbox open; end it first")
	}
	return nil
}

// copyDamaged copies the file at path, and what was written ahead of it. A file
// whose first octets are gone gets them back: they are the same in each.
func copyDamaged(path, to string) (mended bool, err error) {
	if err := errors.Join(copyFile(path, to), copyBeside(path, to)); err != nil {
		return false, err
	}
	f, err := os.OpenFile(to, os.O_RDWR, 0)
	if err != nil {
		return false, err
	}
	defer f.Close()
	// https://www.sqlite.org/fileformat2.html#the_database_header: the magic
	// string, pages of 4096 octets, write-ahead logging, fractions.
	head := "SQLite format 3\x00\x10\x00\x02\x02\x00\x40\x20\x20"
	first := make([]byte, len(head))
	if _, err := f.ReadAt(first, 0); err != nil && err != io.EOF {
		return false, err
	}
	if string(first[18:20]) == "\x01\x01" { // a file system without it
		head = head[:18] + "\x01\x01" + head[20:]
	}
	_, err = f.WriteAt([]byte(head), 0)
	return string(first) != head, err
}

// whole tells that nothing is wrong with a file. The error is outbox.ErrVersion
// for one that is whole and of a later form, of which too little is known here.
func whole(ctx context.Context, from *pool) (bool, error) {
	var verdict string
	err := from.QueryRowContext(ctx, sqlCheck).Scan(&verdict)
	if err != nil || verdict != "ok" {
		return false, nil
	}
	steps, err := migrations()
	if err != nil {
		return false, err
	}
	_, err = checkVersion(ctx, from, len(steps))
	if errors.Is(err, outbox.ErrVersion) {
		return false, err
	}
	return err == nil, nil
}
