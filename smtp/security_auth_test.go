package smtp

import (
	"fmt"
	"strings"
	"testing"

	"sendoff/smtp/sandbox"
	"sendoff/smtp/sasl"
)

// TestSecurity11_Challenges has the server change what it asks in SCRAM.
func TestSecurity11_Challenges(t *testing.T) {
	t.Parallel()
	flip := func(s string) string { return strings.Map(func(r rune) rune { return r ^ 1 }, s) }
	for name, test := range map[string]struct {
		mechanism string
		change    func(n int, challenge string) string
	}{
		"nonce of another": {"SCRAM-SHA-256", func(n int, c string) string {
			if n == 1 {
				return "r=AAAA" + strings.TrimPrefix(c, "r=")
			}
			return c
		}},
		"nonce not extended, no salt": {"SCRAM-SHA-256", func(n int, c string) string {
			return strings.Replace(c, ",s=", ",x=", 1)
		}},
		"endless work": {"SCRAM-SHA-256", func(_ int, c string) string {
			return strings.Replace(c, "i=4096", "i=2147483648", 1)
		}},
		"much work": {"SCRAM-SHA-1", func(_ int, c string) string {
			return strings.Replace(c, "i=4096", "i=10000000", 1)
		}},
		"too little work": {"SCRAM-SHA-256", func(_ int, c string) string {
			return strings.Replace(c, "i=4096", "i=1", 1)
		}},
		"wrong proof of the server": {"SCRAM-SHA-256", func(n int, c string) string {
			if n == 2 {
				return "v=" + flip(strings.TrimPrefix(c, "v="))
			}
			return c
		}},
		"wrong proof, bound": {"SCRAM-SHA-256-PLUS", func(n int, c string) string {
			if n == 2 {
				return "v=AAAA"
			}
			return c
		}},
		"wrong proof in DIGEST-MD5": {"DIGEST-MD5", func(n int, c string) string {
			if n == 2 {
				return "rspauth=" + strings.Repeat("0", 32)
			}
			return c
		}},
		"DIGEST-MD5 without a nonce": {"DIGEST-MD5", func(_ int, c string) string {
			return strings.Replace(c, "nonce=", "nonsense=", 1)
		}},
		"DIGEST-MD5 for the session": {"DIGEST-MD5", func(_ int, c string) string {
			return strings.Replace(c, `qop="auth"`, `qop="auth-conf"`, 1)
		}},
		"error of the server": {"SCRAM-SHA-256", func(n int, c string) string {
			if n == 2 {
				return "e=other-error\x1b[2J"
			}
			return c
		}},
		"empty": {"SCRAM-SHA-256", func(int, string) string { return "" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := watch(t, sandbox.Options{
				User: "bob", Password: "sesame17",
				Challenge: func(_ string, n int, c string) string { return test.change(n, c) },
			})
			opts := server.reach(Implicit)
			opts.Login = &sasl.Login{Mechanism: test.mechanism, User: "bob", Password: "sesame17"}
			_, err := Open(t.Context(), opts)
			e := failure(t, err)
			if got, want := kindOf(e), (kind{StageAuth, ClassAuth, ScopeAccount, RetryNo}); got != want {
				t.Errorf("got %+v, want %+v (%v)", got, want, err)
			}
			checkClean(t, e.Error())
		})
	}
}

// TestSecurity11_SuccessWithoutProof has the server report success before it
// proved that it knows the password.
func TestSecurity11_SuccessWithoutProof(t *testing.T) {
	t.Parallel()
	for i := range 4 {
		n, mechanism := 1+i/2, []string{"SCRAM-SHA-256", "DIGEST-MD5"}[i%2]
		server := watch(t, sandbox.Options{
			User: "bob", Password: "sesame17",
			Faults: func(p sandbox.Phase, seen int) sandbox.Fault {
				if p == sandbox.AtAuth && seen == n {
					return sandbox.Fault{Raw: "235 2.7.0 welcome\r\n"}
				}
				return sandbox.Fault{}
			},
		})
		opts := server.reach(Implicit)
		opts.Login = &sasl.Login{Mechanism: mechanism, User: "bob", Password: "sesame17"}
		_, err := Open(t.Context(), opts)
		if e := failure(t, err); e.Class != ClassAuth || e.Retry != RetryNo {
			t.Errorf("got %+v", e)
		}
	}
}

