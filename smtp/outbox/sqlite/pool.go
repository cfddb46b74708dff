package sqlite

import (
	"context"
	"database/sql"
	"sync"
)

// pool is a database that compiles statements once for each connection: that
// takes SQLite longer than most of them take to run.
type pool struct {
	*sql.DB

	mu       sync.Mutex
	compiled map[string]*sql.Stmt
}

func newPool(db *sql.DB) *pool { return &pool{DB: db, compiled: map[string]*sql.Stmt{}} }

// compile prepares queries for use. It must not be called within a transaction
// that writes: that has the only connection.
func (p *pool) compile(ctx context.Context, queries ...string) error {
	for _, query := range queries {
		if p.lookup(query) != nil {
			continue
		}
		// Not under the lock: this waits for a connection, and whoever has
		// that looks statements up.
		s, err := p.PrepareContext(ctx, query)
		if err != nil {
			return err
		}
		if !p.keep(query, s) {
			_ = s.Close()
		}
	}
	return nil
}

// keep keeps s, unless another was faster.
func (p *pool) keep(query string, s *sql.Stmt) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.compiled[query] != nil {
		return false
	}
	p.compiled[query] = s
	return true
}

// lookup returns the compiled form of query; nil if there is none.
func (p *pool) lookup(query string) *sql.Stmt {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.compiled[query]
}

// QueryContext is that of sql.DB.
func (p *pool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := p.compile(ctx, query); err != nil {
		return nil, err
	}
	return p.lookup(query).QueryContext(ctx, args...)
}

// QueryRowContext is that of sql.DB.
func (p *pool) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if p.compile(ctx, query) != nil {
		return p.DB.QueryRowContext(ctx, query, args...) // for the error
	}
	return p.lookup(query).QueryRowContext(ctx, args...)
}

// tx is a transaction that uses what its pool has compiled.
type tx struct {
	*sql.Tx
	pool *pool
}

// ExecContext is that of sql.Tx.
func (t *tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if s := t.pool.lookup(query); s != nil {
		return t.StmtContext(ctx, s).ExecContext(ctx, args...)
	}
	return t.Tx.ExecContext(ctx, query, args...)
}

// QueryContext is that of sql.Tx.
func (t *tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if s := t.pool.lookup(query); s != nil {
		return t.StmtContext(ctx, s).QueryContext(ctx, args...)
	}
	return t.Tx.QueryContext(ctx, query, args...)
}

// QueryRowContext is that of sql.Tx.
func (t *tx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if s := t.pool.lookup(query); s != nil {
		return t.StmtContext(ctx, s).QueryRowContext(ctx, args...)
	}
	return t.Tx.QueryRowContext(ctx, query, args...)
}
