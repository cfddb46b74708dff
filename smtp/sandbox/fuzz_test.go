package sandbox

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/textproto"
	"strings"
	"testing"
)

// FuzzSession feeds a session with anything. It must end when its input does,
// and answer with nothing but replies.
func FuzzSession(f *testing.F) {
	const hello = "EHLO x\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\n"
	for _, seed := range []string{
		hello + "DATA\r\nhi\r\n..\r\n.\r\nQUIT\r\n",
		hello + "BDAT 3\r\nhi\rBDAT 1 LAST\r\n\nRSET\r\n",
		"EHLO x\r\nAUTH PLAIN AG1lAHNlY3JldA==\r\nAUTH LOGIN\r\n*\r\nSTARTTLS\r\n",
		"EHLO x\r\nAUTH SCRAM-SHA-256 biwsbj1tZSxyPWFiYw==\r\nYz1iaXdzLHI9YWJjLHA9QUFBQQ==\r\nAUTH XOAUTH2 =\r\n",
		hello + "RCPT TO:<reject-data@x> NOTIFY=NEVER ORCPT=rfc822;x\r\nRCPT TO:<greylist@x>\r\nBDAT 0 LAST\r\nBDAT x",
		"NOOP\n", "\r\n", "DATA\r\n.\r\n", "BDAT 9223372036854775807 LAST\r\nx", "HELO [IPv6:::]\r\nVRFY x\r\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input string) {
		if strings.Contains(strings.ToLower(input), "slow") {
			t.Skip("takes a while")
		}
		server := &Server{
			ctx: context.Background(),
			opts: Options{
				User: "me", Password: "secret", Token: "token", ClearAuth: true, MaxRecipients: 3, MaxSize: 1000,
			},
		}
		client, conn := net.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			newSession(server, conn).serve(false)
		}()
		go func() {
			_, _ = io.WriteString(client, input) // the session may end before its input
			_ = client.Close()
		}()
		r := bufio.NewScanner(client)
		for r.Scan() {
			line := r.Text()
			ok := len(line) >= 4 && line[0] >= '2' && line[0] <= '5' && (line[3] == ' ' || line[3] == '-')
			if !ok && !strings.Contains(strings.ToLower(input), "escape") {
				t.Errorf("%q is no reply", line)
			}
		}
		<-done
	})
}

// FuzzContent compares dot-unstuffing with that of the standard library, for
// each way to cut the stream in two.
func FuzzContent(f *testing.F) {
	for _, seed := range []string{"", ".", "a", "..", "\r\n", "a\r\n.", ".\r\n.\r\n", "a\n.\nb", "\r.\r\n", "x\r\n.\rb"} {
		f.Add(seed, uint16(1))
	}
	f.Fuzz(func(t *testing.T, input string, cut uint16) {
		wire := input + "\r\n.\r\n"
		reader := textproto.NewReader(bufio.NewReader(strings.NewReader(wire)))
		want, err := reader.ReadDotBytes()
		if err != nil {
			t.Fatal(err)
		}
		at := min(int(cut), len(wire))
		s := &session{
			server: &Server{ctx: context.Background()}, opts: &Options{MaxSize: 1 << 30},
			link: &link{r: bufio.NewReaderSize(io.MultiReader(strings.NewReader(wire[:at]), strings.NewReader(wire[at:])), 16)},
			mail: &envelope{size: -1},
		}
		s.beginContent()
		if err := s.readDotted(); err != nil {
			t.Fatal(err)
		}
		c := s.mail.content
		rest, err := io.ReadAll(s.link.r)
		if err != nil {
			t.Fatal(err)
		}
		read := strings.TrimSuffix(wire, string(rest))
		clean := !strings.ContainsAny(strings.ReplaceAll(read, "\r\n", ""), "\r\n")
		if bad := c.bareCR || c.bareLF || c.last == '\r'; bad == clean {
			t.Errorf("bare CR %v, bare LF %v in %q", c.bareCR, c.bareLF, wire)
		}
		if got := bytes.ReplaceAll(c.data, []byte("\r\n"), []byte("\n")); clean && !bytes.Equal(got, want) {
			t.Errorf("%q was read as %q, want %q", wire, got, want)
		}
	})
}
