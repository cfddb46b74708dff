package oauth

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"sendoff/config"
)

// issuer serves pages by their path; BASE in them is the server's own URL.
func issuer(t *testing.T, pages map[string]string, register func(asked map[string]any) (int, string)) string {
	t.Helper()
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/register" {
			var asked map[string]any
			if r.Method != http.MethodPost || json.NewDecoder(r.Body).Decode(&asked) != nil {
				t.Errorf("registered by %s", r.Method)
			}
			status, text := register(asked)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text)
			return
		}
		page, ok := pages[r.URL.Path]
		switch to, moved := strings.CutPrefix(page, "-> "); {
		case !ok:
			http.NotFound(w, r)
		case moved:
			http.Redirect(w, r, to, http.StatusFound)
		default:
			_, _ = io.WriteString(w, strings.ReplaceAll(page, "BASE", server.URL))
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

const (
	wellKnown = "/.well-known/oauth-authorization-server"
	offers    = `{"issuer":"BASE","authorization_endpoint":"BASE/auth","token_endpoint":"BASE/token","device_authorization_endpoint":"BASE/device",` +
		`"registration_endpoint":"BASE/register","scopes_supported":["openid","email","imap","smtp","offline_access"],"more":{}}`
)

func TestLookUp(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		pages  map[string]string
		path   string
		wrong  string
		scopes string
	}{
		"RFC 8414":            {map[string]string{wellKnown: offers}, "", "", "smtp offline_access"},
		"with a path":         {map[string]string{wellKnown + "/mail": strings.Replace(offers, `"BASE"`, `"BASE/mail"`, 1)}, "/mail", "", "smtp offline_access"},
		"OpenID Connect":      {map[string]string{"/mail/.well-known/openid-configuration": strings.Replace(offers, `"BASE"`, `"BASE/mail/"`, 1)}, "/mail/", "", "smtp offline_access"},
		"scopes for all mail": {map[string]string{wellKnown: strings.Replace(offers, `"imap","smtp"`, `"urn:x:scope:mail"`, 1)}, "", "", "urn:x:scope:mail offline_access"},
		"no scopes":           {map[string]string{wellKnown: strings.Replace(offers, `"scopes_supported"`, `"other"`, 1)}, "", "", ""},
		"another issuer":      {map[string]string{wellKnown: strings.Replace(offers, `"BASE"`, `"https://evil.example"`, 1)}, "", "another issuer", ""},
		"clear text":          {map[string]string{wellKnown: strings.Replace(offers, "BASE/token", "http://auth.example/token", 1)}, "", "not encrypted", ""},
		"no token page":       {map[string]string{wellKnown: strings.Replace(offers, "token_endpoint", "x", 1)}, "", "no page to sign in at", ""},
		"nothing":             {nil, "", "it answers 404", ""},
		"moved elsewhere":     {map[string]string{wellKnown: "-> /else", "/else": offers}, "", "it answers 404", ""},
		"no JSON":             {map[string]string{wellKnown: "<html>", "/.well-known/openid-configuration": "[]"}, "", "not answer in JSON", ""},
		"too long":            {map[string]string{wellKnown: offers + strings.Repeat(" ", metadataLimit)}, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := issuer(t, test.pages, nil)
			i, err := LookUp(t.Context(), nil, base+test.path)
			if name == "too long" {
				if err == nil {
					t.Error("it was taken")
				}
				return
			}
			if test.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), test.wrong) {
					t.Errorf("got %+v, %v, want %q", i, err, test.wrong)
				}
				return
			}
			want := Endpoint{Auth: base + "/auth", Device: base + "/device", Token: base + "/token"}
			if err != nil || i.Endpoint.Auth != want.Auth || i.Endpoint.Device != want.Device || i.Endpoint.Token != want.Token ||
				i.Registration != base+"/register" || "http://"+i.Name != base || strings.Join(i.Endpoint.Scopes, " ") != test.scopes {
				t.Errorf("got %+v, %v", i, err)
			}
		})
	}
	for _, odd := range []string{"", "auth.example.org", "http://auth.example.org", "https://", "https://a@b.example", "https://b.example?x", "https://b.example#x", "ftp://b.example", ":"} {
		if _, err := LookUp(t.Context(), nil, odd); err == nil || !strings.Contains(err.Error(), "https://") {
			t.Errorf("%q: %v", odd, err)
		}
	}
}

func TestRegister(t *testing.T) {
	t.Parallel()
	var asked map[string]any
	status, answer := http.StatusCreated, `{"client_id":"c1","client_secret":"s1"}`
	base := issuer(t, map[string]string{wellKnown: offers}, func(a map[string]any) (int, string) {
		asked = a
		return status, answer
	})
	i, err := LookUp(t.Context(), nil, base)
	if err != nil {
		t.Fatal(err)
	}
	before := config.Account{Name: "work", Address: "me@example.org", Host: "smtp.example.org"}
	a, err := i.Settle(t.Context(), nil, before)
	if err != nil || a.OAuthClientID != "c1" || a.OAuthClientSecret != "s1" || a.OAuthTokenURL != base+"/token" || a.OAuth != i.Name {
		t.Errorf("got %+v, %v", a, err)
	}
	if err := a.Check(); err != nil {
		t.Error(err)
	}
	if e, err := EndpointOf(a); err != nil || e.Device != base+"/device" || !slices.Equal(e.Scopes, []string{"smtp", "offline_access"}) {
		t.Errorf("got %+v, %v", e, err)
	}
	if asked["token_endpoint_auth_method"] != "none" || asked["application_type"] != "native" || asked["scope"] != "smtp offline_access" {
		t.Errorf("asked for %v", asked)
	}
	// What the person says goes first, and nothing is registered.
	asked = nil
	before.OAuthClientID, before.OAuthScopes = "mine", []string{"send"}
	if a, err = i.Settle(t.Context(), nil, before); err != nil || a.OAuthClientID != "mine" || a.OAuthScopes[0] != "send" || asked != nil {
		t.Errorf("got %+v, %v", a, err)
	}
	before.OAuthClientID = ""
	for _, refusal := range []struct {
		status int
		text   string
	}{{http.StatusBadRequest, `{"error":"invalid_client_metadata"}`}, {http.StatusCreated, `{}`}, {http.StatusCreated, `x`}} {
		status, answer = refusal.status, refusal.text
		if _, err := i.Settle(t.Context(), nil, before); err == nil || !strings.Contains(err.Error(), "--oauth-client-id") {
			t.Errorf("%v: %v", refusal, err)
		}
	}
	i.Registration = ""
	if _, err := i.Settle(t.Context(), nil, before); err == nil || !strings.Contains(err.Error(), "lets no program register itself") {
		t.Error(err)
	}
}

func FuzzMetadata(f *testing.F) {
	f.Add(offers)
	f.Add(`{"issuer":"https://auth.example.org","token_endpoint":"https://a\u0000b/"}`)
	f.Fuzz(func(t *testing.T, text string) {
		i, err := LookUp(t.Context(), page(strings.ReplaceAll(text, "BASE", "https://auth.example.org")), "https://auth.example.org")
		if err != nil {
			return
		}
		a := config.Account{Name: "x", Address: "a@b.example", Host: "h", OAuthClientID: "c"}
		if a, err = i.Settle(t.Context(), nil, a); err != nil || a.Check() != nil {
			t.Errorf("%+v: %v, %v", a, err, a.Check())
		}
	})
}

// page answers everything with itself.
type page string

func (p page) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(p))), Request: r}, nil
}
