package cli

import (
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sendoff/config"
	"sendoff/smtp/address"
)

// subcommand refuses what is no command below cmd, and says what was meant.
func (p *program) subcommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return unknownCommand(
		usagef("%s has no command %q", cmd.CommandPath(), args[0]), cmd, args[0], cmd.CommandPath()+" --help lists its commands",
	)
}

// unknownCommand is the mistake of a word that is no command below cmd.
func unknownCommand(err error, cmd *cobra.Command, word, hint string) error {
	if meant := meant(cmd, word); meant != nil {
		return slip{err, "", []string{word}, strings.Fields(strings.TrimPrefix(meant.CommandPath(), cmd.CommandPath()))}
	}
	return hinted{err, hint}
}

// meant is the command below cmd that others call by a word, or that it is a slip
// of the pen for; at the root also one below "outbox" and the like, whose name
// alone is easily typed. It is nil for none.
func meant(cmd *cobra.Command, word string) *cobra.Command {
	groups := [][]*cobra.Command{below(cmd)}
	if !cmd.HasParent() {
		for _, name := range []string{"outbox", "account", "config"} {
			if group, _, err := cmd.Find([]string{name}); err == nil {
				groups = append(groups, below(group))
			}
		}
	}
	for _, group := range groups {
		for _, c := range group {
			if c.Name() == word || slices.Contains(c.SuggestFor, word) {
				return c
			}
		}
	}
	for _, group := range groups {
		var names []string
		for _, c := range group {
			names = append(names, c.Name())
		}
		if near, ok := config.Nearest(word, names); ok {
			return group[slices.Index(names, near)]
		}
	}
	return nil
}

// alsoCalled notes what other programs, and some people, call our commands.
func alsoCalled(root *cobra.Command) {
	for path, names := range map[string]string{
		"account add":       "create new",
		"account list":      "ls show",
		"account login":     "signin authorize",
		"account remove":    "rm delete del",
		"account test":      "check verify",
		"config check":      "show list test validate verify",
		"config keys":       "bindings",
		"doctor":            "diagnose probe",
		"flush":             "deliver drain run",
		"outbox":            "queue mails",
		"outbox delete":     "rm remove del purge",
		"outbox export":     "save",
		"outbox list":       "ls mailq status",
		"outbox reassign":   "move transfer",
		"outbox release":    "unhold resume",
		"outbox retry":      "requeue resend",
		"outbox schedule":   "delay postpone",
		"outbox search":     "find grep",
		"outbox show":       "view cat get info",
		"outbox take-back":  "undo recall",
		"outbox transcript": "log",
		"outbox watch":      "follow tail",
	} {
		if cmd, _, err := root.Find(strings.Fields(path)); err == nil {
			cmd.SuggestFor = strings.Fields(names)
		}
	}
}

// knownCommand makes of words that lead to no command a usage error that says
// what was meant.
func knownCommand(cmd *cobra.Command, args []string) error {
	at := cmd.Root()
	for _, word := range args {
		subs := below(at)
		i := slices.IndexFunc(subs, func(c *cobra.Command) bool { return c.Name() == word || c.HasAlias(word) })
		if i < 0 {
			return unknownCommand(usagef("there is no command %q", strings.Join(args, " ")), at, word, at.CommandPath()+" --help lists the commands")
		}
		at = subs[i]
	}
	return nil
}

// notACommand is the mistake of words that sendoff alone can't begin with.
func notACommand(root *cobra.Command, args []string) error {
	err := usagef("there is no command %q", args[0])
	if boxes, ok := allAddresses(args); ok {
		return slip{err, "", args, []string{mailtoOf(boxes)}}
	}
	return unknownCommand(err, root, args[0], "sendoff --help lists the commands")
}

// onlyFlags is for send: who names recipients as mail does is told how.
func onlyFlags(cmd *cobra.Command, args []string) error {
	err := exactly(0, "flags only")(cmd, args)
	boxes, ok := allAddresses(args)
	if err == nil || !ok {
		return err
	}
	var right []string
	for _, box := range boxes {
		right = append(right, "--to", box.Addr())
	}
	return slip{usagef("%s takes recipients behind --to", cmd.CommandPath()), "", args, right}
}

// allAddresses are the mail addresses that words are, if each is one.
func allAddresses(words []string) ([]address.Mailbox, bool) {
	var boxes []address.Mailbox
	for _, word := range words {
		box, err := address.Parse(word)
		if err != nil || !strings.Contains(word, "@") {
			return nil, false
		}
		boxes = append(boxes, box)
	}
	return boxes, len(boxes) > 0
}

// mailtoOf is the URL that begins a mail to somebody.
func mailtoOf(boxes []address.Mailbox) string {
	var to []string
	for _, box := range boxes {
		to = append(to, strings.ReplaceAll(url.PathEscape(box.Addr()), ",", "%2C"))
	}
	return "mailto:" + strings.Join(to, ",")
}
