package smtp

import (
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sendoff/smtp/sandbox"
	"sendoff/smtp/sasl"
)

// watched is a sandbox whose ended sessions are remembered.
type watched struct {
	*sandbox.Server
	mu       sync.Mutex
	sessions []sandbox.Session
}

// watch starts a sandbox for one test.
func watch(t *testing.T, opts sandbox.Options) *watched {
	t.Helper()
	w := &watched{}
	opts.Ended = func(s sandbox.Session) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.sessions = append(w.sessions, s)
	}
	server, err := sandbox.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	w.Server = server
	t.Cleanup(func() { _ = server.Close() })
	return w
}

// end stops the server and returns the sessions it had.
func (w *watched) end() []sandbox.Session {
	_ = w.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sessions
}

// reach returns options to reach the sandbox.
func (w *watched) reach(security Security) Options {
	address := w.Addr()
	if security == Implicit {
		address = w.TLSAddr()
	}
	_, text, _ := net.SplitHostPort(address)
	port, _ := strconv.Atoi(text)
	return Options{Host: "127.0.0.1", Port: port, Security: security, TLS: &tls.Config{RootCAs: w.Roots()}}
}

var allMechanisms = []string{
	"SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5",
	"OAUTHBEARER", "XOAUTH2", "EXTERNAL",
}

// TestMechanisms logs in by every mechanism, with the right secret and with a
// wrong one, and keeps what is shown free of both.
func TestMechanisms(t *testing.T) {
	t.Parallel()
	for _, mechanism := range allMechanisms {
		for _, security := range []Security{Implicit, StartTLS} {
			t.Run(mechanism+" "+string(security), func(t *testing.T) {
				t.Parallel()
				server := watch(t, sandbox.Options{User: "b=o,b", Password: "sesame17", Token: "token-23"})
				opts := server.reach(security)
				certificate, err := server.ClientCertificate("b=o,b")
				if err != nil {
					t.Fatal(err)
				}
				opts.TLS.Certificates = []tls.Certificate{certificate}
				var shown strings.Builder
				opts.Trace = func(e Event) { fmt.Fprintln(&shown, e.Text, e.Reply, e.Err, e.Mechanism) }

				opts.Login = &sasl.Login{Mechanism: mechanism, User: "b=o,b", Password: "sesame17", Token: "token-23"}
				if r := sendOne(t, opts, letter("1", "x\r\n", "a@x.example")); r.Err != nil {
					t.Error(r.Err)
				}
				if mechanism != "EXTERNAL" {
					opts.Login = &sasl.Login{Mechanism: mechanism, User: "b=o,b", Password: "sesame18", Token: "token-24"}
					_, err := Open(t.Context(), opts)
					want := kind{StageAuth, ClassAuth, ScopeAccount, RetryNo}
					if got := kindOf(failure(t, err)); got != want {
						t.Errorf("got %+v, want %+v (%v)", got, want, err)
					}
				}
				for _, secret := range []string{"sesame", "c2VzYW1l", "token-2", "dG9rZW4t"} {
					if strings.Contains(shown.String(), secret) {
						t.Errorf("%s is shown: %s", secret, shown.String())
					}
				}
				for _, s := range server.end() {
					if len(s.Violations) > 0 || s.TLS && s.Mails > 0 && s.User != "b=o,b" {
						t.Errorf("%q as %q: %q", s.Violations, s.User, s.Lines)
					}
				}
			})
		}
	}
}

