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
	for line, want := range map[string]int{
		"LIMITS RCPTMAX=20 MAILMAX=5": 20, "limits mailmax=5 rcptmax=7": 7, "LIMITS": 0, "LIMITS MAILMAX=5": 0,
		"LIMITS RCPTMAX=20 MAILMAX": 0, "LIMITS RCPTMAX=0": 0, "LIMITS RCPTMAX=-1": 0, "LIMITS RCPTMAX=9999999": 0,
	} {
		if c := parseCapabilities([]string{"mx", line}); c.MaxRecipients != want {
			t.Errorf("%q: got %d", line, c.MaxRecipients)
		}
	}
	extras := parseCapabilities([]string{"mx", "REQUIRETLS", "MT-PRIORITY MIXER", "DELIVERBY 240", "FUTURERELEASE 86400 2027-01-01T00:00:00Z"})
	if !extras.RequireTLS || !extras.Priority || !extras.DeliverBy || extras.MinBy != 4*time.Minute || extras.MaxHold != 24*time.Hour {
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
