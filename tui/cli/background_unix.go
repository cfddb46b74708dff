//go:build unix

package cli

import (
	"os/exec"
	"syscall"
)

// background lets cmd outlive the terminal it was started in, and keeps from it
// what this program was given open beside the standard streams: a lock that a
// script holds while we run must not last as long as cmd.
func background(cmd *exec.Cmd) {
	const enough = 1024
	for fd := 3; fd < enough; fd++ {
		syscall.CloseOnExec(fd)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
}
