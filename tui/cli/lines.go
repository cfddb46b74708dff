package cli

import (
	"context"
	"errors"

	"sendoff/smtp"
	"sendoff/tui/lines"
	"sendoff/tui/post"
)

// The lines see the post room through this.
var _ lines.Service = (*post.Room)(nil)

// inLines tells that the person is asked in lines and not on screens, and why if
// they did not say so.
func (p *program) inLines() (notice string, ok bool) {
	if p.plain {
		return "", true
	}
	if name, _ := p.Lookup("TERM"); name == "dumb" {
		return "TERM is dumb, so this is said in lines, as with --plain.", true
	}
	return "", false
}

// outboxInLines begins with the mail that there is.
func (p *program) outboxInLines(ctx context.Context) error {
	p.ask, p.passphrase, p.tty = nil, nil, nil
	room, err := p.room()
	if err != nil {
		return err
	}
	if err := room.Ready(ctx); err != nil {
		return err
	}
	return p.converse(ctx, room, lines.Options{Outbox: true})
}

// converse does what the screens do by questions and answers.
func (p *program) converse(ctx context.Context, room *post.Room, opts lines.Options) error {
	opts.In = p.Stdin
	if p.taken {
		tty, _, closer, err := p.terminal()
		if err != nil {
			return hinted{usagef("standard input held the mail, and there is no terminal to ask in"), "name the file instead of -"}
		}
		defer closer()
		opts.In = tty
	}
	opts.Service, opts.Out, opts.Echo = room, stdout{p.Stdout}, !isTerminal(p.Stdin) && !p.taken
	opts.Sandbox, opts.Fleeting, opts.Account = p.sandbox, room.Fleeting(), p.account
	opts.Edit = p.editMail
	opts.AfterQuit, opts.HandOver = room.AfterQuit(), p.handOver()
	opts.Hidden = p.hidden
	if !p.sandbox {
		opts.AddAccount = func(ctx context.Context, ask func(string) (string, error), hear func(smtp.Event)) error {
			err := questions{p, room, ask}.account(ctx, hear)
			if errors.As(err, new(unanswered)) {
				err = errors.Join(err, p.line("No account is added."))
			}
			return err
		}
	}
	opts.Command = func(ctx context.Context, account string) error {
		tty, _, closer, err := p.terminal()
		if err != nil {
			return err
		}
		defer closer()
		return room.RunPasswordCommand(ctx, account, tty)
	}
	err := lines.Run(ctx, opts)
	var stopped *lines.Interrupted
	if errors.As(err, &stopped) {
		return outcome(stateCode(stopped.State))
	}
	return err
}
