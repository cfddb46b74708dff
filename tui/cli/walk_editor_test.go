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

	does(`sed -i.old -e 's/Minuts/Minutes/' -e '/^To:/a Cc: carol@example.org' -e '/^To:/a Attach: ` + home + `/minutes.txt' -e 's/Dear Bob/Dear both/' "$1"; rm "$1.old"`)
	term.keys("M-e")
	term.wait("Minutes", "carol@example.org", "Dear both", "minutes.txt 14 B")

	does(`sed -i.old -e 's/^Subject: /Sujbect /' "$1"; rm "$1.old"`)
	term.keys("M-e")
	term.wait(`"Sujbect Minutes" is no header field; it stands at the top`, "Dear both")
	term.keys("C-z")
	term.wait(" Subject  Minutes", "minutes.txt 14 B")

	for script, said := range map[string]string{
		`exit 3`:                                 "exit status 3",
		`: >"$1"; exit 1`:                        "exit status 1",
		`kill -KILL $$`:                          "ditor failed",
		`: >"$1"`:                                "left an empty file",
		`rm "$1"`:                                "left no file",
		`printf 'all new words\n' >"$1"; exit 1`: "No header came back",
	} {
		does(script)
		term.keys("M-e")
		shown := term.wait(said)
		if !strings.Contains(shown, "bob@example.org") || !strings.Contains(shown, "carol@example.org") || !strings.Contains(shown, "minutes.txt 14 B") {
			t.Errorf("after %s it shows\n%s", script, shown)
		}
		if strings.Contains(script, "new words") {
			term.wait("all new words")
			term.keys("C-z") // the text comes back
		}
		term.wait("Dear both")
		term.text("x") // what was said goes with the next key
		term.keys("BSpace")
		term.wait("draft saved")
	}
}
