// Package cli is the command line: one file a verb.
//
// Every verb keeps to the same rules. What was asked for goes to stdout, what
// happens on the way to stderr; with --json stdout holds one object a line and
// nothing else. No escape sequence is written to what is not a terminal. The
// exit codes are those of sysexits.h, listed in exit.go, and nothing is ever
// dropped behind one.
package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"sendoff/config/private"
	"sendoff/config/secret"
	"sendoff/tui/post"
)

// Env is the world the program runs in.
type Env struct {
	Name                  string   // the program was called by; sendmail, mailq and newaliases are commands
	Args                  []string // without the program's name
	Stdin, Stdout, Stderr *os.File
	Environ               func() []string
	Lookup                func(name string) (string, bool)
	Unset                 func(name string) error // removes a variable
	Build                 *debug.BuildInfo        // nil when unknown
	Version               string                  // of a release; empty for what Build says
}

// Main runs one command and returns the exit code of the process. The end of
// ctx, by a signal, ends whatever runs in bounded time.
func Main(ctx context.Context, env Env) int {
	_ = private.Process() // as far as the system allows
	p := &program{Env: env, environ: env.Environ()}
	p.ask, p.passphrase, p.tty = p.askPassword, p.askPassphrase, p.commandTerminal
	root := p.root()
	root.SetArgs(env.arguments())
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	ran, err := root.ExecuteContextC(ctx)
	p.ran = ran
	code := p.report(cmp.Or(err, p.unhelped))
	if closed := p.report(p.close()); code == 0 {
		return closed
	}
	return code
}

// arguments are those of the command line, with the command that the program's
// name stands for.
func (e Env) arguments() []string {
	name := strings.TrimSuffix(filepath.Base(e.Name), ".exe")
	as := map[string][]string{
		"sendmail":   {"sendmail"},
		"mailq":      {"sendmail", "-bp"},
		"newaliases": {"sendmail", "-bi"},
	}
	return append(as[name], e.Args...)
}

// program is one run: its world, the global flags, and what was opened.
type program struct {
	Env

	account string
	json    bool
	noColor bool
	quiet   bool
	plain   bool
	sandbox bool

	notice string // what the screens say first; empty for nothing

	taken bool // standard input held a mail, so that a person must be asked elsewhere

	ran *cobra.Command // nil while it runs

	unhelped error // help could not be written

	mute bool // no outcome on stdout: who called us takes any word for trouble

	// environ is the environment as it was, with passwords in it that are taken
	// out for all programs but this one.
	environ []string

	// What asks the person; nil where screens do.
	ask        func(ctx context.Context, account string) (secret.Secret, error)
	passphrase func(ctx context.Context, q secret.Question) (secret.Secret, error)
	tty        func() (*os.File, func(), error)

	domains post.Domains // looks at recipients' domains; nil for no look

	opened *post.Room
}

