package accounts

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/config"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// TestProxyForm: a proxy that is told who is there can have a password, which has
// a place of its own and is never in the account.
func TestProxyForm(t *testing.T) {
	t.Parallel()
	a := config.Account{
		Name: "work", Address: "a@b.example", Host: "h.example", Port: 465, TLS: config.TLSImplicit, Auth: config.AuthAuto, User: "a", Secret: config.SecretKeyring,
	}
	f := editForm(tuitest.Env(), stores(), a)
	if f.settle(); !f.rows[rowProxySecret].gone || !f.rows[rowProxyPassword].gone {
		t.Error("a password is asked for without a proxy")
	}
	f.set(rowProxy, "socks5://me@proxy.example:1080")
	f.settle()
	if f.rows[rowProxySecret].gone || !f.rows[rowProxyPassword].gone {
		t.Error("there is no choice of a place, or a password is asked for without one")
	}
	f.rows[rowProxySecret].at = 1
	f.settle()
	if got := f.save(); got != nil || !strings.Contains(f.trouble, "password of the proxy is missing") {
		t.Errorf("wants %+v, says %q", got, f.trouble)
	}
	f.set(rowProxyPassword, "by way of")
	got, ok := f.save().(kit.UpdateAccount)
	want := a
	want.Proxy, want.ProxySecret = "socks5://me@proxy.example:1080", config.SecretKeyring
	if diff := cmp.Diff(want, got.Account); !ok || diff != "" || got.Proxy.Reveal() != "by way of" || !got.Password.Empty() {
		t.Errorf("%s: %s", f.trouble, diff)
	}
	// As it is then, it stays; and with another place the program is asked for.
	f = editForm(tuitest.Env(), stores(), want)
	if got, ok := f.save().(kit.UpdateAccount); !ok || !cmp.Equal(got.Account, want) {
		t.Errorf("%s: %+v", f.trouble, got.Account)
	}
	f = editForm(tuitest.Env(), stores(), want)
	f.rows[rowProxySecret].at = 3
	f.settle()
	if got := f.save(); got != nil || f.at != rowProxyProgram {
		t.Errorf("wants %+v, says %q", got, f.trouble)
	}
	f.set(rowProxyProgram, "pass show 'the proxy'")
	got, ok = f.save().(kit.UpdateAccount)
	if a := got.Account; !ok || a.ProxySecret != config.SecretCommand || !cmp.Equal(a.ProxyCommand, []string{"pass", "show", "the proxy"}) {
		t.Errorf("%s: %+v", f.trouble, got.Account)
	}
	// Without a user there is no password.
	f.saving = false
	f.set(rowProxy, "http://proxy.example:8080")
	f.settle()
	if got, ok := f.save().(kit.UpdateAccount); !ok || got.Account.ProxySecret != "" || got.Account.ProxyCommand != nil {
		t.Errorf("%s: %+v", f.trouble, got.Account)
	}
}

// TestUnlockProxy: u asks for what the proxy waits for once the account's own
// password is at hand.
func TestUnlockProxy(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		own, proxy string
		sealed     bool
		want       kit.Intent
	}{
		"vault":   {config.SecretKeyring, config.SecretVault, true, kit.WantPassword{Account: "work/proxy", Vault: true}},
		"both":    {config.SecretVault, config.SecretVault, true, kit.WantPassword{Account: "work", Vault: true}},
		"ask":     {config.SecretKeyring, config.SecretAsk, false, kit.WantPassword{Account: "work/proxy"}},
		"command": {config.SecretKeyring, config.SecretCommand, false, kit.RunPasswordCommand{Account: "work/proxy"}},
		"none":    {config.SecretKeyring, "", false, nil},
	} {
		a := config.Account{Name: "work", Secret: test.own, Proxy: "socks5://me@p:1", ProxySecret: test.proxy}
		if diff := cmp.Diff(test.want, unlock(kit.AccountInfo{Account: a, Ready: true, Sealed: test.sealed})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
