//go:build unix

package cli

import (
	"os/exec"
	"syscall"
)

// background lets cmd outlive the terminal it was started in.
func background(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
