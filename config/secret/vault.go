package secret

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"sendoff/config/private"
)

// Question is what a Vault asks of the person.
type Question struct {
	New   bool // a passphrase for a vault that is to be made
	Wrong bool // the last one did not open it
}

// tries is how often a passphrase may be wrong before it is given up.
const tries = 3

// Vault keeps passwords in one encrypted file, for machines without a keyring.
// A passphrase opens it: once for each run of the program, or once for hours
// where an Agent holds it open.
type Vault struct {
	file  string
	agent Agent
	ask   func(context.Context, Question) (Secret, error)
	work  int // of scrypt, as a power of two

	mu  sync.Mutex
	key opener // nil until a passphrase opened the vault in this run
}

// NewVault returns the vault in a file, which need not be there yet. ask asks
// the person for its passphrase; nil where that is done with Unlock.
func NewVault(file string, agent Agent, ask func(context.Context, Question) (Secret, error)) *Vault {
	return &Vault{file: file, agent: agent, ask: ask, work: workFactor}
}

// opener reads and writes what is sealed for one vault.
type opener interface {
	open(ctx context.Context, sealed []byte) ([]byte, error)
	seal(ctx context.Context, plain []byte) ([]byte, error)
}

// Get returns the password of account from the vault.
func (v *Vault) Get(ctx context.Context, account string) (Secret, error) {
	all, _, err := v.read(ctx)
	if err != nil {
		return Secret{}, v.failed(account, err)
	}
	if text, ok := all[account]; ok {
		return New(text), nil
	}
	return Secret{}, &Error{
		Account: account,
		Err:     notFound("it is not in the vault"),
		Hint:    "type it when it is asked for, or give it to the account again",
	}
}

// Set keeps s in the vault, which it makes if there is none.
func (v *Vault) Set(ctx context.Context, account string, s Secret) error {
	return v.change(ctx, account, func(all contents) { all[account] = s.Reveal() })
}

// Delete removes the password of account; there need not be one.
func (v *Vault) Delete(ctx context.Context, account string) error {
	if !v.Exists() {
		return nil
	}
	return v.change(ctx, account, func(all contents) { delete(all, account) })
}

// State tells whether the vault is open.
func (v *Vault) State(ctx context.Context, account string) State {
	if !v.Exists() {
		return State{Text: "vault, not made yet", Asks: true}
	}
	if _, err := v.load(); err != nil {
		e := v.failed(account, err)
		return State{Text: "vault, " + e.Err.Error(), Hint: e.Hint}
	}
	if v.opened() != nil {
		return State{Text: "vault, unlocked until the end of this run", Ready: true}
	}
	if left, err := v.agent.Left(ctx); err == nil {
		return State{Text: "vault, unlocked, " + minutes(left) + " left", Ready: true}
	}
	return State{Text: "vault, locked", Hint: unlockHint, Asks: true}
}

func minutes(d time.Duration) string {
	if d >= 2*time.Hour {
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d min", int(d.Minutes())+1)
}

// Exists tells whether the vault was made.
func (v *Vault) Exists() bool {
	_, err := v.load()
	return !errors.Is(err, fs.ErrNotExist)
}

// Locked tells that a passphrase is needed before the vault, which there is,
// can be used.
func (v *Vault) Locked(ctx context.Context) bool {
	if !v.Exists() || v.opened() != nil {
		return false
	}
	_, err := v.agent.Left(ctx)
	return err != nil
}

// Unlock opens the vault with its passphrase for the rest of the run, and makes
// it if there is none. Its error is an *Error over ErrVaultLocked if the
// passphrase is wrong.
func (v *Vault) Unlock(ctx context.Context, passphrase Secret) error {
	unlock, err := private.LockFor(ctx, v.file, "the vault", time.Minute)
	if err != nil {
		return v.failed("", err)
	}
	defer unlock()
	key, err := v.admit(ctx, passphrase)
	if err != nil {
		return v.failed("", err)
	}
	v.keep(key)
	return nil
}

// Drop removes the vault, which was opened in this run, if it holds nothing.
func (v *Vault) Drop(ctx context.Context) error {
	key := v.opened()
	if key == nil {
		return nil
	}
	unlock, err := private.Lock(ctx, v.file, "the vault")
	if err != nil {
		return v.failed("", err)
	}
	defer unlock()
	f, err := v.load()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var all contents
	if err == nil {
		all, err = f.contents(ctx, key)
	}
	if err == nil && len(all) == 0 {
		v.keep(nil)
		err = private.Remove(v.file)
	}
	if err != nil {
		return v.failed("", err)
	}
	return nil
}

// admit makes or opens the vault. Its file must be locked against others.
func (v *Vault) admit(ctx context.Context, passphrase Secret) (localKey, error) {
	if passphrase.Empty() {
		return localKey{}, errPassphrase
	}
	f, err := v.load()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		key, wrapped, err := newKey(passphrase, v.work)
		if err != nil {
			return key, err
		}
		return key, v.store(ctx, vaultFile{key: wrapped}, key, contents{})
	case err != nil:
		return localKey{}, err
	}
	return unwrap(f.key, passphrase)
}

