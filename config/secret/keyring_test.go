package secret

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zalando/go-keyring"
)

// fakeRing is a keyring whose calls wait for open to be closed, if it is set.
type fakeRing struct {
	kept  map[string]string
	open  chan struct{}
	fail  error
	alter bool // gives back something else than it was given
	calls atomic.Int32
}

func (f *fakeRing) enter() error {
	f.calls.Add(1)
	if f.open != nil {
		<-f.open
	}
	return f.fail
}

func (f *fakeRing) Set(service, user, password string) error {
	if err := f.enter(); err != nil {
		return err
	}
	if f.alter {
		password += "\n"
	}
	f.kept[service+"/"+user] = password
	return nil
}

func (f *fakeRing) Get(service, user string) (string, error) {
	if err := f.enter(); err != nil {
		return "", err
	}
	if s, ok := f.kept[service+"/"+user]; ok {
		return s, nil
	}
	return "", keyring.ErrNotFound
}

func (f *fakeRing) Delete(service, user string) error {
	if err := f.enter(); err != nil {
		return err
	}
	if _, ok := f.kept[service+"/"+user]; !ok {
		return keyring.ErrNotFound
	}
	delete(f.kept, service+"/"+user)
	return nil
}

// newTestKeyring returns a keyring in the given condition, with the limits of
// the real one.
func newTestKeyring(c condition, display bool) (*Keyring, *fakeRing) {
	ring := &fakeRing{kept: make(map[string]string)}
	k := NewKeyring(func(name string) (string, bool) { return ":0", display && name == "DISPLAY" })
	k.backend = ring
	k.probe = func(context.Context) condition { return c }
	return k, ring
}

func TestKeyringKeeps(t *testing.T) {
	t.Parallel()
	k, ring := newTestKeyring(ready, false)
	ctx := t.Context()
	if _, err := k.Get(ctx, "work"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if err := k.Set(ctx, "work", New("s3cret")); err != nil {
		t.Fatal(err)
	}
	if ring.kept["sendoff/work"] != "s3cret" {
		t.Errorf("kept %q", ring.kept)
	}
	if s, err := k.Get(ctx, "work"); err != nil || s.Reveal() != "s3cret" {
		t.Errorf("got %q, %v", s.Reveal(), err)
	}
	for range 2 { // what is not there need not be deleted
		if err := k.Delete(ctx, "work"); err != nil {
			t.Error(err)
		}
	}
	if len(ring.kept) != 0 {
		t.Errorf("kept %q", ring.kept)
	}
}

func TestKeyringStates(t *testing.T) {
	t.Parallel()
	tests := []struct {
		found   condition
		display bool
		text    string
		usable  bool
		err     error
	}{
		{ready, false, "keyring, ready", true, nil},
		{locked, true, "keyring, locked", true, nil},
		{locked, false, "keyring, locked (and no display for its dialog)", false, ErrLocked},
		{noCollection, true, "keyring, empty (nothing can be stored in it yet)", false, ErrUnavailable},
		{noService, true, "no keyring here (D-Bus runs, but no program that keeps passwords)", false, ErrUnavailable},
		{noBus, true, "no keyring here (no D-Bus session)", false, ErrUnavailable},
		{noAnswer, true, "keyring, does not answer", false, ErrUnavailable},
		{noSupport, true, "no keyring on this system", false, ErrUnavailable},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			t.Parallel()
			k, ring := newTestKeyring(test.found, test.display)
			s := k.State(t.Context(), "work")
			if s.Text != test.text || s.Usable() != test.usable || s.Ready != (test.found == ready) {
				t.Errorf("state %+v", s)
			}
			if !s.Ready && s.Hint == "" {
				t.Error("nothing to do about it")
			}
			if ring.calls.Load() != 0 {
				t.Error("looking at the state touched the keyring")
			}
			err := k.Set(t.Context(), "work", New("s3cret"))
			if !errors.Is(err, test.err) {
				t.Errorf("got %v, want %v", err, test.err)
			}
			if (ring.calls.Load() > 0) != test.usable {
				t.Errorf("%d calls", ring.calls.Load())
			}
			if err != nil && (!strings.Contains(err.Error(), s.Hint) || strings.Contains(err.Error(), "s3cret")) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestKeyringHangs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		found condition
		limit time.Duration
		err   error
	}{
		{ready, 5 * time.Second, ErrUnavailable},
		{locked, time.Minute, ErrLocked},
	}
	for _, test := range tests {
		t.Run(string(test.found), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				k, ring := newTestKeyring(test.found, true)
				ring.open = make(chan struct{})
				began := time.Now()
				_, err := k.Get(t.Context(), "work")
				if !errors.Is(err, test.err) || time.Since(began) != test.limit {
					t.Errorf("got %v after %v", err, time.Since(began))
				}
				close(ring.open)
			})
		})
	}
}

