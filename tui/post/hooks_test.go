package post

import (
	"os"
	"testing"
	"time"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/smtp/sandbox"
)

// TestBell: the terminal rings once for a mail of which nobody knows whether it
// arrived, and not for one that did.
func TestBell(t *testing.T) {
	t.Parallel()
	rung := make(chan struct{}, 10)
	r := open(t, Options{Bell: func() { rung <- struct{}{} }})
	served(t, r, sandbox.Options{}, work)
	text, err := os.ReadFile(r.home.ConfigFile())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.home.ConfigFile(), append(text, "\n[[hook]]\non = [\"uncertain\"]\nbell = true\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	n := deliver(t, r)
	for _, c := range []struct {
		to    string
		state outbox.State
	}{{"ok@example.org", outbox.Sent}, {"drop-after-dot@example.org", outbox.Uncertain}} {
		id, err := r.Queue(t.Context(), outbox.Ref{}, message.Draft{To: c.to, Subject: "Hi", Body: "text"}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		n.until(t, string(c.state), state(id, c.state))
	}
	select {
	case <-rung:
	case <-time.After(30 * time.Second):
		t.Fatal("it did not ring")
	}
	if len(rung) > 0 {
		t.Error("it rang more than once")
	}
}
