package compose

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// picking returns a composer with the picker open on a folder of such names.
func picking(names ...string) (*Screen, *picker) {
	s := begun()
	tuitest.Press(s, "ctrl+o")
	s.Update(listing("", "/w/", names...))
	return s, s.over.(*picker)
}

func (p *picker) names() string {
	var all []string
	for _, c := range p.shown {
		all = append(all, c.Name)
	}
	return strings.Join(all, " ")
}

// TestPickerSearchesBelow finds a file by a few letters of its name, in folders
// below the one that shows.
func TestPickerSearchesBelow(t *testing.T) {
	t.Parallel()
	s, p := picking("docs/", "minutes.txt")
	want := kit.Intent(kit.SearchFolder{})
	if got := tuitest.Press(s, "m"); !cmp.Equal(got, want) {
		t.Fatalf("the first letter wants %v", got)
	}
	if got := tuitest.Press(s, "i"); got != nil {
		t.Errorf("the second wants %v", got)
	}
	files := func(names ...string) (all []kit.File) {
		for _, n := range names {
			all = append(all, kit.File{Path: "/w/" + n, Name: n, Size: 1})
		}
		return all
	}
	s.Update(kit.FolderSearched{Path: "elsewhere/", Entries: files("x/mi")})
	s.Update(kit.FolderSearched{Hidden: true, Entries: files(".x/mi")})
	if got := p.names(); got != "minutes.txt" {
		t.Errorf("stale answers show as %s", got)
	}
	s.Update(kit.FolderSearched{Entries: files("docs/a/b/mine.txt", "docs/mill.txt", "docs/summit.txt", "my/island", "docs/none"), Cut: true})
	if got := p.names(); got != "minutes.txt docs/mill.txt docs/a/b/mine.txt docs/summit.txt my/island" {
		t.Errorf("it finds %s", got)
	}
	if got := s.Status().Right; got != "2 here, more than 5 below" {
		t.Errorf("it says %s", got)
	}
	tuitest.Type(s, "l")
	if got := tuitest.Press(s, "enter"); !cmp.Equal(got, kit.Intent(kit.CheckFiles{Paths: []string{"/w/docs/mill.txt"}})) {
		t.Errorf("enter wants %v", got)
	}
	want = kit.Do{kit.ListFolder{Path: "docs/"}, kit.SearchFolder{Path: "docs/"}}
	if got := tuitest.Press(s, "tab"); !cmp.Equal(got, want) || p.line.Text() != "docs/mill.txt" {
		t.Errorf("tab wants %v, and writes %s", got, p.line.Text())
	}
	tuitest.Type(s, "zz")
	if view, _ := s.View(); !strings.Contains(view, "looking") {
		t.Errorf("while it looks it shows\n%s", view)
	}
}

// TestPickerMarks attaches several files and a folder, from two folders, in the
// order in which they were marked.
func TestPickerMarks(t *testing.T) {
	t.Parallel()
	s, p := picking("docs/", "a.pdf", "b.pdf", "pipe")
	p.here[3].Err = fs.ErrInvalid
	p.filter()
	tuitest.Press(s, "down", "down", "space", "up", "up", "space") // b, then a
	if view, _ := s.View(); !strings.Contains(view, "● b.pdf") || !strings.Contains(view, "  docs/") {
		t.Errorf("marks don't show:\n%s", view)
	}
	tuitest.Press(s, "down", "space") // not the pipe
	if st := s.Status(); !st.Trouble || !strings.Contains(st.Text, "pipe") {
		t.Errorf("a pipe: %+v", st)
	}
	tuitest.Press(s, "up", "up", "up", "space") // the folder
	tuitest.Press(s, "up", "up", "space")       // nothing is ..
	p.write("docs/")
	p.refresh()
	s.Update(listing("docs/", "/w/docs/", "c.pdf", "d.pdf"))
	tuitest.Press(s, "space", "space", "space") // c and d, d no more
	ask := tuitest.Press(s, "enter")
	want := []string{"/w/b.pdf", "/w/a.pdf", "/w/docs/", "/w/docs/c.pdf"}
	if !cmp.Equal(ask, kit.Intent(kit.CheckFiles{Paths: want})) {
		t.Fatalf("enter wants %v", ask)
	}
	broken := found(ask)
	broken.Files[1].Err = fs.ErrPermission
	if s.Update(broken); s.over == nil || len(s.files.list) > 0 || !strings.Contains(s.Status().Text, `"a.pdf"`) {
		t.Errorf("one that can't be read: %+v", s.Status())
	}
	got := s.Update(found(tuitest.Press(s, "enter")))
	if !cmp.Equal(got, kit.Intent(kit.UsedFolder{Path: "/w/docs"})) || !cmp.Equal(s.Draft().Attachments, want) {
		t.Errorf("it wants %v, and attaches %v", got, s.Draft().Attachments)
	}
}

