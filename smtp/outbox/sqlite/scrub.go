package sqlite

import (
	"bytes"
	"context"
	"encoding/json"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
)

// wasOpen tells that a draft can be read by anybody who has the file, which fields
// in its place, a message.Draft as JSON, can't.
func wasOpen(ctx context.Context, tx *tx, id outbox.ID, fields []byte) (bool, error) {
	if id == 0 || !locked(fields) {
		return false, nil
	}
	var before []byte
	err := tx.QueryRowContext(ctx, sqlReadFields, id).Scan(&before)
	return err == nil && before != nil && !locked(before), err
}

func locked(fields []byte) bool {
	var d message.Draft
	named := bytes.Contains(fields, []byte(`"locked"`)) // no text can hold it, whose quotes are escaped
	return named && json.Unmarshal(fields, &d) == nil && d.Locked != ""
}

// scrub takes out of the file what was deleted: the words in the index of the
// search, the pages that are free, and what the log has of both. Within a page
// that is in use it is written over at once. That it can't is no reason to fail:
// what was to be done was done.
func (s *Store) scrub(ctx context.Context) {
	if _, err := s.write.ExecContext(ctx, sqlPurgeIndex); err != nil {
		return
	}
	s.shrink(ctx)
	if rows, err := s.write.QueryContext(ctx, sqlEmptyLog); err == nil {
		_ = rows.Close()
	}
}
