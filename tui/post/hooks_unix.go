//go:build unix

package post

import (
	"os/exec"
	"syscall"
)

// alone takes the terminal from cmd, and makes the end of its time the end of
// all it started.
func alone(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
