//go:build unix

package cli

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/term"
)

// TestScreensNeedFilesTheyCanRead starts the program in a terminal on files it
// can't use: it says so and leaves the screen alone.
func TestScreensNeedFilesTheyCanRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file, text string
		code       int
		want       string
	}{
		"configuration": {"config.toml", "default = \"work\"\n[[account]\n", exitConfig, "config.toml:2:"},
		"outbox":        {"outbox.db", strings.Repeat("no database. ", 500), exitDisk, "not an outbox"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &station{t: t, home: t.TempDir()}
			path := filepath.Join(s.home, c.file)
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := s.command()
			tty, err := pty.Start(cmd)
			if err != nil {
				t.Fatal(err)
			}
			defer tty.Close()
			out, _ := io.ReadAll(tty) // ends with an error when the program does
			_ = cmd.Wait()            // the exit code tells
			if code := cmd.ProcessState.ExitCode(); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			if !strings.Contains(string(out), c.want) || strings.Contains(string(out), "\x1b") {
				t.Errorf("the terminal shows %q, want %q and no more", out, c.want)
			}
			if after, err := os.ReadFile(path); err != nil || string(after) != c.text {
				t.Errorf("the file changed: %v", err)
			}
		})
	}
}

// TestListFitsTheTerminal lists a mail with a very long subject: a terminal
// shows one row of it, and a script gets all.
func TestListFitsTheTerminal(t *testing.T) {
	t.Parallel()
	s := &station{t: t, home: t.TempDir()}
	subject := strings.Repeat("long ", 400)
	s.run(0, "send", "--sandbox", "--queue", "--to", "ok@example.org", "--subject", subject, "--body", "text")
	tty, err := pty.StartWithSize(s.command("--sandbox", "outbox", "list"), &pty.Winsize{Cols: 70, Rows: 20})
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	out, _ := io.ReadAll(tty) // ends with an error when the program does
	line := strings.TrimRight(string(out), "\r\n")
	if !strings.HasSuffix(line, "…") || len([]rune(line)) != 70 {
		t.Errorf("the terminal shows %q", line)
	}
	if out := s.run(0, "--sandbox", "outbox", "list"); !strings.Contains(out, strings.TrimSpace(subject)) {
		t.Errorf("a script gets %q", out)
	}
}

// TestEmptyPassword answers the question for a password with nothing, and then
// with the password.
func TestEmptyPassword(t *testing.T) {
	t.Parallel()
	s := &station{t: t, home: t.TempDir()}
	s.run(0, "account", "add", "work", "--address", "me@example.org", "--host", "127.0.0.1", "--port", "1", "--secret", "ask")
	cmd := s.command("account", "test", "work")
	tty, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	var shown strings.Builder
	buffer := make([]byte, 1024)
	for answers := []string{"\n", "sesame\n"}; ; {
		n, err := tty.Read(buffer)
		if err != nil {
			break // the program ended
		}
		shown.Write(buffer[:n])
		if asked := strings.Count(shown.String(), "password of work: "); asked > 2-len(answers) && len(answers) > 0 {
			_, _ = io.WriteString(tty, answers[0])
			answers = answers[1:]
		}
	}
	_ = cmd.Wait() // nobody listens there
	if code := cmd.ProcessState.ExitCode(); code != exitDeferred || !strings.Contains(shown.String(), "an empty password is none") {
		t.Errorf("exit code %d; the terminal shows %q", code, shown.String())
	}
}

