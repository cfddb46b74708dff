package smtp

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/sasl"
)

func TestAuth(t *testing.T) {
	t.Parallel()
	const offer = `
		S: 220 mx
		C: EHLO [127.0.0.1]
`
	for name, test := range map[string]struct {
		script string
		want   kind
	}{
		"PLAIN": {offer + `
		S: 250-mx
		S: 250 AUTH LOGIN PLAIN
		C: AUTH PLAIN AGJvYgBzZXNhbWUxNw==
		S: 235 2.7.0 welcome
		C: QUIT
`, kind{}},
		"PLAIN, initial response overlooked": {offer + `
		S: 250-mx
		S: 250 auth plain
		C: AUTH PLAIN AGJvYgBzZXNhbWUxNw==
		S: 334 
		C: AGJvYgBzZXNhbWUxNw==
		S: 235 welcome
		C: QUIT
`, kind{}},
		"LOGIN with odd questions": {offer + `
		S: 250-mx
		S: 250 AUTH=LOGIN
		C: AUTH LOGIN
		S: 334 VXNlciBOYW1lAA==
		C: Ym9i
		S: 334
		C: c2VzYW1lMTc=
		S: 235 welcome
		C: QUIT
`, kind{}},
		"LOGIN, success too early": {offer + `
		S: 250-mx
		S: 250 AUTH LOGIN
		C: AUTH LOGIN
		S: 334 VXNlcm5hbWU6
		C: Ym9i
		S: 235 welcome
`, kind{StageAuth, ClassAuth, ScopeAccount, RetryNo}},
		"the next one after 504": {offer + `
		S: 250-mx
		S: 250 AUTH PLAIN LOGIN
		C: AUTH PLAIN AGJvYgBzZXNhbWUxNw==
		S: 504 5.5.4 not that one
		C: AUTH LOGIN
		S: 334 VXNlcm5hbWU6
		C: Ym9i
		S: 334 UGFzc3dvcmQ6
		C: c2VzYW1lMTc=
		S: 235 welcome
		C: QUIT
`, kind{}},
		"the password shown once after 432": {"TLS\n" + offer + `
		S: 250-mx
		S: 250 AUTH PLAIN LOGIN SCRAM-SHA-256
		C~ AUTH SCRAM-SHA-256
		S: 432 4.7.12 a password transition is needed
		C: AUTH PLAIN AGJvYgBzZXNhbWUxNw==
		S: 235 welcome
		C: QUIT
`, kind{}},
		"the password not shown to everybody after 432": {offer + `
		S: 250-mx
		S: 250 AUTH PLAIN LOGIN SCRAM-SHA-256
		C~ AUTH SCRAM-SHA-256
		S: 432 4.7.12 a password transition is needed
`, kind{StageAuth, ClassAuth, ScopeAccount, RetryNo}},
		"432 twice": {"TLS\n" + offer + `
		S: 250-mx
		S: 250 AUTH PLAIN LOGIN SCRAM-SHA-256
		C~ AUTH SCRAM-SHA-256
		S: 432 4.7.12 a password transition is needed
		C: AUTH PLAIN AGJvYgBzZXNhbWUxNw==
		S: 432 4.7.12 a password transition is needed
`, kind{StageAuth, ClassAuth, ScopeAccount, RetryNo}},
		"initial response too long": {offer + `
		S: 250-mx
		S: 250 AUTH PLAIN
		C: AUTH PLAIN AGJvYgBzZXNhbWUxNw==
		S: 500 5.5.6 line too long
		C: AUTH PLAIN
		S: 334 
		C: AGJvYgBzZXNhbWUxNw==
		S: 235 welcome
		C: QUIT
`, kind{}},
		"initial response and mechanism unwanted": {offer + `
		S: 250-mx
		S: 250 AUTH PLAIN LOGIN
		C: AUTH PLAIN AGJvYgBzZXNhbWUxNw==
		S: 501 no such argument
		C: AUTH PLAIN
		S: 501 no such argument
`, kind{StageAuth, ClassAuth, ScopeAccount, RetryNo}},
		"wrong password": {offer + `
		S: 250-mx
		S: 250 AUTH PLAIN LOGIN
		C: AUTH PLAIN AGJvYgBzZXNhbWUxNw==
		S: 535 5.7.8 no
`, kind{StageAuth, ClassAuth, ScopeAccount, RetryNo}},
		"not now": {offer + `
		S: 250-mx
		S: 250 AUTH PLAIN LOGIN
		C: AUTH PLAIN AGJvYgBzZXNhbWUxNw==
		S: 454 4.7.0 later
`, kind{StageAuth, ClassTemporary, ScopeAccount, RetrySafe}},
		"not now, and goodbye": {offer + `
		S: 250-mx
		S: 250 AUTH PLAIN LOGIN
		C: AUTH PLAIN AGJvYgBzZXNhbWUxNw==
		S: 421 4.7.0 later
`, kind{StageAuth, ClassTemporary, ScopeAccount, RetrySafe}},
		"another mechanism is wanted": {offer + `
		S: 250-mx
		S: 250 AUTH PLAIN
		C: AUTH PLAIN AGJvYgBzZXNhbWUxNw==
		S: 534 5.7.9 app password needed
`, kind{StageAuth, ClassAuth, ScopeAccount, RetryNo}},
		"nothing in common": {offer + `
		S: 250-mx
		S: 250 AUTH GSSAPI PLAIN-CLIENTTOKEN
`, kind{StageAuth, ClassUnable, ScopeAccount, RetryNo}},
		"not offered": {offer + `
		S: 250 mx
`, kind{StageAuth, ClassUnable, ScopeAccount, RetryNo}},
		"not base64": {offer + `
		S: 250-mx
		S: 250 AUTH LOGIN
		C: AUTH LOGIN
		S: 334 User name?
		C: *
		S: 501 canceled
`, kind{StageAuth, ClassAuth, ScopeAccount, RetryNo}},
		"asks without end": {offer + `
		S: 250-mx
		S: 250 AUTH LOGIN
		C: AUTH LOGIN
		S: 334 VXNlcm5hbWU6
		C: Ym9i
		S: 334 UGFzc3dvcmQ6
		C: c2VzYW1lMTc=
		S: 334 UGFzc3dvcmQ6
		C: *
		S: 501 canceled
`, kind{StageAuth, ClassAuth, ScopeAccount, RetryNo}},
		"success of the wrong kind": {offer + `
		S: 250-mx
		S: 250 AUTH PLAIN
		C: AUTH PLAIN AGJvYgBzZXNhbWUxNw==
		S: 354 go on
`, kind{StageAuth, ClassProtocol, ScopeAccount, RetrySafe}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := serve(t, test.script)
			opts.Login = bob
			if strings.HasPrefix(test.script, "TLS") {
				opts.Security = Implicit
			}
			s, err := Open(t.Context(), opts)
			if test.want != (kind{}) {
				if got := kindOf(failure(t, err)); got != test.want {
					t.Errorf("got %+v, want %+v", got, test.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestNothingToLogInWith sees that an empty secret is trouble of this side and
// of the login, whatever the server offers; nothing is tried in its place.
func TestNothingToLogInWith(t *testing.T) {
	t.Parallel()
	for _, mechanism := range []string{"", "plain", "scram-sha-256", "xoauth2"} {
		t.Run(mechanism, func(t *testing.T) {
			t.Parallel()
			opts := serve(t, "S: 220 mx\nC: EHLO [127.0.0.1]\nS: 250-mx\nS: 250 AUTH EXTERNAL PLAIN XOAUTH2 SCRAM-SHA-256")
			opts.Login = &sasl.Login{Mechanism: mechanism, User: "bob"}
			_, err := Open(t.Context(), opts)
			want := kind{StageAuth, ClassAuth, ScopeAccount, RetryNo}
			if got := kindOf(failure(t, err)); got != want || !errors.Is(err, sasl.ErrNoSecret) {
				t.Errorf("got %+v, want %+v (%v)", got, want, err)
			}
		})
	}
}

// TestChoice sees that the beginning of a login tells why it is done that way.
func TestChoice(t *testing.T) {
	t.Parallel()
	opts := serve(t, `
		S: 220 mx
		C: EHLO [127.0.0.1]
		S: 250-mx
		S: 250 AUTH GSSAPI LOGIN DIGEST-MD5 PLAIN XOAUTH2
		C: AUTH PLAIN AGJvYgBzZXNhbWUxNw==
		S: 504 5.5.4 not here
		C: AUTH LOGIN
		S: 334 VXNlcm5hbWU6
		C: Ym9i
		S: 334 UGFzc3dvcmQ6
		C: c2VzYW1lMTc=
		S: 235 welcome
		C: QUIT
`)
	// A link that anybody can read leaves no better choice.
	opts.Login = bob
	var got []Event
	opts.Trace = func(e Event) {
		if e.Stage == StageAuth && e.Kind == KindBegin {
			got = append(got, Event{Mechanism: e.Mechanism, Text: e.Text, Choice: e.Choice})
		}
	}
	if err := send(t.Context(), opts, &mails{}); err != nil {
		t.Fatal(err)
	}
	choice := &sasl.Choice{
		Offered: []string{"GSSAPI", "LOGIN", "DIGEST-MD5", "PLAIN", "XOAUTH2"},
		Tried:   []string{"PLAIN", "LOGIN"},
		Passed: []sasl.Passed{
			{Mechanism: "GSSAPI", Why: "not known to this program"},
			{Mechanism: "DIGEST-MD5", Why: "used only where the account names it"},
			{Mechanism: "XOAUTH2", Why: "takes a token, and there is a password"},
		},
	}
	want := []Event{
		{Mechanism: "PLAIN", Text: "the best of PLAIN, LOGIN", Choice: choice},
		{Mechanism: "LOGIN", Text: "PLAIN can't be used: 504 5.5.4 not here", Choice: choice},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestTokenRefused: a server that takes no token says why in a challenge, of JSON
// and base64 or not, which wants an answer before the refusal comes (RFC 7628 section 3.2.3).
func TestTokenRefused(t *testing.T) {
	t.Parallel()
	for mechanism, lines := range map[string][2]string{
		"XOAUTH2":     {"AUTH XOAUTH2 dXNlcj1ib2IBYXV0aD1CZWFyZXIgdAEB", ""},
		"OAUTHBEARER": {"AUTH OAUTHBEARER bixhPWJvYiwBYXV0aD1CZWFyZXIgdAEB", "AQ=="},
	} {
		for name, challenge := range map[string]string{"JSON": "eyJzdGF0dXMiOiI0MDEifQ==", "no JSON": "bm8=", "no base64": "{\"status\":\"401\"}", "nothing": ""} {
			for refusal, want := range map[string]kind{
				"535 5.7.8 no":    {StageAuth, ClassAuth, ScopeAccount, RetryNo},
				"454 4.7.0 later": {StageAuth, ClassTemporary, ScopeAccount, RetrySafe},
			} {
				t.Run(mechanism+" "+name+" "+refusal[:3], func(t *testing.T) {
					t.Parallel()
					opts := serve(t, "S: 220 mx\nC: EHLO [127.0.0.1]\nS: 250-mx\nS: 250 AUTH "+mechanism+"\nC: "+lines[0]+"\nS: 334 "+challenge+"\nC: "+lines[1]+"\nS: "+refusal)
					opts.Login = &sasl.Login{Mechanism: mechanism, User: "bob", Token: "t"}
					if _, err := Open(t.Context(), opts); kindOf(failure(t, err)) != want {
						t.Errorf("got %v", err)
					}
				})
			}
		}
	}
}
