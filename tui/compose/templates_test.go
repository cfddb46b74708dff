package compose

import (
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/message"
	"sendoff/smtp/message/template"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// some are the templates that a person has.
func some(t *testing.T) kit.TemplatesLoaded {
	t.Helper()
	msg := kit.TemplatesLoaded{Folder: "/c/templates"}
	for _, f := range [][2]string{
		{"invoice", "Subject: Invoice {{number}}\nTo: {{customer}}\nX-Desk: billing\nAttach: /w/terms.pdf\nAttach-As: terms {{number}}.pdf\nEncrypt: yes\nCrypto: smime\nAsk: read-receipt yes\n\nDear {{name}},\n\nhere is number {{number}}.\n"},
		{"hello\x1b[31m", "Subject: Hello\n\nHello there,\n"},
		{"order", "Subject: Your order of today\nFormat: markdown\nAccount: home\n\n**Thanks**\n-- \nThe desk\n"},
	} {
		d, err := template.Parse(f[1])
		if err != nil {
			t.Fatal(err)
		}
		_, open := template.Fill(d, nil)
		msg.Templates = append(msg.Templates, kit.Template{Name: f[0], Fields: d, Open: open})
	}
	msg.Templates = append(msg.Templates, kit.Template{Name: "zz-broken", Err: &template.Error{Line: 1, Reason: "is no header field"}})
	return msg
}

func opened(t *testing.T, s *Screen) {
	t.Helper()
	if _, ok := tuitest.Press(s, "alt+i").(kit.LoadTemplates); !ok {
		t.Fatal("alt+i does not ask for templates")
	}
	s.Update(some(t))
}

// TestTemplate: a template is found by typing, its places are asked for, and it
// begins the mail.
func TestTemplate(t *testing.T) {
	t.Parallel()
	s := begun()
	opened(t, s)
	tuitest.Type(s, "ivc\n")
	tuitest.Type(s, "bob@x.example\n47\n")
	s.Update(tea.PasteMsg{Content: "Bob"})
	if view, _ := s.View(); !strings.Contains(view, "Dear Bob,") || !strings.Contains(view, "Invoice 47") {
		t.Errorf("it does not show what comes of it:\n%s", view)
	}
	look := tuitest.Press(s, "enter")
	want := message.Draft{
		Account: "work", To: "bob@x.example, ", Subject: "Invoice 47", Body: "Dear Bob,\n\nhere is number 47.\n\n-- \nAlice",
		Headers: []message.Header{{Name: "X-Desk", Value: "billing"}}, Attachments: []string{"/w/terms.pdf"}, Focus: "body",
		Attached: map[string]message.Attached{"/w/terms.pdf": {Name: "terms 47.pdf"}}, Encrypt: message.Yes, Crypto: "smime", Wishes: message.Wishes{Receipt: true},
	}
	got := s.Draft()
	want.Line, want.Column = got.Line, got.Column
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	s.Update(found(look))
	if s.files.broken() >= 0 || s.files.list[0].Size == 0 {
		t.Errorf("the file is %+v", s.files.list[0])
	}
}

// TestTemplateMouse: a template and its places are reached by clicks.
func TestTemplateMouse(t *testing.T) {
	t.Parallel()
	s := begun()
	s.SetSize(80, 20)
	opened(t, s)
	clickOn(t, s, "hello")
	clickOn(t, s, "invoice")
	if clickOn(t, s, "invoice"); !strings.Contains(tuitest.Frame(t, s.env, s, 80, 20), "customer") {
		t.Fatalf("a second click does not take it:\n%s", tuitest.Frame(t, s.env, s, 80, 20))
	}
	clickOn(t, s, " name ")
	tuitest.Type(s, "Bo")
	clickOn(t, s, " number ")
	tuitest.Type(s, "47")
	x, y := tuitest.Find(t, s, "Bo")
	s.Update(tea.MouseClickMsg{X: x + 1, Y: y, Button: tea.MouseLeft})
	tuitest.Type(s, "o")
	s.Update(tea.MouseWheelMsg{Button: tea.MouseWheelUp})
	tuitest.Type(s, "1")
	s.Update(tea.MouseClickMsg{X: 3, Y: 15, Button: tea.MouseLeft}) // on no place
	tuitest.Press(s, "ctrl+s")
	if got := s.Draft(); got.Subject != "Invoice 471" || !strings.HasPrefix(got.Body, "Dear Boo,") {
		t.Errorf("the draft is %+v", got)
	}
}

// TestTemplateLeftOpen: a place that is left empty stays as it is.
func TestTemplateLeftOpen(t *testing.T) {
	t.Parallel()
	s := begun()
	opened(t, s)
	tuitest.Press(s, "enter", "esc") // back to the list
	s.Update(some(t))
	tuitest.Type(s, "invoice\n")
	tuitest.Press(s, "down", "down")
	tuitest.Type(s, "Bob")
	tuitest.Press(s, "ctrl+s")
	if got := s.Draft(); got.Subject != "Invoice {{number}}" || !strings.Contains(got.Body, "Dear Bob") || s.over != nil {
		t.Errorf("the draft is %+v", got)
	}
}

// TestTemplateIntoMail: what was written stays, and the template's text goes
// where the cursor is; that can be undone.
func TestTemplateIntoMail(t *testing.T) {
	t.Parallel()
	s := begun()
	s.Update(kit.DraftLoaded{Fields: message.Draft{To: "ann@x.example", Subject: "Mine", Body: "one\ntwo", Focus: "body", Line: 1}})
	opened(t, s)
	tuitest.Type(s, "hello\n")
	if got := s.Draft(); got.Subject != "Mine" || got.Body != "one\nHello there,\ntwo" || got.To != "ann@x.example" {
		t.Errorf("the draft is %+v", got)
	}
	tuitest.Press(s, "ctrl+z")
	if got := s.Draft().Body; got != "one\ntwo" {
		t.Errorf("undone it is %q", got)
	}
	s = begun()
	opened(t, s)
	tuitest.Type(s, "of today\n") // found by its subject
	if got := s.Draft(); got.Account != "home" || got.Format != message.Markdown || got.Body != "**Thanks**\n-- \nThe desk" {
		t.Errorf("the draft is %+v", got)
	}
}

func TestTemplateTrouble(t *testing.T) {
	t.Parallel()
	for says, msg := range map[string]kit.TemplatesLoaded{
		"One is a file in /c/templates": {Folder: "/c/templates"},
		"no such device":                {Err: errors.New("no such device")},
	} {
		s := begun()
		tuitest.Press(s, "alt+i")
		s.Update(msg)
		if view, _ := s.View(); !strings.Contains(view, says) {
			t.Errorf("it shows\n%s", view)
		}
		if view, _ := s.View(); strings.Contains(view, "\nOne") || strings.Contains(view, "\nthe") {
			t.Errorf("a row is not indented:\n%s", view)
		}
		if keys := s.over.bindings(); len(keys) != 1 {
			t.Errorf("it offers %d keys where nothing can be taken", len(keys))
		}
		tuitest.Press(s, "enter", "esc")
		if s.over != nil || !s.Empty() {
			t.Error("it does not close")
		}
	}
	s := begun()
	opened(t, s)
	tuitest.Type(s, "broken\n")
	if view, _ := s.View(); !strings.Contains(view, "Line 1 of the template is no header field.") || !s.Empty() {
		t.Errorf("it shows\n%s", view)
	}
	tuitest.Type(s, "xyz\n")
	if view, _ := s.View(); !strings.Contains(view, "no template is called like that") {
		t.Errorf("it shows\n%s", view)
	}
}
