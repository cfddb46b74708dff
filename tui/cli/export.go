package cli

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"sendoff/smtp/outbox"
	"sendoff/tui/post"
)

func (p *program) outboxTranscript() *cobra.Command {
	return &cobra.Command{
		Use:   "transcript ID",
		Short: "Print what was said to the server and by it, without passwords",
		Args:  oneMail,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withItem(cmd.Context(), args[0], func(_ *post.Room, it outbox.Item, attempts []outbox.Attempt) error {
				if len(attempts) == 0 {
					p.tell("mail %s is %s; nothing was tried yet", it.ID, it.State)
				}
				for _, a := range attempts {
					if err := p.transcript(a); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

func (p *program) transcript(a outbox.Attempt) error {
	if p.json {
		return p.object(attemptOf(a))
	}
	if err := p.line("attempt %d, %s", a.N, stamp(a.Started)); err != nil {
		return err
	}
	for line := range strings.Lines(a.Transcript) {
		if err := p.line("%s", strings.TrimRight(line, "\r\n")); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) outboxExport() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "export ID",
		Short: "Write a mail out, exactly as it is sent",
		Long: `export writes the octets that a server gets. A draft is written as the mail that
it would be now, if it can be one; it stays a draft.`,
		Args: oneMail,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.export(cmd.Context(), args[0], output)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "`FILE` to write, which must not exist; standard output if not given")
	return cmd
}

func (p *program) export(ctx context.Context, arg, output string) error {
	return p.withItem(ctx, arg, func(room *post.Room, it outbox.Item, _ []outbox.Attempt) error {
		if output != "" {
			if _, err := room.Export(ctx, it.ID, output); err != nil {
				return mailError(arg, err)
			}
			return nil
		}
		content, err := room.Source(ctx, it.ID)
		if err != nil {
			return mailError(arg, err)
		}
		defer content.Close()
		return p.copyOut(content)
	})
}

// copyOut copies a mail to standard output as it is, but for what a terminal
// would take for commands.
func (p *program) copyOut(r io.Reader) error {
	if !isTerminal(p.Stdout) {
		_, err := io.Copy(stdout{p.Stdout}, r)
		return err
	}
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(content)) {
		if err := p.line("%s", strings.TrimRight(line, "\r\n")); err != nil {
			return err
		}
	}
	return nil
}
