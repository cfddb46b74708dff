package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sendoff/config"
	"sendoff/smtp/outbox"
	"sendoff/tui/text"
)

// offer has the shell complete what stands in the place of arguments and
// values: accounts, mails, states and the like. A command says in its usage
// what it takes.
func (p *program) offer(root *cobra.Command) {
	for _, cmd := range commands(root) {
		words := strings.Fields(strings.NewReplacer("[", " ", "]", " ", ".", " ").Replace(cmd.Use))[1:]
		if cmd.ValidArgsFunction == nil && len(words) > 0 {
			switch words[0] {
			case "ID":
				cmd.ValidArgsFunction = p.offerMails
			case "NAME", "ACCOUNT":
				cmd.ValidArgsFunction = p.offerAccounts
			}
		}
		for name, values := range map[string][]string{
			"state":  stateNames(),
			"secret": {config.SecretKeyring, config.SecretVault, config.SecretAsk, config.SecretEnv, config.SecretCommand, config.SecretFile},
			"tls":    {config.TLSImplicit, config.TLSStart, config.TLSNone},
			"auth":   config.Mechanisms(),
			"notify": {"never", "success", "failure", "delay", "success,failure,delay"},
			"return": {"full", "headers"},

			"print-unit": {"systemd", "launchd"},
		} {
			if cmd.Flags().Lookup(name) != nil {
				_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)) // fails only for what is not there
			}
		}
		for _, name := range []string{"to", "cc", "bcc", "reply-to"} {
			if cmd.Flags().Lookup(name) != nil {
				_ = cmd.RegisterFlagCompletionFunc(name, p.offerPeople)
			}
		}
		if cmd.Flags().Lookup("from") != nil {
			_ = cmd.RegisterFlagCompletionFunc("from", p.offerSenders)
		}
	}
	_ = root.RegisterFlagCompletionFunc("account", p.offerAccounts)
}

// commands are a command and all below it.
func commands(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, sub := range cmd.Commands() {
		all = append(all, commands(sub)...)
	}
	return all
}

func stateNames() []string {
	names := make([]string, len(outbox.States))
	for i, s := range outbox.States {
		names[i] = string(s)
	}
	return names
}

// accounts reads the configuration, if that can be done without a word.
func (p *program) accounts() []config.Account {
	home, err := config.FindHome(p.Lookup)
	if err != nil {
		return nil
	}
	conf, err := config.Load(home.ConfigFile())
	if err != nil {
		return nil
	}
	return conf.Accounts
}

func (p *program) offerAccounts(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, a := range p.accounts() {
		if len(args) == 0 {
			names = append(names, cobra.CompletionWithDesc(a.Name, a.Address))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func (p *program) offerSenders(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var senders []string
	for _, a := range p.accounts() {
		for _, i := range a.Senders() {
			senders = append(senders, cobra.CompletionWithDesc(i.Address, a.Name))
		}
	}
	return senders, cobra.ShellCompDirectiveNoFileComp
}

// offerPeople names whom the composer would offer for the last address of a
// list.
func (p *program) offerPeople(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	room, err := p.room()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	at := strings.LastIndexByte(typed, ',') + 1
	before, last := typed[:at], strings.TrimSpace(typed[at:])
	found, _ := room.People(cmd.Context(), last) // what others have, if a source fails
	more, _ := room.AskBook(cmd.Context(), last)
	var offers []string
	for _, c := range append(found, more...) {
		// A shell offers what goes on from what was typed.
		if addr := c.Boxes[0].Addr(); !c.Group && strings.HasPrefix(addr, last) && !slices.ContainsFunc(offers, func(o string) bool { return strings.HasPrefix(o, before+addr+"\t") }) {
			offers = append(offers, cobra.CompletionWithDesc(before+addr, text.Clean(c.Name+" ("+c.Source+")")))
		}
	}
	return offers, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// offerMails names the newest mails that begin as typed.
func (p *program) offerMails(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	const newest = 50
	room, err := p.room()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	items, err := room.Items(cmd.Context(), outbox.Query{Limit: newest})
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var ids []string
	for _, it := range items {
		id := it.ID.String()
		if strings.HasPrefix(id, typed) && !slices.Contains(args, id) {
			ids = append(ids, cobra.CompletionWithDesc(id, text.Clean(string(it.State)+" "+it.Subject)))
		}
	}
	return ids, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}
