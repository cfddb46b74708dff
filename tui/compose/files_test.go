package compose

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/message"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

func TestAttach(t *testing.T) {
	t.Parallel()
	s := begun()
	tuitest.Type(s, "ok@x.example\nHi\n")
	if diff := cmp.Diff(kit.Intent(kit.ListFolder{}), tuitest.Press(s, "ctrl+o")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	s.Update(listing("", "/w/", "docs/", ".hidden", "photo.jpg", "minutes.pdf"))
	tuitest.Type(s, "do")
	if diff := cmp.Diff(kit.Intent(kit.ListFolder{Path: "docs/"}), tuitest.Press(s, "tab")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	s.Update(listing("", "/w/", "late.txt"))
	if len(s.over.(*picker).shown) != 0 {
		t.Error("a folder that was left shows")
	}
	s.Update(listing("docs/", "/w/docs/", "a.pdf", "b.pdf"))
	tuitest.Press(s, "down")
	ask := tuitest.Press(s, "enter")
	if diff := cmp.Diff(kit.Intent(kit.CheckFiles{Paths: []string{"/w/docs/b.pdf"}}), ask); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	s.Update(found(ask))
	look := tuitest.Press(s, "ctrl+s")
	if _, ok := look.(kit.CheckFiles); !ok {
		t.Fatalf("before sending it wants %v", look)
	}
	sent, ok := s.Update(found(look)).(kit.Send)
	if !ok || !cmp.Equal(sent.Fields.Attachments, []string{"/w/docs/b.pdf"}) {
		t.Errorf("it sends %+v", sent)
	}
}

func TestAttachmentGoneBeforeSending(t *testing.T) {
	t.Parallel()
	s := begun()
	s.Update(found(s.Update(kit.DraftLoaded{Fields: message.Draft{To: "ok@x.example", Subject: "x", Attachments: []string{"/w/a"}}})))
	look := tuitest.Press(s, "ctrl+s").(kit.CheckFiles)
	answer := found(look)
	answer.Files[0].Err = fs.ErrPermission
	if got := s.Update(answer); got != nil || !s.Status().Trouble {
		t.Errorf("it wants %v and says %+v", got, s.Status())
	}
	tuitest.Press(s, "alt+r")
	if got := s.Draft().Attachments; len(got) != 0 {
		t.Errorf("still attached: %v", got)
	}
	if _, ok := tuitest.Press(s, "ctrl+s").(kit.Send); !ok {
		t.Error("without it the mail must go")
	}
}

// TestStaleCheck: an answer about other attachments than there are now.
func TestStaleCheck(t *testing.T) {
	t.Parallel()
	s := begun()
	first := s.Update(kit.DraftLoaded{Fields: message.Draft{Attachments: []string{"/w/missing"}}})
	tuitest.Press(s, "alt+r")
	s.openPicker()
	tuitest.Type(s, "/w/b")
	s.Update(found(tuitest.Press(s, "enter")))
	again := s.Update(found(first))
	if got := s.files.list[0]; got.Path != "/w/b" || got.Err != nil {
		t.Errorf("the answer was taken for %+v", got)
	}
	s.Update(found(again))
	if got := s.files.list[0]; got.Size == 0 {
		t.Error("the other attachment was not looked at")
	}
}

// listing makes the answer for a folder; names ending in a slash are folders.
func listing(asked, whole string, names ...string) kit.FolderListed {
	l := kit.FolderListed{Path: asked}
	for _, n := range names {
		name, folder := strings.CutSuffix(n, "/")
		l.Entries = append(l.Entries, kit.File{Path: whole + name, Name: name, Folder: folder, Size: 1000})
	}
	return l
}

func TestPicker(t *testing.T) {
	t.Parallel()
	s := begun()
	tuitest.Press(s, "ctrl+o")
	s.Update(listing("", "/w/", "Docs/", ".hidden", "my-notes", "notes"))
	names := func() (all []string) {
		for _, f := range s.over.(*picker).shown {
			all = append(all, f.Name)
		}
		return all
	}
	for _, tt := range []struct{ typed, want string }{
		{"", ".. Docs my-notes notes"}, {"n", "notes my-notes"}, {"o", "Docs my-notes notes"}, {".", ".hidden"}, {"DOC", "Docs"}, {"zz", ""},
	} {
		s.over.(*picker).write(tt.typed)
		s.over.(*picker).refresh()
		if got := strings.Join(names(), " "); got != tt.want {
			t.Errorf("%q shows %q, want %q", tt.typed, got, tt.want)
		}
	}
	ask := tuitest.Press(s, "enter")
	if !cmp.Equal(ask, kit.Intent(kit.CheckFiles{Paths: []string{"zz"}})) {
		t.Errorf("a path that is not known wants %v", ask)
	}
	s.Update(found(ask))
	tuitest.Press(s, "ctrl+o")
	s.Update(kit.FolderListed{Err: fs.ErrPermission})
	if got, _ := s.View(); !strings.Contains(got, "permission") {
		t.Error("a folder that can't be read says nothing")
	}
	tuitest.Press(s, "esc")
	if s.over != nil || len(s.files.list) != 1 {
		t.Error("esc must leave without a file")
	}
	for in, want := range map[string]string{
		"": "../", "../": "../../", "/": "/", "/a/": "/", "/a/b/": "/a/", "a/": "", "a/b/": "a/", "~/": "~/../", "./": "./../",
	} {
		if got := above(in); got != want {
			t.Errorf("above %q is %q, want %q", in, got, want)
		}
	}
}

// TestPickerStays: what can't be attached is said where another file can be
// chosen, and does not get into the way of sending.
func TestPickerStays(t *testing.T) {
	t.Parallel()
	s := begun()
	tuitest.Press(s, "ctrl+o")
	list := listing("", "/w/", "a.pdf", "pipe")
	list.Entries[1].Err = errors.New("is not an ordinary file")
	s.Update(list)
	tuitest.Type(s, "missing")
	s.Update(found(tuitest.Press(s, "enter")))
	if got := s.Status(); s.over == nil || len(s.files.list) > 0 || !strings.Contains(got.Text, `"missing"`) || !got.Trouble {
		t.Fatalf("after a typing error it says %+v", got)
	}
	tuitest.Press(s, "backspace")
	if got := s.Status(); got.Trouble {
		t.Errorf("still says %+v", got)
	}
	s.over.(*picker).write("pip")
	s.over.(*picker).refresh()
	if ask, got := tuitest.Press(s, "enter"), s.Status(); ask != nil || !strings.Contains(got.Text, "not an ordinary") {
		t.Errorf("a pipe wants %v, says %+v", ask, got)
	}
	s.over.(*picker).write("docs")
	s.over.(*picker).refresh()
	tuitest.Press(s, "enter")
	folder := kit.FilesChecked{Paths: []string{"docs"}, Files: []kit.File{{Path: "/w/docs", Folder: true, Err: fs.ErrInvalid}}}
	if got := s.Update(folder); !cmp.Equal(got, kit.Intent(kit.ListFolder{Path: "docs/"})) {
		t.Errorf("a folder that is typed wants %v", got)
	}
	if s.over == nil || len(s.files.list) > 0 {
		t.Error("the picker is left")
	}
}

// TestPickerForeignNames: files are found by the names they have, also where
// those can neither be shown nor typed.
func TestPickerForeignNames(t *testing.T) {
	t.Parallel()
	s := begun()
	tuitest.Press(s, "ctrl+o")
	s.Update(listing("", "/w/", "in\x1bside/", "x\x01y", "x\x02y"))
	tuitest.Type(s, "x")
	tuitest.Press(s, "down", "tab")
	if got := tuitest.Press(s, "enter"); !cmp.Equal(got, kit.Intent(kit.CheckFiles{Paths: []string{"/w/x\x02y"}})) {
		t.Errorf("it wants %+v", got)
	}
	s.over.(*picker).write("in")
	s.over.(*picker).refresh()
	if got := tuitest.Press(s, "tab"); !cmp.Equal(got, kit.Intent(kit.ListFolder{Path: "in\x1bside/"})) {
		t.Errorf("the folder wants %+v", got)
	}
	s.Update(listing("in\x1bside/", "/w/in\x1bside/", "a"))
	if got := tuitest.Press(s, "enter"); !cmp.Equal(got, kit.Intent(kit.CheckFiles{Paths: []string{"/w/in\x1bside/a"}})) {
		t.Errorf("in it it wants %+v", got)
	}
}

// TestPickerArchive: the folder under the cursor can go along as an archive.
func TestPickerArchive(t *testing.T) {
	t.Parallel()
	s := begun()
	tuitest.Press(s, "ctrl+o")
	s.Update(listing("", "/w/", "docs/", "a.pdf"))
	if got := tuitest.Press(s, "ctrl+o"); !cmp.Equal(got, kit.Intent(kit.CheckFiles{Paths: []string{"/w/docs/"}})) {
		t.Fatalf("it wants %+v", got)
	}
	s.Update(kit.FilesChecked{Paths: []string{"/w/docs/"}, Files: []kit.File{{Path: "/w/docs/", Name: "docs.zip", Size: 10}}})
	if s.over != nil || len(s.files.list) != 1 || s.Draft().Attachments[0] != "/w/docs/" {
		t.Errorf("attached: %+v", s.files.list)
	}
	tuitest.Press(s, "ctrl+o", "up")
	if got := tuitest.Press(s, "ctrl+o"); !cmp.Equal(got, kit.Intent(kit.CheckFiles{Paths: []string{"./"}})) {
		t.Errorf("with nothing chosen it wants %+v", got)
	}
}
