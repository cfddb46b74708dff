package cli

import (
	"context"
	"net"
	"strconv"

	"github.com/spf13/cobra"

	"sendoff/config"
)

func (p *program) accountTrust() *cobra.Command {
	var key string
	cmd := &cobra.Command{
		Use:   "trust [NAME]",
		Short: "Look at a server's certificate, and trust its key for one account",
		Long: `trust connects to the server of an account, up to its certificate, and shows that
if it is not trusted: whom it is for, until when, who signed it, and what is wrong.
If you say yes, or give its key with --key, the key is trusted for the host and
port of this account, and no other is any more. Compare it first with what the
server's owner tells you: whoever sits in between would show a key of their own.`,
		Example: `  sendoff account trust home
  sendoff account trust home --key sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=`,
		Args: atMostOne("the name of an account"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.trust(cmd.Context(), p.accountIn(args), key)
		},
	}
	cmd.Flags().StringVar(&key, "key", "", "trust the key if it is `KEY`, without a question")
	return cmd
}

func (p *program) trust(ctx context.Context, name, key string) error {
	room, err := p.room()
	if err != nil {
		return err
	}
	a, err := room.Account(name)
	if err != nil {
		return err
	}
	shown, untrusted, err := room.Untrusted(ctx, a.Name)
	switch {
	case err != nil:
		return err
	case !untrusted:
		return p.line("the certificate of %s is trusted already", a.Host)
	}
	if !p.json {
		for _, line := range shown.Lines() {
			p.tell("%s", line)
		}
	}
	where := net.JoinHostPort(a.Host, strconv.Itoa(a.Port))
	yes := key != ""
	if !yes {
		yes, err = p.yes(ctx, "Trust this key for "+where+", and no other?")
	}
	switch {
	case err != nil:
		return err
	case key != "" && key != shown.Pin:
		return &config.Error{Text: "the server's key is " + shown.Pin + ", not the one you gave", Hint: "nothing was changed; ask the server's owner"}
	case !yes:
		return &config.Error{Text: "the key of " + where + " is not trusted", Hint: "nothing was changed; --key " + shown.Pin + " trusts it"}
	}
	if err := room.TrustKey(ctx, a.Name, shown.Pin); err != nil {
		return err
	}
	return p.line("%s trusts the key %s at %s, and no other", a.Name, shown.Pin, where)
}
