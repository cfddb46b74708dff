package message_test

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"sendoff/smtp/message"
)

// TestBlind: nobody learns out of an attached mail who got it unseen; all else of
// it stays as it is.
func TestBlind(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 10000)
	for _, tt := range []struct{ name, mail, want string }{
		{"folded", "To: a@x.example\r\nBcc: b@x.example,\r\n\tc@x.example\r\nSubject: x\r\n\r\nBcc: text\r\n", "To: a@x.example\r\nSubject: x\r\n\r\nBcc: text\r\n"},
		{"bare lines", "bcc : b@x.example\nresent-BCC: c@x.example\nTo: a@x.example\n\n y\n", "To: a@x.example\n\n y\n"},
		{"byte order mark", "\ufeffBcc: b@x.example\r\nTo: a@x.example\r\n\r\ny", "To: a@x.example\r\n\r\ny"},
		{"last", "To: a@x.example\nBcc: b@x.example", "To: a@x.example\n"},
		{"none", "To: a@x.example\r\n Bcc: no\r\n\r\ny", "To: a@x.example\r\n Bcc: no\r\n\r\ny"},
		{"long", "To: " + long + "\nBcc: " + long + "\n " + long + "\nX: " + long + "\n\n" + long, "To: " + long + "\nX: " + long + "\n\n" + long},
		{"no line", long, long},
		{"empty", "", ""},
	} {
		has, err := message.Blind(strings.NewReader(tt.mail))
		if err != nil || has != (tt.mail != tt.want) {
			t.Errorf("%s: it has some: %v, %v", tt.name, has, err)
		}
		for path, as := range map[string]string{"a.EML": "", "a.eml": "a.txt", "a": "a.eml"} {
			d := message.Draft{From: "a@x.example", Attachments: []string{path}, Attached: map[string]message.Attached{path: {Name: as}}}
			m, err := d.Message(func(string) (io.ReadCloser, error) {
				return io.NopCloser(iotest.HalfReader(strings.NewReader(tt.mail))), nil
			})
			if err != nil {
				t.Fatal(err)
			}
			f, err := m.Attachments[0].Open()
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(f); err != nil || string(got) != tt.want {
				t.Errorf("%s, %s as %q: %v, %q, want %q", tt.name, path, as, err, got, tt.want)
			}
		}
	}
	if _, err := message.Blind(iotest.ErrReader(io.ErrClosedPipe)); err != io.ErrClosedPipe {
		t.Errorf("what can't be read: %v", err)
	}
}