// TestKeyringDialogOpen asserts that a dialog nobody answered is not opened a
// second time, and that its late answer is good for the next call.
func TestKeyringDialogOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k, ring := newTestKeyring(locked, true)
		ring.kept["sendoff/work"] = "s3cret"
		ring.open = make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err := k.Get(ctx, "work"); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if _, err := k.Get(t.Context(), "work"); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), "still open") {
			t.Errorf("got %v", err)
		}
		if ring.calls.Load() != 1 {
			t.Errorf("%d dialogs", ring.calls.Load())
		}
		close(ring.open)
		synctest.Wait()
		if s, err := k.Get(t.Context(), "work"); err != nil || s.Reveal() != "s3cret" {
			t.Errorf("got %q, %v", s.Reveal(), err)
		}
	})
}

// TestKeyringLateSet asserts that a password given up on, because nobody
// answered the dialog, is kept if the answer comes late; that none is put in
// line behind it; and that one given after it replaces it.
func TestKeyringLateSet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k, ring := newTestKeyring(locked, true)
		ring.open = make(chan struct{})
		for _, words := range []string{"nobody answered the keyring's dialog within 1m0s", "still open"} {
			err := k.Set(t.Context(), "work", New("early"))
			if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), words) {
				t.Errorf("got %v, want %q", err, words)
			}
		}
		if len(ring.kept) != 0 {
			t.Errorf("kept %q", ring.kept)
		}
		close(ring.open)
		synctest.Wait()
		if s, err := k.Get(t.Context(), "work"); err != nil || s.Reveal() != "early" {
			t.Errorf("got %q, %v", s.Reveal(), err)
		}
		if err := k.Set(t.Context(), "work", New("later")); err != nil {
			t.Error(err)
		}
		if got := ring.kept["sendoff/work"]; got != "later" {
			t.Errorf("kept %q", got)
		}
	})
}

// TestKeyringAgain asserts that an answer leaves nothing in the way of the next
// question.
func TestKeyringAgain(t *testing.T) {
	t.Parallel()
	k, ring := newTestKeyring(locked, true)
	ring.kept["sendoff/work"] = "s3cret"
	for range 2000 {
		if _, err := k.Get(t.Context(), "work"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestKeyringErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		found condition
		fail  error
		alter bool
		err   error
		words string
	}{
		{"foreign text", ready, errors.New("no\x1b[2J\u202eway\nat all"), false, ErrUnavailable, "says: no way at all"},
		{"stays locked", locked, errors.New("failed to unlock"), false, ErrLocked, "was not unlocked"},
		{"too long", ready, keyring.ErrSetDataTooBig, false, ErrUnavailable, "no password of this length"},
		{"altered", ready, nil, true, ErrUnavailable, "gave back another one"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			k, ring := newTestKeyring(test.found, true)
			ring.fail, ring.alter = test.fail, test.alter
			err := k.Set(t.Context(), "work", New("s3cret"))
			if !errors.Is(err, test.err) || !strings.Contains(err.Error(), test.words) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestKeyringCanceled(t *testing.T) {
	t.Parallel()
	k, ring := newTestKeyring(ready, true)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := k.Get(ctx, "work"); !errors.Is(err, context.Canceled) || ring.calls.Load() != 0 {
		t.Errorf("got %v, %d calls", err, ring.calls.Load())
	}
}
