package cli

import (
	"fmt"
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

// handOver has another program go on with the delivery when the screens are
// left; nil in the sandbox, whose server ends with this program.
func (p *program) handOver() func(waiting int) error {
	if p.sandbox {
		return nil
	}
	return func(waiting int) error {
		if err := p.detach("daemon", "--drain", "--quiet"); err != nil {
			return hinted{
				fmt.Errorf("the mail is kept, but its delivery could not be handed over: %w", err),
				`"sendoff flush" delivers it`,
			}
		}
		if waiting == 1 {
			p.tell("sendoff: 1 mail goes on in the background; sendoff outbox list shows how far it is")
		} else {
			p.tell("sendoff: %d mails go on in the background; sendoff outbox list shows how far they are", waiting)
		}
		return nil
	}
}
