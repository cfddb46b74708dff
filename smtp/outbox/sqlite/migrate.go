package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"sendoff/smtp/outbox"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// applicationID marks a SQLite file as an outbox ("SOut").
const applicationID = 0x534f7574

// migrations returns the steps from an empty file to the present form, in
// order. The number of steps done is the file's user_version.
func migrations() ([]string, error) {
	entries, err := fs.ReadDir(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	steps := make([]string, len(entries))
	for i, e := range entries {
		step, err := fs.ReadFile(migrationFiles, "migrations/"+e.Name())
		if err != nil {
			return nil, err
		}
		steps[i] = string(step)
	}
	return steps, nil
}

// migrate brings the file to the present form, or finds that it can't. A file
// that has mail in it is copied first.
func (s *Store) migrate(ctx context.Context) error {
	steps, err := migrations()
	if err != nil {
		return err
	}
	version, err := checkVersion(ctx, s.write, len(steps))
	if err != nil || version == len(steps) {
		return err
	}
	if version == 0 { // in every file it would write, and has to come before the first table
		if _, err := s.write.ExecContext(ctx, sqlGiveBack); err != nil {
			return known(err)
		}
	}
	if err := s.useWAL(ctx); err != nil {
		return err
	}
	if version > 0 {
		if err := s.backup(ctx, version); err != nil {
			return fmt.Errorf("copy before changing the outbox to form %d: %w", len(steps), err)
		}
	}
	return s.transact(ctx, func(tx *tx) error {
		// Another process may have been faster.
		version, err := checkVersion(ctx, tx, len(steps))
		if err != nil {
			return err
		}
		for i := version; i < len(steps); i++ {
			if _, err := tx.ExecContext(ctx, steps[i]); err != nil {
				return fmt.Errorf("migration %d: %w", i+1, err)
			}
		}
		_, err = tx.ExecContext(ctx, fmt.Sprintf(sqlSetVersion, applicationID, len(steps)))
		return err
	})
}

// backup copies the file, which is of a certain version, to one next to it
// with ".v" and that version added to its name; see keepAs.
func (s *Store) backup(ctx context.Context, version int) error {
	f, err := os.CreateTemp(filepath.Dir(s.path), filepath.Base(s.path)+".copy-*") // of mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if err := f.Close(); err != nil {
		return err
	}
	if _, err := s.write.ExecContext(ctx, sqlCopy, f.Name()); err != nil {
		return known(err)
	}
	copied, err := connect(f.Name(), url.Values{"_query_only": {"on"}})
	if err != nil {
		return err
	}
	got, err := checkVersion(ctx, copied, version)
	if err := errors.Join(err, copied.Close()); err != nil {
		if errors.Is(err, outbox.ErrVersion) {
			return nil // another process has changed, and copied, the file meanwhile
		}
		return err
	}
	if got != version {
		return damaged(fmt.Errorf("the copy is of version %d", got))
	}
	_, err = keepAs(f.Name(), fmt.Sprintf("%s.v%d", s.path, version))
	return err
}

// queryer is what a pool and a transaction have in common for reading.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// checkVersion returns how many migrations the file has seen.
func checkVersion(ctx context.Context, q queryer, latest int) (int, error) {
	var application, version, tables int
	if err := q.QueryRowContext(ctx, sqlReadVersion).Scan(&application, &version, &tables); err != nil {
		return 0, known(err)
	}
	switch {
	case tables > 0 && application != applicationID:
		return 0, damaged(errors.New("another program's database"))
	case version > latest:
		return 0, outbox.ErrVersion
	}
	return version, nil
}

// useWAL switches a new file to write-ahead logging, which lasts.
func (s *Store) useWAL(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, busyTimeout)
	defer cancel()
	for {
		var mode string
		err := s.write.QueryRowContext(ctx, sqlUseWAL).Scan(&mode)
		if !busy(err) {
			return known(err)
		}
		select { // SQLite does not wait by itself here
		case <-ctx.Done():
			return known(err)
		case <-time.After(time.Millisecond):
		}
	}
}
