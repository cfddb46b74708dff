package cli

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// lasting is the token that authority gives an account to keep.
const lasting = "lasting-4711"

// authority is a provider of tokens that says what it offers, registers whoever
// asks, and gives a token once the person said yes.
func authority(t *testing.T, token string) (base string, yes *atomic.Bool) {
	t.Helper()
	yes = new(atomic.Bool)
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/.well-known/oauth-authorization-server":
			_, _ = io.WriteString(w, strings.ReplaceAll(`{"issuer":"BASE","authorization_endpoint":"BASE/auth","token_endpoint":"BASE/token",`+
				`"device_authorization_endpoint":"BASE/device","registration_endpoint":"BASE/register","scopes_supported":["smtp"]}`, "BASE", server.URL))
		case "/register":
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, `{"client_id":"c1"}`)
		case "/device":
			_, _ = fmt.Fprintf(w, `{"device_code":"d","user_code":"WXYZ-1234","verification_uri":"%s/go","expires_in":3600,"interval":1}`, server.URL)
		case "/token":
			if !yes.Load() {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = io.WriteString(w, `{"error":"authorization_pending"}`)
				return
			}
			_, _ = fmt.Fprintf(w, `{"access_token":%q,"refresh_token":%q,"token_type":"Bearer","expires_in":3600}`, token, lasting)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, yes
}

// TestWalkSignIn sets up an account that signs in by OAuth, in a real terminal on
// a bare server: its issuer says all, the code is shown, and after the yes the
// account is tested. It is stopped before, and begun again from the list.
func TestWalkSignIn(t *testing.T) {
	t.Parallel()
	needs(t, "tmux")
	program := build(t)
	for _, size := range []struct{ columns, rows int }{{80, 24}, {40, 12}} {
		t.Run(fmt.Sprintf("%dx%d", size.columns, size.rows), func(t *testing.T) {
			t.Parallel()
			const token = "token-0815"
			issuer, yes := authority(t, token)
			home := t.TempDir()
			writeMine(t, home, serveFor(t, program, "--token", token))
			term := start(t, size.columns, size.rows, "env -i PATH=/usr/bin:/bin HOME='"+home+"' SENDOFF_HOME='"+home+
				"' TERM=xterm-256color DBUS_SESSION_BUS_ADDRESS=disabled: '"+program+"'")
			walkSignIn(term, issuer, func() { yes.Store(true) })
			shown := term.wait("vault", "unlocked")
			text, err := os.ReadFile(filepath.Join(home, "config.toml"))
			if err != nil {
				t.Error(err)
			}
			for _, secret := range []string{token, lasting, "open it"} {
				if strings.Contains(shown+string(text), secret) {
					t.Errorf("%q shows:\n%s\n%s", secret, shown, text)
				}
			}
			// What it wrote stays until it has ended.
			term.keys("C-q")
			<-term.ended
		})
	}
}

func walkSignIn(term *terminal, issuer string, agree func()) {
	term.wait("add an account")
	term.keys("n")
	term.wait("New account", "Address")
	term.text("me@mine.example")
	term.wait("me@mine.example")
	term.keys("Enter")
	term.wait("127.0.0.1", "enter use")
	term.keys("Enter")
	term.wait("How do you sign in", "this way")
	term.keys("Enter")
	term.wait("Password", "save")
	term.keys("BTab", "BTab", "BTab")
	term.wait("Sign in by", "a password")
	term.keys("Space")
	term.wait("OAuth, in a browser")
	term.keys("Tab", "Tab")
	term.text(issuer)
	term.wait(issuer)
	term.keys("Tab", "Tab", "Tab", "Tab")
	term.wait("Passphrase")
	term.text("open it")
	term.wait("•••••••")
	term.keys("Tab")
	term.wait("Once more")
	term.text("open it")
	term.keys("C-s")
	term.wait("WXYZ-1234", issuer+"/go")
	term.keys("Escape")
	// A key right behind the escape would be one with alt.
	term.wait("Accounts", "mine", "me@mine.example")
	term.text("s")
	term.wait("WXYZ-1234", issuer+"/go")
	agree()
	term.wait("Test of mine", "p trust its key")
	term.text("p")
	term.wait("Trust this key", "trust it")
	term.text("y")
	term.wait("It works")
	term.keys("Escape")
}
