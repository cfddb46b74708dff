package accounts

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sendoff/smtp/submit"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// examined is the screen after an examination that found something.
func examined(t *testing.T, s *Screen) {
	t.Helper()
	if got := tuitest.Press(s, "r"); got != kit.Intent(kit.Examine{Account: "work"}) {
		t.Fatalf("r wants %+v", got)
	}
	s.Update(kit.ExamineSteps{Account: "other", Steps: []submit.Step{{Name: "not ours"}}})
	s.Update(kit.ExamineSteps{Account: "work", Steps: []submit.Step{
		{Name: "settings", Finding: submit.Good, Text: "smtp.example.org port 465, tls implicit, auth auto"},
		{Name: "tls", Finding: submit.Warning, Text: "TLS 1.3, the certificate ends in 3 days\x1b[2J", Hint: "tell whoever runs the server", Elapsed: 64 * time.Millisecond},
	}})
	s.Update(kit.ExamineSteps{Account: "work", Steps: []submit.Step{
		{Name: "auth", Finding: submit.Bad, Text: "the server refused the login: 535 5.7.8 bad credentials", Hint: "check user name and password; many providers want an app password", Elapsed: 31 * time.Millisecond},
	}})
	s.Update(kit.Examined{Account: "work", Whole: "whole report", Masked: "masked report", Err: errors.New("refused")})
}

func TestDoctorGolden(t *testing.T) {
	t.Parallel()
	for name, size := range sizes {
		env := tuitest.Env()
		s := screen(env)
		examined(t, s)
		tuitest.Golden(t, "doctor-"+name, tuitest.Frame(t, env, s, size[0], size[1]))
	}
}

// TestDoctor: the report is copied or saved, without addresses unless the person
// wants them in it.
func TestDoctor(t *testing.T) {
	t.Parallel()
	s := screen(tuitest.Env())
	tuitest.Press(s, "r")
	if got := tuitest.Press(s, "c", "w", "v"); got != nil {
		t.Errorf("before there is a report: %+v", got)
	}
	if got := tuitest.Press(s, "esc"); got != kit.Intent(kit.StopExamine{}) || s.doctor != nil {
		t.Errorf("esc wants %+v", got)
	}
	examined(t, s)
	if !s.Status().Trouble {
		t.Errorf("says %+v", s.Status())
	}
	if got := tuitest.Press(s, "c"); got != kit.Intent(kit.Copy{Text: "masked report"}) {
		t.Errorf("c wants %+v", got)
	}
	if got := tuitest.Press(s, "v", "c"); got != kit.Intent(kit.Copy{Text: "whole report"}) {
		t.Errorf("v and c want %+v", got)
	}
	ask, ok := tuitest.Press(s, "v", "w").(kit.Ask)
	if !ok || ask.Then(" ~/r.txt ") != kit.Intent(kit.SaveText{Path: "~/r.txt", Text: "masked report"}) {
		t.Errorf("w wants %+v", ask)
	}
	if _, ok := ask.Hint(" "); ok {
		t.Error("a file without a name")
	}
	s.Update(kit.Exported{Path: "/home/alice/r.txt"})
	if got := s.Status(); got.Trouble || !strings.Contains(got.Text, "/home/alice/r.txt") {
		t.Errorf("says %+v", got)
	}
	s.Update(kit.Exported{Err: errors.New("file exists")})
	if got := s.Status(); !got.Trouble || !strings.Contains(got.Text, "file exists") {
		t.Errorf("says %+v", got)
	}
	if got := tuitest.Press(s, "r"); got != kit.Intent(kit.Examine{Account: "work"}) || len(s.doctor.steps) > 0 {
		t.Errorf("r wants %+v", got)
	}
}
