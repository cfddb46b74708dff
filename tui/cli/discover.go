package cli

import (
	"bufio"
	"context"
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
			found, err := p.find(cmd.Context(), args[0], consent)
			if err != nil {
				return err
			}
			return p.showFound(args[0], found)
		},
	}
	cmd.Flags().BoolVar(&consent, "third-party", false, "let Mozilla's directory learn the domain if nothing else is found")
	return cmd
}

// find discovers, and asks a person whether a third party may be asked too.
func (p *program) find(ctx context.Context, address string, consent bool) (discover.Found, error) {
	room, err := p.room()
	if err != nil {
		return discover.Found{}, err
	}
	found, err := room.Discover(ctx, address, consent, nil)
	if err != nil || consent || !unsettled(found) {
		return found, err
	}
	domain, err := discover.Domain(address)
	if err != nil || !p.yes("Ask Mozilla's public directory about "+domain+"? It learns the domain and where you are, not your address.") {
		return found, err
	}
	return room.Discover(ctx, address, true, nil)
}

// unsettled tells that nothing better than guesses was found.
func unsettled(f discover.Found) bool {
	return f.WithoutSMTP == "" && (len(f.Servers) == 0 || f.Servers[0].Source == discover.Guess)
}

// yes asks a question that is answered by no unless the person says yes.
func (p *program) yes(question string) bool {
	if p.json || p.quiet {
		return false
	}
	in, out, closer, err := p.terminal()
	if err != nil {
		return false
	}
	defer closer()
	fmt.Fprint(out, text.Clean(question)+" [y/N] ")
	answer, err := bufio.NewReader(in).ReadString('\n')
	answer = strings.ToLower(strings.TrimSpace(answer))
	return err == nil && (answer == "y" || answer == "yes")
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

// showFound prints what was looked at, what was found, and what to do next.
func (p *program) showFound(address string, found discover.Found) error {
	var rows [][]string
	for _, s := range found.Steps {
		said := s.Text
		if s.Err != nil {
			said = "could not be asked: " + s.Err.Error()
		}
		if p.json {
			v := lookJSON{"step", string(s.Source), s.Asked, s.Found, s.Text, ""}
			if s.Err != nil {
				v.Error = s.Err.Error()
			}
			if err := p.object(v); err != nil {
				return err
			}
			continue
		}
		mark := "-"
		if s.Found {
			mark = "+"
		}
		rows = append(rows, []string{mark, string(s.Source), s.Asked, said})
	}
	if err := p.table(rows); err != nil {
		return err
	}
	for _, s := range found.Servers {
		if err := p.showServer(s); err != nil {
			return err
		}
	}
	return unusable(address, found)
}

func (p *program) showServer(s discover.Server) error {
	a := s.Account
	if p.json {
		return p.object(serverJSON{
			"server", string(s.Source), a.Host, a.Port, a.TLS, a.User, s.Outside, s.Issuer, s.Advice(),
		})
	}
	err := p.line("%s port %d, %s, as %s: from %s", a.Host, a.Port, a.TLS, a.User, s.Source.Words())
	if advice := s.Advice(); advice != "" && err == nil {
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
