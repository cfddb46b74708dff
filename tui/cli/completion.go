package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"sendoff/config"
	"sendoff/config/oauth"
	"sendoff/smtp/outbox"
	"sendoff/tui/text"
)

// offer has the shell complete what stands in the place of arguments and
// values: accounts, mails, states and the like. A command says in its usage
// what it takes, and an option by the name of its value: files only where one
// is to be named.
func (p *program) offer(root *cobra.Command) {
	root.ValidArgsFunction = cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault) // a mail in a file
	for _, cmd := range commands(root) {
		words := strings.Fields(strings.NewReplacer("[", " ", "]", " ", ".", " ").Replace(cmd.Use))[1:]
		if of := p.offerArguments(words); cmd.ValidArgsFunction == nil {
			cmd.ValidArgsFunction = of
		}
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			_ = cmd.RegisterFlagCompletionFunc(f.Name, func(called *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
				return p.offerValues(called, f)(called, args, typed)
			}) // fails only for what is not there
		})
	}
}

// offerArguments completes arguments that a usage calls by these words.
func (p *program) offerArguments(words []string) cobra.CompletionFunc {
	switch {
	case slices.Contains(words, "FILE"):
		return cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault)
	case len(words) > 1 && words[0] == "ACCOUNT" && words[1] == "ADDRESS":
		return p.offerIdentities
	case len(words) == 0:
	case words[0] == "ID":
		return p.offerMails
	case words[0] == "NAME" && !slices.Contains(words, "--address"), words[0] == "ACCOUNT":
		return p.offerAccounts // but for the name of a new one
	}
	return cobra.NoFileCompletions
}

// offerValues completes the value of an option of a command.
func (p *program) offerValues(cmd *cobra.Command, f *pflag.Flag) cobra.CompletionFunc {
	value, _ := pflag.UnquoteUsage(f)
	choice, chosen := f.Value.(choice)
	switch {
	case chosen:
		return offerList(choice.words, choice.several)
	case f.Name == "oauth":
		return offerList(oauth.Providers(), false)
	case f.Name == "sent-copy":
		return cobra.FixedCompletions([]string{"maildir:", "mbox:"}, cobra.ShellCompDirectiveNoSpace|cobra.ShellCompDirectiveNoFileComp)
	case f.Name == "template":
		return p.offerTemplates
	case f.Name == "account", f.Name == "through":
		return func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return p.offerAccounts(cmd, nil, typed)
		}
	case f.Name == "from":
		return p.offerSenders
	case slices.Contains([]string{"to", "cc", "bcc", "reply-to", "verify"}, f.Name):
		return p.offerPeople
	case value == "FILE", value == "PROGRAM":
		return cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault)
	case value == "FOLDER":
		return cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
	}
	return cobra.NoFileCompletions
}

// offerList completes one of some words, or the last of several with commas
// between.
func offerList(words []string, several bool) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) (offers []string, _ cobra.ShellCompDirective) {
		before := ""
		if several {
			before = typed[:strings.LastIndexByte(typed, ',')+1]
		}
		for _, word := range words {
			if strings.HasPrefix(strings.ToLower(before+word), strings.ToLower(typed)) {
				offers = append(offers, before+word)
			}
		}
		return offers, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// offerSendmail completes the options of sendmail, its senders and recipients.
func (p *program) offerSendmail(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if n := len(args); n > 0 && (args[n-1] == "-f" || args[n-1] == "-r") {
		return p.offerSenders(cmd, args, typed)
	}
	if strings.HasPrefix(typed, "-") {
		return offerList(strings.Fields("-t -i -f -F -N -R -V -odi -odq -odb -v -bm -bs -bp -q -bi -bv --wait --queue --help"), false)(cmd, args, typed)
	}
	return p.offerPeople(cmd, args, typed)
}

// offerPages completes the words of a command that there is help or a manual
// page for; with those of documents, for help.
func offerPages(documents bool) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) (offers []string, _ cobra.ShellCompDirective) {
		if of, rest, err := cmd.Root().Find(args); err == nil && len(rest) == 0 {
			for _, sub := range below(of) {
				if (documents || sub.Runnable() || len(below(sub)) > 0) && strings.HasPrefix(sub.Name(), typed) {
					offers = append(offers, cobra.CompletionWithDesc(sub.Name(), sub.Short))
				}
			}
		}
		return offers, cobra.ShellCompDirectiveNoFileComp
	}
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

// offerIdentities completes the name of an account, and then whom mail of it can
// be from.
func (p *program) offerIdentities(cmd *cobra.Command, args []string, typed string) (offers []string, _ cobra.ShellCompDirective) {
	if len(args) == 0 {
		return p.offerAccounts(cmd, args, typed)
	}
	for _, a := range p.accounts() {
		for _, i := range a.Identities {
			if len(args) == 1 && a.Name == args[0] && cmd.Name() != "add" {
				offers = append(offers, cobra.CompletionWithDesc(i.Address, text.Clean(i.FullName)))
			}
		}
	}
	return offers, cobra.ShellCompDirectiveNoFileComp
}

// offerTemplates completes the names of templates, and else files.
func (p *program) offerTemplates(cmd *cobra.Command, _ []string, typed string) (offers []string, _ cobra.ShellCompDirective) {
	room, err := p.room()
	if err != nil {
		return nil, cobra.ShellCompDirectiveDefault
	}
	all, _ := room.Templates(cmd.Context()) // what can be read
	for _, t := range all {
		if strings.HasPrefix(t.Name, typed) {
			offers = append(offers, t.Name)
		}
	}
	return offers, cobra.ShellCompDirectiveDefault
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
			offers = append(offers, cobra.CompletionWithDesc(before+addr, text.Clean(strings.TrimSpace(c.Name+" ("+c.Source+")"))))
		}
	}
	return offers, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// offerMails names the newest mails that begin as typed, and states where all
// mails in one can be meant.
func (p *program) offerMails(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	const newest = 50
	several := strings.Contains(cmd.Use, "ID...")
	if len(args) > 0 && args[0] == "all" {
		return offerList(stateNames(), true)(cmd, args, typed)
	}
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
		if strings.HasPrefix(id, typed) && !slices.Contains(args, id) && (several || len(args) == 0) {
			ids = append(ids, cobra.CompletionWithDesc(id, text.Clean(string(it.State)+" "+it.Subject)))
		}
	}
	if several && typed != "" {
		states, _ := offerList(append(stateNames(), "all"), false)(cmd, args, typed)
		ids = append(ids, states...)
	}
	return ids, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}
