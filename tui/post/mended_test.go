package post

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/smtp/sandbox"
)

// TestCommandGivesAnother: an account whose program printed a password or a token
// that the server refused waits; when the program prints another it goes on, in a
// delivery that was started and in one that runs. A program that may ask the
// person is not run for that each minute.
func TestCommandGivesAnother(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		auth string
		asks bool // is run each minute
	}{"password": {config.AuthAuto, false}, "token": {config.AuthXOAuth2, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := open(t, Options{})
			printed, ran := filepath.Join(t.TempDir(), "printed"), filepath.Join(t.TempDir(), "ran")
			say := func(secret string) {
				t.Helper()
				if err := os.WriteFile(printed, []byte(secret+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			runs := func() int {
				b, _ := os.ReadFile(ran)
				return strings.Count(string(b), "x")
			}
			say("wrong")
			server := served(t, r, sandbox.Options{User: "me", Password: "sesame", Token: "sesame"}, config.Account{
				Name: "work", Address: "me@example.org", User: "me", Auth: test.auth, Secret: config.SecretCommand,
				PasswordCommand: []string{"sh", "-c", `printf x >>"$1"; cat "$2"`, "sh", ran, printed},
			})
			if _, err := r.Post(t.Context(), message.Draft{To: "ok@example.org", Subject: "Hi", Body: "text"}, time.Time{}); err != nil {
				t.Fatal(err)
			}
			waits := func() bool {
				t.Helper()
				summary, err := r.Flush(t.Context(), func(outbox.Event) {}, outbox.Only{})
				if err != nil {
					t.Fatal(err)
				}
				return len(summary.Parked) == 1
			}
			for range 2 {
				if !waits() {
					t.Fatal("it does not wait")
				}
			}
			store, err := r.outbox(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			parked := func() bool {
				t.Helper()
				all, err := store.Parked(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				return len(all) == 1
			}
			before := runs()
			r.release(t.Context(), store, false)
			if asked := runs() > before; !parked() || asked != test.asks {
				t.Errorf("waits: %v; the program was run: %v", parked(), asked)
			}
			say("sesame")
			if r.release(t.Context(), store, false); parked() == test.asks {
				t.Errorf("after a minute it waits: %v", parked())
			}
			if r.release(t.Context(), store, true); parked() {
				t.Error("it waits though the program gives another password")
			}
			if waits() || len(server.Mails()) != 1 {
				t.Errorf("%d mails arrived", len(server.Mails()))
			}
		})
	}
}

// TestWaitsForWhatIsSo: mail of an account that was removed, or added again, does
// not wait for what it waited for before.
func TestWaitsForWhatIsSo(t *testing.T) {
	t.Parallel()
	r := open(t, Options{})
	served(t, r, sandbox.Options{User: "me", Password: "sesame"}, config.Account{
		Name: "work", Address: "me@example.org", User: "me", Secret: config.SecretCommand, PasswordCommand: []string{"echo", "wrong"},
	})
	work, err := r.Account("work")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Post(t.Context(), message.Draft{To: "ok@example.org", Subject: "Hi", Body: "text"}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	for _, change := range []struct {
		what string
		do   func() error
	}{
		{"removed", func() error { return r.Remove(t.Context(), "work") }},
		{"added", func() error { return r.Add(t.Context(), work, secret.Secret{}, false) }},
	} {
		if _, err := r.Flush(t.Context(), func(outbox.Event) {}, outbox.Only{}); err != nil {
			t.Fatal(err)
		}
		if all, err := r.Waits(t.Context()); err != nil || len(all) != 1 {
			t.Fatalf("waits for %+v, %v", all, err)
		}
		if err := change.do(); err != nil {
			t.Fatal(err)
		}
		if all, err := r.Waits(t.Context()); err != nil || len(all) != 0 {
			t.Errorf("%s, it still waits for %+v, %v", change.what, all, err)
		}
	}
}
