package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sendoff/config"
	"sendoff/config/secret"
)

// slowServer answers the questions of a device flow without a network, so that
// time can be made up.
type slowServer struct {
	code    string          // the answer to the first question
	answers []string        // to the ones after it, in order; the last one stays
	asked   []time.Duration // when, since the start
	start   time.Time
}

func (s *slowServer) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/device" {
		_, _ = w.WriteString(s.code)
		return w.Result(), nil
	}
	answer := s.answers[min(len(s.asked), len(s.answers)-1)]
	s.asked = append(s.asked, time.Since(s.start))
	switch answer {
	case "yes":
		_, _ = w.WriteString(`{"access_token":"a","refresh_token":"r","token_type":"Bearer","expires_in":3600}`)
	case "unreachable":
		return nil, errors.New("no route")
	case "busy":
		w.WriteHeader(http.StatusServiceUnavailable)
	default:
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"error":%q}`, answer)
	}
	return w.Result(), nil
}

const goodCode = `{"device_code":"dev","user_code":"ABCD","verification_uri":"https://example.org/d","expires_in":600,"interval":2}`

// TestDeviceTimes: how often a provider is asked whether the person said yes,
// and when that ends.
func TestDeviceTimes(t *testing.T) {
	t.Parallel()
	const pending = "authorization_pending"
	for name, test := range map[string]struct {
		code    string
		answers []string
		asked   []int // seconds; nil for "often, until the code's time is over"
		wrong   string
	}{
		"pending": {goodCode, []string{pending, pending, "yes"}, []int{2, 4, 6}, ""},
		// Each slow_down adds five seconds, to this pause and the ones after it.
		"slow down":          {goodCode, []string{pending, "slow_down", pending, "slow_down", pending, "yes"}, []int{2, 4, 11, 18, 30, 42}, ""},
		"slow down for ever": {goodCode, []string{"slow_down"}, nil, "the code was not used in time"},
		"nobody came":        {goodCode, []string{pending}, nil, "the code was not used in time"},
		"expired":            {goodCode, []string{pending, "expired_token"}, []int{2, 4}, "the code was not used in time (expired_token)"},
		"denied":             {goodCode, []string{pending, "access_denied"}, []int{2, 4}, "the answer was no (access_denied)"},
		"unknown code":       {goodCode, []string{"invalid_grant"}, []int{2}, "sign in again (invalid_grant)"},
		// A network that fails for a moment does not end it; the pauses grow.
		"unreachable": {goodCode, []string{"unreachable", "busy", pending, "yes"}, []int{2, 7, 17, 27}, ""},
		"down":        {goodCode, []string{"busy"}, nil, "the code was not used in time"},
		// What can't be is replaced by what is usual.
		"no interval":   {`{"device_code":"dev","user_code":"A","verification_uri":"u","expires_in":600}`, []string{pending, "yes"}, []int{5, 10}, ""},
		"interval -1":   {strings.Replace(goodCode, `:2}`, `:-1}`, 1), []string{pending, "yes"}, []int{5, 10}, ""},
		"interval huge": {strings.Replace(goodCode, `:2}`, `:9223372036854775807}`, 1), []string{"yes"}, []int{300}, ""},
		"no end":        {strings.Replace(goodCode, `600`, `0`, 1), []string{pending}, nil, "the code was not used in time"},
		"end huge":      {strings.Replace(goodCode, `600`, `9223372036854775807`, 1), []string{pending, "yes"}, []int{2, 4}, ""},
		"end past":      {strings.Replace(goodCode, `600`, `-5`, 1), []string{pending, "yes"}, []int{2, 4}, ""},
		"no page":       {`{"device_code":"dev","user_code":"A","expires_in":600}`, nil, []int{}, "it does not speak OAuth"},
		"no code":       {`{}`, nil, []int{}, "it does not speak OAuth"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &slowServer{code: test.code, answers: test.answers, start: time.Now()}
				k := &keeper{}
				ts := &Tokens{Store: k, Folder: t.TempDir(), Web: s}
				a := config.Account{Name: "work", OAuth: "mine", OAuthClientID: "id", OAuthTokenURL: "https://p/token", OAuthDeviceURL: "https://p/device"}
				var shown Prompt
				err := ts.SignInDevice(t.Context(), a, func(p Prompt) { shown = p })
				took := time.Since(s.start)
				time.Sleep(webLimit) // the time limit of the first question ends by itself
				if kept, _ := k.Get(t.Context(), a); test.wrong == "" && (err != nil || kept.Reveal() != "r") {
					t.Errorf("kept %q, %v", kept.Reveal(), err)
				}
				if test.wrong != "" && (err == nil || !strings.Contains(err.Error(), test.wrong)) {
					t.Errorf("got %v, want %s", err, test.wrong)
				}
				var e *secret.Error
				if errors.As(err, &e) && !strings.Contains(e.Hint, "sendoff account login work") {
					t.Errorf("no way on: %v", err)
				}
				if test.asked == nil {
					if took > codeLife || took != shown.Expires.Sub(s.start) || len(s.asked) > 450 {
						t.Errorf("asked %d times in %v", len(s.asked), took)
					}
					return
				}
				asked := []int{}
				for _, at := range s.asked {
					asked = append(asked, int(at/time.Second))
				}
				if !slices.Equal(asked, test.asked) {
					t.Errorf("asked after %v seconds, want %v", asked, test.asked)
				}
			})
		})
	}
}

// TestDeviceStopped: a person can stop while the provider does not even answer
// the first question.
func TestDeviceStopped(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, _ *http.Request) { <-hang }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(hang) })
	ctx, stop := context.WithCancel(t.Context())
	ts := &Tokens{Store: &keeper{}, Folder: t.TempDir()}
	a := config.Account{Name: "work", OAuth: "mine", OAuthTokenURL: server.URL, OAuthDeviceURL: server.URL}
	time.AfterFunc(time.Millisecond, stop)
	if err := ts.SignInDevice(ctx, a, func(Prompt) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
