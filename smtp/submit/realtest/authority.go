package realtest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
)

// Authority is an authorization server (RFC 6749) for one user: it tells of
// itself (RFC 8414), registers programs (RFC 7591), gives tokens for a code of
// PKCE (RFC 7636) or of a device (RFC 8628), each refresh token once, and tells
// the mail server which tokens are good (RFC 7662).
type Authority struct {
	URL string

	mu       sync.Mutex
	clients  map[string]bool
	codes    map[string]string // challenge by code
	approved bool              // the person typed the code of the device
	refresh  string            // the one that counts
	good     map[string]bool   // access tokens
	stale    int               // how many of the next ones are not
	given    int               // access tokens so far
}

func newAuthority(t testing.TB) *Authority {
	a := &Authority{clients: map[string]bool{}, codes: map[string]string{}, good: map[string]bool{Token: true}}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/oauth-authorization-server", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]any{
			"issuer": a.URL, "authorization_endpoint": a.URL + "/authorize", "token_endpoint": a.URL + "/token",
			"device_authorization_endpoint": a.URL + "/device", "registration_endpoint": a.URL + "/register",
			"scopes_supported": []string{"imap", "smtp", "offline_access"},
		})
	})
	mux.HandleFunc("/register", a.register)
	mux.HandleFunc("/authorize", a.authorize)
	mux.HandleFunc("/device", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]any{
			"device_code": "device", "user_code": "WDJB-MJHT", "verification_uri": a.URL + "/activate", "expires_in": 600, "interval": 1,
		})
	})
	mux.HandleFunc("/token", a.token)
	mux.HandleFunc("/introspect", a.introspect)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	a.URL = server.URL
	return a
}

// Approve is the person who types the code of the device.
func (a *Authority) Approve() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.approved = true
}

// Stale makes the next n access tokens such as the mail server refuses, and
// returns how many were given before.
func (a *Authority) Stale(n int) (given int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stale = n
	return a.given
}

// Given is how many access tokens were given so far.
func (a *Authority) Given() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.given
}

// Revoke ends what the person allowed: refresh tokens are no good any more.
func (a *Authority) Revoke() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refresh = ""
}

func (a *Authority) register(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	id := fmt.Sprint("client", len(a.clients)+1)
	a.clients[id] = true
	reply(w, http.StatusCreated, map[string]any{"client_id": id})
}

// authorize is the page on which the person says yes.
func (a *Authority) authorize(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	q := r.URL.Query()
	if !a.clients[q.Get("client_id")] || q.Get("code_challenge_method") != "S256" || q.Get("response_type") != "code" {
		reply(w, http.StatusBadRequest, map[string]any{"error": "invalid_request"})
		return
	}
	code := rand.Text()
	a.codes[code] = q.Get("code_challenge")
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
}

func (a *Authority) token(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	wrong := ""
	switch r.FormValue("grant_type") {
	case "refresh_token":
		if a.refresh == "" || r.FormValue("refresh_token") != a.refresh {
			wrong = "invalid_grant"
		}
	case "authorization_code":
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if a.codes[r.FormValue("code")] != base64.RawURLEncoding.EncodeToString(sum[:]) {
			wrong = "invalid_grant"
		}
		delete(a.codes, r.FormValue("code"))
	case "urn:ietf:params:oauth:grant-type:device_code":
		if !a.approved {
			wrong = "authorization_pending"
		}
	default:
		wrong = "unsupported_grant_type"
	}
	if !a.clients[r.FormValue("client_id")] {
		wrong = "invalid_client"
	}
	if wrong != "" {
		reply(w, http.StatusBadRequest, map[string]any{"error": wrong})
		return
	}
	access := "access-" + rand.Text()
	a.given++
	a.good[access] = a.stale == 0
	a.stale = max(0, a.stale-1)
	a.refresh = "refresh-" + rand.Text()
	reply(w, http.StatusOK, map[string]any{
		"access_token": access, "refresh_token": a.refresh, "token_type": "Bearer", "expires_in": 3600,
	})
}

func (a *Authority) introspect(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	reply(w, http.StatusOK, map[string]any{"active": a.good[r.FormValue("token")], "email": User})
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // to a local program, where an error shows
}
