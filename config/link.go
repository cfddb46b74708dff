package config

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxWindow bounds Account.Window: each mail of it may be left uncertain by a
// broken link.
const maxWindow = 100

// The kinds of proxies: the schemes of Account.Proxy.
const (
	ProxySOCKS5 = "socks5" // RFC 1928; the proxy resolves names
	ProxyHTTP   = "http"   // CONNECT, RFC 9110 section 9.3.6
)

// checkLink looks at how the connection is made.
func checkLink(a Account) *fault {
	if a.Window < 0 || a.Window > maxWindow {
		return &fault{"window", "window must be a whole number from 0 to " + strconv.Itoa(maxWindow), ""}
	}
	if a.EHLOName != "" && !ehloName(a.EHLOName) {
		return &fault{
			"ehlo-name", quote(a.EHLOName) + " is no name for EHLO",
			`write a name such as "laptop.example.org", or an address as "[192.0.2.7]"`,
		}
	}
	if _, err := netip.ParseAddr(a.Bind); err != nil && a.Bind != "" {
		return &fault{
			"bind", quote(a.Bind) + " is not the address of an interface",
			`write an address of this machine, such as "192.0.2.7"`,
		}
	}
	if f := checkProxy(a); f != nil {
		return f
	}
	if f := checkProxySecret(a); f != nil {
		return f
	}
	return checkClientCert(a)
}

// ehloName tells whether a name is a domain or an address literal (RFC 5321
// section 4.1.3), in ASCII as all of EHLO.
func ehloName(name string) bool {
	if inner, ok := strings.CutPrefix(name, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		six, isSix := strings.CutPrefix(inner, "IPv6:")
		addr, err := netip.ParseAddr(six)
		return ok && err == nil && addr.Zone() == "" && addr.Is4() != isSix
	}
	odd := strings.ContainsFunc(name, func(r rune) bool {
		return r >= utf8.RuneSelf || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-._", r)
	})
	return !odd && len(name) <= 255
}

// checkProxy never repeats a URL that may hold a password.
func checkProxy(a Account) *fault {
	if a.Proxy == "" {
		return nil
	}
	const hint = `write "socks5://host:port" or "http://host:port"`
	u, err := url.Parse(a.Proxy)
	if err != nil {
		return &fault{"proxy", "proxy is not a URL", hint}
	}
	if _, given := u.User.Password(); given {
		return &fault{"proxy", "a password does not belong in this file", `leave it out of proxy, and say where it is with proxy-secret = "keyring", "vault", "command", "env" or "ask"`}
	}
	if u.Scheme != ProxySOCKS5 && u.Scheme != ProxyHTTP {
		return &fault{"proxy", "a proxy can't be spoken to by " + quote(u.Scheme), hint}
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if u.Hostname() == "" || err != nil || port == 0 || !hostName(u.Hostname()) {
		return &fault{"proxy", "proxy does not name a host and a port", hint}
	}
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "" {
		return &fault{"proxy", "proxy says more than a host and a port", hint}
	}
	user := u.User.Username()
	if len(user) > 255 || strings.ContainsRune(user, ':') || strings.ContainsFunc(user, unicode.IsControl) || !utf8.ValidString(user) {
		return &fault{"proxy", "the user in proxy must be one line of plain text without a colon", ""}
	}
	return nil
}

// proxySuffix makes of the name of an account that of its proxy, for a password;
// no account can be called so.
const proxySuffix = "/proxy"

// ProxyLogin is what to get the password of the proxy's user with: an account by
// the name of a and "/proxy", whose Secret is where it is. ok tells that there is
// one.
func (a Account) ProxyLogin() (login Account, ok bool) {
	return Account{Name: a.Name + proxySuffix, Auth: AuthAuto, Secret: a.ProxySecret, PasswordCommand: a.ProxyCommand}, a.ProxySecret != ""
}

// PasswordOf takes the name that a password goes by apart: into the account's,
// and whether it is that of its proxy.
func PasswordOf(name string) (account string, proxy bool) {
	return strings.CutSuffix(name, proxySuffix)
}

// PasswordOwner says whose a password is that goes by name.
func PasswordOwner(name string) string {
	account, proxy := PasswordOf(name)
	if proxy {
		return "the proxy of " + account
	}
	return account
}

// checkProxySecret looks at where the password for the proxy is.
func checkProxySecret(a Account) *fault {
	u, err := url.Parse(a.Proxy)
	places := []string{SecretKeyring, SecretVault, SecretCommand, SecretEnv, SecretAsk}
	odd := func(s string) bool { return strings.ContainsRune(s, 0) || !utf8.ValidString(s) }
	switch {
	case a.ProxySecret != SecretCommand && len(a.ProxyCommand) > 0:
		return &fault{"proxy-command", "proxy-command needs another proxy-secret", `write proxy-secret = "command"`}
	case a.ProxySecret == "":
		return nil
	case !slices.Contains(places, a.ProxySecret):
		return &fault{"proxy-secret", "proxy-secret can't be " + quote(a.ProxySecret), suggest(a.ProxySecret, places)}
	case err != nil || a.Proxy == "" || u.User.Username() == "":
		return &fault{"proxy-secret", "proxy-secret needs a proxy with a user", `write it as in proxy = "socks5://user@host:port"`}
	case a.ProxySecret == SecretCommand && len(a.ProxyCommand) == 0:
		return &fault{"proxy-secret", `proxy-secret = "command" needs a command`, `add proxy-command = ["program", "argument"]`}
	case slices.ContainsFunc(a.ProxyCommand, odd) || len(a.ProxyCommand) > 0 && a.ProxyCommand[0] == "":
		return &fault{"proxy-command", "proxy-command must be a program and its arguments, each a text", ""}
	}
	return nil
}

func checkClientCert(a Account) *fault {
	switch {
	case a.ClientCert == "" && a.ClientKey == "":
		return nil
	case a.ClientCert == "":
		return &fault{"client-key", "client-key needs a certificate", `add client-cert = "..."`}
	case a.TLS == TLSNone:
		return &fault{"client-cert", `client-cert has no meaning with tls = "none"`, "delete one of the two"}
	}
	return nil
}

// hostName tells whether a text can name a machine, by name or by address.
func hostName(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	odd := strings.ContainsFunc(host, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '-' && r != '.' && r != '_'
	})
	return !odd && len(host) <= 255
}

func checkHost(a Account) *fault {
	switch {
	case a.Host == "":
		return &fault{"host", "the account has no server", `add host = "smtp.example.org"`}
	case hostName(a.Host):
		return nil
	}
	hint := "write the server's name alone, as in smtp.example.org"
	if _, port, err := net.SplitHostPort(a.Host); err == nil && port != "" {
		hint = "write the port on a line of its own: port = " + port
	}
	return &fault{"host", quote(a.Host) + " is not the name of a server", hint}
}
