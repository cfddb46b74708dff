package cli

import (
	"cmp"
	"strings"

	"github.com/spf13/cobra"
)

// help shows what a command is for: examples first, for that is what most
// people came for.
func (p *program) help(cmd *cobra.Command, _ []string) {
	var b strings.Builder
	paragraph := func(heading, text string) {
		if text = strings.TrimRight(text, "\n "); text != "" {
			b.WriteString(heading + text + "\n\n")
		}
	}
	columns := cmp.Or(p.columns(), 80)
	long := laidOut(cmd.Long, min(columns, 80))
	subs := below(cmd)
	if isTopic(cmd) {
		paragraph("", long)
	} else {
		paragraph("", cmd.Short+".")
		paragraph("Examples:\n", cmd.Example)
		paragraph("", long)
		paragraph("Usage:\n  ", strings.Join(usage(cmd), "\n  "))
		paragraph("Commands:\n", listed(subs, false))
		paragraph("To read, with sendoff help:\n", listed(subs, true))
		paragraph("Flags:\n", cmd.LocalFlags().FlagUsagesWrapped(columns))
		paragraph("Flags of all commands:\n", cmd.InheritedFlags().FlagUsagesWrapped(columns))
	}
	if err := p.print(strings.TrimSuffix(b.String(), "\n")); err != nil && p.unhelped == nil {
		p.unhelped = err // cobra takes no error from here
	}
}

// isTopic tells of a page that is only to be read.
func isTopic(cmd *cobra.Command) bool { return !cmd.Runnable() && len(below(cmd)) == 0 }

// usage is how a command is called.
func usage(cmd *cobra.Command) []string {
	if len(below(cmd)) == 0 {
		return []string{cmd.UseLine()}
	}
	one := cmd.CommandPath() + " COMMAND [flags]"
	if cmd.HasParent() {
		return []string{one}
	}
	return []string{cmd.UseLine(), one}
}

// listed names commands with what each is for: those that do something, or those
// that are only to be read.
func listed(all []*cobra.Command, topics bool) string {
	wide := 0
	for _, c := range all {
		wide = max(wide, len(c.Name()))
	}
	var b strings.Builder
	for _, c := range all {
		if isTopic(c) == topics {
			b.WriteString("  " + c.Name() + strings.Repeat(" ", wide-len(c.Name())+2) + c.Short + "\n")
		}
	}
	return b.String()
}

// exemplify gives each command an example that has none of its own.
func exemplify(root *cobra.Command) {
	examples := map[string]string{
		"account":                 "account list\nsendoff account add work --address me@example.org\nsendoff account test work",
		"account default":         "account default work",
		"account identity":        "account identity add work press@example.org",
		"account identity list":   "account identity list work",
		"account identity remove": "account identity remove work press@example.org",
		"account list":            "account list\nsendoff account list --json",
		"account remove":          "account remove work",
		"account test":            "account test work",
		"completion":              "completion bash >~/.local/share/bash-completion/completions/sendoff",
		"completion bash":         "completion bash >~/.local/share/bash-completion/completions/sendoff",
		"completion fish":         "completion fish >~/.config/fish/completions/sendoff.fish",
		"completion powershell":   "completion powershell | Out-String | Invoke-Expression",
		"completion zsh":          "completion zsh >~/.zfunc/_sendoff",
		"config":                  "config check\nsendoff config keys",
		"config check":            "config check",
		"config keys":             "config keys",
		"flush":                   "flush\nsendoff flush --account work --quiet",
		"help":                    "help send\nsendoff help outbox resolve\nsendoff help troubleshooting",
		"lock":                    "lock",
		"outbox":                  "outbox list\nsendoff outbox show 12\nsendoff outbox retry all failed\nsendoff --plain outbox",
		"outbox cancel":           "outbox cancel 12\nsendoff outbox cancel all scheduled",
		"outbox delete":           "outbox delete 3-9\nsendoff outbox delete all cancelled",
		"outbox edit":             "outbox edit 12",
		"outbox export":           "outbox export 12 >mail.eml",
		"outbox hold":             "outbox hold 12\nsendoff outbox hold all queued",
		"outbox release":          "outbox release 12\nsendoff outbox release all held",
		"outbox resolve":          "outbox resolve 12 --sent\nsendoff outbox resolve 12 --again",
		"outbox retry":            "outbox retry 12\nsendoff outbox retry all failed",
		"outbox salvage":          "outbox salvage",
		"outbox search":           "outbox search minutes bob",
		"outbox send":             "outbox send 12\nsendoff outbox send 12 --at 'tomorrow 9:00'",
		"outbox show":             "outbox show 12\nsendoff outbox show 12 --json",
		"outbox take-back":        "outbox take-back 12",
		"outbox transcript":       "outbox transcript 12",
		"sendmail":                "sendmail -t -i <letter.eml\nsendoff sendmail -f me@example.org bob@example.org <letter.eml\nsendoff sendmail -bp",
		"version":                 "version\nsendoff version --json",
	}
	for _, cmd := range commands(root) {
		path := strings.TrimPrefix(cmd.CommandPath(), root.Name()+" ")
		if lines := examples[path]; cmd.Example == "" && lines != "" {
			cmd.Example = "  sendoff " + strings.ReplaceAll(lines, "\n", "\n  ")
		}
	}
}
