package post_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sendoff/config"
	"sendoff/smtp/message"
	"sendoff/smtp/message/seal"
	"sendoff/smtp/message/seal/sealtest"
	"sendoff/smtp/outbox"

	"sendoff/tui/post"
)

// TestEncryptedDraft asserts that nothing of a draft that is to be encrypted, nor
// of the mail that it becomes, can be read on the disk; and that it can be written
// on. It changes the environment, so nothing runs beside it.
func TestEncryptedDraft(t *testing.T) {
	h := sealtest.New(t)
	t.Setenv("GNUPGHOME", h.Dir)
	h.Make("alice@example.org", "secret", "never")
	h.Make("bob@example.org", "", "never")
	home := config.Home{ConfigDir: t.TempDir(), StateDir: t.TempDir()}
	conf := "[[account]]\nname = \"work\"\naddress = \"alice@example.org\"\nhost = \"127.0.0.1\"\nencrypt = true\n"
	if err := os.WriteFile(home.ConfigFile(), []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	room, err := post.Open(post.Options{Home: home})
	if err != nil {
		t.Fatal(err)
	}
	defer room.Close()
	ctx := t.Context()
	const list = "xylophone, zyzzyva"
	piped, err := room.Keep("list.sealed", strings.NewReader(list))
	if err != nil {
		t.Fatal(err)
	}
	picture, err := room.Keep("word.png", strings.NewReader(list))
	if err != nil {
		t.Fatal(err)
	}
	d := message.Draft{
		To: "bob@example.org", Subject: "xylophone", Body: "zyzzyva ![word](" + picture + ")", Format: message.Markdown, Attachments: []string{piped},
	}
	secrets := []string{filepath.Base(filepath.Dir(piped)), filepath.Base(filepath.Dir(picture))}
	ref, err := room.SaveDraft(ctx, outbox.Ref{}, d)
	if err != nil {
		t.Fatal(err)
	}
	unreadable(t, home.StateDir, secrets...)

	if _, _, err := room.Draft(ctx, ref.ID); !seal.AsksPerson(err) {
		t.Fatalf("it is read without a passphrase: %v", err)
	}
	h.Pinentry(sealtest.Answers("secret"))
	got, _, err := room.Draft(room.Asking(ctx), ref.ID)
	if err != nil || got.Body != d.Body || got.Subject != d.Subject {
		t.Fatalf("it is read as %+v, %v", got, err)
	}
	id, err := room.Queue(ctx, ref, got, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	unreadable(t, home.StateDir, secrets...)
	if got, _, err = room.Draft(ctx, id); err != nil || got.Body != d.Body {
		t.Fatalf("the mail is read as %+v, %v", got, err)
	}

	// What was kept for it is there for that mail and for any other, as long as
	// one needs it; who has no draft that can be read has no way to it.
	folders, err := os.ReadDir(filepath.Join(home.StateDir, "files"))
	if err != nil || len(folders) != 2 {
		t.Fatal(folders, err)
	}
	for _, folder := range folders {
		old := time.Now().Add(-30 * 24 * time.Hour)
		if err := os.Chtimes(filepath.Join(home.StateDir, "files", folder.Name()), old, old); err != nil {
			t.Fatal(err)
		}
	}
	if err := room.Forget(ctx); err != nil {
		t.Fatal(err)
	}
	open := message.Draft{To: "bob@example.org", Subject: "open", Body: "text", Attachments: []string{piped}, Encrypt: message.No}
	var built bytes.Buffer
	if err := room.Print(ctx, open, &built); err != nil || !strings.Contains(built.String(), "list.sealed") ||
		!strings.Contains(built.String(), base64.StdEncoding.EncodeToString([]byte(list))) {
		t.Errorf("another mail with the file: %v\n%s", err, &built)
	}
	for i, f := range room.CheckFiles(ctx, []string{piped, picture}) {
		if f.Err != nil || f.Size != int64(len(list)) || f.Name != []string{"list.sealed", "word.png"}[i] {
			t.Errorf("it is %+v", f)
		}
	}

	// Without a key it is neither kept in clear nor in silence.
	d.From = "carol@example.org"
	if _, err := room.SaveDraft(ctx, outbox.Ref{}, d); !errors.As(err, new(*seal.KeysError)) {
		t.Errorf("without a key: %v", err)
	}
	if err := room.CheckKeys(ctx, d); !errors.As(err, new(*seal.KeysError)) {
		t.Errorf("asked for its keys: %v", err)
	}
	if found := room.Check(ctx, d); len(found) == 0 || !strings.Contains(found[0].Text, "carol@example.org has no secret key here") {
		t.Errorf("before it goes: %+v", found)
	}
}

// TestKeysOfRecipients: of a mail that is still being written it is told who
// has no key, and before it goes whom it could go without.
func TestKeysOfRecipients(t *testing.T) {
	h := sealtest.New(t)
	t.Setenv("GNUPGHOME", h.Dir)
	h.Make("alice@example.org", "", "never")
	h.Make("bob@example.org", "", "never")
	home := config.Home{ConfigDir: t.TempDir(), StateDir: t.TempDir()}
	conf := "[[account]]\nname = \"work\"\naddress = \"alice@example.org\"\nhost = \"127.0.0.1\"\n"
	if err := os.WriteFile(home.ConfigFile(), []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	room, err := post.Open(post.Options{Home: home})
	if err != nil {
		t.Fatal(err)
	}
	defer room.Close()
	d := message.Draft{To: "bob@example.org, not@@readable", Encrypt: message.Yes}
	if err := room.CheckKeys(t.Context(), d); err != nil {
		t.Errorf("with both keys: %v", err)
	}
	d.Cc = "Carol <Carol@example.org>, us: dan@example.org;"
	var lacks *seal.KeysError
	if err := room.CheckKeys(t.Context(), d); !errors.As(err, &lacks) || len(lacks.Lacks) != 2 {
		t.Errorf("without the keys of two: %v", err)
	}
	d.To, d.Subject, d.Body = "bob@example.org", "x", "y"
	found := room.Check(t.Context(), d)
	if len(found) == 0 || !slices.Equal(found[0].Who, []string{"Carol@example.org", "dan@example.org"}) {
		t.Errorf("before it goes: %+v", found)
	}
	d.Sign, d.From = message.Yes, "other@example.org"
	if found = room.Check(t.Context(), d); len(found) == 0 || found[0].Who != nil {
		t.Errorf("without a key of one's own: %+v", found)
	}
}

// unreadable fails if a file below a folder has a word of the mail in it, or it or
// its path a secret.
func unreadable(t *testing.T, folder string, secrets ...string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		for _, word := range append([]string{"xylophone", "zyzzyva"}, secrets...) {
			if bytes.Contains(content, []byte(word)) || strings.Contains(path, word) {
				t.Errorf("%s tells %s", path, word)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