// TestPickerSpace: a space is typed where a name goes on with one, and marks
// elsewhere.
func TestPickerSpace(t *testing.T) {
	t.Parallel()
	s, p := picking("my file.txt", "mine.txt")
	tuitest.Type(s, "my f")
	if p.line.Text() != "my f" || len(p.marked) > 0 {
		t.Errorf("typed %q, marked %v", p.line.Text(), p.marked)
	}
	tuitest.Type(s, " ")
	tuitest.Press(s, "ctrl+u")
	tuitest.Type(s, "mi ")
	tuitest.Press(s, "ctrl+u")
	tuitest.Type(s, "no such ")
	if got := fmt.Sprint(len(p.marked), p.line.Text()); got != "2no such " {
		t.Errorf("marked and typed: %q", got)
	}
}

func TestPickerHidden(t *testing.T) {
	t.Parallel()
	s, p := picking(".config/", "notes")
	if got := tuitest.Press(s, "alt+."); got != nil || p.names() != ".. .config notes" {
		t.Errorf("it wants %v and shows %s", got, p.names())
	}
	if got := tuitest.Press(s, "o"); !cmp.Equal(got, kit.Intent(kit.SearchFolder{Hidden: true})) {
		t.Errorf("a letter wants %v", got)
	}
	if got := tuitest.Press(s, "alt+."); !cmp.Equal(got, kit.Intent(kit.SearchFolder{})) || p.names() != "notes" {
		t.Errorf("it wants %v and shows %s", got, p.names())
	}
}

// TestPickerRecent goes into a folder that was used before, also where its name
// can't be typed.
func TestPickerRecent(t *testing.T) {
	t.Parallel()
	s, p := picking("a")
	if got := tuitest.Press(s, "alt+r"); !cmp.Equal(got, kit.Intent(kit.ListRecent{})) {
		t.Fatalf("it wants %v", got)
	}
	if view, _ := s.View(); !strings.Contains(view, "from anywhere yet") {
		t.Errorf("it shows\n%s", view)
	}
	s.Update(kit.RecentListed{Folders: []kit.File{
		{Path: "/h/me/work/letters", Name: "~/work/letters", Folder: true}, {Path: "/srv/\x1bscans", Name: "/srv/\x1bscans", Folder: true},
	}})
	if got := p.names(); got != "~/work/letters /srv/\x1bscans" {
		t.Errorf("it shows %q", got)
	}
	tuitest.Type(s, "sca")
	if got := tuitest.Press(s, "space", "enter"); !cmp.Equal(got, kit.Intent(kit.ListFolder{Path: "/srv/\x1bscans/"})) {
		t.Errorf("enter wants %q", got)
	}
	tuitest.Press(s, "alt+r")
	if got := tuitest.Press(s, "enter"); !cmp.Equal(got, kit.Intent(kit.ListFolder{Path: "/h/me/work/letters/"})) || p.line.Text() != "~/work/letters/" {
		t.Errorf("enter wants %v, and writes %s", got, p.line.Text())
	}
	if tuitest.Press(s, "alt+r", "esc"); s.over == nil || p.recent {
		t.Error("esc must lead back to the files")
	}
}

// TestPickerHome completes ~ and says what a typed folder is good for.
func TestPickerHome(t *testing.T) {
	t.Parallel()
	s, p := picking("a")
	tuitest.Type(s, "~")
	if got := tuitest.Press(s, "tab"); !cmp.Equal(got, kit.Intent(kit.ListFolder{Path: "~/"})) || p.line.Text() != "~/" {
		t.Errorf("tab wants %v", got)
	}
	s.Update(listing("~/", "/h/me/"))
	tuitest.Type(s, "docs")
	ask := tuitest.Press(s, "enter")
	s.Update(kit.FilesChecked{Paths: ask.(kit.CheckFiles).Paths, Files: []kit.File{{Path: "/h/me/docs", Folder: true, Err: fs.ErrInvalid}}})
	if got := s.Status().Text; !strings.Contains(got, "ctrl+o attaches an archive") || p.line.Text() != "~/docs/" {
		t.Errorf("it says %s, and the line %s", got, p.line.Text())
	}
	if got := tuitest.Press(s, "ctrl+o"); !cmp.Equal(got, kit.Intent(kit.CheckFiles{Paths: []string{"~/docs/"}})) {
		t.Errorf("then ctrl+o wants %v", got)
	}
}

// TestPickerClick: the first click on a row points at it, the second chooses it.
func TestPickerClick(t *testing.T) {
	t.Parallel()
	s, _ := picking("a", "b")
	if got := s.Update(click(3, 4)); got != nil {
		t.Errorf("a click wants %v", got)
	}
	if got := s.Update(click(3, 4)); !cmp.Equal(got, kit.Intent(kit.CheckFiles{Paths: []string{"/w/b"}})) {
		t.Errorf("another one wants %v", got)
	}
}

// TestPickerLate: an answer for what was chosen and left is taken for nothing
// else.
func TestPickerLate(t *testing.T) {
	t.Parallel()
	s := begun()
	s.attach(kit.File{Path: "/w/mine", Name: "mine", Size: 1})
	tuitest.Press(s, "ctrl+o")
	s.Update(listing("", "/w/", "other"))
	late := found(tuitest.Press(s, "enter"))
	tuitest.Press(s, "esc")
	if s.Update(late); !cmp.Equal(s.Draft().Attachments, []string{"/w/mine"}) {
		t.Errorf("attached: %v", s.Draft().Attachments)
	}
}

func click(x, y int) tea.MouseClickMsg { return tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft} }
