//go:build unix

package post

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestLaunch: a program that fails is told of; one that stays is left alone,
// without a terminal and in a session of its own.
func TestLaunch(t *testing.T) {
	t.Parallel()
	r := open(t, Options{})
	if err := r.launch(t.Context(), []string{"sh", "-c", "exit 3"}); err == nil || !strings.Contains(err.Error(), "sh: exit status 3") {
		t.Errorf("one that fails: %v", err)
	}
	if err := r.launch(t.Context(), []string{"sh", "-c", ": >/dev/tty"}); err == nil {
		t.Error("it has a terminal")
	}
	told := filepath.Join(t.TempDir(), "pid")
	if err := syscall.Mkfifo(told, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var text []byte
	var readErr error
	go func() {
		defer stop()
		text, readErr = os.ReadFile(told)
	}()
	if err := r.launch(ctx, []string{"sh", "-c", `echo $$ >"$0"; exec sleep 600`, told}); err != nil {
		t.Fatalf("one that stays: %v", err)
	}
	<-ctx.Done()
	if readErr != nil {
		t.Fatal(readErr)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Errorf("it was ended with the wait for it: %v", err)
	}
}
