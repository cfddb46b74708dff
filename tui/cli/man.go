package cli

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"sendoff/assets"
)

func (p *program) manCommand() *cobra.Command {
	var folder string
	cmd := &cobra.Command{
		Use:   "man [COMMAND...]",
		Short: "Print a manual page, or write all of them",
		Long: `man prints the manual page of the program, or of a command, for man(1) to show;
"config" stands for the page of the configuration. With --dir all pages are
written as files.`,
		Example: `  sendoff man outbox | man -l -
  sendoff man config | man -l -
  sendoff man --dir /usr/local/share/man`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if folder != "" {
				return p.writePages(cmd.Root(), folder)
			}
			if len(args) == 1 && args[0] == "config" {
				return p.print(configPage(p.dated()))
			}
			of, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return hinted{usagef("there is no command %q", strings.Join(args, " ")), "sendoff --help lists the commands"}
			}
			return p.print(page(of, p.dated()))
		},
	}
	cmd.ValidArgsFunction = offerPages(false)
	cmd.Flags().StringVar(&folder, "dir", "", "write all pages below `FOLDER`, in man1 and man5")
	return cmd
}

// writePages writes a page for each command that people may call, and that of
// the configuration.
func (p *program) writePages(root *cobra.Command, folder string) error {
	pages := map[string]string{"man5/sendoff-config.5": configPage(p.dated())}
	for _, cmd := range commands(root) {
		if !cmd.Hidden {
			pages["man1/"+pageName(cmd)+".1"] = page(cmd, p.dated())
		}
	}
	errs := []error{publicFolder(folder)}
	for name, text := range pages {
		path := filepath.Join(folder, filepath.FromSlash(name))
		errs = append(errs, publicFolder(filepath.Dir(path)),
			os.WriteFile(path, []byte(text), 0o644), os.Chmod(path, 0o644)) //nolint:gosec // for all to read
	}
	return errors.Join(errs...)
}

// publicFolder makes a folder that all may read, if there is none: what else
// this program makes is its person's alone.
func publicFolder(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	return errors.Join(os.MkdirAll(path, 0o755), os.Chmod(path, 0o755)) //nolint:gosec // see above
}

// below are the commands below one that people may call.
func below(cmd *cobra.Command) []*cobra.Command {
	return slices.DeleteFunc(slices.Clone(cmd.Commands()), func(c *cobra.Command) bool { return c.Hidden })
}

func pageName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// configPage is the manual page of the configuration.
func configPage(date string) string {
	var r roff
	r.macro("TH", "SENDOFF-CONFIG", "5", date, "sendoff", "sendoff manual")
	r.section("NAME")
	r.text(`sendoff\-config \- the accounts and settings of sendoff`)
	r.section("SYNOPSIS")
	r.text(quoteRoff("~/.config/sendoff/config.toml, or config.toml in the folder that SENDOFF_HOME names"))
	r.section("DESCRIPTION")
	r.prose(`The file is TOML. It is written by hand, or by "sendoff account" and the screen of
accounts, which leave comments and the order of keys as they are. What is not
known is refused, with its line and column. A password is not among it: an account
says where its password is.

Relative paths start from the folder of the file, and ~/ is the person's own.
Times are written as "10s", "5m", "12h" or "90d".`)
	r.section("EXAMPLE")
	r.code(strings.TrimRight(assets.Config, "\n"))
	r.section("SEE ALSO")
	r.text(quoteRoff("sendoff(1), sendoff-account(1), sendoff-unlock(1)"))
	return r.String()
}

// page is the manual page of a command, in the macros of man(7); date says how
// old it is.
func page(cmd *cobra.Command, date string) string {
	var r roff
	r.macro("TH", strings.ToUpper(pageName(cmd)), "1", date, "sendoff", "sendoff manual")
	r.section("NAME")
	r.text(pageName(cmd) + ` \- ` + quoteRoff(lowerFirst(cmd.Short)))
	r.section("SYNOPSIS")
	r.macro("B", cmd.UseLine())
	r.section("DESCRIPTION")
	long := unfold(cmd.Long)
	if long == "" {
		long = cmd.Short + "."
	}
	r.prose(long)
	if subs := below(cmd); len(subs) > 0 {
		r.section("COMMANDS")
		for _, sub := range subs {
			r.entry(sub.Name(), sub.Short)
		}
	}
	r.flags("OPTIONS", cmd.NonInheritedFlags())
	r.flags("GLOBAL OPTIONS", cmd.InheritedFlags())
	if cmd.Example != "" {
		r.section("EXAMPLES")
		r.code(cmd.Example)
	}
	if !cmd.HasParent() {
		r.general()
	}
	r.seeAlso(cmd)
	return r.String()
}

