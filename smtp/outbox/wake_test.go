package outbox_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sendoff/smtp"
	"sendoff/smtp/outbox"
)

// offline makes the server unreachable.
func (b *bench) offline() {
	b.server.down = func(string) error {
		return &smtp.Error{Stage: smtp.StageConnect, Class: smtp.ClassNetwork, Scope: smtp.ScopeServer, Retry: smtp.RetrySafe, Err: errors.New("no route")}
	}
}

// online makes it reachable again.
func (b *bench) online() {
	b.server.mu.Lock()
	defer b.server.mu.Unlock()
	b.server.down = nil
}

// sessions counts how often the server was tried.
func (b *bench) sessions() int {
	b.server.mu.Lock()
	defer b.server.mu.Unlock()
	return b.server.sessions
}

// TestNetworkReturns has a machine get another address while mail waits for the
// network: it is tried at once, and not when the last way is lost. Where the
// server is there again, all that waits leaves by one connection.
func TestNetworkReturns(t *testing.T) {
	t.Parallel()
	var network atomic.Value
	network.Store("wlan 192.0.2.1")
	inBubble(t, func(b *bench) {
		b.offline()
		for range 20 {
			b.put("ann@x")
		}
		defer b.run()()
		time.Sleep(time.Hour)
		synctest.Wait()
		for _, c := range []struct {
			now   string
			up    bool
			tries int
			gone  int
		}{{"", false, 0, 0}, {"wlan 192.0.2.7", false, 1, 0}, {"wlan 192.0.2.7", false, 0, 0}, {"wlan 192.0.2.8", true, 1, 20}} {
			before := b.sessions()
			if c.up {
				b.online()
			}
			network.Store(c.now)
			time.Sleep(3 * time.Second)
			synctest.Wait()
			if n := b.sessions() - before; n != c.tries {
				t.Errorf("%d tries with network %q, want %d", n, c.now, c.tries)
			}
			if n := len(b.server.deliveries()); n != c.gone {
				t.Errorf("%d mails went with network %q, want %d", n, c.now, c.gone)
			}
		}
	}, func(o *outbox.Options) {
		o.Network = func() string { return network.Load().(string) }
	})
}

// TestClockJumps sets the clock forward, as sleep does, and back: mail that
// waits for the network gets one try after sleep, and nothing is given up or
// sent in a burst.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		jump  time.Duration
		tries int
	}{
		"asleep for a night":  {9 * time.Hour, 1},
		"asleep for a month":  {30 * 24 * time.Hour, 1},
		"set back by a year":  {-365 * 24 * time.Hour, 1}, // a wait that long was begun by a wrong clock
		"set back by an hour": {-time.Hour, 1},
		"set right":           {2 * time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var jumped atomic.Int64
			clock := func() time.Time { return time.Now().Add(time.Duration(jumped.Load())) }
			inBubble(t, func(b *bench) {
				b.store = b.openAt(clock)
				b.worker = b.newWorker(b.store, func(o *outbox.Options) { o.Clock = clock })
				b.offline()
				ids := []outbox.ID{b.put("ann@x"), b.put("bob@x"), b.put("carl@x")}
				stop := b.run()
				time.Sleep(65 * time.Minute)
				synctest.Wait()
				before := b.sessions()
				jumped.Store(int64(c.jump))
				time.Sleep(3 * time.Second)
				synctest.Wait()
				if n := b.sessions() - before; n != c.tries {
					t.Errorf("%d tries after the clock jumped, want %d", n, c.tries)
				}
				stop()
				for _, id := range ids {
					b.want(id, outbox.Queued)
				}
			})
		})
	}
}

// TestExpiryIsToldOnce gives up a mail that a server put off for days.
func TestExpiryIsToldOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		id := b.put("deferred@x", "deferred@y")
		stop := b.run()
		time.Sleep(6 * 24 * time.Hour)
		synctest.Wait()
		stop()
		it, err := b.store.Item(b.Context(), id)
		b.must(err)
		if it.State != outbox.Failed || !strings.HasPrefix(it.Problem, "given up after 31 tries in 4 days: ") {
			t.Errorf("mail is %s: %s", it.State, it.Problem)
		}
		told := 0
		for _, e := range b.news {
			if e.ID == id && e.State == outbox.Failed {
				told++
			}
		}
		if told != 1 {
			t.Errorf("told %d times", told)
		}
	}, func(o *outbox.Options) { o.Poll = time.Minute })
}
