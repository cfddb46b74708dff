package compose

import (
	"errors"
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
	"sendoff/tui/presend"
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
	answer := kit.FilesChecked{Paths: ask.(kit.CheckFiles).Paths}
	for _, path := range ask.(kit.CheckFiles).Paths {
		f := kit.File{Path: path, Name: path[strings.LastIndexByte(path, '/')+1:], Size: 214000, Modified: tuitest.Now()}
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

// TestSendLater: the mail goes with its moment, and the next one without.
func TestSendLater(t *testing.T) {
	t.Parallel()
	s := begun()
	tuitest.Type(s, "bob@example.org\nMinutes\ntext")
	ask, ok := tuitest.Press(s, "alt+l").(kit.Ask)
	if !ok {
		t.Fatal("alt+l does not ask when")
	}
	at := time.Date(2026, 11, 19, 9, 0, 0, 0, time.UTC)
	if got, ok := ask.Then("tomorrow 9:00").(kit.Send); !ok || !got.At.Equal(at) {
		t.Errorf("wants %+v", got)
	}
	s.Update(kit.Queued{Err: errors.New("no space left on device")})
	if got, ok := tuitest.Press(s, "ctrl+s").(kit.Send); !ok || !got.At.IsZero() {
		t.Errorf("the next wants %+v", got)
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
		{"missing file", message.Draft{To: "ok@x.example", Subject: "x", Attachments: []string{"/a/ok", "/a/missing"}}, "missing: file does not exist", "attachments"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := begun()
			if look, ok := s.Update(kit.DraftLoaded{Fields: tt.fields}).(kit.CheckFiles); ok {
				s.Update(found(look))
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

// TestSheet: what is found is said before the mail goes; enter sends it
// anyway, esc goes back, and what else is pressed is no answer.
func TestSheet(t *testing.T) {
	t.Parallel()
	s := begun()
	s.Update(kit.DraftLoaded{Fields: message.Draft{To: "ok@x.example", Body: "x"}})
	send, ok := tuitest.Press(s, "ctrl+s").(kit.Send)
	if !ok || send.Sure {
		t.Fatalf("it wants %+v", send)
	}
	send.Sure = true
	checked := kit.MailChecked{Findings: []presend.Finding{{Kind: presend.Subject, Text: "it has no\x1b subject"}}, Sure: send}
	s.Update(checked)
	view, cursor := s.View()
	if !strings.Contains(view, "It has no") || strings.Contains(view, "\x1b s") || cursor != nil {
		t.Errorf("it shows\n%s", view)
	}
	tuitest.Type(s, "abc")
	s.Update(tea.PasteMsg{Content: "x"})
	if got := s.Draft(); got.To != "ok@x.example" || got.Body != "x" {
		t.Errorf("what was typed went into %+v", got)
	}
	if got := tuitest.Press(s, "esc"); got != nil || s.over != nil {
		t.Errorf("esc wants %v", got)
	}
	if _, ok := tuitest.Press(s, "ctrl+s").(kit.Send); !ok {
		t.Fatal("it can't be sent again")
	}
	s.Update(checked)
	if got := tuitest.Press(s, "enter"); !cmp.Equal(got, kit.Intent(send)) {
		t.Errorf("enter wants %+v", got)
	}
	if got := tuitest.Press(s, "x"); got != nil || s.Draft().Body != "x" {
		t.Error("it is typed into while it goes")
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
		Attached: map[string]message.Attached{"/a/one.pdf": {Name: "1.pdf", Size: 214000, Modified: tuitest.Now()}},
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

func TestKeysGoWhereTheyBelong(t *testing.T) {
	t.Parallel()
	s := begun()
	for _, tt := range []struct {
		key  string
		want kit.Intent
	}{
		{"esc", kit.Back{}}, {"alt+n", kit.NewDraft{}}, {"alt+e", kit.EditOutside{Text: "\n\n-- \nAlice"}}, {"alt+k", nil},
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
	s.Update(kit.Edited{Text: "from outside"})
	if d := s.Draft(); d.Body != "from outside" || d.Focus != "body" {
		t.Errorf("after the editor: %+v", d)
	}
	tuitest.Press(s, "ctrl+z")
	if d := s.Draft(); d.Body != "\n\n-- \nAlice" {
		t.Errorf("undone: %q", d.Body)
	}
	s.Update(kit.Edited{Text: s.Draft().Body, Err: errors.New("vi: not found")})
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

// TestKeysDoNotClash keeps the composer's keys apart from those of text.
func TestKeysDoNotClash(t *testing.T) {
	t.Parallel()
	if clashes := keys.Default().Conflicts(); len(clashes) > 0 {
		t.Error(clashes)
	}
}

// TestChooseIdentity goes through all senders of an account, each with its
// signature.
func TestChooseIdentity(t *testing.T) {
	t.Parallel()
	s := New(tuitest.Env())
	s.Update(kit.AccountsLoaded{Default: "work", Accounts: []kit.AccountInfo{
		{Account: config.Account{
			Name: "work", Address: "al@work.example", FullName: "Al", Signature: "Al",
			Identities: []config.Identity{{Address: "sales@work.example", Signature: "Sales"}},
		}},
		{Account: config.Account{Name: "home", Address: "al@home.example"}},
	}})
	s.Update(kit.DraftLoaded{})
	tuitest.Press(s, "up")
	const sales = "Al <sales@work.example>"
	for _, want := range []message.Draft{
		{Account: "work", From: sales, Body: "\n\n-- \nSales"}, {Account: "home"}, {Account: "work", Body: "\n\n-- \nAl"},
	} {
		tuitest.Press(s, "right")
		if d := s.Draft(); d.Account != want.Account || d.From != want.From || d.Body != want.Body {
			t.Errorf("got %q from %q, text %q; want %+v", d.Account, d.From, d.Body, want)
		}
	}
	tuitest.Press(s, "right", "left")
	if d := s.Draft(); d.Account != "work" || d.From != "" {
		t.Errorf("and back: %q from %q", d.Account, d.From)
	}
	s.Update(kit.DraftLoaded{Fields: message.Draft{From: "sales@work.example"}})
	if d := s.Draft(); d.Account != "work" || d.From != "sales@work.example" {
		t.Errorf("an identity chooses its account and stays: %q from %q", d.Account, d.From)
	}
}

// TestSenderFollowsRecipients: whom a mail is to says whom it is from, until the
// person says so.
func TestSenderFollowsRecipients(t *testing.T) {
	t.Parallel()
	s := New(tuitest.Env())
	s.Update(kit.AccountsLoaded{
		Default: "work",
		Accounts: []kit.AccountInfo{
			{Account: config.Account{
				Name: "work", Address: "al@work.example", FullName: "Al", Signature: "Al",
				Identities: []config.Identity{{Address: "sales@work.example", Signature: "Sales", Recipients: []string{"*@customer.example"}}},
			}},
			{Account: config.Account{Name: "home", Address: "al@home.example"}},
		},
		Rules: []config.Rule{{To: []string{"*@friend.example"}, Account: "home"}},
	})
	for _, test := range []struct{ to, account, from, body string }{
		{"x@customer.example", "work", "Al <sales@work.example>", "\n\n-- \nSales"},
		{"x@friend.example", "home", "", ""},
		{"x@other.example", "work", "", "\n\n-- \nAl"},
	} {
		s.Update(kit.DraftLoaded{})
		tuitest.Type(s, test.to)
		if d := s.Draft(); d.Account != test.account || d.From != test.from || d.Body != test.body {
			t.Errorf("to %s: %q from %q, text %q", test.to, d.Account, d.From, d.Body)
		}
	}
	s.Update(kit.DraftLoaded{})
	tuitest.Press(s, "up", "left")
	tuitest.Press(s, "down")
	tuitest.Type(s, "x@customer.example")
	if d := s.Draft(); d.Account != "home" || d.From != "" {
		t.Errorf("the choice is undone: %q from %q", d.Account, d.From)
	}
	s.Update(kit.DraftLoaded{Fields: message.Draft{Account: "home"}})
	tuitest.Type(s, "x@customer.example")
	if d := s.Draft(); d.Account != "home" {
		t.Errorf("a draft changes its account: %q", d.Account)
	}
}
