package sandbox

import (
	"slices"
	"strings"
	"sync"
)

// mailOverhead is what a mail costs besides its content, roughly.
const mailOverhead = 1 << 10

// mailStore holds the newest mails within a limit of octets.
type mailStore struct {
	limit int64

	mu    sync.Mutex
	mails []Mail
	held  int64
}

func (m *mailStore) add(mail Mail) {
	cost := int64(len(mail.Data)) + mailOverhead
	if cost > m.limit {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mails = append(m.mails, mail)
	m.held += cost
	dropped := 0
	for ; m.held > m.limit; dropped++ {
		m.held -= int64(len(m.mails[dropped].Data)) + mailOverhead
	}
	clear(m.mails[:dropped])
	m.mails = m.mails[dropped:]
}

func (m *mailStore) list() []Mail {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.mails)
}

// maxGreylist is how many addresses are remembered.
const maxGreylist = 10_000

// greylist remembers who was here before.
type greylist struct {
	mu   sync.Mutex
	seen map[string]bool
}

// first tells whether address was never seen before.
func (g *greylist) first(address string) bool {
	address = strings.ToLower(address)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.seen[address] {
		return false
	}
	if g.seen == nil || len(g.seen) >= maxGreylist {
		g.seen = make(map[string]bool)
	}
	g.seen[address] = true
	return true
}
