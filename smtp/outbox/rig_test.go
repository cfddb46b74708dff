package outbox_test

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sendoff/smtp"
	"sendoff/smtp/outbox"
	"sendoff/smtp/outbox/sqlite"
)

// server is an outbox.Sender that plays a server. Recipients get what their
// local part asks for; the rest is accepted.
type server struct {
	// down is the error that every session ends with before its first mail.
	down func(account string) error

	// before runs for each mail before Commit, after for each after it.
	before, after func(ctx context.Context, m *smtp.Mail) error

	mu       sync.Mutex
	sessions int
	got      []delivery
}

// delivery is a mail that the server took.
type delivery struct {
	id, account string
	to          []string
	content     string
	at          time.Time
}

// number is the ID of a mail, of whatever claim.
func number(m *smtp.Mail) string {
	id, _, _ := strings.Cut(m.ID, "/")
	return id
}

// Deliver implements outbox.Sender.
func (s *server) Deliver(ctx context.Context, account string, src smtp.Source, trace func(smtp.Event)) error {
	s.mu.Lock()
	s.sessions++
	down := s.down
	s.mu.Unlock()
	trace(smtp.Event{Kind: smtp.KindLine, Time: time.Now(), Text: "EHLO me"})
	if down != nil {
		if err := down(account); err != nil {
			return err
		}
	}
	for {
		m, err := src.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		trace(smtp.Event{Kind: smtp.KindLine, Time: time.Now(), Mail: m.ID, Text: "MAIL FROM:<" + m.From + ">"})
		r := s.submit(ctx, account, m, src)
		src.Done(m, r)
		if r.Err != nil && r.Err.Scope == smtp.ScopeServer {
			return r.Err
		}
	}
}

func (s *server) submit(ctx context.Context, account string, m *smtp.Mail, src smtp.Source) smtp.Result {
	var r smtp.Result
	all := func(status smtp.Status, err *smtp.Error) smtp.Result {
		r.Recipients, r.Err = nil, err
		for _, to := range m.To {
			r.Recipients = append(r.Recipients, smtp.Outcome{Address: to, Status: status})
		}
		return r
	}
	broken := func(err error, retry smtp.Retry) *smtp.Error {
		e := &smtp.Error{Stage: smtp.StageContent, Class: smtp.ClassNetwork, Scope: smtp.ScopeServer, Retry: retry, Err: err}
		if ctx.Err() != nil {
			e.Class = smtp.ClassCanceled
		}
		return e
	}
	body, err := m.Open()
	if err != nil {
		return all(smtp.Untried, broken(err, smtp.RetrySafe))
	}
	content, err := io.ReadAll(body)
	if err != nil {
		return all(smtp.Untried, broken(err, smtp.RetrySafe))
	}
	if s.before != nil {
		if err := s.before(ctx, m); err != nil {
			return all(smtp.Untried, broken(err, smtp.RetrySafe))
		}
	}
	var took []string
	for _, to := range m.To {
		o := smtp.Outcome{Address: to, Status: smtp.Accepted, Reply: smtp.Reply{Code: 250, Lines: []string{"ok"}}}
		switch local, _, _ := strings.Cut(to, "@"); local {
		case "refused":
			o.Status, o.Reply.Code = smtp.Rejected, 550
		case "deferred":
			o.Status, o.Reply.Code = smtp.Deferred, 451
		default:
			took = append(took, to)
		}
		r.Recipients = append(r.Recipients, o)
	}
	if len(took) == 0 {
		r.Err = &smtp.Error{Stage: smtp.StageRecipient, Scope: smtp.ScopeRecipient, Class: smtp.ClassPermanent, Reply: r.Recipients[0].Reply}
		return r
	}
	if err := src.Commit(ctx, m); err != nil {
		e := broken(err, smtp.RetrySafe)
		e.Class, e.Scope = smtp.ClassLocal, smtp.ScopeLocal
		return all(smtp.Untried, e)
	}
	if s.after != nil {
		if err := s.after(ctx, m); err != nil {
			return all(smtp.Uncertain, broken(err, smtp.RetryUnknown))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, delivery{number(m), account, took, string(content), time.Now()})
	r.Reply = smtp.Reply{Code: 250, Lines: []string{"queued"}}
	return r
}

// deliveries returns what the server has taken so far.
func (s *server) deliveries() []delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

// bench is a worker under test with its store and server. Its time is the
// bubble's.
type bench struct {
	*testing.T
	store  *sqlite.Store
	path   string
	server *server
	worker *outbox.Worker

	mu   sync.Mutex
	news []outbox.Event
}

// inBubble runs a test in a time of its own.
func inBubble(t *testing.T, test func(b *bench), change ...func(*outbox.Options)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "outbox.db") // a bubble's own folder would go too early
	synctest.Test(t, func(t *testing.T) {
		b := &bench{T: t, server: &server{}, path: path}
		b.store = b.open()
		b.worker = b.newWorker(b.store, change...)
		test(b)
	})
}

// open opens the outbox once more.
func (b *bench) open() *sqlite.Store { return b.openAt(nil) }

func (b *bench) openAt(clock func() time.Time) *sqlite.Store {
	b.Helper()
	s, err := sqlite.Open(b.Context(), b.path, sqlite.Options{Clock: clock})
	b.must(err)
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

func (b *bench) newWorker(store outbox.Deliveries, change ...func(*outbox.Options)) *outbox.Worker {
	opts := outbox.Options{Store: store, Sender: b.server, Random: half, Notify: b.hear}
	for _, c := range change {
		c(&opts)
	}
	return outbox.NewWorker(opts)
}

func (b *bench) hear(e outbox.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.news = append(b.news, e)
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// put queues a mail of account home.
func (b *bench) put(to ...string) outbox.ID {
	b.Helper()
	return b.putNew(outbox.New{Account: "home", State: outbox.Queued}, to...)
}

func (b *bench) putNew(n outbox.New, to ...string) outbox.ID {
	b.Helper()
	n.From = "me@example.org"
	n.Recipients = to
	n.Write = func(w io.Writer) error { _, err := io.WriteString(w, "Subject: x\r\n\r\nhi\r\n"); return err }
	id, err := b.store.Put(b.Context(), n)
	b.must(err)
	return id
}

func (b *bench) state(id outbox.ID) outbox.State {
	b.Helper()
	it, err := b.store.Item(b.Context(), id)
	b.must(err)
	return it.State
}

func (b *bench) want(id outbox.ID, state outbox.State) {
	b.Helper()
	if got := b.state(id); got != state {
		b.Errorf("mail %s is %s, want %s", id, got, state)
	}
}

// run runs the worker until the function it returns is called.
func (b *bench) run() (stop func()) {
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error)
	go func() { done <- b.worker.Run(ctx) }()
	return func() {
		b.Helper()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			b.Error(err)
		}
	}
}

func (b *bench) flush(ids ...outbox.ID) outbox.Summary {
	b.Helper()
	s, err := b.worker.Flush(b.Context(), outbox.Only{IDs: ids})
	b.must(err)
	return s
}
