package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"sendoff/config"
	"sendoff/config/discover"
	"sendoff/config/provider"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/outbox"
	"sendoff/smtp/submit"
	"sendoff/tui/post"
)

func (p *program) accountCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "account",
		Short: "Set up and test the accounts that mail is sent with",
		Args:  p.subcommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.accountAdd(), p.accountEdit(), p.accountIdentity(), p.accountImport(), p.accountLogin(), p.accountTrust(), p.accountList(), p.accountTest(), p.accountDefault(), p.accountRemove())
	return cmd
}

func (p *program) accountAdd() *cobra.Command {
	var a config.Account
	var how adding
	cmd := &cobra.Command{
		Use:   "add NAME --address ADDRESS [--host HOST]",
		Short: "Add an account",
		Long: `add writes an account into the configuration. Without --host the server is looked
for, as sendoff discover does, and shown before anything goes there: on a terminal
you are asked, else --discover says that you take the best one. The password goes where --secret
says: "keyring" is the desktop's own store; "vault" is an encrypted file that a
passphrase opens, see sendoff unlock; with "env" sendoff reads it from
SENDOFF_PASSWORD_NAME each time; with "ask" it asks each time; with "command" it
runs a program that prints it; with "credential-file" it reads a file that nobody
else can. With --auth external there is none. For keyring and vault the password
is asked for, or read from standard input with --password-stdin; it is never an
argument. With --test it logs in and out again first, and writes nothing if that fails.`,
		Example: `  sendoff account add work --address me@example.org --host smtp.example.org
  pass show mail | sendoff account add work --address me@example.org --host smtp.example.org --password-stdin --test
  sendoff account add work --address me@example.org --host smtp.example.org --secret command --password-command "pass show mail"
  sendoff account add lab --address me@lab.example --host mail.lab.example --tls starttls --secret env --ca-file lab.pem
  sendoff account add far --address me@example.org --host smtp.example.org --proxy socks5://localhost:9050`,
		Args: exactly(1, "a name for the account"),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.Name = args[0]
			return p.addAccount(cmd.Context(), a, how)
		},
	}
	accountFlags(cmd.Flags(), &a)
	flags := cmd.Flags()
	flags.BoolVar(&how.stdin, "password-stdin", false, "read the password from standard input; that of the proxy is the next line")
	flags.BoolVar(&how.test, "test", false, "log in first, and add the account only if that works")
	flags.BoolVar(&how.find.take, "discover", false, "take the best server that is found for the address")
	flags.StringVar(&how.find.issuer, "oauth-issuer", "", "log in by OAuth with tokens of the provider at `URL`, which says the rest itself")
	flags.BoolVar(&how.find.consent, "third-party", false, "let Mozilla's directory learn the domain if nothing else is found")
	flags.BoolVar(&how.asDefault, "default", false, "use this account when none is named")
	return cmd
}

func (p *program) accountEdit() *cobra.Command {
	var a config.Account
	var new renewal
	var issuer string
	cmd := &cobra.Command{
		Use:   "edit NAME",
		Short: "Change an account, or where its password is kept",
		Long: `edit changes the settings that are given and leaves the others as they are. With
another --secret or --proxy-secret the password moves along: it is taken from where it was and put
where it will be, and only then removed from the old place. Places that sendoff
does not write to get theirs from you.`,
		Example: `  sendoff account edit work --secret vault
  sendoff account edit work --host smtp2.example.org --port 587 --tls starttls
  sendoff account edit work --password`,
		Args: exactly(1, "the name of an account"),
		RunE: func(cmd *cobra.Command, args []string) error {
			again := repeat(cmd.Flags())
			edit := func(before config.Account) (config.Account, error) {
				a = before
				if err := again(); err != nil || issuer == "" {
					return follow(before, a), err
				}
				room, err := p.room()
				if err != nil {
					return a, err
				}
				a, err = room.FromIssuer(cmd.Context(), a, issuer, true)
				return follow(before, a), err
			}
			return p.editAccount(cmd.Context(), args[0], edit, new)
		},
	}
	accountFlags(cmd.Flags(), &a)
	cmd.Flags().StringVar(&issuer, "oauth-issuer", "", "log in by OAuth with tokens of the provider at `URL`, which says the rest itself")
	cmd.Flags().BoolVar(&new.own, "password", false, "ask for a new password")
	cmd.Flags().BoolVar(&new.proxy, "proxy-password", false, "ask for a new password of the proxy")
	cmd.Flags().BoolVar(&new.stdin, "password-stdin", false, "read new passwords from standard input, a line for each")
	return cmd
}

