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
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sendoff/config"
	"sendoff/config/provider"
)

// world is what a test's Finder can ask, and a record of what it did.
type world struct {
	mx    []*net.MX
	srv   map[string][]*net.SRV // by service
	txt   []string
	hosts []string
	pages map[string]string // by URL without https://
	dead  []string          // names that never answer; "" is in all of them

	mu    sync.Mutex
	asked []string
}

func (w *world) note(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, what)
}

// stall blocks until the question is given up, if what is asked never answers.
func (w *world) stall(ctx context.Context, what string) error {
	if !slices.ContainsFunc(w.dead, func(name string) bool { return strings.Contains(what, name) }) {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

var errNone = &net.DNSError{Err: "no such host", IsNotFound: true}

func (w *world) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	w.note("MX " + name)
	if err := w.stall(ctx, "MX "+name); err != nil {
		return nil, err
	}
	if w.mx == nil {
		return nil, errNone
	}
	return w.mx, nil
}

func (w *world) LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, error) {
	w.note("SRV _" + service + "._" + proto + "." + name)
	if err := w.stall(ctx, name); err != nil {
		return "", nil, err
	}
	if w.srv[service] == nil {
		return "", nil, errNone
	}
	return name, w.srv[service], nil
}

func (w *world) LookupTXT(ctx context.Context, name string) ([]string, error) {
	w.note("TXT " + name)
	if err := w.stall(ctx, name); err != nil {
		return nil, err
	}
	if w.txt == nil {
		return nil, errNone
	}
	return w.txt, nil
}

func (w *world) LookupHost(ctx context.Context, name string) ([]string, error) {
	w.note("A " + name)
	if err := w.stall(ctx, name); err != nil {
		return nil, err
	}
	if slices.Contains(w.hosts, name) {
		return []string{"192.0.2.1"}, nil
	}
	return nil, errNone
}

func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" {
		return nil, errors.New("asked without encryption")
	}
	url := r.URL.Host + r.URL.RequestURI()
	w.note(url)
	if err := w.stall(r.Context(), url); err != nil {
		return nil, err
	}
	answer := &http.Response{StatusCode: http.StatusNotFound, Header: http.Header{}, Body: http.NoBody, Request: r}
	page, ok := w.pages[url]
	if to, redirect := strings.CutPrefix(page, "-> "); redirect {
		answer.StatusCode, answer.Header = http.StatusFound, http.Header{"Location": {to}}
	} else if ok {
		answer.StatusCode, answer.Body = http.StatusOK, io.NopCloser(strings.NewReader(page))
	}
	return answer, nil
}

func finder(t *testing.T, w *world) Finder {
	t.Helper()
	table, err := provider.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return Finder{Builtin: table, Resolver: w, Web: w}
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "v=UAAC1; a=sha256; d=" + base64.StdEncoding.EncodeToString(sum[:])
}

// short says what was found in a line.
func short(f Found) string {
	var all []string
	for _, s := range f.Servers {
		a := s.Account
		line := fmt.Sprintf("%s %s:%d %s %s", s.Source, a.Host, a.Port, a.TLS, a.User)
		if s.Outside {
			line += " outside"
		}
		if s.Issuer != "" {
			line += " " + s.Issuer
		}
		if s.NoPassword {
			line += " no password"
		}
		all = append(all, line)
	}
	return strings.Join(all, "\n")
}

const (
	paccURL    = "ua-auto-config.example.org/.well-known/user-agent-configuration.json"
	paccText   = `{"protocols":{"smtp":{"host":"submit.example.org","more":1}},"authentication":{"oauth-public":{"issuer":"auth.example.org"},"password":false}}`
	configURL  = "autoconfig.example.org/mail/config-v1.1.xml"
	configURL2 = "example.org/.well-known/autoconfig/mail/config-v1.1.xml"
	directory  = DirectoryHost + "/v1.1/example.org"
	configText = `<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="x"><unknown/>
<incomingServer type="imap"><hostname>imap.example.org</hostname><port>993</port><socketType>SSL</socketType></incomingServer>
<outgoingServer type="smtp"><hostname>plain.example.org</hostname><port>587</port><socketType>plain</socketType></outgoingServer>
<outgoingServer type="smtp"><hostname>old.example.org</hostname><port>25</port><socketType>STARTTLS</socketType></outgoingServer>
<outgoingServer type="smtp"><hostname>%EMAILDOMAIN%.mail.example.org</hostname><port>465</port><socketType>SSL</socketType>
<username>%EMAILLOCALPART%</username><authentication>OAuth2</authentication><authentication>password-cleartext</authentication></outgoingServer>
<outgoingServer type="smtp"><hostname>smtp.example.org</hostname><port>587</port><socketType>STARTTLS</socketType>
<username>%EMAILADDRESS%</username><authentication>OAuth2</authentication></outgoingServer>
</emailProvider><oAuth2><issuer>accounts.example.org</issuer></oAuth2></clientConfig>`
	plainText = `<clientConfig version="1.1"><emailProvider id="x"><outgoingServer type="smtp"><hostname>mail.example.org</hostname>
<port>587</port><socketType>plain</socketType><authentication>password-cleartext</authentication></outgoingServer></emailProvider></clientConfig>`
)

