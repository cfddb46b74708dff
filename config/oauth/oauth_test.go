package oauth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"sendoff/config"
	"sendoff/config/secret"
)

// server is an authorization server that gives each refresh token once.
type server struct {
	*httptest.Server
	mu        sync.Mutex
	n         int
	refresh   string            // the one that counts
	codes     map[string]string // challenge by code
	fail      func() (status int, body string)
	asked     []url.Values
	keepsOld  bool   // gives no new refresh token
	lifetimes any    // of access tokens, in seconds
	before    func() // what happens before an answer
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{codes: map[string]string{}, lifetimes: 3600}
	mux := http.NewServeMux()
	mux.HandleFunc("/token", s.token)
	mux.HandleFunc("/device", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"device_code":"dev","user_code":"ABCD-EFGH","verification_uri":"https://example.org/device","expires_in":600,"interval":1}`)
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// set changes how the server answers from now on.
func (s *server) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *server) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = r.ParseForm()
	s.asked = append(s.asked, r.PostForm)
	refuse := func(code string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"error":%q,"error_description":"the token r1 is bad"}`, code)
	}
	if s.fail != nil {
		status, body := s.fail()
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
		return
	}
	f := r.PostForm
	switch f.Get("grant_type") {
	case "refresh_token":
		if f.Get("refresh_token") != s.refresh {
			refuse("invalid_grant")
			return
		}
	case "authorization_code":
		sum := sha256.Sum256([]byte(f.Get("code_verifier")))
		if s.codes[f.Get("code")] != base64.RawURLEncoding.EncodeToString(sum[:]) {
			refuse("invalid_grant")
			return
		}
	}
	if s.before != nil {
		s.before()
	}
	s.n++
	answer := map[string]any{"access_token": fmt.Sprint("access", s.n), "token_type": "Bearer", "expires_in": s.lifetimes}
	if !s.keepsOld {
		s.refresh = fmt.Sprint("r", s.n)
		answer["refresh_token"] = s.refresh
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// keeper keeps secrets in memory.
type keeper struct {
	secret.Memory
	broken error
}

func (k *keeper) Get(ctx context.Context, a config.Account) (secret.Secret, error) {
	return k.Memory.Get(ctx, a.Name)
}

func (k *keeper) Set(ctx context.Context, a config.Account, s secret.Secret) error {
	if k.broken != nil {
		return k.broken
	}
	return k.Memory.Set(ctx, a.Name, s)
}

func account(s *server) config.Account {
	return config.Account{
		Name: "work", Address: "me@example.org", OAuth: "mine", OAuthClientID: "id",
		OAuthTokenURL: s.URL + "/token", OAuthAuthURL: s.URL + "/auth", OAuthDeviceURL: s.URL + "/device",
	}
}

func tokens(t *testing.T, k *keeper) *Tokens { return &Tokens{Store: k, Folder: t.TempDir()} }

func holding(t *testing.T, s *server) (*keeper, config.Account) {
	t.Helper()
	k, a := &keeper{}, account(s)
	s.refresh = "r0"
	if err := k.Set(t.Context(), a, secret.New("r0")); err != nil {
		t.Fatal(err)
	}
	return k, a
}

func TestToken(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	k, a := holding(t, s)
	now := time.Now()
	ts := tokens(t, k)
	ts.Clock = func() time.Time { return now }
	get := func(fresh bool, want string) {
		t.Helper()
		got, err := ts.Token(t.Context(), a, fresh)
		if err != nil || got.Reveal() != want {
			t.Errorf("got %q, %v, want %s", got.Reveal(), err, want)
		}
	}
	get(false, "access1")
	get(false, "access1")
	if kept, _ := k.Get(t.Context(), a); kept.Reveal() != "r1" {
		t.Errorf("kept %q", kept.Reveal())
	}
	get(true, "access2") // the server refused the one at hand
	now = now.Add(56 * time.Minute)
	get(false, "access3") // which ends in four minutes
	s.keepsOld = true
	get(true, "access4")
	if kept, _ := k.Get(t.Context(), a); kept.Reveal() != "r3" {
		t.Errorf("the old one was not kept: %q", kept.Reveal())
	}
	// What can't be kept is not used: it would be the last.
	s.keepsOld, k.broken = false, errors.New("disk full")
	if _, err := ts.Token(t.Context(), a, true); err == nil {
		t.Error("a token was used whose successor is lost")
	}
}

// TestOneAtATime: programs that share a rotating token don't use one twice.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	k, a := holding(t, s)
	folder := t.TempDir()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			ts := &Tokens{Store: k, Folder: folder} // another program
			if _, err := ts.Token(t.Context(), a, false); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestTokenRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		signIn bool
	}{
		"revoked":     {400, `{"error":"invalid_grant","error_description":"r0 is gone"}`, true},
		"interaction": {400, `{"error":"interaction_required"}`, true},
		"client":      {401, `{"error":"unauthorized_client"}`, true},
		"odd code":    {400, `{"error":"\u001b[2Jr0"}`, true},
		"no code":     {403, `r0`, true},
		"busy":        {503, `r0`, false},
		"slow down":   {400, `{"error":"slow_down"}`, false},
		"too many":    {429, `{}`, false},
		"temporarily": {400, `{"error":"temporarily_unavailable"}`, false},
		"no JSON":     {200, `r0 <html>`, false},
	} {
		s := newServer(t)
		k, a := holding(t, s)
		s.fail = func() (int, string) { return test.status, test.body }
		_, err := tokens(t, k).Token(t.Context(), a, false)
		var e *secret.Error
		var later *TemporaryError
		if errors.As(err, &e) != test.signIn || errors.As(err, &later) == test.signIn {
			t.Errorf("%s: %v", name, err)
		}
		if test.signIn && !strings.Contains(e.Hint, "sendoff account login work") {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(err.Error(), "r0 ") || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%s: the error repeats what the server said: %v", name, err)
		}
	}
	s := newServer(t)
	if _, err := tokens(t, &keeper{}).Token(t.Context(), account(s), false); !errors.Is(err, secret.ErrSignIn) {
		t.Errorf("nobody signed in: %v", err)
	}
	k, a := holding(t, s)
	s.Close()
	var later *TemporaryError
	if _, err := tokens(t, k).Token(t.Context(), a, false); !errors.As(err, &later) {
		t.Errorf("no server: %v", err)
	}
}

