package cli

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"sendoff/config/oauth"
	"sendoff/tui/text"
)

func (p *program) accountLogin() *cobra.Command {
	var browser bool
	cmd := &cobra.Command{
		Use:   "login [NAME]",
		Short: "Sign in an account that logs in by OAuth",
		Long: `login gets an account the token that it logs in with from then on. Where the
provider allows it you open a page on any device and type a code there. Else, or
with --browser, you open a page that leads back to this machine; from another
machine it ends at a page that can't be shown, whose address you paste here.`,
		Example: `  sendoff account edit work --oauth microsoft --oauth-client-id 0a1b2c3d
  sendoff account login work`,
		Args: atMostOne("the name of an account"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.signIn(cmd.Context(), p.accountIn(args), browser)
		},
	}
	cmd.Flags().BoolVar(&browser, "browser", false, "use a browser that comes back here, not a code")
	return cmd
}

func (p *program) signIn(ctx context.Context, name string, browser bool) error {
	room, err := p.room()
	if err != nil {
		return err
	}
	a, err := room.Account(name)
	if err != nil {
		return err
	}
	if err := room.SignIn(ctx, a.Name, browser, p.showPrompt, p.pasted(ctx)); err != nil {
		return err
	}
	return p.line("%s is signed in; sendoff account test %s logs in and out again", a.Name, a.Name)
}

// showPrompt tells what to do in a browser. The address stands on a line of its
// own and is not wrapped, so that a terminal can open or copy it.
func (p *program) showPrompt(prompt oauth.Prompt) {
	switch {
	case prompt.URL == "":
		fmt.Fprintln(p.Stderr, "That is not the address where the browser ended. Copy it whole and paste it here:")
		return
	case prompt.Code != "":
		fmt.Fprintln(p.Stderr, "Open this page on any device:")
	default:
		fmt.Fprintln(p.Stderr, "Open this page in a browser:")
	}
	fmt.Fprintln(p.Stderr, "\n"+text.Clean(prompt.URL)+"\n")
	if prompt.Code != "" {
		fmt.Fprintln(p.Stderr, "and type this code there: "+text.Clean(prompt.Code))
		if !prompt.Expires.IsZero() {
			fmt.Fprintln(p.Stderr, "It is good until "+prompt.Expires.Format(time.TimeOnly)+".")
		}
		return
	}
	fmt.Fprintf(p.Stderr, "If the browser is on another machine, it ends at a page that can't be shown: paste\n"+
		"the address of that page here. Or begin with: ssh -L %d:127.0.0.1:%d HOST\n", prompt.Port, prompt.Port)
}

// pasted reads the lines that a person pastes into the terminal, or a script
// into standard input.
func (p *program) pasted(ctx context.Context) <-chan string {
	in := p.Stdin
	lines := make(chan string)
	go func(in *os.File) {
		scan := bufio.NewScanner(in)
		for scan.Scan() {
			select {
			case lines <- scan.Text():
			case <-ctx.Done():
				return
			}
		}
	}(in)
	return lines
}
