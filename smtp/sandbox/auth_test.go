package sandbox_test

import (
	"crypto/tls"
	"encoding/base64"
	"net"
	"net/smtp"
	"slices"
	"strings"
	"testing"

	"github.com/xdg-go/scram"

	"sendoff/smtp/sandbox"
)

func TestAuth(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, script string }{
		{"PLAIN", "C: AUTH plain AG1lAHNlY3JldA==\nS: 235 2.7.0"},
		{"PLAIN for oneself", "C: AUTH PLAIN bWUAbWUAc2VjcmV0\nS: 235"},
		{"PLAIN for another", "C: AUTH PLAIN eW91AG1lAHNlY3JldA==\nS: 535"},
		{"PLAIN in two steps", "C: AUTH PLAIN\nS: 334 \nC: AG1lAHNlY3JldA==\nS: 235"},
		{"PLAIN, wrong password", "C: AUTH PLAIN AG1lAHdyb25n\nS: 535 5.7.8\nC: AUTH PLAIN AG1lAHNlY3JldA==\nS: 235"},
		{"PLAIN, nonsense", "C: AUTH PLAIN ====\nS: 501\nC: AUTH PLAIN =\nS: 501\nC: AUTH PLAIN AG1l\nS: 501"},
		{"LOGIN", "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: bWU=\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0\nS: 235"},
		{"LOGIN at once", "C: AUTH LOGIN bWU=\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0\nS: 235"},
		{"LOGIN, wrong user", "C: AUTH LOGIN eW91\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0\nS: 535"},
		{"given up", "C: AUTH LOGIN\nS: 334 \nC: *\nS: 501 5.7.0"},
		{"CRAM-MD5 at once", "C: AUTH CRAM-MD5 bWU=\nS: 501"},
		{"CRAM-MD5, nonsense", "C: AUTH CRAM-MD5\nS: 334 \nC: bWU=\nS: 501"},
		{"CRAM-MD5, wrong", "C: AUTH CRAM-MD5\nS: 334 \nC: bWUgMDAwMA==\nS: 535"},
		{"SCRAM, nonsense", "C: AUTH SCRAM-SHA-1\nS: 334 \nC: bWU=\nS: 501"},
		{"SCRAM, mandatory extension", "C: AUTH SCRAM-SHA-1 " + b64("n,,m=x,n=me,r=abc") + "\nS: 501"},
		{"SCRAM for another", "C: AUTH SCRAM-SHA-1 " + b64("n,a=you,n=me,r=abc") + "\nS: 535"},
		{"SCRAM, downgraded", "C: AUTH SCRAM-SHA-256 " + b64("y,,n=me,r=abc") + "\nS: 535"},
		{"SCRAM, bound without PLUS", "C: AUTH SCRAM-SHA-256 " + b64("p=tls-exporter,,n=me,r=abc") + "\nS: 501"},
		{"SCRAM-PLUS, not bound", "C: AUTH SCRAM-SHA-256-PLUS " + b64("n,,n=me,r=abc") + "\nS: 501"},
		{"SCRAM, no proof", "C: AUTH SCRAM-SHA-256 " + b64("n,,n=me,r=abc") + "\nS: 334 \nC: " + b64("c=biws,r=abc") + "\nS: 501"},
		{"SCRAM, wrong proof", "C: AUTH SCRAM-SHA-256 " + b64("n,,n=me,r=abc") + "\nS: 334 \nC: " + b64("c=biws,r=abc,p=AAAA") + "\nS: 535"},
		{"XOAUTH2", "C: AUTH XOAUTH2 " + b64("user=me\x01auth=Bearer token\x01\x01") + "\nS: 235"},
		{"XOAUTH2, refused", "C: AUTH XOAUTH2 " + b64("user=me\x01auth=Bearer old\x01\x01") + "\nS: 334 eyJzdGF0\nC:\nS: 535"},
		{"XOAUTH2, nonsense", "C: AUTH XOAUTH2 " + b64("user=me\x01\x01") + "\nS: 501"},
		{"OAUTHBEARER", "C: AUTH OAUTHBEARER " + b64("n,a=me,\x01host=localhost\x01port=587\x01auth=Bearer token\x01\x01") + "\nS: 235"},
		{"OAUTHBEARER, refused", "C: AUTH OAUTHBEARER " + b64("n,a=me,\x01auth=Bearer old\x01\x01") + "\nS: 334 eyJzdGF0\nC: AQ==\nS: 535"},
		{"OAUTHBEARER, nonsense", "C: AUTH OAUTHBEARER " + b64("a=me,\x01auth=Bearer token\x01\x01") + "\nS: 501"},
		{"EXTERNAL without a certificate", "C: AUTH EXTERNAL =\nS: 504"},
		{"unknown", "C: AUTH NTLM\nS: 504\nC: AUTH\nS: 504"},
		{"twice", "C: AUTH PLAIN AG1lAHNlY3JldA==\nS: 235\nC: AUTH PLAIN AG1lAHNlY3JldA==\nS: 503"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := start(t, sandbox.Options{User: "me", Password: "secret", Token: "token"})
			p := dialTLS(t, server)
			p.play("S: 220 \nC: EHLO x\nS: 250 ")
			p.play(test.script)
		})
	}
}

