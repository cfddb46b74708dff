package outbox_test

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"testing"

	"sendoff/smtp"
	"sendoff/smtp/outbox"
	"sendoff/smtp/outbox/sqlite"
)

// sender is a Sender made of a function.
type sender func(ctx context.Context, account string, src smtp.Source, trace func(smtp.Event)) error

func (f sender) Deliver(ctx context.Context, account string, src smtp.Source, trace func(smtp.Event)) error {
	return f(ctx, account, src, trace)
}

// accept takes every mail to everybody.
func accept(ctx context.Context, _ string, src smtp.Source, trace func(smtp.Event)) error {
	for {
		m, err := src.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var r smtp.Result
		if err := src.Commit(ctx, m); err != nil {
			return err
		}
		for _, to := range m.To {
			r.Recipients = append(r.Recipients, smtp.Outcome{Address: to, Status: smtp.Accepted, Reply: smtp.Reply{Code: 250, Lines: []string{"ok"}}})
		}
		src.Done(m, r)
	}
}

func openStore(t *testing.T) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "outbox.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestFlushSendsAll(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	for range 30 {
		if _, err := s.Put(t.Context(), outbox.New{
			Account: "home", From: "me@example.org", Recipients: []string{"you@example.org"}, State: outbox.Queued,
			Write: func(w io.Writer) error { _, err := io.WriteString(w, "Subject: x\r\n\r\nhi\r\n"); return err },
		}); err != nil {
			t.Fatal(err)
		}
	}
	w := outbox.NewWorker(outbox.Options{Store: s, Sender: sender(accept)})
	sum, err := w.Flush(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for id, state := range sum.States {
		if state != outbox.Sent {
			t.Errorf("mail %s is %s", id, state)
		}
	}
	if len(sum.States) != 30 {
		t.Errorf("%d mails", len(sum.States))
	}
}
