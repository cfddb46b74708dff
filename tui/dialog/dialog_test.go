package dialog

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"sendoff/config/secret"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// base is an empty window.
func base(width, height int) string {
	return strings.TrimSuffix(strings.Repeat(strings.Repeat("·", width)+"\n", height), "\n")
}

var ask = kit.Confirm{Title: `Delete "Minutes"?`, Text: "It can't be brought back.", Yes: "delete", Then: kit.Quit{}}

func view(t *testing.T, s *Stack, width, height int) string {
	t.Helper()
	content, cursor := s.View(base(width, height), width, height)
	v := tea.NewView(content)
	v.Cursor = cursor
	return tuitest.Plain(t, v, width, height)
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, size := range map[string][2]int{"80x24": {80, 24}, "40x12": {40, 12}} {
		for what, d := range map[string]func(kit.Env) Dialog{
			"confirm": func(env kit.Env) Dialog { return NewConfirm(env, ask, "keep it") },
			"message": func(env kit.Env) Dialog { return NewMessage(env, "Trouble", strings.Repeat("A long story. ", 60)) },
			"help":    func(env kit.Env) Dialog { return NewHelp(env, some()) },
			"palette": func(env kit.Env) Dialog {
				return NewPalette(env, some())
			},
			"ask": func(env kit.Env) Dialog {
				return NewAsk(env, kit.Ask{
					Title: "Export the mail", Text: "To a file that must not exist yet:", Value: "Minutes.eml", Yes: "write it",
					Hint: func(line string) (string, bool) { return "Only you can read " + line, line != "" },
				})
			},
			"password": func(env kit.Env) Dialog {
				p := NewPassword(env, kit.PasswordWanted{Account: "work", Why: "the server refused the login: 535 5.7.8 bad\x1b[31m credentials"})
				for _, r := range "secret" {
					p.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
				}
				return p
			},
		} {
			env := tuitest.Env()
			s := NewStack(env)
			s.Open(d(env))
			tuitest.Golden(t, what+"-"+name, view(t, s, size[0], size[1]))
		}
	}
}

// TestAsk: enter gives what was typed, but only what will do.
func TestAsk(t *testing.T) {
	t.Parallel()
	s := NewStack(tuitest.Env())
	s.Open(NewAsk(tuitest.Env(), kit.Ask{
		Hint: func(line string) (string, bool) { return line, line == "yes" },
		Then: func(line string) kit.Intent { return kit.Copy{Text: line} },
	}))
	var got kit.Intent
	for _, name := range []string{"y", "e", "enter"} {
		if got = s.Update(tuitest.Key(name)); got != nil {
			t.Fatalf("%s wants %+v", name, got)
		}
	}
	s.Update(tuitest.Key("s"))
	if got = s.Update(tuitest.Key("enter")); got != kit.Intent(kit.Copy{Text: "yes"}) || !s.Empty() {
		t.Errorf("wants %+v", got)
	}
}

// TestConfirm: only a clear yes does it; enter alone is a no.
func TestConfirm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		keys string
		does bool
	}{
		{"y", true}, {"enter", false}, {"n", false}, {"esc", false}, {"tab enter", true}, {"right enter", true}, {"tab tab enter", false},
	} {
		s := NewStack(tuitest.Env())
		s.Open(NewConfirm(tuitest.Env(), ask, "keep it"))
		var got kit.Intent
		for _, name := range strings.Fields(c.keys) {
			got = s.Update(tuitest.Key(name))
		}
		if (got == kit.Intent(kit.Quit{})) != c.does || !s.Empty() {
			t.Errorf("%s: wants %+v, still open %v", c.keys, got, !s.Empty())
		}
	}
}

// TestGrace: what opens by itself takes no key for a moment, what was asked
// for does.
func TestGrace(t *testing.T) {
	t.Parallel()
	env := tuitest.Env()
	now := tuitest.Now()
	env.Now = func() time.Time { return now }
	s := NewStack(env)
	s.OpenUnasked(NewConfirm(env, ask, "keep it"))
	if got := s.Update(tuitest.Key("y")); got != nil || s.Empty() {
		t.Errorf("a key under way answered: %+v", got)
	}
	now = now.Add(grace)
	if got := s.Update(tuitest.Key("y")); got == nil || !s.Empty() {
		t.Error("a key after the grace does not answer")
	}
}