// TestQuickPassword answers the question for a password in the moment it stands
// there: nothing of it shows, and what is typed afterwards does again.
func TestQuickPassword(t *testing.T) {
	t.Parallel()
	s := &station{t: t, home: t.TempDir()}
	s.run(0, "account", "add", "work", "--address", "me@example.org", "--host", "127.0.0.1", "--port", "1", "--secret", "ask")
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	defer tty.Close() // open all the time, so that the mode it is left in can be seen
	before, err := term.GetState(int(tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	cmd := s.command("account", "test", "work")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	const end = "that was all"
	read := make(chan string)
	go func() {
		var shown []byte
		for one := make([]byte, 1); !bytes.HasSuffix(shown, []byte(end)); {
			n, err := master.Read(one)
			if err != nil {
				break // the test is over
			}
			shown = append(shown, one[:n]...)
			if bytes.HasSuffix(shown, []byte("password of work: ")) {
				_, _ = io.WriteString(master, "sesame\n")
			}
		}
		read <- string(shown)
	}()
	_ = cmd.Wait() // nobody listens there
	_, _ = io.WriteString(tty, end)
	shown := <-read
	if !strings.Contains(shown, "password of work: ") || strings.Contains(shown, "sesame") {
		t.Errorf("the terminal shows %q", shown)
	}
	if after, err := term.GetState(int(tty.Fd())); err != nil || *after != *before {
		t.Errorf("the terminal is left in %v, was in %v: %v", after, before, err)
	}
}

// TestPasswordCommandAsks has a program that gives the password ask its own
// question in the person's terminal.
func TestPasswordCommandAsks(t *testing.T) {
	t.Parallel()
	s := &station{t: t, home: t.TempDir()}
	script := filepath.Join(s.home, "manager")
	const text = "#!/bin/sh\nprintf 'unlock: ' >/dev/tty; read -r key; test -c \"$GPG_TTY\" && test \"$GPG_TTY\" != /dev/tty || exit 3\n" +
		"test \"$key\" = open && echo sesame\n"
	syscall.ForkLock.RLock() // or a child that another test starts has it open and keeps it from running
	err := os.WriteFile(script, []byte(text), 0o700)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	s.run(0, "account", "add", "work", "--address", "me@example.org", "--host", "127.0.0.1", "--port", "1",
		"--secret", "command", "--password-command", script)
	for key, want := range map[string]int{"open": exitDeferred, "closed": exitConfig} { // nobody listens at port 1
		cmd := s.command("account", "test", "work")
		tty, err := pty.Start(cmd)
		if err != nil {
			t.Fatal(err)
		}
		var shown strings.Builder
		buffer := make([]byte, 1024)
		for asked := false; ; {
			n, err := tty.Read(buffer)
			if err != nil {
				break // the program ended
			}
			shown.Write(buffer[:n])
			if !asked && strings.Contains(shown.String(), "unlock: ") {
				asked = true
				_, _ = io.WriteString(tty, key+"\n")
			}
		}
		_ = cmd.Wait()
		_ = tty.Close()
		if code := cmd.ProcessState.ExitCode(); code != want || strings.Contains(shown.String(), "sesame") {
			t.Errorf("%s: exit code %d, the terminal shows %q", key, code, shown.String())
		}
	}
}

// TestNothingIsSaid has commands that find nothing to do say so to a person at a
// terminal who did not ask for quiet, and nothing in their output.
func TestNothingIsSaid(t *testing.T) {
	t.Parallel()
	s := &station{t: t, home: t.TempDir()}
	shown := func(args ...string) string {
		cmd := s.command(args...)
		tty, err := pty.Start(cmd)
		if err != nil {
			t.Fatal(err)
		}
		defer tty.Close()
		out, _ := io.ReadAll(tty) // ends with an error when the program does
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v", args, err)
		}
		return string(out)
	}
	for want, args := range map[string][]string{
		"the outbox is empty\r\n":                    {"outbox", "list"},
		"no mail in the outbox is like that\r\n":     {"outbox", "list", "--state", "held"},
		"no mail is held; nothing was changed\r\n":   {"outbox", "schedule", "all", "held", "--at", "in 1h"},
		"no mail is failed; nothing was changed\r\n": {"outbox", "retry", "failed"},
		"no mail is due\r\n":                         {"flush", "--sandbox"},
	} {
		if got := shown(args...); got != want {
			t.Errorf("%v shows %q, want %q", args, got, want)
		}
		if got := shown(append(args, "--quiet")...); got != "" {
			t.Errorf("%v --quiet shows %q", args, got)
		}
		if got := s.run(0, args...); got != "" {
			t.Errorf("%v tells a script %q", args, got)
		}
	}
}
