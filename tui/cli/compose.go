package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"sendoff/smtp/message"
	"sendoff/tui"
	"sendoff/tui/post"
)

// The screens see the post room through this.
var _ tui.Service = (*post.Room)(nil)

// compose opens the screens.
func (p *program) compose(cmd *cobra.Command, args []string) error {
	var draft *message.Draft
	if len(args) > 0 {
		d, err := message.ParseMailto(args[0])
		if err != nil {
			return &post.MessageError{Err: err}
		}
		draft = &d
	}
	if p.account != "" {
		if draft == nil {
			draft = new(message.Draft)
		}
		draft.Account = p.account
	}
	if !isTerminal(p.Stdin) || !isTerminal(p.Stdout) {
		return hinted{
			usagef("the screens need a terminal, and standard input or output is none"),
			`"sendoff send" sends a mail without them; sendoff --help lists the commands`,
		}
	}
	err := p.screens(cmd.Context(), draft)
	if !errors.Is(err, tui.ErrSandbox) {
		return err
	}
	// The person has no account yet and wants to look around first.
	err = p.close()
	p.opened, p.sandbox = nil, true
	return errors.Join(err, p.screens(cmd.Context(), nil))
}

// screens shows the program. The screens ask for passwords themselves.
func (p *program) screens(ctx context.Context, draft *message.Draft) error {
	p.ask, p.passphrase, p.tty = nil, nil, nil
	room, err := p.room()
	if err != nil {
		return err
	}
	// What can't be read is better said before the screen is taken, and who
	// can't keep a draft should not begin one.
	if err := room.Ready(ctx); err != nil {
		return err
	}
	if err := room.Forget(ctx); err != nil {
		p.tell("sendoff: note: old attachments could not be removed: %v", err)
	}
	environ := p.Environ() // without the passwords, which the room took
	if p.noColor {
		environ = append(environ, "NO_COLOR=1")
	}
	return tui.Run(ctx, tui.Options{
		Service:  room,
		Draft:    draft,
		Environ:  environ,
		Settings: room.Home().ConfigDir,
		Home:     room.Home().StateDir,
		Sandbox:  p.sandbox,

		Fleeting: room.Fleeting(),
	})
}
