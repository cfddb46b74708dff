package eml

import "testing"

func TestUnblinded(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, mail, want string }{
		{"folded", "To: a@x.example\r\nBcc: b@x.example,\r\n\tc@x.example\r\nSubject: x\r\n\r\nBcc: text\r\n", "To: a@x.example\r\nSubject: x\r\n\r\nBcc: text\r\n"},
		{"bare lines", "bcc : b@x.example\nresent-BCC: c@x.example\nTo: a@x.example\n\n y\n", "To: a@x.example\n\n y\n"},
		{"last", "To: a@x.example\nBcc: b@x.example", "To: a@x.example\n"},
		{"none", "To: a@x.example\r\n Bcc: no\r\n\r\ny", "To: a@x.example\r\n Bcc: no\r\n\r\ny"},
		{"empty", "", ""},
	} {
		if got := Unblinded(tt.mail); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
