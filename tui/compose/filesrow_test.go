package compose

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/message"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// attaching returns a composer with the focus on such attachments.
func attaching(paths ...string) *Screen {
	s := begun()
	s.Update(found(s.Update(kit.DraftLoaded{Fields: message.Draft{Attachments: paths, Focus: "attachments"}})))
	return s
}

func (s *Screen) attachments() string { return strings.Join(s.Draft().Attachments, " ") }

// TestFilesRow: the row says its keys and what the chosen file is.
func TestFilesRow(t *testing.T) {
	t.Parallel()
	s := attaching("/w/a.pdf", "/w/photo.jpg")
	var help []string
	for _, b := range s.Bindings() {
		help = append(help, b.Help().Key+" "+b.Help().Desc)
	}
	if got := strings.Join(help, ", "); !strings.HasPrefix(got, "left right choose, n rename, d remove, o open, < move left, > move right, ctrl+o attach") {
		t.Errorf("keys: %s", got)
	}
	s.files.list[0].Type = "application/pdf"
	if got := s.Status().Text; got != `"a.pdf": application/pdf, 214 kB, /w/a.pdf` {
		t.Errorf("it says %s", got)
	}
	if got := tuitest.Press(s, "o"); !cmp.Equal(got, kit.Intent(kit.OpenFile{Path: "/w/a.pdf"})) {
		t.Errorf("o wants %v", got)
	}
	s.Update(kit.FileOpened{Err: errors.New("xdg-open: exit status 3")})
	if st := s.Status(); !st.Trouble || !strings.Contains(st.Text, "exit status 3") {
		t.Errorf("it says %+v", st)
	}
}

// TestFilesOrder moves a file to both ends, and takes that back.
func TestFilesOrder(t *testing.T) {
	t.Parallel()
	s := attaching("/w/a", "/w/b", "/w/c")
	for _, step := range []struct{ key, want string }{
		{"<", "/w/a /w/b /w/c"}, {">", "/w/b /w/a /w/c"}, {">", "/w/b /w/c /w/a"}, {">", "/w/b /w/c /w/a"},
		{"shift+left", "/w/b /w/a /w/c"}, {"z", "/w/b /w/c /w/a"}, {"ctrl+z", "/w/b /w/a /w/c"}, {"z", "/w/a /w/b /w/c"}, {"z", "/w/a /w/b /w/c"},
	} {
		revision := s.Revision()
		before := s.attachments()
		tuitest.Press(s, step.key)
		if got := s.attachments(); got != step.want {
			t.Errorf("after %s: %s, want %s", step.key, got, step.want)
		}
		if (before != step.want) != (s.Revision() != revision) {
			t.Errorf("%s: revision %d after %d", step.key, s.Revision(), revision)
		}
	}
}

// TestFilesRemoved: what was removed comes back with all that was decided of it,
// in its turn among what was written.
func TestFilesRemoved(t *testing.T) {
	t.Parallel()
	s := attaching("/w/a.jpg", "/w/b")
	tuitest.Press(s, "i", "d")
	if got := s.Status().Text; s.attachments() != "/w/b" || got != `"a.jpg" is no longer attached; z brings it back` {
		t.Errorf("%s; it says %s", s.attachments(), got)
	}
	tuitest.Press(s, "delete")
	if s.focus != inBody || s.attachments() != "" {
		t.Fatalf("focus in %s, attached %s", s.focus, s.attachments())
	}
	look := tuitest.Press(s, "ctrl+z")
	if s.attachments() != "/w/b" || !cmp.Equal(look, kit.Intent(kit.CheckFiles{Paths: []string{"/w/b"}})) {
		t.Errorf("attached %s, it wants %v", s.attachments(), look)
	}
	tuitest.Press(s, "ctrl+z")
	if got := s.Draft().Attached["/w/a.jpg"]; s.attachments() != "/w/a.jpg /w/b" || !got.Inline {
		t.Errorf("attached %s, %+v", s.attachments(), got)
	}
	tuitest.Press(s, "ctrl+z")
	if s.Draft().Attached["/w/a.jpg"].Inline {
		t.Error("inline was not undone")
	}

	s = attaching("/w/a")
	s.goTo(inBody)
	tuitest.Type(s, "wor")
	tuitest.Press(s, "alt+r")
	tuitest.Type(s, "ds")
	if tuitest.Press(s, "ctrl+z"); s.attachments() != "" || !strings.HasPrefix(s.Draft().Body, "wor\n") {
		t.Errorf("undo after typing: %s, %q", s.attachments(), s.Draft().Body)
	}
	if tuitest.Press(s, "ctrl+z"); s.attachments() != "/w/a" || s.Status().Text != `"a" is attached again.` {
		t.Errorf("undo before that: %s, it says %s", s.attachments(), s.Status().Text)
	}
	if tuitest.Press(s, "ctrl+z"); s.attachments() != "/w/a" || strings.HasPrefix(s.Draft().Body, "wor") {
		t.Errorf("undo before all: %s, %q", s.attachments(), s.Draft().Body)
	}
}

