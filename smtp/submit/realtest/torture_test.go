package realtest_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"sendoff/smtp"
	"sendoff/smtp/submit/realtest"
)

const head = "Subject: torture\r\n\r\n"

// padded returns a content whose octets from offset on are s.
func padded(offset int, s string) string {
	line := strings.Repeat("x", 70) + "\r\n"
	n := offset - len(head)
	return head + strings.Repeat(line, n/len(line)) + strings.Repeat("y", n%len(line)) + s
}

// torture is content that has tripped a server or a client before.
func torture() map[string]string {
	all := make(map[string]string)
	var octets strings.Builder
	for c := range 256 {
		octets.WriteByte(byte(c))
	}
	for name, body := range map[string]string{
		"nothing": "", "one octet": "x", "line end": "\r\n", "dot": ".", "dot line": ".\r\n", "two dots": "..\r\n",
		"dots": "\r\n.\r\n..\r\n...\r\n.", "dot, quit": "x\r\n.\r\nQUIT\r\n", "no line end": "x\r\ny",
		"bare LF": "a\nb\n", "LF dot LF": "a\n.\nb\n", "LF dot CRLF": "a\n.\r\nMAIL FROM:<x@example.test>\r\n", "CRLF dot LF": "a\r\n.\nb\r\n",
		"bare CR": "a\rb\r", "CR dot CR": "a\r.\rb", "CRLF dot CR": "a\r\n.\rb\r\n", "CR CRLF": "a\r\r\nb\r\n", "CR dot CRLF": "a\r.\r\nb\r\n", "NUL dot": "a\r\n\x00.\r\nb\r\n",
		"NUL": "a\x00b\r\n\x00\r\n", "8-bit": "caf\xe9\r\n", "UTF-8": "Grüße 👍\r\n", "every octet": octets.String(), "blanks": " \t \r\n\t\r\n",
	} {
		all[name] = head + body
	}
	for _, n := range []int{76, 998, 999, 1000, 2047, 2048, 4096, 100000} {
		all[fmt.Sprintf("line of %d", n)] = head + strings.Repeat("z", n) + "\r\nend\r\n"
		all[fmt.Sprintf("dots in a line of %d", n)] = head + strings.Repeat(".", n) + "\r\n.\r\n"
	}
	for _, border := range []int{4096, 8192, 16384, 32768, 65536} {
		for name, s := range map[string]string{
			"line end": "\r\nnext\r\n", "dot line": "\r\n.\r\nnext\r\n", "two dots": "\r\n..\r\n", "LF": "\nnext\r\n", "CR": "\rnext\r\n", "8-bit": "é\r\n",
		} {
			for shift := -4; shift <= 1; shift++ {
				all[fmt.Sprintf("%s at %d", name, border+shift)] = padded(border+shift, s)
			}
		}
	}
	return all
}

// normal is how RFC 5321 section 2.3.8 has lines.
func normal(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	if !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	return strings.ReplaceAll(s, "\n", "\r\n")
}

// TestTorture sends the same mails with and without CHUNKING, and wants the
// same to arrive: what was sent. Where the server lacks 8BITMIME too, what needs
// that is refused here, in words that name it, and nothing else is.
func TestTorture(t *testing.T) {
	t.Parallel()
	server := realtest.StartPostfix(t)
	contents := torture()
	contents["50 MB"] = padded(50<<20, "\r\n.\r\n")
	var names []string
	for name := range contents {
		names = append(names, name)
	}
	if len(names) < 200 {
		t.Errorf("only %d mails", len(names))
	}
	for way, chunking := range map[string]bool{"starttls": true, "data": false, "bare": false} {
		src := &many{}
		for i, name := range names {
			to := fmt.Sprintf("%s-%d@%s", way, i, realtest.Domain)
			src.mails = append(src.mails, newMail([]byte(contents[name]), to))
		}
		opts := ways(server)[way]
		said := listen(&opts)
		deliver(t, opts, src)
		for verb, want := range map[string]bool{"BDAT": chunking, "DATA": !chunking} {
			if said[verb] > 0 != want {
				t.Errorf("%s: %d times %s", way, said[verb], verb)
			}
		}
		for i, name := range names {
			err := src.results[i].Err
			if way == "bare" && src.mails[i].EightBit {
				if err == nil || err.Class != smtp.ClassUnable || !strings.Contains(err.Error(), "8BITMIME") {
					t.Errorf("%s: %s: %v", way, name, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s: %s: %v", way, name, err)
				continue
			}
			delivered := server.Delivered(t, src.mails[i].To[0]).Content
			if want := normal(contents[name]); !bytes.Equal(delivered, []byte(want)) {
				t.Errorf("%s: %s", way, name)
				same(t, []byte(want), delivered)
			}
		}
	}
}
