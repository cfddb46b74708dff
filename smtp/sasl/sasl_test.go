package sasl

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		wanted  string
		offered []string
		want    []string
	}{
		"strongest first":       {"", []string{"LOGIN", "PLAIN"}, []string{"PLAIN", "LOGIN"}},
		"any case":              {"Auto", []string{"login", "Plain"}, []string{"PLAIN", "LOGIN"}},
		"the one named":         {"login", []string{"LOGIN", "PLAIN"}, []string{"LOGIN"}},
		"the one named, absent": {"login", []string{"PLAIN"}, nil},
		"parts of names":        {"", []string{"PLAIN-CLIENTTOKEN", "XLOGIN"}, nil},
		"nothing":               {"", nil, nil},
		"unknown":               {"telepathy", []string{"TELEPATHY"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chosen, _, err := Choose(Login{Mechanism: test.wanted, User: "bob", Password: "x"}, test.offered, nil)
			var got []string
			for _, m := range chosen {
				got = append(got, m.Name())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if (err == nil) != (test.want != nil) {
				t.Errorf("got error %v", err)
			}
			if err != nil && test.wanted != "telepathy" && !errors.Is(err, ErrNoMechanism) {
				t.Errorf("got error %v", err)
			}
		})
	}
	if _, _, err := Choose(Login{User: "bob", Password: "a\x00b"}, []string{"PLAIN"}, nil); err == nil {
		t.Error("a NUL passed")
	}
}

// TestChooseNothing has logins without what their mechanism needs: none of them
// becomes a login by certificate.
func TestChooseNothing(t *testing.T) {
	t.Parallel()
	offered := []string{"EXTERNAL", "PLAIN", "XOAUTH2", "SCRAM-SHA-256"}
	for _, login := range []Login{
		{}, {User: "bob"}, {Mechanism: "auto", User: "bob"}, {Mechanism: "Plain", User: "bob"},
		{Mechanism: "plain", Token: "token-23"}, {Mechanism: "scram-sha-256"}, {Mechanism: "xoauth2", Password: "sesame17"},
	} {
		if chosen, _, err := Choose(login, offered, nil); !errors.Is(err, ErrNoSecret) || chosen != nil {
			t.Errorf("%+v by %q: got %v, %v", login, login.Mechanism, chosen, err)
		}
	}
	if chosen, _, err := Choose(Login{Mechanism: "external"}, offered, nil); err != nil || len(chosen) != 1 {
		t.Errorf("got %v, %v", chosen, err)
	}
}

func TestPrintsNoSecret(t *testing.T) {
	t.Parallel()
	login := Login{Mechanism: "auto", User: "bob", Password: "sesame17", Token: "sesame18"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		for _, value := range []any{login, &login, []Login{login}, struct{ L *Login }{&login}} {
			if got := fmt.Sprintf(verb, value); strings.Contains(got, "sesame") || strings.Contains(got, "736573") {
				t.Errorf("%s prints %s", verb, got)
			}
		}
	}
}

// FuzzChallenges has a server ask anything: no mechanism panics, and SCRAM never
// believes in success, since no challenge can hold the server's proof.
func FuzzChallenges(f *testing.F) {
	f.Add("r=x,s=c2FsdA==,i=4096", "v=AAAA", "")
	f.Add("", "Username:", "Password:")
	f.Add("r=,s=,i=99999999999999999999", "e=x", "\x00")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		for _, m := range mechanisms {
			login := Login{Mechanism: m.name, User: "bob", Password: "sesame17", Token: "token-23"}
			chosen, _, err := Choose(login, []string{m.name}, nil)
			if err != nil {
				t.Fatal(err)
			}
			talk := chosen[0]
			if _, err := talk.Start(); err != nil {
				continue // bound to a connection that is not there
			}
			for _, challenge := range []string{a, b, c} {
				if _, err := talk.Next([]byte(challenge)); err != nil {
					break
				}
			}
			if (strings.HasPrefix(m.name, "SCRAM") || m.name == "DIGEST-MD5") && talk.Finish() == nil {
				t.Errorf("%s believes %q, %q, %q", m.name, a, b, c)
			}
		}
	})
}

// TestResponses checks the octets against the examples of the specifications.
func TestResponses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		login      Login
		initial    string
		challenges []string
		responses  []string
	}{
		"PLAIN": {Login{User: "tim", Password: "tanstaaftanstaaf"}, "\x00tim\x00tanstaaftanstaaf", nil, nil},
		"CRAM-MD5": {
			Login{User: "tim", Password: "tanstaaftanstaaf"}, "",
			[]string{"<1896.697170952@postoffice.reston.mci.net>"}, []string{"tim b913a602c7eda7a495b4e6e7334d3890"},
		},
		"XOAUTH2": {
			Login{User: "someuser@example.com", Token: "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"},
			"user=someuser@example.com\x01auth=Bearer ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg\x01\x01",
			[]string{`{"status":"401"}`}, []string{""},
		},
		"OAUTHBEARER": {
			Login{User: "a=b,c@example.com", Token: "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="},
			"n,a=a=3Db=2Cc@example.com,\x01auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01",
			[]string{`{"status":"invalid_token"}`}, []string{"\x01"},
		},
		"EXTERNAL": {Login{}, "", []string{""}, []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.login.Mechanism = name
			chosen, _, err := Choose(test.login, []string{name}, nil)
			if err != nil {
				t.Fatal(err)
			}
			m := chosen[0]
			initial, err := m.Start()
			if err != nil || string(initial) != test.initial {
				t.Errorf("got %q, %v", initial, err)
			}
			for i, challenge := range test.challenges {
				response, err := m.Next([]byte(challenge))
				if err != nil || string(response) != test.responses[i] {
					t.Errorf("got %q, %v", response, err)
				}
			}
			if len(test.challenges) > 0 {
				if _, err := m.Next(nil); err == nil {
					t.Error("one challenge too many was answered")
				}
			}
		})
	}
}

