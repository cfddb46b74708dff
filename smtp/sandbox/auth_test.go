package sandbox_test

import (
	"testing"

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
		{"unknown", "C: AUTH NTLM\nS: 504\nC: AUTH\nS: 504"},
		{"twice", "C: AUTH PLAIN AG1lAHNlY3JldA==\nS: 235\nC: AUTH PLAIN AG1lAHNlY3JldA==\nS: 503"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := start(t, sandbox.Options{User: "me", Password: "secret"})
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
