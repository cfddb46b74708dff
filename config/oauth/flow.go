package oauth

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"sendoff/config"
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

// SignInDevice signs in with a browser on any machine (RFC 8628), and stores
// the refresh token. It returns when the person has done so, or time is over.
func (t *Tokens) SignInDevice(ctx context.Context, a config.Account, show func(Prompt)) error {
	client, err := t.client(a)
	if err != nil {
		return err
	}
	ctx = t.context(ctx)
	answer, err := client.DeviceAuth(ctx)
	if err != nil {
		return t.explain(a.Name, err)
	}
	show(Prompt{URL: answer.VerificationURI, Code: answer.UserCode, Expires: answer.Expiry})
	got, err := client.DeviceAccessToken(ctx, answer)
	if err != nil {
		return t.explain(a.Name, err)
	}
	return t.signedIn(ctx, a, got)
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
	return t.keep(ctx, a, "", got)
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
