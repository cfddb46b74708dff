package smtp

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"testing"
)

// TestReplyTooMany: with a reply more than commands none can be told to be the
// answer to the content, and what became of the mail is in doubt. A server that
// goes away may say so at any time.
func TestReplyTooMany(t *testing.T) {
	t.Parallel()
	const taken = "250 sender\r\n250 recipient\r\n250 queued\r\n"
	for name, test := range map[string]struct {
		replies string
		want    Status
	}{
		"none":                  {taken, Accepted},
		"a second answer":       {"250 sender\r\n250 sender\r\n250 recipient\r\n250 queued\r\n", Uncertain},
		"a refusal behind it":   {"250 sender\r\n250 sender\r\n250 recipient\r\n554 spam\r\n", Uncertain},
		"a recipient refused":   {"250 sender\r\n550 nobody\r\n554 no recipients\r\n250 what\r\n", Rejected},
		"the content refused":   {"250 sender\r\n250 recipient\r\n554 spam\r\n250 what\r\n", Rejected},
		"the server goes away":  {taken + "421 bye\r\n", Accepted},
		"it goes on in a while": {taken + "2", Uncertain},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server := net.Pipe()
			go answerTogether(server, test.replies)
			src := &mails{next: []*Mail{letter("1", "y\r\n", "a@x.example")}}
			_ = send(t.Context(), Options{
				Host: "mx", Security: NoTLS,
				Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil },
			}, src)
			r := src.done["1"]
			if got := r.Recipients[0].Status; got != test.want {
				t.Errorf("it is %s, want %s: %v", got, test.want, r.Err)
			}
			if test.want == Uncertain && (r.Err == nil || !r.Err.Uncertain() || r.Err.Class != ClassProtocol) {
				t.Errorf("got %+v", r.Err)
			}
		})
	}
}

// answerTogether is a server that gives all answers to a mail in one segment.
func answerTogether(conn net.Conn, replies string) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	_, _ = io.WriteString(conn, "220 mx\r\n")
	for {
		line, err := r.ReadString('\n')
		switch {
		case err != nil:
			return
		case strings.HasPrefix(line, "EHLO"):
			_, _ = io.WriteString(conn, "250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n")
		case line == "y\r\n":
			_, _ = io.WriteString(conn, replies)
		case strings.HasPrefix(line, "QUIT"):
			_, _ = io.WriteString(conn, "221 bye\r\n")
			return
		}
	}
}
