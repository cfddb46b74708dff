package compose

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/message"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// TestPathsIn: what terminals and file managers paste when files are dropped or
// copied, and what is no path.
func TestPathsIn(t *testing.T) {
	t.Parallel()
	one := func(paths ...string) [][]string { return [][]string{paths} }
	for _, tt := range []struct {
		from, pasted string
		want         [][]string
	}{
		{"plain, as Alacritty and kitty", "/home/me/minutes.pdf ", one("/home/me/minutes.pdf")},
		{"plain, with a blank", "/home/me/my minutes.pdf", one("/home/me/my minutes.pdf")},
		{"several lines, as kitty", "/w/a b.pdf\n/w/c.pdf\n", one("/w/a b.pdf", "/w/c.pdf")},
		{"several in one line", "/w/a.pdf /w/b.pdf", [][]string{{"/w/a.pdf /w/b.pdf"}, {"/w/a.pdf", "/w/b.pdf"}}},
		{"quoted, as GNOME Terminal and foot", "'/w/my minutes.pdf' ", one("/w/my minutes.pdf")},
		{"several quoted", "'/w/a b' '/w/c'\r", one("/w/a b", "/w/c")},
		{"a quote in quotes", `'/w/it'\''s.txt'`, one("/w/it's.txt")},
		{"escaped, as macOS Terminal, iTerm2 and Ghostty", `/Users/me/My\ File\ \(1\).pdf `, [][]string{{`/Users/me/My\ File\ \(1\).pdf`}, {"/Users/me/My File (1).pdf"}}},
		{"several escaped", `/w/a\ b.txt /w/c.txt`, [][]string{{`/w/a\ b.txt /w/c.txt`}, {"/w/a b.txt", "/w/c.txt"}}},
		{"in double quotes, as Windows Terminal", `"C:\Users\me\My File.pdf"`, one(`C:\Users\me\My File.pdf`)},
		{"a drive alone", `D:/x/y.txt`, one(`D:/x/y.txt`)},
		{"a share", `\\server\share\x.txt`, [][]string{{`\\server\share\x.txt`}}},
		{"in double quotes with what a shell would take", `"/w/\$5 \"x\".txt"`, one(`/w/$5 "x".txt`)},
		{"a URI", "file:///w/my%20minutes.pdf\r\n", one("/w/my minutes.pdf")},
		{"a URI with a host", "file://localhost/w/%C3%BC.txt", one("/w/ü.txt")},
		{"a URI of Windows", "file:///C:/x%20y.txt", one("C:/x y.txt")},
		{"URIs as a list", "# copied\r\nfile:///w/a\r\nfile:///w/b\r\n", one("/w/a", "/w/b")},
		{"URIs as GNOME Files copies them", "copy\nfile:///w/a\nfile:///w/b", one("/w/a", "/w/b")},
		{"URIs in one line", "file:///w/a file:///w/b", [][]string{{"/w/a file:///w/b"}, {"/w/a", "/w/b"}}},
		{"at home", "~/minutes.pdf", one("~/minutes.pdf")},
		{"here", "./a ../b", [][]string{{"./a ../b"}, {"./a", "../b"}}},
		{"a folder", "/w/docs/", one("/w/docs/")},

		{"words", "see you on Tuesday", nil},
		{"a mere name", "minutes.pdf", nil},
		{"a page", "https://example.org/w/a.pdf", nil},
		{"another machine's file", "file://other.example/w/a", nil},
		{"the root", "/", nil},
		{"a comment", "// what it does", nil},
		{"a path among words", "it is in /w/a.pdf", nil},
		{"text below a path", "/w/a.pdf\nis what I mean", nil},
		{"an open quote", "'/w/a", nil},
		{"nothing", " \n", nil},
		{"a NUL", "/w/a\x00b", nil},
		{"much", "/" + strings.Repeat("x", mostPasted), nil},
		{"many", strings.Repeat("/x\n", mostDropped+1), nil},
	} {
		if diff := cmp.Diff(tt.want, pathsIn(tt.pasted)); diff != "" {
			t.Errorf("%s: -want +got\n%s", tt.from, diff)
		}
	}
}

func FuzzPathsIn(f *testing.F) {
	f.Add(`'/w/it'\''s.txt' "/a\"b" /c\ d`)
	f.Add("copy\nfile:///w/a%20b\nC:\\x")
	f.Fuzz(func(t *testing.T, pasted string) {
		for _, way := range pathsIn(pasted) {
			if len(way) == 0 {
				t.Errorf("%q: a way without paths", pasted)
			}
			for _, path := range way {
				if path == "" || strings.Contains(path, "\n") {
					t.Errorf("%q: the path %q", pasted, path)
				}
			}
		}
	})
}

// there are files such as a service answers with.
func there(paths ...string) (all []kit.File) {
	for _, p := range paths {
		f := kit.File{Path: p, Name: p[strings.LastIndexByte(p, '/')+1:], Size: 1000, Modified: tuitest.Now()}
		if folder, ok := strings.CutSuffix(p, "/"); ok {
			f = kit.File{Path: p, Name: folder[strings.LastIndexByte(folder, '/')+1:] + ".zip", Folder: true}
		}
		all = append(all, f)
	}
	return all
}