func TestFind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		world   *world
		address string
		consent bool
		want    string
	}{
		{"preset", &world{}, "alice@gmail.com", false, "preset smtp.gmail.com:465 implicit alice@gmail.com\npreset smtp.gmail.com:587 starttls alice@gmail.com"},
		{"provider by MX", &world{mx: []*net.MX{{Host: "x.elsewhere.example.", Pref: 20}, {Host: "Aspmx.L.Google.com.", Pref: 10}}}, "a@example.org", false, "mx smtp.gmail.com:465 implicit a@example.org\nmx smtp.gmail.com:587 starttls a@example.org"},
		{"SRV", &world{srv: map[string][]*net.SRV{
			"submissions": {{Target: "mail.example.org.", Port: 465}},
			"submission":  {{Target: "mail.example.org.", Port: 587}},
		}}, "a@example.org", false, "srv mail.example.org:465 implicit a@example.org\nsrv mail.example.org:587 starttls a@example.org"},
		{"SRV to elsewhere", &world{srv: map[string][]*net.SRV{"submissions": {{Target: "notexample.org.", Port: 4650}}}}, "a@example.org", false, "srv notexample.org:4650 implicit a@example.org outside"},
		{"SRV that says no, and yes", &world{srv: map[string][]*net.SRV{
			"submissions": {{Target: ".", Port: 0}},
			"submission":  {{Target: "mail.example.org.", Port: 587}},
		}}, "a@example.org", false, "srv mail.example.org:587 starttls a@example.org"},
		{"SRV that says no", &world{srv: map[string][]*net.SRV{"submissions": {{Target: "."}}, "submission": {{Target: "."}}}}, "a@example.org", false, ""},
		{"PACC", &world{pages: map[string]string{paccURL: paccText}, txt: []string{"other", hash(paccText)}}, "a@example.org", false, "pacc submit.example.org:465 implicit a@example.org https://auth.example.org no password"},
		{"PACC with another hash", &world{pages: map[string]string{paccURL: paccText}, txt: []string{hash("else")}}, "a@example.org", false, ""},
		{"PACC without a hash", &world{pages: map[string]string{paccURL: paccText}}, "a@example.org", false, ""},
		{"autoconfig", &world{pages: map[string]string{configURL: configText}}, "a@example.org", false, "autoconfig example.org.mail.example.org:465 implicit a https://accounts.example.org\nautoconfig smtp.example.org:587 starttls a@example.org https://accounts.example.org no password"},
		{"autoconfig at the domain", &world{pages: map[string]string{configURL2: configText}}, "a@example.org", false, "autoconfig example.org.mail.example.org:465 implicit a https://accounts.example.org\nautoconfig smtp.example.org:587 starttls a@example.org https://accounts.example.org no password"},
		{"autoconfig redirected", &world{pages: map[string]string{configURL: "-> https://www.example.org/x", "www.example.org/x": configText}}, "a@example.org", false, "autoconfig example.org.mail.example.org:465 implicit a https://accounts.example.org\nautoconfig smtp.example.org:587 starttls a@example.org https://accounts.example.org no password"},
		{"autoconfig redirected in clear text", &world{pages: map[string]string{configURL: "-> http://www.example.org/x"}}, "a@example.org", false, ""},
		{"autoconfig of another form", &world{pages: map[string]string{configURL: "<html>", configURL2: "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><clientConfig>&a;</clientConfig>"}}, "a@example.org", false, ""},
		{"autoconfig of plain sockets only", &world{pages: map[string]string{configURL: plainText}}, "a@example.org", false, ""},
		{"autoconfig too long", &world{pages: map[string]string{configURL: configText + strings.Repeat(" ", bodyLimit)}}, "a@example.org", false, ""},
		{"directory, not asked", &world{pages: map[string]string{directory: configText}}, "a@example.org", false, ""},
		{"directory, after a yes", &world{pages: map[string]string{directory: configText}}, "a@example.org", true, "directory example.org.mail.example.org:465 implicit a https://accounts.example.org\ndirectory smtp.example.org:587 starttls a@example.org https://accounts.example.org no password"},
		{"guess", &world{hosts: []string{"mail.example.org."}}, "a@example.org", false, "guess mail.example.org:465 implicit a@example.org\nguess mail.example.org:587 starttls a@example.org"},
		{"several, by trust", &world{
			srv:   map[string][]*net.SRV{"submissions": {{Target: "submit.example.org.", Port: 465}}},
			pages: map[string]string{paccURL: paccText, configURL: configText}, txt: []string{hash(paccText)},
		}, "a@example.org", true, "srv submit.example.org:465 implicit a@example.org\nautoconfig example.org.mail.example.org:465 implicit a https://accounts.example.org\nautoconfig smtp.example.org:587 starttls a@example.org https://accounts.example.org no password"},
		{"names beyond ASCII", &world{srv: map[string][]*net.SRV{"submissions": {{Target: "mail.xn--bcher-kva.example.", Port: 465}}}}, "a@Bücher.example", false, "srv mail.xn--bcher-kva.example:465 implicit a@Bücher.example"},
		{"odd names", &world{srv: map[string][]*net.SRV{"submissions": {{Target: "a\x1b[2Jb.", Port: 465}, {Target: "-> x", Port: 1}}}}, "a@example.org", false, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := test.world
			var told []Step
			found, err := finder(t, w).Find(t.Context(), test.address, test.consent, func(s Step) { told = append(told, s) })
			if err != nil {
				t.Fatal(err)
			}
			if got := short(found); got != test.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, test.want)
			}
			if len(told) != len(found.Steps) {
				t.Errorf("told of %d steps of %d", len(told), len(found.Steps))
			}
			for _, s := range found.Steps {
				if s.Asked == "" || s.Text == "" && s.Err == nil || strings.ContainsRune(s.Text, '\x1b') {
					t.Errorf("step %+v", s)
				}
			}
			w.quiet(t, test.consent)
		})
	}
}

