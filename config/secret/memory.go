package secret

import (
	"context"
	"sync"
)

// Memory keeps passwords until the program ends. Its zero value is empty and
// ready; it must not be copied after first use.
type Memory struct {
	mu   sync.Mutex
	kept map[string]Secret
}

// Get returns what Set kept.
func (m *Memory) Get(_ context.Context, account string) (Secret, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s, ok := m.kept[account]; ok {
		return s, nil
	}
	return Secret{}, &Error{Account: account, Err: ErrNotFound}
}

// Set keeps s.
func (m *Memory) Set(_ context.Context, account string, s Secret) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil {
		m.kept = make(map[string]Secret)
	}
	m.kept[account] = s
	return nil
}

// Delete forgets the password of account, if there is one.
func (m *Memory) Delete(_ context.Context, account string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.kept, account)
	return nil
}
