package cli

import (
	"os/exec"

	"golang.org/x/sys/windows"
)

// background lets cmd outlive the console it was started in.
func background(cmd *exec.Cmd) {
	cmd.SysProcAttr = &windows.SysProcAttr{CreationFlags: windows.DETACHED_PROCESS}
}
