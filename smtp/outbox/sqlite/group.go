package sqlite

import (
	"context"
	"fmt"
	"strings"
)

// together is how many rows a statement takes at a time, which is how many
// mails of a delivery end together. What a statement costs by itself is most
// of what a row costs otherwise.
const together = 16

// grouped is a statement over rows of values, in one form for a single row and
// in another for as many as go together. Any number of rows takes a few of
// them, and only two have to be compiled.
type grouped struct{ one, many string }

// group makes a statement of one that says in the place of %s where its rows of
// so many values go.
func group(query string, values int) grouped {
	row := "(" + strings.Repeat("?, ", values-1) + "?)"
	return grouped{
		one:  fmt.Sprintf(query, row),
		many: fmt.Sprintf(query, strings.Repeat(row+", ", together-1)+row),
	}
}

// batch is the values of several rows.
type batch struct {
	values []any
	n      int
}

func (b *batch) add(values ...any) {
	b.values = append(b.values, values...)
	b.n++
}

// exec runs g over b and returns how many rows of the file it changed.
func (b *batch) exec(ctx context.Context, tx *tx, g grouped) (changed int64, err error) {
	err = b.each(g, func(query string, values []any) error {
		res, err := tx.ExecContext(ctx, query, values...)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		changed += n
		return err
	})
	return changed, err
}

// each calls f with a form of g and the values for it until all are used.
func (b *batch) each(g grouped, f func(query string, values []any) error) error {
	for done := 0; done < b.n; {
		query, n := g.one, 1
		if done+together <= b.n {
			query, n = g.many, together
		}
		width := len(b.values) / b.n
		if err := f(query, b.values[done*width:(done+n)*width]); err != nil {
			return err
		}
		done += n
	}
	return nil
}
