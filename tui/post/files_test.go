package post

import (
	"errors"
	"os"
	"path/filepath"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"slices"
	"strings"
	"testing"
	"time"
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

// TestFilesOnTheWire: a file goes by the name and in the way its author decided.
func TestFilesOnTheWire(t *testing.T) {
	t.Parallel()
	r := open(t, Options{})
	add(t, r, work, "")
	folder := t.TempDir()
	scan, photo := filepath.Join(folder, "scan.pdf"), filepath.Join(folder, "photo.png")
	write(t, scan, "%PDF-1.4")
	write(t, photo, "\x89PNG\r\n\x1a\n")
	write(t, filepath.Join(folder, "trip", "a.txt"), "text")
	id, err := r.Post(t.Context(), message.Draft{
		To: "bob@b.example", Subject: "Scans", Body: "text", Attachments: []string{scan, photo, filepath.Join(folder, "trip") + "/"},
		Attached: map[string]message.Attached{scan: {Name: "Contract.pdf"}, photo: {Inline: true}, filepath.Join(folder, "trip") + "/": {Name: "Kreta.zip"}},
	}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	sent := content(t, r, id)
	for _, want := range []string{
		"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=Contract.pdf\r\n",
		"Content-Type: image/png\r\nContent-Disposition: inline; filename=photo.png\r\n",
		"Content-Disposition: attachment; filename=Kreta.zip\r\n",
	} {
		if !strings.Contains(sent, want) {
			t.Errorf("%q is missing in\n%s", want, sent)
		}
	}
	for _, own := range []string{"scan.pdf", "trip.zip", "Content-ID"} {
		if strings.Contains(sent, own) {
			t.Errorf("%s is in\n%s", own, sent)
		}
	}
	found, err := r.Items(t.Context(), outbox.Query{Search: "contract kreta"})
	if err != nil || len(found) != 1 {
		t.Errorf("by the names it went under it is found as %v, %v", found, err)
	}
}

// TestFileLooks: the type comes from name and content, and a change is seen and
// told before the mail goes.
func TestFileLooks(t *testing.T) {
	t.Parallel()
	r := open(t, Options{})
	add(t, r, work, "")
	folder := t.TempDir()
	paths := []string{filepath.Join(folder, "a.pdf"), filepath.Join(folder, "nameless"), filepath.Join(folder, "empty"), folder + "/"}
	write(t, paths[0], "text")
	write(t, paths[1], "\x89PNG\r\n\x1a\n")
	write(t, paths[2], "")
	d := message.Draft{To: "bob@b.example", Subject: "x", Body: "y", Attachments: paths, Attached: map[string]message.Attached{}}
	for i, want := range []string{"application/pdf", "image/png", "text/plain", "application/zip"} {
		f := r.CheckFiles(t.Context(), paths[i:i+1])[0]
		if f.Type != want || f.Err != nil || f.Modified.IsZero() {
			t.Errorf("%+v, want %s", f, want)
		}
		d.Attached[f.Path] = message.Attached{Size: f.Size, Modified: f.Modified}
	}
	if found := r.Check(t.Context(), d); len(found) > 0 {
		t.Errorf("unchanged: %v", found)
	}
	write(t, paths[0], "more text")
	if err := os.Chtimes(paths[1], time.Time{}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, f := range r.Check(t.Context(), d) {
		said = append(said, f.Text)
	}
	want := []string{
		`"a.pdf" is not as it was when you attached it`, `"nameless" is not as it was when you attached it`,
		`"` + filepath.Base(folder) + `.zip" is not as it was when you attached it`,
	}
	if !slices.Equal(said, want) {
		t.Errorf("changed: %q", said)
	}
	var gone *FileError
	if err := r.OpenFile(t.Context(), filepath.Join(folder, "none")); !errors.As(err, &gone) {
		t.Errorf("what is not there is shown: %v", err)
	}
}

// TestFindPasted takes the first way in which everything is there.
func TestFindPasted(t *testing.T) {
	t.Parallel()
	r, root := open(t, Options{}), t.TempDir()
	grow(t, root, "a b", "a", "docs/x")
	in := func(names ...string) (paths []string) {
		for _, name := range names {
			paths = append(paths, root+"/"+name)
		}
		return paths
	}
	for _, tt := range []struct {
		ways [][]string
		want string
	}{
		{[][]string{in("a b"), in("a", "b")}, "a b"},
		{[][]string{in("none"), in("a", "docs", "docs/")}, "a docs.zip docs.zip"},
		{[][]string{in("a", "none")}, ""},
		{nil, ""},
	} {
		if got := called(r.FindPasted(t.Context(), tt.ways)); got != tt.want {
			t.Errorf("%q: found %s, want %s", tt.ways, got, tt.want)
		}
	}
	if got := r.FindPasted(t.Context(), [][]string{in("docs")})[0]; got.Path != root+"/docs/" || got.Err != nil || !got.Folder {
		t.Errorf("a folder: %+v", got)
	}
}
