package realtest_test

import (
	"bufio"
	"io"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"sendoff/smtp/submit/realtest"
)

// TestOAuth goes the whole way with tokens: from the name of an authorization
// server, which registers the program, over each way to sign in, to a real mail
// server that asks that one about the token.
func TestOAuth(t *testing.T) {
	t.Parallel()
	server := realtest.StartPostfix(t)
	p := newProgram(t)
	at := func(name string) string { return name + "@" + realtest.Domain }
	must := func(want int, text string, args ...string) string {
		t.Helper()
		code, out := p.run(t, text, args...)
		if code != want {
			t.Errorf("sendoff %v: exit code %d, want %d", args, code, want)
		}
		if strings.Contains(out, "access-") || strings.Contains(out, "refresh-") {
			t.Errorf("sendoff %v shows a token:\n%s", args, out)
		}
		return out
	}
	must(0, "a passphrase\n", "unlock", "--passphrase-stdin", "--for", "10m")
	t.Cleanup(func() { must(0, "", "lock") })
	mechanisms := map[string]string{"work": "auto", "older": "xoauth2", "newer": "oauthbearer"}
	for name, auth := range mechanisms {
		must(0, "", "account", "add", name, "--address", at("ann"), "--user", realtest.User, "--host", server.Host,
			"--port", strconv.Itoa(server.Submissions), "--ca-file", server.CAFile, "--auth", auth, "--secret", "vault",
			"--oauth-issuer", server.Authority.URL)
	}
	must(77, "text", "send", "--account", "work", "--to", at("early"), "--subject", "nobody signed in yet")

	p.signIn(t, "work", func(page string, _ io.Writer) { server.Authority.Approve() })
	must(0, "text", "flush")
	server.Delivered(t, at("early"))
	p.signIn(t, "older", func(page string, _ io.Writer) { visit(t, page, true) }, "--browser")
	must(0, "text", "send", "--account", "older", "--to", at("loopback"), "--subject", "x")
	server.Delivered(t, at("loopback"))
	p.signIn(t, "newer", func(page string, in io.Writer) { _, _ = io.WriteString(in, visit(t, page, false)+"\n") }, "--browser")
	must(0, "text", "send", "--account", "newer", "--to", at("pasted"), "--subject", "x")
	server.Delivered(t, at("pasted"))

	// A token that has lost its power is replaced, once.
	before := server.Authority.Stale(1)
	must(0, "text", "send", "--account", "newer", "--to", at("refreshed"), "--subject", "x")
	server.Delivered(t, at("refreshed"))
	if n := server.Authority.Given() - before; n != 2 {
		t.Errorf("%d tokens were asked for, want 2", n)
	}
	// After a second one the account waits, and a timetable asks nobody again.
	before = server.Authority.Stale(2)
	must(77, "text", "send", "--account", "newer", "--to", at("parked"), "--subject", "x")
	must(77, "", "flush")
	if n := server.Authority.Given() - before; n != 2 {
		t.Errorf("%d tokens were asked for while the account waited, want 2", n)
	}
	p.signIn(t, "newer", func(page string, in io.Writer) { visit(t, page, true) }, "--browser")
	must(0, "", "flush")
	server.Delivered(t, at("parked"))

	// What the person took back is for the person to give again.
	server.Authority.Revoke()
	code, _ := p.run(t, "text", "send", "--account", "newer", "--to", at("revoked"), "--subject", "x")
	if code != 77 {
		t.Errorf("revoked: exit code %d", code)
	}
}

// signIn runs "account login"; act does what the person does with the page.
func (p *program) signIn(t *testing.T, account string, act func(page string, in io.Writer), args ...string) {
	t.Helper()
	cmd := exec.Command(p.path, append([]string{"account", "login", account}, args...)...)
	cmd.Env = p.env
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	acted := false
	for lines := bufio.NewScanner(said); lines.Scan(); {
		all.WriteString(lines.Text() + "\n")
		if !acted && strings.HasPrefix(lines.Text(), "http://") {
			acted = true
			act(lines.Text(), in)
		}
	}
	if err := cmd.Wait(); err != nil || !acted {
		t.Errorf("account login %s: %v\n%s", account, err, all.String())
	}
}

// visit opens a page as a browser does, and says where it led. Without follow it
// does not go there, as from a machine on which nobody listens.
func visit(t *testing.T, page string, follow bool) string {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		if follow {
			return nil
		}
		return http.ErrUseLastResponse
	}}
	answer, err := client.Get(page)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.Header.Get("Location")
}
