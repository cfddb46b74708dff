package cli

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"sendoff/config"
	"sendoff/config/discover"
	"sendoff/tui/text"
)

func (p *program) discoverCommand() *cobra.Command {
	var consent bool
	cmd := &cobra.Command{
		Use:   "discover ADDRESS",
		Short: "Find the servers of an address, and say how they were found",
		Long: `discover looks for the servers that an address sends its mail through, and
connects to none of them. It looks into its table of providers first, which asks
nobody; then into DNS and at the address's own domain, which learn the domain.
Mozilla's public directory is asked only with --third-party, or after a yes; it
learns the domain too. Nobody learns what stands before the @.

Tables of your own go into the folder providers.d beside the configuration, in
the form of those that come with sendoff.`,
		Example: `  sendoff discover me@example.org
  sendoff account add work --address me@example.org --discover`,
		Args: exactly(1, "a mail address"),
		RunE: func(cmd *cobra.Command, args []string) error {
			looked := &looking{p: p, told: map[discover.Source]bool{}}
			found, err := p.find(cmd.Context(), args[0], consent, looked.step)
			if err = cmp.Or(err, looked.err); err != nil {
				return err
			}
			said := ""
			for _, s := range found.Servers {
				if err := p.showServer(s, said); err != nil {
					return err
				}
				said = s.Advice()
			}
			return unusable(args[0], found)
		},
	}
	cmd.Flags().BoolVar(&consent, "third-party", false, "let Mozilla's directory learn the domain if nothing else is found")
	return cmd
}

// find discovers, and asks a person whether a third party may be asked too. step
// hears of each place that was looked in; it may be nil.
func (p *program) find(ctx context.Context, address string, consent bool, step func(discover.Step)) (discover.Found, error) {
	room, err := p.room()
	if err != nil {
		return discover.Found{}, err
	}
	found, err := room.Discover(ctx, address, consent, step)
	if err != nil || consent || !unsettled(found) {
		return found, err
	}
	domain, err := discover.Domain(address)
	if err != nil {
		return found, err
	}
	yes, err := p.yes(ctx, "Ask Mozilla's public directory about "+domain+"? It learns the domain and where you are, not your address.")
	if err != nil || !yes {
		return found, err
	}
	return room.Discover(ctx, address, true, step)
}

// unsettled tells that nothing better than guesses was found.
func unsettled(f discover.Found) bool {
	return f.WithoutSMTP == "" && (len(f.Servers) == 0 || f.Servers[0].Source == discover.Guess)
}

// yes asks a question that is answered by no unless the person says yes. The error
// is that the person ended the program instead.
func (p *program) yes(ctx context.Context, question string) (bool, error) {
	if p.json || p.quiet {
		return false, nil
	}
	in, out, closer, err := p.terminal()
	if err != nil {
		return false, nil
	}
	fmt.Fprint(out, text.Clean(question)+" [y/N] ")
	answer, err := answered(ctx, func() (string, error) {
		defer closer()
		return bufio.NewReader(in).ReadString('\n')
	})
	if errors.As(err, new(unanswered)) {
		fmt.Fprintln(out)
		return false, err
	}
	answer = strings.ToLower(strings.TrimSpace(answer))
	return err == nil && (answer == "y" || answer == "yes"), nil
}

// lookJSON and serverJSON are what was looked at and found, as scripts see it.
type lookJSON struct {
	Event  string `json:"event"`
	Source string `json:"source"`
	Asked  string `json:"asked"`
	Found  bool   `json:"found"`
	Text   string `json:"text,omitempty"`
	Error  string `json:"error,omitempty"`
}

type serverJSON struct {
	Event   string `json:"event"`
	Source  string `json:"source"`
	Host    string `json:"host"`
	Port    int    `json:"port"`
	TLS     string `json:"tls"`
	User    string `json:"user"`
	Outside bool   `json:"outside_domain"`
	Issuer  string `json:"oauth_issuer,omitempty"`
	Advice  string `json:"advice,omitempty"`
}

// looking prints what came of looking in each place as it is known, and of each
// place once.
type looking struct {
	p    *program
	told map[discover.Source]bool
	err  error // of printing
}

func (l *looking) step(s discover.Step) {
	if l.err != nil || l.told[s.Source] {
		return
	}
	l.told[s.Source] = true
	v := lookJSON{"step", string(s.Source), s.Asked, s.Found, s.Text, ""}
	if s.Err != nil {
		v.Error = s.Err.Error()
	}
	if l.p.json {
		l.err = l.p.object(v)
		return
	}
	mark, said := "-", s.Text
	if s.Found {
		mark = "+"
	}
	if s.Err != nil {
		said = "could not be asked: " + v.Error
	}
	l.err = l.p.line("%s  %-10s  %s  (asked %s)", mark, s.Source, said, s.Asked)
}

// showServer prints a server, and what to know of it unless that was said just
// before.
func (p *program) showServer(s discover.Server, said string) error {
	a := s.Account
	if p.json {
		return p.object(serverJSON{
			"server", string(s.Source), a.Host, a.Port, a.TLS, a.User, s.Outside, s.Issuer, s.Advice(),
		})
	}
	err := p.line("%s port %d, %s, as %s: from %s", a.Host, a.Port, a.TLS, a.User, s.Source.Words())
	if advice := s.Advice(); advice != said && err == nil {
		err = p.line("  %s", advice)
	}
	return err
}

// unusable is the error if there is no way to send mail of an address.
func unusable(address string, found discover.Found) error {
	switch {
	case found.WithoutSMTP != "":
		return &config.Error{Text: found.WithoutSMTP, Hint: "use its own programs, or another address"}
	case len(found.Servers) == 0:
		return &config.Error{
			Text: "no server was found for " + address,
			Hint: "ask the provider for its server for outgoing mail (SMTP) and give it with --host; --third-party asks one more",
		}
	}
	return nil
}
