//go:build unix

package cli

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// openly is a command that runs where new files are for everybody to change.
func openly(cmd *exec.Cmd) *exec.Cmd {
	cmd.Args = append([]string{"sh", "-c", `umask 000; exec "$@"`, "sh"}, cmd.Args...)
	cmd.Path = "/bin/sh"
	return cmd
}

// TestFilesAreOurs: whatever umask the program is started with, what it and its
// children make is for the eyes of its owner alone: settings, vault, agent's
// socket, outbox, copies of what was sent.
func TestFilesAreOurs(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	root, temp := s.home, filepath.Join(s.home, "temp")
	if err := errors.Join(os.Chmod(root, 0o700), os.Mkdir(temp, 0o700)); err != nil {
		t.Fatal(err)
	}
	run := func(code int, input string, args ...string) {
		t.Helper()
		cmd := openly(s.command(args...))
		cmd.Env = append(cmd.Env, "TMPDIR="+temp, "XDG_RUNTIME_DIR=")
		cmd.Stdin = strings.NewReader(input)
		out, err := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != code {
			t.Fatalf("sendoff %q: %v\n%s", args, err, out)
		}
	}
	run(0, "a passphrase\n", "unlock", "--passphrase-stdin", "--for", "5m")
	t.Cleanup(func() { s.run(0, "lock") })
	witness := filepath.Join(root, "witness")
	manager := filepath.Join(root, "manager")
	syscall.ForkLock.RLock() // or a child that another test starts has it open and keeps it from running
	err := os.WriteFile(manager, []byte("#!/bin/sh\necho seen >'"+witness+"'\necho sesame\n"), 0o700)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	run(0, "", "account", "add", "other", "--address", "me@example.com", "--host", "127.0.0.1", "--port", "1", "--secret", "command", "--password-command", manager)
	run(0, "", "account", "edit", "other", "--secret", "vault")
	run(0, "", "account", "edit", "work", "--sent-copy", "maildir:"+filepath.Join(root, "copies", "Sent"))
	run(0, "", "send", "--to", "ok@example.org", "--subject", "x", "--body", "text", "--attach", manager)
	run(0, "", "account", "edit", "work", "--sent-copy", "mbox:"+filepath.Join(root, "boxes", "sent"))
	run(0, "", "send", "--to", "ok@example.org", "--subject", "x", "--body", "text")
	run(0, "", "send", "--sandbox", "--to", "ok@example.org", "--subject", "x", "--body", "text")
	run(0, "", "outbox", "salvage")
	seen := map[string]bool{}
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			t.Error(err)
			return nil
		}
		info, err := d.Info()
		if err != nil {
			t.Error(err)
			return nil
		}
		name := strings.TrimPrefix(path, root)
		seen[filepath.Base(name)] = true
		want := fs.FileMode(0o600)
		if d.IsDir() || path == manager {
			want = 0o700
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %v, want %v", name, got, want)
		}
		return nil
	})
	for _, name := range []string{"config.toml", "vault", "vault.lock", "agent.sock", "outbox.db", "witness", "Sent", "sent"} {
		if !seen[name] {
			t.Errorf("there is no %s among %v", name, seen)
		}
	}
}
