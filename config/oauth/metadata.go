package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sendoff/config"
)

// Issuer is what a provider of tokens says of itself (RFC 8414).
type Issuer struct {
	Name         string // its host, for config.Account.OAuth
	Endpoint     Endpoint
	Registration string // where programs make themselves known (RFC 7591); empty if they can't
}

// metadataLimit bounds what a provider may say of itself, in octets.
const metadataLimit = 256 << 10

// metadata is the document of RFC 8414 section 2, as far as we need it.
type metadata struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Device        string   `json:"device_authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Registration  string   `json:"registration_endpoint"`
	Scopes        []string `json:"scopes_supported"`
}

// LookUp asks an issuer, a URL, what it offers. web may be nil for the usual
// transport. The answer counts only if it is about that issuer, and if all in it
// is reached over TLS.
func LookUp(ctx context.Context, web http.RoundTripper, issuer string) (Issuer, error) {
	issuer = strings.TrimSuffix(issuer, "/")
	u, err := url.Parse(issuer)
	if err != nil || !secure(issuer) || u.RawQuery != "" || u.Fragment != "" {
		return Issuer{}, &config.Error{Text: "an issuer of tokens must be a URL that begins with https://"}
	}
	// RFC 8414 section 3.1, and what was usual before (OpenID Connect Discovery
	// 1.0 section 4).
	between := *u
	between.Path = "/.well-known/oauth-authorization-server" + u.Path
	var m metadata
	for _, page := range []string{between.String(), issuer + "/.well-known/openid-configuration"} {
		if err = fetch(ctx, web, page, nil, &m); err == nil {
			break
		}
	}
	wrong := func(what string) (Issuer, error) {
		return Issuer{}, &config.Error{Text: "what " + u.Host + " says of its tokens can't be used: " + what, Hint: "name its pages with oauth-token-url and oauth-auth-url"}
	}
	switch {
	case ctx.Err() != nil:
		return Issuer{}, ctx.Err()
	case err != nil:
		return wrong(err.Error())
	case strings.TrimSuffix(m.Issuer, "/") != issuer:
		return wrong("it is about another issuer")
	case m.Token == "" || m.Authorization == "" && m.Device == "":
		return wrong("it names no page to sign in at")
	}
	for _, page := range []string{m.Token, m.Authorization, m.Device, m.Registration} {
		if page != "" && !secure(page) {
			return wrong("a page of it is not encrypted")
		}
	}
	return Issuer{
		Name:         u.Host,
		Endpoint:     Endpoint{m.Authorization, m.Device, m.Token, scopesFor(m.Scopes)},
		Registration: m.Registration,
	}, nil
}

// secure tells that what is said to a URL is encrypted, or stays on this
// machine.
func secure(page string) bool {
	u, err := url.Parse(page)
	return err == nil && u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http" && config.Loopback(u.Hostname()))
}

// scopesFor chooses among what an issuer offers: sending mail, or else all that
// is about mail, and a token that lasts.
func scopesFor(offered []string) []string {
	about := func(word string) (some []string) {
		for _, scope := range offered {
			if strings.Contains(strings.ToLower(scope), word) {
				some = append(some, scope)
			}
		}
		return some
	}
	scopes := about("smtp")
	if len(scopes) == 0 {
		scopes = slices.DeleteFunc(about("mail"), func(s string) bool { return s == "email" }) // which is a claim
	}
	if slices.Contains(offered, "offline_access") {
		scopes = append(scopes, "offline_access")
	}
	return scopes
}

// Register makes this program known to an issuer as a client of the person's own
// (RFC 7591), one that can keep no secret and is not told apart from its copies.
// It returns the id, and a secret from those who give one all the same.
func (i Issuer) Register(ctx context.Context, web http.RoundTripper) (id, clientSecret string, err error) {
	if i.Registration == "" {
		return "", "", &config.Error{
			Text: i.Name + " lets no program register itself",
			Hint: "register one on its web site and give the id with --oauth-client-id",
		}
	}
	grants := []string{"refresh_token"}
	if i.Endpoint.Auth != "" {
		grants = append(grants, "authorization_code")
	}
	if i.Endpoint.Device != "" {
		grants = append(grants, "urn:ietf:params:oauth:grant-type:device_code")
	}
	ask := map[string]any{
		"client_name": "sendoff", "application_type": "native", "token_endpoint_auth_method": "none",
		"redirect_uris": []string{"http://127.0.0.1/"}, // on any port, RFC 8252 section 7.3
		"grant_types":   grants, "response_types": []string{"code"},
	}
	if len(i.Endpoint.Scopes) > 0 {
		ask["scope"] = strings.Join(i.Endpoint.Scopes, " ")
	}
	body, err := json.Marshal(ask)
	if err != nil {
		return "", "", err
	}
	var answer struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	if err := fetch(ctx, web, i.Registration, body, &answer); err != nil || answer.ID == "" {
		if err == nil {
			err = errors.New("it gave no id")
		}
		return "", "", &config.Error{Text: i.Name + " did not register the program: " + err.Error(), Hint: "register one on its web site and give the id with --oauth-client-id"}
	}
	return answer.ID, answer.Secret, nil
}

// fetch reads a JSON document; with a body, as the answer to it. No redirect is
// followed: the answer would be another's.
func fetch(ctx context.Context, web http.RoundTripper, page string, body []byte, into any) error {
	ctx, cancel := context.WithTimeout(ctx, webLimit)
	defer cancel()
	method := http.MethodGet
	if body != nil {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, page, bytes.NewReader(body))
	if err != nil {
		return errors.New("its URL can't be used")
	}
	r.Header.Set("Accept", "application/json")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	client := &http.Client{Transport: web, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	switch {
	case ctx.Err() != nil:
		return errors.New("it did not answer in time")
	case err != nil:
		return errors.New("there is no way to it")
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusCreated {
		return fmt.Errorf("it answers %d", answer.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, metadataLimit+1))
	switch {
	case err != nil:
		return errors.New("its answer broke off")
	case len(text) > metadataLimit:
		return errors.New("its answer is too long")
	case json.Unmarshal(text, into) != nil:
		return errors.New("it does not answer in JSON")
	}
	return nil
}

// Settle has an account take its tokens from an issuer, with what the account
// says itself going before: the client id above all. Without one, the program
// registers itself.
func (i Issuer) Settle(ctx context.Context, web http.RoundTripper, a config.Account) (config.Account, error) {
	if len(a.OAuthScopes) > 0 {
		i.Endpoint.Scopes = a.OAuthScopes
	}
	if a.OAuthClientID == "" {
		var err error
		if a.OAuthClientID, a.OAuthClientSecret, err = i.Register(ctx, web); err != nil {
			return a, err
		}
	}
	a.OAuth, a.OAuthTokenURL, a.OAuthAuthURL, a.OAuthDeviceURL = i.Name, i.Endpoint.Token, i.Endpoint.Auth, i.Endpoint.Device
	a.OAuthScopes = i.Endpoint.Scopes
	return a, nil
}
