package private_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"sendoff/config/private"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "new")
	path := filepath.Join(folder, "file")
	for _, text := range []string{"first", "second"} {
		if err := private.Write(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		got, err := private.Read(path, 100)
		if err != nil || string(got) != text {
			t.Fatalf("got %q, %v", got, err)
		}
		// What a killed program leaves is in nobody's way; and what others
		// could read before, they can't any more.
		if err := os.WriteFile(path+".new", []byte("half of"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := private.Write(path, []byte("third")); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	for name, want := range map[string]os.FileMode{folder: 0o700, path: 0o600} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	if _, err := private.Read(t.TempDir(), 10); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a folder: %v", err)
	}
	path := filepath.Join(t.TempDir(), "file")
	if err := private.Write(path, []byte("0123456789")); err != nil {
		t.Fatal(err)
	}
	if text, err := private.Read(path, 4); err != nil || string(text) != "01234" {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	unlock, err := private.Lock(t.Context(), path, "it")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := private.LockFor(t.Context(), path, "the vault", 1); err == nil || err.Error() != "another program is changing the vault" {
		t.Errorf("a second lock: %v", err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := private.Lock(stopped, path, "it"); err == nil {
		t.Error("a stopped program got the lock")
	}
	unlock()
	again, err := private.Lock(t.Context(), path, "it")
	if err != nil {
		t.Fatal(err)
	}
	again()
}
