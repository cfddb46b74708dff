package cli

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"sendoff/smtp/outbox"
	"sendoff/tui/post"
)

// hookPatience is how long a person waits for hooks when all is said.
const hookPatience = 2 * time.Second

// tellHooks has hooks told what became of a mail. Who looks at a terminal is not
// kept by one that hangs: it goes on in a program of its own, which writes there no
// more when this one is gone. It may be an editor's by then.
func (p *program) tellHooks(ctx context.Context, room *post.Room) {
	if !room.Hooks() || ctx.Err() != nil {
		return
	}
	if isTerminal(p.Stderr) {
		if cmd, err := p.itself("hooks", "--quiet"); err == nil {
			cmd.Stdout, cmd.Stderr = writer{p.Stderr}, p.Stderr // the latter for the bell
			if err = cmd.Start(); err == nil {
				done := make(chan struct{})
				go func() {
					_ = cmd.Wait() // it told what is wrong
					close(done)
				}()
				select {
				case <-done:
				case <-ctx.Done():
				case <-time.After(hookPatience):
					p.tell("sendoff: note: a hook is still at work; it goes on in the background")
				}
				return
			}
		}
	}
	p.hooks(ctx, room)
}

// writer is a file of which a program is given no more than a pipe to it.
type writer struct{ io.Writer }

func (p *program) hooks(ctx context.Context, room *post.Room) {
	err := room.TellHooks(ctx, func(e outbox.Event) { p.complain(e.Problem.Error(), "") })
	if err != nil && ctx.Err() == nil {
		p.complain("the hooks were not told: "+err.Error(), "")
	}
}

// hooksCommand is that program. It needs no name that people would find.
func (p *program) hooksCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "hooks",
		Short:  "Tell hooks what they don't know yet",
		Hidden: true,
		Args:   exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			room, err := p.room()
			if err == nil {
				p.Stderr = p.Stdout
				p.hooks(cmd.Context(), room)
			}
			return err
		},
	}
}