func TestAuthOffered(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		opts sandbox.Options
		want string
	}{
		{sandbox.Options{}, ""},
		{sandbox.Options{ClearAuth: true}, "AUTH PLAIN LOGIN"},
		{sandbox.Options{ClearAuth: true, Mechanisms: []string{"LOGIN"}}, "AUTH LOGIN"},
		{sandbox.Options{ClearAuth: true, Without: []string{"AUTH"}}, ""},
	} {
		p := dial(t, start(t, test.opts))
		p.expect("220 ")
		p.write("EHLO x\r\n")
		if reply := p.reply(); hasLine(reply, "AUTH PLAIN LOGIN") != (test.want == "AUTH PLAIN LOGIN") ||
			hasLine(reply, "AUTH LOGIN") != (test.want == "AUTH LOGIN") {
			t.Errorf("%+v: %q, want %q", test.opts, reply, test.want)
		}
	}
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// TestSCRAM has an independent client log in with each variant, in TLS 1.2 and
// TLS 1.3, and with wrong passwords and bindings.
func TestSCRAM(t *testing.T) {
	t.Parallel()
	for mechanism, generator := range map[string]scram.HashGeneratorFcn{
		"SCRAM-SHA-1": scram.SHA1, "SCRAM-SHA-256": scram.SHA256,
		"SCRAM-SHA-1-PLUS": scram.SHA1, "SCRAM-SHA-256-PLUS": scram.SHA256,
	} {
		for _, test := range []struct {
			name, password string
			version        uint16
			damage         byte
			want           string
		}{
			{"1.2", "secret", tls.VersionTLS12, 0, "235"},
			{"1.3", "secret", tls.VersionTLS13, 0, "235"},
			{"wrong password", "guess", tls.VersionTLS13, 0, "535"},
			{"wrong binding", "secret", tls.VersionTLS13, 1, "535"},
		} {
			plus := strings.HasSuffix(mechanism, "-PLUS")
			if test.damage != 0 && !plus {
				continue
			}
			t.Run(mechanism+" "+test.name, func(t *testing.T) {
				t.Parallel()
				server, sessions := watch(t, sandbox.Options{
					User: "me", Password: "secret",
					TLS: func(c *tls.Config) { c.MaxVersion = test.version },
				})
				client, err := generator.NewClient("me", test.password, "")
				must(t, err)
				p := dialTLS(t, server)
				p.play("S: 220 \nC: EHLO x\nS: 250 ")
				conversation := client.NewConversation()
				if plus {
					state := p.conn.(*tls.Conn).ConnectionState()
					binding, err := state.ExportKeyingMaterial("EXPORTER-Channel-Binding", nil, 32)
					must(t, err)
					binding[0] ^= test.damage
					conversation = client.NewConversationWithChannelBinding(scram.ChannelBinding{
						Type: scram.ChannelBindingTLSExporter, Data: binding,
					})
				}
				if got := runSCRAM(t, p, mechanism, conversation); !strings.HasPrefix(got, test.want) {
					t.Fatalf("got %q, want %s", got, test.want)
				}
				if valid := conversation.Valid(); valid != (test.want == "235") {
					t.Errorf("the server's proof is valid: %v", valid)
				}
				p.play("C: QUIT\nS: 221")
				if got := next(t, sessions); (got.User == "me") != (test.want == "235") || got.Violations != nil {
					t.Errorf("session %+v", got)
				}
			})
		}
	}
}

// runSCRAM returns the reply that ends the dialogue.
func runSCRAM(t *testing.T, p *peer, mechanism string, c *scram.ClientConversation) string {
	t.Helper()
	message, err := c.Step("")
	must(t, err)
	p.write("AUTH " + mechanism + " " + b64(message) + "\r\n")
	for {
		reply := p.reply()
		challenge, ok := strings.CutPrefix(strings.TrimSpace(reply), "334 ")
		if !ok {
			return reply
		}
		decoded, err := base64.StdEncoding.DecodeString(challenge)
		must(t, err)
		message, err := c.Step(string(decoded))
		must(t, err)
		p.write(b64(message) + "\r\n")
	}
}

