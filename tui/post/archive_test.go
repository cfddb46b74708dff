package post

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/config/secret"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A folder goes along as an archive if that is asked for.
func TestFolderAsArchive(t *testing.T) {
	t.Parallel()
	r := open(t, Options{})
	folder := filepath.Join(t.TempDir(), "trip")
	write(t, filepath.Join(folder, "a.txt"), "one")
	write(t, filepath.Join(folder, "below", "ü.txt"), strings.Repeat("two", 10000))
	if err := os.Symlink("/etc", filepath.Join(folder, "out")); err != nil {
		t.Log(err)
	}
	files := r.CheckFiles(t.Context(), []string{folder, folder + "/"})
	if !files[0].Folder || files[0].Err == nil {
		t.Errorf("a folder can be attached: %+v", files[0])
	}
	if files[1].Name != "trip.zip" || files[1].Err != nil || files[1].Size != 30003 {
		t.Errorf("its archive is %+v", files[1])
	}
	f, err := attachment(r.expand(folder + "/"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		got[f.Name] = len(text)
	}
	if diff := cmp.Diff(map[string]int{"trip/a.txt": 3, "trip/below/ü.txt": 30000}, got); diff != "" {
		t.Errorf("the archive holds (-want +got)\n%s", diff)
	}
	empty := t.TempDir()
	if files := r.CheckFiles(t.Context(), []string{empty + "/"}); !errors.Is(files[0].Err, errEmpty) {
		t.Errorf("of an empty folder it says %v", files[0].Err)
	}
}

// An archive that fails half-way fails the mail, and says of which folder.
func TestArchiveThatBreaks(t *testing.T) {
	t.Parallel()
	f := pack(filepath.Join(t.TempDir(), "gone") + "/")
	_, err := io.ReadAll(f)
	var file *FileError
	if !errors.As(err, &file) || !strings.Contains(file.Path, "gone") {
		t.Errorf("it fails with %v", err)
	}
}

// What comes from a pipe is kept while a draft needs it, and no longer than a
// week without one.
func TestKeep(t *testing.T) {
	t.Parallel()
	now := time.Now()
	r := open(t, Options{Clock: func() time.Time { return now }})
	if err := r.AddAccount(t.Context(), work, secret.Secret{}); err != nil {
		t.Fatal(err)
	}
	var paths []string
	for range 3 {
		path, err := r.Keep("../a\x1b.txt", strings.NewReader("piped"))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	if paths[0] == paths[1] || filepath.Base(paths[0]) != "a_.txt" {
		t.Fatalf("kept as %q", paths)
	}
	file, _ := place(paths[0])
	if info, err := os.Stat(file); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	// A draft needs one; another is needed by a mail that waits, which may
	// become a draft again.
	if _, err := r.SaveDraft(t.Context(), outbox.Ref{}, message.Draft{Attachments: paths[:1]}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Post(t.Context(), message.Draft{To: "a@example.org", Attachments: paths[1:2]}, now.Add(10*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		after time.Duration
		left  int
	}{{0, 3}, {keptFor + time.Hour, 2}} {
		now = now.Add(step.after)
		if err := r.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		left := 0
		for _, path := range paths {
			if _, err := stat(path); err == nil {
				left++
			}
		}
		if left != step.left {
			t.Errorf("after %v there are %d", step.after, left)
		}
	}
}