func (p *program) root() *cobra.Command {
	var o origin
	root := &cobra.Command{
		Use:   "sendoff [mailto:URL | DRAFT.eml]",
		Short: "Write mail, watch it being sent, and keep it until it has arrived",
		Long: `sendoff writes mail in a terminal, sends it over SMTP while you watch, and
keeps every message in an outbox until it is known what became of it.

Without a command it opens the composer: empty, with the fields of a mailto URL,
with a mail from a file, or with what --reply, --forward, --edit-as-new or
--template begin. Programs that read mail can call it so to write. With --plain,
and where TERM is dumb, it asks and tells in lines instead of on screens.`,
		Example: `  sendoff --sandbox
  sendoff account add work --address me@example.org --host smtp.example.org
  sendoff --reply letter.eml --all
  echo hello | sendoff send --to bob@example.org --subject Hi
  sendoff --plain
  sendoff outbox list`,
		Args:          p.mailtoOnly,
		RunE:          func(cmd *cobra.Command, args []string) error { return p.compose(cmd, args, o) },
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	o.flags(root.Flags())
	flags := root.PersistentFlags()
	flags.StringVar(&p.account, "account", "", "use the account `NAME` instead of the default")
	flags.BoolVar(&p.json, "json", false, "print one JSON object a line on stdout")
	flags.BoolVar(&p.noColor, "no-color", false, "use no colors")
	flags.BoolVar(&p.quiet, "quiet", false, "show no progress")
	flags.BoolVar(&p.plain, "plain", false, "ask and tell in lines: no screens, nothing drawn anew; for screen readers and dumb terminals")
	flags.BoolVar(&p.sandbox, "sandbox", false, "use the built-in server, and a throw-away home, or the folder sandbox of SENDOFF_HOME; nothing leaves this machine, and no hook runs")
	root.SetFlagErrorFunc(p.wrongFlag)
	root.SetHelpFunc(p.help)
	root.AddCommand(
		p.sendCommand(),
		p.sendmailCommand(),
		p.outboxCommand(),
		p.flushCommand(),
		p.daemonCommand(),
		p.accountCommand(),
		p.configCommand(),
		p.discoverCommand(),
		p.unlockCommand(),
		p.lockCommand(),
		p.agentCommand(),
		p.hooksCommand(),
		p.doctorCommand(),
		p.sandboxCommand(),
		p.manCommand(),
		p.versionCommand(),
		p.jsonTopic(),
	)
	root.AddCommand(topics()...)
	p.offer(root)
	root.InitDefaultHelpCmd()
	if help, _, err := root.Find([]string{"help"}); err == nil {
		help.Args = knownCommand
		help.ValidArgsFunction = offerPages(true)
	}
	root.InitDefaultCompletionCmd()
	if completion, _, err := root.Find([]string{"completion"}); err == nil {
		completion.Args = p.subcommand // a shell that there is none for is a mistake
		completion.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	exemplify(root)
	alsoCalled(root)
	return root
}

// mailtoOnly lets one mailto URL, or one mail in a file, pass. Everything else
// was meant as a command.
func (p *program) mailtoOnly(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case !isMailto(args[0]) && !isMailFile(args[0]):
		return notACommand(cmd, args)
	case len(args) > 1:
		return usageError{errors.New("only one mail can be opened")}
	}
	return nil
}

// exactly makes a wrong number of arguments a usage error that says what they
// would be.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		return hinted{
			usageError{fmt.Errorf("%s takes %s", cmd.CommandPath(), what)},
			cmd.CommandPath() + " --help tells more",
		}
	}
}

// bell rings the terminal that a person looks at; nil without one.
func (p *program) bell() func() {
	if !isTerminal(p.Stderr) {
		return nil
	}
	tty := p.Stderr
	return func() { _, _ = io.WriteString(tty, "\a") }
}

// room opens the post room, once.
func (p *program) room() (*post.Room, error) {
	if p.opened != nil {
		return p.opened, nil
	}
	passwords, err := secret.TakeEnvironment(p.Environ(), p.Unset)
	if err != nil {
		return nil, err
	}
	if p.sandbox {
		p.domains = nil // nothing leaves this machine
	}
	room, err := post.Open(post.Options{
		Domains:     p.domains,
		Lookup:      p.Lookup,
		Environment: passwords,
		Ask:         p.ask,

		AskPassphrase: p.passphrase,
		Terminal:      p.tty,
		Attended:      isTerminal(p.Stdin) || isTerminal(p.Stderr),
		Bell:          p.bell(),
		Agent:         p.agent(),
		Program:       p.title(),
		Sandbox:       p.sandbox,
	})
	if err != nil {
		return nil, err
	}
	p.opened = room
	p.warnOfPlain(room)
	return room, nil
}

// warnOfPlain tells of passwords that stand in a plain file, at each start.
func (p *program) warnOfPlain(room *post.Room) {
	for _, name := range room.PlainPasswords() {
		p.tell("sendoff: warning: the password of account %s stands in %s; sendoff account edit %s --secret vault moves it", name, room.Home().ConfigFile(), name)
	}
}

func (p *program) close() error {
	if p.opened == nil {
		return nil
	}
	return p.opened.Close()
}

// isTerminal tells whether a person sits at the other end of f.
func isTerminal(f *os.File) bool { return f != nil && term.IsTerminal(int(f.Fd())) }
