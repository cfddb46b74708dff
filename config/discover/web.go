package discover

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// bodyLimit bounds what a web server may say, in octets.
const bodyLimit = 256 << 10

// Transport is how a Finder asks the web: over TLS with authorities that this
// machine trusts, and never at an address inside of a network of its own, which
// a domain of somebody else's must not lead to. The proxy that the environment
// names may be in there.
func Transport() http.RoundTripper {
	return &web{
		proxy:   http.ProxyFromEnvironment,
		lookup:  net.DefaultResolver.LookupNetIP,
		direct:  transport(nil, (&net.Dialer{Control: control}).DialContext),
		proxied: transport(http.ProxyFromEnvironment, nil),
	}
}

type web struct {
	proxy           func(*http.Request) (*url.URL, error)
	lookup          func(ctx context.Context, network, host string) ([]netip.Addr, error)
	direct, proxied http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (w *web) RoundTrip(r *http.Request) (*http.Response, error) {
	proxy, err := w.proxy(r)
	if err == nil && proxy == nil {
		return w.direct.RoundTrip(r)
	}
	if err == nil {
		err = w.allowed(r.Context(), r.URL.Hostname())
	}
	if err != nil {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, err
	}
	return w.proxied.RoundTrip(r)
}

// lookupLimit is how long to ask what a name that a proxy will be told leads to.
const lookupLimit = 2 * time.Second

// allowed tells whether a proxy may be asked for a host, as far as that can be
// told here: many names only the proxy knows.
func (w *web) allowed(ctx context.Context, host string) error {
	if ip, err := netip.ParseAddr(host); err == nil {
		return public(ip)
	}
	ctx, cancel := context.WithTimeout(ctx, lookupLimit)
	defer cancel()
	ips, _ := w.lookup(ctx, "ip", host)
	for _, ip := range ips {
		if err := public(ip); err != nil {
			return err
		}
	}
	return nil
}

func transport(proxy func(*http.Request) (*url.URL, error), dial func(ctx context.Context, network, address string) (net.Conn, error)) http.RoundTripper {
	return &http.Transport{Proxy: proxy, DialContext: dial, ForceAttemptHTTP2: true, DisableKeepAlives: true}
}

// control keeps a connection from being made into a private network.
func control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	return public(at.Addr())
}

func public(ip netip.Addr) error {
	if ip = ip.Unmap(); !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return errors.New("it leads into a private network")
	}
	return nil
}

// errAbsent tells that there is no such page.
var errAbsent = errors.New("nothing there")

// get reads a page of an HTTPS URL. Redirects may not leave HTTPS.
func (s *search) get(ctx context.Context, url string) ([]byte, error) {
	client := &http.Client{
		Transport: s.Web,
		CheckRedirect: func(r *http.Request, before []*http.Request) error {
			switch {
			case r.URL.Scheme != "https":
				return errors.New("it leads away from encryption")
			case len(before) > 3:
				return errors.New("it leads on and on")
			}
			return nil
		},
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", "sendoff")
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode == http.StatusNotFound, answer.StatusCode == http.StatusGone:
		return nil, errAbsent
	case answer.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("the web server says %d", answer.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, bodyLimit+1))
	if err == nil && len(body) > bodyLimit {
		err = errors.New("its answer is too long")
	}
	return body, err
}

// page tells what came of asking for a page.
func page(url string, servers []Server, err error) place {
	p := place{asked: url, servers: servers, err: err}
	var (
		dns *net.DNSError
		op  *net.OpError
	)
	proxy := errors.As(err, &op) && op.Op == "proxyconnect" // whose name it is then
	switch {
	case errors.Is(err, errAbsent), errors.As(err, &dns) && dns.IsNotFound && !proxy:
		p.err, p.text = nil, "nothing there"
	case err == nil && len(servers) == 0:
		p.text = "no server for sending in it"
	case err == nil:
		p.text = fmt.Sprintf("%s:%d", servers[0].Account.Host, servers[0].Account.Port)
	}
	return p
}

// pacc asks for the domain's own statement, which counts only if DNS has its
// hash.
func (s *search) pacc(ctx context.Context) place {
	url := "https://ua-auto-config." + s.domain + "/.well-known/user-agent-configuration.json"
	body, err := s.get(ctx, url)
	if err != nil {
		return page(url, nil, err)
	}
	records, err := s.Resolver.LookupTXT(ctx, "_ua-auto-config."+s.domain+".")
	if err != nil {
		return page(url, nil, fmt.Errorf("its hash is not in DNS: %w", withoutKind(err)))
	}
	if !slices.ContainsFunc(records, func(record string) bool { return confirms(record, body) }) {
		return page(url, nil, errors.New("its hash in DNS is another one"))
	}
	servers, err := parsePACC(body)
	return page(url, servers, err)
}

// withoutKind keeps an error that a name is missing from being taken for there
// being nothing at all.
func withoutKind(err error) error { return errors.New(err.Error()) }

// confirms tells that a TXT record "v=UAAC1; a=sha256; d=..." has the hash of
// body.
func confirms(record string, body []byte) bool {
	tags := map[string]string{}
	for tag := range strings.SplitSeq(record, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(tag), "=")
		tags[name] = strings.TrimSpace(value)
	}
	hash := sha256.Sum256(body)
	return tags["v"] == "UAAC1" && tags["a"] == "sha256" && tags["d"] == base64.StdEncoding.EncodeToString(hash[:])
}

// autoconfig asks the domain, without telling it the address: at two places at
// once, so that one that hangs takes no time from the other.
func (s *search) autoconfig(ctx context.Context) place {
	urls := []string{
		"https://autoconfig." + s.domain + "/mail/config-v1.1.xml",
		"https://" + s.domain + "/.well-known/autoconfig/mail/config-v1.1.xml",
	}
	places := make([]place, len(urls))
	var busy sync.WaitGroup
	for i, url := range urls {
		busy.Go(func() { places[i] = s.statement(ctx, url) })
	}
	busy.Wait()
	for _, p := range places {
		if len(p.servers) > 0 {
			return p
		}
	}
	if places[1].err == nil {
		return places[0]
	}
	return places[1]
}

// statement reads the page of a URL in the form of autoconfig.
func (s *search) statement(ctx context.Context, url string) place {
	body, err := s.get(ctx, url)
	var servers []Server
	if err == nil {
		servers, err = parseAutoconfig(body, s.address)
	}
	return page(url, servers, err)
}

// DirectoryHost is the third party that Find asks after a yes.
const DirectoryHost = "autoconfig.thunderbird.net"

func (s *search) directory(ctx context.Context) place {
	return s.statement(ctx, "https://"+DirectoryHost+"/v1.1/"+s.domain)
}
