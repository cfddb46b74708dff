package sqlite

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"sync"
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
	f, err := os.OpenFile(p.file(owner), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_ = tryLock(f) // where that does not work, the lease alone counts
	if p.held == nil {
		p.held = map[string]*os.File{}
	}
	p.held[owner] = f
	return nil
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
		return os.IsNotExist(err) // removed by close
	}
	defer f.Close()
	if tryLock(f) != nil {
		return false
	}
	_ = os.Remove(f.Name()) // the owner will not come back; a new one has a new name
	return true
}

// close ends the presence of all owners.
func (p *presence) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, f := range p.held {
		// Removed first: a file without a lock means a death.
		errs = append(errs, os.Remove(f.Name()), f.Close())
	}
	p.held = nil
	return errors.Join(errs...)
}
