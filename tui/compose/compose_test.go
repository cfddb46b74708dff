package compose

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"sendoff/config"
	"sendoff/smtp/message"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/theme"
	"sendoff/tui/tuitest"
)

var _ kit.Drafter = (*Screen)(nil)

var (
	work = config.Account{Name: "work", Address: "alice@example.org", FullName: "Alice Example", Signature: "Alice\n"}
	home = config.Account{Name: "home", Address: "al@home.example"}
)

// begun returns a composer that knows two accounts.
func begun() *Screen {
	s := New(tuitest.Env())
	s.Update(kit.AccountsLoaded{Accounts: []kit.AccountInfo{{Account: home}, {Account: work}}, Default: "work"})
	s.Update(kit.DraftLoaded{})
	return s
}

// found answers a question for files: all are there, 214 kB each, but for
// those called missing.
func found(ask kit.Intent) kit.FilesChecked {
	var answer kit.FilesChecked
	for _, path := range ask.(kit.CheckFiles).Paths {
		f := kit.File{Path: path, Name: path[strings.LastIndexByte(path, '/')+1:], Size: 214000}
		if strings.Contains(path, "missing") {
			f.Size, f.Err = 0, &fs.PathError{Op: "stat", Path: path, Err: fs.ErrNotExist}
		}
		answer.Files = append(answer.Files, f)
	}
	return answer
}

func TestWriteAndSend(t *testing.T) {
	t.Parallel()
	s := begun()
	tuitest.Type(s, "bob@example.org, Carol <carol@b.example>\nMinutes of Tuesday\nDear all,\nhere they are.")
	tuitest.Press(s, "alt+c")
	tuitest.Type(s, "dan@example.org")
	want := kit.Send{Fields: message.Draft{
		Account: "work", To: "bob@example.org, Carol <carol@b.example>", Cc: "dan@example.org",
		Subject: "Minutes of Tuesday", Body: "Dear all,\nhere they are.\n\n-- \nAlice",
		Attachments: []string{}, Focus: "cc", Line: 1, Column: 14,
	}}
	got := tuitest.Press(s, "ctrl+s")
	if diff := cmp.Diff(kit.Intent(want), got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if again := tuitest.Press(s, "ctrl+s"); again != nil {
		t.Errorf("a second press wants %v", again)
	}
	tuitest.Type(s, "x")
	s.Update(tea.PasteMsg{Content: "x"})
	if got := s.Draft().Cc; got != "dan@example.org" {
		t.Errorf("what is typed after sending goes into %q", got)
	}
	s.Update(kit.Queued{Err: errors.New("no space left on device")})
	if st := s.Status(); !st.Trouble || !strings.Contains(st.Text, "no space left") {
		t.Errorf("status %+v", st)
	}
	if _, ok := tuitest.Press(s, "ctrl+s").(kit.Send); !ok {
		t.Error("after a failure it must be possible to send again")
	}
}

func TestWhatKeepsAMail(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		fields message.Draft
		status string // part of it
		focus  string
	}{
		{"nobody", message.Draft{Subject: "x", Body: "y"}, "no recipient", "to"},
		{"only a Reply-To", message.Draft{ReplyTo: "me@x.example", Subject: "x"}, "no recipient", "to"},
		{"broken To", message.Draft{To: "ok@x.example, dave@@x.example", Subject: "x"}, "dave@@x.example", "to"},
		{"broken Bcc", message.Draft{To: "ok@x.example", Bcc: "dave", Subject: "x"}, "dave", "bcc"},
		{"broken Reply-To", message.Draft{To: "ok@x.example", ReplyTo: "me@", Subject: "x"}, "me@", "reply-to"},
		{"broken From", message.Draft{From: "me@@x", To: "ok@x.example", Subject: "x"}, "me@@x", "from"},
		{"an empty group", message.Draft{To: "nobody:;", Subject: "x"}, "no recipient", "to"},
		{"nothing said", message.Draft{To: "ok@x.example", Body: " \n"}, "neither subject nor text", "subject"},
		{"only a signature", message.Draft{To: "ok@x.example"}, "neither subject nor text", "subject"},
		{"no subject", message.Draft{To: "ok@x.example", Body: "x"}, "no subject", "subject"},
		{"missing file", message.Draft{To: "ok@x.example", Subject: "x", Attachments: []string{"/a/ok", "/a/missing"}}, "missing: file does not exist", "attachments"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := begun()
			if ask := s.Update(kit.DraftLoaded{Fields: tt.fields}); ask != nil {
				s.Update(found(ask))
			}
			if got := tuitest.Press(s, "ctrl+s"); got != nil {
				t.Errorf("it wants %v", got)
			}
			if st := s.Status(); !st.Trouble || !strings.Contains(st.Text, tt.status) {
				t.Errorf("status %+v", st)
			}
			if got := s.Draft().Focus; got != tt.focus {
				t.Errorf("focus in %s, want %s", got, tt.focus)
			}
		})
	}
}