func TestHastyLogin(t *testing.T) {
	t.Parallel()
	server, sessions := watch(t, sandbox.Options{User: "me", Password: "secret"})
	p := dialTLS(t, server)
	p.play("S: 220 \nC: EHLO x\nS: 250 \nC: AUTH LOGIN\nS: 334 ")
	p.write("bWU=\r\nc2VjcmV0\r\n")
	p.play("S: 334 \nS: 235 \nC: QUIT\nS: 221")
	if got := next(t, sessions).Violations; !slices.Equal(got, []string{"answers a challenge before it was sent"}) {
		t.Errorf("violations %q", got)
	}
}

func TestCRAM(t *testing.T) {
	t.Parallel()
	server := start(t, sandbox.Options{User: "me", Password: "secret"})
	conn, err := tls.Dial("tcp", server.TLSAddr(), &tls.Config{RootCAs: server.Roots()})
	must(t, err)
	client, err := smtp.NewClient(conn, "localhost")
	must(t, err)
	must(t, client.Auth(smtp.CRAMMD5Auth("me", "secret")))
	must(t, client.Quit())
}

func TestExternal(t *testing.T) {
	t.Parallel()
	server := start(t, sandbox.Options{User: "me", Password: "secret"})
	for _, test := range []struct{ name, script string }{
		{"me", "C: AUTH EXTERNAL =\nS: 235"},
		{"me", "C: AUTH EXTERNAL bWU=\nS: 235"},
		{"me", "C: AUTH EXTERNAL\nS: 334 \nC: eW91\nS: 535"},
		{"you", "C: AUTH EXTERNAL =\nS: 535"},
	} {
		cert, err := server.ClientCertificate(test.name)
		must(t, err)
		conn, err := tls.Dial("tcp", server.TLSAddr(), &tls.Config{RootCAs: server.Roots(), Certificates: []tls.Certificate{cert}})
		must(t, err)
		p := newPeer(t, conn)
		p.play("S: 220 \nC: EHLO x\nS: 250 ")
		p.play(test.script)
	}
}

// TestAllMechanisms looks at what EHLO says when everything is configured.
func TestAllMechanisms(t *testing.T) {
	t.Parallel()
	server := start(t, sandbox.Options{User: "me", Password: "secret", Token: "token", ClearAuth: true})
	cert, err := server.ClientCertificate("me")
	must(t, err)
	secure, err := tls.Dial("tcp", server.TLSAddr(), &tls.Config{RootCAs: server.Roots(), Certificates: []tls.Certificate{cert}})
	must(t, err)
	clear, err := net.Dial("tcp", server.Addr())
	must(t, err)
	for want, conn := range map[string]net.Conn{
		"AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-1 EXTERNAL OAUTHBEARER XOAUTH2 CRAM-MD5 DIGEST-MD5 PLAIN LOGIN": secure,
		"AUTH SCRAM-SHA-256 SCRAM-SHA-1 OAUTHBEARER XOAUTH2 CRAM-MD5 DIGEST-MD5 PLAIN LOGIN":                                              clear,
	} {
		p := newPeer(t, conn)
		p.expect("220 ")
		p.write("EHLO x\r\n")
		if reply := p.reply(); !hasLine(reply, want) {
			t.Errorf("%q lacks %q", reply, want)
		}
	}
}

func TestChallenge(t *testing.T) {
	t.Parallel()
	server := start(t, sandbox.Options{
		User: "me", Password: "secret",
		Challenge: func(mechanism string, n int, challenge string) string {
			if mechanism == "SCRAM-SHA-256" && n == 1 {
				return challenge[:len(challenge)-len("4096")] + "2147483647"
			}
			return challenge
		},
	})
	p := dialTLS(t, server)
	p.play("S: 220 \nC: EHLO x\nS: 250 ")
	p.write("AUTH SCRAM-SHA-256 " + b64("n,,n=me,r=abc") + "\r\n")
	challenge, err := base64.StdEncoding.DecodeString(strings.TrimSpace(p.expect("334 ")[4:]))
	must(t, err)
	if !strings.HasSuffix(string(challenge), ",i=2147483647") {
		t.Errorf("challenge %q", challenge)
	}
}
