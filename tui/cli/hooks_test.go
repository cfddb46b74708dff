//go:build unix

package cli

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// TestHookHangs: who sends a mail at a terminal hears of it and goes on, though a
// hook does not end. It goes on too, and is run once; that it failed is not written
// over what is shown there by then.
func TestHookHangs(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	hook, began, told := filepath.Join(s.home, "hook"), filepath.Join(s.home, "began"), filepath.Join(s.home, "told")
	if err := syscall.Mkfifo(told, 0o600); err != nil {
		t.Fatal(err)
	}
	write := func(path, content string, mode os.FileMode) {
		t.Helper()
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, mode)
		if err == nil {
			_, err = f.WriteString(content)
		}
		if err != nil || f.Close() != nil {
			t.Fatal(err)
		}
	}
	write(hook, "#!/bin/sh\necho began >>'"+began+"'\ncat >'"+told+"'\nexit 3\n", 0o700) // waits for who reads
	write(filepath.Join(s.home, "config.toml"), "\n[[hook]]\non = [\"sent\"]\ncommand = [\""+hook+"\"]\n", 0o600)

	cmd := s.command("send", "--to", "ok@example.org", "--subject", "Hi", "--body", "text")
	tty, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	shown := make(chan string, 1)
	go func() {
		out, _ := io.ReadAll(tty) // ends when nobody has the terminal any more
		shown <- string(out)
	}()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	heard := make(chan string, 1)
	go func() {
		news, _ := os.ReadFile(told)
		heard <- string(news)
	}()
	for _, c := range []struct {
		from chan string
		want []string
	}{{heard, []string{`"event":"sent"`}}, {shown, []string{"ok@example.org", "a hook is still at work"}}} {
		select {
		case got := <-c.from:
			if strings.Contains(got, "exit status") {
				t.Errorf("it is told of a hook in %q", got)
			}
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("%q is not in %q", want, got)
				}
			}
		case <-time.After(60 * time.Second):
			t.Fatalf("nothing comes, where %q should", c.want)
		}
	}
	s.run(0, "flush")
	if text, err := os.ReadFile(began); err != nil || string(text) != "began\n" {
		t.Errorf("%v, it began %q", err, text)
	}
}
