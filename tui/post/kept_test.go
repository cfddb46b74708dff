package post

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sendoff/config"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
)

// TestKeptShown: what another program shows is in clear until the room is closed,
// or an hour if it never was.
func TestKeptShown(t *testing.T) {
	t.Parallel()
	now := time.Now()
	r := open(t, Options{Clock: func() time.Time { return now }})
	show := func() string {
		path, err := r.show("a.txt", strings.NewReader("shown"))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != "shown" {
			t.Fatalf("%q, %v", b, err)
		}
		return path
	}
	gone := func(path string) bool {
		_, err := os.Stat(filepath.Dir(path))
		return errors.Is(err, fs.ErrNotExist)
	}
	old := show()
	if err := r.Forget(t.Context()); err != nil || gone(old) {
		t.Errorf("at once: %v", err)
	}
	now = now.Add(shownFor + time.Minute)
	if err := r.Forget(t.Context()); err != nil || !gone(old) {
		t.Errorf("an hour later it is there: %v", err)
	}
	if old = show(); r.Close() != nil || !gone(old) {
		t.Error("after the end it is there")
	}
}

// TestKeptUnshown: where nothing shows files, a kept one is told by a path at which
// it can be read, which is not its secret.
func TestKeptUnshown(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	r := open(t, Options{})
	path, err := r.Keep("a.txt", strings.NewReader("shown"))
	if err != nil {
		t.Fatal(err)
	}
	err = r.OpenFile(t.Context(), path)
	if err == nil || strings.Contains(err.Error(), filepath.Dir(path)) {
		t.Fatal(err)
	}
	_, told, _ := strings.Cut(err.Error(), "; it is ")
	if b, err := os.ReadFile(told); err != nil || string(b) != "shown" {
		t.Errorf("%q, %v", b, err)
	}
}

// TestKeptOfOthers: a folder whose name looks like a secret is none, and what was
// kept in clear, as it once was, is attached still.
func TestKeptOfOthers(t *testing.T) {
	t.Parallel()
	r := open(t, Options{})
	for _, name := range []string{"0123456789abcdef0123456789abcdef", "0123456789abcdef"} {
		path := filepath.Join(r.keptFolder(), name, "notes.sealed")
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("own"), 0o600); err != nil {
			t.Fatal(err)
		}
		if f := look(path); f.Err != nil || f.Size != 3 || isKept(path) {
			t.Errorf("%s is %+v", name, f)
		}
		if got := r.hideKept(message.Draft{Attachments: []string{path}}, message.Draft{}); got.Attachments[0] != path {
			t.Errorf("its path is %s", got.Attachments[0])
		}
	}
}

// TestKeptPictures: Forget leaves the pictures in the text of a draft that can't be
// read, however their paths are written there.
func TestKeptPictures(t *testing.T) {
	t.Parallel()
	now := time.Now()
	r := open(t, Options{
		Clock: func() time.Time { return now },
		Home:  config.Home{ConfigDir: t.TempDir(), StateDir: filepath.Join(t.TempDir(), "süß (1) 100%")},
	})
	escape := func(path string) string {
		return (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	}
	for name, write := range map[string]func(path string) string{
		"plain.png":          func(path string) string { return path },
		"a b.png":            func(path string) string { return "<" + path + ">" },
		"Grüße, 50% (2).png": escape,
		"all.png":            url.PathEscape,
		"small.png":          func(path string) string { return strings.ToLower(url.PathEscape(path)) },
	} {
		path, err := r.Keep(name, strings.NewReader("picture"))
		if err != nil {
			t.Fatal(err)
		}
		secret := filepath.Base(filepath.Dir(path))
		d := message.Draft{Body: "see ![it](" + write(path) + ")"}
		locked := r.hideKept(message.Draft{}, d)
		if text := strings.Join(locked.Attachments, " "); len(locked.Attachments) != 1 || strings.Contains(text, secret) {
			t.Errorf("%s: the files are %q", name, locked.Attachments)
		}
		ref, err := r.SaveDraft(t.Context(), outbox.Ref{}, locked)
		if err != nil {
			t.Fatal(err)
		}
		now = now.Add(keptFor + time.Hour)
		if err := r.Forget(t.Context()); err != nil || !isKept(path) {
			t.Errorf("%s is gone, %v", name, err)
		}
		if _, err := r.SaveDraft(t.Context(), ref, d); err != nil {
			t.Fatal(err)
		}
		if err := r.Forget(t.Context()); err != nil || !isKept(path) {
			t.Errorf("%s is gone from a draft in clear, %v", name, err)
		}
	}
}
