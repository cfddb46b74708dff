package cli

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// needs skips a test whose program is not installed.
func needs(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		lacks(t, program+" installed")
	}
}

// lacks skips a test that needs what is not here, and fails it where every
// real part has to be there.
func lacks(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("SENDOFF_TEST_REAL") == "1" {
		t.Fatalf("this test needs %s", what)
	}
	t.Skipf("this test needs %s", what)
}

// build compiles the program as a user would have it.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sendoff")
	out, err := exec.Command("go", "build", "-o", path, "sendoff").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// terminal is a real tmux window with the program in it.
type terminal struct {
	t       *testing.T
	socket  string
	changes chan struct{} // something was drawn
	ended   chan struct{} // the window is gone
}

// start runs command in a window of columns by rows.
func start(t *testing.T, columns, rows int, command string) *terminal {
	t.Helper()
	needs(t, "tmux")
	term := &terminal{
		t:       t,
		socket:  filepath.Join(t.TempDir(), "tmux"),
		changes: make(chan struct{}, 1),
		ended:   make(chan struct{}),
	}
	term.tmux("-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(columns), "-y", fmt.Sprint(rows), command)
	t.Cleanup(term.end)

	// A client in control mode is told of every change; nobody has to sleep.
	watch := term.command("-C", "attach-session", "-r")
	in, err := watch.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := watch.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(term.ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			select {
			case term.changes <- struct{}{}:
			default:
			}
		}
		_ = in.Close()
		_ = watch.Wait()
	}()
	return term
}

// end ends the program, if it runs still, and waits for that: nobody may write
// into folders that are about to be removed.
func (term *terminal) end() {
	if pid, err := term.command("display-message", "-p", "#{pane_pid}").Output(); err == nil {
		_ = term.command("run-shell", "kill -KILL "+strings.TrimSpace(string(pid))).Run()
		select {
		case <-term.ended:
		case <-time.After(30 * time.Second):
			term.t.Error("the program can't be ended")
		}
	}
	_ = term.command("kill-server").Run()
}

func (term *terminal) command(args ...string) *exec.Cmd {
	return exec.Command("tmux", append([]string{"-S", term.socket}, args...)...)
}

func (term *terminal) tmux(args ...string) string {
	term.t.Helper()
	out, err := term.command(args...).CombinedOutput()
	if err != nil {
		term.t.Fatalf("tmux %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// keys sends keys by tmux's names.
func (term *terminal) keys(names ...string) {
	term.t.Helper()
	term.tmux(append([]string{"send-keys"}, names...)...)
}

// text types letters as they are.
func (term *terminal) text(s string) {
	term.t.Helper()
	term.tmux("send-keys", "-l", s)
}

// screen returns what the window shows.
func (term *terminal) screen() string {
	term.t.Helper()
	return term.tmux("capture-pane", "-p")
}

// wait returns the screen as soon as it shows every one of texts.
func (term *terminal) wait(texts ...string) string {
	term.t.Helper()
	limit := time.NewTimer(30 * time.Second)
	defer limit.Stop()
	for {
		shown := term.screen()
		if containsAll(shown, texts) {
			return shown
		}
		select {
		case <-term.changes:
		case <-term.ended:
			term.t.Fatalf("the program ended before it showed %q; last:\n%s", texts, shown)
		case <-limit.C:
			term.t.Fatalf("the screen never showed %q:\n%s", texts, shown)
		}
	}
}

func containsAll(s string, texts []string) bool {
	for _, text := range texts {
		if !strings.Contains(s, text) {
			return false
		}
	}
	return true
}
