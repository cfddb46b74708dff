package secret

import (
	"context"
	"errors"
	"time"
)

// service is the name that our items have in every keyring.
const service = "sendoff"

// How long a keyring may take: one that is open answers in milliseconds, one
// that is locked waits for a person to answer its dialog.
const (
	callLimit   = 5 * time.Second
	dialogLimit = time.Minute
)

// backend is the part of a keyring we use. Its calls can block for ever.
type backend interface {
	Set(service, user, password string) error
	Get(service, user string) (string, error)
	Delete(service, user string) error
}

// Keyring keeps passwords in the desktop's own store: the Secret Service of
// Linux and the BSDs, the keychain of macOS, the credential manager of Windows.
//
// It looks at the state of the store before each call, makes no call that
// nobody could answer, starts nothing, though the bus may start the store when it
// is looked at, and gives up a call that takes too long: after 5 seconds, or a
// minute when the store is asking the person in a window of its own.
type Keyring struct {
	backend     backend
	probe       func(context.Context) condition
	display     bool // a dialog of the keyring would be seen
	callLimit   time.Duration
	dialogLimit time.Duration
	asking      chan struct{} // holds one token: one dialog at a time
}

// NewKeyring returns the keyring of this desktop. lookup is os.LookupEnv, or a
// test's own.
func NewKeyring(lookup func(string) (string, bool)) *Keyring {
	set := func(name string) bool { v, ok := lookup(name); return ok && v != "" }
	return &Keyring{
		backend:     system{},
		probe:       probe,
		display:     set("DISPLAY") || set("WAYLAND_DISPLAY"),
		callLimit:   callLimit,
		dialogLimit: dialogLimit,
		asking:      make(chan struct{}, 1),
	}
}

// Get returns the stored password.
func (k *Keyring) Get(ctx context.Context, account string) (Secret, error) {
	text, err := k.call(ctx, account, func() (string, error) {
		return k.backend.Get(service, account)
	})
	return New(text), err
}

// Set stores s and reads it again. After an error the store may still take it,
// if the person answers its dialog later.
func (k *Keyring) Set(ctx context.Context, account string, s Secret) error {
	_, err := k.call(ctx, account, func() (string, error) {
		if err := k.backend.Set(service, account, s.Reveal()); err != nil {
			return "", err
		}
		kept, err := k.backend.Get(service, account)
		if err == nil && kept != s.Reveal() {
			err = errors.New("it took a password and gave back another one")
		}
		return "", err
	})
	return err
}

// Delete removes the password; there need not be one.
func (k *Keyring) Delete(ctx context.Context, account string) error {
	_, err := k.call(ctx, account, func() (string, error) {
		return "", k.backend.Delete(service, account)
	})
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// State looks at the keyring, without unlocking it. It takes 2 seconds at most.
func (k *Keyring) State(ctx context.Context, _ string) State {
	return k.describe(k.probe(ctx))
}

type answer struct {
	text string
	err  error
}

// call runs do if the state of the keyring allows it. It does so in a
// goroutine, because do can't be ended: it is left behind when it takes too
// long.
func (k *Keyring) call(ctx context.Context, account string, do func() (string, error)) (string, error) {
	found := k.probe(ctx)
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if state := k.describe(found); !state.Usable() {
		return "", refused(account, found, state)
	}
	limit, release := k.callLimit, func() {}
	if found == locked {
		select {
		case k.asking <- struct{}{}:
		default:
			return "", unanswered(account, "the keyring's dialog is still open")
		}
		limit, release = k.dialogLimit, func() { <-k.asking }
	}
	done := make(chan answer, 1)
	go func() {
		text, err := do()
		release() // before the caller, who may go on to ask again
		done <- answer{text, err}
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case a := <-done:
		return a.text, classify(account, found, a.err)
	case <-timer.C:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if found == locked {
		return "", unanswered(account, "nobody answered the keyring's dialog within "+limit.String())
	}
	return "", &Error{
		Account: account,
		Err:     unavailable("the keyring did not answer within " + limit.String()),
		Hint:    "try again, or keep the password elsewhere",
	}
}
