//go:build unix

package secret

import (
	"io/fs"
	"os/exec"
	"slices"
	"strings"
	"syscall"
)

// detach takes the terminal from cmd and makes the end of its time the end of
// all it started. GPG_TTY would show gpg-agent the way back to the terminal.
func detach(cmd *exec.Cmd) {
	cmd.Env = slices.DeleteFunc(cmd.Environ(), func(s string) bool { return strings.HasPrefix(s, "GPG_TTY=") })
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

// open tells that others than the owner may read a file.
func open(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 }
