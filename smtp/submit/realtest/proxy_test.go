package realtest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp/submit"
	"sendoff/smtp/submit/realtest"
)

// TestProxies goes through a SOCKS5 and an HTTP proxy that want a password: with
// the right one, with another, and with none.
func TestProxies(t *testing.T) {
	t.Parallel()
	server := realtest.StartSMTPSink(t)
	for kind, proxy := range map[string]struct {
		port     int
		password string
	}{
		"socks5": {realtest.StartSOCKS(t), realtest.Password},
		"http":   {realtest.StartHTTPProxy(t), realtest.Token},
	} {
		for _, given := range []string{proxy.password, "another", ""} {
			a := config.Account{
				Name: "work", Address: "ann@" + realtest.Domain, Host: "127.0.0.1", Port: server, TLS: config.TLSNone, Cleartext: true, Auth: config.AuthNone,
				Proxy: fmt.Sprintf("%s://%s@127.0.0.1:%d", kind, realtest.User, proxy.port), ProxySecret: config.SecretKeyring,
			}
			if given == "" {
				a.ProxySecret = ""
			}
			s := &submit.Sender{Password: func(context.Context, config.Account) (secret.Secret, error) { return secret.New(given), nil }}
			_, err := s.Test(t.Context(), a, nil)
			var refused *submit.ProxyError
			switch {
			case given == proxy.password:
				if err != nil {
					t.Errorf("%s: %v", kind, err)
				}
			case !errors.As(err, &refused) || !refused.Login:
				t.Errorf("%s with %q: %v", kind, given, err)
			case !strings.Contains(submit.Explain(err).String(), "proxy-secret"):
				t.Errorf("%s with %q is explained as %s", kind, given, submit.Explain(err))
			}
		}
	}
}