// quiet asserts that nobody learned more than they may.
func (w *world) quiet(t *testing.T, consent bool) {
	t.Helper()
	for _, what := range w.asked {
		if !consent && strings.Contains(what, DirectoryHost) {
			t.Errorf("a third party was asked without consent: %s", what)
		}
		if strings.Contains(what, "alice") || strings.Contains(what, "a@") || strings.Contains(what, "a%40") {
			t.Errorf("somebody learned the address: %s", what)
		}
	}
}

// TestKnownAskNobody: an address of a provider in the table needs no network.
func TestKnownAskNobody(t *testing.T) {
	t.Parallel()
	w := &world{}
	found, err := finder(t, w).Find(t.Context(), "alice@tuta.com", true, nil)
	if err != nil || found.WithoutSMTP == "" || len(found.Servers) > 0 {
		t.Errorf("%+v, %v", found, err)
	}
	if _, err := finder(t, w).Find(t.Context(), "alice@fastmail.com", true, nil); err != nil {
		t.Error(err)
	}
	if len(w.asked) > 0 {
		t.Errorf("asked %v", w.asked)
	}
	own := finder(t, w)
	own.Own = provider.Table{{ID: "mine", Name: "Mine", Domains: []string{"gmail.com"}, Servers: []provider.Server{{Host: "mx.mine.example", Port: 465, TLS: config.TLSImplicit}}}}
	found, err = own.Find(t.Context(), "alice@gmail.com", false, nil)
	if err != nil || found.Servers[0].Source != Own || found.Servers[0].Account.Host != "mx.mine.example" {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestNotAnAddress(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "alice", "@example.org", "alice@", "alice@localhost", "alice@[192.0.2.1]", "alice@192.0.2.1", "a@-x.example/"} {
		if _, err := finder(t, &world{}).Find(t.Context(), address, false, nil); err == nil {
			t.Errorf("%q passed", address)
		}
	}
}

// TestBounded: who does not answer keeps nobody waiting for long, nor those who
// do from being heard.
func TestBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{dead: []string{"MX"}, srv: map[string][]*net.SRV{"submissions": {{Target: "mail.example.org.", Port: 465}}}}
		found, err := finder(t, w).Find(t.Context(), "a@example.org", false, nil)
		if err != nil || len(found.Servers) != 1 || !errors.Is(found.Steps[1].Err, context.DeadlineExceeded) {
			t.Errorf("%+v, %v", found, err)
		}
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if _, err := finder(t, w).Find(ctx, "a@example.org", false, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("stopped: %v", err)
		}
	})
}

// TestAllHang: with nobody who answers, what was asked of whom is told within the
// time of three places, one after the other: all at once, the directory, guesses.
func TestAllHang(t *testing.T) {
	t.Parallel()
	for _, consent := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			w := &world{dead: []string{""}}
			found, err := finder(t, w).Find(t.Context(), "a@example.org", consent, nil)
			if took := time.Since(begin); err != nil || len(found.Servers) > 0 || took > 3*limit {
				t.Errorf("%+v, %v, after %v", found, err, took)
			}
			for _, s := range found.Steps[1:] {
				if !errors.Is(s.Err, context.DeadlineExceeded) || s.Asked == "" {
					t.Errorf("%+v", s)
				}
			}
			w.quiet(t, consent)
		})
	}
}

