package tui

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
)

// saving is a fake that tells of each save.
type saving struct {
	*fake
	saved chan message.Draft
	ended chan struct{}
}

func (s *saving) SaveDraft(ctx context.Context, ref outbox.Ref, d message.Draft) (outbox.Ref, error) {
	ref, err := s.fake.SaveDraft(ctx, ref, d)
	s.saved <- d
	return ref, err
}

func (s *saving) Deliver(ctx context.Context, hear func(outbox.Event)) error {
	defer close(s.ended)
	return s.fake.Deliver(ctx, hear)
}

// start runs a whole program on pipes instead of a terminal.
func start(t *testing.T, ctx context.Context, f *fake) (s *saving, keys io.WriteCloser, result chan error) {
	t.Helper()
	s = &saving{fake: f, saved: make(chan message.Draft, 100), ended: make(chan struct{})}
	in, out := io.Pipe()
	t.Cleanup(func() { _ = out.Close() })
	result = make(chan error, 1)
	go func() {
		result <- Run(ctx, Options{
			Service: s, Environ: []string{"TERM=xterm", "LANG=C.UTF-8"}, Temp: t.TempDir(), Input: in, Output: io.Discard,
		})
	}()
	<-f.heard
	return s, out, result
}

func wait[T any](t *testing.T, what string, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(time.Minute):
		t.Fatal("never: " + what)
	}
	return v
}

// TestRunEndsBySignal: when the program is told to end, by a terminal that
// goes away or otherwise, the draft is on disk and the delivery has stopped.
func TestRunEndsBySignal(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	s, keys, result := start(t, ctx, newFake())
	if _, err := io.WriteString(keys, "bob@example.org"); err != nil {
		t.Fatal(err)
	}
	for got := ""; got != "bob@example.org"; {
		got = wait(t, "a draft with all keys", s.saved).To
	}
	if _, err := io.WriteString(keys, ", ann@example.org"); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := wait(t, "the end of Run", result); err != nil {
		t.Error(err)
	}
	wait(t, "the end of the delivery", s.ended)
	if got, n := s.lastDraft(); n != 1 || !strings.HasPrefix(got.To, "bob@example.org") {
		t.Errorf("%d drafts, to %q", n, got.To)
	}
}

// TestRunQuits by a key.
func TestRunQuits(t *testing.T) {
	t.Parallel()
	_, keys, result := start(t, t.Context(), newFake())
	if _, err := io.WriteString(keys, "\x11"); err != nil { // ctrl+q
		t.Fatal(err)
	}
	if err := wait(t, "the end of Run", result); err != nil {
		t.Error(err)
	}
}

// TestRunTellsWhereTheDraftIs: if the draft can't be saved at the end, the
// error names the file that has it.
func TestRunTellsWhereTheDraftIs(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.saveErr = errors.New("no room left")
	ctx, stop := context.WithCancel(t.Context())
	s, keys, result := start(t, ctx, f)
	if _, err := io.WriteString(keys, "bob@example.org"); err != nil {
		t.Fatal(err)
	}
	wait(t, "a try to save", s.saved)
	stop()
	err := wait(t, "the end of Run", result)
	if err == nil || !strings.Contains(err.Error(), "no room left") || !strings.Contains(err.Error(), "sendoff-rescued-") {
		t.Errorf("error %v", err)
	}
	if f.rescued.To != "bob@example.org" {
		t.Errorf("the file has %+v", f.rescued)
	}
}

// broken is a Service whose delivery panics.
type broken struct{ *fake }

func (b broken) Deliver(context.Context, func(outbox.Event)) error { panic("at the disco") }

// TestPanicInDelivery is news, not the end of what the person writes.
func TestPanicInDelivery(t *testing.T) {
	t.Parallel()
	p := newPump()
	err := deliver(t.Context(), broken{newFake()}, p)
	if err == nil || !strings.Contains(err.Error(), "at the disco") {
		t.Errorf("error %v", err)
	}
	if got, ok := p.wait(t.Context())().(delivered); !ok || got.err == nil {
		t.Errorf("the model hears %+v", got)
	}
}
