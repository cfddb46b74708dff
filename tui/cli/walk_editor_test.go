package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWalkEditor gives a mail with its header to editors that do what editors
// do: they change it, make mistakes, fail, are killed, and leave nothing.
func TestWalkEditor(t *testing.T) {
	t.Parallel()
	needs(t, "tmux")
	program, home := build(t), t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(home, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("config.toml", "default = \"work\"\n[[account]]\nname = \"work\"\naddress = \"me@example.org\"\nhost = \"127.0.0.1\"\nport = 1\nsecret = \"ask\"\n\n"+
		"[compose]\neditor-headers = true\nspelling = \"off\"\ncheck-domains = false\n")
	write("minutes.txt", "what was said\n")
	editor := write("editor", `test -t 0 && test -t 1 || exit 9
. "$0.does"`)
	// does says what the editor does next time, with its file as $1.
	does := func(script string) { write("editor.does", script) }
	term := start(t, 80, 24, "env TERM=xterm-256color SENDOFF_HOME='"+home+"' TMPDIR='"+t.TempDir()+"' VISUAL= EDITOR='sh "+editor+"' DBUS_SESSION_BUS_ADDRESS=disabled: '"+program+"'")
	term.wait("To", "Subject", "ctrl+s send")
	term.text("bob@example.org")
	term.keys("Tab")
	term.text("Minuts")
	term.keys("Tab")
	term.text("Dear Bob")
	term.wait("Minuts", "Dear Bob")

	does(`grep -q '^To: bob@example.org$' "$1" && grep -q '^Subject: Minuts$' "$1" || exit 8
printf 'To: bob@example.org\nCc: carol@example.org\nAttach: %s\nSubject: Minutes\n\nDear both' '` + home + `/minutes.txt' >"$1"`)
	term.keys("M-e")
	term.wait("Minutes", "carol@example.org", "Dear both", "minutes.txt 14 B")

	does(`printf 'To: bob@example.org\nCc: carol@example.org\nSujbect Minutes\n\nDear both' >"$1"`)
	term.keys("M-e")
	term.wait(`"Sujbect Minutes" is no header field; it stands at the top`, "Dear both")
	term.keys("C-z")
	term.wait(" Subject  Minutes", "minutes.txt 14 B")

	// Each says something that was not on the screen before.
	for _, end := range []struct{ script, said string }{
		{`kill -KILL $$`, "ditor failed"},
		{`exit 3`, "exit status 3"},
		{`: >"$1"; exit 4`, "exit status 4"},
		{`: >"$1"`, "left an empty file"},
		{`rm "$1"`, "left no file"},
		{`printf 'all new words\n' >"$1"; exit 5`, "No header came back"},
	} {
		does(end.script)
		term.keys("M-e")
		shown := term.wait(end.said)
		for _, still := range []string{"bob@example.org", "carol@example.org", " Subject  Minutes", "minutes.txt 14 B"} {
			if !strings.Contains(shown, still) {
				t.Errorf("after %s %q is missing in\n%s", end.script, still, shown)
			}
		}
	}
	term.wait("all new words")
	term.keys("C-z")
	term.wait("Dear both")
}