// TestOneHangs: of the two places of a domain's own statement one that never
// answers does not keep the other from being heard.
func TestOneHangs(t *testing.T) {
	t.Parallel()
	for dead, lives := range map[string]string{
		"autoconfig.example.org/": "example.org/.well-known/autoconfig/mail/config-v1.1.xml",
		"example.org/.well-known": configURL,
	} {
		synctest.Test(t, func(t *testing.T) {
			w := &world{dead: []string{dead}, pages: map[string]string{lives: configText}}
			found, err := finder(t, w).Find(t.Context(), "a@example.org", false, nil)
			if err != nil || len(found.Servers) == 0 || found.Servers[0].Source != Autoconfig {
				t.Errorf("%s: %+v, %v", dead, found, err)
			}
		})
	}
}

// TestTransport does not follow a domain into the network this machine is in.
func TestTransport(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.1.1", "[::1]", "[fd00::1]", "0.0.0.0"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+host+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		if answer, err := Transport().RoundTrip(r); err == nil || !strings.Contains(err.Error(), "private network") {
			t.Errorf("%s: %v, %v", host, answer, err)
		}
	}
}

// TestNoSuchProxy: that a proxy's name is unknown says nothing of a page.
func TestNoSuchProxy(t *testing.T) {
	t.Parallel()
	if p := page("https://example.org/", nil, &url.Error{Op: "Get", Err: errNone}); p.err != nil || p.text != "nothing there" {
		t.Errorf("a host that there is not: %q, %v", p.text, p.err)
	}
	if p := page("https://example.org/", nil, &url.Error{Op: "Get", Err: &net.OpError{Op: "proxyconnect", Err: errNone}}); p.err == nil {
		t.Errorf("a proxy that there is not: %q", p.text)
	}
}

// TestTransportProxy: a proxy of the person's own may be in the network this machine
// is in, but is not asked to go there.
func TestTransportProxy(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 10)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.Host
		http.Error(w, "closed", http.StatusForbidden)
	}))
	defer proxy.Close()
	at, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	w := Transport().(*web)
	w.proxy = http.ProxyURL(at)
	w.proxied.(*http.Transport).Proxy = w.proxy
	w.lookup = func(_ context.Context, _, host string) ([]netip.Addr, error) {
		switch host {
		case "intranet.example.org":
			return []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("10.1.2.3")}, nil
		case "example.org":
			return []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil
		}
		return nil, errors.New("no such host")
	}
	for host, allowed := range map[string]bool{
		"example.org": true, "known-to-the-proxy.example.org": true, "192.0.2.1": true,
		"intranet.example.org": false, "10.1.2.3": false, "127.0.0.1": false, "[::ffff:10.1.2.3]": false, "[fd00::1]": false,
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+host+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.RoundTrip(r)
		if err == nil {
			t.Fatal(host, "answered")
		}
		if private := strings.Contains(err.Error(), "private network"); private == allowed {
			t.Errorf("%s: %v", host, err)
		}
		select {
		case got := <-asked:
			if !allowed || got != "CONNECT "+host+":443" {
				t.Errorf("%s: the proxy is asked for %s", host, got)
			}
		default:
			if allowed {
				t.Errorf("%s: the proxy is not asked", host)
			}
		}
	}
}

func sound(t *testing.T, w *world) {
	t.Helper()
	found, err := finder(t, w).Find(t.Context(), "a@example.org", false, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range found.Servers {
		s.Account.Name = "x"
		if err := s.Account.Check(); err != nil || s.Account.TLS == config.TLSNone || s.Account.Port == 25 && s.Source == Autoconfig {
			t.Errorf("%+v: %v", s.Account, err)
		}
	}
	w.quiet(t, false)
}

func FuzzAutoconfig(f *testing.F) {
	f.Add(configText)
	f.Add(`<clientConfig><emailProvider><outgoingServer type="smtp"><port>99999</port></outgoingServer></emailProvider></clientConfig>`)
	f.Fuzz(func(t *testing.T, text string) { sound(t, &world{pages: map[string]string{configURL: text}}) })
}

func FuzzPACC(f *testing.F) {
	f.Add(paccText)
	f.Add(`{"protocols":{"smtp":{"host":"x","port":-1}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		sound(t, &world{pages: map[string]string{paccURL: text}, txt: []string{hash(text)}})
	})
}

func FuzzSRV(f *testing.F) {
	f.Add("mail.example.org.", uint16(465), ".", uint16(0))
	f.Add("x\r\nQUIT", uint16(25), "", uint16(1))
	f.Fuzz(func(t *testing.T, first string, port uint16, second string, other uint16) {
		sound(t, &world{srv: map[string][]*net.SRV{"submissions": {{Target: first, Port: port}, {Target: second, Port: other}}}})
	})
}
