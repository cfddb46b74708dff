package cli

import (
	"os"
	"os/exec"
)

// itself is this program, to be started once more with args.
func (p *program) itself(args ...string) (*exec.Cmd, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, args...)
	cmd.Args[0] = "sendoff" // a link's name would be a command
	cmd.Env = p.environ
	background(cmd)
	return cmd, nil
}

// detach starts this program once more, to go on when this one and its
// terminal are gone.
func (p *program) detach(args ...string) error {
	cmd, err := p.itself(args...)
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}
