package cli

import (
	"github.com/spf13/cobra"

	"sendoff/tui"
	"sendoff/tui/post"
)

// The screens see the post room through this.
var _ tui.Service = (*post.Room)(nil)

// compose opens the screens.
func (p *program) compose(cmd *cobra.Command, args []string) error {
	if !isTerminal(p.Stdin) || !isTerminal(p.Stdout) {
		return hinted{
			usagef("the screens need a terminal, and standard input or output is none"),
			`"sendoff send" sends a mail without them; sendoff --help lists the commands`,
		}
	}
	room, err := p.room()
	if err != nil {
		return err
	}
	_ = room
	return nil
}