// renewal says which passwords are new, and where they come from.
type renewal struct{ own, proxy, stdin bool }

// keeps tells that we put the password of an account where it is, and keepsProxy
// the same of that of its proxy.
func keeps(a config.Account) bool {
	return a.Secret == config.SecretKeyring || a.Secret == config.SecretVault
}

func keepsProxy(a config.Account) bool {
	proxy, _ := a.ProxyLogin()
	return keeps(proxy)
}

func (p *program) editAccount(
	ctx context.Context, name string, edit func(config.Account) (config.Account, error), new renewal,
) error {
	room, err := p.room()
	if err != nil {
		return err
	}
	before, err := room.Account(name)
	if err != nil {
		return err
	}
	a, err := edit(before)
	if err != nil {
		return err
	}
	if a = a.Complete(); a.Check() != nil {
		return usageError{a.Check()}
	}
	own := new.own || new.stdin && !new.proxy
	switch {
	case own && !keeps(a):
		return usagef("--password needs --secret keyring or vault: nothing else keeps a password")
	case new.proxy && !keepsProxy(a):
		return usagef("--proxy-password needs --proxy-secret keyring or vault: nothing else keeps a password")
	}
	password, ofProxy, err := p.passwords(ctx, a, own, new.proxy, new.stdin)
	if err != nil {
		return err
	}
	var kept *secret.KeptError
	if err := room.UpdateAccount(ctx, a, password); errors.As(err, &kept) {
		p.tell("%s; when it does, let the password move back and here again", kept)
	} else if err != nil {
		return err
	}
	if new.proxy {
		if err := room.KeepProxyPassword(ctx, a, ofProxy); err != nil {
			return err
		}
	}
	return p.listAccounts(ctx)
}

// adding says how an account is added.
type adding struct {
	find                   finding
	asDefault, stdin, test bool
}

// finding says how a server may be looked for, and who gives tokens for it.
type finding struct {
	take, consent bool
	issuer        string // a URL
}

// withServer completes an account with the server that discovery found best, after
// the person saw it.
func (p *program) withServer(ctx context.Context, a config.Account, how finding) (config.Account, error) {
	found, err := p.find(ctx, a.Address, how.consent, nil)
	if err == nil {
		err = unusable(a.Address, found)
	}
	if err != nil {
		return a, err
	}
	best := found.Servers[0]
	if best.Outside && how.take {
		return a, hinted{
			usagef("%s is not of the domain of %s, and DNS alone names it", best.Account.Host, a.Address),
			"if it is your provider's, give it with --host",
		}
	}
	p.tell("%s port %d, %s, as %s: from %s", best.Account.Host, best.Account.Port, best.Account.TLS, best.Account.User, best.Source.Words())
	if advice := best.Advice(); advice != "" {
		p.tell("%s", advice)
	}
	if !how.take {
		how.take, err = p.yes(ctx, "Use this server?")
	}
	switch {
	case err != nil:
		return a, err
	case !how.take:
		return a, hinted{usagef("--host is missing"), "give it, or --discover to take the server that was found"}
	}
	a.Host = best.Account.Host
	if a.Port == 0 && a.TLS == "" {
		a.Port, a.TLS = best.Account.Port, best.Account.TLS
	}
	if a.User == "" && a.TakesPassword() {
		a.User = best.Account.User
	}
	return p.withTokens(ctx, a, best)
}