// TestAutoMechanism lets the client choose.
func TestAutoMechanism(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		offered  []string
		security Security
		login    sasl.Login
		want     string
	}{
		"all":            {nil, Implicit, sasl.Login{Password: "sesame17"}, "SCRAM-SHA-256-PLUS"},
		"no SCRAM":       {[]string{"CRAM-MD5", "LOGIN", "PLAIN"}, Implicit, sasl.Login{Password: "sesame17"}, "PLAIN"},
		"a token":        {nil, Implicit, sasl.Login{Token: "token-23"}, "OAUTHBEARER"},
		"old token":      {[]string{"PLAIN", "XOAUTH2"}, Implicit, sasl.Login{Token: "token-23"}, "XOAUTH2"},
		"a certificate":  {nil, Implicit, sasl.Login{Mechanism: "external"}, "EXTERNAL"},
		"clear":          {[]string{"PLAIN", "LOGIN", "CRAM-MD5"}, NoTLS, sasl.Login{Password: "sesame17"}, "CRAM-MD5"},
		"clear, SCRAM":   {nil, NoTLS, sasl.Login{Password: "sesame17"}, "SCRAM-SHA-256"},
		"clear, allowed": {[]string{"PLAIN", "LOGIN"}, NoTLS, sasl.Login{Password: "sesame17"}, "PLAIN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := watch(t, sandbox.Options{
				User: "bob", Password: "sesame17", Token: "token-23", Mechanisms: test.offered, ClearAuth: true,
			})
			opts := server.reach(test.security)
			certificate, err := server.ClientCertificate("bob")
			if err != nil {
				t.Fatal(err)
			}
			opts.TLS.Certificates = []tls.Certificate{certificate}
			test.login.User = "bob"
			opts.Login = &test.login
			var got []string
			opts.Trace = func(e Event) {
				if e.Kind == KindBegin && e.Stage == StageAuth {
					got = append(got, e.Mechanism)
				}
			}
			if err := send(t.Context(), opts, &mails{}); err != nil {
				t.Error(err)
			}
			if !slices.Equal(got, []string{test.want}) {
				t.Errorf("got %q, want %s", got, test.want)
			}
		})
	}
}

// TestRoundTrips has the server count what the client waited for.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		without    []string
		recipients int
		mails      int
		window     int
		most       int
	}{
		"one mail by BDAT":           {nil, 1, 1, 0, 4},
		"one mail by DATA":           {[]string{"CHUNKING"}, 1, 1, 0, 5},
		"100 recipients by BDAT":     {nil, 100, 1, 0, 4},
		"100 recipients by DATA":     {[]string{"CHUNKING"}, 100, 1, 0, 5},
		"100 mails by BDAT":          {nil, 1, 100, 0, 15},
		"100 mails one by one, BDAT": {nil, 1, 100, 1, 105},
		"100 mails one by one, DATA": {[]string{"CHUNKING"}, 1, 100, 1, 105},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := watch(t, sandbox.Options{User: "bob", Password: "sesame17", Without: test.without})
			opts := server.reach(Implicit)
			opts.Window = test.window
			opts.Login = &sasl.Login{Mechanism: "plain", User: "bob", Password: "sesame17"}
			src := &mails{}
			for i := range test.mails {
				mail := letter(fmt.Sprint(i), "x\r\n")
				for r := range test.recipients {
					mail.To = append(mail.To, fmt.Sprintf("r%d@x.example", r))
				}
				src.next = append(src.next, mail)
			}
			if err := send(t.Context(), opts, src); err != nil {
				t.Fatal(err)
			}
			waits := 0
			for _, r := range src.done {
				waits += r.Waits
			}
			got := len(server.Mails())
			session := server.end()[0]
			if got != test.mails || len(session.Violations) > 0 {
				t.Errorf("%d mails, %q", got, session.Violations)
			}
			// The server can't see a wait when the next flight overtakes it.
			if waits > test.most || session.Waits > waits {
				t.Errorf("%d waits, the server counts %d, at most %d are good", waits, session.Waits, test.most)
			}
		})
	}
}