func TestNoSubjectTwice(t *testing.T) {
	t.Parallel()
	s := begun()
	s.Update(kit.DraftLoaded{Fields: message.Draft{To: "ok@x.example", Body: "x"}})
	tuitest.Press(s, "ctrl+s")
	if _, ok := tuitest.Press(s, "ctrl+s").(kit.Send); !ok {
		t.Error("the second press must send it")
	}
	s.Update(kit.DraftLoaded{Fields: message.Draft{To: "ok@x.example", Body: "x"}})
	tuitest.Press(s, "ctrl+s")
	tuitest.Press(s, "tab")
	if got := tuitest.Press(s, "ctrl+s"); got != nil {
		t.Errorf("after another key it must ask again, not %v", got)
	}
}

func TestNoAccount(t *testing.T) {
	t.Parallel()
	s := New(tuitest.Env())
	s.Update(kit.AccountsLoaded{})
	s.Update(kit.DraftLoaded{Fields: message.Draft{To: "ok@x.example", Subject: "x"}})
	if got := tuitest.Press(s, "ctrl+s"); got != nil || !strings.Contains(s.Status().Text, "alt+3") {
		t.Errorf("it wants %v and says %q", got, s.Status().Text)
	}
}

func TestBrokenAddressIsNamedWhenLeft(t *testing.T) {
	t.Parallel()
	s := begun()
	tuitest.Type(s, "dave@@x.example")
	if st := s.Status(); st.Trouble {
		t.Errorf("while it is typed: %+v", st)
	}
	tuitest.Press(s, "tab")
	if st := s.Status(); !st.Trouble || !strings.Contains(st.Text, "dave@@x.example") {
		t.Errorf("after that: %+v", st)
	}
}

func TestChooseSender(t *testing.T) {
	t.Parallel()
	s := begun()
	tuitest.Press(s, "up") // from To
	tuitest.Press(s, "right")
	if d := s.Draft(); d.Account != "home" || d.Body != "" {
		t.Errorf("account %q, text %q: the signature goes with the account", d.Account, d.Body)
	}
	tuitest.Press(s, "space")
	if d := s.Draft(); d.Account != "work" || d.Body != "\n\n-- \nAlice" {
		t.Errorf("account %q, text %q", d.Account, d.Body)
	}
	s.Update(kit.DraftLoaded{Fields: message.Draft{From: "Al <al@home.example>"}})
	if d := s.Draft(); d.Account != "home" || d.From != "" {
		t.Errorf("an own address chooses its account: %q, from %q", d.Account, d.From)
	}
	s.Update(kit.DraftLoaded{Fields: message.Draft{Account: "home", From: "list@x.example"}})
	if d := s.Draft(); d.Account != "home" || d.From != "list@x.example" {
		t.Errorf("another address stays: %q, from %q", d.Account, d.From)
	}
	s.Update(kit.DraftLoaded{Fields: message.Draft{Account: "gone"}})
	if d := s.Draft(); d.Account != "work" || !strings.Contains(s.Status().Text, "gone") {
		t.Errorf("account %q, status %q", d.Account, s.Status().Text)
	}
}