// withTokens has an account log in by OAuth where its server wants that, or where
// the person registered a client.
func (p *program) withTokens(ctx context.Context, a config.Account, s discover.Server) (config.Account, error) {
	passes := a.Auth != "" && a.Auth != config.AuthAuto && !a.TakesToken()
	if a.OAuth != "" || passes || !s.NoPassword && a.OAuthClientID == "" || a.Secret == config.SecretCommand {
		return a, nil
	}
	if a.OAuth = s.Provider.OAuth; a.OAuth != "" && a.OAuthClientID == "" {
		return a, hinted{usagef("%s takes tokens, and no password", s.Provider.Name), "register a program there and give --oauth-client-id; or take a program that prints tokens: --auth xoauth2 --secret command"}
	}
	if a.OAuth != "" || s.Issuer == "" {
		return a, nil
	}
	p.tell("its tokens are given by %s", s.Issuer)
	room, err := p.room()
	if err != nil {
		return a, err
	}
	return room.FromIssuer(ctx, a, s.Issuer, false)
}

func (p *program) addAccount(ctx context.Context, a config.Account, how adding) error {
	if a.Address == "" {
		return usagef("--address is missing")
	}
	discovered := a.Host == ""
	if discovered && !p.sandbox {
		if !how.find.take && !(isTerminal(p.Stdin) && isTerminal(p.Stderr)) {
			return hinted{usagef("--host is missing"), "give it, or --discover to take the best server that is found"}
		}
		var err error
		if a, err = p.withServer(ctx, a, how.find); err != nil {
			return err
		}
	}
	if how.find.issuer != "" {
		room, err := p.room()
		if err != nil {
			return err
		}
		if a, err = room.FromIssuer(ctx, a, how.find.issuer, true); err != nil {
			return err
		}
	}
	a = a.Complete()
	if err := a.Check(); err != nil {
		return usageError{err}
	}
	own := keeps(a) && a.OAuth == ""
	switch {
	case p.sandbox:
		return usagef("a sandbox has the one account it comes with")
	case how.test && a.OAuth != "":
		return usagef("--test logs in, and there is no token yet: sendoff account login %s gets one, after the account is added", a.Name)
	case !keeps(a) && !keepsProxy(a) && how.stdin:
		return usagef("--password-stdin needs --secret keyring or vault: nothing else keeps a password")
	}
	if table, err := provider.Builtin(); err == nil && !discovered && a.TakesPassword() {
		if known, ok := table.Of(a); ok && known.Advice() != "" {
			p.tell("%s", known.Advice())
		}
	}
	password, ofProxy, err := p.passwords(ctx, a, own, keepsProxy(a), how.stdin)
	if err != nil {
		return err
	}
	room, err := p.room()
	if err != nil {
		return err
	}
	if how.test {
		err := p.tracing(func(hear func(smtp.Event)) error { return room.Try(ctx, a, password, ofProxy, hear) })
		if err != nil {
			p.tell("%s is not added", a.Name)
			if _, ok := submit.UntrustedIn(err); ok {
				err = hinted{err, "if the server is your own, give --ca-file; or add the account without --test, and trust the key: sendoff account trust " + a.Name}
			}
			return p.failed(a.Name, err)
		}
	}
	err = room.InVault(ctx, secret.Secret{}, func() error { return room.Add(ctx, a, password, how.asDefault) })
	if err != nil {
		p.tell("%s is not added; nothing is kept", a.Name)
		return err
	}
	if keepsProxy(a) {
		if err := room.KeepProxyPassword(ctx, a, ofProxy); err != nil {
			p.tell("%s is added; the password of its proxy is not kept: sendoff account edit %s --proxy-password", a.Name, a.Name)
			if errors.As(err, new(unanswered)) {
				err = ctx.Err() // the account was added
			}
			return err
		}
	}
	switch {
	case p.json:
		return p.object(accountOf(a, how.asDefault, ""))
	case how.test:
		return p.line("%s works, and is added", a.Name)
	}
	if a.OAuth != "" {
		return p.line("added %s; sendoff account login %s signs in", a.Name, a.Name)
	}
	return p.line("added %s; sendoff account test %s logs in and out again", a.Name, a.Name)
}