// TestTorture sends odd contents by DATA, by BDAT in one flight, by BDAT behind
// another mail and by BDAT in chunks; the server gets the same each time.
func TestTorture(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", smallMail)
	contents := []string{
		"", "x", "\r\n", ".", ".\r\n", "..\r\n", "a\r\n.\r\nb\r\n", "a\n.\nb", "a\r.\rb", "\n", "\r", "\r\r\n", "\n.\n",
		"no end", "dot at the end.", strings.Repeat("y", 2000) + "\r\n", "gr\xc3\xbc\xc3\x9fe\r\n",
		strings.Repeat(".\r\n", 50000), long[:4095] + "\r\n.\r\n", long[:smallMail-1] + "\r\n.\r\n", long + "\r\n.\r\n",
		strings.Repeat(long[:76]+"\r\n", 10000), "MAIL FROM:<x>\r\nQUIT\r\n.\r\nRSET\r\n",
	}
	ways := map[string]struct {
		without []string
		window  int
	}{
		"DATA": {[]string{"CHUNKING"}, 0}, "DATA one by one": {[]string{"CHUNKING", "PIPELINING"}, 0},
		"BDAT": {nil, 0}, "BDAT staged": {nil, 1}, "BDAT one by one": {[]string{"PIPELINING"}, 0},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := watch(t, sandbox.Options{Without: way.without})
			opts := server.reach(Implicit)
			opts.Window = way.window
			src := &mails{}
			for i, content := range contents {
				mail := letter(fmt.Sprint(i), content, "a@x.example")
				mail.EightBit = strings.ContainsRune(content, 'ü')
				src.next = append(src.next, mail)
			}
			if err := send(t.Context(), opts, src); err != nil {
				t.Fatal(err)
			}
			arrived := server.Mails()
			if len(arrived) != len(contents) {
				t.Fatalf("%d of %d mails arrived", len(arrived), len(contents))
			}
			for i, content := range contents {
				if got := string(arrived[i].Data); got != normal(content) {
					t.Errorf("%.40q arrived as %.40q", content, got)
				}
				if r := src.done[fmt.Sprint(i)]; r.Err != nil || r.Bytes != int64(len(content)) {
					t.Errorf("%.40q: %d octets, %v", content, r.Bytes, r.Err)
				}
			}
			for _, s := range server.end() {
				for _, v := range s.Violations {
					if !strings.Contains(v, "content") && !strings.Contains(v, "8-bit") && !strings.Contains(v, "line") {
						t.Errorf("%q", v)
					}
				}
			}
		})
	}
}

