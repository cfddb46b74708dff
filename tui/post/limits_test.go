package post

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/smtp/sandbox"
)

// TestLimitIsRemembered: what a server takes is known once it said so, to the
// next program too, and used before a mail goes; another server is another.
func TestLimitIsRemembered(t *testing.T) {
	t.Parallel()
	home, keyring := config.HomeAt(t.TempDir()), &fakeKeyring{}
	r := open(t, Options{Home: home, Keyring: keyring})
	served(t, r, sandbox.Options{User: "me", Password: "sesame", MaxSize: 100000}, config.Account{
		Name: "work", Address: "me@example.org", User: "me", Secret: config.SecretKeyring,
	})
	if err := keyring.Set(t.Context(), "work", secret.New("sesame")); err != nil {
		t.Fatal(err)
	}
	takes := func(r *Room) int64 {
		t.Helper()
		infos, _, _, err := r.Accounts(t.Context())
		if err != nil || len(infos) != 1 {
			t.Fatalf("%+v, %v", infos, err)
		}
		return infos[0].Takes
	}
	if got := takes(r); got != 0 {
		t.Errorf("before any session it takes %d", got)
	}
	if _, err := r.Post(t.Context(), message.Draft{To: "ok@example.org", Subject: "x", Body: "y"}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Flush(t.Context(), func(outbox.Event) {}, outbox.Only{}); err != nil {
		t.Fatal(err)
	}
	later := open(t, Options{Home: home, Keyring: keyring})
	if got := takes(r); got != 100000 || takes(later) != 100000 {
		t.Errorf("it takes %d, %d", got, takes(later))
	}
	if info, err := os.Stat(r.limitsFile()); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	file := filepath.Join(t.TempDir(), "a.bin")
	if err := os.WriteFile(file, make([]byte, 90000), 0o600); err != nil {
		t.Fatal(err)
	}
	found := later.Check(t.Context(), message.Draft{To: "ok@example.org", Subject: "x", Body: "y", Attachments: []string{file}})
	if len(found) != 1 || !strings.Contains(found[0].Text, "the server takes 0.1 MB") {
		t.Errorf("before it goes it says %+v", found)
	}
	a, err := later.Account("work")
	if err != nil {
		t.Fatal(err)
	}
	if a.Host = "other.example.org"; later.takes(a) != 0 {
		t.Error("another server takes the same")
	}
	if err := later.TestAccount(t.Context(), "work", func(smtp.Event) {}); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(r.limitsFile(), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if again := open(t, Options{Home: home, Keyring: keyring}); takes(again) != 0 {
		t.Error("of a broken file something is known")
	} else if err := again.TestAccount(t.Context(), "work", func(smtp.Event) {}); err != nil || takes(again) != 100000 {
		t.Errorf("a test leaves %d, %v", takes(again), err)
	}
}
