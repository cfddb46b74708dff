package submit_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"sendoff/config"
	"sendoff/config/oauth"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/sandbox"
	"sendoff/smtp/submit"
)

// TestToken logs in with tokens that are good, bad and good, and bad for good.
func TestToken(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		tokens []string // in the order in which they are asked for
		fresh  string   // whether each was to be a fresh one
		signIn bool
	}{
		{"good", []string{"good"}, "false", false},
		{"old", []string{"old", "good"}, "false true", false},
		{"refused", []string{"old", "older", "good"}, "false true", true},
	} {
		for _, auth := range []string{config.AuthAuto, config.AuthXOAuth2, config.AuthOAuthBearer} {
			t.Run(test.name+" "+auth, func(t *testing.T) {
				t.Parallel()
				_, a, s := start(t, sandbox.Options{Token: "good"})
				a.OAuth, a.OAuthClientID, a.Auth = "microsoft", "id", auth
				given := test.tokens
				var asked []string
				s.Token = func(_ context.Context, _ config.Account, fresh bool) (secret.Secret, error) {
					token := given[0]
					given = given[1:]
					asked = append(asked, map[bool]string{true: "true", false: "false"}[fresh])
					return secret.New(token), nil
				}
				logins := 0
				_, err := s.Test(t.Context(), a, func(e smtp.Event) {
					if e.Kind == smtp.KindBegin && e.Stage == smtp.StageAuth {
						logins++
					}
				})
				if errors.Is(err, secret.ErrSignIn) != test.signIn || !test.signIn && err != nil {
					t.Errorf("got %v", err)
				}
				if got := strings.Join(asked, " "); got != test.fresh || logins != len(asked) {
					t.Errorf("asked for tokens %q, %d logins", got, logins)
				}
				var e *smtp.Error
				if test.signIn && (!errors.As(err, &e) || e.Class != smtp.ClassAuth || e.Scope != smtp.ScopeAccount) {
					t.Errorf("the account does not wait: %v", err)
				}
				// A doctor goes the same way.
				given, asked = test.tokens, nil
				var last submit.Step
				checked := s.Check(t.Context(), a, func(step submit.Step) { last = step })
				if got := strings.Join(asked, " "); got != test.fresh || errors.Is(checked, secret.ErrSignIn) != test.signIn {
					t.Errorf("a check asked for tokens %q: %v", got, checked)
				}
				if (last.Finding == submit.Bad) != test.signIn || test.signIn && !strings.Contains(last.Hint, "sendoff account login work") {
					t.Errorf("a check ends with %+v", last)
				}
				if p := submit.Explain(err); test.signIn && !strings.Contains(p.Hint, "sendoff account login work") {
					t.Errorf("explained as %v", p)
				}
			})
		}
	}
}

// TestTokenLater: a token server that is down is no reason to wait for a person.
func TestTokenLater(t *testing.T) {
	t.Parallel()
	_, a, s := start(t, sandbox.Options{Token: "good"})
	a.OAuth, a.OAuthClientID = "microsoft", "id"
	s.Token = func(context.Context, config.Account, bool) (secret.Secret, error) {
		return secret.Secret{}, &oauth.TemporaryError{Err: errors.New("it says 503")}
	}
	_, err := s.Test(t.Context(), a, nil)
	var e *smtp.Error
	if !errors.As(err, &e) || e.Class != smtp.ClassNetwork || e.Retry != smtp.RetrySafe {
		t.Errorf("got %v", err)
	}
}

// TestTokenCommand: what a program prints is the token, and is asked for again.
func TestTokenCommand(t *testing.T) {
	t.Parallel()
	_, a, s := start(t, sandbox.Options{Token: "good"})
	a.Auth = config.AuthXOAuth2
	asked := 0
	s.Password = func(context.Context, config.Account) (secret.Secret, error) {
		asked++
		return secret.New([]string{"", "old", "good"}[asked]), nil
	}
	if _, err := s.Test(t.Context(), a, nil); err != nil || asked != 2 {
		t.Errorf("asked %d times, %v", asked, err)
	}
}
