package post

import (
	"context"
	"encoding/json"
	"net"
	"path/filepath"
	"strconv"
	"sync"

	"sendoff/config"
	"sendoff/config/private"
	"sendoff/smtp"
	"sendoff/smtp/outbox"
)

// limits is what the servers of accounts said a mail may have (RFC 1870), so
// that it is known before the next mail is built. It is a hint: what can't be
// read or kept is not known, and the server will say it again.
type limits struct {
	mu    sync.Mutex
	read  bool
	known map[string]limit // by the account's name
}

type limit struct {
	Server string `json:"server"`
	Octets int64  `json:"octets"` // 0 if it told none
}

func (r *Room) limitsFile() string { return filepath.Join(r.home.StateDir, "limits.json") }

func serverOf(a config.Account) string {
	a = a.Complete()
	return net.JoinHostPort(a.Host, strconv.Itoa(a.Port))
}

// loadLimits reads the file anew. The limits are locked meanwhile.
func (r *Room) loadLimits() {
	const most = 1 << 20
	r.limits.read, r.limits.known = true, map[string]limit{}
	if text, err := private.Read(r.limitsFile(), most); err == nil {
		_ = json.Unmarshal(text, &r.limits.known) // or nothing is known
	}
}

// takes returns the octets that the server of an account takes in a mail; 0 if
// that is not known, or without a limit.
func (r *Room) takes(a config.Account) int64 {
	r.limits.mu.Lock()
	defer r.limits.mu.Unlock()
	if !r.limits.read {
		r.loadLimits()
	}
	if l := r.limits.known[a.Name]; l.Server == serverOf(a) {
		return l.Octets
	}
	return 0
}

// learn keeps what the server of an account offered.
func (r *Room) learn(ctx context.Context, a config.Account, offered smtp.Capabilities) {
	told := limit{serverOf(a), offered.Size}
	if told.Octets == r.takes(a) {
		return
	}
	unlock, err := private.Lock(ctx, r.limitsFile(), "what servers take")
	if err != nil {
		return
	}
	defer unlock()
	r.limits.mu.Lock()
	defer r.limits.mu.Unlock()
	r.loadLimits() // another program may have learnt more
	r.limits.known[a.Name] = told
	if text, err := json.Marshal(r.limits.known); err == nil {
		_ = private.Write(r.limitsFile(), text)
	}
}

// learner is a Sender that remembers what servers offer.
type learner struct {
	outbox.Sender
	room *Room
}

// Deliver is the Sender's.
func (l learner) Deliver(ctx context.Context, account string, src smtp.Source, trace func(smtp.Event)) error {
	var offered *smtp.Capabilities // by the last hello, the one that counts
	err := l.Sender.Deliver(ctx, account, src, func(e smtp.Event) {
		if e.Capabilities != nil {
			offered = e.Capabilities
		}
		trace(e)
	})
	if offered != nil {
		if a, err := l.room.Account(account); err == nil {
			l.room.learn(ctx, a, *offered)
		}
	}
	return err
}
