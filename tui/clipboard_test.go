package tui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// TestCopyInScreen: GNU screen gets the sequence in envelopes it takes.
func TestCopyInScreen(t *testing.T) {
	t.Parallel()
	m := &App{ctx: context.Background(), environ: []string{"STY=1234.pts-0"}}
	long := strings.Repeat("long ", 1000)
	got := fmt.Sprint(m.copy(long)())
	sent := strings.NewReplacer("\x1bP", "", "\x1b\\", "").Replace(strings.Trim(got, "{}"))
	if want := ansi.SetSystemClipboard(long); !strings.HasPrefix(got, "{\x1bP") || sent != want {
		t.Errorf("it sends %.60q, which is %.60q for the terminal", got, sent)
	}
}

// TestCopyInTmux: tmux is given the text as a buffer to hand on.
func TestCopyInTmux(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	folder := t.TempDir()
	script := "#!/bin/sh\necho \"$TMUX $*\" >'" + folder + "/how'; cat >'" + folder + "/what'\n"
	syscall.ForkLock.RLock() // or a child that another test starts has it open and keeps it from running
	err := os.WriteFile(filepath.Join(folder, "tmux"), []byte(script), 0o700)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
	m := &App{ctx: context.Background(), environ: []string{"TMUX=/tmp/x,1,0", "PATH=" + os.Getenv("PATH")}}
	m.copyToTmux("one\ntwo")()
	for name, want := range map[string]string{"how": "/tmp/x,1,0 load-buffer -w -\n", "what": "one\ntwo"} {
		got, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
