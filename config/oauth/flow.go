package oauth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"sendoff/config"
	"sendoff/config/secret"
)

// Prompt is what to show to a person who signs in.
type Prompt struct {
	URL     string    // to open in a browser
	Code    string    // to type there; empty if there is none
	Expires time.Time // the zero value if that was not said

	// Port is where this machine listens for the browser; 0 if it does not. A
	// browser on another machine ends at a page that is not there, whose
	// address can be pasted here.
	Port int
}

// What a device flow goes by where the provider says nothing that can be: how
// long a code is good, and the longest pause between two questions.
const (
	codeLife  = 15 * time.Minute
	longPause = 5 * time.Minute
)

// SignInDevice signs in with a browser on any machine (RFC 8628), and stores
// the refresh token. It returns when the person has done so, or time is over.
func (t *Tokens) SignInDevice(ctx context.Context, a config.Account, show func(Prompt)) error {
	client, err := t.client(a)
	if err != nil {
		return err
	}
	ctx = t.context(ctx)
	answer, err := deviceCode(ctx, client)
	if err != nil {
		return t.explain(a.Name, err)
	}
	show(Prompt{URL: answer.VerificationURI, Code: answer.UserCode, Expires: answer.Expiry})
	ctx, cancel := context.WithDeadline(ctx, answer.Expiry)
	defer cancel()
	got, err := t.poll(ctx, a.Name, client, answer)
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &secret.Error{Account: a.Name, Err: fmt.Errorf("%w: the code was not used in time", secret.ErrSignIn), Hint: signInHint(a.Name)}
	case err != nil:
		return err
	}
	return t.signedIn(ctx, a, got)
}

// deviceCode gets a code for the person, with times that can be.
func deviceCode(ctx context.Context, client *oauth2.Config) (*oauth2.DeviceAuthResponse, error) {
	type result struct {
		*oauth2.DeviceAuthResponse
		error
	}
	came := make(chan result, 1)
	go func() { // it does not look at ctx
		answer, err := client.DeviceAuth(ctx)
		came <- result{answer, err}
	}()
	var r result
	select {
	case r = <-came:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	switch answer := r.DeviceAuthResponse; {
	case r.error != nil:
		return nil, r.error
	case answer.DeviceCode == "" || answer.UserCode == "" || answer.VerificationURI == "":
		return nil, errors.New("the answer holds no code, or no page")
	default:
		if left := time.Until(answer.Expiry); left <= 0 || left > 24*time.Hour {
			answer.Expiry = time.Now().Add(codeLife)
		}
		answer.Interval = min(max(answer.Interval, 0), int64(longPause/time.Second))
		return answer, nil
	}
}

// poll asks for the token until the person said yes or no. A server that can't
// answer for a while is asked again, after longer pauses (RFC 8628 section 3.5).
func (t *Tokens) poll(ctx context.Context, account string, client *oauth2.Config, answer *oauth2.DeviceAuthResponse) (*oauth2.Token, error) {
	for {
		got, err := client.DeviceAccessToken(ctx, answer)
		if err == nil {
			return got, nil
		}
		err = t.explain(account, err)
		if ctx.Err() != nil || !errors.As(err, new(*TemporaryError)) {
			return nil, err
		}
		answer.Interval = min(max(2*answer.Interval, 5), int64(longPause/time.Second))
	}
}

// SignInBrowser signs in with a browser (RFC 8252 section 7.3, with PKCE, RFC
// 7636). The browser comes back to this machine; or the person pastes the
// address where it ended, which pasted delivers.
func (t *Tokens) SignInBrowser(ctx context.Context, a config.Account, show func(Prompt), pasted <-chan string) error {
	client, err := t.client(a)
	if err != nil {
		return err
	}
	if client.Endpoint.AuthURL == "" {
		return &config.Error{Text: "account " + a.Name + " has no oauth-auth-url"}
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	port := l.Addr().(*net.TCPAddr).Port
	client.RedirectURL = "http://" + l.Addr().String() + "/"
	state, verifier := rand.Text(), oauth2.GenerateVerifier()

	came := make(chan callback, 1)
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := readCallback(r.URL.Query(), state)
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if errors.Is(err, errOtherState) {
			http.Error(w, "This is not the answer that sendoff waits for.", http.StatusBadRequest)
			return
		}
		c.err = err
		select {
		case came <- c:
		default:
		}
		_, _ = io.WriteString(w, "sendoff has what it needs. You can close this page.\n")
	})}
	go func() { _ = server.Serve(l) }()
	defer server.Close()

	show(Prompt{
		Port: port,
		URL:  client.AuthCodeURL(state, oauth2.AccessTypeOffline, oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("login_hint", a.Address)),
	})
	for {
		var c callback
		select {
		case c = <-came:
		case text := <-pasted:
			if c, err = parsePasted(text, state); err != nil && c.code == "" && !errors.As(err, new(refusedError)) {
				show(Prompt{Port: port}) // it was something else; wait on
				continue
			}
			c.err = err
		case <-ctx.Done():
			return ctx.Err()
		}
		if c.err != nil {
			return t.explain(a.Name, c.err)
		}
		ctx := t.context(ctx)
		got, err := client.Exchange(ctx, c.code, oauth2.VerifierOption(verifier))
		if err != nil {
			return t.explain(a.Name, err)
		}
		return t.signedIn(ctx, a, got)
	}
}

// signedIn stores what a sign-in brought.
func (t *Tokens) signedIn(ctx context.Context, a config.Account, got *oauth2.Token) error {
	if got.RefreshToken == "" {
		return &config.Error{
			Text: "the provider gave a token for an hour and none that lasts",
			Hint: "check oauth-scopes; most providers want offline_access among them",
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.keep(context.WithoutCancel(ctx), a, "", got)
}

// callback is what a browser brings back.
type callback struct {
	code string
	err  error
}

var errOtherState = errors.New("this is the answer to another question")

// refusedError is an error code that the browser brought back.
type refusedError struct{ *oauth2.RetrieveError }

func (e refusedError) Unwrap() error { return e.RetrieveError }

// readCallback reads the parameters of a redirect (RFC 6749 section 4.1.2).
func readCallback(q url.Values, state string) (callback, error) {
	switch {
	case q.Get("state") != state:
		return callback{}, errOtherState
	case q.Get("error") != "":
		return callback{}, refusedError{&oauth2.RetrieveError{ErrorCode: q.Get("error")}}
	case q.Get("code") == "":
		return callback{}, errors.New("the answer holds no code")
	}
	return callback{code: q.Get("code")}, nil
}

// parsePasted reads an address that a person copied out of a browser.
func parsePasted(text, state string) (callback, error) {
	u, err := url.Parse(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return callback{}, errors.New("this is no address")
	}
	return readCallback(u.Query(), state)
}
