package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"sendoff/config"
	"sendoff/config/secret"
)

func (p *program) accountIdentity() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "identity",
		Short: "Say whom mail of an account can be from",
		Long: `identity is about the other addresses that mail of an account can be from, each
with a name, an address for answers, a signature and copies of its own. Mail to
the recipients of one is from it, if nothing else is said.`,
		Args: p.subcommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		&cobra.Command{
			Use:   "list ACCOUNT",
			Short: "List whom mail of an account can be from",
			Args:  exactly(1, "the name of an account"),
			RunE:  func(_ *cobra.Command, args []string) error { return p.listIdentities(args[0]) },
		},
		p.identityEdit("add", "Let mail of an account be from another address too", func(a *config.Account, address string) (*config.Identity, error) {
			a.Identities = append(a.Identities, config.Identity{Address: address})
			return &a.Identities[len(a.Identities)-1], nil
		}),
		p.identityEdit("edit", "Change one of the addresses that mail can be from", identityOf),
		&cobra.Command{
			Use:   "remove ACCOUNT ADDRESS",
			Short: "Remove one of the addresses that mail can be from",
			Args:  exactly(2, "the name of an account and an address"),
			RunE: func(cmd *cobra.Command, args []string) error {
				return p.changeIdentities(cmd.Context(), args[0], func(a *config.Account) error {
					gone, err := identityOf(a, args[1])
					if err != nil {
						return err
					}
					var left []config.Identity
					for _, i := range a.Identities {
						if i.Address != gone.Address {
							left = append(left, i)
						}
					}
					a.Identities = left
					return nil
				})
			},
		},
	)
	return cmd
}

// identityFlags are the settings of an identity.
func identityFlags(flags *pflag.FlagSet, i *config.Identity) {
	flags.StringVar(&i.FullName, "full-name", "", "the `NAME` as recipients see it (default the account's)")
	flags.StringVar(&i.Language, "language", "", "`LANGUAGE` that spelling is checked in, such as en_GB (default the account's)")
	writingFlags(flags, &i.ReplyTo, &i.Signature, &i.Markdown, &i.Bcc, &i.Recipients, &i.Seal)
}

// identityEdit is a command that sets what flags say of the identity that which
// finds or makes.
func (p *program) identityEdit(verb, short string, which func(a *config.Account, address string) (*config.Identity, error)) *cobra.Command {
	var i config.Identity
	cmd := &cobra.Command{
		Use:     verb + " ACCOUNT ADDRESS",
		Short:   short,
		Example: "  sendoff account identity " + verb + " work sales@example.org --full-name 'Alice, Sales' --recipients '*@customer.example'",
		Args:    exactly(2, "the name of an account and an address"),
		RunE: func(cmd *cobra.Command, args []string) error {
			again := repeat(cmd.Flags())
			return p.changeIdentities(cmd.Context(), args[0], func(a *config.Account) error {
				at, err := which(a, args[1])
				if err != nil {
					return err
				}
				i = *at
				err = again()
				*at = i
				return err
			})
		},
	}
	identityFlags(cmd.Flags(), &i)
	if verb == "edit" {
		cmd.Flags().StringVar(&i.Address, "address", "", "another `ADDRESS` in its place")
	}
	return cmd
}

// identityOf finds an identity of an account.
func identityOf(a *config.Account, address string) (*config.Identity, error) {
	for n := range a.Identities {
		if strings.EqualFold(a.Identities[n].Address, address) {
			return &a.Identities[n], nil
		}
	}
	if strings.EqualFold(a.Address, address) {
		return nil, hinted{usagef("%s is the account's own address", address), "sendoff account edit " + a.Name + " changes what it says"}
	}
	return nil, &config.Error{Text: "account " + a.Name + " has no identity " + address, Hint: "sendoff account identity list " + a.Name + " lists them"}
}

func (p *program) changeIdentities(ctx context.Context, name string, change func(*config.Account) error) error {
	room, err := p.room()
	if err != nil {
		return err
	}
	a, err := room.Account(name)
	if err != nil {
		return err
	}
	if err := change(&a); err != nil {
		return err
	}
	if err := a.Check(); err != nil {
		return usageError{err}
	}
	if err := room.UpdateAccount(ctx, a, secret.Secret{}); err != nil {
		return err
	}
	return p.listIdentities(a.Name)
}

// identityJSON is a sender as scripts see it.
type identityJSON struct {
	Address    string   `json:"address"`
	FullName   string   `json:"full_name"`
	ReplyTo    string   `json:"reply_to,omitempty"`
	Bcc        []string `json:"bcc,omitempty"`
	Recipients []string `json:"recipients,omitempty"`
}

func (p *program) listIdentities(name string) error {
	room, err := p.room()
	if err != nil {
		return err
	}
	a, err := room.Account(name)
	if err != nil {
		return err
	}
	var rows [][]string
	for _, i := range a.Senders() {
		if p.json {
			if err := p.object(identityJSON{i.Address, i.FullName, i.ReplyTo, i.Bcc, i.Recipients}); err != nil {
				return err
			}
			continue
		}
		to := ""
		if len(i.Recipients) > 0 {
			to = "for " + strings.Join(i.Recipients, ", ")
		}
		rows = append(rows, []string{i.Address, i.FullName, to})
	}
	for _, domain := range a.CatchAll {
		rows = append(rows, []string{"*@" + domain, "", "as the account"})
	}
	if p.json {
		return nil
	}
	return p.table(rows)
}
