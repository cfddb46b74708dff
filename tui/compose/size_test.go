package compose

import (
	"strings"
	"testing"

	"sendoff/smtp/message"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// TestServerTakes: what the server takes stands beside the size of the files,
// and a mail that is larger in base64 is said at once.
func TestServerTakes(t *testing.T) {
	t.Parallel()
	s := New(tuitest.Env())
	s.SetSize(80, 20)
	s.Update(kit.AccountsLoaded{Accounts: []kit.AccountInfo{{Account: work, Takes: 500000}, {Account: home}}, Default: "work"})
	load := func(paths ...string) string {
		s.Update(found(s.Update(kit.DraftLoaded{Fields: message.Draft{Subject: "x", Attachments: paths, Focus: "from"}})))
		view, _ := s.View()
		return view
	}
	if view := load("/w/a", "/w/b"); !strings.Contains(view, "428 kB, server takes 500 kB") {
		t.Errorf("it shows\n%s", view)
	}
	if got := s.Status(); !got.Trouble || got.Text != "the files have 586 kB in a mail, and the server takes 500 kB" {
		t.Errorf("it says %+v", got)
	}
	if view := load("/w/a"); !strings.Contains(view, " server takes 500 kB") || s.Status().Trouble {
		t.Errorf("%+v, it shows\n%s", s.Status(), view)
	}
	tuitest.Press(s, "space") // the other account
	if view, _ := s.View(); strings.Contains(view, "server takes") {
		t.Errorf("of another account it shows\n%s", view)
	}
}
