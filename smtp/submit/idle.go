package submit

import (
	"context"
	"reflect"
	"sync"
	"time"

	"sendoff/config"
	"sendoff/smtp"
)

// signOfLife is how long a server may take to say that an idle session is
// still one. A new session takes little longer.
const signOfLife = 5 * time.Second

// idle are the sessions that wait for the next mail of their accounts. The zero
// value is ready.
type idle struct {
	mu       sync.Mutex
	sessions map[string]*waiting // by the name of the account
	closed   bool
}

// waiting is a session that does. Until it is taken up again, or its time is
// over, nobody else has it.
type waiting struct {
	*smtp.Session
	account config.Account // as it was
	trace   *relay
	over    *time.Timer
}

// relay passes events of a session on to whoever uses it at the time.
type relay struct{ to func(smtp.Event) }

func (r *relay) hear(e smtp.Event) {
	if r.to != nil {
		r.to(e)
	}
}

// keep holds w for a while. It takes the place of another, which is closed.
func (i *idle) keep(w *waiting, while time.Duration) {
	w.trace.to = nil
	if left := i.put(w, while); left != nil {
		_ = left.Close() // nothing hangs on a farewell
	}
}

// put makes w wait, and returns who is not to wait any more: the one before it,
// or w.
func (i *idle) put(w *waiting, while time.Duration) (left *waiting) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed {
		return w
	}
	if i.sessions == nil {
		i.sessions = map[string]*waiting{}
	}
	if before := i.sessions[w.account.Name]; before != nil && before.over.Stop() {
		left = before
	}
	i.sessions[w.account.Name] = w
	w.over = time.AfterFunc(while, func() {
		if i.drop(w) {
			_ = w.Close()
		}
	})
	return left
}

// drop takes w out, if it is still there.
func (i *idle) drop(w *waiting) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	there := i.sessions[w.account.Name] == w
	if there {
		delete(i.sessions, w.account.Name)
	}
	return there
}

// take returns the session that waits for mail of a, if it is still alive and
// a is what it was. What a server says to end an idle session is no news, and
// a mail must not be the one to find out: a question is.
func (i *idle) take(ctx context.Context, a config.Account, trace func(smtp.Event)) *waiting {
	i.mu.Lock()
	w := i.sessions[a.Name]
	delete(i.sessions, a.Name)
	i.mu.Unlock()
	if w == nil {
		return nil
	}
	w.over.Stop()
	if !reflect.DeepEqual(w.account, a) {
		_ = w.Close()
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, signOfLife)
	defer cancel()
	w.trace.to = trace
	if w.Noop(ctx) != nil {
		return nil
	}
	return w
}

// Drop ends the session that waits for mail of an account, as after a change of
// its password: what goes next is to show the new one.
func (s *Sender) Drop(account string) {
	s.idle.mu.Lock()
	w := s.idle.sessions[account]
	delete(s.idle.sessions, account)
	s.idle.mu.Unlock()
	if w != nil && w.over.Stop() {
		_ = w.Close() // nothing hangs on a farewell
	}
}

// Close ends the sessions that wait for mail. What is sent after that leaves
// none behind.
func (s *Sender) Close() error {
	// Not under the lock: a farewell can take as long as a link does.
	for _, w := range s.idle.end() {
		w.over.Stop()
		_ = w.Close()
	}
	return nil
}

// end has nobody wait any more, and returns who did.
func (i *idle) end() map[string]*waiting {
	i.mu.Lock()
	defer i.mu.Unlock()
	ended := i.sessions
	i.sessions, i.closed = nil, true
	return ended
}
