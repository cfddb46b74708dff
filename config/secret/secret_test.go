package secret_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/config"
	"sendoff/config/secret"
)

const password = "correct horse"

func TestSecretNeverShows(t *testing.T) {
	t.Parallel()
	s := secret.New(password)
	account := struct{ Password secret.Secret }{s}
	asJSON, err := json.Marshal(account)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{
		fmt.Sprint(s), fmt.Sprintf("%s %v %q %x %#v %d", s, s, s, s, s, s), fmt.Sprintf("%+v %#v", account, account), string(asJSON),
		fmt.Sprint(&s), fmt.Sprint([]secret.Secret{s}),
	} {
		if strings.Contains(shown, "horse") || strings.Contains(shown, fmt.Sprintf("%x", password)) {
			t.Errorf("shown: %s", shown)
		}
	}
	if s.Reveal() != password {
		t.Error("the secret is lost")
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	var removed []string
	env, err := secret.TakeEnvironment(
		[]string{"HOME=/root", "SENDOFF_PASSWORD_WORK_1=a=b", "SENDOFF_PASSWORD_EMPTY=", "SENDOFF_HOME=/x"},
		func(name string) error { removed = append(removed, name); return nil },
	)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"SENDOFF_PASSWORD_WORK_1", "SENDOFF_PASSWORD_EMPTY"}, removed); diff != "" {
		t.Error(diff)
	}
	ctx := t.Context()
	for _, name := range []string{"work-1", "Work.1"} {
		if s, err := env.Get(ctx, name); err != nil || s.Reveal() != "a=b" {
			t.Errorf("Get(%q) = %q, %v", name, s.Reveal(), err)
		}
	}
	if s := env.State(ctx, "work-1"); !s.Ready || s.Text != "environment, SENDOFF_PASSWORD_WORK_1 is set" {
		t.Errorf("state %+v", s)
	}
	_, err = env.Get(ctx, "empty")
	wantError(t, err, secret.ErrNotFound, "SENDOFF_PASSWORD_EMPTY is not set")
	if s := env.State(ctx, "empty"); s.Usable() {
		t.Errorf("state %+v", s)
	}
	wantError(t, env.Set(ctx, "work-1", secret.New("x")), secret.ErrUnavailable, "SENDOFF_PASSWORD_WORK_1")
	if err := env.Delete(ctx, "work-1"); err != nil {
		t.Error(err)
	}
}

func TestEnvironmentNotRemoved(t *testing.T) {
	t.Parallel()
	refuse := errors.New("no")
	_, err := secret.TakeEnvironment([]string{"SENDOFF_PASSWORD_A=" + password}, func(string) error { return refuse })
	if !errors.Is(err, refuse) || strings.Contains(err.Error(), password) {
		t.Errorf("got %v", err)
	}
}

func TestAskOnce(t *testing.T) {
	t.Parallel()
	asked := 0
	ask := secret.NewAsk(func(_ context.Context, account string) (secret.Secret, error) {
		asked++ // unguarded on purpose: two questions at once are a race
		return secret.New(account + fmt.Sprint(asked)), nil
	})
	if s := ask.State(t.Context(), "work"); s.Ready || !s.Usable() {
		t.Errorf("state %+v", s)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if s, err := ask.Get(t.Context(), "work"); err != nil || s.Reveal() != "work1" {
				t.Errorf("got %q, %v", s.Reveal(), err)
			}
		})
	}
	wg.Wait()
	if s := ask.State(t.Context(), "work"); !s.Ready {
		t.Errorf("state %+v", s)
	}
	if err := ask.Delete(t.Context(), "work"); err != nil {
		t.Fatal(err)
	}
	if s, err := ask.Get(t.Context(), "work"); err != nil || s.Reveal() != "work2" {
		t.Errorf("after a wrong answer: %q, %v", s.Reveal(), err)
	}
	if err := ask.Set(t.Context(), "home", secret.New("h")); err != nil {
		t.Fatal(err)
	}
	if s, err := ask.Get(t.Context(), "home"); err != nil || s.Reveal() != "h" || asked != 2 {
		t.Errorf("got %q, %v after %d questions", s.Reveal(), err, asked)
	}
}

func TestAskNobody(t *testing.T) {
	t.Parallel()
	_, err := secret.NewAsk(nil).Get(t.Context(), "work")
	wantError(t, err, secret.ErrNotFound, "nobody can be asked here")
}

