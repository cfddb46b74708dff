package submit

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"sendoff/config"
	"sendoff/config/secret"
)

// dialer opens connections, as net.Dialer.DialContext does.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// link returns how connections for a are made: from which address, through
// which proxy, and with which password there. An error in a was found by its
// Check.
func (s *Sender) link(ctx context.Context, a config.Account) (dialer, error) {
	direct := dialer(s.Dial)
	if direct == nil {
		d := new(net.Dialer)
		if a.Bind != "" {
			addr, err := netip.ParseAddr(a.Bind)
			if err != nil {
				return nil, err
			}
			d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(addr, 0))
		}
		direct = d.DialContext
	}
	switch {
	case a.Proxy != "":
		var password secret.Secret
		if login, ok := a.ProxyLogin(); ok {
			var err error
			if password, err = s.Password(ctx, login); err != nil {
				return nil, err
			}
		}
		return through(a.Proxy, password, direct)
	case a.TLS == config.TLSNone && !a.Cleartext:
		return loopbackOnly(direct), nil
	}
	return direct, nil
}

var errNotLoopback = errors.New("the name of this machine leads to another one, and the account allows no mail there without TLS")

// loopbackOnly keeps a name that should mean this machine, such as
// "localhost", from leading elsewhere.
func loopbackOnly(dial dialer) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		if to, ok := conn.RemoteAddr().(*net.TCPAddr); !ok || !to.IP.IsLoopback() {
			return nil, errors.Join(fmt.Errorf("%w: %v", errNotLoopback, conn.RemoteAddr()), conn.Close())
		}
		return conn, nil
	}
}