// TestFilesRemovedLast: the only attachment comes back by the key that removed
// it, whatever was written since.
func TestFilesRemovedLast(t *testing.T) {
	t.Parallel()
	s := attaching("/w/a.pdf")
	tuitest.Press(s, "alt+r")
	s.goTo(inSubject)
	tuitest.Type(s, "later")
	s.goTo(inBody)
	tuitest.Type(s, "words of mine")
	look := tuitest.Press(s, "alt+r")
	if !cmp.Equal(look, kit.Intent(kit.CheckFiles{Paths: []string{"/w/a.pdf"}})) || !strings.HasPrefix(s.Draft().Body, "words of mine") {
		t.Errorf("attached %s, it wants %v", s.attachments(), look)
	}
	s = begun()
	if tuitest.Press(s, "alt+r"); !strings.Contains(s.Status().Text, "nothing is attached") {
		t.Errorf("with nothing to bring back it says %s", s.Status().Text)
	}
}

// TestFilesRename: the recipients see another name; the draft keeps it.
func TestFilesRename(t *testing.T) {
	t.Parallel()
	s := attaching("/w/scan0001.pdf")
	ask, ok := tuitest.Press(s, "n").(kit.Ask)
	if !ok || ask.Value != "scan0001.pdf" {
		t.Fatalf("n wants %+v", ask)
	}
	for line, want := range map[string]string{
		" ": "it needs a name", "a/b\x1b.pdf": "it goes as b_.pdf",
		"Contract": "it goes as Contract; without .pdf at the end a reader may not know what it is", "Vertrag.PDF": "it goes as Vertrag.PDF",
	} {
		if got, ok := ask.Hint(line); got != want || ok != (line != " ") {
			t.Errorf("%q: %s, %v", line, got, ok)
		}
	}
	revision := s.Revision()
	ask.Then("../Contract.pdf")
	if got := s.Draft().Attached["/w/scan0001.pdf"].Name; got != "Contract.pdf" || s.Revision() == revision {
		t.Errorf("named %q, revision %d", got, s.Revision())
	}
	if view, _ := s.View(); !strings.Contains(view, "Contract.pdf 214 kB") {
		t.Errorf("it shows\n%s", view)
	}
	again := begun()
	again.Update(kit.DraftLoaded{Fields: s.Draft()})
	if diff := cmp.Diff(s.Draft().Attached, again.Draft().Attached); diff != "" {
		t.Errorf("the draft came back otherwise:\n%s", diff)
	}
	tuitest.Press(s, "n").(kit.Ask).Then("scan0001.pdf")
	if got := s.Draft().Attached["/w/scan0001.pdf"].Name; got != "" {
		t.Errorf("its own name is kept as %q", got)
	}
	tuitest.Press(s, "z", "z")
	if got := s.Draft().Attached["/w/scan0001.pdf"].Name; got != "" {
		t.Errorf("undone: %q", got)
	}
}

// TestFilesInline: only a picture can show in the text.
func TestFilesInline(t *testing.T) {
	t.Parallel()
	s := attaching("/w/a.pdf", "/w/photo.JPG")
	tuitest.Press(s, "i")
	if s.Draft().Attached["/w/a.pdf"].Inline || !strings.Contains(s.Status().Text, "is no picture") {
		t.Errorf("a page: %s", s.Status().Text)
	}
	tuitest.Press(s, "right", "i")
	if view, _ := s.View(); !s.Draft().Attached["/w/photo.JPG"].Inline || !strings.Contains(view, "photo.JPG 214 kB in the text") {
		t.Errorf("a picture:\n%s", view)
	}
	if tuitest.Press(s, "i"); s.Draft().Attached["/w/photo.JPG"].Inline {
		t.Error("it can't be made a file again")
	}
}

// TestFileChanges: a file that is not as it was when it was attached is told
// of, also when the draft was left meanwhile; attaching it again settles that.
func TestFileChanges(t *testing.T) {
	t.Parallel()
	later := func(paths ...string) kit.FilesChecked {
		answer := found(kit.CheckFiles{Paths: paths})
		for i := range answer.Files {
			answer.Files[i].Modified = tuitest.Now().Add(time.Hour)
		}
		return answer
	}
	s := attaching("/w/a.txt")
	draft := s.Draft()
	s = begun()
	s.Update(kit.DraftLoaded{Fields: draft})
	s.Update(later("/w/a.txt"))
	if view, _ := s.View(); !strings.Contains(view, "a.txt 214 kB changed") || !strings.Contains(s.Status().Text, "changed since it was attached") {
		t.Errorf("it says %s, and shows\n%s", s.Status().Text, view)
	}
	s.goTo(inBody)
	if got := tuitest.Press(s, "tab"); !cmp.Equal(got, kit.Intent(kit.CheckFiles{Paths: []string{"/w/a.txt"}})) {
		t.Errorf("coming to the row wants %v", got)
	}
	s.Update(later("/w/a.txt"))
	s.attach(later("/w/a.txt").Files...)
	if view, _ := s.View(); strings.Contains(view, "changed") {
		t.Errorf("attached again it shows\n%s", view)
	}
	gone := found(kit.CheckFiles{Paths: []string{"/w/a.txt"}})
	gone.Files[0].Err = fs.ErrNotExist
	tuitest.Press(s, "left")
	s.look()
	s.Update(gone)
	if st := s.Status(); !st.Trouble || st.Text != `"a.txt": file does not exist` {
		t.Errorf("a file that is gone: %+v", st)
	}
}