func TestRestore(t *testing.T) {
	t.Parallel()
	want := message.Draft{
		Account: "home", From: "other@x.example", To: "a@x.example, broken@", Cc: "c@x.example", Bcc: "d@x.example",
		ReplyTo: "r@x.example", Subject: "Zoë", Body: "one\ntwo\nthree", Headers: []message.Header{{Name: "X-A", Value: "b"}},
		Attachments: []string{"/a/one.pdf", "/a/missing"}, Focus: "body", Line: 1, Column: 2,
	}
	s := New(tuitest.Env()) // before the accounts are known
	ask := s.Update(kit.DraftLoaded{ID: 7, Fields: want})
	if diff := cmp.Diff(kit.Intent(kit.CheckFiles{Paths: want.Attachments}), ask); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	s.Update(found(ask))
	s.Update(kit.AccountsLoaded{Accounts: []kit.AccountInfo{{Account: home}, {Account: work}}, Default: "work"})
	if diff := cmp.Diff(want, s.Draft()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for _, p := range []place{inFrom, inTo, inCc, inBcc, inReplyTo, inSubject, inFiles} {
		want.Focus = string(p)
		s.Update(kit.DraftLoaded{ID: 7, Fields: want})
		if got := s.Draft().Focus; got != want.Focus {
			t.Errorf("focus in %s, want %s", got, want.Focus)
		}
	}
	s.Update(kit.DraftLoaded{ID: 8, Fields: message.Draft{Account: "work", Subject: "x"}})
	if got := s.Draft().Body; got != "" {
		t.Errorf("a draft without text comes back with %q", got)
	}
	s.Update(kit.DraftLoaded{})
	if !s.Empty() {
		t.Errorf("after a new mail was begun it holds %+v", s.Draft())
	}
}

func TestRevision(t *testing.T) {
	t.Parallel()
	s := begun()
	last := s.Revision()
	for _, name := range []string{"b", "tab", "x", "tab", "x", "left", "alt+c", "x", "up", "up", "up", "right"} {
		tuitest.Press(s, name)
		if s.Revision() == last {
			t.Errorf("%s makes no new revision", name)
		}
		last = s.Revision()
	}
	s.Update(kit.DraftSaved{ID: 1, At: tuitest.Now()})
	s.Update(kit.Tick{})
	if s.Revision() != last {
		t.Error("a revision without a change")
	}
}

func TestSaved(t *testing.T) {
	t.Parallel()
	s := begun()
	s.Update(kit.DraftSaved{ID: 3, At: time.Date(2026, 11, 18, 14, 2, 0, 0, time.UTC)})
	if got := s.Status().Right; got != "draft saved 14:02" {
		t.Errorf("right: %q", got)
	}
	tuitest.Type(s, "ok@x.example\nHi\n")
	s.Update(kit.DraftSaved{Err: errors.New("disk full")})
	tuitest.Press(s, "x")
	if st := s.Status(); !st.Trouble || !strings.Contains(st.Text, "NOT SAVED") || !strings.Contains(st.Text, "disk full") {
		t.Errorf("status %+v", st)
	}
	if got, ok := tuitest.Press(s, "ctrl+s").(kit.Send); !ok || got.Draft != 3 {
		t.Errorf("it sends draft %v", got.Draft)
	}
}

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
	if len(s.picker.shown) != 0 {
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
	tuitest.Press(s, "enter")
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
		for _, f := range s.picker.shown {
			all = append(all, f.Name)
		}
		return all
	}
	for _, tt := range []struct{ typed, want string }{
		{"", ".. Docs my-notes notes"}, {"n", "notes my-notes"}, {"o", "Docs my-notes notes"}, {".", ".hidden"}, {"DOC", "Docs"}, {"zz", ""},
	} {
		s.picker.write(tt.typed)
		s.picker.refresh()
		if got := strings.Join(names(), " "); got != tt.want {
			t.Errorf("%q shows %q, want %q", tt.typed, got, tt.want)
		}
	}
	if ask := tuitest.Press(s, "enter"); !cmp.Equal(ask, kit.Intent(kit.CheckFiles{Paths: []string{"zz"}})) {
		t.Errorf("a path that is not known wants %v", ask)
	}
	tuitest.Press(s, "ctrl+o")
	s.Update(kit.FolderListed{Err: fs.ErrPermission})
	if got, _ := s.View(); !strings.Contains(got, "permission") {
		t.Error("a folder that can't be read says nothing")
	}
	tuitest.Press(s, "esc")
	if s.picker != nil || len(s.files.list) != 1 {
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

func TestKeysGoWhereTheyBelong(t *testing.T) {
	t.Parallel()
	s := begun()
	for _, tt := range []struct {
		key  string
		want kit.Intent
	}{
		{"esc", kit.Back{}}, {"alt+n", kit.NewDraft{}}, {"alt+e", kit.EditOutside{Body: "\n\n-- \nAlice"}}, {"alt+k", nil},
	} {
		if diff := cmp.Diff(tt.want, tuitest.Press(s, tt.key)); diff != "" {
			t.Errorf("%s: -want +got\n%s", tt.key, diff)
		}
	}
	tuitest.Type(s, "x")
	if ask, ok := tuitest.Press(s, "alt+k").(kit.Confirm); !ok || !cmp.Equal(ask.Then, kit.Intent(kit.DropDraft{})) {
		t.Errorf("throwing away wants %v", ask)
	}
	if got := tuitest.Press(s, "shift+left", "alt+6"); !cmp.Equal(got, kit.Intent(kit.Copy{Text: "x"})) {
		t.Errorf("copying wants %v", got)
	}
	s.Update(kit.Edited{Body: "from outside"})
	if d := s.Draft(); d.Body != "from outside" || d.Focus != "body" {
		t.Errorf("after the editor: %+v", d)
	}
	tuitest.Press(s, "ctrl+z")
	if d := s.Draft(); d.Body != "\n\n-- \nAlice" {
		t.Errorf("undone: %q", d.Body)
	}
	s.Update(kit.Edited{Body: s.Draft().Body, Err: errors.New("vi: not found")})
	if !s.Status().Trouble {
		t.Error("an editor that failed says nothing")
	}
}

func TestCutHerePutThere(t *testing.T) {
	t.Parallel()
	s := begun()
	tuitest.Type(s, "bob@x.example, carol@x.example")
	tuitest.Press(s, "ctrl+u", "alt+c", "ctrl+y")
	if d := s.Draft(); d.To != "" || d.Cc != "bob@x.example, carol@x.example" {
		t.Errorf("to %q, cc %q", d.To, d.Cc)
	}
}

func TestFocusGoesAround(t *testing.T) {
	t.Parallel()
	s := begun()
	s.Update(found(s.Update(kit.DraftLoaded{Fields: message.Draft{Focus: "from", Cc: "c@x.example", Attachments: []string{"/a"}}})))
	var got []string
	for range 7 {
		got = append(got, s.Draft().Focus)
		tuitest.Press(s, "tab")
	}
	if want := "from to cc subject body attachments from"; strings.Join(got, " ") != want {
		t.Errorf("focus goes %v, want %s", got, want)
	}
	tuitest.Press(s, "shift+tab", "shift+tab")
	if got := s.Draft().Focus; got != "attachments" {
		t.Errorf("back to %s", got)
	}
}

func TestMouse(t *testing.T) {
	t.Parallel()
	s := begun()
	s.SetSize(80, 20)
	s.Update(kit.DraftLoaded{Fields: message.Draft{To: "bob@x.example", Subject: "Minutes", Body: "one\ntwo"}})
	click := func(x, y int) { s.Update(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft}) }
	click(3, 5)
	if d := s.Draft(); d.Focus != "body" || d.Line != 1 || d.Column != 2 {
		t.Errorf("in the text: %s, line %d, column %d", d.Focus, d.Line, d.Column)
	}
	click(label+3, 2)
	tuitest.Type(s, "X")
	if d := s.Draft(); d.Focus != "subject" || d.Subject != "MinXutes" {
		t.Errorf("in the subject: %s, %q", d.Focus, d.Subject)
	}
	click(label+2+3, 1)
	if got := s.Draft().Focus; got != "to" {
		t.Errorf("in To: %s", got)
	}
}

func TestWheel(t *testing.T) {
	t.Parallel()
	s := begun()
	s.Update(kit.DraftLoaded{Fields: message.Draft{Focus: "body", Body: strings.Repeat("x\n", 100) + "end"}})
	for range 40 {
		s.Update(tea.MouseWheelMsg{Button: tea.MouseWheelDown, Y: 8})
	}
	if view, cursor := s.View(); !strings.Contains(view, "end") || cursor != nil {
		t.Error("the wheel does not lead to the end")
	}
	tuitest.Press(s, "right")
	if _, cursor := s.View(); cursor == nil {
		t.Error("a key does not lead back to the cursor")
	}
}

func TestFrames(t *testing.T) {
	t.Parallel()
	minutes := message.Draft{
		To: "bob@example.org, Carol <carol@b.example>, dave@@x.example", Subject: "Minutes of Tuesday",
		Body:        "Dear all,\n\nthe minutes are attached. Please tell me by Friday what I got wrong.\n\n> quoted: 漢字 and 👨\u200d👩\u200d👧\n\n-- \nAlice",
		Attachments: []string{"/w/minutes.pdf", "/w/photo.jpg", "/w/missing.txt"},
	}
	hostile := message.Draft{
		To: "\u202eeve@x.example, b\x1b[31m@x.example", Subject: "a\u200bb \u202e", Body: "tab\tand \u202e override",
		Attachments: []string{"/w/\x1b]52;c;x\x07.txt", "/w/gpj\u202e.exe"},
	}
	many := message.Draft{To: "a@x.example", Attachments: make([]string, 40)}
	for i := range many.Attachments {
		many.Attachments[i] = fmt.Sprintf("/w/attachment-number-%d.pdf", i+1)
	}
	many.Focus = "attachments"
	picking := func(s *Screen) {
		tuitest.Press(s, "ctrl+o")
		s.Update(listing("", "/w/", "docs/", "photos/", "minutes.pdf", "photo.jpg"))
		tuitest.Type(s, "p")
	}
	frames := []struct {
		name   string
		fields message.Draft
		focus  place
		do     func(*Screen)
	}{
		{"new", message.Draft{}, "", nil},
		{"header", minutes, inTo, nil},
		{"body", minutes, inBody, func(s *Screen) { tuitest.Press(s, "alt+>") }},
		{"more", minutes, inBody, func(s *Screen) { tuitest.Press(s, "alt+c") }},
		{"refused", minutes, inBody, func(s *Screen) { tuitest.Press(s, "ctrl+s") }},
		{"files", minutes, inFiles, func(s *Screen) { tuitest.Press(s, "right") }},
		{"many-files", many, "", func(s *Screen) { tuitest.Press(s, "right", "right", "right", "right", "right") }},
		{"picker", minutes, inBody, picking},
		{"hostile", hostile, inSubject, nil},
	}
	for _, size := range []struct{ width, height int }{{80, 20}, {40, 8}, {200, 56}} {
		for _, f := range frames {
			name := fmt.Sprintf("%s-%dx%d", f.name, size.width, size.height)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := begun()
				s.SetSize(size.width, size.height)
				if f.focus != "" {
					f.fields.Focus = string(f.focus)
				}
				if ask := s.Update(kit.DraftLoaded{Fields: f.fields}); ask != nil {
					s.Update(found(ask))
				}
				s.Update(kit.DraftSaved{ID: 1, At: tuitest.Now().Add(-28 * time.Minute)})
				if f.do != nil {
					f.do(s)
				}
				tuitest.Golden(t, name, tuitest.Frame(t, tuitest.Env(), s, size.width, size.height))
			})
		}
	}
}