// TestNeeds declares what a mail needs, and refuses it by name where the
// server lacks that.
func TestNeeds(t *testing.T) {
	t.Parallel()
	soon := time.Now().Add(time.Hour)
	for name, test := range map[string]struct {
		edit    func(*Mail)
		keyword string
		params  sandbox.Params
		rcpt    sandbox.Params
	}{
		"nothing":  {func(*Mail) {}, "", sandbox.Params{"SIZE": "3"}, nil},
		"8BITMIME": {func(m *Mail) { m.EightBit = true }, "8BITMIME", sandbox.Params{"SIZE": "3", "BODY": "8BITMIME"}, nil},
		"SMTPUTF8": {
			func(m *Mail) { m.UTF8 = true }, "SMTPUTF8", sandbox.Params{"SIZE": "3", "BODY": "8BITMIME", "SMTPUTF8": ""}, nil,
		},
		"8BITMIME for the header": {
			func(m *Mail) { m.UTF8 = true }, "8BITMIME", sandbox.Params{"SIZE": "3", "BODY": "8BITMIME", "SMTPUTF8": ""}, nil,
		},
		"SMTPUTF8 with 8BITMIME": {
			func(m *Mail) { m.UTF8, m.EightBit = true, true }, "SMTPUTF8",
			sandbox.Params{"SIZE": "3", "BODY": "8BITMIME", "SMTPUTF8": ""}, nil,
		},
		"address": {
			func(m *Mail) { m.To[0] = "jürgen@x.example" }, "SMTPUTF8", sandbox.Params{"SIZE": "3", "SMTPUTF8": ""}, nil,
		},
		"MT-PRIORITY": {
			func(m *Mail) { m.Priority = -3 }, "MT-PRIORITY", sandbox.Params{"SIZE": "3", "MT-PRIORITY": "-3"}, nil,
		},
		"REQUIRETLS": {
			func(m *Mail) { m.RequireTLS = true }, "REQUIRETLS", sandbox.Params{"SIZE": "3", "REQUIRETLS": ""}, nil,
		},
		"FUTURERELEASE": {
			func(m *Mail) { m.HoldUntil = soon }, "FUTURERELEASE",
			sandbox.Params{"SIZE": "3", "HOLDUNTIL": soon.UTC().Format("2006-01-02T15:04:05Z")}, nil,
		},
		"DELIVERBY": {
			func(m *Mail) { m.DeliverBy = time.Now().Add(time.Hour) }, "DELIVERBY",
			sandbox.Params{"SIZE": "3", "BY": "3600;R"}, nil,
		},
		"DSN": {
			func(m *Mail) {
				m.DSN = &DSN{Return: "HDRS", EnvelopeID: "a+b=c d", Notify: []string{"FAILURE", "DELAY"}}
			},
			"DSN", sandbox.Params{"SIZE": "3", "RET": "HDRS", "ENVID": "a+2Bb+3Dc+20d"},
			sandbox.Params{"NOTIFY": "FAILURE,DELAY", "ORCPT": "rfc822;a@x.example"},
		},
		"DSN of a UTF-8 address": {
			func(m *Mail) {
				m.To[0] = "jürgen+x@x.example"
				m.DSN = &DSN{Notify: []string{"NEVER"}}
			},
			"DSN", sandbox.Params{"SIZE": "3", "SMTPUTF8": ""},
			sandbox.Params{"NOTIFY": "NEVER", "ORCPT": `utf-8;jürgen\x{2B}x@x.example`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mail := letter("1", "x\r\n", "a@x.example")
			test.edit(mail)
			server := watch(t, sandbox.Options{})
			if r := sendOne(t, server.reach(Implicit), mail); r.Err != nil {
				t.Fatal(r.Err)
			}
			got := server.Mails()[0]
			if by, ok := strings.CutSuffix(got.Params["BY"], ";R"); ok {
				if n, err := strconv.Atoi(by); err == nil && n > 3000 && n <= 3600 {
					got.Params["BY"] = "3600;R" // less the time that went by
				}
			}
			if !maps.Equal(got.Params, test.params) || !maps.Equal(got.RecipientParams[0], test.rcpt) {
				t.Errorf("got %v and %v", got.Params, got.RecipientParams)
			}
			if test.keyword == "" {
				return
			}
			server = watch(t, sandbox.Options{Without: []string{test.keyword}})
			r := sendOne(t, server.reach(Implicit), mail)
			if got, want := kindOf(r.Err), (kind{StageMail, ClassUnable, ScopeMessage, RetryNo}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if r.Err != nil && !strings.Contains(r.Err.Error(), test.keyword) {
				t.Errorf("%q does not name it", r.Err)
			}
		})
	}
}

// TestConstantMemory sends much and counts what is allocated for it.
func TestConstantMemory(t *testing.T) {
	for _, without := range [][]string{nil, {"CHUNKING"}} {
		const size = 16 << 20
		server := watch(t, sandbox.Options{Without: without, HashOnly: true})
		mail := endlessMail("1")
		mail.Size = size
		mail.Open = limited(func() (io.ReadCloser, error) {
			return io.NopCloser(repeated(strings.Repeat("x", 62) + "\r\n")), nil
		}, size)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if r := sendOne(t, server.reach(Implicit), mail); r.Err != nil || r.Bytes != size {
			t.Fatalf("%d octets, %v", r.Bytes, r.Err)
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > size/2 {
			t.Errorf("%d octets were allocated by both sides", n)
		}
		if got := server.Mails()[0].Size; got != size {
			t.Errorf("%d octets arrived", got)
		}
	}
}

// repeated is a text without end that costs nothing to read.
type repeated string

func (r repeated) Read(p []byte) (int, error) {
	n := 0
	for n+len(r) <= len(p) {
		n += copy(p[n:], r)
	}
	return n, nil
}
