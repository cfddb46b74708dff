package cli

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"regexp"
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
		Args: knownCommand,
		RunE: func(cmd *cobra.Command, args []string) error {
			if folder != "" {
				return p.writePages(cmd.Root(), folder)
			}
			if len(args) == 1 && args[0] == "config" {
				return p.print(configPage(p.dated()))
			}
			of, _, err := cmd.Root().Find(args)
			if err != nil {
				return usageError{err}
			}
			return p.print(page(of, p.dated()))
		},
	}
	cmd.ValidArgsFunction = offerPages(false)
	cmd.Flags().StringVar(&folder, "dir", "", "write all pages below `FOLDER`, in man1 and man5")
	return cmd
}

// writePages writes a page for each command and document, and that of the
// configuration.
func (p *program) writePages(root *cobra.Command, folder string) error {
	pages := map[string]string{"man5/sendoff-config.5": configPage(p.dated())}
	for _, cmd := range commands(root) {
		if !cmd.Hidden {
			pages["man"+chapter(cmd)+"/"+pageName(cmd)+"."+chapter(cmd)] = page(cmd, p.dated())
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

// chapter is where a page stands in the manual: commands in 1, documents in 7.
func chapter(cmd *cobra.Command) string {
	if isTopic(cmd) {
		return "7"
	}
	return "1"
}

// reference is how other pages name that of a command.
func reference(cmd *cobra.Command) string { return pageName(cmd) + "(" + chapter(cmd) + ")" }

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
	r.code(strings.Split(strings.TrimRight(assets.Config, "\n"), "\n"))
	r.section("SEE ALSO")
	r.text(quoteRoff("sendoff(1), sendoff-account(1), sendoff-unlock(1)"))
	return r.String()
}

// page is the manual page of a command or document, in the macros of man(7); date
// says how old it is. Examples come first, as in the help.
func page(cmd *cobra.Command, date string) string {
	var r roff
	r.macro("TH", strings.ToUpper(pageName(cmd)), chapter(cmd), date, "sendoff", "sendoff manual")
	r.section("NAME")
	r.text(pageName(cmd) + ` \- ` + quoteRoff(lowerFirst(cmd.Short)))
	if !isTopic(cmd) {
		r.section("SYNOPSIS")
		for i, line := range usage(cmd) {
			if i > 0 {
				r.WriteString(".br\n")
			}
			r.macro("B", line)
		}
	}
	if cmd.Example != "" {
		r.section("EXAMPLES")
		r.code(strings.Split(cmd.Example, "\n"))
	}
	r.section("DESCRIPTION")
	if cmd.Long == "" {
		r.text(quoteRoff(cmd.Short + "."))
	}
	r.prose(cmd.Long)
	r.list("COMMANDS", below(cmd), false)
	r.list("DOCUMENTS", below(cmd), true)
	if !isTopic(cmd) {
		r.flags("OPTIONS", cmd.NonInheritedFlags())
		r.flags("GLOBAL OPTIONS", cmd.InheritedFlags())
	}
	if !cmd.HasParent() {
		r.general()
	}
	r.seeAlso(cmd)
	return r.String()
}

// list names commands with what each is for, or documents, which help shows.
func (r *roff) list(title string, all []*cobra.Command, topics bool) {
	begun := false
	for _, sub := range all {
		if isTopic(sub) != topics {
			continue
		}
		if !begun {
			r.section(title)
			begun = true
		}
		name := sub.Name()
		if topics {
			name = "sendoff help " + name
		}
		r.entry(name, sub.Short)
	}
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

// spoken are the commands that a text speaks of.
var spoken = regexp.MustCompile("sendoff((?: [a-z-]+)+)")

// seeAlso names the pages around one, those it speaks of, and those that speak
// of it.
func (r *roff) seeAlso(cmd *cobra.Command) {
	others := append(below(cmd), spokenOf(cmd)...)
	if cmd.HasParent() {
		others = append(others, cmd.Parent())
		for _, other := range commands(cmd.Root()) {
			if slices.Contains(spokenOf(other), cmd) {
				others = append(others, other)
			}
		}
	}
	pages := []string{"sendoff-config(5)"}
	for _, other := range others {
		if other != cmd && !other.Hidden {
			pages = append(pages, reference(other))
		}
	}
	slices.Sort(pages)
	r.section("SEE ALSO")
	r.text(quoteRoff(strings.Join(slices.Compact(pages), ", ")))
}

// spokenOf are the commands and documents that the page of a command speaks of.
func spokenOf(cmd *cobra.Command) (all []*cobra.Command) {
	for _, call := range spoken.FindAllStringSubmatch(strings.Join(strings.Fields(cmd.Long+" "+cmd.Example), " "), -1) {
		words := strings.Fields(call[1])
		if words[0] == "help" || words[0] == "man" {
			words = words[1:]
		}
		if other, _, err := cmd.Root().Find(words); err == nil && other.HasParent() {
			all = append(all, other)
		}
	}
	return all
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

// text writes words, in lines that are not long for those who read the source.
func (r *roff) text(words string) {
	for _, line := range broken(words, 70) {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			line = `\&` + line
		}
		r.WriteString(line + "\n")
	}
}

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

// code is lines that stay as they are.
func (r *roff) code(lines []string) {
	r.WriteString(".nf\n")
	for _, line := range lines {
		r.WriteString(cmp.Or(quoteRoff(line), " ") + "\n")
	}
	r.WriteString(".fi\n")
}

// marked are words in a fixed font, or in a strong one.
var marked = regexp.MustCompile("`([^`]+)`|\\*\\*([^*]+)\\*\\*")

// prose is a text in its parts.
func (r *roff) prose(text string) {
	words := func(s string) string { return marked.ReplaceAllString(quoteRoff(s), `\fB$1$2\fR`) }
	before := heading
	for _, part := range blocks(text) {
		if before != heading && part.kind != heading && part.kind != item {
			r.WriteString(".PP\n")
		}
		before = part.kind
		switch part.kind {
		case heading:
			r.section(strings.ToUpper(part.text))
		case quotation:
			r.macro("B", part.text)
		case item:
			r.WriteString(".IP \\(bu 2\n")
			r.text(words(part.text))
		case code:
			r.code(part.lines)
		case table:
			r.code(inColumns(part.rows, 70))
		default:
			r.text(words(part.text))
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
