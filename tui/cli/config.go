package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"sendoff/config"
	"sendoff/tui"
	"sendoff/tui/text"
)

func (p *program) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Look at the configuration",
		Args:  p.subcommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "check",
		Short: "Say what is wrong with the configuration, and where",
		Long: `check reads the configuration as every command does, and then what it names:
files with certificates and passwords, programs, providers of tokens. It connects
to nobody and asks for no password.`,
		Args: exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error { return p.checkConfig(cmd.Context()) },
	}, &cobra.Command{
		Use:   "keys",
		Short: "List what the screens do by keys, under its names in the configuration",
		Args:  exactly(0, "no argument"),
		RunE:  func(*cobra.Command, []string) error { return p.listKeys() },
	})
	return cmd
}

// listKeys prints every action with its keys, those of the person included.
func (p *program) listKeys() error {
	room, err := p.room()
	if err != nil {
		return err
	}
	conf, err := room.Config()
	if err != nil {
		return err
	}
	bound, _, err := tui.Bind(conf.Keys)
	if err != nil {
		return err
	}
	for _, a := range bound.Actions() {
		if p.json {
			err = p.object(struct {
				Action string   `json:"action"`
				Keys   []string `json:"keys"`
				What   string   `json:"what"`
			}{a.Name, a.Binding.Keys(), a.Binding.Help().Desc})
		} else {
			err = p.line("%-26s %-28s %s", a.Name, strings.Join(a.Binding.Keys(), "  "), a.Binding.Help().Desc)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *program) checkConfig(ctx context.Context) error {
	room, err := p.room()
	if err != nil {
		return err
	}
	path := room.Home().ConfigFile()
	conf, err := config.Load(path)
	if err != nil {
		return err
	}
	_, doubts, err := tui.Bind(conf.Keys)
	if err != nil {
		return err
	}
	for _, d := range doubts {
		fmt.Fprintln(p.Stderr, "sendoff: warning: "+text.Clean(d))
	}
	bad := false
	for _, a := range conf.Accounts {
		for _, err := range room.CheckAccount(ctx, a) {
			bad = true
			_, title, hint := judge(err)
			p.complain("account "+a.Name+": "+title, hint)
		}
	}
	if bad {
		return outcome(exitConfig)
	}
	said := fmt.Sprintf("%d accounts", len(conf.Accounts))
	if len(conf.Accounts) == 1 {
		said = "one account"
	}
	if err := p.line("%s is sound: %s", path, said); err != nil {
		return err
	}
	return p.showRules(conf.Rules)
}
