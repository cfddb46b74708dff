package post

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sendoff/config"
	"sendoff/tui/kit"
)

// grow makes files below a folder, with the folders they are in.
func grow(t *testing.T, root string, paths ...string) {
	t.Helper()
	for _, p := range paths {
		p = filepath.Join(root, p)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte("text"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func called(files []kit.File) string {
	var all []string
	for _, f := range files {
		all = append(all, f.Name)
	}
	return strings.Join(all, " ")
}

func TestSearchFolder(t *testing.T) {
	t.Parallel()
	r, root := open(t, Options{}), t.TempDir()
	grow(t, root, "top", "a/deep/er/x", "a/one", "b/two", ".hid/secret", "b/.dot")
	if err := os.Symlink(root, filepath.Join(root, "b", "circle")); err != nil {
		t.Skip(err)
	}
	files, cut, err := r.SearchFolder(t.Context(), root, false)
	if got := called(files); err != nil || cut || got != "a/deep a/one b/circle b/two a/deep/er a/deep/er/x" {
		t.Errorf("found %s, %v, %v", got, cut, err)
	}
	for _, f := range files {
		if folder := f.Name == "a/deep" || f.Name == "a/deep/er" || f.Name == "b/circle"; f.Folder != folder || f.Err != nil || !folder && f.Size != 4 {
			t.Errorf("%+v", f)
		}
	}
	files, _, err = r.SearchFolder(t.Context(), root, true)
	if got := called(files); err != nil || got != ".hid/secret a/deep a/one b/.dot b/circle b/two a/deep/er a/deep/er/x" {
		t.Errorf("with hidden ones: %s, %v", got, err)
	}
	if _, _, err := r.SearchFolder(t.Context(), filepath.Join(root, "none"), false); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of no folder: %v", err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if files, cut, err := r.SearchFolder(stopped, root, false); len(files) > 0 || !cut || err != nil {
		t.Errorf("stopped: %v, %v, %v", files, cut, err)
	}
}

// TestSearchFolderEnds: a big folder is looked through in part.
func TestSearchFolderEnds(t *testing.T) {
	t.Parallel()
	r, root := open(t, Options{}), t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "in"), 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range mostFound + 10 {
		if err := os.Mkdir(filepath.Join(root, "in", fmt.Sprint(i)), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	files, cut, err := r.SearchFolder(t.Context(), root, false)
	if err != nil || !cut || len(files) != mostFound-1 {
		t.Errorf("%d, %v, %v", len(files), cut, err)
	}
}

func TestRecentFolders(t *testing.T) {
	t.Parallel()
	home := config.HomeAt(t.TempDir())
	r, root := open(t, Options{Home: home}), t.TempDir()
	recent := func(r *Room) string {
		t.Helper()
		folders, err := r.RecentFolders(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(called(folders), root+string(filepath.Separator), "")
	}
	if got := recent(r); got != "" {
		t.Errorf("at first: %s", got)
	}
	for i := range mostRecent + 3 {
		folder := filepath.Join(root, fmt.Sprint(i))
		grow(t, folder, "x")
		if err := r.UsedFolder(t.Context(), folder); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := r.UsedFolder(t.Context(), filepath.Join(root, "9")+"/"); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(filepath.Join(root, "12")); err != nil {
		t.Fatal(err)
	}
	again := open(t, Options{Home: home})
	if got := recent(again); got != "9 14 13 11 10 8 7 6 5 4 3" {
		t.Errorf("then: %s", got)
	}
	if info, err := os.Stat(again.recentFile()); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others can read it: %v, %v", info, err)
	}
}