// TestStyledFrames keeps what colors say, on a dark ground and without color.
func TestStyledFrames(t *testing.T) {
	t.Parallel()
	for name, palette := range map[string]theme.Palette{"dark": theme.Dark(), "light": theme.Light(), "sixteen": theme.Sixteen(), "none": theme.None()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := tuitest.Env()
			*env.Styles = theme.New(palette, theme.ASCII())
			s := New(env)
			s.SetSize(60, 14)
			s.Update(kit.AccountsLoaded{Accounts: []kit.AccountInfo{{Account: work}, {Account: home}}})
			s.Update(found(s.Update(kit.DraftLoaded{Fields: message.Draft{
				To: "a@x.example, b@", Subject: "Hi", Body: "text\n> quoted\n-- \nAlice", Focus: "body",
				Attachments: []string{"/w/ok", "/w/missing"},
			}})))
			tuitest.Press(s, "shift+down")
			view, _ := s.View()
			tuitest.Golden(t, "styles-"+name, strings.ReplaceAll(view, "\x1b", "^")+"\n")
		})
	}
}

// TestAnySize: no size makes it panic or draw beyond.
func TestAnySize(t *testing.T) {
	t.Parallel()
	s := begun()
	s.Update(found(s.Update(kit.DraftLoaded{Fields: message.Draft{
		To: "a@x.example", Cc: "b@x.example", Bcc: "c@x.example", ReplyTo: "d@x.example", Attachments: []string{"/a", "/b"}, Body: "text",
	}})))
	for height := 1; height < 16; height++ {
		for _, width := range []int{1, 5, 12, 40} {
			for range s.places() {
				tuitest.Press(s, "tab")
				s.SetSize(width, height)
				view, _ := s.View()
				if rows := strings.Count(view, "\n") + 1; rows != height {
					t.Fatalf("%dx%d, focus in %s: %d rows", width, height, s.focus, rows)
				}
			}
		}
	}
}

// TestKeysDoNotClash keeps the composer's keys apart from those of text.
func TestKeysDoNotClash(t *testing.T) {
	t.Parallel()
	if clashes := keys.Default().Conflicts(); len(clashes) > 0 {
		t.Error(clashes)
	}
}
