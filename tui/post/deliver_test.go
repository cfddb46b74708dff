package post

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/smtp/sandbox"
	"sendoff/tui/kit"
)

// news collects what a delivery tells.
type news chan outbox.Event

// until waits for an event.
func (n news) until(t *testing.T, what string, wanted func(outbox.Event) bool) {
	t.Helper()
	var heard []string
	limit := time.NewTimer(30 * time.Second)
	defer limit.Stop()
	for {
		select {
		case e := <-n:
			if wanted(e) {
				return
			}
			heard = append(heard, fmt.Sprintf("%+v", e))
		case <-limit.C:
			t.Fatalf("never heard of %s; heard:\n%s", what, strings.Join(heard, "\n"))
		}
	}
}

func state(id outbox.ID, s outbox.State) func(outbox.Event) bool {
	return func(e outbox.Event) bool { return e.ID == id && e.State == s }
}

// deliver runs the delivery until the test ends.
func deliver(t *testing.T, r *Room) news {
	t.Helper()
	n := make(news, 10_000)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Deliver(ctx, func(e outbox.Event) { n <- e }) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Deliver: %v", err)
		}
	})
	return n
}

func TestDeliverInSandbox(t *testing.T) {
	t.Parallel()
	r := open(t, Options{Sandbox: true, Lookup: func(string) (string, bool) { return "", false }, Home: config.Home{}})
	n := deliver(t, r)
	id, err := r.Queue(t.Context(), outbox.Ref{}, message.Draft{To: "ok@example.org, refused@example.org", Subject: "Hi", Body: "text"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	n.until(t, "partial", state(id, outbox.Partial))
}

// served adds an account for a server of its own to a room.
func served(t *testing.T, r *Room, opts sandbox.Options, a config.Account) *sandbox.Server {
	t.Helper()
	server, err := sandbox.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	a.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(a.CAFile, server.CertificatePEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(server.TLSAddr())
	if err != nil {
		t.Fatal(err)
	}
	a.Host = host
	if a.Port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	add(t, r, a, "")
	return server
}

// TestCancelOnTheWay takes a mail back while the server says nothing.
func TestCancelOnTheWay(t *testing.T) {
	t.Parallel()
	r := open(t, Options{})
	served(t, r, sandbox.Options{Latency: time.Hour}, work)
	n := deliver(t, r)
	id, err := r.Queue(t.Context(), outbox.Ref{}, message.Draft{To: "ok@example.org", Subject: "Hi", Body: "text"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	n.until(t, "the wait for a greeting", func(e outbox.Event) bool {
		return e.ID == id && e.Session != nil && e.Session.Stage == smtp.StageGreeting
	})
	if err := r.Act(t.Context(), id, kit.Cancel); err != nil {
		t.Fatal(err)
	}
	n.until(t, "cancelled", state(id, outbox.Cancelled))
}

// TestGivePassword lets a delivery wait for a password and go on with it.
func TestGivePassword(t *testing.T) {
	t.Parallel()
	r := open(t, Options{})
	server := served(t, r, sandbox.Options{User: "me", Password: "sesame"}, config.Account{
		Name: "work", Address: "me@example.org", User: "me", Secret: config.SecretAsk,
	})
	n := deliver(t, r)
	id, err := r.Queue(t.Context(), outbox.Ref{}, message.Draft{To: "ok@example.org", Subject: "Hi", Body: "text"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	waits := func(e outbox.Event) bool {
		return e.ID == 0 && e.Account == "work" && errors.Is(e.Problem, secret.ErrNotFound)
	}
	n.until(t, "the wait for a password", waits)
	if _, attempts, err := r.Item(t.Context(), id); err != nil || len(attempts) > 0 {
		t.Errorf("waiting for a password counts as a try: %+v, %v", attempts, err)
	}
	if err := r.TestAccount(t.Context(), "work", nil); !errors.Is(err, secret.ErrNotFound) {
		t.Errorf("TestAccount without a password: %v", err)
	}
	if err := r.GivePassword(t.Context(), "work", secret.New("wrong")); err != nil {
		t.Fatal(err)
	}
	n.until(t, "the wrong password", func(e outbox.Event) bool {
		var refused *smtp.Error
		return e.Account == "work" && errors.As(e.Problem, &refused) && refused.Class == smtp.ClassAuth
	})
	if err := r.GivePassword(t.Context(), "work", secret.New("sesame")); err != nil {
		t.Fatal(err)
	}
	n.until(t, "sent", state(id, outbox.Sent))
	if err := r.TestAccount(t.Context(), "work", func(smtp.Event) {}); err != nil {
		t.Errorf("TestAccount: %v", err)
	}
	if mails := server.Mails(); len(mails) != 1 {
		t.Errorf("%d mails arrived", len(mails))
	}
}

// TestRefusedPasswordRests delivers again and again with a password that the
// server refused: it is tried again only when something changed, or a person
// asks for it.
func TestRefusedPasswordRests(t *testing.T) {
	t.Parallel()
	keyring := &fakeKeyring{}
	home := config.HomeAt(t.TempDir())
	cron := open(t, Options{Home: home, Keyring: keyring})
	served(t, cron, sandbox.Options{User: "me", Password: "sesame"}, config.Account{
		Name: "work", Address: "me@example.org", User: "me", Secret: config.SecretKeyring,
	})
	if err := keyring.Set(t.Context(), "work", secret.New("wrong")); err != nil {
		t.Fatal(err)
	}
	id, err := cron.Post(t.Context(), message.Draft{To: "ok@example.org", Subject: "Hi", Body: "text"}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	logins := func(r *Room, ids ...outbox.ID) int {
		t.Helper()
		n := 0
		summary, err := r.Flush(t.Context(), func(e outbox.Event) {
			if e.Session != nil && e.Session.Stage == smtp.StageAuth && e.Session.Kind == smtp.KindBegin {
				n++
			}
		}, outbox.Only{IDs: ids})
		if err != nil {
			t.Fatal(err)
		}
		if p := summary.Parked; len(p) != 1 || p[0].Account != "work" || !p[0].Until.IsZero() {
			t.Errorf("parked: %+v", p)
		}
		return n
	}
	if n := logins(cron); n != 1 {
		t.Fatalf("%d logins at first", n)
	}
	if n := logins(cron) + logins(cron, id); n != 0 {
		t.Errorf("%d logins with the refused password", n)
	}
	edited := time.Now().Add(time.Second)
	if err := os.Chtimes(home.ConfigFile(), edited, edited); err != nil {
		t.Fatal(err)
	}
	if n := logins(cron); n != 1 {
		t.Errorf("%d logins after the configuration changed", n)
	}
	long := time.Now().Add(-time.Hour)
	if err := os.Chtimes(home.ConfigFile(), long, long); err != nil {
		t.Fatal(err)
	}
	if err := keyring.Set(t.Context(), "work", secret.New("wrong too")); err != nil {
		t.Fatal(err)
	}
	if n := logins(cron) + logins(cron); n != 1 {
		t.Errorf("%d logins after the password changed", n)
	}
	if err := cron.Act(t.Context(), id, kit.Retry); err != nil {
		t.Fatal(err)
	}
	if n := logins(cron); n != 0 {
		t.Errorf("%d logins after a script wanted another try", n)
	}
	person := open(t, Options{Home: home, Keyring: keyring, Attended: true})
	if err := person.Act(t.Context(), id, kit.Retry); err != nil {
		t.Fatal(err)
	}
	if n := logins(cron); n != 1 {
		t.Errorf("%d logins after a person wanted another try", n)
	}
	if n := logins(person, id); n != 1 {
		t.Errorf("%d logins for a person", n)
	}
}
