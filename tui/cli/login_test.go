//go:build unix

package cli

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestAccountLogin signs in the way a person does over SSH: the address that the
// browser ended at is pasted. What lasts goes into the vault.
func TestAccountLogin(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	challenge := ""
	var forms []url.Values
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		_ = r.ParseForm()
		forms = append(forms, r.PostForm)
		sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
		if r.PostForm.Get("code") != "thecode" || base64.RawURLEncoding.EncodeToString(sum[:]) != challenge {
			w.WriteHeader(http.StatusBadRequest)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"access_token":"opensesame","refresh_token":"lastingsesame","token_type":"Bearer","expires_in":3600}`)
	}))
	t.Cleanup(server.Close)
	s := &station{t: t, home: t.TempDir()}
	unlock := s.command("unlock", "--passphrase-stdin", "--for", "5m")
	unlock.Stdin = strings.NewReader("a passphrase\n")
	// What a caller holds open, such as a lock, the agent must not hold on to.
	held, holds, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	unlock.ExtraFiles = []*os.File{holds}
	if out, err := unlock.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Cleanup(func() { s.run(0, "lock") })
	_ = holds.Close()
	_ = held.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := held.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the agent holds what it was not given: %v", err)
	}
	_ = held.Close()
	s.run(0, "account", "add", "work", "--address", "me@example.org", "--host", "smtp.example.org", "--secret", "vault",
		"--oauth", "mine", "--oauth-client-id", "id", "--oauth-token-url", server.URL+"/token", "--oauth-auth-url", server.URL+"/auth",
		"--oauth-scopes", "smtp,offline_access")

	login := s.command("account", "login", "work")
	in, err := login.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	said, err := login.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := login.Start(); err != nil {
		t.Fatal(err)
	}
	all := ""
	for lines := bufio.NewScanner(said); lines.Scan(); {
		all += lines.Text() + "\n"
		if !strings.HasPrefix(lines.Text(), server.URL) {
			continue
		}
		u, err := url.Parse(lines.Text())
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		mu.Lock()
		challenge = q.Get("code_challenge")
		mu.Unlock()
		if q.Get("scope") != "smtp offline_access" || q.Get("code_challenge_method") != "S256" {
			t.Errorf("the browser is sent to %s", u)
		}
		back := url.Values{"code": {"thecode"}, "state": {q.Get("state")}}
		_, _ = io.WriteString(in, "not an address\n"+q.Get("redirect_uri")+"?"+back.Encode()+"\n")
	}
	if err := login.Wait(); err != nil || !strings.Contains(all, "ssh -L") || !strings.Contains(all, "not the address") {
		t.Errorf("%v: it said %s", err, all)
	}
	text, err := os.ReadFile(s.home + "/vault")
	if err != nil || strings.Contains(string(text)+all, "sesame") || len(forms) != 1 {
		t.Errorf("the vault shows the token, or the server was asked %d times, %v", len(forms), err)
	}
	if list := s.run(0, "account", "list"); !strings.Contains(list, "vault, unlocked") {
		t.Errorf("the list says %s", list)
	}
}
