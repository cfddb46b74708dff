package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"sendoff/smtp/address"
	"sendoff/smtp/submit"
	"sendoff/tui/post"
)

func (p *program) doctorCommand() *cobra.Command {
	var addresses []string
	var report, whole bool
	cmd := &cobra.Command{
		Use:   "doctor [ACCOUNT]",
		Short: "Go the whole way to an account's server and say what is wrong",
		Long: `doctor goes step by step where a mail would go: settings, password, name,
connection, IPv4 and IPv6 apart where there are both, encryption, greeting, what
the server offers, login, limits, and what can be asked of it for a mail. It prints one line for each, with the time it took
and the waits for the server, and what to do about one that failed. Nothing is
sent. No password is among what it prints, so that you can show it to whoever
helps you.`,
		Example: `  sendoff doctor
  sendoff doctor work
  sendoff doctor work --json
  sendoff doctor work --report`,
		Args: atMostOne("the name of an account"),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case (report || whole) && p.json:
				return usagef("the report is a text; --json without --report and --with-addresses has every step")
			case report || whole:
				return p.reportOf(cmd.Context(), p.accountIn(args), whole, addresses)
			}
			return p.examine(cmd.Context(), p.accountIn(args), addresses)
		},
	}
	cmd.Flags().BoolVar(&report, "report", false, "print a report for whoever is asked for help, without addresses")
	cmd.Flags().BoolVar(&whole, "with-addresses", false, "print that report with addresses and the user's name")
	cmd.Flags().StringArrayVar(&addresses, "verify", nil, "ask the server whether it knows this `ADDRESS`; many don't tell; may be repeated")
	return cmd
}

// stepJSON is a step of an examination as scripts see it.
type stepJSON struct {
	Event   string         `json:"event"` // "step"
	Stage   string         `json:"stage"`
	Result  submit.Finding `json:"result"`
	Text    string         `json:"text"`
	Hint    string         `json:"hint,omitempty"`
	Seconds float64        `json:"seconds"`
	Waits   int            `json:"waits,omitempty"`
	detailJSON
}

// reportOf prints what can be shown to whoever is asked for help. The exit code is
// that of examine.
func (p *program) reportOf(ctx context.Context, name string, whole bool, addresses []string) error {
	if err := wire(addresses); err != nil {
		return err
	}
	room, err := p.room()
	if err != nil {
		return err
	}
	text, masked, err := room.Report(ctx, name, nil, addresses...)
	if !whole {
		text = masked
	}
	if text == "" || ctx.Err() != nil {
		return err
	}
	for line := range strings.Lines(text) {
		if unprinted := p.line("%s", strings.TrimSuffix(line, "\n")); unprinted != nil {
			return unprinted
		}
	}
	if err == nil {
		return nil
	}
	code, _, _ := judge(err)
	return outcome(code)
}

// wire puts addresses into the form that a server knows.
func wire(addresses []string) error {
	for i, typed := range addresses {
		box, err := address.Parse(typed)
		if err == nil {
			addresses[i], err = box.Wire()
		}
		if err != nil {
			return &post.MessageError{Err: err}
		}
	}
	return nil
}

// examine prints what the way to an account's server is like. What it prints
// is all there is to say, so that nothing but the exit code is left.
func (p *program) examine(ctx context.Context, name string, addresses []string) error {
	if err := wire(addresses); err != nil {
		return err
	}
	room, err := p.room()
	if err != nil {
		return err
	}
	var steps int
	var unprinted error
	err = room.Examine(ctx, name, func(s submit.Step) {
		steps++
		if unprinted == nil {
			unprinted = p.step(s)
		}
	}, addresses...)
	switch {
	case unprinted != nil:
		return unprinted
	case err != nil && (steps == 0 || ctx.Err() != nil):
		return err
	case err != nil:
		code, _, _ := judge(err)
		return outcome(code)
	}
	return nil
}

func (p *program) step(s submit.Step) error {
	if p.json {
		v := stepJSON{
			Event: "step", Stage: s.Name, Result: s.Finding, Text: s.Text, Hint: s.Hint,
			Seconds: s.Elapsed.Seconds(), Waits: s.Waits,
		}
		if s.Session != nil {
			v.detailJSON = detailsOf(*s.Session)
		}
		return p.object(v)
	}
	if err := p.line("%-7s  %-8s  %s%s", s.Finding, s.Name, s.Text, cost(s)); err != nil || s.Hint == "" {
		return err
	}
	return p.line("%-7s  %-8s  %s", "", "to do:", s.Hint)
}

// cost says how long a step took and how often it waited for the server.
func cost(s submit.Step) string {
	took := elapsed(s.Elapsed)
	switch {
	case took == "":
		return ""
	case s.Waits > 1:
		took = fmt.Sprintf("%s, %d waits)", strings.TrimSuffix(took, ")"), s.Waits)
	}
	return "  " + took
}

// accountIn is the account that a command is about: its argument, or else what
// --account says.
func (p *program) accountIn(args []string) string {
	if len(args) > 0 {
		return args[0]
	}
	return p.account
}

// atMostOne makes a second argument a usage error.
func atMostOne(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		return exactly(min(1, len(args)), what)(cmd, args)
	}
}
