package cli

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// click presses and lets go of the left button where the window shows some
// words, as a terminal tells of it.
func (term *terminal) click(words string) {
	term.t.Helper()
	for y, row := range strings.Split(term.wait(words), "\n") {
		if i := strings.Index(row, words); i >= 0 {
			at := fmt.Sprintf("0;%d;%d", utf8.RuneCountInString(row[:i])+1, y+1)
			term.text("\x1b[<" + at + "M\x1b[<" + at + "m")
			return
		}
	}
}

// TestWalkScreens goes through every screen and window of the program in a real
// terminal, by keys and by the mouse, in two sizes and in a terminal that shows
// neither colours nor Unicode.
func TestWalkScreens(t *testing.T) {
	t.Parallel()
	needs(t, "tmux")
	program := build(t)
	for name, c := range map[string]struct {
		columns, rows int
		env           string
	}{
		"80x24": {80, 24, "env "}, "40x12": {40, 12, "env "}, "bare": {80, 24, "env NO_COLOR=1 LC_ALL=C "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := strings.TrimPrefix(inSandbox(program, t.TempDir()), "env ")
			term := start(t, c.columns, c.rows, c.env+command)

			term.wait("To", "Subject", "ctrl+s send")
			term.text("ok@example.org")
			term.keys("Tab")
			term.text("Walk")
			term.keys("Tab")
			term.text("through it all")
			term.wait("Walk", "through it all", "draft saved")

			term.keys("F2") // the palette, and an action of another screen
			term.wait("Commands", "enter choose", "Composer")
			term.text("outbox release")
			term.wait("Outbox: not now")
			term.keys("C-u")
			term.text("preview")
			term.wait("preview", "alt+p")
			term.keys("Enter")
			term.wait("Source", "through it all", "As the recipients will see it.")
			term.click("Source")
			term.wait("Date: ", "Subject: Walk")
			term.keys("Escape")
			term.wait("ctrl+s send", "through it all")

			term.keys("F1") // help, filtered
			term.wait("Keys that work here", "The mail")
			term.text("undo")
			term.wait("ctrl+z", "Changing")
			term.keys("F1")
			term.wait("ctrl+s send")

			term.click("ctrl+s send") // by the mouse
			term.wait("accepted", "esc back")
			term.keys("d")
			term.wait("Connection", "encryption", "subject")
			term.keys("C-t")
			term.wait("Transcript", "250")
			term.keys("Escape")
			term.wait("accepted", "F1 help")

			term.keys("M-2")
			term.wait("Sent 1", "Walk")
			term.click("Walk") // selected already, so this opens it
			term.wait("Recipients", "esc back")
			term.keys("Escape")
			term.wait("Sent 1", "Walk", "Drafts")

			term.click("Accounts")
			term.wait("sandbox", "you@example.org", "enter edit  t test ")
			term.keys("t")
			term.wait("Test of sandbox", "It works")
			term.keys("Escape")
			term.wait("enter edit  t test ")
			term.keys("Enter")
			term.wait("Your name", "ctrl+s save")
			term.keys("Escape")
			term.wait("enter edit  t test ")

			term.keys("M-5") // the tour
			for i, title := range []string{"Composing", "Outbox", "Session", "Accounts", "Help"} {
				term.wait(fmt.Sprintf("%s, %d of 5", title, i+1))
				term.keys("Enter")
			}
			term.wait("sandbox", "enter edit  t test ")
			term.keys("C-q")
			select {
			case <-term.ended:
			case <-time.After(30 * time.Second):
				t.Errorf("it does not quit:\n%s", term.screen())
			}
		})
	}
}
