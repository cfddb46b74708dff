package submit_test

import (
	"context"
	"io"
	"path/filepath"
	"testing"
	"time"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp/outbox"
	"sendoff/smtp/outbox/sqlite"
	"sendoff/smtp/sandbox"
)

// TestLoginNotNow: a server that can't check logins now (454 4.7.0) is asked
// again by itself, after pauses that grow. Nobody is asked for a password, no
// token is thrown away, and the mail goes out in the end.
func TestLoginNotNow(t *testing.T) {
	t.Parallel()
	for name, token := range map[string]string{"password": "", "token": "good"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refusals := 3
			_, a, sender := start(t, sandbox.Options{Token: token, Faults: func(p sandbox.Phase, _ int) sandbox.Fault {
				if p != sandbox.AtAuth || refusals == 0 {
					return sandbox.Fault{}
				}
				refusals--
				return sandbox.Fault{Raw: "454 4.7.0 Temporary authentication failure\r\n"}
			}})
			if token != "" {
				a.OAuth, a.OAuthClientID, a.Auth = "microsoft", "id", config.AuthXOAuth2
				sender = senderFor(a)
				sender.Token = func(_ context.Context, _ config.Account, fresh bool) (secret.Secret, error) {
					if fresh {
						t.Error("a good token was thrown away")
					}
					return secret.New(token), nil
				}
			}
			now := time.Now()
			clock := func() time.Time { return now }
			store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "outbox.db"), sqlite.Options{Clock: clock})
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			id, err := store.Put(t.Context(), outbox.New{
				Account: a.Name, State: outbox.Queued, MessageID: "1@example.org", Subject: "x", From: a.Address, Recipients: []string{"ok@example.org"},
				Write: func(w io.Writer) error { _, err := io.WriteString(w, "Subject: x\r\n\r\nx\r\n"); return err },
			})
			if err != nil {
				t.Fatal(err)
			}
			w := outbox.NewWorker(outbox.Options{Store: store, Sender: sender, Clock: clock, Random: func() float64 { return 0.5 }})
			var waited time.Duration
			for n := range 4 {
				sum, err := w.Flush(t.Context(), outbox.Only{})
				if err != nil {
					t.Fatal(err)
				}
				if n == 3 {
					if state := sum.States[id]; state != outbox.Sent || len(sum.Parked) != 0 {
						t.Errorf("in the end the mail is %s, %+v waits", state, sum.Parked)
					}
					break
				}
				if sum.States[id] != outbox.Queued || len(sum.Parked) != 1 || sum.Parked[0].Until.IsZero() {
					t.Fatalf("after %d refusals the mail is %s, %+v waits", n+1, sum.States[id], sum.Parked)
				}
				wait := sum.Parked[0].Until.Sub(now)
				if wait < 5*time.Minute-time.Second || wait < waited {
					t.Errorf("after %d refusals it waits %v, before that %v", n+1, wait, waited)
				}
				waited, now = wait, now.Add(wait+time.Second)
			}
		})
	}
}
