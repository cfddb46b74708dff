// Package sqlite is an outbox in one SQLite file.
//
// Several processes may open the same file. Next to it lie SQLite's own -wal
// and -shm files and one small lock file for each process that sends.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"

	"sendoff/smtp/outbox"
)

// Options changes how a store works. The zero value is for everyday use.
type Options struct {
	// Clock tells the time; nil for the system's.
	Clock func() time.Time

	// MaxPages limits the file to so many pages of 4 KiB; 0 for no limit.
	MaxPages int

	vfs string // how SQLite uses the file system; empty for its own choice
}

// Store is an outbox in a SQLite file.
type Store struct {
	path  string
	vfs   string
	clock func() time.Time

	write *pool // one connection: writers of this process queue here
	read  *pool

	watch   *sql.Conn // never writes, so its data_version moves for every change
	watchMu sync.Mutex

	hints   *pool // see forHints; nil until there is one
	hintsMu sync.Mutex

	owners presence

	notices atomic.Bool // whether they are kept
}

var _ outbox.Store = (*Store)(nil)

// busyTimeout is how long to wait for another process that is writing.
const busyTimeout = 10 * time.Second

// Open opens the outbox at path, and makes it and its folder if they are not
// there. A file that is something else is left as it is: the error is
// outbox.ErrCorrupt then.
func Open(ctx context.Context, path string, opts Options) (*Store, error) {
	s, err := open(ctx, path, opts)
	if err != nil {
		return nil, fmt.Errorf("open outbox %s: %w", path, err)
	}
	return s, nil
}

func open(ctx context.Context, path string, opts Options) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := prepareFile(path); err != nil {
		return nil, err
	}
	s := &Store{path: path, vfs: opts.vfs, clock: opts.Clock, owners: presence{path: path}}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.write, err = connect(path, url.Values{
		"vfs":     {opts.vfs},
		"_txlock": {"immediate"},
		"_pragma": {
			"synchronous(full)", "foreign_keys(on)", "trusted_schema(off)", "secure_delete(fast)",
			"journal_size_limit(4194304)", "max_page_count(" + strconv.Itoa(maxPages(opts)) + ")",
		},
	}); err != nil {
		return nil, err
	}
	if s.read, err = connect(path, url.Values{
		"vfs":     {opts.vfs},
		"_txlock": {"deferred"}, "_query_only": {"on"}, "_pragma": {"trusted_schema(off)"},
	}); err != nil {
		return nil, err
	}
	s.write.SetMaxOpenConns(1)
	s.read.SetMaxOpenConns(4)
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.sweepSpools()
	return s, nil
}

func maxPages(opts Options) int {
	if opts.MaxPages == 0 {
		return 1<<32 - 2 // SQLite's own limit
	}
	return opts.MaxPages
}

// connect returns a pool for the file. Nothing is opened yet.
func connect(path string, params url.Values) (*pool, error) {
	if params.Get("vfs") == "" {
		params.Del("vfs")
	}
	params.Set("_busy_timeout", strconv.FormatInt(busyTimeout.Milliseconds(), 10))
	name := filepath.ToSlash(path)
	if name[0] != '/' { // a drive letter
		name = "/" + name
	}
	dsn := url.URL{Scheme: "file", Path: name, RawQuery: params.Encode()}
	c, err := sqlite.NewConnector(dsn.String())
	if err != nil {
		return nil, err
	}
	return newPool(sql.OpenDB(c)), nil
}

// prepareFile sees to it that path is a file of ours that only the person can
// read. SQLite gives the files next to it the same mode. A file that is there
// is not opened: closing it would end the locks that another Store of this
// process holds on it.
func prepareFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return known(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		return f.Close()
	}
	if !errors.Is(err, fs.ErrExist) {
		return known(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return damaged(errors.New("not a regular file"))
	}
	if info.Mode().Perm()&0o077 != 0 {
		return os.Chmod(path, 0o600)
	}
	return nil
}

// Close ends all use of the store. Leases of its owners are given up.
func (s *Store) Close() error {
	var errs []error
	s.watchMu.Lock()
	defer s.watchMu.Unlock()
	if s.watch != nil {
		errs = append(errs, s.watch.Close())
		s.watch = nil
	}
	errs = append(errs, s.closeHints(), s.read.Close(), s.write.Close(), s.owners.close())
	return errors.Join(errs...)
}

// Version implements outbox.Store.
func (s *Store) Version(ctx context.Context) (int64, error) {
	s.watchMu.Lock()
	defer s.watchMu.Unlock()
	if s.watch == nil {
		conn, err := s.read.Conn(ctx)
		if err != nil {
			return 0, known(err)
		}
		s.watch = conn
	}
	var v int64
	err := s.watch.QueryRowContext(ctx, sqlVersion).Scan(&v)
	if err != nil {
		err = errors.Join(known(err), s.watch.Close()) // it may be of no more use
		s.watch = nil
	}
	return v, err
}

// transact runs f in a transaction that no other writer overlaps.
func (s *Store) transact(ctx context.Context, f func(tx *tx) error) error {
	t, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return known(err)
	}
	if err := f(&tx{t, s.write}); err != nil {
		return errors.Join(known(err), ignoreDone(t.Rollback()))
	}
	return known(t.Commit())
}

// ignoreDone drops the error of rolling back what SQLite rolled back already.
func ignoreDone(err error) error {
	if err == nil || errors.Is(err, sql.ErrTxDone) || isNoTransaction(err) {
		return nil
	}
	return err
}