// TestDevice gets a code and, since the person says yes at once, the token.
func TestDevice(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	k := &keeper{}
	var shown Prompt
	err := tokens(t, k).SignInDevice(t.Context(), account(s), func(p Prompt) { shown = p })
	if shown.Code != "ABCD-EFGH" || shown.URL != "https://example.org/device" || shown.Expires.IsZero() {
		t.Errorf("shown %+v", shown)
	}
	if kept, _ := k.Get(t.Context(), account(s)); err != nil || kept.Reveal() != "r1" {
		t.Errorf("kept %q, %v", kept.Reveal(), err)
	}
	ctx, stop := context.WithCancel(t.Context())
	if err := tokens(t, &keeper{}).SignInDevice(ctx, account(s), func(Prompt) { stop() }); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

// browse is what a person's browser does: it asks the server and goes where it
// is sent.
func (s *server) browse(t *testing.T, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if q.Get("code_challenge_method") != "S256" || q.Get("client_id") != "id" || q.Get("state") == "" {
		t.Errorf("the browser is sent to %s", address)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes["code"] = q.Get("code_challenge")
	return url.Values{"code": {"code"}, "state": {q.Get("state")}, "to": {q.Get("redirect_uri")}}
}

func TestBrowser(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		loopback bool
		change   func(q url.Values) string // what comes back
		wrong    string
	}{
		"loopback":         {true, func(q url.Values) string { return q.Get("to") + "?" + q.Encode() }, ""},
		"loopback, denied": {true, func(q url.Values) string { return q.Get("to") + "?error=access_denied&state=" + q.Get("state") }, "access_denied"},
		"pasted":           {false, func(q url.Values) string { return "  " + q.Get("to") + "?" + q.Encode() + " \n" }, ""},
		"pasted, denied":   {false, func(q url.Values) string { return q.Get("to") + "?error=access_denied&state=" + q.Get("state") }, "access_denied"},
		"pasted, bad code": {false, func(q url.Values) string { return q.Get("to") + "?code=other&state=" + q.Get("state") }, "invalid_grant"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			k := &keeper{}
			pasted := make(chan string, 3)
			shown := 0
			err := tokens(t, k).SignInBrowser(t.Context(), account(s), func(p Prompt) {
				if shown++; shown > 1 {
					return
				}
				q := s.browse(t, p.URL)
				back := test.change(q)
				if test.loopback {
					// An answer to another question changes nothing.
					for _, at := range []string{q.Get("to") + "?code=x&state=forged", back} {
						go func() {
							r, err := http.Get(at)
							if err == nil {
								_ = r.Body.Close()
							}
						}()
					}
					return
				}
				pasted <- "what now?"
				pasted <- q.Get("to") + "?code=x&state=forged"
				pasted <- back
			}, pasted)
			kept, _ := k.Get(t.Context(), account(s))
			if test.wrong == "" && (err != nil || kept.Reveal() != "r1") || test.wrong != "" && (err == nil || !strings.Contains(err.Error(), test.wrong)) {
				t.Errorf("kept %q, %v", kept.Reveal(), err)
			}
			if !test.loopback && shown != 3 {
				t.Errorf("shown %d times", shown)
			}
		})
	}
}

func TestEndpoints(t *testing.T) {
	t.Parallel()
	for name, e := range known() {
		got, err := EndpointOf(config.Account{Name: "x", OAuth: name})
		if err != nil || got.Token != e.Token {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		for _, at := range []string{e.Auth, e.Token} {
			if !strings.HasPrefix(at, "https://") {
				t.Errorf("%s: %q", name, at)
			}
		}
	}
	if _, err := EndpointOf(config.Account{Name: "x", OAuth: "nobody"}); err == nil {
		t.Error("an unknown provider passed")
	}
}