// Rekey gives the vault another passphrase. It must have been opened in this
// run.
func (v *Vault) Rekey(ctx context.Context, passphrase Secret) error {
	key, ok := v.opened().(localKey)
	if !ok || passphrase.Empty() {
		return v.failed("", errLocked)
	}
	unlock, err := private.Lock(ctx, v.file, "the vault")
	if err != nil {
		return v.failed("", err)
	}
	defer unlock()
	f, err := v.load()
	if err != nil {
		return v.failed("", err)
	}
	if f.key, err = key.wrap(passphrase, v.work); err != nil {
		return v.failed("", err)
	}
	return private.Write(v.file, f.text())
}

// Key returns what opens the vault, for an Agent to hold. The vault must have
// been opened in this run.
func (v *Vault) Key() (Secret, error) {
	if key, ok := v.opened().(localKey); ok {
		return New(key.String()), nil
	}
	return Secret{}, v.failed("", errLocked)
}

func (v *Vault) opened() opener {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.key
}

func (v *Vault) keep(key opener) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.key = key
}

// read opens the vault, asking for the passphrase if need be.
func (v *Vault) read(ctx context.Context) (contents, opener, error) {
	f, err := v.load()
	if err != nil {
		return nil, nil, err
	}
	for _, key := range []opener{v.opened(), v.agent} {
		if key == nil {
			continue
		}
		all, err := f.contents(ctx, key)
		if err == nil || !errors.Is(err, errLocked) {
			return all, key, err
		}
	}
	if v.ask == nil {
		return nil, nil, errLocked
	}
	for n := range tries {
		passphrase, err := v.ask(ctx, Question{Wrong: n > 0})
		if err != nil {
			return nil, nil, err
		}
		key, err := unwrap(f.key, passphrase)
		if errors.Is(err, errPassphrase) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		all, err := f.contents(ctx, key)
		if err == nil {
			v.keep(key)
		}
		return all, key, err
	}
	return nil, nil, errPassphrase
}

// change rewrites the vault while no other program does. The person is asked
// before that begins, so that nobody else waits for them.
func (v *Vault) change(ctx context.Context, account string, do func(contents)) error {
	if _, _, err := v.read(ctx); errors.Is(err, fs.ErrNotExist) && v.ask != nil {
		passphrase, err := v.ask(ctx, Question{New: true})
		if err == nil {
			err = v.Unlock(ctx, passphrase)
		}
		if err != nil {
			return v.failed(account, err)
		}
	} else if err != nil {
		return v.failed(account, err)
	}
	unlock, err := private.Lock(ctx, v.file, "the vault")
	if err != nil {
		return v.failed(account, err)
	}
	defer unlock()
	f, err := v.load()
	if err != nil {
		return v.failed(account, err)
	}
	all, key, err := v.read(ctx)
	if err != nil {
		return v.failed(account, err)
	}
	do(all)
	if err := v.store(ctx, f, key, all); err != nil {
		return v.failed(account, err)
	}
	return nil
}

// store writes the vault with new contents, and only what can be read again.
func (v *Vault) store(ctx context.Context, f vaultFile, key opener, all contents) error {
	if err := f.fill(ctx, key, all); err != nil {
		return err
	}
	return private.Write(v.file, f.text())
}

func (v *Vault) load() (vaultFile, error) {
	text, err := private.Read(v.file, vaultLimit)
	if err != nil {
		return vaultFile{}, err
	}
	return parseVault(text)
}

// ErrVaultLocked is below the errors for a vault that needs its passphrase. It
// is over ErrLocked.
var ErrVaultLocked error = trouble{ErrLocked, "the vault is locked"}

// VaultLocked is the error for an account whose password is in a vault that is
// locked.
func VaultLocked(account string) *Error {
	return &Error{Account: account, Err: ErrVaultLocked, Hint: unlockHint}
}

const unlockHint = `type its passphrase when it is asked for, or run "sendoff unlock" in a terminal, which makes the vault if there is none and holds it open for hours`

// failed puts trouble with the vault into words.
func (v *Vault) failed(account string, err error) *Error {
	var known *Error
	e := &Error{Account: account, Err: unavailable(clean(err.Error()))}
	switch {
	case errors.As(err, &known):
		if known.Account == "" {
			known = &Error{Account: account, Hint: known.Hint, Err: known.Err}
		}
		return known
	case errors.Is(err, fs.ErrNotExist):
		e.Err = notFound("the vault was not made yet")
		e.Hint = "give the password to the account again, and a passphrase for the vault"
	case errors.Is(err, errPassphrase):
		e.Err, e.Hint = trouble{ErrVaultLocked, "the passphrase does not open the vault"}, "try again; nobody can open it without"
	case errors.Is(err, errLocked):
		return VaultLocked(account)
	case errors.Is(err, errDamaged):
		e.Hint = "nothing was changed; bring " + clean(v.file) + " back from a backup, or move it away to begin a new one"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e.Err = err
	}
	return e
}