// TestPassword: it goes out as a secret, never empty, and not on esc.
func TestPassword(t *testing.T) {
	t.Parallel()
	env := tuitest.Env()
	p := NewPassword(env, kit.PasswordWanted{Account: "work"})
	if done, _ := p.Update(tuitest.Key("enter")); done {
		t.Error("an empty password is taken")
	}
	for _, r := range "pä ss" {
		p.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	rows, _ := p.View(60, 10)
	if text := strings.Join(rows, "\n"); strings.Contains(text, "ss") || strings.Count(text, "•") != 5 {
		t.Errorf("shows:\n%s", text)
	}
	done, intent := p.Update(tuitest.Key("enter"))
	want := kit.GivePassword{Account: "work", Password: secret.New("pä ss")}
	if !done || intent != kit.Intent(want) {
		t.Errorf("done %v, wants %v", done, intent)
	}
}

// some are commands of two screens, one of which can't be done now.
func some() []Command {
	return []Command{
		{Where: "Composer", Name: "compose.send", Desc: "send", Key: "ctrl+s", Do: kit.Press{Key: "ctrl+s"}},
		{Where: "Composer", Name: "compose.attach", Desc: "attach", Key: "ctrl+o", Do: kit.Press{Key: "ctrl+o"}},
		{Where: "Outbox", Name: "outbox.send-again", Desc: "send again", Key: "s", Obstacle: "no mail is selected", Do: kit.Press{Key: "s"}},
		{Where: "Outbox", Name: "outbox.search", Desc: "search", Key: "/", Do: kit.Press{Key: "/"}},
	}
}

func typeInto(d Dialog, text string) {
	for _, r := range text {
		d.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

// TestPaletteFinds by words in any order, by a key, by the name in the
// configuration, by the place, and by some of the letters.
func TestPaletteFinds(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"again se": "send again", "/": "search", "ctrl+o": "attach", "compose.att": "attach", "outb": "search, send again",
		"sd": "send, send again", "s": "send, search, send again", "": "send, attach, send again, search", "xyz": "",
	} {
		p := NewPalette(tuitest.Env(), some())
		typeInto(p, typed)
		var got []string
		for _, c := range p.found {
			got = append(got, c.Desc)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%q finds %q, want %s", typed, got, want)
		}
		rows, _ := p.View(60, 20)
		if none := strings.Contains(strings.Join(rows, "\n"), "no command is called like that"); none != (want == "") {
			t.Errorf("%q: nothing or the wrong thing is said:\n%s", typed, strings.Join(rows, "\n"))
		}
	}
}

// TestPaletteChooses what can be done, by enter and by a second click, and says
// of the rest why not.
func TestPaletteChooses(t *testing.T) {
	t.Parallel()
	p := NewPalette(tuitest.Env(), some())
	p.View(60, 20)
	click := func(y int) (bool, kit.Intent) { return p.Update(tea.MouseClickMsg{Button: tea.MouseLeft, X: 20, Y: y}) }
	if done, _ := click(3); done {
		t.Error("the first click on a row does it")
	}
	if done, intent := click(3); !done || intent != kit.Intent(kit.Press{Key: "ctrl+o"}) {
		t.Errorf("the second click: done %v, wants %+v", done, intent)
	}
	p.Update(tuitest.Key("down"))
	if done, intent := p.Update(tuitest.Key("enter")); done || intent != nil {
		t.Errorf("what can't be done is done: %+v", intent)
	}
	if rows, _ := p.View(60, 20); !strings.Contains(strings.Join(rows, "\n"), "Outbox: not now, no mail is selected") {
		t.Errorf("why is not said: %q", rows)
	}
	p.Update(tea.MouseWheelMsg{Button: tea.MouseWheelUp})
	if done, intent := p.Update(tuitest.Key("enter")); !done || intent != kit.Intent(kit.Press{Key: "ctrl+o"}) {
		t.Errorf("enter: done %v, wants %+v", done, intent)
	}
}

// TestOver: what lies under a dialog keeps its place and its colours on both
// sides, also where an edge halves a wide character.
func TestOver(t *testing.T) {
	t.Parallel()
	s := NewStack(tuitest.Env())
	for _, c := range []struct {
		line, row string
		x         int
		want      string
	}{
		{"abcdefgh", "XX", 3, "abcXXfgh"},
		{"日本語文字", "XX", 1, " XX 語文字"},
		{"日本語文字", "XX", 2, "日XX語文字"},
		{"ab", "XX", 3, "ab XX     "},
	} {
		if got := ansi.Strip(s.over(c.line, c.row, c.x, 10)); strings.TrimRight(got, " ") != strings.TrimRight(c.want, " ") {
			t.Errorf("%q over %q at %d: %q, want %q", c.row, c.line, c.x, got, c.want)
		}
	}
	red := "\x1b[31mabcdefghij\x1b[m"
	if got := s.over(red, "XX", 3, 10); !strings.Contains(got, "\x1b[31m") || ansi.Strip(got) != "abcXXfghij" || !strings.Contains(got[strings.Index(got, "XX"):], "\x1b[31m") {
		t.Errorf("colours are lost: %q", got)
	}
}

// TestLongConfirm keeps the answers in sight, whatever the question is about,
// and lets the rest be read.
// TestLittleRoom: a dialog that is too tall for its window keeps its frame, the row
// that is typed in, and the keys below it.
func TestLittleRoom(t *testing.T) {
	t.Parallel()
	env := tuitest.Env()
	for name, d := range map[string]Dialog{
		"password": NewPassword(env, kit.PasswordWanted{Account: "work", Refused: true, Why: strings.Repeat("the server wants to know who you are ", 4)}),
		"ask": NewAsk(env, kit.Ask{
			Title: "Export", Text: strings.Repeat("To a file that must not exist yet. ", 4), Yes: "write it",
			Hint: func(string) (string, bool) { return strings.Repeat("Only you can read it. ", 4), true },
		}),
		"message": NewMessage(env, "Trouble", strings.Repeat("A long story. ", 60)),
	} {
		for _, height := range []int{6, 8, 10} {
			s := NewStack(env)
			s.Open(d)
			typed := "typed"
			if name == "password" {
				typed = "•••••"
			}
			for _, r := range "typed" {
				d.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
			}
			rows := strings.Split(view(t, s, 30, height), "\n")
			if !strings.Contains(rows[0], "╭") || !strings.Contains(strings.Join(rows[:height-1], ""), "╰") || strings.ContainsAny(rows[height-1], "│╰") {
				t.Errorf("%s: the frame is cut:\n%s", name, strings.Join(rows, "\n"))
			}
			if _, cursor := s.View(base(30, height), 30, height); cursor != nil && !strings.Contains(rows[cursor.Y], typed) {
				t.Errorf("%s: the cursor is in row %d of\n%s", name, cursor.Y, strings.Join(rows, "\n"))
			}
			for range typed {
				d.Update(tea.KeyPressMsg{Code: tea.KeyBackspace})
			}
		}
	}
}

func TestLongConfirm(t *testing.T) {
	t.Parallel()
	env := tuitest.Env()
	s := NewStack(env)
	long := ask
	long.Text = strings.Repeat("A line of many.\n", 30) + "The end."
	s.Open(NewConfirm(env, long, "keep it"))
	if shown := view(t, s, 40, 12); !strings.Contains(shown, "delete") || !strings.Contains(shown, "keep it") || !strings.Contains(shown, "more below") {
		t.Errorf("shown:\n%s", shown)
	}
	for range 30 {
		s.Update(tea.KeyPressMsg{Code: tea.KeyPgDown})
		view(t, s, 40, 12)
	}
	if shown := view(t, s, 40, 12); !strings.Contains(shown, "The end.") || !strings.Contains(shown, "delete") || strings.Contains(shown, "more below") {
		t.Errorf("at its end:\n%s", shown)
	}
}