func (p *program) accountDefault() *cobra.Command {
	return &cobra.Command{
		Use:   "default NAME",
		Short: "Use an account when none is named",
		Args:  exactly(1, "the name of an account"),
		RunE: func(cmd *cobra.Command, args []string) error {
			room, err := p.room()
			if err != nil {
				return err
			}
			if err := room.SetDefault(cmd.Context(), args[0]); err != nil {
				return err
			}
			return p.listAccounts(cmd.Context())
		},
	}
}

func (p *program) accountRemove() *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove an account and its stored password",
		Long: `remove takes an account out of the configuration and its password out of the
keyring or the vault. Mail of the account stays in the outbox, and you are told how
much of it waits: it goes out when another account sends it, see
"sendoff outbox reassign".`,
		Args: exactly(1, "the name of an account"),
		RunE: func(cmd *cobra.Command, args []string) error {
			room, err := p.room()
			if err != nil {
				return err
			}
			if err := room.Remove(cmd.Context(), args[0]); err != nil {
				return err
			}
			p.tellLeft(cmd.Context(), room, args[0])
			return p.listAccounts(cmd.Context())
		},
	}
}

// tellLeft tells what mail of an account waits that is removed. What can't be
// read is told by who needs it.
func (p *program) tellLeft(ctx context.Context, room *post.Room, account string) {
	n, _ := room.Waiting(ctx, account)
	waits := "1 mail waits"
	switch {
	case n == 0:
		return
	case n > 1:
		waits = fmt.Sprintf("%d mails wait", n)
	}
	p.tell("sendoff: note: %s in the outbox for an account called %s; to give them to another: sendoff outbox reassign queued scheduled deferred held --account %s --through ACCOUNT",
		waits, account, quoted(account))
}

func (p *program) accountTest() *cobra.Command {
	return &cobra.Command{
		Use:   "test [NAME]",
		Short: "Connect, log in and out again, and show each step",
		Args:  atMostOne("the name of an account"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.testAccount(cmd.Context(), p.accountIn(args))
		},
	}
}

func (p *program) testAccount(ctx context.Context, name string) error {
	room, err := p.room()
	if err != nil {
		return err
	}
	if name == "" {
		if _, name, _, err = room.Accounts(ctx); err != nil {
			return err
		}
	}
	err = p.tracing(func(hear func(smtp.Event)) error { return room.TestAccount(ctx, name, hear) })
	switch {
	case err != nil:
		return p.failed(name, err)
	case p.json:
		return p.tested(name, nil)
	}
	return p.line("%s works", name)
}

// tracing shows each step of a login.
func (p *program) tracing(login func(hear func(smtp.Event)) error) error {
	progress := p.progress()
	defer progress.clear()
	return login(func(e smtp.Event) { progress.hear(outbox.Event{Session: &e}) })
}

// failed ends a test that did not work.
func (p *program) failed(name string, err error) error {
	if p.json {
		return p.tested(name, err)
	}
	return err
}

// tested prints what a test came to as an object, the same whatever that is.
func (p *program) tested(name string, err error) error {
	v := struct {
		Event   string `json:"event"`
		Account string `json:"account"`
		OK      bool   `json:"ok"`
		Exit    int    `json:"exit"`
		Error   string `json:"error,omitempty"`
		Hint    string `json:"hint,omitempty"`
	}{Event: "result", Account: name, OK: err == nil}
	if err == nil {
		return p.object(v)
	}
	v.Exit, v.Error, v.Hint = judge(err)
	v.Hint = p.here(v.Hint)
	p.complain(v.Error, v.Hint)
	_ = p.object(v) // the code says it too
	return outcome(v.Exit)
}
