package post

import (
	"os"
	"testing"
	"time"

	"sendoff/config"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
)

// TestUndo queues a mail on a screen and wants it back.
func TestUndo(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	home := config.HomeAt(t.TempDir())
	r := open(t, Options{Home: home, Clock: func() time.Time { return now }})
	add(t, r, config.Account{Name: "work", Address: "me@example.org", Host: "127.0.0.1", Port: 1, Auth: config.AuthNone}, "")
	ctx := t.Context()
	letter := message.Draft{To: "Ann <ann@example.org>", Subject: "Hasty", Body: "I quit.", Line: 7}
	draft, err := r.SaveDraft(ctx, outbox.Ref{}, letter)
	if err != nil {
		t.Fatal(err)
	}
	id, err := r.Queue(ctx, draft, letter, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	it, _, err := r.Item(ctx, id)
	if err != nil || it.State != outbox.Scheduled || !it.NotBefore.Equal(now.Add(10*time.Second)) || !it.Date.Equal(it.NotBefore) {
		t.Fatalf("queued: %+v, %v", it, err)
	}
	if err := r.Act(ctx, id, kit.TakeBack); err != nil {
		t.Fatal(err)
	}
	got, ref, err := r.Draft(ctx, id)
	if err != nil || ref.ID != id || got.Body != letter.Body || got.To != letter.To || got.Line != letter.Line {
		t.Errorf("taken back: %+v, %v, %v", got, ref, err)
	}
	// Another program may be the one that sends it, once its time has come.
	if id, err = r.Queue(ctx, ref, got, time.Time{}); err != nil {
		t.Fatal(err)
	}
	now = now.Add(11 * time.Second)
	other := open(t, Options{Home: home, Clock: func() time.Time { return now }})
	if _, err := other.Flush(ctx, nil, outbox.Only{}); err != nil {
		t.Fatal(err)
	}
	if it, _, err := other.Item(ctx, id); err != nil || it.State == outbox.Scheduled {
		t.Errorf("after its time: %+v, %v", it, err)
	}

	text, err := os.ReadFile(home.ConfigFile())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(home.ConfigFile(), append(text, "\n[outbox]\nundo = \"0s\"\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if id, err = r.Queue(ctx, outbox.Ref{}, letter, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if it, _, err := r.Item(ctx, id); err != nil || it.State != outbox.Queued {
		t.Errorf("without a wait: %+v, %v", it, err)
	}
}

// TestAskWhenLate finds mail whose time was over while nothing ran.
func TestAskWhenLate(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	home := config.HomeAt(t.TempDir())
	r := open(t, Options{Home: home, Clock: func() time.Time { return now }})
	add(t, r, config.Account{Name: "work", Address: "me@example.org", Host: "127.0.0.1", Port: 1, Auth: config.AuthNone}, "")
	text, err := os.ReadFile(home.ConfigFile())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(home.ConfigFile(), append(text, "\n[outbox]\nask-when-late = \"12h\"\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	post := func(at time.Time) outbox.ID {
		t.Helper()
		id, err := r.Post(t.Context(), message.Draft{To: "ann@example.org", Subject: "Birthday", Body: "Hurray"}, at)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	early, late := post(now.Add(time.Hour)), post(now.Add(3*time.Hour))
	now = now.Add(14 * time.Hour)
	var told outbox.State
	summary, err := r.Flush(t.Context(), func(e outbox.Event) {
		if e.ID == early {
			told = e.State
		}
	}, outbox.Only{})
	if err != nil {
		t.Fatal(err)
	}
	it, _, err := r.Item(t.Context(), early)
	if err != nil || it.State != outbox.Held || !it.NeedsYou() || told != outbox.Held || summary.States[early] != outbox.Held {
		t.Errorf("13 h late: %+v, told %q, summary %v, %v", it, told, summary.States, err)
	}
	if it, _, err := r.Item(t.Context(), late); err != nil || it.State == outbox.Held || it.State == outbox.Scheduled {
		t.Errorf("11 h late: %+v, %v", it, err)
	}
}