// general is what is true of all commands.
func (r *roff) general() {
	r.section("EXIT STATUS")
	for _, e := range [][2]string{
		{"0", "every recipient was accepted, or the mail is durably queued where that was asked for"},
		{"64", "usage"}, {"65", "a bad address or message"}, {"66", "a file can't be read"},
		{"67", "sendmail: a user of this machine whom no alias gives an address"},
		{"69", "refused for good, in whole or in part"}, {"74", "the disk"},
		{"75", "kept, and will be tried again"}, {"76", "it is not known whether the server took the mail"},
		{"77", "the login was refused"}, {"78", "the configuration"},
	} {
		r.entry(e[0], e[1])
	}
	r.section("ENVIRONMENT")
	for _, e := range [][2]string{
		{"SENDOFF_HOME", "a folder for the configuration, the outbox and all else, in place of those of the system"},
		{"SENDOFF_PASSWORD_NAME", "the password of the account called name, where its secret is env"},
		{"VISUAL, EDITOR", "the editor that the composer hands a text to"},
		{"NO_COLOR", "no colors, if it is not empty"},
	} {
		r.entry(e[0], e[1])
	}
	r.section("FILES")
	r.entry("~/.config/sendoff/config.toml", "the accounts and settings, see sendoff-config(5)")
	r.entry("~/.config/sendoff/aliases", "addresses for users of this machine, for sendmail")
	r.entry("~/.local/state/sendoff/outbox.db", "the outbox")
}

// seeAlso names the pages beside one.
func (r *roff) seeAlso(cmd *cobra.Command) {
	var names []string
	if cmd.HasParent() {
		names = append(names, pageName(cmd.Parent())+"(1)")
	}
	for _, sub := range below(cmd) {
		names = append(names, pageName(sub)+"(1)")
	}
	r.section("SEE ALSO")
	r.text(quoteRoff(strings.Join(append(names, "sendoff-config(5)"), ", ")))
}

// roff is a page that is being written.
type roff struct{ strings.Builder }

// quoteRoff has a text stand for itself.
func quoteRoff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}

func (r *roff) text(line string) { r.WriteString(line + "\n") }

func (r *roff) macro(name string, args ...string) {
	r.WriteString("." + name)
	for _, arg := range args {
		r.WriteString(` "` + strings.ReplaceAll(quoteRoff(arg), `"`, `\(dq`) + `"`)
	}
	r.WriteString("\n")
}

func (r *roff) section(title string) { r.macro("SH", title) }

func (r *roff) entry(term, text string) {
	r.WriteString(".TP\n")
	r.macro("B", term)
	r.text(quoteRoff(text))
}

// code is text whose lines stay as they are.
func (r *roff) code(text string) {
	r.WriteString(".nf\n")
	for line := range strings.SplitSeq(text, "\n") {
		if line == "" {
			line = " "
		}
		r.text(quoteRoff(line))
	}
	r.WriteString(".fi\n")
}

// prose is text in paragraphs, among which indented lines stay as they are.
func (r *roff) prose(text string) {
	for i, paragraph := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 {
			r.WriteString(".PP\n")
		}
		if strings.HasPrefix(paragraph, "  ") || strings.HasPrefix(paragraph, "\t") {
			r.code(strings.ReplaceAll(paragraph, "\t", "    "))
			continue
		}
		for line := range strings.SplitSeq(paragraph, "\n") {
			r.text(quoteRoff(line))
		}
	}
}

func (r *roff) flags(title string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	r.section(title)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		term := "--" + f.Name
		if f.Shorthand != "" {
			term = "-" + f.Shorthand + ", " + term
		}
		if value != "" {
			term += " " + value
		}
		r.entry(term, usage)
	})
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