// TestSecurity11_Dialogue has servers lead the client up the garden path: it
// goes no farther than it must, and never shows a password where it may not.
func TestSecurity11_Dialogue(t *testing.T) {
	t.Parallel()
	const offer = "S: 220 mx\nC: EHLO [127.0.0.1]\nS: 250-mx\nS: 250 AUTH "
	const asked = offer + "LOGIN\nC: AUTH LOGIN\n"
	refused := kind{StageAuth, ClassAuth, ScopeAccount, RetryNo}
	for name, test := range map[string]struct {
		script string
		login  sasl.Login
		want   kind
	}{
		"not base64":            {asked + "S: 334 User name?\nC: *\nS: 501 canceled", *bob, refused},
		"CR LF in it":           {asked + "S< \"334 VXNl\\r\\ncm5hbWU6\\r\\n\"", *bob, kind{StageAuth, ClassProtocol, ScopeServer, RetrySafe}},
		"two lines":             {asked + "S: 334-VXNl\nS: 334 cm5h\nC: *\nS: 501 canceled", *bob, refused},
		"huge":                  {asked + "S: 334 " + strings.Repeat("QUJD", 2000), *bob, kind{StageAuth, ClassProtocol, ScopeServer, RetrySafe}},
		"without end":           {asked + "S: 334\nC: Ym9i\nS: 334\nC: c2VzYW1lMTc=\nS: 334\nC: *\nS: 501 canceled", *bob, refused},
		"success at the cancel": {asked + "S: 334 ?\nC: *\nS: 235 welcome", *bob, refused},
		"success too early":     {asked + "S: 334\nC: Ym9i\nS: 235 welcome", *bob, refused},
		"success at once":       {asked + "S: 235 welcome", *bob, refused},
		"failed": {
			offer + "PLAIN LOGIN\nC: AUTH PLAIN AGJvYgBzZXNhbWUxNw==\nS: 535 no",
			*bob, refused, // and nothing else is tried
		},
		"NUL in the password": {offer + "PLAIN", sasl.Login{Mechanism: "plain", User: "bob", Password: "sesame\x0017"}, refused},
		"NUL in the user":     {offer + "PLAIN", sasl.Login{Mechanism: "plain", User: "bob\x00", Password: "sesame17"}, refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := serve(t, test.script)
			opts.Login = &test.login
			var shown strings.Builder
			opts.Trace = func(e Event) { fmt.Fprintln(&shown, e.Text, e.Reply, e.Err) }
			_, err := Open(t.Context(), opts)
			if got := kindOf(failure(t, err)); got != test.want {
				t.Errorf("got %+v, want %+v (%v)", got, test.want, err)
			}
			if strings.Contains(shown.String()+err.Error(), "sesame") || strings.Contains(shown.String(), "c2VzYW1l") {
				t.Errorf("the password is shown: %s", shown.String())
			}
		})
	}
}

// TestSecurity11_PlainOnlyInClear offers what shows a password only before the
// encryption.
func TestSecurity11_PlainOnlyInClear(t *testing.T) {
	t.Parallel()
	opts := serve(t, `
		S: 220 mx
		C: EHLO [127.0.0.1]
		S: 250-mx
		S: 250-AUTH PLAIN LOGIN
		S: 250 STARTTLS
		C: STARTTLS
		S: 220 go on
		TLS
		C: EHLO [127.0.0.1]
		S: 250 mx
`)
	opts.Security, opts.Login = StartTLS, bob
	_, err := Open(t.Context(), opts)
	if got, want := kindOf(failure(t, err)), (kind{StageAuth, ClassUnable, ScopeAccount, RetryNo}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