func TestAskRefused(t *testing.T) {
	t.Parallel()
	closed := errors.New("the terminal is gone")
	ask := secret.NewAsk(func(context.Context, string) (secret.Secret, error) { return secret.Secret{}, closed })
	if _, err := ask.Get(t.Context(), "work"); !errors.Is(err, closed) {
		t.Errorf("got %v", err)
	}
	if s := ask.State(t.Context(), "work"); s.Ready {
		t.Error("no answer counts as one")
	}
}

func TestAskCanceledInLine(t *testing.T) {
	t.Parallel()
	asked, answer := make(chan struct{}), make(chan struct{})
	ask := secret.NewAsk(func(context.Context, string) (secret.Secret, error) {
		close(asked)
		<-answer
		return secret.New("x"), nil
	})
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := ask.Get(t.Context(), "work"); err != nil {
			t.Error(err)
		}
	})
	<-asked
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ask.Get(ctx, "work"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(answer)
	wg.Wait()
}

func TestSources(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	env, err := secret.TakeEnvironment([]string{"SENDOFF_PASSWORD_WORK=from env"}, func(string) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	sources := &secret.Sources{Environment: env, Ask: secret.NewAsk(nil)}
	work := config.Account{Name: "work", Secret: config.SecretEnv}
	if s, err := sources.Get(ctx, work); err != nil || s.Reveal() != "from env" {
		t.Errorf("got %q, %v", s.Reveal(), err)
	}
	if err := sources.Typed.Set(ctx, "work", secret.New("typed")); err != nil {
		t.Fatal(err)
	}
	if s, err := sources.Get(ctx, work); err != nil || s.Reveal() != "typed" {
		t.Errorf("got %q, %v", s.Reveal(), err)
	}
	if s := sources.State(ctx, work); !s.Ready || !strings.HasPrefix(s.Text, "typed") {
		t.Errorf("state %+v", s)
	}

	// One place is named and no other is tried.
	work.Secret = config.SecretKeyring
	if err := sources.Typed.Delete(ctx, "work"); err != nil {
		t.Fatal(err)
	}
	_, err = sources.Get(ctx, work)
	wantError(t, err, secret.ErrUnavailable, "can't be used here")
	wantError(t, sources.Set(ctx, work, secret.New("x")), secret.ErrUnavailable, "can't be used here")
	if s := sources.State(ctx, work); s.Usable() {
		t.Errorf("state %+v", s)
	}

	for _, auth := range []string{config.AuthNone, config.AuthExternal} {
		open := config.Account{Name: "lab", Auth: auth}
		if s, err := sources.Get(ctx, open); err != nil || !s.Empty() {
			t.Errorf("%s: got %v, %v", auth, s, err)
		}
		if s := sources.State(ctx, open); !s.Ready {
			t.Errorf("%s: state %+v", auth, s)
		}
	}
	asked := config.Account{Name: "home", Secret: config.SecretAsk}
	if err := sources.Set(ctx, asked, secret.New("kept")); err != nil {
		t.Fatal(err)
	}
	if err := sources.Delete(ctx, asked); err != nil {
		t.Fatal(err)
	}
	if _, err := sources.Get(ctx, asked); !errors.Is(err, secret.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestChoices(t *testing.T) {
	t.Parallel()
	env, err := secret.TakeEnvironment([]string{"SENDOFF_PASSWORD_WORK=x"}, func(string) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	vault := secret.NewVault(filepath.Join(t.TempDir(), "vault"), "", nil)
	sources := &secret.Sources{Environment: env, Ask: secret.NewAsk(nil), Vault: vault}
	got := make(map[string]bool)
	for _, c := range sources.Choices(t.Context(), "work") {
		if c.Title == "" || c.State.Text == "" {
			t.Errorf("choice %+v", c)
		}
		got[c.Name] = c.State.Usable()
	}
	for _, c := range sources.Choices(t.Context(), "") {
		if c.Name == config.SecretEnv && c.State.Text != "environment, SENDOFF_PASSWORD_<ACCOUNT> is not set" {
			t.Errorf("choice %+v", c)
		}
	}
	want := map[string]bool{config.SecretKeyring: false, config.SecretVault: true, config.SecretCommand: true, config.SecretAsk: true, config.SecretEnv: true, config.SecretFile: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func wantError(t *testing.T, err, sentinel error, words string) {
	t.Helper()
	var e *secret.Error
	if !errors.As(err, &e) || !errors.Is(err, sentinel) || !strings.Contains(err.Error(), words) || e.Hint == "" && sentinel != secret.ErrUnavailable {
		t.Errorf("got %v, want %q over %q", err, words, sentinel)
	}
	if err != nil && strings.Contains(err.Error(), password) {
		t.Errorf("the error shows the password: %v", err)
	}
}
