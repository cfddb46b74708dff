package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sendoff/config"
	"sendoff/config/foreign"
	"sendoff/config/private"
	"sendoff/config/secret"
	"sendoff/tui/post"
)

// largestSettings bounds what is read of another program, in octets.
const largestSettings = 1 << 20

func (p *program) accountImport() *cobra.Command {
	var from, place string
	var dry bool
	cmd := &cobra.Command{
		Use:   "import --from PROGRAM [FILE]",
		Short: "Take over accounts of another mail program",
		Long: `import reads the settings of another mail program (` + strings.Join(foreign.Names(), ", ") + `)
and adds its accounts: server, user, and the program that prints the password. A
password that stands in that file is taken only after a yes, into the place that
--secret says. Accounts that are there already stay as they are, and so does the
other program's file.`,
		Example: `  sendoff account import --from msmtp --dry-run
  sendoff account import --from aerc ~/.config/aerc/accounts.conf`,
		Args: atMostOne("a file with settings"),
		RunE: func(cmd *cobra.Command, args []string) error {
			i := slices.IndexFunc(foreign.Programs(), func(o foreign.Program) bool { return o.Name == from })
			if i < 0 {
				return usagef("say with --from whose accounts: %s", strings.Join(foreign.Names(), ", "))
			}
			return p.importAccounts(cmd.Context(), foreign.Programs()[i], args, place, dry)
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "`PROGRAM` whose settings are read")
	among(cmd.Flags(), "from", foreign.Names()...)
	cmd.Flags().StringVar(&place, "secret", config.SecretKeyring, "where passwords go that stand in the file: keyring or vault; or ask, for nowhere")
	among(cmd.Flags(), "secret", config.SecretKeyring, config.SecretVault, config.SecretAsk)
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only say what would be added")
	return cmd
}

func (p *program) importAccounts(ctx context.Context, other foreign.Program, args []string, place string, dry bool) error {
	room, err := p.room()
	if err != nil {
		return err
	}
	paths := args
	if len(paths) == 0 {
		home, ok := p.Lookup("HOME")
		if !ok {
			return usagef("name the file: HOME is not set")
		}
		paths = other.Files(home)
	}
	var text []byte
	for _, path := range paths {
		if text, err = private.Read(path, largestSettings); err == nil || !errors.Is(err, fs.ErrNotExist) {
			paths = []string{path}
			break
		}
	}
	if err != nil {
		return &post.FileError{Path: paths[0], Err: err}
	}
	if info, err := os.Stat(paths[0]); err == nil && private.Open(info) {
		p.tell("others can read %s: if a password stands in it, they may know it", paths[0])
	}
	found, err := other.Read(string(text))
	if err != nil {
		return &config.Error{Path: paths[0], Text: err.Error()}
	}
	if len(found) == 0 {
		return &config.Error{Path: paths[0], Text: "there is no account in it that sends by SMTP"}
	}
	var failed error
	for _, f := range found {
		if err := p.importAccount(ctx, room, f, place, dry); err != nil {
			_, title, hint := judge(err)
			p.complain(f.Account.Name+" was not added: "+title, hint)
			failed = outcome(exitConfig)
		}
		if errors.As(err, new(unanswered)) {
			return outcome(exitDeferred)
		}
	}
	return failed
}

func (p *program) importAccount(ctx context.Context, room *post.Room, f foreign.Found, place string, dry bool) error {
	a := f.Account
	if a.Secret == "" && a.TakesPassword() {
		a.Secret = place
	}
	a = a.Complete()
	if _, err := room.Account(a.Name); err == nil {
		return p.line("%s: there is an account of this name already", a.Name)
	}
	if err := a.Check(); err != nil {
		return err
	}
	var password secret.Secret
	if !dry {
		if !f.Plain.Empty() && place != config.SecretAsk {
			yes, err := p.yes(ctx, "The password of "+a.Name+" stands in the file. Put it into the "+place+" too?")
			if err != nil {
				return err
			}
			if yes {
				password = f.Plain
			}
		}
		if err := room.Add(ctx, a, password, false); err != nil {
			return err
		}
	}
	kept := "no login"
	if a.TakesPassword() {
		kept = "password: " + a.Secret
	}
	if err := p.line("%s: %s at %s port %d, %s, %s", a.Name, a.Address, a.Host, a.Port, a.TLS, kept); err != nil {
		return err
	}
	for _, note := range f.Notes {
		p.tell("%s: %s", a.Name, note)
	}
	if !f.Plain.Empty() && password.Empty() {
		p.tell("%s: its password stands in the file; sendoff account edit %s --password stores one here", a.Name, a.Name)
	}
	return nil
}
