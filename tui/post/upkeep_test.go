package post

import (
	"errors"
	"os"
	"testing"
	"time"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/smtp/sandbox"
)

// TestRetention: sent mail is deleted once it was kept for as long as the person
// chose, and no other mail is.
func TestRetention(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	r := open(t, Options{Clock: func() time.Time { return now }})
	served(t, r, sandbox.Options{}, work)
	ctx := t.Context()
	var ids []outbox.ID
	for _, to := range []string{"ok@example.org", "refused@example.org"} {
		id, err := r.Post(ctx, message.Draft{To: to, Subject: "Hi", Body: "text"}, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	kept := func() (both [2]bool) {
		t.Helper()
		if _, err := r.Flush(ctx, nil, outbox.Only{}); err != nil {
			t.Fatal(err)
		}
		for i, id := range ids {
			_, _, err := r.Item(ctx, id)
			if err != nil && !errors.Is(err, outbox.ErrNotFound) {
				t.Fatal(err)
			}
			both[i] = err == nil
		}
		return both
	}
	for range 2 { // sent, then long ago
		if got := kept(); got != [2]bool{true, true} {
			t.Errorf("nobody said how long: %v is kept", got)
		}
		now = now.Add(45 * 24 * time.Hour)
	}
	text, err := os.ReadFile(r.home.ConfigFile())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.home.ConfigFile(), append(text, "\n[outbox]\nkeep = \"90d\"\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		after time.Duration
		want  [2]bool
	}{{-24 * time.Hour, [2]bool{true, true}}, {2 * 24 * time.Hour, [2]bool{false, true}}} {
		now = now.Add(step.after)
		if got := kept(); got != step.want {
			t.Errorf("%v later %v is kept, want %v", step.after, got, step.want)
		}
	}
}
