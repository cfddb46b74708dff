package compose

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/message"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// headed returns a composer whose outside editor gets the header.
func headed(d message.Draft) *Screen {
	s := New(tuitest.Env())
	s.Update(kit.AccountsLoaded{
		Accounts: []kit.AccountInfo{{Account: home}, {Account: work}}, Default: "work", Writing: kit.Writing{EditorHeaders: true},
	})
	s.Update(kit.DraftLoaded{ID: 1, Fields: d})
	return s
}

var draft = message.Draft{To: "b@x.example", Subject: "Hi", Body: "text", Focus: "body", Headers: []message.Header{{Name: "X-A", Value: "1"}}}

// TestEditHeader: fields come back from the editor as it left them.
func TestEditHeader(t *testing.T) {
	t.Parallel()
	s := headed(draft)
	if got := tuitest.Press(s, "alt+e"); !cmp.Equal(got, kit.Intent(kit.EditOutside{Text: "To: b@x.example\nSubject: Hi\nX-A: 1\n\ntext"})) {
		t.Fatalf("it wants %+v", got)
	}
	revision := s.Revision()
	want := s.Update(kit.Edited{Text: "From: al@home.example\nTo: b@x.example, dave@@x.example\nBcc: c@x.example\nSubject: New\nAttach: ~/b.pdf\nAttach-As: c.pdf\nEncrypt: yes\nAsk: importance high\n\nother"})
	if !cmp.Equal(want, kit.Intent(kit.CheckFiles{Paths: []string{"~/b.pdf"}})) {
		t.Errorf("it wants %+v", want)
	}
	got := s.Draft()
	if got.Account != "home" || got.From != "" || got.To != "b@x.example, dave@@x.example" || got.Bcc != "c@x.example" || got.Subject != "New" ||
		got.Body != "other" || len(got.Headers) > 0 || s.attachments() != "~/b.pdf" || got.Attached["~/b.pdf"].Name != "c.pdf" || got.Encrypt != message.Yes || got.Wishes.Importance != "high" || s.Revision() == revision {
		t.Errorf("the draft is %+v", got)
	}
	if st := s.Status(); !st.Trouble || !strings.Contains(st.Text, "dave@@x.example") {
		t.Errorf("it says %+v", st)
	}
	tuitest.Press(s, "ctrl+z")
	if got := s.Draft().Body; got != "text" {
		t.Errorf("undone: %q", got)
	}
}

// TestEditHeaderMistakes: what can't be read stands in the text, and is told.
func TestEditHeaderMistakes(t *testing.T) {
	t.Parallel()
	s := headed(draft)
	tuitest.Press(s, "alt+e")
	s.Update(kit.Edited{Text: "To: b@x.example\nSujbect New\n\ntext"})
	got, st := s.Draft(), s.Status()
	if got.Body != "Sujbect New\n\ntext" || got.Subject != "Hi" || len(got.Headers) != 1 || got.Line != 0 || got.Column != 0 {
		t.Errorf("the draft is %+v", got)
	}
	if !st.Trouble || !strings.Contains(st.Text, `is no header field; it stands at the top`) {
		t.Errorf("it says %+v", st)
	}

	s = headed(draft)
	tuitest.Press(s, "alt+e")
	s.Update(kit.Edited{Text: "just words\n\nand more"})
	if got, st := s.Draft(), s.Status(); got.Body != "just words\n\nand more" || got.To != draft.To || got.Subject != draft.Subject || !strings.Contains(st.Text, "No header") {
		t.Errorf("without a header: %+v, %+v", got, st)
	}
}

// TestEditHeaderFails: a text that comes back as it went changes nothing.
func TestEditHeaderFails(t *testing.T) {
	t.Parallel()
	s := headed(draft)
	before := s.Draft()
	out := tuitest.Press(s, "alt+e").(kit.EditOutside)
	s.Update(kit.Edited{Text: out.Text, Err: errors.New("the editor failed: exit status 1")})
	if diff := cmp.Diff(before, s.Draft()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if st := s.Status(); !st.Trouble || !strings.Contains(st.Text, "exit status 1") {
		t.Errorf("it says %+v", st)
	}
}
