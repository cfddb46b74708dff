package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"syscall"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"sendoff/smtp/outbox"
)

// known returns err as one of the errors of package outbox, if it is one.
func known(err error) error {
	var e *sqlite.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return outbox.ErrNotFound
	case errors.Is(err, outbox.ErrFull), errors.Is(err, outbox.ErrReadOnly), errors.Is(err, outbox.ErrCorrupt):
		return err // told already
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: %w", outbox.ErrFull, err)
	case !errors.As(err, &e), errors.Is(err, context.Canceled):
		return err
	}
	switch e.Code() & 0xff {
	case lib.SQLITE_FULL:
		return fmt.Errorf("%w: %w", outbox.ErrFull, err)
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
		return damaged(err)
	case lib.SQLITE_BUSY:
		return fmt.Errorf("another program is writing to the outbox and does not finish: %w", err)
	case lib.SQLITE_READONLY, lib.SQLITE_CANTOPEN: // the latter of a file beside it
		return fmt.Errorf("%w: %w", outbox.ErrReadOnly, err)
	case lib.SQLITE_INTERRUPT:
		return fmt.Errorf("%w: %w", context.Canceled, err)
	}
	return err
}

// damaged returns cause as outbox.ErrCorrupt.
func damaged(cause error) error {
	return fmt.Errorf("%w (%w); it was left as it is", outbox.ErrCorrupt, cause)
}

// busy tells that another process held the file for too long.
func busy(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == lib.SQLITE_BUSY
}

// isNoTransaction tells that a rollback had nothing to roll back any more:
// SQLite does so by itself when the disk is full.
func isNoTransaction(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == lib.SQLITE_ERROR
}