// TestPasteOffers: a path that is pasted stays text, unless the next key says
// that the file is meant; undo puts the text back.
func TestPasteOffers(t *testing.T) {
	t.Parallel()
	for _, at := range []place{inBody, inSubject, inTo} {
		s := begun()
		s.Update(kit.DraftLoaded{Fields: message.Draft{To: "a@x.example", Subject: "Hi", Body: "so", Focus: string(at), Column: 2}})
		tuitest.Press(s, "end")
		before := s.Draft()
		ways := [][]string{{"/w/a.pdf"}}
		if got := s.Update(tea.PasteMsg{Content: "/w/a.pdf"}); !cmp.Equal(got, kit.Intent(kit.FindPasted{Ways: ways})) {
			t.Fatalf("in %s a paste wants %v", at, got)
		}
		inserted := s.Draft()
		s.Update(kit.PastedFound{Ways: ways, Files: there("/w/a.pdf")})
		if got := s.Status().Text; got != `That is a file; ctrl+o attaches "a.pdf" instead.` {
			t.Errorf("it says %s", got)
		}
		want := kit.Do{kit.UsedFolder{Path: "/w"}, kit.CheckFiles{Paths: []string{"/w/a.pdf"}}}
		if got := tuitest.Press(s, "ctrl+o"); !cmp.Equal(got, kit.Intent(want)) {
			t.Errorf("ctrl+o wants %v", got)
		}
		got := s.Draft()
		if got.To != before.To || got.Subject != before.Subject || got.Body != before.Body || s.attachments() != "/w/a.pdf" {
			t.Errorf("in %s: %+v", at, got)
		}
		if got := s.Status().Text; got != `"a.pdf" is attached; ctrl+z puts the text back.` {
			t.Errorf("it says %s", got)
		}
		tuitest.Press(s, "ctrl+z")
		if got := s.Draft(); got.To != inserted.To || got.Subject != inserted.Subject || got.Body != inserted.Body || s.attachments() != "" {
			t.Errorf("undone in %s: %+v", at, got)
		}
	}
}

// TestPasteIsLeft: what was done since, and what is there not, keep a paste as
// the text it is.
func TestPasteIsLeft(t *testing.T) {
	t.Parallel()
	ways := [][]string{{"/w/a b"}, {"/w/a", "b"}}[:1]
	answer := kit.PastedFound{Ways: ways, Files: there("/w/a b")}
	for name, do := range map[string]func(*Screen){
		"a key before the answer":  func(s *Screen) { tuitest.Type(s, "x"); s.Update(answer) },
		"a key after the answer":   func(s *Screen) { s.Update(answer); tuitest.Type(s, "x") },
		"another place":            func(s *Screen) { tuitest.Press(s, "tab"); s.Update(answer) },
		"a click elsewhere":        func(s *Screen) { s.Update(answer); s.Update(click(12, 1)) },
		"nothing there":            func(s *Screen) { s.Update(kit.PastedFound{Ways: ways}) },
		"an answer to another one": func(s *Screen) { s.Update(kit.PastedFound{Ways: [][]string{{"/w/b"}}, Files: there("/w/b")}) },
		"another draft": func(s *Screen) {
			s.Update(kit.DraftLoaded{Fields: message.Draft{Body: "/w/a b", Focus: "body"}})
			s.Update(answer)
		},
	} {
		s := begun()
		s.goTo(inBody)
		s.Update(tea.PasteMsg{Content: "/w/a b"})
		do(s)
		if got := tuitest.Press(s, "ctrl+o"); !cmp.Equal(got, kit.Intent(kit.ListFolder{})) {
			t.Errorf("%s: ctrl+o wants %v", name, got)
		}
		if !strings.Contains(s.Draft().Body, "/w/a b") || s.attachments() != "" {
			t.Errorf("%s: %q, %s", name, s.Draft().Body, s.attachments())
		}
	}
	s := begun()
	s.goTo(inBody)
	if got := s.Update(tea.PasteMsg{Content: "just words"}); got != nil {
		t.Errorf("words want %v", got)
	}
}

// TestPasteInFiles: in the row of attachments nothing else can be meant.
func TestPasteInFiles(t *testing.T) {
	t.Parallel()
	s := attaching("/w/a")
	find, ok := s.Update(tea.PasteMsg{Content: "/w/b\n/w/docs"}).(kit.FindPasted)
	if !ok {
		t.Fatal("it does not look for them")
	}
	want := kit.Do{kit.UsedFolder{Path: "/w"}, kit.CheckFiles{Paths: []string{"/w/a", "/w/b", "/w/docs/"}}}
	if got := s.Update(kit.PastedFound{Ways: find.Ways, Files: there("/w/b", "/w/docs/")}); !cmp.Equal(got, kit.Intent(want)) {
		t.Errorf("it wants %v", got)
	}
	find = s.Update(tea.PasteMsg{Content: "/w/none"}).(kit.FindPasted)
	s.Update(kit.PastedFound{Ways: find.Ways})
	if st := s.Status(); !st.Trouble || s.attachments() != "/w/a /w/b /w/docs/" {
		t.Errorf("it says %+v, attached %s", st, s.attachments())
	}
}

// TestPasteInPicker: files are attached, a folder is gone into, and what is not
// there stands in the line.
func TestPasteInPicker(t *testing.T) {
	t.Parallel()
	paste := func(content string, found ...string) (*Screen, kit.Intent) {
		s := begun()
		tuitest.Press(s, "ctrl+o")
		s.Update(tea.PasteMsg{Content: content})
		return s, s.Update(kit.PastedFound{Ways: pathsIn(content), Files: there(found...)})
	}
	if s, _ := paste("'/w/a b' /w/c", "/w/a b", "/w/c"); s.over != nil || s.attachments() != "/w/a b /w/c" {
		t.Errorf("attached %s", s.attachments())
	}
	if s, got := paste("'/w/docs'", "/w/docs/"); s.over == nil || !cmp.Equal(got, kit.Intent(kit.ListFolder{Path: "/w/docs/"})) {
		t.Errorf("a folder wants %v", got)
	}
	if s, got := paste("/w/none"); got != nil || s.over.(*picker).line.Text() != "/w/none" {
		t.Errorf("nothing wants %v", got)
	}
}
