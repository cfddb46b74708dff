package smtp

import (
	"bufio"
	"context"
	"encoding/base64"
	"net"
	"strings"
	"testing"

	"sendoff/smtp/sasl"
)

// TestProofEchoed has a server repeat only the proof within a response. With what
// it asked, a password can be guessed from that.
func TestProofEchoed(t *testing.T) {
	t.Parallel()
	for mechanism, c := range map[string]struct{ challenge, before string }{
		"CRAM-MD5":      {"<1@mx>", "alice "},
		"DIGEST-MD5":    {`realm="x",nonce="n",qop="auth",charset=utf-8,algorithm=md5-sess`, "response="},
		"SCRAM-SHA-256": {"r=%sxyz,s=c2FsdHNhbHQ=,i=4096", "p="},
	} {
		var proof string
		client, server := net.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			defer server.Close()
			p := &peer{t: t, conn: server, r: newReader(server)}
			p.say("220 mx")
			_, _ = p.r.ReadString('\n')
			p.say("250-mx\r\n250 AUTH " + mechanism)
			challenge := strings.Replace(c.challenge, "%s", clientNonce(p.r), 1)
			p.say("334 " + base64.StdEncoding.EncodeToString([]byte(challenge)))
			line, _ := p.r.ReadString('\n')
			response, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(line))
			_, proof, _ = strings.Cut(string(response), c.before)
			proof, _, _ = strings.Cut(proof, ",")
			p.say("535 5.7.8 what is " + proof + "?")
		}()
		var heard strings.Builder
		_, err := Open(t.Context(), Options{
			Host: "mx", Security: NoTLS, Login: &sasl.Login{Mechanism: mechanism, User: "alice", Password: "opensesame"},
			Dial:  func(context.Context, string, string) (net.Conn, error) { return client, nil },
			Trace: func(e Event) { heard.WriteString(e.Text + "\n") },
		})
		<-done
		if err == nil || len(proof) < 32 || !strings.Contains(heard.String(), "what is "+redacted) {
			t.Errorf("%s: %v, of %q: %s", mechanism, err, proof, &heard)
		}
		if text := err.Error() + heard.String(); proof != "" && strings.Contains(text, proof) {
			t.Errorf("%s: shown: %s", mechanism, text)
		}
	}
}

// clientNonce reads AUTH, and returns the nonce in the response along with it.
func clientNonce(r *bufio.Reader) string {
	line, _ := r.ReadString('\n')
	words := strings.Fields(line)
	initial, _ := base64.StdEncoding.DecodeString(words[len(words)-1])
	_, nonce, _ := strings.Cut(string(initial), "r=")
	return nonce
}
