// Package oauth gets tokens for accounts that log in by OAuth 2.0 (RFC 6749,
// RFC 8252 for native programs): once with the person, in a browser on this
// machine or another; then by itself, for as long as the provider allows.
//
// What lasts, the refresh token, is kept where the account keeps its password.
// Access tokens stay in memory.
package oauth

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"sendoff/config"
	"sendoff/config/private"
	"sendoff/config/secret"
)

// Endpoint is where a provider gives tokens for sending mail, and what for.
type Endpoint struct {
	Auth, Device, Token string // URLs; Device is empty if that way is not offered
	Scopes              []string
}

func microsoft(tenant string) Endpoint {
	base := "https://login.microsoftonline.com/" + tenant + "/oauth2/v2.0/"
	return Endpoint{base + "authorize", base + "devicecode", base + "token", []string{"https://outlook.office.com/SMTP.Send", "offline_access"}}
}

// known are the providers that an account can name. None lets programs in that
// it does not know: a client id of one's own is needed everywhere.
func known() map[string]Endpoint {
	return map[string]Endpoint{
		"google": {
			Auth: "https://accounts.google.com/o/oauth2/v2/auth", Token: "https://oauth2.googleapis.com/token",
			Scopes: []string{"https://mail.google.com/"},
		},
		"microsoft":          microsoft("common"),
		"microsoft-personal": microsoft("consumers"),
		"fastmail": {
			Auth: "https://api.fastmail.com/oauth/authorize", Token: "https://api.fastmail.com/oauth/refresh",
			Scopes: []string{"https://www.fastmail.com/dev/protocol-smtp", "offline_access"},
		},
		"yandex":  {Auth: "https://oauth.yandex.com/authorize", Token: "https://oauth.yandex.com/token", Scopes: []string{"mail:smtp"}},
		"mail.ru": {Auth: "https://o2.mail.ru/login", Token: "https://o2.mail.ru/token", Scopes: []string{"mail.imap"}},
	}
}

// Providers are the names of those that an account can name.
func Providers() []string { return slices.Sorted(maps.Keys(known())) }

// EndpointOf returns where the tokens of an account come from: what it says
// itself goes before what is known of its provider.
func EndpointOf(a config.Account) (Endpoint, error) {
	e, ok := known()[a.OAuth]
	for _, given := range []struct {
		value string
		to    *string
	}{{a.OAuthAuthURL, &e.Auth}, {a.OAuthDeviceURL, &e.Device}, {a.OAuthTokenURL, &e.Token}} {
		if given.value != "" {
			*given.to = given.value
		}
	}
	if len(a.OAuthScopes) > 0 {
		e.Scopes = a.OAuthScopes
	}
	if !ok && (e.Token == "" || e.Auth == "" && e.Device == "") {
		return e, &config.Error{
			Text: fmt.Sprintf("account %s: oauth = %q is not known", a.Name, a.OAuth),
			Hint: fmt.Sprintf("it can be one of %v, or any word with oauth-token-url and oauth-auth-url or oauth-device-url", Providers()),
		}
	}
	return e, nil
}

// Tokens gives access tokens of accounts. Its fields must not change while it is
// in use.
type Tokens struct {
	// Store keeps refresh tokens where an account keeps its password.
	Store interface {
		Get(ctx context.Context, a config.Account) (secret.Secret, error)
		Set(ctx context.Context, a config.Account, s secret.Secret) error
	}
	Folder string            // for locks: programs must not use one refresh token twice
	Web    http.RoundTripper // nil for the usual one
	Clock  func() time.Time  // nil for the system's

	mu     sync.Mutex
	access map[string]*oauth2.Token // by account and client
}

// renewal is how long before its end an access token is renewed, webLimit how
// long a token server may take, and grace how long of that after a stop.
const (
	renewal  = 5 * time.Minute
	webLimit = 30 * time.Second
	grace    = 3 * time.Second
)

// TemporaryError tells that the token server can't be used now.
type TemporaryError struct{ Err error }

// Error tells what happened.
func (e *TemporaryError) Error() string {
	return "the token server can't be used now: " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *TemporaryError) Unwrap() error { return e.Err }

// Token returns an access token of an account: one that is at hand, unless a
// new one is wanted because the server refused that. Its error is a
// *secret.Error if the person has to sign in, or a *TemporaryError.
func (t *Tokens) Token(ctx context.Context, a config.Account, fresh bool) (secret.Secret, error) {
	t.mu.Lock() // one flight in this process
	defer t.mu.Unlock()
	key := a.Name + "\n" + a.OAuthClientID
	if at := t.access[key]; at != nil && !fresh && good(at.Expiry, t.now()) {
		return secret.New(at.AccessToken), nil
	}
	client, err := t.client(a)
	if err != nil {
		return secret.Secret{}, err
	}
	unlock, err := private.LockFor(ctx, filepath.Join(t.Folder, "oauth-"+a.Name), "the tokens of "+a.Name, 2*webLimit)
	if err != nil {
		return secret.Secret{}, &TemporaryError{err}
	}
	defer unlock()
	// Another program may have changed it while we waited.
	refresh, err := t.Store.Get(ctx, a)
	if err != nil {
		return secret.Secret{}, signInFirst(a.Name, err)
	}
	// The answer may hold the only refresh token that is good from then on. So
	// who stops us meanwhile has to wait for it, if not for long.
	lasting := context.WithoutCancel(ctx)
	asking, cancel := context.WithTimeout(t.context(lasting), webLimit)
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })()
	got, err := client.TokenSource(asking, &oauth2.Token{RefreshToken: refresh.Reveal()}).Token()
	if err != nil {
		return secret.Secret{}, t.explain(a.Name, err)
	}
	return secret.New(got.AccessToken), t.keep(lasting, a, refresh.Reveal(), got)
}

