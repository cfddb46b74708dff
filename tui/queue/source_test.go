package queue

import (
	"fmt"
	"strings"
	"testing"

	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// reading returns a screen that shows the source of a mail of n lines, and
// what answers its questions.
func reading(t *testing.T, env kit.Env, n int) (s *Screen, mail string, answer func(kit.Intent)) {
	t.Helper()
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "line %d of the mail, which is \x1b[31mred\r\n", i)
	}
	mail = b.String()
	s = needing(env)
	answer = func(want kit.Intent) {
		all, ok := want.(kit.Do)
		if !ok {
			all = kit.Do{want}
		}
		for _, w := range all {
			if load, ok := w.(kit.LoadSource); ok {
				end := min(len(mail), int(load.From)+load.N)
				s.Update(kit.SourceLoaded{ID: load.ID, From: load.From, Octets: []byte(mail[load.From:end]), Size: int64(len(mail))})
			}
		}
	}
	answer(tuitest.Press(s, "u"))
	return s, mail, answer
}

// TestSource: a mail is read from its first to its last line and back, and
// only a part of it is ever kept.
func TestSource(t *testing.T) {
	t.Parallel()
	const n = 8000
	env := tuitest.Env()
	s, mail, answer := reading(t, env, n)
	tuitest.Golden(t, "source-80x24", tuitest.Frame(t, env, s, 80, 19))

	first := func() (line int) {
		view, _ := s.View()
		rows := strings.Split(view, "\n")
		if _, err := fmt.Sscanf(rows[2], " line %d of", &line); err != nil {
			t.Fatalf("%v:\n%s", err, view)
		}
		if strings.Contains(view, "\x1b[31m") {
			t.Fatal("lets an escape sequence through")
		}
		if len(s.detail.source.octets) > excerpt {
			t.Fatalf("keeps %d octets", len(s.detail.source.octets))
		}
		return line
	}
	page := func(key string, by int) {
		for before := first(); ; {
			answer(tuitest.Press(s, key))
			now := first()
			if now == before {
				return
			}
			if d := now - before; d*by < 0 || d*d > by*by {
				t.Fatalf("%s goes from line %d to %d", key, before, now)
			}
			before = now
		}
	}
	page("pgdown", 16)
	if got := first(); got != n-17 {
		t.Errorf("pgdown ends at line %d", got)
	}
	page("pgup", -16)
	if got := first(); got != 0 {
		t.Errorf("pgup ends at line %d", got)
	}
	answer(tuitest.Press(s, "end"))
	if got := first(); got != n-17 {
		t.Errorf("end shows line %d", got)
	}
	answer(tuitest.Press(s, "up"))
	if got := first(); got != n-18 {
		t.Errorf("up from there shows line %d", got)
	}
	answer(tuitest.Press(s, "home"))
	if got := first(); got != 0 {
		t.Errorf("home shows line %d", got)
	}
	if _, size := s.detail.source.from, s.detail.source.size; size != int64(len(mail)) {
		t.Errorf("the mail has %d octets, it says %d", len(mail), size)
	}
	if got := tuitest.Press(s, "u"); got != nil || s.detail.page != facts {
		t.Errorf("u again wants %+v", got)
	}
}

// TestSourceOfOneLine: a mail without line ends does no harm.
func TestSourceOfOneLine(t *testing.T) {
	t.Parallel()
	s := needing(tuitest.Env())
	tuitest.Press(s, "u")
	s.Update(kit.SourceLoaded{ID: 4, Octets: []byte(strings.Repeat("x", excerpt)), Size: 10 * excerpt})
	load, ok := tuitest.Press(s, "end").(kit.LoadSource)
	if !ok || load.From != 9*excerpt {
		t.Errorf("end wants %+v", load)
	}
	s.Update(kit.SourceLoaded{ID: 4, From: load.From, Octets: []byte(strings.Repeat("y", excerpt)), Size: 10 * excerpt})
	if view, _ := s.View(); !strings.Contains(view, "yyy") {
		t.Errorf("the end is not seen:\n%s", view)
	}
}

// TestExport: the file is asked for under a name of the mail's own.
func TestExport(t *testing.T) {
	t.Parallel()
	s := needing(tuitest.Env())
	ask, ok := tuitest.Press(s, "x").(kit.Ask)
	if !ok || ask.Value != "Contract-signed.eml" {
		t.Fatalf("asks %+v", ask)
	}
	if _, ok := ask.Hint(" "); ok {
		t.Error("no name will do")
	}
	if got, want := ask.Then(" a b.eml"), (kit.Export{ID: 4, Path: "a b.eml"}); got != kit.Intent(want) {
		t.Errorf("wants %+v", got)
	}
	s.Update(kit.Exported{Path: "/home/alice/a b.eml"})
	if got := s.Status(); got.Text != "Written to /home/alice/a b.eml" || got.Trouble {
		t.Errorf("says %+v", got)
	}
	for subject, want := range map[string]string{"../../etc/passwd": "etc-passwd.eml", "": "mail-7.eml", "名前 \x1b]": "名前.eml"} {
		if got := fileName(outbox.Item{ID: 7, Subject: subject}); got != want {
			t.Errorf("%q: %s", subject, got)
		}
	}
}
