package post

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestFiles(t *testing.T) {
	t.Parallel()
	r := open(t, Options{})
	dir := t.TempDir()
	for _, name := range []string{"b.txt", "A.txt", ".hidden"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "zoo"), 0o700); err != nil {
		t.Fatal(err)
	}
	files, err := r.ListFolder(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	if want := []string{"zoo", ".hidden", "A.txt", "b.txt"}; !slices.Equal(names, want) {
		t.Errorf("ListFolder: %q, want %q", names, want)
	}
	var gone *FileError
	if _, err := r.ListFolder(t.Context(), filepath.Join(dir, "none")); !errors.As(err, &gone) {
		t.Errorf("a folder that is not there: %v", err)
	}
	checked := r.CheckFiles(t.Context(), []string{filepath.Join(dir, "A.txt"), dir, filepath.Join(dir, "none")})
	if f := checked[0]; f.Err != nil || f.Size != 5 || f.Name != "A.txt" {
		t.Errorf("a file: %+v", f)
	}
	if checked[1].Err == nil || checked[2].Err == nil {
		t.Errorf("a folder and nothing at all: %+v", checked[1:])
	}
}