// good tells whether a token that ends at expiry can be used. One of which no
// end was said is used until a server refuses it. The clock on the wall counts
// as well as the time that passed: a machine that slept has lost the latter, and
// one whose clock was set back the former.
func good(expiry, now time.Time) bool {
	now = now.Add(renewal)
	return expiry.IsZero() || expiry.After(now) && expiry.Round(0).After(now.Round(0))
}

// keep stores a refresh token that is new before anything is done with the rest.
func (t *Tokens) keep(ctx context.Context, a config.Account, before string, got *oauth2.Token) error {
	if got.RefreshToken != "" && got.RefreshToken != before {
		if err := t.Store.Set(ctx, a, secret.New(got.RefreshToken)); err != nil {
			return err
		}
	}
	if t.access == nil {
		t.access = map[string]*oauth2.Token{}
	}
	t.access[a.Name+"\n"+a.OAuthClientID] = got
	return nil
}

func (t *Tokens) client(a config.Account) (*oauth2.Config, error) {
	e, err := EndpointOf(a)
	if err != nil {
		return nil, err
	}
	return &oauth2.Config{
		ClientID: a.OAuthClientID, ClientSecret: a.OAuthClientSecret, Scopes: e.Scopes,
		Endpoint: oauth2.Endpoint{AuthURL: e.Auth, DeviceAuthURL: e.Device, TokenURL: e.Token, AuthStyle: oauth2.AuthStyleInParams},
	}, nil
}

func (t *Tokens) context(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Transport: t.Web, Timeout: webLimit})
}

func (t *Tokens) now() time.Time {
	if t.Clock != nil {
		return t.Clock()
	}
	return time.Now()
}

// SignInHint says how the person of an account gets it a token that is taken.
func SignInHint(a config.Account) string {
	if a.OAuth == "" {
		return "see what the program that gives the token wants"
	}
	return signInHint(a.Name)
}

func signInHint(account string) string { return "sign in with: sendoff account login " + account }

// signInFirst is the error for an account that nobody signed in for.
func signInFirst(account string, err error) error {
	var known *secret.Error
	if errors.As(err, &known) && !errors.Is(err, secret.ErrNotFound) {
		return known
	}
	return &secret.Error{Account: account, Err: fmt.Errorf("%w: nobody has yet", secret.ErrSignIn), Hint: signInHint(account)}
}

// explain tells what a person must do from what passes. What the server said
// may hold tokens and is not repeated, but for the code of its error.
func (t *Tokens) explain(account string, err error) error {
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused):
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return &TemporaryError{errors.New("it did not answer in time")}
	default:
		return &TemporaryError{errors.New("there is no way to it, or it does not speak OAuth")}
	}
	status := 0
	if refused.Response != nil {
		status = refused.Response.StatusCode
	}
	switch code := refused.ErrorCode; code {
	case "temporarily_unavailable", "slow_down", "server_error":
		return &TemporaryError{errors.New(code)}
	case "":
		if status >= 500 || status == http.StatusTooManyRequests || status == 0 {
			return &TemporaryError{fmt.Errorf("it says %d", status)}
		}
		return &secret.Error{Account: account, Err: signIn(fmt.Sprint("HTTP ", status)), Hint: signInHint(account)}
	case "invalid_client", "unauthorized_client":
		return &secret.Error{Account: account, Err: signIn(plain(code)), Hint: "check oauth-client-id; then " + signInHint(account)}
	default: // invalid_grant, interaction_required, access_denied, expired_token ...
		return &secret.Error{Account: account, Err: signIn(plain(code)), Hint: signInHint(account)}
	}
}

// signIn is the error for a code that a person must do something about.
func signIn(code string) error {
	switch code {
	case "access_denied":
		return fmt.Errorf("%w: in the browser the answer was no (%s)", secret.ErrSignIn, code)
	case "expired_token":
		return fmt.Errorf("%w: the code was not used in time (%s)", secret.ErrSignIn, code)
	}
	return fmt.Errorf("%w again (%s)", secret.ErrSignIn, code)
}

// plain makes a code of the server's harmless.
func plain(code string) string {
	kept := make([]byte, 0, 40)
	for i := 0; i < len(code) && len(kept) < 40; i++ {
		if c := code[i]; c == '_' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' {
			kept = append(kept, c)
		}
	}
	return string(kept)
}
