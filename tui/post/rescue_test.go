package post_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/config"
	"sendoff/smtp/message"
	"sendoff/smtp/message/seal"
	"sendoff/smtp/message/seal/sealtest"
	"sendoff/smtp/message/template"
	"sendoff/tui/kit"
	"sendoff/tui/post"
)

// rescuing opens a room whose mail is encrypted if that is usual there.
func rescuing(t *testing.T, encrypt bool, lookup func(string) (string, bool)) *post.Room {
	t.Helper()
	home := config.Home{ConfigDir: t.TempDir(), StateDir: t.TempDir()}
	conf := "[[account]]\nname = \"work\"\naddress = \"alice@example.org\"\nhost = \"127.0.0.1\"\n"
	if encrypt {
		conf += "encrypt = true\n"
	}
	if err := os.WriteFile(home.ConfigFile(), []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	room, err := post.Open(post.Options{Home: home, Lookup: lookup})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = room.Close() })
	return room
}

// rescued reads the file of a draft, which nobody else may.
func rescued(t *testing.T, where kit.Rescued, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(where.Path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, mode %v", err, info.Mode())
	}
	text, err := os.ReadFile(where.Path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(where.String(), where.Path) {
		t.Errorf("where it is is told as %q", where)
	}
	return string(text)
}

// TestRescue: the draft that could not be saved is whole in a file that nobody
// else reads, wherever there is room for one.
func TestRescue(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", filepath.Join(full, "file")) // no folder, so that no file can be in it
	t.Setenv("TMP", filepath.Join(full, "file"))    // and on Windows
	home := t.TempDir()
	d := message.Draft{
		Account: "work", From: "Ann <ann@example.org>", To: "bob@example.org", Cc: "c@example.org", Bcc: "d@example.org", ReplyTo: "list@example.org", Subject: "Hi",
		Headers: []message.Header{{Name: "In-Reply-To", Value: "<1@example.org>"}}, Attachments: []string{"/a.pdf", "/b.pdf"}, Format: message.Markdown, Body: "text\n",
		Sign: message.No, Encrypt: message.Yes, Crypto: "smime",
		Attached: map[string]message.Attached{"/a.pdf": {Name: "minutes.pdf"}, "/b.pdf": {Inline: true, Name: "boat.png"}},
		Wishes: message.Wishes{
			Notify: "success,delay", Return: "full", EnvelopeID: "Q 1", Priority: -3, RequireTLS: true, Importance: "low", Receipt: true,
			HoldUntil: time.Date(2026, 12, 1, 9, 0, 0, 1, time.UTC), DeliverBy: time.Date(2026, 12, 2, 9, 30, 0, 0, time.UTC),
		},
	}
	for _, all := range []any{d, d.Wishes} { // so that no field is forgotten that comes later
		for v, i := reflect.ValueOf(all), 0; i < v.NumField(); i++ {
			if name := v.Type().Field(i).Name; v.Field(i).IsZero() && !slices.Contains([]string{"Focus", "Line", "Column", "Locked"}, name) {
				t.Errorf("the draft has no %s", name)
			}
		}
	}
	room := rescuing(t, false, func(name string) (string, bool) { return home, name == "HOME" })
	for _, folder := range []string{t.TempDir(), ""} {
		where, err := room.Rescue(t.Context(), d, folder)
		back, wrong := template.Parse(rescued(t, where, err))
		if wrong != nil || !cmp.Equal(back, d) {
			t.Errorf("%v, %+v", wrong, back)
		}
		if want := folder; filepath.Dir(where.Path) != want && (want != "" || filepath.Dir(where.Path) != home) {
			t.Errorf("it is in %s", where.Path)
		}
	}
	if _, err := room.Rescue(t.Context(), d, filepath.Join(full, "file")); err == nil {
		t.Error("a file was written where none can be")
	}
}

// TestRescueEncrypted: what was to be encrypted is, or its author is told why it
// is not.
func TestRescueEncrypted(t *testing.T) {
	h := sealtest.New(t)
	t.Setenv("GNUPGHOME", h.Dir)
	room := rescuing(t, true, nil)
	d := message.Draft{To: "bob@example.org", Subject: "xylophone", Body: "zyzzyva"}

	where, err := room.Rescue(t.Context(), d, t.TempDir())
	if got := rescued(t, where, err); !strings.Contains(got, d.Body) || where.Program != "" || !errors.As(where.Bare, new(*seal.KeysError)) || !strings.Contains(where.String(), "NOT ENCRYPTED") {
		t.Errorf("without a key: %+v with %q", where, got)
	}

	h.Make("alice@example.org", "", "never")
	folder := t.TempDir()
	where, err = room.Rescue(t.Context(), d, folder)
	locked := rescued(t, where, err)
	unreadable(t, folder)
	plain, how, err := room.Unseal(room.Asking(t.Context()), locked)
	if err != nil || how != "pgp" || where.Bare != nil || where.Program != "gpg" {
		t.Fatalf("%v, by %q, %+v", err, how, where)
	}
	if back, wrong := template.Parse(plain); wrong != nil || back.Subject != d.Subject || back.Body != d.Body {
		t.Errorf("it is read as %+v, %v", back, wrong)
	}

	sealed := message.Draft{From: "alice@example.org", Encrypt: message.Yes, Crypto: "smime", Body: d.Body}
	if where, err = room.Rescue(t.Context(), sealed, t.TempDir()); err != nil || where.Bare == nil {
		t.Errorf("without a certificate: %+v, %v", where, err)
	}
	h.Trust(h.Certify("alice@example.org", ""))
	folder = t.TempDir()
	where, err = room.Rescue(t.Context(), sealed, folder)
	locked = rescued(t, where, err)
	unreadable(t, folder)
	if plain, how, err = room.Unseal(room.Asking(t.Context()), locked); err != nil || how != "smime" || !strings.HasSuffix(plain, d.Body) {
		t.Errorf("%v, by %q: %q", err, how, plain)
	}
}
