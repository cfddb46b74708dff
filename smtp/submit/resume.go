package submit

import (
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"sync"

	"sendoff/config"
)

// sessions are the TLS sessions that a Sender can take up again, which saves
// both sides the work of proving who they are. The zero value is ready.
type sessions struct {
	once  sync.Once
	cache tls.ClientSessionCache
}

// keep has c take up sessions of an account with its server, called host, in
// which this side showed own, which may be nil. That skips no check: crypto/tls
// holds the certificate of the session against c's authorities, the name and
// the clock, and c.VerifyConnection, where pins are, runs each time.
func (s *sessions) keep(c *tls.Config, a config.Account, host string, own *tls.Certificate) {
	s.once.Do(func() { s.cache = tls.NewLRUClientSessionCache(0) })
	whose := sha256.New()
	fmt.Fprintf(whose, "%q %d %q %q", host, a.Port, a.CAFile, a.Pins)
	if own != nil {
		whose.Write(own.Certificate[0])
	}
	c.ClientSessionCache = ownSessions{s.cache, string(whose.Sum(nil))}
}

// ownSessions keeps apart the sessions of accounts that differ in whom they
// trust or in what they show: to the server, a session is whoever began it.
type ownSessions struct {
	tls.ClientSessionCache
	whose string
}

func (o ownSessions) Get(key string) (*tls.ClientSessionState, bool) {
	return o.ClientSessionCache.Get(o.whose + key)
}

func (o ownSessions) Put(key string, state *tls.ClientSessionState) {
	o.ClientSessionCache.Put(o.whose+key, state)
}
