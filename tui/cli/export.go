package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"sendoff/smtp/outbox"
)

func (p *program) outboxTranscript() *cobra.Command {
	return &cobra.Command{
		Use:   "transcript ID",
		Short: "Print what was said between sendoff and the server, without passwords",
		Args:  exactly(1, "the number of a mail"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withItem(cmd.Context(), args[0], func(_ outbox.Item, attempts []outbox.Attempt) error {
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
		Short: "Write the mail out, exactly as it is sent",
		Args:  exactly(1, "the number of a mail"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.export(cmd.Context(), args[0], output)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "`FILE` to write, which must not exist; standard output if not given")
	return cmd
}

func (p *program) export(ctx context.Context, arg, output string) error {
	id, err := outbox.ParseID(arg)
	if err != nil {
		return usageError{err}
	}
	room, err := p.room()
	if err != nil {
		return err
	}
	content, err := room.Content(ctx, id)
	if err != nil {
		return mailError(arg, err)
	}
	defer content.Close()
	if output == "" {
		return p.copyOut(content)
	}
	file, err := os.OpenFile(output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close())
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
