package sqlite

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// presence tells whether the owners of leases are alive, so that the mail of
// one that was killed need not wait for its lease to run out. Each owner keeps
// a file locked; the system unlocks it when the process ends, however it ends.
// A process that is only stopped keeps its lock, and is judged by its lease.
type presence struct {
	path string // of the outbox

	mu   sync.Mutex
	held map[string]*os.File // by owner
}

// file returns the name of an owner's lock file.
func (p *presence) file(owner string) string {
	sum := sha256.Sum256([]byte(owner))
	return fmt.Sprintf("%s-owner-%x", p.path, sum[:8])
}

// announce makes owner known as alive until close.
func (p *presence) announce(owner string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held[owner] != nil {
		return nil
	}
	if p.held == nil {
		p.held = map[string]*os.File{}
		p.sweep()
	}
	// Another process may sweep the file away before, or while, it is locked.
	for range 1000 {
		f, err := p.lock(owner)
		if err != nil {
			return err
		}
		if f != nil {
			p.held[owner] = f
			return nil
		}
		time.Sleep(time.Millisecond)
	}
	return fmt.Errorf("another program sends under the name %s", owner)
}

// lock makes the file of an owner and locks it. It returns nil if somebody
// else has locked it, or removed it meanwhile.
func (p *presence) lock(owner string) (*os.File, error) {
	f, err := os.OpenFile(p.file(owner), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if isLocked(tryLock(f)) { // where locks do not work, the lease alone counts
		return nil, f.Close()
	}
	ours, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if there, err := os.Stat(f.Name()); err == nil && os.SameFile(ours, there) {
		return f, nil
	}
	return nil, f.Close()
}

// sweep removes the files of owners who were killed.
func (p *presence) sweep() {
	files, err := filepath.Glob(escape(p.path) + "-owner-*")
	if err != nil {
		return
	}
	for _, name := range files {
		if f, err := os.OpenFile(name, os.O_RDWR, 0); err == nil {
			bury(f)
		}
	}
}

// escape makes path stand for itself in a pattern.
func escape(path string) string {
	if filepath.Separator == '\\' {
		return path // no escapes on Windows, and no such names
	}
	return strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `\`, `\\`).Replace(path)
}

// dead tells that owner is known not to be alive any more. Where locks do not
// work nobody is, and leases run out in their time.
func (p *presence) dead(owner string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held[owner] != nil {
		return false
	}
	f, err := os.OpenFile(p.file(owner), os.O_RDWR, 0)
	if err != nil {
		return errors.Is(err, fs.ErrNotExist) // removed by close or sweep
	}
	return bury(f)
}

// anybody tells that an owner is alive.
func (p *presence) anybody() bool {
	files, err := filepath.Glob(escape(p.path) + "-owner-*")
	if err != nil {
		return false
	}
	for _, name := range files {
		if f, err := os.OpenFile(name, os.O_RDWR, 0); err == nil && !bury(f) {
			return true
		}
	}
	return false
}

// bury closes f and, if its owner is dead, removes it. It tells whether that
// was so.
func bury(f *os.File) bool {
	if tryLock(f) != nil {
		_ = f.Close()
		return false
	}
	remove(f) // the owner will not come back; a new one has a new name
	return true
}

// close ends the presence of all owners.
func (p *presence) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, f := range p.held {
		errs = append(errs, f.Close())
		if err := os.Remove(f.Name()); !errors.Is(err, fs.ErrNotExist) { // swept by another
			errs = append(errs, err)
		}
	}
	p.held = nil
	return errors.Join(errs...)
}
