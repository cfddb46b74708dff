package cli

import (
	"os"
	"os/exec"
	"syscall"
)

// detach starts this program once more, to go on when this one and its
// console are gone.
func (p *program) detach(args ...string) error {
	const detached = 0x00000008 // DETACHED_PROCESS
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self, args...)
	cmd.Args[0] = "sendoff" // a link's name would be a command
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: detached, HideWindow: true}
	cmd.Env = p.environ
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}
