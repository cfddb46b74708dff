package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// inSandbox is the command line that runs the program with its own server.
func inSandbox(program, home string) string {
	return "env TERM=xterm-256color SENDOFF_HOME='" + home + "' DBUS_SESSION_BUS_ADDRESS=disabled: '" + program + "' --sandbox"
}

// TestWalkSend writes a mail with an attachment in a real terminal, sends it,
// and reads the outcome off the screen, as a newcomer would.
func TestWalkSend(t *testing.T) {
	t.Parallel()
	needs(t, "tmux")
	program := build(t)
	file := filepath.Join(t.TempDir(), "minutes.txt")
	if err := os.WriteFile(file, []byte("what was said\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	term := start(t, 80, 24, inSandbox(program, t.TempDir()))
	term.wait("To", "Subject", "ctrl+s send")
	term.text("ok@example.org")
	term.keys("Tab")
	term.text("Minutes of Tuesday")
	term.keys("Tab")
	term.text("Dear all, the minutes are attached.")
	term.wait("Minutes of Tuesday", "the minutes are attached.")
	term.keys("C-o")
	term.wait("Which file shall go along?")
	term.text(file)
	term.wait("minutes.txt", "1 here")
	term.keys("Enter")
	term.wait("minutes.txt 14 B", "ctrl+s send")
	term.keys("C-s")
	term.wait("✓ ok@example.org", "accepted", "queued as", "Sent")
	term.keys("M-2")
	term.wait("Sent 1", "sent", "Minutes of Tuesday")
}

// TestWalkPartial reads both outcomes of one mail at both small sizes.
func TestWalkPartial(t *testing.T) {
	t.Parallel()
	needs(t, "tmux")
	program := build(t)
	for _, size := range []struct{ columns, rows int }{{80, 24}, {40, 12}} {
		term := start(t, size.columns, size.rows, inSandbox(program, t.TempDir()))
		term.wait("To", "Subject")
		term.text("ok@example.org, refused@example.org")
		term.keys("Tab")
		term.text("Half")
		term.keys("Tab")
		term.text("text")
		term.wait("Half", "text")
		term.keys("C-s")
		term.wait("Sent in part", "refused@example.org was refused")
		term.keys("M-2")
		term.wait("Needs you 1", "◐", "Half")
		term.keys("Enter")
		term.wait("partial")
		term.keys("NPage")
		term.wait("✓ ok@example.org", "✗ refused@example.org")
	}
}

// TestWalkResize changes the window while a mail is on its way, where no colour
// is wanted: each size is filled, and the outcome is there in the last.
func TestWalkResize(t *testing.T) {
	t.Parallel()
	needs(t, "tmux")
	colour := regexp.MustCompile(`\x1b\[([0-9;]*;)?(3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]`)
	term := start(t, 40, 12, "env NO_COLOR=1 "+strings.TrimPrefix(inSandbox(build(t), t.TempDir()), "env "))
	show := func(columns, rows int, texts ...string) {
		t.Helper()
		term.tmux("resize-window", "-x", strconv.Itoa(columns), "-y", strconv.Itoa(rows))
		shown := term.wait(texts...)
		if got := strings.Count(strings.TrimRight(shown, "\n"), "\n") + 1; got != rows {
			t.Errorf("%d rows of %d:\n%s", got, rows, shown)
		}
		if raw := term.tmux("capture-pane", "-p", "-e"); colour.MatchString(raw) {
			t.Errorf("%dx%d has colour: %q", columns, rows, raw)
		}
	}
	term.wait("To", "Subject")
	term.text("slow@example.org")
	term.keys("Tab")
	term.text("Slowly")
	term.keys("Tab")
	term.text("text")
	term.wait("Slowly", "text")
	term.keys("C-s")
	term.wait("r send now")
	term.text("r")
	term.wait(`Sending "Slowly" to 1 person`, "✓ ")
	show(200, 60, `"Slowly" to 1 person through sandbox`, "slow@example.org", "F2 commands")
	show(80, 24, `"Slowly" to 1 person through sandbox`, "slow@example.org", "F1 help")
	show(40, 12, `Sent "Slowly" to 1 person`, "accepted", "F1 help")
}

// TestWalkKill ends the program in the ways that give it no chance or little,
// and finds the draft with every field again.
func TestWalkKill(t *testing.T) {
	t.Parallel()
	needs(t, "tmux")
	program := build(t)
	for _, signal := range []string{"KILL", "HUP", "TERM"} {
		t.Run(signal, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			term := start(t, 80, 24, inSandbox(program, home))
			term.wait("To", "Subject")
			term.text("bob@example.org")
			term.keys("Tab")
			term.text("Before the lights went out")
			term.keys("Tab")
			term.text("first line")
			term.keys("Enter")
			term.text("second line")
			term.wait("second line", "draft saved")
			if signal != "KILL" {
				// What the autosave has not seen is saved at the end.
				term.keys("Enter")
				term.text("third line")
				term.wait("third line")
			}
			pid := strings.TrimSpace(term.tmux("display-message", "-p", "#{pane_pid}"))
			term.tmux("run-shell", "kill -"+signal+" "+pid)
			<-term.ended

			term = start(t, 80, 24, inSandbox(program, home))
			term.wait("bob@example.org", "Before the lights went out", "first line", "second line")
			if signal != "KILL" {
				term.wait("third line")
			}
			// The cursor is where it was: what is typed goes on from there.
			term.text("!")
			if signal == "KILL" {
				term.wait("second line!")
			} else {
				term.wait("third line!")
			}
		})
	}
}

// TestWalkBare starts the program as on a server that has nothing: no bus, no
// display, a plain terminal, no account.
func TestWalkBare(t *testing.T) {
	t.Parallel()
	needs(t, "tmux")
	program := build(t)
	term := start(t, 80, 24, "env -i PATH=/usr/bin:/bin HOME='"+t.TempDir()+"' TERM=xterm '"+program+"'")
	shown := term.wait("add an account", "sandbox")
	if strings.Contains(shown, "panic") {
		t.Fatal(shown)
	}
	term.keys("n")
	term.wait("New account", "Address", "look it up")
	term.text("alice@tuta.com")
	term.keys("Enter")
	term.wait("Tuta has no SMTP", "https://tuta.com/support")
	term.keys("m")
	term.wait("New account", "Server", "alice@tuta.com")
}

// TestWalkOutbox finds a mail among others by typing, does something to it,
// thinks better of it, and looks at it as it is sent.
func TestWalkOutbox(t *testing.T) {
	t.Parallel()
	needs(t, "tmux")
	program, home := build(t), t.TempDir()
	run := func(args ...string) {
		t.Helper()
		cmd := exec.Command(program, append([]string{"--sandbox"}, args...)...)
		cmd.Env = append(os.Environ(), "SENDOFF_HOME="+home, "DBUS_SESSION_BUS_ADDRESS=disabled:")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	for _, subject := range []string{"Alpha", "Beta", "Gamma"} {
		run("send", "--queue", "--to", "ok@example.org", "--subject", subject, "--body", "text of "+subject)
	}
	run("outbox", "hold", "1", "2", "3")
	term := start(t, 80, 24, inSandbox(program, home))
	term.wait("To", "Subject", "3 mails wait")
	term.keys("M-2")
	term.wait("Waiting 3", "Alpha", "Beta", "Gamma", "/ search")
	term.text("/")
	term.wait("end search")
	term.text("of beta")
	term.wait("/ of beta", "1 found", "Beta")
	term.keys("Enter")
	term.wait("enter details", "esc end search")
	term.text(" ")
	term.wait("1 marked", "h release")
	term.text("c")
	term.wait("1 mail cancelled. z undoes it.", "All 1")
	term.text("z")
	term.wait("Undone.", "held")
	term.text("u")
	term.wait("Source", "Subject: Beta")
}
