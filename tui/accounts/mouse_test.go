package accounts

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/submit"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// click clicks the row in which words stand.
func click(t *testing.T, s *Screen, words string) {
	t.Helper()
	frame, _ := s.View()
	for y, row := range strings.Split(frame, "\n") {
		if strings.Contains(row, words) {
			s.Update(tea.MouseClickMsg{X: 3, Y: y, Button: tea.MouseLeft})
			return
		}
	}
	t.Fatalf("%q is not there:\n%s", words, frame)
}

// TestWizardByMouse goes from an address to the form with clicks alone.
func TestWizardByMouse(t *testing.T) {
	t.Parallel()
	for name, size := range sizes {
		s := screen(tuitest.Env())
		s.SetSize(size[0], size[1])
		looking(t, s)
		s.Update(kit.Discovered{Address: "alice@example.org", Found: found()})
		s.View()
		click(t, s, "out.hoster.example")
		if len(s.wizard.offers) > 0 || s.wizard.list.Cursor() != 1 {
			t.Errorf("%s: one click does not mark the server", name)
		}
		if click(t, s, "out.hoster.example"); len(s.wizard.offers) < 2 {
			t.Fatalf("%s: another click does not take it", name)
		}
		words := s.wizard.offers[1].words
		s.View()
		if click(t, s, words); s.wizard == nil || s.wizard.ways.Cursor() != 1 {
			t.Fatalf("%s: one click does not mark the way", name)
		}
		if click(t, s, words); s.form == nil || s.wizard != nil {
			t.Errorf("%s: another click does not take it", name)
		}
	}
}

// TestWizardAddressByMouse places the cursor in the address.
func TestWizardAddressByMouse(t *testing.T) {
	t.Parallel()
	s := screen(tuitest.Env())
	tuitest.Press(s, "n")
	tuitest.Type(s, "lice@example.org")
	s.View()
	s.Update(tea.MouseClickMsg{X: labelWidth + 1, Y: 2, Button: tea.MouseLeft})
	tuitest.Type(s, "a")
	if got := s.wizard.line.Text(); got != "alice@example.org" {
		t.Errorf("the address is %q", got)
	}
}

func TestIdentitiesByMouse(t *testing.T) {
	t.Parallel()
	s := senders(t)
	s.View()
	if click(t, s, "press@example.org"); s.senders.sheet != nil || s.senders.list.Cursor() != 2 {
		t.Error("one click does not mark it")
	}
	s.Update(tea.MouseWheelMsg{Button: tea.MouseWheelUp})
	if s.senders.list.Cursor() != 1 {
		t.Error("the wheel does not move the mark")
	}
	s.View()
	if click(t, s, "sales@example.org"); s.senders.sheet == nil {
		t.Fatal("a click on what is marked does not open it")
	}
	if got := s.senders.sheet.value(whoAddress); got != "sales@example.org" {
		t.Errorf("it opens %s", got)
	}
}

func TestDoctorByWheel(t *testing.T) {
	t.Parallel()
	s := screen(tuitest.Env())
	tuitest.Press(s, "r")
	for i := range 40 {
		s.Update(kit.ExamineSteps{Account: "work", Steps: []submit.Step{{Name: fmt.Sprint("step", i), Text: "done"}}})
	}
	s.View()
	s.Update(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	if frame, _ := s.View(); strings.Contains(frame, "step0 ") || !strings.Contains(frame, "step3 ") {
		t.Errorf("the wheel does not scroll:\n%s", frame)
	}
}