// TestDigest checks the example of RFC 2831 section 4, and then a server that
// proves something, nothing, or the wrong thing.
func TestDigest(t *testing.T) {
	t.Parallel()
	const nonce, cnonce, uri = "OA6MG9tEQGm2hh", "OA6MHXh6VqTrRk", "imap/elwood.innosoft.com"
	session := digestSession("chris", "elwood.innosoft.com", "secret", nonce, cnonce)
	if got := digestProof(session, nonce, cnonce, "AUTHENTICATE", uri); got != "d388dad90d4bbd760a152321f2143af7" {
		t.Errorf("the response is %s", got)
	}
	if got := digestProof(session, nonce, cnonce, "", uri); got != "ea40f60335c427b5527b84dbabcdfffd" {
		t.Errorf("the server's proof is %s", got)
	}

	const challenge = `realm="x.example", realm="y.example",nonce="a\"b",qop="auth-int, auth",charset=utf-8,algorithm=md5-sess`
	for name, test := range map[string]struct {
		challenge, proof string
		answers, good    bool
	}{
		"well":                {challenge, "rspauth=RIGHT", true, true},
		"without qop":         {`nonce="a\"b",algorithm=md5-sess`, "rspauth=RIGHT", true, true},
		"wrong proof":         {challenge, "rspauth=00000000000000000000000000000000", true, false},
		"no proof":            {challenge, "", true, false},
		"two proofs":          {challenge, "rspauth=RIGHT,rspauth=RIGHT", true, false},
		"protection only":     {`nonce="x",qop="auth-conf",algorithm=md5-sess`, "", false, false},
		"another algorithm":   {`nonce="x",algorithm=md5`, "", false, false},
		"two nonces":          {`nonce="x",nonce="y",algorithm=md5-sess`, "", false, false},
		"a quote without end": {`nonce="x,algorithm=md5-sess`, "", false, false},
		"no list":             {`Password:`, "", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newDigest(Login{User: `b"o\b@y.example`, Password: "sesame17", Host: "mx.example"}, link{}).(*digestMD5)
			response, err := m.Next([]byte(test.challenge))
			if (err == nil) != test.answers {
				t.Fatalf("answers %q, %v", response, err)
			}
			if !test.answers {
				return
			}
			for _, want := range []string{`username="b\"o\\b@y.example"`, `nonce="a\"b"`, `digest-uri="smtp/mx.example"`} {
				if !strings.Contains(string(response), want) {
					t.Errorf("no %s in %s", want, response)
				}
			}
			if strings.Contains(test.challenge, "realm") && !strings.Contains(string(response), `realm="y.example"`) {
				t.Errorf("not the realm of the user: %s", response)
			}
			if m.Finish() == nil {
				t.Error("believes before the proof")
			}
			_, err = m.Next([]byte(strings.ReplaceAll(test.proof, "RIGHT", m.want)))
			if good := err == nil && m.Finish() == nil; good != test.good {
				t.Errorf("believed: %t (%v)", good, err)
			}
		})
	}

	// Without UTF-8 what is not ISO 8859-1 can't be told.
	for user, fits := range map[string]bool{"b\u00f6b": true, "b\u0151b": false} {
		m := newDigest(Login{User: user, Password: "x", Host: "mx"}, link{})
		if _, err := m.Next([]byte(`nonce="x",algorithm=md5-sess`)); (err == nil) != fits {
			t.Errorf("%s: %v", user, err)
		}
	}
}

// FuzzScram has a server that does not know the password go on with the
// client's nonce: whatever it says, the client does not believe it, and does
// no endless work.
func FuzzScram(f *testing.F) {
	f.Add("abc", "QSXCR+Q6sek8bf92", "4096", "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
	f.Add("", "", "0", "e=other-error")
	f.Add("x", "c2FsdA==", "2147483648", "v=")
	f.Fuzz(func(t *testing.T, nonce, salt, count, final string) {
		if n, err := strconv.Atoi(count); err == nil && n > 10_000 && n <= maxIterations {
			t.Skip("allowed, and slow")
		}
		for _, name := range []string{"SCRAM-SHA-256", "SCRAM-SHA-1"} {
			chosen, _, err := Choose(Login{User: "bob", Password: "sesame17"}, []string{name}, nil)
			if err != nil {
				t.Fatal(err)
			}
			m := chosen[0]
			first, err := m.Start()
			if err != nil {
				t.Fatal(err)
			}
			_, own, _ := strings.Cut(string(first), "r=")
			response, err := m.Next([]byte("r=" + own + nonce + ",s=" + salt + ",i=" + count))
			if err == nil {
				if strings.Contains(string(response), "sesame17") {
					t.Errorf("shows the password: %q", response)
				}
				_, _ = m.Next([]byte(final))
			}
			if m.Finish() == nil {
				t.Errorf("believes %q, %q, %q, %q", nonce, salt, count, final)
			}
		}
	})
}
