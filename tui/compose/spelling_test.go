package compose

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/config"
	"sendoff/smtp/message"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// spelling returns a composer with a text and a checker.
func checked(body string) (*Screen, kit.Intent) {
	s := New(tuitest.Env())
	s.SetSize(80, 20)
	english := config.Account{Name: "work", Address: "alice@example.org", Language: "en_GB",
		Identities: []config.Identity{{Address: "alice@example.de", Language: "de_DE"}}}
	s.Update(kit.AccountsLoaded{Accounts: []kit.AccountInfo{{Account: english}}, Writing: kit.Writing{Spelling: true}})
	return s, s.Update(kit.DraftLoaded{Fields: message.Draft{To: "b@x.example", Focus: "body", Body: body}})
}

func TestSpelling(t *testing.T) {
	t.Parallel()
	s, want := checked("one twoo three")
	ask := kit.CheckWords{Language: "en_GB", Words: []string{"one", "twoo", "three"}}
	if diff := cmp.Diff(kit.Intent(ask), want); diff != "" {
		t.Fatalf("-want +got\n%s", diff)
	}
	if got := tuitest.Press(s, "alt+>", "x", "space"); got != nil {
		t.Errorf("it asks %v while an answer is still to come", got)
	}
	wrong := map[string][]string{"twoo": {"two"}}
	if got := s.Update(kit.WordsChecked{Language: "de_DE", Words: ask.Words}); got != nil {
		t.Errorf("an answer about another language leads to %v", got)
	}
	got := s.Update(kit.WordsChecked{Language: "en_GB", Words: ask.Words, Wrong: wrong})
	if diff := cmp.Diff(kit.Intent(kit.CheckWords{Language: "en_GB", Words: []string{"threex"}}), got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	s.Update(kit.WordsChecked{Language: "en_GB", Words: []string{"threex"}})
	tuitest.Press(s, "home", "f7")
	if got := tuitest.Frame(t, tuitest.Env(), s, 80, 20); !strings.Contains(got, "Instead of twoo (1)") || !strings.Contains(got, "l learn") {
		t.Errorf("the list is not shown:\n%s", got)
	}
	if diff := cmp.Diff(kit.Intent(kit.KnowWord{Language: "en_GB", Word: "twoo", Learn: true}), tuitest.Press(s, "l")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	// Another sender writes in another language.
	s.goTo(inFrom)
	if got, ok := tuitest.Press(s, "right").(kit.CheckWords); !ok || got.Language != "de_DE" {
		t.Errorf("another sender leads to %+v", got)
	}
}

// TestSpellingFails: it is said once, typing goes on, and a key tries again.
func TestSpellingFails(t *testing.T) {
	t.Parallel()
	s, _ := checked("one")
	s.Update(kit.WordsChecked{Language: "en_GB", Err: errors.New("no dictionary for en_GB\x1b[31m")})
	if got := s.Status().Text; !strings.Contains(got, "no dictionary for en_GB") || strings.Contains(got, "\x1b") || !s.Status().Trouble {
		t.Errorf("status %q", got)
	}
	for _, key := range []string{"x", "y", "alt+>", "enter"} {
		if got := tuitest.Press(s, key); got != nil {
			t.Errorf("%s: it asks again: %v", key, got)
		}
	}
	if got, ok := tuitest.Press(s, "f7").(kit.CheckWords); !ok {
		t.Errorf("its key leads to %+v", got)
	}
}

// TestSearchHasTheKeys: what else would be a command of the composer is for the
// search while that is open.
func TestSearchHasTheKeys(t *testing.T) {
	t.Parallel()
	s := begun()
	s.SetSize(80, 20)
	s.Update(kit.DraftLoaded{Fields: message.Draft{To: "b@x.example", Focus: "body", Body: "a b a"}})
	tuitest.Press(s, "ctrl+r", "a", "tab", "x", "alt+r")
	if d := s.Draft(); d.Body != "x b x" || d.Focus != "body" {
		t.Errorf("%q, focus in %s", d.Body, d.Focus)
	}
	if got := s.Status().Text; got != "replaced 2" {
		t.Errorf("status %q", got)
	}
	if want := tuitest.Press(s, "ctrl+o"); want == nil {
		t.Error("a command that means nothing to the search does nothing")
	}
	s.over = nil
	tuitest.Press(s, "esc", "tab")
	if s.body.Asking() || s.Draft().Focus == "body" {
		t.Error("the search is not left")
	}
}
