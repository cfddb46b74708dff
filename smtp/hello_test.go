package smtp

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCapabilities(t *testing.T) {
	t.Parallel()
	got := parseCapabilities([]string{
		"mx.example.org at your service", "starttls", "Pipelining", "CHUNKING", "8BITMIME", "SMTPUTF8",
		"ENHANCEDSTATUSCODES", "DSN", "size 35882577", "AUTH PLAIN login", "AUTH=PLAIN LOGIN XOAUTH2", "X-OTHER a b", "",
	})
	want := Capabilities{
		Greeting: "mx.example.org",
		Extensions: []string{
			"starttls", "Pipelining", "CHUNKING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "DSN",
			"size 35882577", "AUTH PLAIN login", "AUTH=PLAIN LOGIN XOAUTH2", "X-OTHER a b", "",
		},
		StartTLS: true, Pipelining: true, Chunking: true, EightBit: true, UTF8: true, Enhanced: true, DSN: true,
		DeclareSize: true, Size: 35882577, Auth: []string{"PLAIN", "LOGIN", "XOAUTH2"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for line, size := range map[string]int64{
		"SIZE": 0, "SIZE 0": 0, "SIZE -1": 0, "SIZE x": 0, "SIZE 10 20": 10, "SIZE 99999999999999999999": 0,
	} {
		c := parseCapabilities([]string{"mx", line})
		if !c.DeclareSize || c.Size != size {
			t.Errorf("%q: got %v, %d", line, c.DeclareSize, c.Size)
		}
	}
	for line, want := range map[string][3]int{
		"LIMITS RCPTMAX=20 MAILMAX=5": {5, 20, 0}, "limits mailmax=5 rcptmax=7 x=1": {5, 7, 0}, "LIMITS": {},
		"LIMITS MAILMAX=5 RCPTDOMAINMAX=1 RCPTMAX=9": {5, 9, 1},
		// What is malformed takes the rest with it.
		"LIMITS RCPTMAX=20 MAILMAX": {}, "LIMITS RCPTMAX=0 MAILMAX=3": {}, "LIMITS MAILMAX=3 RCPTMAX=-1": {},
		"LIMITS RCPTMAX=9999999": {}, "LIMITS MAILMAX=3 =4": {},
	} {
		c := parseCapabilities([]string{"mx", line})
		if got := [3]int{c.MaxMails, c.MaxRecipients, c.MaxDomains}; got != want {
			t.Errorf("%q: got %d", line, got)
		}
	}
	extras := parseCapabilities([]string{"mx", "REQUIRETLS", "MT-PRIORITY MIXER", "DELIVERBY 240", "FUTURERELEASE 86400 2027-01-01T00:00:00Z"})
	if !extras.RequireTLS || !extras.Priority || !extras.DeliverBy || extras.MinBy != 4*time.Minute || extras.MaxHold != 24*time.Hour ||
		!extras.LastHold.Equal(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("got %+v", extras)
	}
	// What merely looks like a keyword is none.
	c := parseCapabilities([]string{"mx STARTTLS", "XSTARTTLS", "STARTTLSX", "X PIPELINING"})
	if c.StartTLS || c.Pipelining {
		t.Errorf("got %+v", c)
	}
}

func FuzzCapabilities(f *testing.F) {
	f.Add("mx\nAUTH PLAIN LOGIN\nSIZE 10\nSTARTTLS")
	f.Add("mx \x1b[2J\nAUTH=\nSIZE\n\x9b")
	f.Fuzz(func(t *testing.T, in string) {
		c := parseCapabilities(strings.Split(in, "\n"))
		if c.Size < 0 {
			t.Errorf("size %d", c.Size)
		}
		checkClean(t, c.Greeting)
		for _, s := range append(c.Extensions, c.Auth...) {
			checkClean(t, s)
		}
	})
}

func TestAddressLiteral(t *testing.T) {
	t.Parallel()
	for addr, want := range map[net.Addr]string{
		&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}:                  "[127.0.0.1]",
		&net.TCPAddr{IP: net.ParseIP("::ffff:192.0.2.7"), Port: 1}:         "[192.0.2.7]",
		&net.TCPAddr{IP: net.IPv6loopback, Port: 1}:                        "[IPv6:::1]",
		&net.TCPAddr{IP: net.ParseIP("fe80::1"), Zone: "eth0", Port: 1}:    "[IPv6:fe80::1]",
		&net.UnixAddr{Name: "/run/x"}:                                      "[127.0.0.1]",
		&net.TCPAddr{}:                                                     "[127.0.0.1]",
		&net.TCPAddr{IP: net.ParseIP("2001:db8:0:0:1:0:0:1"), Port: 65535}: "[IPv6:2001:db8::1:0:0:1]",
	} {
		if got := addressLiteral(addr); got != want {
			t.Errorf("%v: got %s, want %s", addr, got, want)
		}
	}
}

func TestHello(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script string
		edit   func(*Options)
		want   kind
	}{
		"a name of one's own": {`
		S: 220 mx
		C: EHLO host.example
		S: 250 mx
		C: QUIT
`, func(o *Options) { o.LocalName = "host.example" }, kind{}},
		"the name is refused": {`
		S: 220 mx
		C: EHLO host.example
		S: 501 5.5.2 who?
		C: EHLO [127.0.0.1]
		S: 250 mx
		C: QUIT
`, func(o *Options) { o.LocalName = "host.example" }, kind{}},
		"the name is refused, and the address a secret": {`
		S: 220 mx
		C: EHLO host.example
		S: 550 who?
		C: EHLO [127.0.0.1]
		S: 250 mx
		C: QUIT
`, func(o *Options) {
			o.LocalName, o.Hidden = "host.example", true
			o.Dial = (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 7)}}).DialContext
		}, kind{}},
		"a name with a line end": {`
		S: 220 mx
`, func(o *Options) { o.LocalName = "x\r\nRSET" }, kind{StageHello, ClassLocal, ScopeLocal, RetryNo}},
		"HELO": {`
		S: 220 mx
		C: EHLO [127.0.0.1]
		S: 502 what?
		C: HELO [127.0.0.1]
		S: 250 mx
		C: QUIT
`, nil, kind{}},
		"no HELO with a login": {`
		S: 220 mx
		C: EHLO [127.0.0.1]
		S: 502 what?
`, func(o *Options) { o.Login = bob }, kind{StageHello, ClassUnable, ScopeAccount, RetryNo}},
		"no HELO after 421": {`
		S: 220 mx
		C: EHLO [127.0.0.1]
		S: 421 busy
`, nil, kind{StageHello, ClassTemporary, ScopeServer, RetrySafe}},
		"greeted with 554": {`
		S: 554 not you
`, nil, kind{StageGreeting, ClassPermanent, ScopeServer, RetrySafe}},
		"greeted with 421": {`
		S: 421 busy
`, nil, kind{StageGreeting, ClassTemporary, ScopeServer, RetrySafe}},
		"not SMTP": {`
		S: HTTP/1.1 400 Bad Request
`, nil, kind{StageGreeting, ClassProtocol, ScopeServer, RetrySafe}},
		"nothing at all": {`
		close
`, nil, kind{StageGreeting, ClassNetwork, ScopeServer, RetrySafe}},
		"half a line": {`
		S< "220 m"
		close
`, nil, kind{StageGreeting, ClassNetwork, ScopeServer, RetrySafe}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := serve(t, test.script)
			if test.edit != nil {
				test.edit(&opts)
			}
			s, err := Open(t.Context(), opts)
			if test.want != (kind{}) {
				if got := kindOf(failure(t, err)); got != test.want {
					t.Errorf("got %+v, want %+v", got, test.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
