package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sendoff/config/secret"
)

// longestOpen bounds how long an agent may hold the vault open.
const longestOpen = 7 * 24 * time.Hour

func (p *program) unlockCommand() *cobra.Command {
	var open time.Duration
	var fromStdin, change bool
	cmd := &cobra.Command{
		Use:   "unlock",
		Short: "Open the vault of passwords for some hours",
		Long: `unlock asks for the passphrase of the vault, or for a new one if there is no
vault yet, and starts a program in the background that holds the vault open. What
sendoff runs until then, also from a timer, gets its passwords without a question.
That program serves you alone; sendoff lock ends it.`,
		Example: `  sendoff unlock --for 1h
  sendoff unlock --new-passphrase`,
		Args: exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if open <= 0 || open > longestOpen {
				return usagef("--for must be more than nothing and at most %s", longestOpen)
			}
			return p.unlock(cmd.Context(), open, fromStdin, change)
		},
	}
	flags := cmd.Flags()
	flags.DurationVar(&open, "for", 8*time.Hour, "how long the vault stays open")
	flags.BoolVar(&fromStdin, "passphrase-stdin", false, "read the passphrase from standard input")
	flags.BoolVar(&change, "new-passphrase", false, "give the vault another passphrase")
	return cmd
}

func (p *program) unlock(ctx context.Context, open time.Duration, fromStdin, change bool) error {
	room, err := p.room()
	if err != nil {
		return err
	}
	ask := p.askPassphrase
	if fromStdin {
		lines := p.lines()
		ask = func(context.Context, secret.Question) (secret.Secret, error) { return firstLine(lines) }
	}
	for n := 0; ; n++ {
		passphrase, err := ask(ctx, secret.Question{New: !room.HasVault(), Wrong: n > 0})
		if err != nil {
			return err
		}
		if err = room.Unlock(ctx, passphrase); err == nil {
			break
		}
		if !errors.Is(err, secret.ErrVaultLocked) || n == 2 || fromStdin {
			return err
		}
	}
	if change {
		passphrase, err := ask(ctx, secret.Question{New: true})
		if err != nil {
			return err
		}
		if err := room.ChangePassphrase(ctx, passphrase); err != nil {
			return err
		}
	}
	key, err := room.VaultKey()
	if err != nil {
		return err
	}
	if err := p.startAgent(ctx, key, open); err != nil {
		return fmt.Errorf("start the agent: %w", err)
	}
	if p.json {
		return p.object(struct {
			Event   string  `json:"event"`
			Seconds float64 `json:"seconds"`
		}{"unlocked", open.Seconds()})
	}
	return p.line("the vault is open for %s; sendoff lock closes it", open)
}

// startAgent runs this program once more, in the background, and waits until it
// answers. The key goes through a pipe.
func (p *program) startAgent(ctx context.Context, key secret.Secret, open time.Duration) error {
	cmd, err := p.itself("agent", "--for", open.String()) // outlives ctx
	if err != nil {
		return err
	}
	cmd.Env = p.Environ() // it needs no passwords
	cmd.Stdin = strings.NewReader(key.Reveal() + "\n")
	said, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	line, err := bufio.NewReader(said).ReadString('\n')
	if !stop() {
		return ctx.Err()
	}
	if line = strings.TrimSpace(line); line != agentReady {
		return errors.Join(err, errors.New(line))
	}
	return cmd.Process.Release()
}

// agentReady is what an agent says once it answers; else it says why not.
const agentReady = "ready"

// agentCommand is the program in the background. People start it with unlock.
func (p *program) agentCommand() *cobra.Command {
	var open time.Duration
	cmd := &cobra.Command{
		Use:    "agent",
		Short:  "Hold the vault open with a key from standard input",
		Hidden: true,
		Args:   exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			key, err := p.readPassword()
			if err != nil {
				return err
			}
			room, err := p.room()
			if err != nil {
				return err
			}
			_ = os.Chdir("/") // so that no disk is kept from being put away
			err = room.Agent().Serve(cmd.Context(), key, open, func() {
				_ = p.line(agentReady)
				_ = p.Stdout.Close() // nobody reads on
			})
			if err != nil {
				_ = p.line("%v", err)
			}
			return err
		},
	}
	cmd.Flags().DurationVar(&open, "for", time.Hour, "how long")
	return cmd
}

func (p *program) lockCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "lock",
		Short: "Close the vault that unlock opened",
		Args:  exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			room, err := p.room()
			if err != nil {
				return err
			}
			if err := room.Agent().Lock(cmd.Context()); err != nil && !secret.NoAgent(err) {
				return err
			}
			return p.line("the vault is locked")
		},
	}
}
